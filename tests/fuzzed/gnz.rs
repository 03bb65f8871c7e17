//! `.gnz` files: opened, read to the end, and written anew.

use std::sync::Arc;

use paginum::container::gnz::GnzFormat;
use paginum::container::{File, Format, OpenOptions};
use paginum::storage::{MemoryStore, Store};
use paginum::{Limits, Selection, Step};

/// What a fuzzer's machine can hold; a file that asks for more is refused.
const MAX_BYTES: u64 = 16 << 20;

/// Opens a hostile file: an error, or arrays that lie in it. What is read by rows and by selection is what is read whole,
/// and a copy holds the same.
pub fn open_gnz(data: &[u8]) {
    let mut limits = Limits::default().with_max_bytes(MAX_BYTES);
    limits.max_metadata_bytes = MAX_BYTES;
    let options = OpenOptions::default().with_limits(limits);
    let Ok(container) = GnzFormat.open(Arc::new(data.to_vec()), &options) else {
        return;
    };
    let file = File::of(container);
    for array in file.arrays() {
        let entry = array.entry().expect("the header was read");
        let Ok(whole) = array.read() else { continue };
        assert!(whole.spec().bytes() <= data.len() as u64);
        assert_eq!(whole.spec().bytes(), entry.decoded_bytes);
        if whole.spec().rows() > 1 && !whole.bytes().is_empty() {
            let row_bytes = whole.spec().row_bytes() as usize;
            let row = array.read_rows(1..2).expect("a row of it");
            assert_eq!(row.bytes(), &whole.bytes()[row_bytes..2 * row_bytes]);
            let every = array.select(&Selection::from((..).step(2)));
            let every = every.expect("rows of it");
            assert_eq!(every.bytes()[..row_bytes], whole.bytes()[..row_bytes]);
        }
    }
    let store = MemoryStore::new();
    let Ok(Some(_)) = GnzFormat.copy(Arc::new(data.to_vec()), &options, &store) else {
        return;
    };
    let bytes = store.open().expect("it was written");
    let copy = File::of(
        GnzFormat
            .open(bytes, &options)
            .expect("what is written is read"),
    );
    for array in copy.arrays() {
        let first = file.array(array.path()).expect("it was there");
        let (Ok(first), Ok(second)) = (first.read(), array.read()) else {
            continue;
        };
        assert_eq!(first.bytes(), second.bytes());
    }
}
