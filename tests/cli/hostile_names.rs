//! Names that are more than letters: of files that are no UTF-8, and of files and arrays that would command a terminal.
#![cfg(unix)]

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Output;

use paginum::container::npz::NpzWriter;

use crate::arrays::{array, save_new};
use crate::run::{command, stderr};

fn run(folder: &Path, arguments: &[&OsStr]) -> Output {
    command(folder).args(arguments).output().unwrap()
}

/// Clears the screen, and says that it was somebody else.
const EVIL: &str = "a\u{1b}[2J\u{7}\u{9b}31m\u{202e}\rpaginum: ok\n";

fn assert_is_harmless(output: &Output, arguments: &str) {
    for bytes in [&output.stdout, &output.stderr] {
        let text = String::from_utf8_lossy(bytes);
        let commands = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!text.contains(commands), "{arguments}: {text:?}");
        assert!(
            !text.lines().any(|line| line == "paginum: ok"),
            "{arguments}: {text:?}"
        );
    }
}

#[test]
fn no_name_reaches_the_terminal_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let evil = |extension: &str| format!("{EVIL}.{extension}");
    save_new(folder, &evil("npy"), "<i4", &[9]);
    let mut npz = Vec::new();
    let mut writer = NpzWriter::new(&mut npz);
    let other = array("<i4", &[9]);
    for name in [EVIL, "b"] {
        let mut out = writer.begin_array(name, other.spec()).unwrap();
        out.write_all(other.bytes()).unwrap();
    }
    writer.finish().unwrap();
    fs::write(folder.join(evil("npz")), npz).unwrap();
    let (npy, npz, pco, pv) = (evil("npy"), evil("npz"), evil("pco"), evil("pv"));
    let cut = format!("{EVIL}cut.pv");
    let lines: Vec<Vec<&str>> = vec![
        vec!["compress", &npy, "-o", &pco],
        vec!["compress", &npy, "-o", &pco],
        vec!["compress", &npz, "-o", "out/"],
        vec!["pack", &npz, "-o", &pv],
        vec!["append", &pv, &npy],
        vec!["append", &pv, &npy, "--into", EVIL],
        vec!["pack", &npz, "-o", "x.pv", "--filter", EVIL],
        vec!["ls", &npy, &npz, &pv, &pco, "nowhere\u{1b}[m"],
        vec!["ls", &pv, "--json"],
        vec!["inspect", &npy, &npz, &pv, &pco],
        vec!["inspect", &pv, "--json"],
        vec!["verify", &npy, &npz, &pv, &pco],
        vec!["cat", &npz, EVIL],
        vec!["cat", &npz, EVIL, "b"],
        vec!["cat", &npz, "no\u{1b}such"],
        vec!["diff", &npy, &npz],
        vec!["diff", &pv, &npz, "--names"],
        vec!["advise", &npz],
        vec!["bench", &npz, "--rounds", "1", "--levels", "0"],
        vec!["unpack", &pv, "-o", "out2"],
        vec!["repair", &pv],
        vec!["rm", &pv, EVIL],
        vec!["compact", &pv],
        vec!["ls", &cut],
        vec!["repair", &cut],
        vec!["repair", "--salvage", &cut, "-o", "new.pv"],
        vec!["ls", "--no\u{1b}[2Jsuch"],
        vec!["compress", "a", "--level", "\u{1b}[2J"],
    ];
    for arguments in &lines {
        if arguments.last() == Some(&cut.as_str()) && !folder.join(&cut).exists() {
            let whole = fs::read(folder.join(&pv)).unwrap();
            fs::write(folder.join(&cut), &whole[..whole.len() - 60]).unwrap();
        }
        let arguments_os: Vec<&OsStr> = arguments.iter().map(OsStr::new).collect();
        let output = run(folder, &arguments_os);
        assert_is_harmless(&output, &format!("{arguments:?}"));
        assert_ne!(output.status.code(), Some(101), "{arguments:?}");
    }
}

/// The name of an array may have 64 KiB, of which each message held one or two.
#[test]
fn no_name_is_said_at_its_length() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let long = format!("start{}end", "\u{1b}[31m".repeat(13_000));
    for (file, rows) in [("a.npz", 9), ("b.npz", 5)] {
        let mut npz = Vec::new();
        let mut writer = NpzWriter::new(&mut npz);
        for (name, rows) in [(long.as_str(), rows), ("b", 7)] {
            let array = array("<i4", &[rows]);
            let mut out = writer.begin_array(name, array.spec()).unwrap();
            out.write_all(array.bytes()).unwrap();
        }
        writer.finish().unwrap();
        fs::write(folder.join(file), npz).unwrap();
    }
    let whole = fs::read(folder.join("a.npz")).unwrap();
    // A byte of the first array, some before the head of the second.
    let mut damaged = whole.clone();
    let is_head = |at: &usize| whole[*at..].starts_with(b"PK\x03\x04");
    let second = (1..whole.len()).find(is_head).unwrap();
    damaged[second - 60] ^= 1;
    fs::write(folder.join("damaged.npz"), damaged).unwrap();
    let lines: Vec<Vec<&str>> = vec![
        vec!["cat", "a.npz", &long, "b"],
        vec!["cat", "a.npz", "b", "--nonsense", &long],
        vec!["cat", &long],
        vec!["cat", "b.npz", &long, "--rows", "77"],
        vec!["convert", "a.npz", "a.csv"],
        vec!["convert", "a.npz", "a.npy", "--array", &long[1..]],
        vec!["pack", "a.npz", "b.npz", "-o", "x.pv"],
        vec!["pack", "b.npz", "-o", "x.pv", "--filter", &long],
        vec!["verify", "damaged.npz"],
        vec!["pack", "damaged.npz", "-o", "x.pv"],
    ];
    for arguments in &lines {
        let arguments_os: Vec<&OsStr> = arguments.iter().map(OsStr::new).collect();
        let output = run(folder, &arguments_os);
        let said = stderr(&output);
        assert_ne!(output.status.code(), Some(0), "{}", arguments[0]);
        assert_is_harmless(&output, arguments[0]);
        let longest = said.lines().map(|line| line.chars().count()).max();
        assert!(
            longest.is_some_and(|n| n <= 2_000),
            "{longest:?}: {}",
            &said[..2_000]
        );
        assert!(said.len() < 8_000, "{}", said.len());
    }
    let said = stderr(&run(
        folder,
        &[OsStr::new("verify"), OsStr::new("damaged.npz")],
    ));
    assert!(
        said.starts_with("paginum: damaged.npz: array \"start"),
        "{said}"
    );
    assert!(said.contains("end\": corrupt"), "{said}");
}

#[test]
fn files_whose_names_are_no_utf8_are_files() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let name = |extension: &str| {
        let mut name = OsString::from(OsStr::from_bytes(b"caf\xe9"));
        name.push(extension);
        name
    };
    let (npy, pco, pv, npz, csv) = (
        name(".npy"),
        name(".pco"),
        name(".pv"),
        name(".npz"),
        name(".csv"),
    );
    let raw = name(".i32.bin");
    save_new(folder, "a.npy", "<i4", &[30]);
    if fs::rename(folder.join("a.npy"), folder.join(&npy)).is_err() {
        println!("skipped: no such names here");
        return;
    }
    fs::write(folder.join(&raw), array("<i4", &[30]).bytes()).unwrap();
    let o = OsStr::new;
    let lines: Vec<Vec<&OsStr>> = vec![
        vec![o("compress"), &npy],
        vec![o("decompress"), &pco, o("-f")],
        vec![o("pack"), &npy, o("-o"), &pv],
        vec![o("append"), &pv, &raw, o("--replace")],
        vec![o("convert"), &pv, &npz],
        vec![o("convert"), &npz, &csv],
        vec![o("compress"), &raw, o("-o"), o("raw.pco")],
        vec![o("diff"), &npy, &pv],
        vec![o("diff"), &npy, &pco],
        vec![o("diff"), &npy, o("raw.pco")],
        vec![o("ls"), &npy, &pco, &pv, &npz, &csv],
        vec![o("inspect"), &npy, &pco, &pv],
        vec![o("verify"), &npy, &pco, &pv, &npz],
        vec![o("cat"), &pv, o("--first"), o("3")],
        vec![o("advise"), &npy],
        vec![
            o("bench"),
            &npy,
            &raw,
            o("--rounds"),
            o("1"),
            o("--levels"),
            o("0"),
        ],
        vec![o("unpack"), &pv, o("-o"), o("out")],
        vec![o("compact"), &pv],
        vec![o("repair"), &pv],
        vec![o("repair"), o("--salvage"), &pv, o("-o"), o("new.pv")],
    ];
    for arguments in &lines {
        let output = run(folder, arguments);
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            stderr(&output)
        );
    }
    let listed = run(folder, &[o("ls"), &npy]);
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert!(listed.contains("\ncaf\u{fffd} "), "{listed}");
}

/// Ended by a stack that overflowed.
#[test]
fn names_that_can_be_no_fields_are_unpacked_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut npz = Vec::new();
    let mut writer = NpzWriter::new(&mut npz);
    let one = array("<i4", &[9]);
    let deep = format!("d{}", "/x".repeat(40));
    for name in ["e/", "e//", "/", "r/a", "r/a/b", "s/a", "s/b", &deep] {
        let mut out = writer.begin_array(name, one.spec()).unwrap();
        out.write_all(one.bytes()).unwrap();
    }
    writer.finish().unwrap();
    fs::write(folder.join("x.npz"), npz).unwrap();
    let line = ["unpack", "x.npz", "--records", "-o", "out"];
    let output = run(folder, &line.map(OsStr::new));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    // The fields of `s` alone are one.
    let said = stderr(&output);
    assert_eq!(said.lines().count(), 7, "{said}");
    assert!(folder.join("out/s.npy").exists() && folder.join("out/r/a/b.npy").exists());
}

/// A line of its own in what somebody gave is none in what is said of it.
#[test]
fn line_ends_in_arguments_are_escaped() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<f8", &[5]);
    let evil = "3\npaginum: fake.pv: ok";
    let many = "x\n".repeat(60_000);
    for arguments in [
        ["convert", "a.npy", "q.pv", "--level", evil],
        ["convert", "a.npy", "q.pv", "--threads", evil],
        ["convert", "a.npy", "q.pv", "--nonsense", evil],
        ["convert", "a.npy", "q.pv", evil, evil],
        ["cat", "a.npy", "--rows", "1", &format!("--{evil}")],
        ["convert", "a.npy", "q.pv", "--level", &many],
    ] {
        let output = run(folder, &arguments.map(OsStr::new));
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(
            !said.lines().any(|line| line.starts_with("paginum: fake")),
            "{said}"
        );
        assert!(said.chars().count() <= 2_001, "{said}");
    }
}
