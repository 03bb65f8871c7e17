//! `.gnz` files: those of the reference implementation byte for byte, hostile ones, and what reading costs.

#![allow(clippy::unwrap_used, reason = "in the helpers of tests too")]

mod corpus;
#[allow(dead_code, reason = "each test asks for a part of it")]
#[path = "../support/counting.rs"]
mod counting;
mod filling;
mod hostile;
mod replay;
mod requests;

use std::sync::Arc;

use paginum::container::File;
use paginum::container::gnz::{GnzReader, GnzWriter};
use paginum::storage::{MemoryStore, Store};
use paginum::{Array, ArraySpec, Limits, Result};

/// A file with this header, filled up with bytes that count to this length.
fn file_of(json: &str, n_bytes: usize) -> Vec<u8> {
    let mut file = b"GNZ1".to_vec();
    file.extend((json.len() as u32).to_le_bytes());
    file.extend(json.bytes());
    let start = file.len();
    file.extend((start..n_bytes).map(|i| i as u8));
    file
}

/// A header of one array `x`.
fn header_of(array: &str) -> String {
    format!(r#"{{"arrays": {{"x": {array}}}, "metadata": {{}}, "version": 1}}"#)
}

fn reader(file: Vec<u8>) -> Result<GnzReader> {
    GnzReader::open(Arc::new(file), &Limits::default())
}

fn open(file: Vec<u8>) -> Result<File> {
    Ok(File::of(Box::new(reader(file)?)))
}

fn array(dtype: &str, shape: &[u64]) -> Array {
    let spec = ArraySpec::new(dtype.parse().unwrap(), shape).unwrap();
    let bytes: Vec<u8> = (0..spec.bytes()).map(|i| (i * 7 + 1) as u8).collect();
    Array::from_bytes(spec, &bytes).unwrap()
}

fn written(writer: &GnzWriter) -> Vec<u8> {
    let store = MemoryStore::new();
    writer.write(&store).unwrap().finalize().unwrap();
    let bytes = store.open().unwrap();
    let mut file = vec![0; bytes.len() as usize];
    bytes.read_exact_at(&mut file, 0).unwrap();
    file
}
