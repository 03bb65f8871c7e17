//! gzip in a store beside the programs `gzip` and `pigz`, at their usual level.

use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use paginum::storage::{Durability, GzipStore, MemoryStore, Store, StoreOptions};

use crate::clock::Clock;

const N_BYTES: usize = 64 << 20;
const ROUNDS: usize = 3;

/// What an array is, mostly: measurements of few digits, as they are.
fn measured() -> Vec<u8> {
    let state = super::states(N_BYTES / 8);
    let value =
        |(i, state): (usize, u64)| (i as f64 / 997.0).sin().mul_add(50.0, (state >> 60) as f64);
    state
        .enumerate()
        .map(value)
        .flat_map(|x| ((x * 100.0).round() / 100.0).to_le_bytes())
        .collect()
}

/// MB/s of what is not compressed.
fn speed(mut work: impl FnMut() -> Duration) -> f64 {
    let best = (0..ROUNDS).map(|_| work()).min().unwrap();
    N_BYTES as f64 / best.as_secs_f64() / 1e6
}

fn ours(plain: &[u8]) -> (usize, f64, f64) {
    let memory = Arc::new(MemoryStore::new());
    let of = |work: &dyn Fn()| Clock::Process.time(work);
    let n_writes = std::cell::Cell::new(0_u8);
    let store = || {
        // The name decides for a new file: this one has none, and what is there decides.
        GzipStore::new(memory.clone(), &StoreOptions::default())
    };
    let mut first = flate2::GzBuilder::new().write(Vec::new(), flate2::Compression::new(6));
    first.write_all(b"to be replaced").unwrap();
    let mut stage = memory.stage().unwrap();
    stage.write_all(&first.finish().unwrap()).unwrap();
    stage.commit(Durability::Synced).unwrap();
    let write = speed(|| {
        let store = store();
        store.open().unwrap();
        of(&|| {
            let mut stage = store.stage().unwrap();
            // Another byte each time, or what was there already would stay.
            n_writes.set(n_writes.get() + 1);
            stage.write_all(&[n_writes.get()]).unwrap();
            stage.write_all(&plain[1..]).unwrap();
            stage.commit(Durability::Synced).unwrap();
        })
    });
    let read = speed(|| of(&|| assert_eq!(store().open().unwrap().len(), N_BYTES as u64)));
    (memory.bytes().unwrap().len(), write, read)
}

/// Processor time of the children of this process.
fn children() -> Duration {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = text
        .rsplit(')')
        .next()
        .unwrap()
        .split_whitespace()
        .collect();
    // In hundredths of a second: `cutime` and `cstime`.
    let ticks: u64 = fields[13..15]
        .iter()
        .map(|field| field.parse::<u64>().unwrap())
        .sum();
    Duration::from_millis(ticks * 10)
}

fn theirs(program: &str, plain: &Path) -> io::Result<(usize, f64, f64)> {
    let packed = plain.with_extension(program);
    let run = |arguments: &[&str], path: &Path, out: Stdio| -> io::Result<Duration> {
        let before = children();
        let status = Command::new(program)
            .args(arguments)
            .arg(path)
            .stdout(out)
            .status()?;
        assert!(status.success());
        Ok(children() - before)
    };
    run(&["-c", "-6"], plain, std::fs::File::create(&packed)?.into())?;
    let write = speed(|| run(&["-c", "-6"], plain, Stdio::null()).unwrap());
    let read = speed(|| run(&["-dc"], &packed, Stdio::null()).unwrap());
    Ok((std::fs::metadata(&packed)?.len() as usize, write, read))
}

pub(crate) fn compare() {
    let plain = measured();
    println!(
        "| gzip at level 6, 64 MiB of measurements | ratio | write MB/s | read MB/s |\n|---|---|---|---|"
    );
    let row = |name: &str, (n, write, read): (usize, f64, f64)| {
        let ratio = N_BYTES as f64 / n as f64;
        println!("| {name} | {ratio:.2} | {write:.0} | {read:.0} |");
    };
    row("paginum", ours(&plain));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plain");
    std::fs::write(&path, &plain).unwrap();
    for program in ["gzip", "pigz"] {
        match theirs(program, &path) {
            Ok(found) => row(program, found),
            Err(error) => println!("| {program} | {error} | | |"),
        }
    }
}
