//! Filters on arrays in memory: sizes, speeds and single rows, on one core, by processor time.
//!
//! `PAGINUM_BENCH_DATA=FOLDER cargo bench --bench filters -- [prices|dense] [PART]...` takes the arrays `name.dtype.bin` of the folders, those
//! whose names have a part, in flat shape. It prints the filter `fast` beside pco 8, `numeric` and a memcpy, array by array;
//! with `dense`, that filter beside pco 8 and `numeric`; with `prices`, what decoding a byte takes with each filter and width of words, as the table in `src/filter/goal.rs` has it.
//! Sizes are those of whole payloads, with frames, checksums and directories; pco's is a standalone file. Reading is that of an
//! open payload in memory: its checksums, its frames and its numbers, in one buffer that is used again.

#![allow(clippy::unwrap_used, reason = "a benchmark stops at the first failure")]

#[allow(dead_code, reason = "each benchmark uses some of it")]
#[path = "../support/clock.rs"]
mod clock;
mod dense;
mod fast;
mod prices;

use std::path::PathBuf;
use std::sync::Arc;

use paginum::filter::{ArrayReader, EncodeContext, Filter, Payload};
use paginum::wrapped::NumberType;
use paginum::{ArraySpec, Limits};

use clock::Clock;

/// An array of numbers.
struct Input {
    name: String,
    number_type: NumberType,
    spec: ArraySpec,
    rows: Vec<u8>,
}

impl Input {
    fn of(path: &PathBuf, parts: &[String]) -> Option<Self> {
        let file = path.file_name()?.to_string_lossy().into_owned();
        let name = file.strip_suffix(".bin")?;
        let (_, word) = name.rsplit_once('.')?;
        if !parts.is_empty() && !parts.iter().any(|part| name.contains(part)) {
            return None;
        }
        let number_type = NumberType::from_name(word)?;
        let rows = std::fs::read(path).unwrap();
        let size = number_type.size_bytes();
        let dtype = format!("<{}{size}", word.get(..1)?).parse().unwrap();
        Some(Self {
            name: name.to_owned(),
            number_type,
            spec: ArraySpec::new(dtype, [(rows.len() / size) as u64]).unwrap(),
            rows,
        })
    }

    fn encode(&self, filter: &dyn Filter) -> Vec<u8> {
        let mut payload = Vec::new();
        let context = EncodeContext::default();
        let mut encoder = filter.encoder(&self.spec, &context).unwrap();
        encoder.push_rows(&self.rows, &mut payload).unwrap();
        encoder.finish(&mut payload).unwrap();
        payload
    }

    fn open(&self, filter: &dyn Filter, payload: &Arc<Vec<u8>>) -> Box<dyn ArrayReader> {
        let n = payload.len() as u64;
        let payload = Payload::new(payload.clone(), 0..n).unwrap();
        filter
            .open(&self.spec, payload, &Limits::default())
            .unwrap()
    }

    /// Seconds in which all rows are read into a buffer, which must be those of the array.
    fn read_seconds(&self, reader: &dyn ArrayReader, out: &mut [u8]) -> f64 {
        let n = self.spec.rows();
        out.fill(0);
        let time = seconds(|| reader.read_rows_into(0..n, out).unwrap());
        assert!(*out == self.rows, "{}: other numbers came back", self.name);
        time
    }
}

/// The shortest time of several runs.
fn seconds(mut work: impl FnMut()) -> f64 {
    const MIN_RUNS: usize = 7;
    const MIN_SECONDS: f64 = 0.05;
    let (mut best, mut total, mut n) = (f64::INFINITY, 0.0, 0);
    while n < MIN_RUNS || total < MIN_SECONDS {
        let start = Clock::Thread.start();
        work();
        let time = start.elapsed().as_secs_f64();
        (best, total, n) = (best.min(time), total + time, n + 1);
    }
    best
}

/// The geometric mean; none of no numbers.
fn mean(numbers: impl Iterator<Item = f64>) -> Option<f64> {
    let logarithms: Vec<f64> = numbers.map(f64::ln).collect();
    let n = logarithms.len();
    (n > 0).then(|| (logarithms.iter().sum::<f64>() / n as f64).exp())
}

fn main() {
    // The clock is this thread's: what others did would not be counted.
    #[cfg(feature = "parallel")]
    rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build_global()
        .unwrap();
    let words: Vec<String> = std::env::args().skip(1).collect();
    let parts: Vec<String> = words
        .into_iter()
        .filter(|word| !word.starts_with('-'))
        .collect();
    let Ok(folders) = std::env::var("PAGINUM_BENCH_DATA") else {
        println!("PAGINUM_BENCH_DATA names no folder of arrays");
        return;
    };
    let mut files: Vec<PathBuf> = std::env::split_paths(&folders)
        .flat_map(|folder| std::fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let (tables, parts): (Vec<String>, Vec<String>) = parts
        .into_iter()
        .partition(|word| ["prices", "dense"].contains(&word.as_str()));
    let inputs = files.iter().filter_map(|path| Input::of(path, &parts));
    match tables.first().map(String::as_str) {
        Some("prices") => prices::print(inputs),
        Some(_) => dense::print(inputs),
        None => fast::print(inputs),
    }
}
