//! What reading a `.pv` file costs: rows without the rest, opening without the arrays.

#![cfg(feature = "zstd")]
#![allow(clippy::unwrap_used, reason = "in the helpers of tests too")]

#[allow(dead_code, reason = "each test asks for a part of it")]
#[path = "support/counting.rs"]
mod counting;

use std::sync::Arc;

use paginum::container::pv::{
    Edit, EditOptions, FilterChoice, Reader, Target, WriteOptions, Writer,
};
use paginum::container::{File, OpenOptions};
use paginum::storage::{MemoryStore, ReadAt};
use paginum::{Array, Validity};

use counting::Counting;

fn open(store: Arc<dyn ReadAt>, options: &OpenOptions) -> File {
    File::of(Box::new(Reader::open(store, options).unwrap()))
}

fn counted(store: &MemoryStore) -> Arc<Counting> {
    Counting::new(store.bytes().unwrap().to_vec())
}

const N: usize = 1_000_000;

/// Does not compress, so that bytes read tell frames read.
fn noise(seed: u64) -> Array {
    let mut state = seed;
    let values: Vec<f64> = (0..N)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            f64::from_bits(0x3FF0_0000_0000_0000 | (state >> 12))
        })
        .collect();
    Array::from_numbers(&values).unwrap()
}

fn file(filter: &str) -> (MemoryStore, Array) {
    let store = MemoryStore::new();
    let array = noise(7);
    let options = WriteOptions::default()
        .with_target(Target::Native)
        .with_filter(FilterChoice::named(filter));
    let mut writer = Writer::create(&store, options).unwrap();
    writer.write("a", &array).unwrap();
    writer.commit().unwrap();
    (store, array)
}

#[test]
fn rows_cost_what_they_need_of_any_filter_also_behind_a_dead_tail() {
    // Of 8 MB: a frame of 1 MiB; eight planes, a frame of each; a block; a page of 8,192 numbers and the directory.
    let most = [
        ("none", 1_200_000, 20),
        ("shuffle", 8_500_000, 20),
        ("delta", 1_200_000, 20),
        ("numeric", 150_000, 20),
    ];
    for (filter, max_bytes, max_reads) in most {
        let (store, array) = file(filter);
        for round in 0..3 {
            let counted = counted(&store);
            let reader = open(counted.clone(), &OpenOptions::default());
            counted.cost();
            let rows = reader.read_rows("a", 600_000..600_010).unwrap();
            assert_eq!(
                rows.bytes(),
                &array.bytes()[4_800_000..4_800_080],
                "{filter}"
            );
            let (n_reads, n_bytes) = counted.cost();
            eprintln!("{filter} behind {round} dead tails: {n_bytes} bytes in {n_reads} reads");
            assert!(n_bytes < max_bytes, "{filter}: {n_bytes} bytes");
            assert!(n_reads < max_reads, "{filter}: {n_reads} reads");
            let mut edit = Edit::new();
            edit.add(
                format!("added {round}"),
                Array::from_numbers(&[1_u8]).unwrap(),
            );
            edit.apply(&store, &EditOptions::default()).unwrap();
        }
    }
}

#[test]
fn pages_without_a_selected_row_are_not_read() {
    let (store, array) = file("numeric");
    let counted = counted(&store);
    let reader = open(counted.clone(), &OpenOptions::default());
    let selected = [5, 6, 9, 500_000, 999_999];
    let mut mask = Validity::repeat(false, N);
    selected.iter().for_each(|row| mask.set(*row, true));
    counted.cost();
    let rows = reader.array("a").unwrap().read_selected(&mask).unwrap();
    let expected: Vec<f64> = {
        let all = array.numbers::<f64>().unwrap();
        selected.iter().map(|row| all[*row]).collect()
    };
    assert_eq!(rows.numbers::<f64>().unwrap(), expected);
    let n_bytes = counted.taken();
    assert!(n_bytes < 600_000, "{n_bytes} bytes");
}

#[test]
fn opening_costs_the_index_and_the_documents() {
    let open = |n_arrays: usize| {
        let store = MemoryStore::new();
        let options = WriteOptions::default().with_filter(FilterChoice::named("none"));
        let mut writer = Writer::create(&store, options).unwrap();
        for i in 0..n_arrays {
            writer
                .write(
                    &format!("array {i}"),
                    &Array::from_numbers(&[i as u32; 4]).unwrap(),
                )
                .unwrap();
        }
        writer.commit().unwrap();
        let counted = counted(&store);
        let reader = open(counted.clone(), &OpenOptions::default());
        assert_eq!(reader.n_arrays(), n_arrays);
        let (n_reads, _) = counted.cost();
        let last = format!("array {}", n_arrays - 1);
        assert_eq!(
            reader.read(&last).unwrap().numbers::<u32>().unwrap()[0] as usize,
            n_arrays - 1
        );
        n_reads
    };
    let (few, many) = (open(10), open(5_000));
    // The index of many is longer than what is read from the end at first.
    assert!(many <= few + 1, "{few} reads of few, {many} of many");
}

#[test]
fn many_arrays_are_read_at_once() {
    let store = MemoryStore::new();
    let mut writer = Writer::create(&store, WriteOptions::default()).unwrap();
    let arrays: Vec<_> = (0..20_i64)
        .map(|i| Array::from_numbers(&[i; 1000]).unwrap())
        .collect();
    let names: Vec<_> = (0..20).map(|i| format!("a{i}")).collect();
    for (name, array) in names.iter().zip(&arrays) {
        writer.write(name, array).unwrap();
    }
    writer.commit().unwrap();
    let bytes = Arc::new(store.bytes().unwrap().to_vec());
    let reader = open(bytes, &OpenOptions::default());
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    assert_eq!(reader.read_many(&names).unwrap(), arrays);
    let mut buffer = vec![0; 8000];
    reader.array("a3").unwrap().read_into(&mut buffer).unwrap();
    assert_eq!(buffer, arrays[3].bytes());
    assert!(
        reader
            .array("a3")
            .unwrap()
            .read_into(&mut buffer[1..])
            .is_err()
    );
    let mut tight = OpenOptions::default();
    tight.limits.max_total_bytes = 100_000;
    let reader = open(Arc::new(store.bytes().unwrap().to_vec()), &tight);
    let error = reader.read_many(&names).unwrap_err();
    assert_eq!(error.kind(), paginum::ErrorKind::LimitExceeded);
}
