//! Damaged `.pv` files: every bit that flips, every place where the file may end.
//!
//! The law: what a damaged file of ours gives is an error, or the values that it held. `verify` finds what reading does
//! not need.

#![cfg(feature = "zstd")]
#![allow(clippy::unwrap_used, reason = "in the helpers of tests too")]

use std::collections::BTreeMap;
use std::sync::Arc;

use paginum::container::pv::{
    Edit, EditOptions, FilterChoice, Reader, Target, WriteOptions, Writer, compact,
};
use paginum::container::{Container, OpenOptions};
use paginum::storage::MemoryStore;
use paginum::{Array, ArraySpec, Result, Validity};

type Values = BTreeMap<String, (Array, Option<Validity>)>;

fn read_all(bytes: Vec<u8>) -> Result<Values> {
    let reader = Reader::open(Arc::new(bytes), &OpenOptions::default())?;
    (0..reader.n_arrays())
        .map(|i| {
            let validity = reader
                .validity(i)?
                .map(|validity| Validity::clone(&validity));
            Ok((reader.path(i).to_owned(), (reader.read_index(i)?, validity)))
        })
        .collect()
}

fn verify(bytes: Vec<u8>) -> Result<bool> {
    let reader = Reader::open(Arc::new(bytes), &OpenOptions::default())?;
    reader.verify_structure()?;
    for i in 0..reader.n_arrays() {
        reader.array(i)?.verify()?;
        reader.validity(i)?;
    }
    Ok(reader.notes().is_empty())
}

fn numbers(n: usize) -> Array {
    let values: Vec<f64> = (0..n).map(|i| (i as f64 * 0.61).sin()).collect();
    Array::from_numbers(&values).unwrap()
}

/// An array of each filter and one with nulls.
fn native() -> MemoryStore {
    let store = MemoryStore::new();
    let mut options = WriteOptions::default()
        .with_target(Target::Native)
        .with_page_numbers(32);
    let names = ["none", "shuffle", "delta", "numeric"];
    for name in names {
        options = options.with_array_filter(name, FilterChoice::named(name));
    }
    options = options.with_array_filter("nulls", FilterChoice::named("numeric"));
    let mut writer = Writer::create(&store, options).unwrap();
    for name in names {
        writer.write(name, &numbers(60)).unwrap();
    }
    let validity = (0..30).map(|i| i % 3 != 0).collect();
    writer
        .write_with_nulls("nulls", &numbers(30), &validity)
        .unwrap();
    writer.commit().unwrap();
    store
}

/// The same after edits in place: with dead regions, and a list of them.
fn edited() -> MemoryStore {
    let store = native();
    let mut edit = Edit::new();
    edit.add("added", numbers(20));
    edit.replace("shuffle", numbers(30));
    edit.remove("delta");
    edit.apply(&store, &EditOptions::default()).unwrap();
    store
}

/// A flip that nobody reports must change nothing. Returns how many reading and `verify` did not report.
fn flip_all(bytes: &[u8], flips: impl Iterator<Item = usize>) -> (usize, usize, usize) {
    let values = read_all(bytes.to_vec()).unwrap();
    assert!(verify(bytes.to_vec()).unwrap());
    let (mut n, mut n_read, mut n_verified) = (0, 0, 0);
    for bit in flips {
        let mut damaged = bytes.to_vec();
        damaged[bit / 8] ^= 1 << (bit % 8);
        if let Ok(read) = read_all(damaged.clone()) {
            assert!(
                read == values,
                "bit {} of byte {}: wrong values",
                bit % 8,
                bit / 8
            );
            n_read += 1;
            if verify(damaged).is_ok_and(|is_clean| is_clean) {
                n_verified += 1;
            }
        }
        n += 1;
    }
    (n, n_read, n_verified)
}

#[test]
fn every_flipped_bit_is_refused_or_changes_nothing() {
    for (name, store) in [("native", native()), ("edited", edited())] {
        let bytes = store.bytes().unwrap().to_vec();
        let (n, n_read, n_verified) = flip_all(&bytes, 0..bytes.len() * 8);
        eprintln!(
            "{name}: {n} flips, {n_read} read all the same, {n_verified} verify all the same"
        );
        assert_eq!(n, bytes.len() * 8);
        // The bits that zstd leaves unused, and the dead bytes, which are all that compacting saves.
        compact(&store, &EditOptions::default()).unwrap();
        let n_dead = (bytes.len() - store.bytes().unwrap().len()) * 8;
        let n_spare = n_dead + n / 200;
        assert!(n_verified <= n_spare, "{name}: {n_verified} of {n}");
    }
}

#[test]
#[ignore = "takes minutes: part of test-long"]
fn a_hundred_thousand_flips_of_larger_files() {
    let store = native();
    let mut edit = Edit::new();
    for (i, filter) in ["none", "shuffle", "delta", "numeric"]
        .into_iter()
        .enumerate()
    {
        edit.add(format!("large_{filter}"), numbers(20_000 + i));
    }
    edit.apply(&store, &EditOptions::default()).unwrap();
    let bytes = store.bytes().unwrap().to_vec();
    let n_bits = bytes.len() * 8;
    let mut state = 1_u64;
    let flips = (0..100_000).map(|_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 16) as usize % n_bits
    });
    eprintln!("{:?}", flip_all(&bytes, flips));
}

#[test]
fn every_truncation_is_refused_or_reads_an_older_version() {
    let old = read_all(native().bytes().unwrap().to_vec()).unwrap();
    for store in [native(), edited()] {
        let bytes = store.bytes().unwrap().to_vec();
        for end in 0..bytes.len() {
            if let Ok(values) = read_all(bytes[..end].to_vec()) {
                assert!(values == old, "cut at {end}");
            }
        }
    }
}

#[test]
fn damage_to_files_of_other_programs_is_never_a_panic() {
    // Written without checksums, as others do.
    let store = MemoryStore::new();
    let options = WriteOptions::default().with_target(Target::Reproduce0_7);
    let mut writer = Writer::create(&store, options).unwrap();
    writer.write("a", &numbers(40)).unwrap();
    let ids = ArraySpec::new("<i4".parse().unwrap(), [9]).unwrap();
    writer
        .write("b", &Array::from_bytes(ids, &[1; 36]).unwrap())
        .unwrap();
    writer.commit().unwrap();
    let bytes = store.bytes().unwrap().to_vec();
    for bit in 0..bytes.len() * 8 {
        let mut damaged = bytes.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let _ = read_all(damaged.clone());
        let _ = verify(damaged);
    }
}
