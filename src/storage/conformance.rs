//! What every store must do, as functions that check it: each backend's test calls them, a caller's as well.

use std::io;
use std::sync::Arc;

use super::{Durability, ReadAt, Store};

/// Makes a reader of the bytes that it is given.
pub type MakeReader<'a> = &'a dyn Fn(&[u8]) -> io::Result<Arc<dyn ReadAt>>;

/// Checks reading.
///
/// # Panics
/// If the reader does not conform.
pub fn check_read(make: MakeReader<'_>) {
    let empty = make(&[]).expect("a reader of no bytes");
    assert!(empty.is_empty());
    empty
        .read_exact_at(&mut [], 0)
        .expect("no bytes can be read from no bytes");

    let bytes: Vec<u8> = (0..100_003u32)
        .map(|i| (i.wrapping_mul(i) >> 7) as u8)
        .collect();
    let reader = make(&bytes).expect("a reader of some bytes");
    assert_eq!(reader.len(), bytes.len() as u64);
    if let Some(slice) = reader.as_slice() {
        assert_eq!(slice, bytes);
    }
    for (offset, len) in [
        (0, 1),
        (0, bytes.len()),
        (99_999, 4),
        (4_095, 4_098),
        (100_003, 0),
    ] {
        let mut buf = vec![0; len];
        reader
            .read_exact_at(&mut buf, offset as u64)
            .unwrap_or_else(|error| panic!("{len} bytes at {offset}: {error}"));
        assert_eq!(buf, bytes[offset..offset + len], "{len} bytes at {offset}");
    }
    for (offset, len) in [(100_003, 1), (100_000, 4), (u64::MAX, 1), (u64::MAX - 1, 4)] {
        let error = reader
            .read_exact_at(&mut vec![0; len], offset)
            .expect_err("bytes behind the end");
        assert_eq!(
            error.kind(),
            io::ErrorKind::UnexpectedEof,
            "{len} bytes at {offset}"
        );
    }
    let (mut a, mut b) = ([0; 10], [0; 5]);
    reader
        .read_many(&mut [(50_000, &mut a), (7, &mut b)])
        .expect("two parts");
    assert_eq!((&a[..], &b[..]), (&bytes[50_000..50_010], &bytes[7..12]));
    check_threads(&*reader, &bytes);
}

fn check_threads(reader: &dyn ReadAt, bytes: &[u8]) {
    std::thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || {
                for i in 0..200 {
                    let offset = (i * 499 + thread * 13) % (bytes.len() - 64);
                    let mut buf = [0; 64];
                    reader
                        .read_exact_at(&mut buf, offset as u64)
                        .expect("64 bytes");
                    assert_eq!(buf, bytes[offset..offset + 64], "64 bytes at {offset}");
                }
            });
        }
    });
}

/// Checks staging, on a store that holds nothing yet.
///
/// # Panics
/// If the store does not conform.
pub fn check_stage(store: &dyn Store) {
    assert_eq!(kind(store.open().map(drop)), Some(io::ErrorKind::NotFound));
    let mut stage = store.stage().expect("a stage");
    stage.write_all_at(b"first", 0).expect("a write");
    assert_eq!(
        kind(store.open().map(drop)),
        Some(io::ErrorKind::NotFound),
        "not yet committed"
    );
    stage.commit(Durability::Synced).expect("a commit");
    assert_eq!(contents(store), b"first");

    let old_reader = store.open().expect("a reader");
    let mut dropped = store.stage().expect("a second stage");
    dropped.write_all_at(b"never", 0).expect("a write");
    drop(dropped);
    assert_eq!(contents(store), b"first", "a stage that was dropped");

    let mut stage = store.stage().expect("a third stage");
    assert!(stage.is_empty());
    stage.write_all_at(b"d", 4).expect("a write behind a gap");
    stage
        .write_all_at(b"seco", 0)
        .expect("a write before another");
    stage.write_all_at(b"n", 4).expect("a write over another");
    stage.write_all_at(b"!", 7).expect("a gap");
    assert_eq!(stage.len(), 8);
    stage.commit(Durability::None).expect("a commit");
    assert_eq!(contents(store), b"secon\0\0!");
    let mut old = [0; 5];
    old_reader.read_exact_at(&mut old, 0).expect("old bytes");
    assert_eq!(&old, b"first", "a reader keeps its version");
}

/// Checks changes in place, on a store that holds nothing yet.
///
/// # Panics
/// If the store does not conform.
pub fn check_update(store: &dyn Store) {
    assert_eq!(
        kind(store.update().map(drop)),
        Some(io::ErrorKind::NotFound)
    );
    let mut stage = store.stage().expect("a stage");
    stage.write_all_at(b"0123456789", 0).expect("a write");
    stage.commit(Durability::None).expect("a commit");

    let reader = store.open().expect("a reader");
    let mut update = store
        .update()
        .expect("an update")
        .expect("changes in place");
    assert_eq!(
        kind(store.update().map(drop)),
        Some(io::ErrorKind::WouldBlock),
        "locked"
    );
    update.write_all_at(b"abc", 10).expect("an append");
    assert_eq!((update.len(), reader.len()), (13, 10));
    let mut buf = [0; 5];
    update.read_exact_at(&mut buf, 8).expect("what was written");
    assert_eq!(&buf, b"89abc");
    update.set_len(12).expect("a cut");
    update.write_all_at(b"X", 0).expect("a write in the middle");
    update.sync().expect("a sync");
    assert_eq!(
        kind(update.read_exact_at(&mut buf, 8)),
        Some(io::ErrorKind::UnexpectedEof)
    );
    drop(update);
    assert_eq!(contents(store), b"X123456789ab");
    let mut update = store
        .update()
        .expect("no lock is left")
        .expect("changes in place");
    update.set_len(14).expect("zeroes");
    drop(update);
    assert_eq!(contents(store), b"X123456789ab\0\0");
}

fn kind(result: io::Result<()>) -> Option<io::ErrorKind> {
    result.err().map(|error| error.kind())
}

fn contents(store: &dyn Store) -> Vec<u8> {
    let reader = store.open().expect("a reader");
    let mut bytes = vec![0; reader.len() as usize];
    reader.read_exact_at(&mut bytes, 0).expect("all bytes");
    bytes
}
