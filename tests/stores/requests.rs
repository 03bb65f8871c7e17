//! How often a distant store is asked, and for how much.

use std::io::Write;
use std::ops::Range;
use std::sync::Arc;

use paginum::container::{File, Formats, NewArray, OpenOptions, npz, pv};
use paginum::filter::Registry;
use paginum::storage::{Cached, Drivers, MemoryStore, ReadAt, Store};
use paginum::{Array, ArraySpec};

use crate::counting::Counting;
use crate::repeating::Repeating;

/// Measurements of two decimals.
pub(crate) fn measured(n: usize, step: u64) -> Array {
    let values: Vec<f64> = (0..n as u64)
        .map(|i| (i * i * step % 10_007) as f64 / 100.0)
        .collect();
    Array::from_numbers(&values).unwrap()
}

/// What nothing makes smaller.
pub(crate) fn noise(n: usize) -> Array {
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

fn file_of(n_arrays: usize, n_large: usize) -> (Arc<Counting>, Array) {
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
    (Counting::distant(store.bytes().unwrap().to_vec()), large)
}

fn open(store: &Arc<Counting>) -> File {
    open_as(store, "")
}

/// The same of a file whose name has an extension, which tells text alone.
fn open_as(store: &Arc<Counting>, extension: &str) -> File {
    let options = match extension {
        "csv" => OpenOptions::default().with_name("x.csv"),
        _ => OpenOptions::default(),
    };
    Formats::default().open(store.clone(), &options).unwrap()
}

/// A file of 1 GB of 5,000 arrays, whose headers lie far apart, in a few megabytes of memory.
#[test]
fn a_file_of_a_gigabyte_costs_few_requests() {
    const N_ARRAYS: u64 = 5_000;
    let store = Repeating::new();
    // What nothing makes smaller is written as fast as it goes by a filter that does not try.
    let options = pv::WriteOptions::default()
        .with_filter(pv::FilterChoice::named("none"))
        .with_array_filter("a2007", pv::FilterChoice::Auto)
        .with_filters(Registry::default().with_zstd_level(1));
    let (array, large) = (noise(30_000), measured(100_000, 7));
    let mut writer = pv::Writer::create(&store, options).unwrap();
    for i in 0..N_ARRAYS {
        let array = if i == 2007 { &large } else { &array };
        writer.write(&format!("a{i}"), array).unwrap();
    }
    writer.commit().unwrap();
    let bytes = store.open().unwrap();
    assert!(bytes.len() > 1_000_000_000, "{} bytes", bytes.len());
    assert!(store.n_kept() < 64 << 20, "{} bytes", store.n_kept());
    let store = Counting::over(bytes);

    let file = open(&store);
    let rows = file.read_rows("a2007", 50_000..51_000).unwrap();
    assert_eq!(rows.bytes(), &large.bytes()[400_000..408_000]);
    let [n_trips, n_requests, n_bytes] = store.costs();
    eprintln!("rows: {n_trips} round trips, {n_requests} requests, {n_bytes} bytes");
    assert!(n_requests <= 6, "{n_requests} requests");
    assert!(n_bytes <= 256 << 10, "{n_bytes} bytes");

    let file = open(&store);
    file.prefetch_entries().unwrap();
    for index in 0..file.n_arrays() {
        let (entry, is_large) = (file.entry(index).unwrap(), index == 2007);
        assert_eq!(entry.dtype, "<f8");
        assert_eq!(entry.shape, [if is_large { 100_000 } else { 30_000 }]);
        assert_eq!(entry.filter == "none", !is_large);
    }
    assert_eq!(file.dead_bytes().unwrap(), 0);
    let [n_trips, n_requests, n_bytes] = store.costs();
    eprintln!("ls: {n_trips} round trips, {n_requests} requests, {n_bytes} bytes");
    assert!(n_requests <= 3, "{n_requests} requests");
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
    let store = Counting::distant(file);
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
    let (n_requests, _) = cost_of_check(&store, &file);
    eprintln!("{n_requests} round trips to verify 100 arrays");
    assert!(
        n_requests <= 3,
        "{n_requests} round trips to verify 100 arrays"
    );
}

/// Checks all of a file: round trips, and bytes.
fn cost_of_check(store: &Counting, file: &File) -> (u64, u64) {
    store.cost();
    file.verify().unwrap();
    store.cost()
}

/// Dead bytes are sealed by frames and small indexes at both of their ends: what says how long each array is comes at once.
#[test]
fn a_list_of_a_file_that_was_edited_in_place_costs_few_round_trips() {
    let (bytes, array) = (MemoryStore::new(), noise(20_000));
    let mut writer = pv::Writer::create(&bytes, pv::WriteOptions::default()).unwrap();
    for i in 0..60 {
        writer.write(&format!("a{i}"), &array).unwrap();
    }
    writer.commit().unwrap();
    for first in [1, 2] {
        let mut edit = pv::Edit::new();
        (first..60)
            .step_by(5)
            .for_each(|i| edit.remove(format!("a{i}")));
        edit.add(format!("b{first}"), array.clone());
        let report = edit.apply(&bytes, &pv::EditOptions::default()).unwrap();
        assert!(report.is_in_place);
    }
    let store = Counting::distant(bytes.bytes().unwrap().to_vec());
    let file = open(&store);
    store.cost();
    file.prefetch_entries().unwrap();
    for index in 0..file.n_arrays() {
        let entry = file.entry(index).unwrap();
        assert!((1..170_000).contains(&entry.stored_bytes));
    }
    assert!(file.dead_bytes().unwrap() > 24 * 130_000);
    let (n_trips, n_bytes) = store.cost();
    eprintln!("{n_trips} round trips, {n_bytes} bytes to list a file that was edited twice");
    assert!(n_trips <= 6, "{n_trips} round trips");
    assert!(n_bytes <= 256 << 10, "{n_bytes} bytes");
    let file = open(&store);
    store.cost();
    file.verify_structure().unwrap();
    let (n_trips, _) = store.cost();
    eprintln!("{n_trips} round trips to check its structure");
    assert!(n_trips <= 5, "{n_trips} round trips");
}

/// What a cache has no room for at once comes in windows of half of it, and once.
#[test]
fn a_check_of_more_than_a_cache_holds_comes_in_windows() {
    const BUDGET: u64 = 2 << 20;
    let (bytes, array) = (MemoryStore::new(), noise(20_000));
    let mut writer = pv::Writer::create(&bytes, pv::WriteOptions::default()).unwrap();
    for i in 0..64 {
        writer.write(&format!("a{i}"), &array).unwrap();
    }
    writer.commit().unwrap();
    let store = Counting::distant(bytes.bytes().unwrap().to_vec());
    let cached = Arc::new(Cached::new(store.clone(), BUDGET));
    let file = Formats::default()
        .open(cached, &OpenOptions::default())
        .unwrap();
    let (n_requests, n_bytes) = cost_of_check(&store, &file);
    let len = store.len();
    eprintln!("{n_requests} round trips, {n_bytes} bytes to verify {len} bytes");
    // A window is smaller than half of the cache by less than an array. Headers and documents come before, and what stands
    // for an empty mesh behind: its few bytes lie in front of the others, and have been pushed out by then.
    let array_bytes = len / 64;
    assert!(array_bytes > 100 << 10, "{len} bytes");
    let most_requests = len.div_ceil(BUDGET / 2 - array_bytes) + 6;
    assert!(n_requests <= most_requests, "{n_requests} round trips");
    assert!(n_bytes <= len + len / 16, "{n_bytes} bytes of {len}");
}

/// A file of some arrays, in the format that an extension names.
pub(crate) fn file_bytes(extension: &str, arrays: &[(&str, &Array)]) -> Vec<u8> {
    let store = Drivers::default().store(&format!("mem://requests/x.{extension}"));
    let store = store.unwrap();
    let mut writer = Formats::default().create(&*store).unwrap();
    for (name, array) in arrays {
        let mut sink = writer.begin(NewArray::new(name, array.spec())).unwrap();
        sink.push_rows(array.bytes()).unwrap();
        sink.finish().unwrap();
    }
    writer.commit().unwrap();
    let bytes = store.open().unwrap();
    bytes.as_slice().unwrap().to_vec()
}

fn written(extension: &str, arrays: &[(&str, &Array)]) -> Arc<Counting> {
    Counting::distant(file_bytes(extension, arrays))
}

/// Opens a file and reads some rows of its array: round trips, and bytes.
fn cost_of_rows(
    (extension, store): (&str, &Arc<Counting>),
    array: &Array,
    rows: Range<u64>,
) -> (u64, u64) {
    let file = open_as(store, extension);
    let read = file.array_at(0).read_rows(rows.clone()).unwrap();
    // Text says numbers, and not how they lie.
    if extension != "csv" {
        let row_bytes = array.spec().row_bytes() as usize;
        let part = rows.start as usize * row_bytes..rows.end as usize * row_bytes;
        assert!(read.bytes() == &array.bytes()[part]);
    }
    store.cost()
}

/// Both ends; what says where things are; the rows.
#[test]
fn a_thousand_rows_cost_few_round_trips_in_every_container() {
    for (extension, most_trips, most_bytes) in [
        ("npy", 2, 256 << 10),
        ("gnz", 3, 256 << 10),
        ("pco", 4, 4 << 20),
        #[cfg(feature = "zstd")]
        ("pv", 4, 1 << 20),
        #[cfg(feature = "fits")]
        ("fits", 3, 256 << 10),
        // What deflate compressed is inflated from its start, and text is read whole.
        #[cfg(feature = "npz")]
        ("npz", 3, 9 << 20),
        ("csv", 4, 8 << 20),
    ] {
        // Text is slow to make and to read.
        let n = if extension == "csv" {
            50_000
        } else {
            1_000_000
        };
        let lines = noise(n);
        let store = written(extension, &[("x", &lines)]);
        let rows = n as u64 / 2..n as u64 / 2 + 1000;
        let (n_trips, n_bytes) = cost_of_rows((extension, &store), &lines, rows);
        eprintln!(
            "{extension}: {n_trips} round trips, {n_bytes} bytes of {}",
            store.len()
        );
        assert!(n_trips <= most_trips, "{extension}: {n_trips} round trips");
        assert!(n_bytes <= most_bytes, "{extension}: {n_bytes} bytes");
    }
}

/// The frames of an animation are rows.
#[cfg(any(feature = "png", feature = "pzp"))]
#[test]
fn frames_cost_few_round_trips() {
    let values: Vec<u8> = noise(200 * 64 * 64 / 8).bytes().to_vec();
    let film = Array::from_vec(values, [200, 64, 64, 1]).unwrap();
    for (extension, most_trips) in [
        #[cfg(feature = "pzp")]
        ("pzp", 4),
        #[cfg(feature = "png")]
        ("png", 12),
    ] {
        let store = written(extension, &[("x", &film)]);
        let (n_trips, n_bytes) = cost_of_rows((extension, &store), &film, 100..120);
        eprintln!(
            "{extension}: {n_trips} round trips, {n_bytes} bytes of {}",
            store.len()
        );
        assert!(n_trips <= most_trips, "{extension}: {n_trips} round trips");
    }
}

/// What `ls` asks for of a file of 400 arrays.
#[test]
fn a_list_of_four_hundred_arrays_costs_few_round_trips_in_every_container() {
    let array = noise(500);
    let names: Vec<String> = (0..400).map(|i| format!("a{i}")).collect();
    let columns: Vec<String> = names.iter().map(|name| format!("T/{name}")).collect();
    for (extension, names, most_trips) in [
        ("gnz", &names, 3),
        #[cfg(feature = "zstd")]
        ("pv", &names, 3),
        #[cfg(feature = "npz")]
        ("npz", &names, 2),
        // Each header says where the next one is: those of a row of equal ones are guessed.
        #[cfg(feature = "fits")]
        ("fits", &names, 6),
        #[cfg(feature = "fits")]
        ("fits", &columns, 5),
        ("csv", &names, 4),
    ] {
        let arrays: Vec<(&str, &Array)> =
            names.iter().map(|name| (name.as_str(), &array)).collect();
        let store = written(extension, &arrays);
        let file = open_as(&store, extension);
        file.prefetch_entries().unwrap();
        assert_eq!(file.n_arrays(), 400, "{extension}");
        for index in 0..file.n_arrays() {
            assert_eq!(file.entry(index).unwrap().shape, [500]);
        }
        let (n_trips, n_bytes) = store.cost();
        eprintln!(
            "{extension}: {n_trips} round trips, {n_bytes} bytes of {}",
            store.len()
        );
        assert!(n_trips <= most_trips, "{extension}: {n_trips} round trips");
    }
}

/// Images of other lengths each are found one after another, small ones several at once; a wrong guess costs its bytes alone.
#[cfg(feature = "fits")]
#[test]
fn headers_that_are_not_where_others_were_are_found() {
    let arrays: Vec<(String, Array)> = (0..60)
        .map(|i| {
            (
                format!("a{i}"),
                noise(if i % 20 < 10 { 300 } else { 100 * i }),
            )
        })
        .collect();
    let named: Vec<(&str, &Array)> = arrays
        .iter()
        .map(|(name, array)| (name.as_str(), array))
        .collect();
    let store = written("fits", &named);
    let file = open(&store);
    for (index, (name, array)) in arrays.iter().enumerate() {
        assert_eq!(file.path(index), name);
        assert_eq!(&file.array_at(index).read().unwrap(), array);
    }
    let file = open(&store);
    store.cost();
    drop(file);
    let file = open(&store);
    assert_eq!(file.n_arrays(), 60);
    let (n_trips, _) = store.cost();
    eprintln!("fits, of other lengths: {n_trips} round trips");
    assert!(n_trips <= 40, "{n_trips} round trips");
}

/// Headers, then the bytes of the rows: an image of eight megabytes is not fetched.
#[cfg(feature = "fits")]
#[test]
fn rows_of_an_image_cost_four_round_trips_and_256_kib() {
    use paginum::container::{Format, fits::FitsFormat};
    let store = MemoryStore::new();
    let pixels = noise(1_000_000);
    let spec = ArraySpec::new("<f8".parse().unwrap(), [1000, 1000]).unwrap();
    let mut writer = FitsFormat::default().create(&store).unwrap();
    let mut sink = writer.begin(NewArray::new("SKY", &spec)).unwrap();
    sink.push_rows(pixels.bytes()).unwrap();
    sink.finish().unwrap();
    writer.commit().unwrap();
    let bytes = store.open().unwrap();
    let distant = Counting::distant(bytes.as_slice().unwrap().to_vec());
    let file = open(&distant);
    let rows = file.read_rows("SKY", 500..505).unwrap();
    assert_eq!(rows.bytes(), &pixels.bytes()[500 * 8000..505 * 8000]);
    let (n_requests, n_bytes) = distant.cost();
    assert!(
        n_requests <= 4 && n_bytes <= 256 << 10,
        "{n_requests} {n_bytes}"
    );
}
