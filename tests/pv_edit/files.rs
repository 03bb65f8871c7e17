//! A file to edit, and all that is in a file.

use std::collections::BTreeMap;

use paginum::container::pv::{Edit, Reader, Target, WriteOptions, Writer};
use paginum::container::{Container, OpenOptions};
use paginum::storage::Store;
use paginum::{Array, Result};

pub(crate) fn numbers(n: usize, seed: u64) -> Array {
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

pub(crate) fn read(
    reader: &Reader,
    path: &str,
    rows: Option<std::ops::Range<u64>>,
) -> Result<Array> {
    let array = reader.open_array(reader.find(path)?)?;
    array.read_rows(rows.unwrap_or(0..array.spec().rows()), reader.limits())
}

pub(crate) fn open(store: &dyn Store) -> Result<Reader> {
    Reader::open(store.open()?, &OpenOptions::default())
}

/// Every stored array by its path.
pub(crate) fn read_all(reader: &Reader) -> Result<BTreeMap<String, Array>> {
    (0..reader.placeholders().end)
        .map(|i| {
            Ok((
                reader.path(i).to_owned(),
                reader.open_array(i)?.read(reader.limits())?,
            ))
        })
        .collect()
}

pub(crate) type Arrays = BTreeMap<String, Array>;

pub(crate) type Change = fn(&mut Edit<'_>);

/// A file with two arrays, and what is in it.
pub(crate) fn base(store: &dyn Store, options: WriteOptions) -> Arrays {
    let mut writer = Writer::create(store, options).unwrap();
    writer.write("first", &numbers(100, 1)).unwrap();
    writer.write("last", &numbers(50, 2)).unwrap();
    writer.commit().unwrap();
    read_all(&open(store).unwrap()).unwrap()
}

pub(crate) fn options(target: Target) -> WriteOptions {
    WriteOptions::default().with_target(target)
}

pub(crate) fn targets() -> impl Iterator<Item = Target> {
    Target::ALL.into_iter()
}
