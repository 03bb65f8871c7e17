//! `.gnz` files beside numpy: opened and looked at, by this program and by `numpy.memmap` as the reference does it.
//!
//! `cargo bench --bench gnz`, with a Python that has numpy: `python3`, or what `PAGINUM_BENCH_PYTHON` names. By processor time,
//! the least of many rounds. Ours reads by position, as it does by default, or looks at bytes in memory, which is what a
//! mapped file is to it (`MappedFile` is unsafe to open, since a map is only as constant as its file).

#![allow(clippy::unwrap_used, reason = "a benchmark stops at the first failure")]
#![allow(missing_docs, reason = "a program")]

#[allow(dead_code, reason = "each benchmark uses some of it")]
#[path = "../support/clock.rs"]
mod clock;

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use paginum::container::gnz::{GnzReader, GnzWriter};
use paginum::storage::{FileStore, Store};
use paginum::{Array, Limits};

use clock::Clock;

/// What numpy does: each task prints its name and seconds.
const PYTHON: &str = r#"
import json, struct, sys, time
import numpy as np
def header(path):
    with open(path, 'rb') as f:
        assert f.read(4) == b'GNZ1'
        return json.loads(f.read(struct.unpack('<I', f.read(4))[0]))['arrays']
def view(path, a):
    return np.memmap(path, dtype=a['dtype'], mode='r', offset=a['offset'], shape=tuple(a['shape']))
def all_views(path):
    return [view(path, a) for a in header(path).values()]
def one(path):
    a = header(path)
    return view(path, a['x'])
def total(path):
    return one(path).sum()
def rows(path):
    return one(path)[1000000:1001000].copy()
one_file, many = sys.argv[1:]
for name, work, rounds in [
    ('open one array', lambda: one(one_file), 200),
    ('open 900 arrays', lambda: header(many), 50),
    ('open 900 and look at all', lambda: all_views(many), 20),
    ('open and read 1,000 rows', lambda: rows(one_file), 200),
    ('open and add up 256 MiB', lambda: total(one_file), 5),
]:
    best = 1e9
    for _ in range(rounds):
        t = time.process_time_ns(); work(); best = min(best, (time.process_time_ns() - t) / 1e9)
    print(name, best, sep='\t')
"#;

/// The least time of so many rounds, in seconds.
fn seconds<T>(rounds: usize, mut work: impl FnMut() -> T) -> f64 {
    let round = |_| {
        let time = Clock::Process.time(|| {
            std::hint::black_box(work());
        });
        time.as_secs_f64()
    };
    (0..rounds).map(round).fold(f64::INFINITY, f64::min)
}

fn write(path: &Path, arrays: Vec<(String, Array)>) {
    let mut writer = GnzWriter::new();
    for (name, array) in arrays {
        writer.add_array(&name, array).unwrap();
    }
    let filling = writer.write(&FileStore::new(path)).unwrap();
    filling.finalize().unwrap();
}

fn numpy(one: &Path, many: &Path) -> HashMap<String, f64> {
    let python = std::env::var("PAGINUM_BENCH_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let output = Command::new(python)
        .args(["-c", PYTHON])
        .args([one, many])
        .output();
    let output = output.unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let line = |line: &str| {
        let (name, seconds) = line.split_once('\t').unwrap();
        (name.to_owned(), seconds.parse().unwrap())
    };
    text.lines().map(line).collect()
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let (one, many) = (
        folder.path().join("one.gnz"),
        folder.path().join("many.gnz"),
    );
    let numbers: Vec<f64> = (0..1 << 25).map(f64::from).collect();
    write(
        &one,
        vec![("x".to_owned(), Array::from_numbers(&numbers).unwrap())],
    );
    drop(numbers);
    let small = |i| {
        (
            format!("array{i:03}"),
            Array::from_numbers(&[i as i16]).unwrap(),
        )
    };
    write(&many, (0..900).map(small).collect());
    let limits = Limits::default();
    let by_position =
        |path: &Path| GnzReader::open(FileStore::new(path).open().unwrap(), &limits).unwrap();
    let [one_bytes, many_bytes] = [&one, &many].map(|path| Arc::new(std::fs::read(path).unwrap()));
    let looked_at = |bytes: &Arc<Vec<u8>>| GnzReader::open(bytes.clone(), &limits).unwrap();
    let views = |reader: GnzReader| {
        let names: Vec<String> = reader.keys().map(str::to_owned).collect();
        names
            .iter()
            .filter(|name| reader.numbers_of::<i16>(name).unwrap().is_some())
            .count()
    };
    let rows = |path: &Path| {
        let file = paginum::open(path.to_str().unwrap()).unwrap();
        file.array("x")
            .unwrap()
            .read_rows(1_000_000..1_001_000)
            .unwrap()
    };
    let sum = |reader: GnzReader| -> f64 {
        let numbers = reader.numbers_of::<f64>("x").unwrap().unwrap();
        let (eights, rest) = numbers.as_chunks::<8>();
        let mut sums = [0.0; 8];
        eights
            .iter()
            .for_each(|eight| (0..8).for_each(|i| sums[i] += eight[i]));
        sums.iter().sum::<f64>() + rest.iter().sum::<f64>()
    };
    let ours = [
        (
            "open one array",
            "by position",
            seconds(2000, || by_position(&one)),
        ),
        (
            "open one array",
            "in memory",
            seconds(2000, || looked_at(&one_bytes)),
        ),
        (
            "open 900 arrays",
            "by position",
            seconds(200, || by_position(&many)),
        ),
        (
            "open 900 arrays",
            "in memory",
            seconds(200, || looked_at(&many_bytes)),
        ),
        (
            "open 900 and look at all",
            "in memory",
            seconds(200, || views(looked_at(&many_bytes))),
        ),
        (
            "open and read 1,000 rows",
            "by position",
            seconds(1000, || rows(&one)),
        ),
        (
            "open and add up 256 MiB",
            "in memory",
            seconds(5, || sum(looked_at(&one_bytes))),
        ),
    ];
    let theirs = numpy(&one, &many);
    println!("| task | ours | µs | numpy.memmap, µs | times as fast |\n|---|---|---|---|---|");
    for (task, way, time) in ours {
        let other = theirs[task];
        let (time, other) = (time * 1e6, other * 1e6);
        println!(
            "| {task} | {way} | {time:.1} | {other:.1} | {:.1} |",
            other / time
        );
    }
}
