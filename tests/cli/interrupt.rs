//! Signals: what was being written disappears.
#![cfg(target_os = "linux")]

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::arrays::save_new;
use crate::run::{names, paginum};

fn spawn(folder: &Path, arguments: &[&str]) -> Child {
    Command::new(assert_cmd::cargo::cargo_bin!("paginum"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn signal(child: &Child, name: &str) {
    let status = Command::new("kill")
        .args(["-s", name, &child.id().to_string()])
        .status();
    assert!(status.unwrap().success());
}

/// Waits until something is so; after a minute, it is something else.
fn wait_until(is_so: impl Fn() -> bool, what_else: &str) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(60), "{what_else}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Waits until the program has begun to write: it has a file open in the folder that has no name, or a temporary one.
fn wait_for_temporary(child: &Child, folder: &Path) {
    let folder = folder.canonicalize().unwrap();
    let has_one = || {
        let files = std::fs::read_dir(format!("/proc/{}/fd", child.id())).unwrap();
        files
            .filter_map(|file| std::fs::read_link(file.ok()?.path()).ok())
            .any(|file| {
                let name = file.to_string_lossy();
                file.starts_with(&folder)
                    && (name.ends_with(" (deleted)") || name.ends_with(".paginum"))
            })
    };
    wait_until(has_one, "nothing was written");
}

#[test]
fn a_killed_run_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    // Large enough that it is not done before the signal comes.
    save_new(folder, "a.npy", "<f8", &[4_000_000]);
    for name in ["INT", "TERM"] {
        let child = spawn(
            folder,
            &["compress", "a.npy", "-o", "a.pco", "--level", "12"],
        );
        wait_for_temporary(&child, folder);
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{name}");
        assert_eq!(
            String::from_utf8_lossy(&output.stderr),
            "paginum: interrupted\n"
        );
        assert_eq!(names(folder), ["a.npy"]);
    }
}

#[test]
fn what_cannot_be_caught_leaves_nothing_that_the_next_run_keeps() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<f8", &[4_000_000]);
    let arguments = ["compress", "a.npy", "-o", "a.pco", "--level", "12"];
    let mut child = spawn(folder, &arguments);
    wait_for_temporary(&child, folder);
    signal(&child, "KILL");
    assert!(!child.wait().unwrap().success());
    // What a process left that could not make files without a name.
    std::fs::write(folder.join(".b.pco.0.paginum"), "left").unwrap();
    paginum(folder, "compress a.npy -o b.pco --level 0");
    assert_eq!(names(folder), ["a.npy", "b.pco"]);

    // A file that grows too large fails as one on a full disk does.
    let script = "ulimit -f 8; exec \"$0\" compress a.npy -o c.pco --level 0";
    let output = Command::new("sh")
        .args(["-c", script])
        .arg(assert_cmd::cargo::cargo_bin!("paginum"))
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(6), "{said}");
    assert!(
        said.contains("c.pco") && said.contains("too large"),
        "{said}"
    );
    assert_eq!(names(folder), ["a.npy", "b.pco"]);
    paginum(folder, "compress a.npy -o c.pco --level 0");
    assert_eq!(names(folder), ["a.npy", "b.pco", "c.pco"]);
}

/// Waits until the program has begun to change a file in place.
fn wait_for_lock(folder: &Path, lock: &str) {
    wait_until(|| folder.join(lock).exists(), "nothing was changed");
}

#[test]
fn a_change_in_place_that_is_interrupted_is_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<f8", &[1000]);
    save_new(folder, "b.npy", "<f8", &[4_000_000]);
    paginum(folder, "pack a.npy -o a.pv");
    let old = std::fs::read(folder.join("a.pv")).unwrap();
    for name in ["INT", "TERM"] {
        let slow = "append a.pv b.npy --filter numeric --numeric-level 12";
        let child = spawn(folder, &slow.split(' ').collect::<Vec<_>>());
        wait_for_lock(folder, "a.pv.append.lock");
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{name}");
        assert_eq!(names(folder), ["a.npy", "a.pv", "b.npy"], "{name}");
        let left = std::fs::read(folder.join("a.pv")).unwrap();
        assert!(left == old, "{name}: {} bytes", left.len());
    }
}

#[test]
fn a_search_for_what_is_whole_ends_at_the_first_signal() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<f8", &[1000]);
    paginum(folder, "pack a.npy -o a.pv");
    // Zeroes that take no place, and long to look through: as after a loss of power within an append.
    let n_bytes = 4 << 30;
    let file = std::fs::OpenOptions::new()
        .write(true)
        .open(folder.join("a.pv"))
        .unwrap();
    file.set_len(n_bytes).unwrap();
    for verb in ["repair a.pv", "append a.pv a.npy"] {
        let child = spawn(folder, &verb.split(' ').collect::<Vec<_>>());
        wait_for_lock(folder, "a.pv.append.lock");
        signal(&child, "INT");
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{verb}");
        assert_eq!(file.metadata().unwrap().len(), n_bytes, "{verb}");
        assert_eq!(names(folder), ["a.npy", "a.pv"], "{verb}");
    }
}

#[test]
fn waiting_for_standard_input_can_be_interrupted() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = spawn(
        folder.path(),
        &["compress", "-", "--dtype", "uint8", "-o", "a.pco"],
    );
    child.stdin.as_mut().unwrap().write_all(b"abc").unwrap();
    // The handler is in place once the program reads.
    std::thread::sleep(Duration::from_millis(500));
    signal(&child, "INT");
    let mut stdout = Vec::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_end(&mut stdout)
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(names(folder.path()).is_empty());
}

fn make_pipe(folder: &Path, name: &str) {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    mknodat(CWD, folder.join(name), FileType::Fifo, Mode::RWXU, 0).unwrap();
}

/// Waits until the program does not get on: it sleeps, several times one after another.
fn wait_for_standstill(child: &Child) {
    let is_asleep = || {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
        let state = stat.rsplit(") ").next().unwrap();
        state.starts_with('S')
    };
    let started = Instant::now();
    let mut n_asleep = 0;
    while n_asleep < 20 {
        n_asleep = if is_asleep() { n_asleep + 1 } else { 0 };
        assert!(started.elapsed() < Duration::from_secs(60), "it gets on");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn waiting_for_the_reader_of_a_pipe_ends_at_the_first_signal() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<f8", &[30_000]);
    paginum(folder, "compress a.npy -o a.pco");
    paginum(folder, "pack a.npy -o a.pv");
    make_pipe(folder, "pipe");
    for writer in [
        "pack a.npy -o pipe",
        "compress a.npy -o pipe",
        "decompress a.pco --raw -o pipe",
        "cat a.npy -o pipe",
        "repair --salvage a.pv -o pipe",
        "inspect a.pco --plot pipe",
    ] {
        for name in ["INT", "TERM"] {
            let arguments: Vec<&str> = writer.split(' ').collect();
            let mut child = spawn(folder, &arguments);
            wait_for_standstill(&child);
            signal(&child, name);
            let started = Instant::now();
            while child.try_wait().unwrap().is_none() {
                if started.elapsed() > Duration::from_secs(30) {
                    child.kill().unwrap();
                    panic!("{writer}: {name} did not end it");
                }
                std::thread::sleep(Duration::from_millis(5));
            }
            assert_eq!(child.wait().unwrap().code(), Some(130), "{writer}: {name}");
        }
    }
    assert_eq!(names(folder), ["a.npy", "a.pco", "a.pv", "pipe"]);
}
