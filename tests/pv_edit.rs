//! Edits of `.pv` files: in place and staged, one after another, interrupted at every call.

#![cfg(feature = "zstd")]
#![allow(clippy::unwrap_used, reason = "in the helpers of tests too")]

use std::collections::BTreeMap;
use std::sync::Arc;

use paginum::container::pv::{
    Edit, EditOptions, FilterChoice, Reader, Target, WriteOptions, Writer, compact, copy, repair,
    target_of,
};
use paginum::container::{Container, OpenOptions};
use paginum::storage::faulty::{Fault, FaultyStore};
use paginum::storage::{MemoryStore, ReadAt, Store};
use paginum::{Array, ArraySpec, Result};

fn numbers(n: usize, seed: u64) -> Array {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    let values: Vec<f64> = (0..n)
        .map(|i| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (i as f64).sin() + (state >> 40) as f64 * 1e-9
        })
        .collect();
    Array::from_numbers(&values).unwrap()
}

fn read(reader: &Reader, path: &str, rows: Option<std::ops::Range<u64>>) -> Result<Array> {
    let array = reader.open_array(reader.find(path)?)?;
    array.read_rows(rows.unwrap_or(0..array.spec().rows()), reader.limits())
}

fn open(store: &dyn Store) -> Result<Reader> {
    Reader::open(store.open()?, &OpenOptions::default())
}

/// Every stored array by its path.
fn read_all(reader: &Reader) -> Result<BTreeMap<String, Array>> {
    (0..reader.placeholders().end)
        .map(|i| {
            Ok((
                reader.path(i).to_owned(),
                reader.open_array(i)?.read(reader.limits())?,
            ))
        })
        .collect()
}

type Arrays = BTreeMap<String, Array>;
type Change = fn(&mut Edit<'_>);

/// A file with two arrays, and what is in it.
fn base(store: &dyn Store, options: WriteOptions) -> Arrays {
    let mut writer = Writer::create(store, options).unwrap();
    writer.write("first", &numbers(100, 1)).unwrap();
    writer.write("last", &numbers(50, 2)).unwrap();
    writer.commit().unwrap();
    read_all(&open(store).unwrap()).unwrap()
}

fn options(target: Target) -> WriteOptions {
    WriteOptions::default().with_target(target)
}

fn targets() -> impl Iterator<Item = Target> {
    Target::ALL.into_iter()
}

#[test]
fn rows_of_every_array_that_was_once_last_survive_five_appends() {
    for target in targets() {
        let store = MemoryStore::new();
        let mut expected = base(&store, options(target));
        for round in 0..5_u64 {
            // Large enough for several frames and a seek table in every other round.
            let array = numbers(if round % 2 == 0 { 300_000 } else { 10 }, round);
            let mut edit = Edit::new();
            edit.add(format!("field_data/added{round}"), array.clone());
            let report = edit.apply(&store, &EditOptions::default()).unwrap();
            assert!(report.is_in_place, "{target}");
            expected.insert(format!("field_data/added{round}"), array);
        }
        let reader = open(&store).unwrap();
        assert_eq!(read_all(&reader).unwrap(), expected, "{target}");
        for (path, array) in expected.iter().filter(|(_, array)| array.spec().rows() > 8) {
            let rows = read(&reader, path, Some(3..8)).unwrap();
            let row_bytes = array.spec().row_bytes() as usize;
            assert_eq!(
                rows.bytes(),
                &array.bytes()[3 * row_bytes..8 * row_bytes],
                "{target}: {path}"
            );
        }
    }
}

/// Whole arrays, and rows of each from its start, its middle and its end. Those in `gone` were replaced or removed since:
/// their bytes are dead, so there may be an error instead.
fn check_rows(reader: &Reader, expected: &Arrays, gone: &[&str], place: &str) {
    assert_eq!(reader.placeholders().end, expected.len(), "{place}");
    for (path, array) in expected {
        match read(reader, path, None) {
            Ok(read) => assert_eq!(read, *array, "{place}: {path}"),
            Err(error) => {
                assert!(gone.contains(&path.as_str()), "{place}: {error}");
                continue;
            }
        }
        let n = array.spec().rows();
        let row_bytes = array.spec().row_bytes() as usize;
        for rows in [0..n.min(3), n / 2..n - n / 3, n - n.min(2)..n] {
            let read = read(reader, path, Some(rows.clone())).unwrap();
            let bytes = rows.start as usize * row_bytes..rows.end as usize * row_bytes;
            assert_eq!(
                read.bytes(),
                &array.bytes()[bytes],
                "{place}: {path} {rows:?}"
            );
        }
    }
}

#[test]
fn every_version_keeps_its_rows_through_edits_with_each_filter() {
    for filter in ["none", "shuffle", "delta", "numeric"] {
        let folder = tempfile::tempdir().unwrap();
        let store = paginum::storage::FileStore::new(folder.path().join("a.pv"));
        let write = options(Target::Native).with_filter(FilterChoice::named(filter));
        let mut expected = base(&store, write.clone());
        let edit_options = EditOptions::default()
            .with_write(write)
            .with_target(Target::Native);
        let mut versions = vec![(open(&store).unwrap(), expected.clone())];
        for round in 0..7_u64 {
            let mut edit = Edit::new();
            // One frame or page; several, with a table or directory that finds them; a few.
            let n = [10, 300_000, 9_000][round as usize % 3];
            let path = format!("field_data/added{round}");
            edit.add(path.clone(), numbers(n, round));
            expected.insert(path, numbers(n, round));
            // Behind what dies, the array before it gets a dead tail in the middle of the file.
            if round == 3 {
                edit.replace("field_data/added1", numbers(20_000, 77));
                expected.insert("field_data/added1".to_owned(), numbers(20_000, 77));
            }
            if round == 5 {
                edit.remove("field_data/added2");
                expected.remove("field_data/added2");
            }
            let report = edit.apply(&store, &edit_options).unwrap();
            assert!(report.is_in_place, "{filter} {round}");
            versions.push((open(&store).unwrap(), expected.clone()));
        }
        for (i, (reader, expected)) in versions.iter().enumerate() {
            let gone: &[&str] = match i {
                0..=3 => &["field_data/added1", "field_data/added2"],
                4..=5 => &["field_data/added2"],
                _ => &[],
            };
            check_rows(reader, expected, gone, &format!("{filter}, version {i}"));
        }
        for index in 0..versions[7].0.n_arrays() {
            let path = versions[7].0.path(index).to_owned();
            let is_added = path.contains("added");
            assert_eq!(
                versions[7].0.entry(index).unwrap().filter == filter,
                is_added
                    || path == "field_data/first"
                    || path == "field_data/last"
                    || filter == "none",
                "{path}"
            );
        }
    }
}

#[test]
fn a_reader_opened_before_an_append_keeps_its_version() {
    let folder = tempfile::tempdir().unwrap();
    let store = paginum::storage::FileStore::new(folder.path().join("a.pv"));
    let old = base(&store, options(Target::V0_7));
    let reader = open(&store).unwrap();
    let mut edit = Edit::new();
    edit.add("field_data/new", numbers(1000, 3));
    edit.apply(&store, &EditOptions::default()).unwrap();
    assert_eq!(read_all(&reader).unwrap(), old);
    assert_eq!(open(&store).unwrap().placeholders().end, old.len() + 1);
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        1,
        "no lock stays"
    );
}

#[test]
fn arrays_are_replaced_and_removed_in_place_and_staged() {
    for is_staged in [false, true] {
        let store = MemoryStore::new();
        let mut expected = base(&store, options(Target::V0_7));
        let options = EditOptions::default().with_staged(is_staged);
        let mut edit = Edit::new();
        edit.replace("first", numbers(7, 8));
        edit.add("middle", numbers(9, 9));
        let report = edit.apply(&store, &options).unwrap();
        assert_eq!(report.is_in_place, !is_staged);
        expected.insert("field_data/first".to_owned(), numbers(7, 8));
        expected.insert("field_data/middle".to_owned(), numbers(9, 9));
        assert_eq!(read_all(&open(&store).unwrap()).unwrap(), expected);
        for path in ["field_data/middle", "last"] {
            let mut edit = Edit::new();
            edit.remove(path);
            edit.apply(&store, &options).unwrap();
        }
        expected.remove("field_data/middle");
        expected.remove("field_data/last");
        assert_eq!(read_all(&open(&store).unwrap()).unwrap(), expected);
        let before = store.bytes().unwrap().len();
        compact(&store, &options).unwrap();
        assert_eq!(read_all(&open(&store).unwrap()).unwrap(), expected);
        let after = store.bytes().unwrap().len();
        assert_eq!(after < before, !is_staged, "{before} -> {after}");
    }
}

#[test]
fn a_compacted_file_is_as_large_as_one_written_at_once() {
    let store = MemoryStore::new();
    base(&store, options(Target::V0_7));
    let size = store.bytes().unwrap().len();
    for round in 0..4 {
        let mut edit = Edit::new();
        edit.add("extra", numbers(1000, round));
        edit.apply(&store, &EditOptions::default()).unwrap();
        let mut edit = Edit::new();
        edit.remove("extra");
        edit.apply(&store, &EditOptions::default()).unwrap();
    }
    assert!(store.bytes().unwrap().len() > size + 8000);
    compact(&store, &EditOptions::default()).unwrap();
    assert_eq!(store.bytes().unwrap().len(), size);
}

#[test]
fn what_a_file_claims_does_not_decide_how_much_an_append_writes() {
    let store = MemoryStore::new();
    base(&store, options(Target::V0_7));
    let mut bytes = store.bytes().unwrap().to_vec();
    // The index says of the last array's payload that it decodes to an exabyte; its pair is the third from the end.
    let last = bytes.len() - 8 - 16 * 5;
    let is_claimed = u64::from_le_bytes(bytes[last + 8..last + 16].try_into().unwrap());
    assert_eq!(is_claimed, 400);
    bytes[last + 8..last + 16].copy_from_slice(&(1_u64 << 60).to_le_bytes());
    for is_staged in [false, true] {
        let store = MemoryStore::with_bytes(bytes.clone());
        let mut edit = Edit::new();
        edit.add("new", numbers(10, 1));
        edit.apply(&store, &EditOptions::default().with_staged(is_staged))
            .unwrap();
        assert!(store.bytes().unwrap().len() < bytes.len() + 4000);
        assert_eq!(
            read(&open(&store).unwrap(), "new", None).unwrap(),
            numbers(10, 1)
        );
    }
}

#[test]
fn changes_that_cannot_be_made_leave_the_file_untouched() {
    let store = MemoryStore::new();
    base(&store, options(Target::V0_7));
    let before = store.bytes().unwrap();
    let refused: [(&str, Change); 8] = [
        ("there is an array", |edit| edit.add("first", numbers(1, 1))),
        ("there is an array", |edit| {
            edit.add("new", numbers(1, 1));
            edit.add("field_data/new", numbers(1, 1));
        }),
        ("no array", |edit| edit.replace("new", numbers(1, 1))),
        ("no array", |edit| edit.remove("new")),
        ("cannot be removed", |edit| edit.remove("points")),
        ("0", |edit| edit.add("point_data/a", numbers(3, 1))),
        ("no block", |edit| {
            edit.add("blocks/0/field_data/a", numbers(3, 1))
        }),
        ("3 rows of an array", |edit| {
            let spec = ArraySpec::new("<f8".parse().unwrap(), [4]).unwrap();
            edit.add_rows("new", spec, |writer| writer.push_rows(&[0; 24]));
        }),
    ];
    for (what, change) in refused {
        let mut edit = Edit::new();
        change(&mut edit);
        let error = edit.apply(&store, &EditOptions::default()).unwrap_err();
        assert_eq!(error.kind(), paginum::ErrorKind::InvalidArgument, "{error}");
        assert!(error.to_string().contains(what), "{error}");
        assert_eq!(store.bytes().unwrap(), before, "{what}");
    }
}

/// The name of an edit, whether it goes in place, the edit, and what it does to the arrays.
type NamedEdit = (&'static str, bool, Change, fn(&mut Arrays));

/// An edit of each kind, and what the file holds after it.
fn edits() -> Vec<NamedEdit> {
    fn insert(arrays: &mut Arrays, key: &str, array: Array) {
        arrays.insert(format!("field_data/{key}"), array);
    }
    vec![
        (
            "append",
            false,
            |e| e.add("new", numbers(40_000, 5)),
            |a| insert(a, "new", numbers(40_000, 5)),
        ),
        (
            "append staged",
            true,
            |e| e.add("new", numbers(30, 5)),
            |a| insert(a, "new", numbers(30, 5)),
        ),
        (
            "replace",
            false,
            |e| e.replace("first", numbers(30, 6)),
            |a| insert(a, "first", numbers(30, 6)),
        ),
        (
            "remove",
            false,
            |e| e.remove("first"),
            |a| {
                a.remove("field_data/first");
            },
        ),
        (
            "all at once",
            false,
            |e| {
                e.remove("first");
                e.replace("last", numbers(20, 7));
                e.add("new", numbers(10, 8));
            },
            |a| {
                a.remove("field_data/first");
                insert(a, "last", numbers(20, 7));
                insert(a, "new", numbers(10, 8));
            },
        ),
    ]
}

/// Reads what a crash left, then appends to it: the next edit puts everything right unasked.
fn check_survivor(
    survivor: &MemoryStore,
    old: &Arrays,
    new: &Arrays,
    is_staged: bool,
    place: &str,
) {
    let reader = open(survivor).unwrap_or_else(|error| panic!("{place}: {error}"));
    let found = read_all(&reader).unwrap_or_else(|error| panic!("{place}: {error}"));
    assert!(
        found == *old || found == *new,
        "{place}: neither old nor new"
    );
    if is_staged {
        assert!(reader.notes().is_empty(), "{place}: {:?}", reader.notes());
    }
    let repaired = MemoryStore::with_bytes(survivor.bytes().unwrap().to_vec());
    repair(&repaired, &EditOptions::default()).unwrap_or_else(|error| panic!("{place}: {error}"));
    let reader = open(&repaired).unwrap();
    assert!(reader.notes().is_empty(), "{place}: {:?}", reader.notes());
    assert_eq!(read_all(&reader).unwrap(), found, "{place}: repaired");
    for i in 0..reader.placeholders().end {
        reader
            .open_array(i)
            .unwrap()
            .verify()
            .unwrap_or_else(|error| panic!("{place}: {error}"));
    }
    let again = repair(&repaired, &EditOptions::default()).unwrap();
    assert!(
        again.notes.is_empty(),
        "{place}: repaired twice: {:?}",
        again.notes
    );
    let mut edit = Edit::new();
    edit.add("next", numbers(5, 9));
    edit.apply(survivor, &EditOptions::default())
        .unwrap_or_else(|error| panic!("{place}: {error}"));
    let mut expected = found;
    expected.insert("field_data/next".to_owned(), numbers(5, 9));
    assert_eq!(
        read_all(&open(survivor).unwrap()).unwrap(),
        expected,
        "{place}: appended"
    );
}

#[test]
fn every_call_of_every_edit_may_fail() {
    let mut n_points = 0;
    for target in [Target::V0_2, Target::V0_7, Target::Native] {
        let original = MemoryStore::new();
        let old = base(&original, options(target));
        let bytes = original.bytes().unwrap().to_vec();
        for (name, is_staged, change, after) in edits() {
            let apply = |store: &FaultyStore| {
                let mut edit = Edit::new();
                change(&mut edit);
                edit.apply(store, &EditOptions::default().with_staged(is_staged))
            };
            let calm = FaultyStore::new(bytes.clone());
            apply(&calm).unwrap();
            let mut new = old.clone();
            after(&mut new);
            let n_calls = calm.calls().len();
            assert!(n_calls >= 3, "{name}: {:?}", calm.calls());
            for fault in [
                Fault::Kill,
                Fault::KillTorn,
                Fault::NoSpace,
                Fault::Io,
                Fault::Interrupted,
                Fault::ShortWrite,
            ] {
                for at in 0..n_calls {
                    let store = FaultyStore::new(bytes.clone());
                    store.inject(fault, at);
                    let result = apply(&store);
                    let place = format!("{target} {name} {fault:?} at call {at} of {n_calls}");
                    // A write that a signal interrupts may simply be tried again.
                    assert!(result.is_err() || fault == Fault::Interrupted, "{place}");
                    if result.is_ok() {
                        assert_eq!(
                            read_all(&open(&store.after_kill()).unwrap()).unwrap(),
                            new,
                            "{place}"
                        );
                    }
                    check_survivor(&store.after_kill(), &old, &new, is_staged, &place);
                    n_points += 1;
                    if matches!(fault, Fault::Kill | Fault::KillTorn) {
                        // What the medium holds of the writes since the last fsync: none, all, every other one, all
                        // but the first.
                        let survivals: [fn(usize) -> bool; 5] = [
                            |_| false,
                            |_| true,
                            |i| i % 2 == 0,
                            |i| i % 2 == 1,
                            |i| i > 0,
                        ];
                        for (i, survives) in survivals.into_iter().enumerate() {
                            let place = format!("{place}, power lost {i}");
                            check_survivor(
                                &store.after_power_loss(survives),
                                &old,
                                &new,
                                is_staged,
                                &place,
                            );
                            n_points += 1;
                        }
                    }
                }
            }
        }
    }
    eprintln!("{n_points} kill points");
    assert!(n_points >= 200);
}

#[test]
fn a_new_file_appears_whole_or_not_at_all() {
    for old in [None, Some(b"something else".to_vec())] {
        let make = || {
            old.clone()
                .map_or_else(FaultyStore::empty, FaultyStore::new)
        };
        let write = |store: &FaultyStore| -> Result<()> {
            let mut writer = Writer::create(store, WriteOptions::default())?;
            writer.write("a", &numbers(60_000, 1))?;
            writer.write("b", &numbers(10, 2))?;
            writer.commit()
        };
        let calm = make();
        write(&calm).unwrap();
        let new = calm.after_kill().bytes().unwrap().to_vec();
        for at in 0..calm.calls().len() {
            for fault in [Fault::Kill, Fault::NoSpace, Fault::Io, Fault::ShortWrite] {
                let store = make();
                store.inject(fault, at);
                assert!(write(&store).is_err());
                let left = store
                    .after_kill()
                    .open()
                    .ok()
                    .map(|bytes| bytes.as_slice().unwrap().to_vec());
                assert!(
                    left == old || left.as_ref() == Some(&new),
                    "{fault:?} at {at}"
                );
                let left = store
                    .after_power_loss(|_| false)
                    .open()
                    .ok()
                    .map(|bytes| bytes.as_slice().unwrap().to_vec());
                assert!(
                    left == old || left.as_ref() == Some(&new),
                    "{fault:?} at {at}, power lost"
                );
            }
        }
    }
}

#[test]
fn compacting_and_converting_leave_the_old_file_or_the_new_one() {
    // With something to leave out: a removed array, and the documents before that.
    let original = MemoryStore::new();
    base(&original, options(Target::V0_7));
    let mut edit = Edit::new();
    edit.add("gone", numbers(40_000, 3));
    edit.apply(&original, &EditOptions::default()).unwrap();
    let mut edit = Edit::new();
    edit.remove("gone");
    edit.apply(&original, &EditOptions::default()).unwrap();
    let old = original.bytes().unwrap().to_vec();
    let source = open(&original).unwrap();
    let arrays = read_all(&source).unwrap();
    type Verb<'a> = Box<dyn Fn(&FaultyStore) -> Result<()> + 'a>;
    let verbs: [(&str, Verb<'_>); 2] = [
        (
            "compact",
            Box::new(|store| compact(store, &EditOptions::default()).map(|_| ())),
        ),
        (
            "convert",
            Box::new(|store| copy(&source, store, options(Target::Native)).map(|_| ())),
        ),
    ];
    let mut n_points = 0;
    for (name, verb) in verbs {
        let calm = FaultyStore::new(old.clone());
        verb(&calm).unwrap();
        let new = calm.after_kill().bytes().unwrap().to_vec();
        assert_ne!(new, old, "{name}");
        for at in 0..calm.calls().len() {
            for fault in [
                Fault::Kill,
                Fault::KillTorn,
                Fault::NoSpace,
                Fault::Io,
                Fault::ShortWrite,
            ] {
                let store = FaultyStore::new(old.clone());
                store.inject(fault, at);
                let place = format!("{name} {fault:?} at call {at}");
                assert!(verb(&store).is_err(), "{place}");
                for left in [store.after_kill(), store.after_power_loss(|i| i % 2 == 0)] {
                    let bytes = left.bytes().unwrap().to_vec();
                    assert!(bytes == old || bytes == new, "{place}");
                    assert_eq!(read_all(&open(&left).unwrap()).unwrap(), arrays, "{place}");
                    n_points += 1;
                }
            }
        }
    }
    eprintln!("{n_points} kill points");
}

#[test]
fn one_writer_at_a_time() {
    let store = MemoryStore::new();
    base(&store, options(Target::V0_7));
    let lock = store.update().unwrap().unwrap();
    let mut edit = Edit::new();
    edit.remove("first");
    let error = edit.apply(&store, &EditOptions::default()).unwrap_err();
    assert_eq!(
        error.as_io().unwrap().kind(),
        std::io::ErrorKind::WouldBlock
    );
    drop(lock);
}

#[test]
fn a_store_without_changes_in_place_is_staged() {
    /// A store that can only be replaced.
    #[derive(Debug)]
    struct StageOnly(MemoryStore);
    impl Store for StageOnly {
        fn open(&self) -> std::io::Result<Arc<dyn ReadAt>> {
            self.0.open()
        }
        fn stage(&self) -> std::io::Result<Box<dyn paginum::storage::Stage>> {
            self.0.stage()
        }
        fn update(&self) -> std::io::Result<Option<Box<dyn paginum::storage::UpdateAt>>> {
            Ok(None)
        }
        fn url(&self) -> &paginum::storage::Url {
            self.0.url()
        }
    }
    let store = StageOnly(MemoryStore::new());
    let mut expected = base(&store, options(Target::V0_7));
    let mut edit = Edit::new();
    edit.add("new", numbers(3, 3));
    let report = edit.apply(&store, &EditOptions::default()).unwrap();
    assert!(!report.is_in_place);
    expected.insert("field_data/new".to_owned(), numbers(3, 3));
    assert_eq!(read_all(&open(&store).unwrap()).unwrap(), expected);
}

#[test]
fn a_filter_of_ours_needs_native() {
    let store = MemoryStore::new();
    let options = WriteOptions::default()
        .with_target(Target::V0_7)
        .with_filter(FilterChoice::named("delta"));
    let mut writer = Writer::create(&store, options).unwrap();
    let error = writer.write("a", &numbers(10, 1)).unwrap_err();
    assert!(error.to_string().contains("--compat native"), "{error}");
}

#[test]
fn a_file_keeps_the_target_that_it_was_written_for() {
    for target in targets() {
        let store = MemoryStore::new();
        let plain = options(target).with_filter(FilterChoice::named("none"));
        base(&store, plain.clone());
        let expected = match target {
            // Such a file is as if another program had written it.
            Target::Reproduce0_7 => Target::V0_7,
            target => target,
        };
        let recorded = || target_of(&open(&store).unwrap()).unwrap();
        assert_eq!(recorded(), expected);
        let edit_options = EditOptions::default().with_write(plain.clone());
        let mut edit = Edit::new();
        edit.add("next", numbers(10, 3));
        edit.apply(&store, &edit_options).unwrap();
        assert_eq!(recorded(), expected);
        compact(&store, &edit_options).unwrap();
        assert_eq!(recorded(), expected);
        // Without a single array of ours, the file takes some if it was written for our readers.
        let mut edit = Edit::new();
        edit.add("numeric", numbers(10, 4));
        let numeric = plain.with_filter(FilterChoice::named("numeric"));
        let edit_options = edit_options.with_write(numeric);
        let result = edit.apply(&store, &edit_options);
        assert_eq!(
            result.is_ok(),
            target == Target::Native,
            "{target}: {result:?}"
        );
        // An older target is one for what is added; what is there stays what it is.
        let mut edit = Edit::new();
        edit.add("shuffled", numbers(10, 5));
        let edit_options = EditOptions::default().with_target(Target::V0_4);
        edit.apply(&store, &edit_options).unwrap();
        let expected = match target {
            Target::V0_2 => Target::V0_4,
            _ => expected,
        };
        assert_eq!(recorded(), expected);
    }
}

#[test]
fn a_native_file_of_many_arrays_takes_numeric_ones_whichever_have_it() {
    let store = MemoryStore::new();
    let plain = options(Target::Native)
        .with_filter(FilterChoice::named("none"))
        .with_array_filter("399", FilterChoice::named("numeric"));
    let mut writer = Writer::create(&store, plain).unwrap();
    for i in 0..400 {
        writer.write(&i.to_string(), &numbers(2, i)).unwrap();
    }
    writer.commit().unwrap();
    let numeric = WriteOptions::default().with_filter(FilterChoice::named("numeric"));
    let mut edit = Edit::new();
    edit.add("next", numbers(10, 3));
    edit.apply(&store, &EditOptions::default().with_write(numeric))
        .unwrap();
    let reader = open(&store).unwrap();
    let next = reader.find("next").unwrap();
    assert_eq!(reader.entry(next).unwrap().filter, "numeric");
}

#[cfg(unix)]
#[test]
fn a_lock_that_a_killed_process_left_stops_no_edit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pv");
    let store = paginum::storage::FileStore::new(&path);
    base(&store, options(Target::V0_7));
    let beside = |suffix: &str| folder.path().join(format!("a.pv{suffix}"));
    // Killed after its lock was made, locked and filled; after the lock got its name; after both.
    for left in [
        &[".append.new"][..],
        &[".append.lock"],
        &[".append.new", ".append.lock"],
    ] {
        for suffix in left {
            let text = if left.len() == 1 && *suffix == ".append.new" {
                ""
            } else {
                "paginum 1\n"
            };
            std::fs::write(beside(suffix), text).unwrap();
        }
        let mut edit = Edit::new();
        edit.set_rows("next", numbers(10, 3).spec().clone(), |writer| {
            writer.push_rows(numbers(10, 3).bytes())
        });
        edit.apply(&store, &EditOptions::default()).unwrap();
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            1,
            "{left:?}"
        );
    }
}
