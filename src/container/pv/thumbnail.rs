//! The preview picture that may stand in front of everything else.
//!
//! Pair 0: a header frame of fixed bytes (a raw zstd block, so that it can be recognised without zstd) for an array
//! `__thumbnail` of no elements, and a payload that is one skippable frame:
//!
//! ```text
//! "PVZTHUMB" ; u32 version = 1 ; u32 header_len >= 32 ; u32 width ; u32 height ; u32 png_len ; u32 data_crc ; PNG
//! ```
//! `data_crc` is the CRC-32 of the index entries of all other pairs: it goes stale when the file is appended to.
//! Whatever does not agree means that there is no thumbnail, never that the file is bad.

use super::header::Header;
use super::index::Index;
use super::names::THUMBNAIL;
use super::pairs::PairWriter;
use crate::error::{Error, Result};
use crate::filter::skippable::{FIRST_MAGIC, header};
use crate::storage::{PositionedWriter, ReadAt};
use std::io::Write;

/// What readers accept, and more than a preview needs.
const MAX_PNG_BYTES: u64 = 8 << 20;
const MAGIC: &[u8; 8] = b"PVZTHUMB";
/// What every PNG begins with.
const SIGNATURE: &[u8; 8] = b"\x89PNG\r\n\x1a\n";
const RECORD_VERSION: u32 = 1;
const RECORD_HEADER_BYTES: u32 = 32;
/// The header of a thumbnail decodes to this many bytes.
const ARRAY_HEADER_BYTES: u32 = 43;
/// Where the record begins: behind the header frame and the skippable frame's own 8 bytes.
const RECORD_START: u64 = 63;

/// A picture of a file's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thumbnail {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// A PNG file.
    pub png: Vec<u8>,
    /// The file was changed after the picture was made.
    pub is_stale: bool,
}

impl Thumbnail {
    /// Makes a thumbnail of the bytes of a PNG file.
    ///
    /// # Errors
    /// `InvalidArgument` where they are no PNG, or more than 8 MiB.
    #[expect(
        clippy::missing_panics_doc,
        reason = "words are cut out of what was checked to hold them"
    )]
    pub fn new(png: Vec<u8>) -> Result<Self> {
        // Signature, then the IHDR chunk, whose first two words are the size.
        let size = png
            .get(16..24)
            .filter(|_| png.starts_with(SIGNATURE) && &png[12..16] == b"IHDR");
        let Some(size) = size else {
            return Err(Error::invalid("the thumbnail is not a PNG file"));
        };
        if png.len() as u64 > MAX_PNG_BYTES {
            return Err(Error::invalid("the thumbnail is larger than 8 MiB"));
        }
        let word =
            |at: usize| u32::from_be_bytes(size[at..at + 4].try_into().expect("4 of 8 bytes"));
        Ok(Self {
            width: word(0),
            height: word(4),
            is_stale: false,
            png,
        })
    }

    /// Reads the thumbnail of a file, where it has one.
    ///
    /// # Errors
    /// `Io` alone: a record that does not agree with itself is no thumbnail.
    pub(crate) fn read(store: &dyn ReadAt, index: &Index) -> Result<Option<Self>> {
        let Some(pair) = index
            .pairs
            .first()
            .filter(|pair| pair.payload.range.end > RECORD_START + 32)
        else {
            return Ok(None);
        };
        let mut fixed = [0; RECORD_START as usize + 32];
        store.read_exact_at(&mut fixed, 0)?;
        let (array_header, record) = fixed.split_at(RECORD_START as usize);
        let expected = header_frame();
        let word = |at: usize| {
            u32::from_le_bytes(record[at..at + 4].try_into().expect("4 bytes of a record"))
        };
        let skippable = &array_header[expected.len()..];
        let (header_len, png_len) = (u64::from(word(12)), u64::from(word(24)));
        let record_len = u64::from(u32::from_le_bytes(
            skippable[4..8].try_into().expect("4 of 8 bytes"),
        ));
        let agrees = array_header.starts_with(&expected)
            && pair.header.range.end == expected.len() as u64
            && skippable[..4] == FIRST_MAGIC.to_le_bytes()
            && record.starts_with(MAGIC)
            && word(8) == RECORD_VERSION
            && header_len >= u64::from(RECORD_HEADER_BYTES)
            && png_len <= MAX_PNG_BYTES
            && header_len + png_len == record_len
            && RECORD_START + record_len <= pair.payload.range.end;
        if !agrees {
            return Ok(None);
        }
        let mut png = vec![0; png_len as usize];
        store.read_exact_at(&mut png, RECORD_START + header_len)?;
        if !png.starts_with(SIGNATURE) {
            return Ok(None);
        }
        let is_stale = word(28) != data_crc(index);
        Ok(Some(Self {
            width: word(16),
            height: word(20),
            png,
            is_stale,
        }))
    }

    /// Writes the picture as the first pair. `data_crc` is patched in when the index is known, at [`CRC_OFFSET`].
    pub(crate) fn write(
        &self,
        mut sink: PositionedWriter<'_>,
        pairs: &mut PairWriter,
    ) -> Result<()> {
        let header = header_frame();
        let payload = self.payload();
        sink.write_all(&header)?;
        sink.write_all(&payload)?;
        sink.finish()?;
        pairs.push(
            THUMBNAIL,
            (header.len() as u64, ARRAY_HEADER_BYTES.into()),
            (payload.len() as u64, 0),
        );
        Ok(())
    }

    fn payload(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.png.len() + 40);
        let body_bytes = RECORD_HEADER_BYTES + self.png.len() as u32;
        bytes.extend_from_slice(&header(FIRST_MAGIC, body_bytes));
        bytes.extend_from_slice(MAGIC);
        for word in [
            RECORD_VERSION,
            RECORD_HEADER_BYTES,
            self.width,
            self.height,
            self.png.len() as u32,
            0,
        ] {
            bytes.extend_from_slice(&word.to_le_bytes());
        }
        bytes.extend_from_slice(&self.png);
        bytes
    }
}

/// Where in the file `data_crc` stands.
pub(crate) const CRC_OFFSET: u64 = RECORD_START + 28;

/// The CRC-32 of the index entries of every pair but the first.
pub(crate) fn data_crc(index: &Index) -> u32 {
    let bytes = index.to_bytes();
    let entries = bytes.get(32..bytes.len() - 8).unwrap_or_default();
    crc32fast::hash(entries)
}

/// The frame of the array header: the same bytes in every file.
fn header_frame() -> Vec<u8> {
    let header = Header {
        name: THUMBNAIL.to_owned(),
        shape: vec![0],
        dtype: "|u1".to_owned(),
        filter: 0,
        is_recovered: false,
    };
    let header = header.to_bytes().expect("the name and the dtype are valid");
    debug_assert_eq!(header.len(), ARRAY_HEADER_BYTES as usize);
    let mut frame = vec![0x28, 0xB5, 0x2F, 0xFD, 0xA0];
    frame.extend_from_slice(&ARRAY_HEADER_BYTES.to_le_bytes());
    // The header of a last, raw block of 43 bytes.
    frame.extend_from_slice(&(1 | ARRAY_HEADER_BYTES << 3).to_le_bytes()[..3]);
    frame.extend_from_slice(&header);
    frame
}
