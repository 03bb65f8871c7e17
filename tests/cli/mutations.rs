//! Damaged files under every verb: whatever the bytes, the command ends by itself with a status of its table, within
//! 2 GiB of addresses and ten seconds of a processor.
//!
//! `cargo test` makes a few hundred runs from a fixed seed; `make fuzz-cli RUNS=25000 SEED=7` makes more. What fails is
//! kept under `target/fuzz-cli`, with the line that fails on it.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::arrays::save_new;
use crate::run::{paginum, stderr};

/// A verb over the damaged file `IN`; what it writes is called `new`.
const LINES: [&str; 29] = [
    "ls IN",
    "ls IN --json",
    "cat IN --rows ..3",
    "cat IN b --format json",
    "cat IN a --format csv",
    "inspect IN",
    "inspect IN --json",
    "verify IN",
    "verify IN good.npy",
    "diff IN good.npy",
    "diff good.pv IN",
    "compress IN -o new.pco",
    "compress IN -o new/",
    "decompress IN -o new.npy",
    "decompress IN --raw -o new.bin",
    "unpack IN -o new",
    "pack IN good.npy -o new.pv",
    "convert IN new.npz",
    "cp IN new.gz",
    "convert IN new.pv",
    "append IN good.npy",
    "append good.pv IN",
    "rm IN b",
    "compact IN",
    "repair IN",
    "repair IN --salvage -o new.pv",
    "advise IN",
    "view IN -o new.png",
    "convert IN new.pzp",
];

/// xorshift64*: the same numbers on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let x = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d);
        (x >> 33) as usize % n.max(1)
    }

    /// A place in `bytes`, at their ends more often than elsewhere: there stand headers, directories and lengths.
    fn place(&mut self, bytes: &[u8]) -> usize {
        let n = bytes.len();
        match self.below(3) {
            0 => self.below(n.min(64)),
            1 => n - 1 - self.below(n.min(200)),
            _ => self.below(n),
        }
    }
}

/// Damages `bytes` as disks, cut downloads and people with bad intentions do. `other` is a file to take bytes from.
fn mutate(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    for _ in 0..=random.below(4) {
        if bytes.is_empty() {
            return;
        }
        let at = random.place(bytes);
        let len = (1 + random.below(16)).min(bytes.len() - at);
        match random.below(9) {
            0 | 1 => bytes[at] ^= 1 << random.below(8),
            2 => bytes[at] = random.below(256) as u8,
            3 => bytes[at..at + len].fill([0, 0xff][random.below(2)]),
            4 => bytes.truncate(at),
            5 => drop(bytes.drain(at..at + len)),
            6 => {
                let again = bytes[at..at + len].to_vec();
                bytes.splice(at..at, again);
            }
            7 => {
                let from = random.below(other.len());
                let len = len.min(other.len() - from);
                bytes[at..at + len].copy_from_slice(&other[from..from + len]);
            }
            // A length that is much too large, or almost right.
            _ => {
                let near = (bytes.len() as u64)
                    .wrapping_add(random.below(9) as u64)
                    .wrapping_sub(4);
                let numbers = [
                    u64::MAX,
                    1 << 63,
                    1 << 40,
                    u64::from(u32::MAX),
                    1 << 31,
                    near,
                    0,
                    1,
                ];
                let number = numbers[random.below(numbers.len())].to_le_bytes();
                let len = [1, 2, 4, 8][random.below(4)].min(bytes.len() - at);
                bytes[at..at + len].copy_from_slice(&number[..len]);
            }
        }
    }
}

/// Files of every format, by their names.
fn seeds(folder: &Path) -> Vec<(String, Vec<u8>)> {
    save_new(folder, "a.npy", "<f8", &[700]);
    save_new(folder, "b.npy", "<i4", &[300, 3]);
    save_new(folder, "c.npy", ">u2", &[500]);
    save_new(folder, "d.npy", "|b1", &[900]);
    let all = "a.npy b.npy c.npy d.npy";
    for line in [
        "compress a.npy -o a.pco --row-index",
        "compress b.npy -o b.pco --chunk-n 200",
        "compress c.npy -o c.pco --plain --level 4",
    ] {
        paginum(folder, line);
    }
    paginum(folder, &format!("pack {all} -o native.pv --compat native"));
    paginum(folder, &format!("pack {all} -o foreign.pv --compat 0.7"));
    paginum(folder, "pack a.npy b.npy d.npy -o old.pv --compat 0.2");
    paginum(
        folder,
        &format!("pack {all} -o shuffled.pv --compat native --filter shuffle"),
    );
    paginum(
        folder,
        &format!("pack {all} -o numeric.pv --compat native --filter numeric"),
    );
    // A file with a past: dead regions, and several versions of its index.
    paginum(folder, &format!("pack {all} -o edited.pv --compat native"));
    paginum(folder, "rm edited.pv c");
    paginum(folder, "append edited.pv c.npy");
    paginum(folder, "convert native.pv all.npz");
    save_new(folder, "clip.npy", "|u1", &[5, 6, 4, 3]);
    for pictures in ["clip.pzp", "clip.png"] {
        paginum(folder, &format!("convert clip.npy {pictures}"));
    }
    let names = [
        "a.npy",
        "b.npy",
        "a.pco",
        "b.pco",
        "c.pco",
        "all.npz",
        "native.pv",
        "foreign.pv",
        "old.pv",
        "shuffled.pv",
        "numeric.pv",
        "edited.pv",
        "clip.pzp",
        "clip.png",
    ];
    names
        .map(|name| (name.to_owned(), fs::read(folder.join(name)).unwrap()))
        .into()
}

/// Whether a run succeeded; what is wrong with how it ended, if anything is.
fn try_line(folder: &Path, arguments: &str) -> Result<bool, String> {
    let output = Command::new("sh")
        .args(["-c", "ulimit -v 2097152; ulimit -t 10; exec \"$0\" \"$@\""])
        .arg(assert_cmd::cargo::cargo_bin!("paginum"))
        .args(arguments.split(' '))
        .args(["--threads", "1"])
        .env("RUST_BACKTRACE", "0")
        .current_dir(folder)
        .output()
        .unwrap();
    let said = stderr(&output);
    let is_in_table = match output.status.code() {
        Some(0 | 2..=6) => true,
        Some(1) => arguments.starts_with("diff"),
        // A signal, or a panic.
        _ => false,
    };
    // Who refuses says why: on standard error, or in a document that was asked for.
    let has_words = output.status.success() || !said.is_empty() || !output.stdout.is_empty();
    let is_calm = !said.contains("panicked");
    match is_in_table && has_words && is_calm {
        true => Ok(output.status.success()),
        false => Err(format!("{:?}: {said}", output.status)),
    }
}

fn number_of(variable: &str, default: u64) -> u64 {
    let value = std::env::var(variable).ok();
    value.map_or(default, |value| value.parse().unwrap())
}

#[test]
fn damaged_files_end_every_verb_with_a_status_of_its_table() {
    let n_runs = number_of("PAGINUM_FUZZ_CLI_RUNS", 300);
    let seed = number_of("PAGINUM_FUZZ_CLI_SEED", 1);
    let stage = tempfile::tempdir().unwrap();
    let seeds = seeds(stage.path());
    let good = |name: &str| fs::read(stage.path().join(name)).unwrap();
    let (good_npy, good_pv) = (good("c.npy"), good("native.pv"));
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let (mut n_good, mut n_refused, mut n_faults) = (0, 0, 0);
    for run in 0..n_runs as usize {
        let (name, bytes) = &seeds[random.below(seeds.len())];
        let other = &seeds[random.below(seeds.len())].1;
        let mut damaged = bytes.clone();
        mutate(&mut damaged, other, &mut random);
        // Each verb has its turn.
        let line = LINES[run % LINES.len()].replace("IN", name);

        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        fs::write(folder.join("good.npy"), &good_npy).unwrap();
        fs::write(folder.join("good.pv"), &good_pv).unwrap();
        fs::write(folder.join(name), &damaged).unwrap();
        let outcome = try_line(folder, &line);
        *match outcome {
            Ok(true) => &mut n_good,
            Ok(false) => &mut n_refused,
            Err(_) => &mut n_faults,
        } += 1;
        if let Err(fault) = outcome {
            let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/fuzz-cli");
            fs::create_dir_all(&kept).unwrap();
            let file = kept.join(format!("{seed}-{run}-{name}"));
            fs::write(&file, &damaged).unwrap();
            println!("{line}, where {name} is {}: {fault}", file.display());
        }
    }
    println!(
        "seed {seed}: {n_good} runs succeeded, {n_refused} were refused, {n_faults} are faults"
    );
    assert_eq!(n_faults, 0, "of {n_runs} runs from seed {seed}");
    // Damage that nothing notices, or that always ends at the first byte, would try nothing.
    assert!(
        n_good.min(n_refused) > n_runs / 100,
        "{n_good}, {n_refused}"
    );
}

#[test]
fn every_verb_that_reads_has_a_line() {
    let help = paginum(Path::new("."), "--help");
    let commands = help.split("Commands:").nth(1).unwrap();
    let commands = commands.split("\n\n").next().unwrap();
    // They read no file, or read it as others do and take long.
    let others = ["completions", "man", "help", "bench"];
    for line in commands.lines().filter(|line| line.starts_with("  ")) {
        let Some(verb) = line[2..].split(' ').next().filter(|verb| !verb.is_empty()) else {
            continue;
        };
        let is_tried = LINES
            .iter()
            .any(|line| line.split(' ').next() == Some(verb));
        assert!(is_tried || others.contains(&verb), "{verb} is not tried");
    }
}
