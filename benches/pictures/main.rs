//! Pictures: `.pzp` beside PNG (the crate `png`), QOI and plain zstd, in memory, by processor time.
//!
//! `cargo bench --bench pictures -- [FOLDER]` takes the pictures of the `.pzp` files in a folder, without one two that it makes.

#![allow(clippy::unwrap_used, reason = "a benchmark stops at the first failure")]
#![allow(missing_docs, reason = "a program")]

#[allow(dead_code, reason = "each benchmark uses some of it")]
#[path = "../support/clock.rs"]
mod clock;

use std::sync::Arc;

use paginum::container::pzp::{PzpFormat, PzpOptions};
use paginum::container::{Format, Formats, NewArray, OpenOptions, png::PngFormat};
use paginum::storage::{MemoryStore, Store};
use paginum::{Array, ArraySpec};

use clock::Clock;

/// A way to keep a picture.
type Way<'a> = (
    String,
    Box<dyn Fn(&Array) -> Vec<u8> + 'a>,
    Box<dyn Fn(&[u8], &Array) + 'a>,
);

/// The shortest processor time of several runs, in seconds: other work on the machine does not count.
fn seconds(mut work: impl FnMut()) -> f64 {
    const MIN_RUNS: usize = 5;
    const MIN_SECONDS: f64 = 0.2;
    const MAX_SECONDS: f64 = 1.0;
    let (mut best, mut total, mut n) = (f64::INFINITY, 0.0, 0);
    while total < MAX_SECONDS && (n < MIN_RUNS || total < MIN_SECONDS) {
        let time = Clock::Process.time(&mut work).as_secs_f64();
        (best, total, n) = (best.min(time), total + time, n + 1);
    }
    best
}

fn write(format: &dyn Format, array: &Array) -> Vec<u8> {
    let store = MemoryStore::new();
    let mut writer = format.create(&store).unwrap();
    let mut sink = writer.begin(NewArray::new("a", array.spec())).unwrap();
    sink.push_rows(array.bytes()).unwrap();
    sink.finish().unwrap();
    writer.commit().unwrap();
    let bytes = store.open().unwrap();
    bytes.as_slice().unwrap().to_vec()
}

fn read(bytes: &[u8], array: &Array) {
    let options = OpenOptions::default();
    let file = Formats::default()
        .open(Arc::new(bytes.to_vec()), &options)
        .unwrap();
    assert!(file.array_at(0).read().unwrap().bytes() == array.bytes());
}

/// Checks every byte, without an array to read it into: nothing for what is no file of arrays.
fn verify(bytes: &Arc<Vec<u8>>) {
    let file = Formats::default().open(bytes.clone(), &OpenOptions::default());
    file.unwrap().open_array(0).unwrap().verify().unwrap();
}

fn ways<'a>(array: &Array) -> Vec<Way<'a>> {
    let default = PzpOptions::default();
    let mut ways: Vec<Way<'a>> = Vec::new();
    let mut add = |name: &str, format: Arc<dyn Format>| {
        let write = move |array: &Array| write(&*format, array);
        ways.push((name.to_owned(), Box::new(write), Box::new(read)));
    };
    let settings = [
        ("pzp zstd", default.with_left_delta(false)),
        ("pzp left+zstd", default),
        ("pzp left+lz4", default.with_lz4(true)),
        (
            "pzp palette+zstd19",
            default.with_left_delta(false).with_palette(true),
        ),
        ("pzp 0.03 zstd", default.with_groups(true)),
        ("pzp --best", default.with_best(true)),
    ];
    for (name, options) in settings {
        add(name, Arc::new(PzpFormat::new(options)));
    }
    add("png", Arc::new(PngFormat));
    for level in [1, 3] {
        let compress = move |array: &Array| zstd::bulk::compress(array.bytes(), level).unwrap();
        let decompress = |bytes: &[u8], array: &Array| {
            let all = zstd::bulk::decompress(bytes, array.bytes().len()).unwrap();
            assert!(all == array.bytes());
        };
        ways.push((
            format!("zstd {level}"),
            Box::new(compress),
            Box::new(decompress),
        ));
    }
    let [height, width, channels] = size(array.spec());
    if array.spec().dtype().item_bytes() == 1 && channels > 2 {
        let encode = move |array: &Array| {
            qoi::encode_to_vec(array.bytes(), width as u32, height as u32).unwrap()
        };
        let decode = |bytes: &[u8], array: &Array| {
            assert!(qoi::decode_to_vec(bytes).unwrap().1 == array.bytes());
        };
        ways.push(("qoi".to_owned(), Box::new(encode), Box::new(decode)));
    }
    ways
}

fn size(spec: &ArraySpec) -> [u64; 3] {
    let axis = |i: usize| spec.shape().get(i).copied().unwrap_or(1);
    [axis(0), axis(1), axis(2)]
}

/// A slope with noise, and labels.
fn made() -> Vec<(String, Array)> {
    let mut state = 1_u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 29
    };
    let photo: Vec<u8> = (0..1080 * 1920 * 3_u32)
        .map(|i| ((i / 5760 + i / 3 % 1920) / 16 + i % 3 * 20 + noise()) as u8)
        .collect();
    let labels: Vec<u8> = (0..480 * 640 * 3_u32)
        .map(|i| ((i / 1920 / 60 * 7 + i / 3 % 640 / 90) % 11 * (1 + i % 3) * 7) as u8)
        .collect();
    let depth: Vec<u16> = (0..360 * 640_u32)
        .map(|i| (2000 + i / 640 * 9 + i % 640 * 5 + noise()) as u16)
        .collect();
    vec![
        (
            "made photo".to_owned(),
            Array::from_vec(photo, [1080, 1920, 3]).unwrap(),
        ),
        (
            "made labels".to_owned(),
            Array::from_vec(labels, [480, 640, 3]).unwrap(),
        ),
        (
            "made depth16".to_owned(),
            Array::from_vec(depth, [360, 640]).unwrap(),
        ),
    ]
}

fn pictures() -> Vec<(String, Array)> {
    let Some(folder) = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with('-'))
    else {
        return made();
    };
    let mut pictures = made();
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        // Of each picture once: the settings are this program's.
        if name.starts_with("v01") && name.ends_with("_c1.pzp") {
            let array = paginum::open(path.to_str().unwrap())
                .unwrap()
                .array_at(0)
                .read()
                .unwrap();
            if array.bytes().len() >= 1 << 14 {
                pictures.push((name, array));
            }
        }
    }
    pictures
}

fn main() {
    println!(
        "| picture | way | ratio | write MB/s | read MB/s | verify MB/s |\n|---|---|---|---|---|---|"
    );
    for (name, array) in pictures() {
        for (way, write, read) in ways(&array) {
            let bytes = write(&array);
            let raw = array.bytes().len() as f64;
            let written = seconds(|| drop(write(&array)));
            let taken = seconds(|| read(&bytes, &array));
            let bytes = Arc::new(bytes);
            let is_file = way.starts_with("pzp") || way == "png";
            let verified = match is_file {
                true => format!("{:.0}", raw / seconds(|| verify(&bytes)) / 1e6),
                false => String::new(),
            };
            println!(
                "| {name} {:?} | {way} | {:.2} | {:.0} | {:.0} | {verified} |",
                array.spec().shape(),
                raw / bytes.len() as f64,
                raw / written / 1e6,
                raw / taken / 1e6
            );
        }
    }
}
