//! Outputs appear whole or not at all, and never in place of something else unasked.

use std::fs;

use crate::arrays::save_new;
use crate::run::{fails, names, paginum};

#[test]
fn an_output_that_exists_is_kept_without_force() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<f4", &[50]);
    fs::write(folder.join("a.pco"), "precious").unwrap();
    fails(folder, "compress a.npy -o a.pco", 2, "--force");
    assert_eq!(fs::read(folder.join("a.pco")).unwrap(), b"precious");
    paginum(folder, "compress a.npy -o a.pco --force");
    paginum(folder, "verify a.pco");
    for verb in [
        "decompress a.pco -o a.npy",
        "cat a.pco -o a.npy",
        "inspect a.pco --plot a.npy",
    ] {
        fails(folder, verb, 2, "exists");
    }
}

#[test]
fn no_output_of_several_is_written_if_one_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<f4", &[50]);
    save_new(folder, "b.npy", "<f4", &[50]);
    fs::create_dir(folder.join("out")).unwrap();
    fs::write(folder.join("out/b.pco"), "precious").unwrap();
    fails(folder, "compress a.npy b.npy -o out", 2, "exists");
    assert_eq!(names(&folder.join("out")), ["b.pco"]);
}

#[test]
fn inputs_of_one_name_are_both_named() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for sub in ["x", "y"] {
        fs::create_dir(folder.join(sub)).unwrap();
        save_new(folder, &format!("{sub}/a.npy"), "<f4", &[5]);
    }
    fails(
        folder,
        "compress x/a.npy y/a.npy -o out",
        2,
        "x/a.npy and y/a.npy",
    );
}

#[test]
fn a_failed_run_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<i4", &[20_000]);
    paginum(folder, "compress a.npy -o a.pco --chunk-n 5000");
    let mut file = fs::read(folder.join("a.pco")).unwrap();
    let middle = file.len() / 2;
    file[middle] ^= 1;
    fs::write(folder.join("a.pco"), file).unwrap();
    fails(folder, "decompress a.pco -o b.npy", 3, "checksum");
    save_new(folder, "s.npy", "<U3", &[5]);
    fails(folder, "compress s.npy -o s.pco", 2, "pco cannot hold <U3");
    assert_eq!(names(folder), ["a.npy", "a.pco", "s.npy"]);
}

#[test]
fn a_folder_that_is_not_there_is_another_failure() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<i4", &[20]);
    fails(
        folder,
        "compress a.npy -o no/where/a.pco",
        6,
        "no/where/a.pco",
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_another_failure() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<i4", &[20_000]);
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let status = std::process::Command::new(assert_cmd::cargo::cargo_bin!("paginum"))
        .args(["compress", "a.npy", "-o", "-"])
        .current_dir(folder)
        .stdout(full)
        .stderr(std::process::Stdio::null())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(6));
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<i4", &[200_000]);
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin!("paginum"))
        .args(["cat", "a.npy"])
        .current_dir(folder)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(output.stderr, b"");
}
