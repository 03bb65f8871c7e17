//! Stores beside others: ranges from a web server on this machine by this program, Python's `requests` and `obstore`; and gzip
//! beside `gzip` and `pigz`.
//!
//! `cargo bench --bench stores`, with a Python that has the two: `python3`, or what `PAGINUM_BENCH_PYTHON` names. Who is missing
//! is left out. Ranges by the clock, the least of some rounds, each from a reader that holds nothing yet; gzip by processor
//! time, that of the other programs with what starting them takes.

#![allow(clippy::unwrap_used, reason = "a benchmark stops at the first failure")]
#![allow(missing_docs, reason = "a program")]

#[allow(dead_code, reason = "each benchmark uses some of it")]
#[path = "../support/clock.rs"]
mod clock;
mod gzip;
mod server;

use std::path::Path;
use std::process::Command;

use paginum::storage::{Drivers, Part, ReadAt, StoreOptions};

use clock::Clock;

const N_RANGES: usize = 512;
const RANGE_BYTES: usize = 64 << 10;
const AT_ONCE: usize = 8;
const ROUNDS: usize = 7;

/// Numbers that look random, the same each time: those of `peers.py`.
fn states(n: usize) -> impl Iterator<Item = u64> {
    let next = |state: &u64| {
        let next = state.wrapping_mul(6364136223846793005);
        Some(next.wrapping_add(1442695040888963407))
    };
    std::iter::successors(Some(1_u64), next).skip(1).take(n)
}

fn noise(n_bytes: usize) -> Vec<u8> {
    states(n_bytes / 4)
        .flat_map(|state| ((state >> 32) as u32).to_le_bytes())
        .collect()
}

/// Starts of ranges, none of which touches another: nothing is there to be merged.
fn starts() -> Vec<u64> {
    let mut starts: Vec<u64> = (0..N_RANGES as u64)
        .map(|i| i * 4 * RANGE_BYTES as u64)
        .collect();
    for (i, state) in states(N_RANGES).enumerate() {
        starts.swap(i, (state >> 33) as usize % N_RANGES);
    }
    starts
}

fn read_in_turn(reader: &dyn ReadAt, starts: &[u64]) {
    let mut buf = vec![0; RANGE_BYTES];
    for &start in starts {
        reader.read_exact_at(&mut buf, start).unwrap();
    }
}

fn read_at_once(reader: &dyn ReadAt, starts: &[u64]) {
    let mut buf = vec![0; AT_ONCE * RANGE_BYTES];
    for starts in starts.chunks(AT_ONCE) {
        let places = buf.chunks_mut(RANGE_BYTES).zip(starts);
        let mut parts: Vec<Part<'_>> = places.map(|(buf, &offset)| Part { offset, buf }).collect();
        reader.read_many(&mut parts).unwrap();
    }
}

/// Ranges a second.
fn ours(url: &str, read: fn(&dyn ReadAt, &[u64])) -> f64 {
    let starts = starts();
    let round = |_| {
        let drivers = Drivers::default().with_options(StoreOptions::default());
        let reader = drivers.store(url).unwrap().open().unwrap();
        // The connection is there before the clock runs, as it is for the others.
        reader.read_exact_at(&mut [0; 8], reader.len() - 8).unwrap();
        let begun = Clock::Wall.start();
        read(&*reader, &starts);
        N_RANGES as f64 / begun.elapsed().as_secs_f64()
    };
    (0..ROUNDS).map(round).fold(0.0, f64::max)
}

fn theirs(url: &str) -> String {
    let python = std::env::var("PAGINUM_BENCH_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/stores/peers.py");
    let numbers = [N_RANGES, RANGE_BYTES, AT_ONCE, ROUNDS].map(|number| number.to_string());
    let output = Command::new(python)
        .arg(script)
        .arg(url)
        .args(numbers)
        .output();
    match output {
        Ok(output) if output.status.success() => String::from_utf8(output.stdout).unwrap(),
        Ok(output) => format!(
            "| (the Python failed) | {} |\n",
            String::from_utf8_lossy(&output.stderr)
        ),
        Err(error) => format!("| (no Python) | {error} |\n"),
    }
}

fn main() {
    let server = server::Server::start(noise(4 * N_RANGES * RANGE_BYTES));
    println!("| {N_RANGES} ranges of 64 KiB from this machine | ranges a second |\n|---|---|");
    println!(
        "| paginum, one after another | {:.0} |",
        ours(&server.url, read_in_turn)
    );
    println!(
        "| paginum, {AT_ONCE} at once | {:.0} |",
        ours(&server.url, read_at_once)
    );
    print!("{}", theirs(&server.url));
    println!();
    gzip::compare();
}
