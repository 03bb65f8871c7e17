//! Edits that fail, are killed or lose power at each call: the old file is left, or the new one.

use paginum::container::Container;
use paginum::container::pv::{
    Edit, EditOptions, FilterChoice, Target, WriteOptions, Writer, compact, copy, repair,
};
use paginum::storage::faulty::{Fault, FaultyStore};
use paginum::storage::{MemoryStore, Store};
use paginum::{Array, Result};

use crate::files::{Arrays, Change, base, numbers, open, options, read_all};

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
            "remove what stands behind an array",
            false,
            |e| e.remove("last"),
            |a| {
                a.remove("field_data/last");
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

/// Payloads that something closes at their end are not taken to end where a dead one behind them does.
#[test]
fn a_kill_before_the_seals_leaves_arrays_of_every_filter_readable() {
    // Of several frames, where a filter makes such.
    let (many, few) = (140_000, 2000);
    for (filter, n) in [
        ("none", many),
        ("shuffle", many),
        ("delta", many),
        ("numeric", few),
        ("fast", few),
        ("dense", few),
    ] {
        let options = options(Target::Native).with_filter(FilterChoice::named(filter));
        let original = MemoryStore::new();
        let mut writer = Writer::create(&original, options).unwrap();
        for (i, name) in ["first", "middle", "last"].into_iter().enumerate() {
            writer.write(name, &numbers(n, i as u64)).unwrap();
        }
        writer.commit().unwrap();
        let old = read_all(&open(&original).unwrap()).unwrap();
        let mut new = old.clone();
        new.remove("field_data/middle");
        let apply = |store: &FaultyStore| {
            let mut edit = Edit::new();
            edit.remove("middle");
            edit.apply(store, &EditOptions::default())
        };
        let bytes = original.bytes().unwrap().to_vec();
        let calm = FaultyStore::new(bytes.clone());
        apply(&calm).unwrap();
        let mut n_new = 0;
        for at in 0..calm.calls().len() {
            let store = FaultyStore::new(bytes.clone());
            store.inject(Fault::Kill, at);
            apply(&store).unwrap_err();
            let place = format!("{filter}: call {at}");
            let survivor = store.after_kill();
            n_new += usize::from(read_all(&open(&survivor).unwrap()).is_ok_and(|all| all == new));
            check_survivor(&survivor, &old, &new, false, &place);
        }
        assert!(
            n_new > 1,
            "{filter}: no kill between the index and the seals"
        );
    }
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
