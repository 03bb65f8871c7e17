//! Damaged `.pv` files: every bit that flips, every place where the file may end.
//!
//! The law: what a damaged file of ours gives is an error, or the values that it held. `verify` finds what reading does
//! not need.

#![cfg(feature = "zstd")]
#![allow(clippy::unwrap_used, reason = "in the helpers of tests too")]

mod spare;

use std::collections::BTreeMap;
use std::sync::Arc;

use paginum::container::pv::{
    Edit, EditOptions, FilterChoice, Reader, Target, WriteOptions, Writer,
};
use paginum::container::{Container, File, OpenOptions};
use paginum::filter::Registry;
use paginum::storage::MemoryStore;
use paginum::{Array, ArraySpec, Result, Validity};
use spare::{Spare, Spares};

type Values = BTreeMap<String, (Array, Option<Validity>)>;

fn read_all(bytes: Vec<u8>) -> Result<Values> {
    let reader = Reader::open(Arc::new(bytes), &OpenOptions::default())?;
    (0..reader.placeholders().end)
        .map(|i| {
            let validity = reader
                .validity(i)?
                .map(|validity| Validity::clone(&validity));
            Ok((
                reader.path(i).to_owned(),
                (reader.open_array(i)?.read(reader.limits())?, validity),
            ))
        })
        .collect()
}

fn verify(bytes: Vec<u8>) -> Result<bool> {
    let reader = Reader::open(Arc::new(bytes), &OpenOptions::default())?;
    reader.verify_structure()?;
    for i in 0..reader.placeholders().end {
        reader.open_array(i)?.verify()?;
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
        .with_filters(Registry::default().with_pages(8, 32));
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

/// What became of flips.
#[derive(Debug, Default)]
struct Flips {
    n: usize,
    /// Reading gave the values all the same.
    n_read: usize,
    /// `verify` found nothing either: by the reason that it need not.
    n_dead: usize,
    n_unused: usize,
    n_coding: usize,
}

/// Flips bits one at a time. A flip that nobody reports must change nothing, and stand where it may.
fn flip_all(bytes: &[u8], flips: impl Iterator<Item = usize>) -> Flips {
    let values = read_all(bytes.to_vec()).unwrap();
    assert!(verify(bytes.to_vec()).unwrap());
    let spares = Spares::of(bytes);
    let mut found = Flips::default();
    let mut damaged = bytes.to_vec();
    for bit in flips {
        let place = || format!("bit {} of byte {}", bit % 8, bit / 8);
        damaged[bit / 8] ^= 1 << (bit % 8);
        found.n += 1;
        if let Ok(read) = read_all(damaged.clone()) {
            assert!(read == values, "{}: wrong values", place());
            found.n_read += 1;
            if verify(damaged.clone()).is_ok_and(|is_clean| is_clean) {
                match spares.reason(bit) {
                    Some(Spare::Dead) => found.n_dead += 1,
                    Some(Spare::UnusedBit) => found.n_unused += 1,
                    Some(Spare::Coding) => found.n_coding += 1,
                    None => panic!("{}: verify finds nothing", place()),
                }
            }
        }
        damaged[bit / 8] ^= 1 << (bit % 8);
    }
    found
}

#[test]
fn every_flipped_bit_is_refused_or_changes_nothing() {
    for (name, store) in [("native", native()), ("edited", edited())] {
        let bytes = store.bytes().unwrap().to_vec();
        let found = flip_all(&bytes, 0..bytes.len() * 8);
        eprintln!("{name}: {found:?}");
        assert_eq!(found.n, bytes.len() * 8);
        // A coding has few bits that do not matter, or its checksum would not be one.
        assert!(found.n_coding < found.n / 500, "{name}: {found:?}");
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
    let mut write = WriteOptions::default();
    for filter in ["none", "shuffle", "delta", "numeric"] {
        write = write.with_array_filter(format!("large_{filter}"), FilterChoice::named(filter));
    }
    edit.apply(&store, &EditOptions::default().with_write(write))
        .unwrap();
    let bytes = store.bytes().unwrap().to_vec();
    let n_bits = bytes.len() * 8;
    let mut state = 1_u64;
    let flips = (0..100_000).map(|_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 16) as usize % n_bits
    });
    let found = flip_all(&bytes, flips);
    eprintln!("of {n_bits} bits: {found:?}");
    assert_eq!(found.n, 100_000);
}

/// The structure and an array may look for different things in the same bytes.
#[test]
fn faults_are_all_that_is_wrong_and_each_byte_of_an_array_once() {
    let bytes = native().bytes().unwrap().to_vec();
    let mut n_with_others = 0;
    for bit in (0..bytes.len() * 8).step_by(11) {
        let mut damaged = bytes.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let Ok(reader) = Reader::open(Arc::new(damaged), &OpenOptions::default()) else {
            continue;
        };
        let file = File::of(Box::new(reader));
        let faults = file.faults().unwrap();
        let first = faults.first().map(ToString::to_string);
        let verified = file.verify().err().map(|error| error.to_string());
        assert_eq!(first, verified, "bit {bit}");
        let places = faults.iter().filter_map(|fault| fault.place());
        let mut places: Vec<_> = places
            .filter(|place| place.array.is_some() && place.offset.is_some())
            .map(|place| (place.array.clone(), place.offset))
            .collect();
        places.sort_unstable();
        assert!(
            places.windows(2).all(|pair| pair[0] != pair[1]),
            "bit {bit}: {faults:?}"
        );
        n_with_others += usize::from(faults.len() > 1);
    }
    assert!(n_with_others > 0);
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
