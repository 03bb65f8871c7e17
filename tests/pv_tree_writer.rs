//! Files of several datasets: what is written is read, and what would not be read is not written.

#![cfg(feature = "zstd")]
#![allow(clippy::unwrap_used, reason = "in the helpers of tests too")]

use paginum::container::pv::{
    DatasetMetadata, DatasetType, Node, Reader, Target, TreeWriter, WriteOptions,
};
use paginum::container::{Container, OpenOptions};
use paginum::storage::{MemoryStore, Store};
use paginum::{Array, Result};

const ROOT: &str = "0000000000000000";
const LEFT: &str = "0000000000000001";
const RIGHT: &str = "0000000000000002";

fn options() -> WriteOptions {
    WriteOptions::default().with_target(Target::V0_7)
}

fn poly_data() -> DatasetMetadata {
    DatasetMetadata::new(DatasetType::PolyData)
}

fn block(children: &[&str], more: &str) -> String {
    let names: Vec<_> = (0..children.len()).map(|i| format!("\"{i}\"")).collect();
    let children: Vec<_> = children.iter().map(|uid| format!("\"{uid}\"")).collect();
    format!(
        r#"{{"uid":"","children":[{}],"children_keys":[{}],"children_ds":null{more}}}"#,
        children.join(","),
        names.join(",")
    )
}

fn numbers(n: usize) -> Array {
    let numbers: Vec<f64> = (0..n).map(|i| i as f64).collect();
    Array::from_numbers(&numbers).unwrap()
}

fn dataset(writer: &mut TreeWriter, uid: &str, n: usize) -> Result<()> {
    writer.begin_dataset(uid, &poly_data())?;
    writer.write("field_data/x", &numbers(n))?;
    writer.end_dataset()
}

#[test]
fn a_tree_is_read_as_it_was_written() {
    let store = MemoryStore::new();
    let mut writer = TreeWriter::create(&store, options()).unwrap();
    let keys = r#","field_data_keys":{"own":{"shape":[2],"dtype":"float64"}}"#;
    let document = block(&[LEFT, "EMPTY_DS________", LEFT, RIGHT], keys);
    writer.write_block(ROOT, &document).unwrap();
    dataset(&mut writer, LEFT, 3).unwrap();
    writer.write_block(RIGHT, &block(&[], "")).unwrap();
    writer.begin_fields(ROOT).unwrap();
    writer.write("field_data/own", &numbers(2)).unwrap();
    writer.commit().unwrap();

    let reader = Reader::open(store.open().unwrap(), &OpenOptions::default()).unwrap();
    assert_eq!(reader.metadata().version(), 3);
    let Node::MultiBlock(root) = reader.tree().root() else {
        panic!("no blocks");
    };
    assert_eq!(root.children.len(), 4);
    assert_eq!(root.children[0].node, root.children[2].node);
    assert!(matches!(
        reader.tree().node(root.children[1].node),
        Node::Empty
    ));
    let paths: Vec<_> = (0..reader.n_arrays()).map(|i| reader.path(i)).collect();
    assert!(paths.contains(&"blocks/2/field_data/x"), "{paths:?}");
    assert!(paths.contains(&"field_data/own"), "{paths:?}");
    reader.verify_structure().unwrap();
}

#[test]
fn blocks_whose_children_or_arrays_are_missing_are_not_written() {
    let keys = r#","field_data_keys":{"own":{"shape":[2],"dtype":"float64"}}"#;
    for (document, words) in [
        (block(&[LEFT], ""), "0000000000000001"),
        (block(&[], keys), "field_data/own"),
    ] {
        let store = MemoryStore::new();
        let mut writer = TreeWriter::create(&store, options()).unwrap();
        writer.write_block(ROOT, &document).unwrap();
        let error = writer.commit().unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
        assert!(store.bytes().is_none());
    }
}

#[test]
fn an_array_that_does_not_fit_its_dataset_is_not_written() {
    let store = MemoryStore::new();
    let mut writer = TreeWriter::create(&store, options()).unwrap();
    writer.write_block(ROOT, &block(&[LEFT], "")).unwrap();
    writer.begin_dataset(LEFT, &poly_data()).unwrap();
    writer.write("point_data/x", &numbers(5)).unwrap();
    let error = writer.end_dataset().unwrap_err();
    assert!(error.to_string().contains("point_data/x"), "{error}");
    // Ending it again makes it no better.
    assert!(writer.end_dataset().is_err());
    assert!(writer.commit().is_err());
    assert!(store.bytes().is_none());
}

#[test]
fn steps_in_no_order_are_errors() {
    let store = MemoryStore::new();
    let new = || TreeWriter::create(&store, options()).unwrap();
    assert!(new().commit().is_err(), "nothing was written");
    assert!(new().end_dataset().is_err());
    assert!(new().write("points", &numbers(1)).is_err());
    assert!(new().begin_fields(ROOT).is_err());
    assert!(new().begin_dataset("short", &poly_data()).is_err());
    assert!(new().write_block("EMPTY_DS________", "{}").is_err());
    assert!(new().write_block(ROOT, "[1]").is_err());

    let mut writer = new();
    dataset(&mut writer, ROOT, 1).unwrap();
    assert!(writer.begin_dataset(ROOT, &poly_data()).is_err(), "taken");
    assert!(writer.write("field_data/y", &numbers(1)).is_err(), "ended");
    writer.begin_dataset(LEFT, &poly_data()).unwrap();
    assert!(writer.begin_dataset(RIGHT, &poly_data()).is_err(), "inside");
    assert!(writer.write_block(RIGHT, "{}").is_err(), "inside");
    assert!(writer.commit().is_err(), "not ended");
    assert!(store.bytes().is_none());
}

#[test]
fn older_readers_lose_the_field_data_of_blocks() {
    let store = MemoryStore::new();
    let options = WriteOptions::default().with_target(Target::V0_4);
    let mut writer = TreeWriter::create(&store, options).unwrap();
    let keys = block(&[], r#","field_data_keys":{}"#);
    let error = writer.write_block(ROOT, &keys).unwrap_err();
    assert!(error.to_string().contains("0.7"), "{error}");
    writer.write_block(ROOT, &block(&[], "")).unwrap();
    writer.commit().unwrap();
}
