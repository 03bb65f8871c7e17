//! `.pv` files: opened, read to the end, and changed.

use std::sync::Arc;

use paginum::container::pv::{Edit, EditOptions, Reader};
use paginum::container::{Container, OpenOptions};
use paginum::storage::{MemoryStore, Store};
use paginum::{Array, Limits};

/// What a fuzzer's machine can hold; a file that asks for more is refused.
const MAX_BYTES: u64 = 16 << 20;

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
    let Some(reader) = open(data) else { return };
    for index in 0..reader.n_arrays() {
        let _ = reader.entry(index);
        assert!(reader.find(reader.path(index)).is_ok());
    }
    let _ = reader.documents();
    let _ = reader.thumbnail();
    let _ = reader.verify_structure();
}

/// Every array, whole and in part: what rows give must be what the whole array gives.
pub fn read_pv(data: &[u8]) {
    let Some(reader) = open(data) else { return };
    for index in 0..reader.n_arrays() {
        let _ = reader.validity(index);
        let Ok(array) = reader.array(index) else { continue };
        let n_rows = array.spec().rows();
        let (from, to) = (n_rows / 3, n_rows - n_rows / 4);
        let (whole, part) = (reader.read_index(index), reader.read_rows(reader.path(index), from..to));
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
    let Some(before) = open(data) else { return };
    let store = MemoryStore::with_bytes(data.to_vec());
    let mut edit = Edit::new();
    let added = Array::from_numbers(&[1.5_f64, 2.5]).expect("two numbers");
    edit.add("field_data/added by the fuzzer", added.clone());
    let options = EditOptions::default().with_limits(options().limits);
    if edit.apply(&store, &options).is_err() {
        return;
    }
    let bytes = store.open().expect("bytes in memory");
    let after = Reader::open(bytes, &OpenOptions::default()).expect("a file that took an append opens");
    assert_eq!(after.read("field_data/added by the fuzzer").expect("it was added"), added);
    for index in 0..before.n_arrays() {
        let Ok(array) = before.read_index(index) else { continue };
        let path = before.path(index);
        // A path that two arrays share leads to the first.
        if before.find(path).is_ok_and(|first| first == index) {
            assert_eq!(after.read(path).expect("it was there before"), array, "{path}");
        }
    }
}
