//! The order in which the command's bytes reach the medium, seen from outside the process.
//!
//! `src/storage` has tests with a seam before each call; these see that the call is made. They need strace, and say so and
//! pass where it is missing or may not trace.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "in the helpers of tests too")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use paginum::Array;
use paginum::container::npy;

/// What a call that counts does, and to which file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    /// Bytes are written into the file that is to be, or is, the output.
    Write,
    /// The output's bytes are synced.
    SyncFile,
    /// The output gets its name.
    Name,
    /// The name is synced.
    SyncFolder,
}

/// The calls of `paginum ARGUMENTS` in `folder` that concern the file `output` there, neighbours that are alike once;
/// `None` where nobody can tell.
fn calls(folder: &Path, arguments: &str, output: &str) -> Option<Vec<Call>> {
    let trace = tempfile::NamedTempFile::new().unwrap();
    let traced = Command::new("strace")
        .args(["-f", "-y", "-qq", "-s", "0", "-o"])
        .arg(trace.path())
        .arg("-e")
        .arg("trace=write,pwrite64,writev,pwritev,fsync,fdatasync,rename,renameat,renameat2,link,linkat")
        .arg(env!("CARGO_BIN_EXE_paginum"))
        .args(arguments.split(' '))
        .current_dir(folder)
        .stdout(Stdio::null())
        .output();
    let text = fs::read_to_string(trace.path()).unwrap();
    let traced = match traced {
        Ok(traced) if !text.is_empty() => traced,
        _ => {
            eprintln!("skipped: no strace that may trace");
            return None;
        }
    };
    let words = String::from_utf8_lossy(&traced.stderr);
    assert!(traced.status.success(), "{arguments}: {words}");
    let folder = folder.to_str().unwrap();
    let mut calls: Vec<Call> = text
        .lines()
        .filter_map(|line| call(line, folder, output))
        .collect();
    calls.dedup();
    Some(calls)
}

/// The call of a line: `PID NAME(FD<PATH>, …) = RESULT`.
fn call(line: &str, folder: &str, output: &str) -> Option<Call> {
    let (_, call) = line.split_once(' ')?;
    let (name, arguments) = call.trim_start().split_once('(')?;
    let file = format!("{folder}/{output}");
    if name.starts_with("rename") || name.starts_with("link") {
        let last = arguments.rsplit('"').nth(1)?;
        let is_output = last == file || last == output || last == format!("./{output}");
        return is_output.then_some(Call::Name);
    }
    let path = arguments.split_once('<')?.1.split_once('>')?.0;
    // Before it has its name, the output has none or one of its own; locks have the output's and more.
    let is_unnamed = path.starts_with(&format!("{folder}/#"));
    let is_temporary = path.starts_with(&format!("{folder}/.{output}."));
    match name {
        "fsync" | "fdatasync" if path == folder => Some(Call::SyncFolder),
        _ if path != file && !is_unnamed && !is_temporary => None,
        "fsync" | "fdatasync" => Some(Call::SyncFile),
        _ => Some(Call::Write),
    }
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, n) in [("a.npy", 50), ("b.npy", 5000), ("c.npy", 50)] {
        let numbers: Vec<f64> = (0..n).map(|i| f64::from(i).sin()).collect();
        let array = Array::from_numbers(&numbers).unwrap();
        fs::write(folder.path().join(name), npy::to_bytes(&array)).unwrap();
    }
    folder
}

#[test]
fn a_new_version_is_on_the_medium_before_its_name_and_its_name_before_the_command_ends() {
    use Call::{Name, SyncFile, SyncFolder, Write};
    let folder = folder();
    let folder = &folder.path().canonicalize().unwrap();
    for (arguments, output) in [
        ("pack a.npy b.npy -o new.pv", "new.pv"),
        ("pack b.npy -o new.pv -f", "new.pv"),
        ("append new.pv a.npy --stage", "new.pv"),
        ("compress b.npy -o b.pco", "b.pco"),
        ("convert b.npy b.npz", "b.npz"),
    ] {
        let Some(calls) = calls(folder, arguments, output) else {
            return;
        };
        assert_eq!(
            calls,
            [Write, SyncFile, Name, SyncFolder],
            "{arguments}: {calls:?}"
        );
    }
}

#[test]
fn a_change_in_place_is_on_the_medium_before_its_index_and_that_before_old_bytes_go() {
    use Call::{SyncFile, Write};
    let folder = folder();
    let folder = &folder.path().canonicalize().unwrap();
    if calls(folder, "pack a.npy b.npy -o old.pv", "old.pv").is_none() {
        return;
    }
    for arguments in [
        "append old.pv c.npy",
        "append old.pv b.npy --replace",
        "rm old.pv a",
    ] {
        let calls = calls(folder, arguments, "old.pv").unwrap();
        let in_order = [Write, SyncFile, Write, SyncFile, Write, SyncFile];
        assert_eq!(calls, in_order, "{arguments}: {calls:?}");
    }
}
