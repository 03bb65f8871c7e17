//! Edits of files in which the order of documents, or what no dataset has, matters.

use crate::array::Array;
use crate::container::pv::document::FIRST_UID;
use crate::container::pv::handmade::Handmade;
use crate::container::pv::metadata::{DatasetMetadata, DatasetType};
use crate::container::pv::names::{MULTIBLOCK_METADATA, Role};
use crate::container::pv::{
    Edit, EditOptions, Reader, Target, Thumbnail, WriteOptions, Writer, compact,
};
use crate::container::{Container, OpenOptions};
use crate::error::ErrorKind;
use crate::storage::{MemoryStore, Store};

fn numbers(numbers: &[i32]) -> Array {
    Array::from_numbers(numbers).unwrap()
}

fn add_dataset(file: &mut Handmade, uid: &str, name: &str) {
    let mut template = DatasetMetadata::new(DatasetType::PointSet);
    template.set_uid(uid);
    file.add_dataset(&template, vec![(Role::field(name), numbers(&[7]))]);
}

/// A file of two datasets of which the first is the root: what the other one has is of no dataset.
fn two_datasets() -> MemoryStore {
    let mut file = Handmade::new(0, WriteOptions::default());
    add_dataset(&mut file, FIRST_UID, "of_root");
    add_dataset(&mut file, "0000000000000001", "of_other");
    file.finish()
}

fn open(store: &MemoryStore) -> Reader {
    Reader::open(store.open().unwrap(), &OpenOptions::default()).unwrap()
}

fn paths(store: &MemoryStore) -> Vec<String> {
    let reader = open(store);
    let paths = 0..reader.placeholders().end;
    paths.map(|i| reader.path(i).to_owned()).collect()
}

#[test]
fn the_root_that_is_edited_stays_the_root() {
    for is_staged in [false, true] {
        let store = two_datasets();
        let mut edit = Edit::new();
        edit.add("field_data/new", numbers(&[1]));
        let options = EditOptions::default().with_staged(is_staged);
        edit.apply(&store, &options).unwrap();
        let paths = paths(&store);
        for path in ["field_data/of_root", "field_data/new"] {
            assert!(paths.iter().any(|other| other == path), "{paths:?}");
        }
    }
}

#[test]
fn what_no_dataset_has_can_be_removed_and_not_written() {
    let store = two_datasets();
    let strays = paths(&store);
    let stray = strays
        .iter()
        .find(|path| path.contains("of_other"))
        .unwrap();
    assert!(stray.starts_with("unreferenced/"), "{stray}");
    let mut edit = Edit::new();
    edit.replace(stray, numbers(&[1]));
    let error = edit.apply(&store, &EditOptions::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    let mut edit = Edit::new();
    edit.remove(stray);
    edit.apply(&store, &EditOptions::default()).unwrap();
    assert!(!paths(&store).contains(stray));
}

#[test]
fn a_multi_block_takes_field_arrays_alone_and_those_where_readers_know_them() {
    let tree = || {
        const CHILD: &str = "0000000000000001";
        let mut file = Handmade::new(0, WriteOptions::default());
        let root = format!(
            r#"{{"uid":"{FIRST_UID}","children":["{CHILD}"],"children_keys":["a"],"children_ds":null}}"#
        );
        let name = format!("{FIRST_UID}{MULTIBLOCK_METADATA}");
        file.add_bytes(&name, root.as_bytes());
        add_dataset(&mut file, CHILD, "of_block");
        file.finish()
    };
    for (path, target, is_good) in [
        ("field_data/new", Target::V0_7, true),
        ("field_data/new", Target::V0_2, false),
        ("point_data/new", Target::V0_7, false),
        ("nothing/new", Target::V0_7, false),
    ] {
        let store = tree();
        let mut edit = Edit::new();
        edit.add(path, numbers(&[1]));
        let options = EditOptions::default().with_target(target);
        match edit.apply(&store, &options) {
            Ok(_) => assert!(is_good, "{path} {target}"),
            Err(error) => {
                assert!(!is_good, "{path} {target}: {error}");
                assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
            }
        }
        let reader = open(&store);
        assert!(reader.find("blocks/0/field_data/of_block").is_ok());
    }
}

fn picture() -> Thumbnail {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    png.extend_from_slice(&[0, 0, 0, 2, 0, 0, 0, 3]);
    Thumbnail::new(png).unwrap()
}

/// A file with a picture and two arrays.
fn with_picture() -> MemoryStore {
    let store = MemoryStore::new();
    let template = DatasetMetadata::new(DatasetType::PointSet);
    let options = WriteOptions::default();
    let mut writer = Writer::create_dataset(&store, &template, options).unwrap();
    writer.set_thumbnail(&picture()).unwrap();
    for name in ["first", "last"] {
        writer.write(name, &numbers(&[1, 2, 3])).unwrap();
    }
    writer.commit().unwrap();
    store
}

#[test]
fn a_picture_stays_as_it_is_and_tells_of_changes_behind_it() {
    type Change = fn(&mut Edit<'_>);
    // What follows the picture cannot die in place: the picture would have to grow over it.
    let changes: [(Change, bool); 4] = [
        (|edit| edit.add("field_data/new", numbers(&[4])), true),
        (|edit| edit.remove("field_data/last"), true),
        (|edit| edit.remove("field_data/first"), false),
        (
            |edit| edit.replace("field_data/first", numbers(&[5])),
            false,
        ),
    ];
    for (i, (change, may_be_in_place)) in changes.into_iter().enumerate() {
        for is_staged in [false, true] {
            let store = with_picture();
            assert_eq!(open(&store).thumbnail().unwrap(), Some(picture()));
            let mut edit = Edit::new();
            change(&mut edit);
            let options = EditOptions::default().with_staged(is_staged);
            let report = edit.apply(&store, &options).unwrap();
            assert_eq!(report.is_in_place, may_be_in_place && !is_staged, "{i}");
            let reader = open(&store);
            reader.verify_structure().unwrap();
            let stale = Thumbnail {
                is_stale: true,
                ..picture()
            };
            assert_eq!(reader.thumbnail().unwrap(), Some(stale.clone()), "{i}");
            // Nor is it a picture of that once the file is written anew.
            compact(&store, &EditOptions::default()).unwrap();
            assert_eq!(open(&store).thumbnail().unwrap(), Some(stale), "{i}");
        }
    }
    let store = with_picture();
    compact(&store, &EditOptions::default()).unwrap();
    assert_eq!(open(&store).thumbnail().unwrap(), Some(picture()));
}
