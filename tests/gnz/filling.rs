//! Reserved arrays, filled by threads.

use paginum::container::gnz::{GnzReader, GnzWriter, Reserved};
use paginum::storage::{FileStore, MemoryStore, Store};
use paginum::{Array, ArraySpec, ErrorKind, Limits};

fn reserving() -> GnzWriter {
    let mut writer = GnzWriter::new();
    let rows = ArraySpec::new("<u4".parse().unwrap(), [100, 3]).unwrap();
    writer.init_streaming_array("rows", rows.clone()).unwrap();
    writer.init_streaming_array("untouched", rows).unwrap();
    writer
        .add_array("known", Array::from_numbers(&[7_u8]).unwrap())
        .unwrap();
    writer
}

#[test]
fn threads_fill_rows_that_are_theirs() {
    let store = MemoryStore::new();
    let filling = reserving().write(&store).unwrap();
    let rows = filling.get_array_writable("rows").unwrap();
    std::thread::scope(|threads| {
        for start in (0..100_u32).step_by(10) {
            threads.spawn(move || {
                let mine = u64::from(start)..u64::from(start) + 10;
                let mut mine = rows.rows(mine).unwrap();
                for i in 3 * start..3 * start + 30 {
                    if i % 3 == 0 {
                        let row = [i, i + 1, i + 2].map(u32::to_le_bytes);
                        mine.write(row.as_flattened()).unwrap();
                    }
                }
                assert!(mine.write(&[0; 12]).is_err(), "they are full");
            });
        }
    });
    assert!(store.open().is_err(), "before it is finalised");
    let report = filling.finalize().unwrap();
    assert_eq!(report.n_bytes, store.open().unwrap().len());
    let gnz = GnzReader::open(store.open().unwrap(), &Limits::default()).unwrap();
    let numbers: Vec<u32> = (0..300).collect();
    assert_eq!(
        gnz.get_array("rows").unwrap().numbers::<u32>().unwrap(),
        numbers
    );
    let untouched = gnz.get_array("untouched").unwrap();
    assert!(untouched.bytes().iter().all(|&byte| byte == 0));
    // What was known lies first.
    let offsets = ["known", "rows", "untouched"].map(|name| gnz.offset(name).unwrap());
    assert_eq!(offsets, [4096, 8192, 12288]);
}

#[test]
fn rows_that_somebody_has_are_refused() {
    let store = MemoryStore::new();
    let filling = reserving().write(&store).unwrap();
    assert!(filling.get_array_writable("known").is_err());
    let rows = filling.get_array_writable("rows").unwrap();
    let mut held = rows.rows(10..20).unwrap();
    for meeting in [10..11, 19..30, 0..100, 12..13] {
        let error = rows.rows(meeting).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    }
    assert!(rows.rows(0..10).is_ok() && rows.rows(20..100).is_ok());
    assert!(rows.rows(99..101).is_err());
    assert!(held.write(&[0; 5]).is_err(), "no whole row");
    assert!(held.write(&[0; 11 * 12]).is_err(), "one row too many");
    drop(held);
    assert!(rows.rows(0..100).is_ok());
    drop(filling);
    assert!(store.open().is_err(), "it was never finalised");
}

#[test]
fn a_reserved_file_is_none_before_it_is_finalised() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.gnz");
    let open = |path: &std::path::Path| {
        GnzReader::open(FileStore::new(path).open().unwrap(), &Limits::default())
    };
    std::fs::write(&path, "old").unwrap();
    let one = reserving().reserve(&path).unwrap();
    let error = reserving().reserve(&path).unwrap_err();
    assert!(error.to_string().contains("x.gnz.part"), "{error}");
    let part = folder.path().join("x.gnz.part");
    let words = open(&part).unwrap_err().to_string();
    assert!(words.contains("never finalised"), "{words}");
    let path = &path;
    std::thread::scope(|threads| {
        for start in (0..100_u32).step_by(25) {
            threads.spawn(move || {
                // As another process would.
                let reserved = Reserved::open(path).unwrap();
                let rows = reserved.get_array_writable("rows").unwrap();
                let mut mine = rows.rows(start.into()..u64::from(start) + 25).unwrap();
                for i in 3 * start..3 * start + 75 {
                    if i % 3 == 0 {
                        let row = [i, i + 1, i + 2].map(u32::to_le_bytes);
                        mine.write(row.as_flattened()).unwrap();
                    }
                }
            });
        }
    });
    assert_eq!(std::fs::read(path).unwrap(), b"old");
    one.finalize().unwrap();
    assert!(!part.exists());
    assert_eq!(
        Reserved::open(path).unwrap_err().kind(),
        ErrorKind::NotFound
    );
    let numbers: Vec<u32> = (0..300).collect();
    let gnz = open(path).unwrap();
    assert_eq!(
        gnz.get_array("rows").unwrap().to_vec::<u32>().unwrap(),
        numbers
    );
    assert_eq!(gnz.get_array("known").unwrap().bytes(), [7]);
    // The bytes are those of a file that was written at once.
    let whole = MemoryStore::new();
    let filling = reserving().write(&whole).unwrap();
    let rows = filling.get_array_writable("rows").unwrap();
    let all: Vec<u8> = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
    rows.rows(0..100).unwrap().write(&all).unwrap();
    filling.finalize().unwrap();
    assert_eq!(std::fs::read(path).unwrap(), *whole.bytes().unwrap());
}
