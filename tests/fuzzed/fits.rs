//! `.fits` files: opened, read to the end and by parts, and written anew.

use std::sync::Arc;

use paginum::container::fits::{FitsFormat, Values};
use paginum::container::{File, Format, OpenOptions};
use paginum::storage::{MemoryStore, Store};
use paginum::{Limits, Selection, Step};

/// What a fuzzer's machine can hold; a file that asks for more is refused.
const MAX_BYTES: u64 = 4 << 20;

/// Opens a hostile file: an error, or arrays. What is read by rows and by selection is what is read whole, and a copy holds
/// the same.
pub fn open_fits(data: &[u8]) {
    let mut limits = Limits::default().with_max_bytes(MAX_BYTES);
    limits.max_metadata_bytes = MAX_BYTES;
    let options = OpenOptions::default().with_limits(limits);
    for values in [Values::Physical, Values::Stored] {
        let format = FitsFormat::default().with_values(values);
        let Ok(container) = format.open(Arc::new(data.to_vec()), &options) else {
            return;
        };
        read(&File::of(container));
    }
    let (format, store) = (FitsFormat::default(), MemoryStore::new());
    let Ok(Some(_)) = format.copy(Arc::new(data.to_vec()), &options, &store) else {
        return;
    };
    let bytes = store.open().expect("it was written");
    assert!(bytes.len() <= data.len() as u64 + 2880);
    let copy = format
        .open(bytes, &options)
        .expect("what is written is read");
    let first = format.open(Arc::new(data.to_vec()), &options);
    assert_eq!(copy.n_arrays(), first.expect("it was read").n_arrays());
}

fn read(file: &File) {
    let _ = file.verify_structure();
    for document in file.documents() {
        assert!(document.json.starts_with('['));
    }
    // A file of some kilobytes may describe a thousand columns of its every row.
    for array in file.arrays().take(40) {
        let entry = array.entry().expect("the headers were read");
        let Ok(whole) = array.read() else { continue };
        assert_eq!(whole.spec().bytes(), entry.decoded_bytes);
        let _ = array.verify();
        if let Ok(Some(validity)) = array.validity() {
            assert_eq!(validity.len() as u64, whole.spec().rows());
        }
        if whole.spec().rows() > 1 && !whole.bytes().is_empty() {
            let row_bytes = whole.spec().row_bytes() as usize;
            let row = array.read_rows(1..2).expect("a row of it");
            assert_eq!(row.bytes(), &whole.bytes()[row_bytes..2 * row_bytes]);
            let every = array.select(&Selection::from((..).step(2)));
            let every = every.expect("rows of it");
            assert_eq!(every.bytes()[..row_bytes], whole.bytes()[..row_bytes]);
        }
    }
}
