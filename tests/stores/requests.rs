//! How often a distant store is asked, and for how much.

use std::io::{self, Write};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use paginum::container::{File, Formats, OpenOptions, npz, pv};
use paginum::storage::{Access, MemoryStore, Part, ReadAt, requests};
use paginum::{Array, ArraySpec};

/// Bytes behind a network, as far as a reader can tell. A request is a round trip: what is asked for at once comes at once.
#[derive(Debug)]
struct Distant {
    bytes: Vec<u8>,
    n_requests: AtomicU64,
    n_bytes: AtomicU64,
}

impl Distant {
    fn new(bytes: Vec<u8>) -> Arc<Self> {
        Arc::new(Self {
            bytes,
            n_requests: AtomicU64::new(0),
            n_bytes: AtomicU64::new(0),
        })
    }

    /// Round trips and bytes since the last call.
    fn cost(&self) -> (u64, u64) {
        (
            self.n_requests.swap(0, Ordering::Relaxed),
            self.n_bytes.swap(0, Ordering::Relaxed),
        )
    }
}

impl ReadAt for Distant {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }
    fn read_many(&self, parts: &mut [Part<'_>]) -> io::Result<()> {
        let ranges: Vec<Range<u64>> = parts
            .iter()
            .map(|part| part.offset..part.offset + part.buf.len() as u64)
            .collect();
        // The gaps that are fetched with them count.
        let fetched = requests(&ranges, &self.access());
        let n_bytes: u64 = fetched.iter().map(|range| range.end - range.start).sum();
        self.n_requests.fetch_add(1, Ordering::Relaxed);
        self.n_bytes.fetch_add(n_bytes, Ordering::Relaxed);
        self.bytes.read_many(parts)
    }
    fn access(&self) -> Access {
        Access::REMOTE
    }
}

/// Measurements of two decimals.
fn measured(n: usize, step: u64) -> Array {
    let values: Vec<f64> = (0..n as u64)
        .map(|i| (i * i * step % 10_007) as f64 / 100.0)
        .collect();
    Array::from_numbers(&values).unwrap()
}

/// What nothing makes smaller.
fn noise(n: usize) -> Array {
    let mut state = 1_u64;
    let mut next = || {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        f64::from_bits(0x3ff0_0000_0000_0000 | state >> 12)
    };
    let values: Vec<f64> = (0..n).map(|_| next()).collect();
    Array::from_numbers(&values).unwrap()
}

fn file_of(n_arrays: usize, n_large: usize) -> (Arc<Distant>, Array) {
    let store = MemoryStore::new();
    let mut writer = pv::Writer::create(&store, pv::WriteOptions::default()).unwrap();
    let (small, large) = (measured(40, 3), measured(100_000, 7));
    for i in 0..n_arrays {
        let array = if i % (n_arrays / n_large) == 7 {
            &large
        } else {
            &small
        };
        writer.write(&format!("a{i}"), array).unwrap();
    }
    writer.commit().unwrap();
    (Distant::new(store.bytes().unwrap().to_vec()), large)
}

fn open(store: &Arc<Distant>) -> File {
    Formats::default()
        .open(store.clone(), &OpenOptions::default())
        .unwrap()
}

#[test]
fn rows_of_one_of_five_thousand_arrays_cost_six_round_trips_and_256_kib() {
    let (store, large) = file_of(5_000, 5);
    let file = open(&store);
    let rows = file.read_rows("a2007", 50_000..51_000).unwrap();
    assert_eq!(rows.bytes(), &large.bytes()[400_000..408_000]);
    let (n_requests, n_bytes) = store.cost();
    eprintln!(
        "{n_requests} round trips, {n_bytes} bytes of {}",
        store.len()
    );
    assert!(n_requests <= 6, "{n_requests} round trips");
    assert!(n_bytes <= 256 << 10, "{n_bytes} bytes");
}

#[test]
fn a_list_of_five_thousand_arrays_costs_three_round_trips() {
    let (store, _) = file_of(5_000, 5);
    let file = open(&store);
    file.prefetch_entries().unwrap();
    for index in 0..file.n_arrays() {
        assert_eq!(file.entry(index).unwrap().dtype, "<f8");
    }
    assert_eq!(file.dead_bytes().unwrap(), 0);
    let (n_requests, n_bytes) = store.cost();
    eprintln!(
        "{n_requests} round trips, {n_bytes} bytes of {}",
        store.len()
    );
    assert!(n_requests <= 3, "{n_requests} round trips");
}

#[test]
fn a_list_of_four_hundred_members_costs_two_round_trips() {
    let mut file = Vec::new();
    let mut writer = npz::NpzWriter::new(&mut file);
    let array = noise(20_000);
    for i in 0..400 {
        let spec = ArraySpec::new("<f8".parse().unwrap(), [20_000]).unwrap();
        let mut out = writer.begin_array(&format!("a{i}"), &spec).unwrap();
        out.write_all(array.bytes()).unwrap();
    }
    writer.finish().unwrap();
    let store = Distant::new(file);
    let file = open(&store);
    file.prefetch_entries().unwrap();
    for index in 0..file.n_arrays() {
        assert_eq!(file.entry(index).unwrap().shape, [20_000]);
    }
    let (n_requests, n_bytes) = store.cost();
    eprintln!(
        "{n_requests} round trips, {n_bytes} bytes of {}",
        store.len()
    );
    assert!(n_requests <= 2, "{n_requests} round trips");
    assert!(n_bytes < 2 << 20, "{n_bytes} bytes");
    assert_eq!(
        file.read_rows("a200", 10..11).unwrap().bytes(),
        &array.bytes()[80..88]
    );
    let (n_requests, _) = store.cost();
    assert!(n_requests <= 2, "{n_requests} round trips for a member");
}

#[test]
fn a_whole_array_and_a_check_of_all_come_in_large_pieces() {
    let (store, large) = file_of(100, 4);
    let file = open(&store);
    store.cost();
    assert_eq!(file.read("a32").unwrap(), large);
    let (n_requests, _) = store.cost();
    assert!(n_requests <= 3, "{n_requests} round trips for an array");
    file.verify_structure().unwrap();
    for index in 0..file.n_arrays() {
        file.open_array(index).unwrap().verify().unwrap();
    }
    let (n_requests, _) = store.cost();
    eprintln!("{n_requests} round trips to verify 100 arrays");
    assert!(
        n_requests <= 150,
        "{n_requests} round trips to verify 100 arrays"
    );
}

/// Headers, then the bytes of the rows: an image of eight megabytes is not fetched.
#[cfg(feature = "fits")]
#[test]
fn rows_of_an_image_cost_four_round_trips_and_256_kib() {
    use paginum::container::{Format, NewArray, fits::FitsFormat};
    use paginum::storage::Store;
    let store = MemoryStore::new();
    let pixels = noise(1_000_000);
    let spec = ArraySpec::new("<f8".parse().unwrap(), [1000, 1000]).unwrap();
    let mut writer = FitsFormat::default().create(&store).unwrap();
    let mut sink = writer.begin(NewArray::new("SKY", &spec)).unwrap();
    sink.push_rows(pixels.bytes()).unwrap();
    sink.finish().unwrap();
    writer.commit().unwrap();
    let bytes = store.open().unwrap();
    let distant = Distant::new(bytes.as_slice().unwrap().to_vec());
    let file = open(&distant);
    let rows = file.read_rows("SKY", 500..505).unwrap();
    assert_eq!(rows.bytes(), &pixels.bytes()[500 * 8000..505 * 8000]);
    let (n_requests, n_bytes) = distant.cost();
    assert!(
        n_requests <= 4 && n_bytes <= 256 << 10,
        "{n_requests} {n_bytes}"
    );
}
