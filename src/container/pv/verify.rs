//! Checks of what reading does not need: that every byte of a file belongs to something, and says what it should.

use std::ops::Range;

use zstd::zstd_safe::find_frame_compressed_size;

use super::reader::Reader;
use super::seal;
use crate::container::Container;
use crate::error::{Error, Result, ResultExt};
use crate::storage::ReadAt;

/// Skippable frames of ours, and the kinds of those that may follow the document of a file.
const OUR_MAGIC: [u8; 4] = 0x184D_2A5B_u32.to_le_bytes();
const PADDING_KIND: u8 = 4;
const JOURNAL_KIND: u8 = 5;
/// A dead region, sealed.
const DEAD_MAGIC: [u8; 4] = 0x184D_2A5A_u32.to_le_bytes();
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];

/// Checks everything but the payloads of arrays, which their readers check.
pub(crate) fn verify_structure(reader: &Reader) -> Result<()> {
    let index = reader.index();
    let store = &**reader.store();
    if index.frames_end() != index.start {
        let what = "bytes between the last array and the index that belong to nothing";
        return Err(Error::corrupt(what).at(index.frames_end()));
    }
    for (pair, name) in reader.names().iter().enumerate() {
        reader.header(pair).in_array(name)?;
        let range = index.pairs[pair].header.range.clone();
        check_header_range(store, range).in_array(name)?;
    }
    for pair in reader.tree().document_pairs() {
        let name = &reader.names()[pair];
        check_document(store, index.pairs[pair].payload.range.clone(), false).in_array(name)?;
    }
    let last = index.pairs.last().expect("an index has a pair");
    check_header_range(store, last.header.range.clone())?;
    check_document(store, last.payload.range.clone(), true)?;
    for region in seal::regions(store, &last.payload)? {
        if !region.is_sealed(store)? {
            let what = "an interrupted edit is not finished: the next edit, or repair, does that";
            return Err(Error::corrupt(what).at(region.range.start));
        }
    }
    // A mask has a reader only here.
    for i in 0..reader.n_arrays() {
        reader.verify_mask(i).in_array(reader.path(i))?;
        reader.validity(i)?;
    }
    Ok(())
}

/// A header's range holds its frame and nothing else.
fn check_header_range(store: &dyn ReadAt, range: Range<u64>) -> Result<()> {
    let bytes = read(store, &range)?;
    match find_frame_compressed_size(&bytes) {
        Ok(len_bytes) if len_bytes == bytes.len() => check_size_is_told(&bytes).at(range.start),
        _ => Err(Error::corrupt("an array header is not one zstd frame").at(range.start)),
    }
}

/// A frame with a checksum tells its decoded size, unless a bit of its header was flipped: no writer makes others.
fn check_size_is_told(frame: &[u8]) -> Result<()> {
    const SINGLE_SEGMENT_OR_SIZE: u8 = 0xE0;
    match frame.get(4) {
        Some(descriptor) if descriptor & SINGLE_SEGMENT_OR_SIZE == 0 && has_checksum(frame) => Err(
            Error::corrupt("a zstd frame with a checksum does not tell its decoded size"),
        ),
        _ => Ok(()),
    }
}

/// Behind the frames of a document stand sealed dead regions; behind that of the file, its list of them and padding.
fn check_document(store: &dyn ReadAt, range: Range<u64>, is_of_file: bool) -> Result<()> {
    let bytes = read(store, &range)?;
    let mut rest = &bytes[..];
    while !rest.is_empty() {
        let at = range.end - rest.len() as u64;
        let corrupt = |what| Error::corrupt(what).at(at);
        let len_bytes = find_frame_compressed_size(rest)
            .ok()
            .filter(|len_bytes| *len_bytes <= rest.len())
            .ok_or_else(|| corrupt("bytes behind a document that are no frame"))?;
        let (frame, behind) = rest.split_at(len_bytes);
        let is_known = match frame.first_chunk::<4>() {
            Some(&ZSTD_MAGIC) => {
                check_size_is_told(frame).at(at)?;
                true
            }
            Some(&DEAD_MAGIC) => !is_of_file,
            Some(&OUR_MAGIC) => {
                is_of_file
                    && match frame.get(8) {
                        Some(&JOURNAL_KIND) => true,
                        Some(&PADDING_KIND) => frame[9..].iter().all(|byte| *byte == 0),
                        _ => false,
                    }
            }
            _ => false,
        };
        if !is_known && has_checksum(&bytes) {
            return Err(corrupt("a frame behind a document that nobody knows"));
        }
        rest = behind;
    }
    Ok(())
}

/// Whether a frame ends in a checksum, as all of ours do; other programs' documents may have company.
fn has_checksum(frame: &[u8]) -> bool {
    frame.starts_with(&ZSTD_MAGIC) && frame.get(4).is_some_and(|descriptor| descriptor & 4 != 0)
}

/// Documents and headers were decoded within limits when the file was opened: their ranges are no larger than the file.
fn read(store: &dyn ReadAt, range: &Range<u64>) -> Result<Vec<u8>> {
    let mut bytes = vec![0; (range.end - range.start) as usize];
    store
        .read_exact_at(&mut bytes, range.start)
        .at(range.start)?;
    Ok(bytes)
}
