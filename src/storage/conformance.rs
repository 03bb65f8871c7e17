//! What every store must do, as functions that check it: each backend's test calls them, a caller's as well.

use std::io::{self, Write};
use std::ops::Range;
use std::sync::Arc;

use super::{Durability, Part, PositionedStage, ReadAt, Store, WriteAt};

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
    empty.read_many(&mut []).expect("no parts");

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
    for (offset, len) in BEHIND {
        let error = reader
            .read_exact_at(&mut vec![0; len], offset)
            .expect_err("bytes behind the end");
        assert_eq!(
            error.kind(),
            io::ErrorKind::UnexpectedEof,
            "{len} bytes at {offset}"
        );
    }
    check_parts(&*reader, &bytes);
    check_prefetch(&*reader, &bytes);
    check_threads(&*reader, &bytes);
    assert_eq!(reader.version(), reader.version());
    assert!(!reader.has_changed());
}

/// Parts that do not lie within 100,003 bytes.
const BEHIND: [(u64, usize); 6] = [
    (100_003, 1),
    (100_000, 4),
    (100_004, 0),
    (u64::MAX, 0),
    (u64::MAX, 1),
    (u64::MAX - 1, 4),
];

fn check_parts(reader: &dyn ReadAt, bytes: &[u8]) {
    let thousands = (0..3_000).map(|i| i * 33..i * 33 + i % 40);
    for ranges in [
        vec![50_000..50_010, 7..12],
        // One within another, one over the end of another, one twice.
        vec![10..1_000, 20..30, 990..1_010, 20..30, 0..100_003],
        vec![5..5, 0..0, 100_003..100_003, 3..4],
        thousands.clone().collect(),
        thousands.rev().collect(),
        (0..2_000).map(|i| i..i + 1).collect(),
    ] {
        assert_eq!(read(reader, &ranges).expect("parts"), cut(bytes, &ranges));
    }
    for (offset, len) in BEHIND {
        let (mut good, mut bad, mut other) = ([0; 10], vec![0; len], [0; 3]);
        let error = reader
            .read_many(&mut [
                Part::new(0, &mut good),
                Part::new(offset, &mut bad),
                Part::new(9, &mut other),
            ])
            .expect_err("one of the parts lies behind the end");
        assert_eq!(
            error.kind(),
            io::ErrorKind::UnexpectedEof,
            "{len} bytes at {offset}"
        );
    }
}

/// What was announced, within the store or not, is what it is.
fn check_prefetch(reader: &dyn ReadAt, bytes: &[u8]) {
    let ranges = [90_000..100_003, 0..10, 5..2_000, 7..7];
    reader.prefetch(&ranges).expect("to be told");
    reader
        .prefetch(&[99_000..200_000, 300_000..u64::MAX])
        .expect("to be told of what is not there");
    reader.prefetch(&[]).expect("to be told nothing");
    let ranges = ranges.map(|range| range.start as usize..range.end as usize);
    assert_eq!(read(reader, &ranges).expect("parts"), cut(bytes, &ranges));
}

fn read(reader: &dyn ReadAt, ranges: &[Range<usize>]) -> io::Result<Vec<Vec<u8>>> {
    let mut buffers: Vec<Vec<u8>> = ranges.iter().map(|range| vec![0; range.len()]).collect();
    let mut parts: Vec<Part<'_>> = ranges
        .iter()
        .zip(&mut buffers)
        .map(|(range, buf)| Part::new(range.start as u64, buf))
        .collect();
    reader.read_many(&mut parts)?;
    Ok(buffers)
}

fn cut(bytes: &[u8], ranges: &[Range<usize>]) -> Vec<Vec<u8>> {
    ranges
        .iter()
        .map(|range| bytes[range.clone()].to_vec())
        .collect()
}

fn check_threads(reader: &dyn ReadAt, bytes: &[u8]) {
    std::thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || {
                for i in 0..200 {
                    let start = (i * 499 + thread * 13) % (bytes.len() - 1_000);
                    let ranges = [
                        start..start + 64,
                        start + 900..start + 1_000,
                        start + 10..start + 70,
                    ];
                    let found = read(reader, &ranges).expect("three parts");
                    assert_eq!(found, cut(bytes, &ranges), "at {start}");
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
    stage.write_all(b"fir").expect("a write");
    stage.write_all(b"").expect("a write of nothing");
    stage.write_all(b"st").expect("a second write");
    stage.flush().expect("a flush");
    assert_eq!(
        kind(store.open().map(drop)),
        Some(io::ErrorKind::NotFound),
        "not yet committed"
    );
    stage.commit(Durability::Synced).expect("a commit");
    assert_eq!(contents(store), b"first");

    let old_reader = store.open().expect("a reader");
    let mut dropped = store.stage().expect("a second stage");
    dropped.write_all(b"never").expect("a write");
    drop(dropped);
    assert_eq!(contents(store), b"first", "a stage that was dropped");
    drop(PositionedStage::new(store).expect("a stage by position"));
    assert_eq!(contents(store), b"first", "a stage that was dropped");

    let stage = PositionedStage::new(store).expect("a third stage");
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

    let stage = PositionedStage::new(store).expect("a stage for threads");
    write_by_threads(&stage);
    stage.commit(Durability::None).expect("a commit");
    assert_eq!(contents(store), by_threads());

    let stage = store.stage().expect("a stage of nothing");
    stage.commit(Durability::None).expect("a commit");
    assert_eq!(contents(store), b"", "a store may hold no bytes");
}

/// Four threads write every fourth piece each.
fn write_by_threads(target: &dyn WriteAt) {
    let bytes = by_threads();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let bytes = &bytes;
            scope.spawn(move || {
                for (i, piece) in bytes.chunks(100).enumerate().skip(thread).step_by(4) {
                    target.write_all_at(piece, i as u64 * 100).expect("a write");
                }
            });
        }
    });
}

fn by_threads() -> Vec<u8> {
    (0..4_050).map(|i| (i % 251) as u8).collect()
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
    stage.write_all(b"0123456789").expect("a write");
    stage.commit(Durability::None).expect("a commit");

    let reader = store.open().expect("a reader");
    let update = store
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
    let update = store
        .update()
        .expect("no lock is left")
        .expect("changes in place");
    update.set_len(14).expect("zeroes");
    drop(update);
    assert_eq!(contents(store), b"X123456789ab\0\0");
    let update = store
        .update()
        .expect("no lock is left")
        .expect("changes in place");
    write_by_threads(&*update);
    assert_eq!(update.len(), by_threads().len() as u64);
    drop(update);
    assert_eq!(contents(store), by_threads());
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
