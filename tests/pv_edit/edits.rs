//! Edits that go well, or are refused: one after another, beside a reader, beside another writer.

use std::sync::Arc;

use paginum::container::Container;
use paginum::container::pv::{Edit, EditOptions, FilterChoice, Reader, Target, compact};
use paginum::storage::{MemoryStore, ReadAt, Store};
use paginum::{Array, ArraySpec, Validity};

use crate::files::{Arrays, Change, base, numbers, open, options, read, read_all, targets};

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

#[test]
fn rows_that_are_added_without_values_have_none() {
    let store = MemoryStore::new();
    base(&store, options(Target::Native));
    let validity = Validity::from_bytes(&[0b101], 3).unwrap();
    let mut edit = Edit::new();
    edit.add_with_nulls(
        "some",
        Array::from_numbers(&[1, 2, 3]).unwrap(),
        validity.clone(),
    );
    edit.apply(&store, &EditOptions::default()).unwrap();
    let reader = open(&store).unwrap();
    let index = reader.find("some").unwrap();
    let read_back = Container::validity(&reader, index).unwrap().unwrap();
    assert_eq!(*read_back, validity);
    let expected = Array::from_numbers(&[1, 0, 3]).unwrap();
    assert_eq!(read(&reader, "some", None).unwrap(), expected);
}
