//! Signals: what was being written disappears.
#![cfg(target_os = "linux")]

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::arrays::save_new;
use crate::run::names;

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

/// Waits until the program has begun to write, which its temporary file shows.
fn wait_for_temporary(folder: &Path, n_before: usize) {
    let started = Instant::now();
    while names(folder).len() == n_before {
        assert!(
            started.elapsed() < Duration::from_secs(60),
            "nothing was written"
        );
        std::thread::sleep(Duration::from_millis(1));
    }
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
        wait_for_temporary(folder, 1);
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
fn waiting_for_standard_input_can_be_interrupted() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = spawn(
        folder.path(),
        &["compress", "-", "--dtype", "u8", "-o", "a.pco"],
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
