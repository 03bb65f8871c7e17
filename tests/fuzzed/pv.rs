//! `.pv` files: opened, read to the end, and changed.
//!
//! A file is mostly zstd with checksums, which a fuzzer does not get past. So it may also give the decoded headers and
//! documents: see [`file`].

use std::borrow::Cow;
use std::sync::Arc;

use paginum::container::pv::{Edit, EditOptions, Reader};
use paginum::container::{Container, Formats, OpenOptions};
use paginum::storage::{MemoryStore, Store};
use paginum::{Array, Limits};

/// What a fuzzer's machine can hold; a file that asks for more is refused.
const MAX_BYTES: u64 = 16 << 20;

/// What input begins with that is to be assembled.
pub const ASSEMBLE: &[u8] = b"pvfz";
/// A piece that becomes a zstd frame: its bytes, as they are to be decoded.
pub const DECODED: u8 = 0;
/// A piece that is a range of the file as it is.
pub const STORED: u8 = 1;

/// The file that the fuzzer gives: `data` itself, or what [`ASSEMBLE`] and pieces behind it make.
///
/// ```text
/// piece := u8 kind ; u16 len ; bytes                 kind 0: a zstd frame of one raw block, without a checksum
///        | u8 kind ; u16 len ; u32 decoded ; bytes   kind 1: as it is; what the index says that it decodes to
/// ```
pub fn file(data: &[u8]) -> Cow<'_, [u8]> {
    let Some(mut rest) = data.strip_prefix(ASSEMBLE) else {
        return data.into();
    };
    let (mut frames, mut index, mut n_ranges) = (Vec::new(), Vec::new(), 0_u64);
    while let Some((&[kind, low, high], behind)) = rest.split_first_chunk() {
        let len = usize::from(u16::from_le_bytes([low, high]));
        rest = behind;
        let stated = match rest.split_first_chunk() {
            Some((stated, behind)) if kind & STORED != 0 => {
                rest = behind;
                Some(u32::from_le_bytes(*stated))
            }
            _ => None,
        };
        let (piece, behind) = rest.split_at(len.min(rest.len()));
        rest = behind;
        match stated {
            Some(_) => frames.extend_from_slice(piece),
            None => raw_frame(piece, &mut frames),
        }
        let decoded = stated.map_or(piece.len() as u64, u64::from);
        index.extend_from_slice(&(frames.len() as u64).to_le_bytes());
        index.extend_from_slice(&decoded.to_le_bytes());
        n_ranges += 1;
    }
    frames.append(&mut index);
    frames.extend_from_slice(&n_ranges.to_le_bytes());
    frames.into()
}

/// One zstd frame with a size of four bytes, of one raw block.
fn raw_frame(bytes: &[u8], frames: &mut Vec<u8>) {
    let len = bytes.len() as u32;
    frames.extend_from_slice(&[0x28, 0xB5, 0x2F, 0xFD, 0xA0]);
    frames.extend_from_slice(&len.to_le_bytes());
    frames.extend_from_slice(&(1 | (len << 3)).to_le_bytes()[..3]);
    frames.extend_from_slice(bytes);
}

fn options() -> OpenOptions {
    let mut limits = Limits::default().with_max_bytes(MAX_BYTES);
    limits.max_metadata_bytes = 1 << 20;
    limits.max_arrays = 1 << 10;
    OpenOptions::default().with_limits(limits)
}

fn open(bytes: &[u8]) -> Option<Reader> {
    Reader::open(Arc::new(bytes.to_vec()), &options()).ok()
}

/// Index, documents, tree, headers.
pub fn open_pv(data: &[u8]) {
    let Some(reader) = open(&file(data)) else {
        return;
    };
    for index in 0..reader.placeholders().end {
        let _ = reader.entry(index);
        assert!(reader.find(reader.path(index)).is_ok());
    }
    let _ = reader.documents();
    let _ = reader.thumbnail();
    let _ = reader.verify_structure();
}

/// Every array, whole and in part: what rows give must be what the whole array gives.
pub fn read_pv(data: &[u8]) {
    let Some(reader) = open(&file(data)) else {
        return;
    };
    for index in 0..reader.placeholders().end {
        let _ = reader.validity(index);
        let Ok(array) = reader.open_array(index) else {
            continue;
        };
        let n_rows = array.spec().rows();
        let (from, to) = (n_rows / 3, n_rows - n_rows / 4);
        let (whole, part) = (
            array.read(reader.limits()),
            array.read_rows(from..to, reader.limits()),
        );
        if let (Ok(whole), Ok(part)) = (&whole, &part)
            && !array.spec().shape().is_empty()
        {
            let row_bytes = array.spec().row_bytes() as usize;
            let rows = from as usize * row_bytes..to as usize * row_bytes;
            assert_eq!(part.bytes(), &whole.bytes()[rows], "array {index}");
        }
        if array.verify().is_ok() {
            assert!(whole.is_ok(), "array {index} verifies and does not read");
        }
    }
}

/// An append to whatever opens: the file keeps what it held.
pub fn append_pv(data: &[u8]) {
    let data = file(data);
    let Some(before) = open(&data) else { return };
    let store = MemoryStore::with_bytes(data.to_vec());
    let mut edit = Edit::new();
    let added = Array::from_numbers(&[1.5_f64, 2.5]).expect("two numbers");
    edit.add("field_data/added by the fuzzer", added.clone());
    let options = EditOptions::default().with_limits(options().limits);
    if edit.apply(&store, &options).is_err() {
        return;
    }
    let bytes = store.open().expect("bytes in memory");
    // As what it was edited as: it may begin as files of other formats do.
    let formats = Formats::default();
    let pv = formats.by_name("pv").expect("a format of this build");
    let after = Formats::none()
        .with(pv.clone())
        .open(bytes, &OpenOptions::default())
        .expect("a file that took an append opens");
    assert_eq!(
        after
            .read("field_data/added by the fuzzer")
            .expect("it was added"),
        added
    );
    for index in 0..before.n_arrays() {
        let array = before.open_array(index);
        let Ok(array) = array.and_then(|array| array.read(before.limits())) else {
            continue;
        };
        let path = before.path(index);
        // A path that two arrays share leads to the first.
        if before.find(path).is_ok_and(|first| first == index) {
            assert_eq!(
                after.read(path).expect("it was there before"),
                array,
                "{path}"
            );
        }
    }
}
