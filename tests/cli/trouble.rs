//! Full disks and bad inputs among good ones: what is written is whole, and the rest goes on.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use paginum::{Array, ArraySpec};

use crate::arrays::{save, save_new};
use crate::run::{names, paginum, run, stderr};

/// Runs it where no file may be larger than so many bytes, which fails as a full disk does.
fn run_with_file_limit(folder: &Path, n_bytes: u64, arguments: &str) -> Output {
    let script = format!(
        "trap '' XFSZ; ulimit -f {}; exec \"$0\" {arguments}",
        n_bytes / 512
    );
    Command::new("sh")
        .args(["-c", &script])
        .arg(assert_cmd::cargo::cargo_bin!("paginum"))
        .current_dir(folder)
        .output()
        .unwrap()
}

/// An array that no codec makes smaller.
fn save_noise(folder: &Path, name: &str, n: u64) {
    let spec = ArraySpec::new("<u8".parse().unwrap(), [n]).unwrap();
    let mut x = 88_172_645_463_325_252_u64;
    let next = || {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        x
    };
    let numbers = std::iter::repeat_with(next).take(n as usize);
    let bytes: Vec<u8> = numbers.flat_map(u64::to_le_bytes).collect();
    save(folder, name, &Array::from_bytes(spec, &bytes).unwrap());
}

#[test]
fn a_file_that_does_not_fit_costs_itself_alone() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<i4", &[500]);
    save_noise(folder, "large.npy", 100_000);
    save_new(folder, "z.npy", "<i4", &[600]);
    paginum(folder, "pack a.npy large.npy z.npy -o w.pv");
    for (arguments, folder_of, extension) in [
        ("unpack w.pv -o out", "out", "npy"),
        ("compress a.npy large.npy z.npy -o small", "small", "pco"),
    ] {
        let output = run_with_file_limit(folder, 100 << 10, arguments);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(6), "{arguments}: {said}");
        let written = folder.join(folder_of);
        let expected = ["a", "z"].map(|name| format!("{name}.{extension}"));
        assert_eq!(names(&written), expected, "{arguments}: {said}");
        let full = format!("{folder_of}/large.{extension}: ");
        assert!(said.contains(&full), "{arguments}: {said}");
        for name in expected {
            let path = format!("{folder_of}/{name}");
            assert!(said.contains(&path), "{arguments}: {said}");
            paginum(folder, &format!("verify {path}"));
        }
    }
}

#[test]
fn of_one_output_nothing_is_left_on_a_full_disk() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_noise(folder, "large.npy", 100_000);
    paginum(folder, "compress large.npy -o large.pco");
    paginum(folder, "pack large.npy -o large.pv");
    let before = names(folder);
    for (arguments, full) in [
        ("compress large.npy -o x.pco", "x.pco"),
        ("decompress large.pco -o x.npy", "x.npy"),
        ("cat large.npy -o x.npy", "x.npy"),
        ("pack large.npy -o x.pv", "x.pv"),
        ("convert large.pv x.pv", "x.pv"),
        ("convert large.pv x.npz", "x.npz"),
        ("convert large.pv x.npy", "x.npy"),
        ("convert large.npy x.pco", "x.pco"),
        ("compact large.pv", "large.pv"),
    ] {
        let output = run_with_file_limit(folder, 100 << 10, arguments);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(6), "{arguments}: {said}");
        assert!(
            said.starts_with(&format!("paginum: {full}: ")),
            "{arguments}: {said}"
        );
        assert_eq!(names(folder), before, "{arguments}");
    }
    paginum(folder, "verify large.pv");
}

#[test]
fn a_bad_input_costs_itself_alone() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for name in ["a", "b", "c", "d"] {
        save_new(folder, &format!("{name}.npy"), "<i4", &[5000]);
    }
    let whole = fs::read(folder.join("b.npy")).unwrap();
    fs::write(folder.join("b.npy"), &whole[..900]).unwrap();
    let mut later = whole.clone();
    later[6] = 9;
    fs::write(folder.join("c.npy"), later).unwrap();
    let output = run(folder, "compress a.npy b.npy c.npy d.npy -o out");
    let said = stderr(&output);
    // The largest of 3 (cut) and 4 (of a later version).
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(
        said.contains("b.npy: ") && said.contains("c.npy: "),
        "{said}"
    );
    assert_eq!(names(&folder.join("out")), ["a.pco", "d.pco"]);
    paginum(folder, "verify out/a.pco out/d.pco");
}

#[test]
fn a_damaged_array_costs_itself_alone() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_noise(folder, "a.npy", 1000);
    save_noise(folder, "b.npy", 1200);
    save_noise(folder, "c.npy", 1400);
    paginum(folder, "pack a.npy b.npy c.npy -o w.pv");
    let mut file = fs::read(folder.join("w.pv")).unwrap();
    // Where one number of b stands: there another b would differ.
    let mut other = fs::read(folder.join("b.npy")).unwrap();
    let middle = other.len() / 2;
    other[middle] ^= 0x40;
    fs::write(folder.join("b.npy"), other).unwrap();
    paginum(folder, "pack a.npy b.npy c.npy -o other.pv");
    let other = fs::read(folder.join("other.pv")).unwrap();
    let middle = file.iter().zip(&other).position(|(x, y)| x != y).unwrap();
    file[middle] ^= 0x10;
    fs::write(folder.join("w.pv"), file).unwrap();
    let output = run(folder, "unpack w.pv -o out");
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("w.pv: array \"b\""), "{said}");
    assert_eq!(names(&folder.join("out")), ["a.npy", "c.npy"]);
}

/// `verify` ended at the first header.
#[test]
fn all_that_is_damaged_is_listed_once() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for name in ["a", "b", "c", "d"] {
        save_new(folder, &format!("{name}.npy"), "<i4", &[9]);
    }
    paginum(folder, "pack a.npy b.npy c.npy d.npy -o w.pv --filter none");
    let mut file = fs::read(folder.join("w.pv")).unwrap();
    let magic = [0x28, 0xb5, 0x2f, 0xfd];
    let frames = (0..file.len()).filter(|&at| file[at..].starts_with(&magic));
    // Headers and payloads in turn, those of the mesh's points first.
    let frames: Vec<usize> = frames.collect();
    let (header, payload) = (|i: usize| frames[2 * i + 1], |i: usize| frames[2 * i + 2]);
    // The last byte is of a checksum.
    for end in [header(1), header(3), payload(4)] {
        file[end - 1] ^= 1;
    }
    fs::write(folder.join("w.pv"), &file).unwrap();
    let output = run(folder, "verify w.pv");
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{said}");
    let named: Vec<&str> = said
        .lines()
        .filter_map(|line| line.split('"').nth(1))
        .collect();
    assert_eq!(named, ["a", "c", "d"], "{said}");
    assert_eq!(said.lines().count(), 3, "{said}");
}

/// Runs it where a process may have so many files open.
fn run_with_few_files(folder: &Path, n: usize, arguments: &str) {
    let output = Command::new("sh")
        .args(["-c", &format!("ulimit -n {n}; exec \"$0\" {arguments}")])
        .arg(assert_cmd::cargo::cargo_bin!("paginum"))
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments}: {}", stderr(&output));
}

#[test]
fn there_may_be_more_inputs_than_files_that_are_open() {
    const N: usize = 200;
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "first.npy", "<i4", &[16]);
    for i in 0..N {
        save_new(folder, &format!("in{i}.npy"), "<i4", &[16]);
    }
    paginum(folder, "pack first.npy -o grows.pv");
    for arguments in [
        "pack in*.npy -o all.pv",
        "append grows.pv in*.npy",
        "ls in*.npy",
        "verify in*.npy",
        "compress in*.npy",
    ] {
        run_with_few_files(folder, 64, arguments);
    }
    for (file, n) in [("all.pv", N), ("grows.pv", N + 1)] {
        let listed = paginum(folder, &format!("ls {file}"));
        assert_eq!(listed.lines().count(), 1 + n, "{file}");
    }
    for i in (0..N).step_by(37) {
        paginum(folder, &format!("unpack all.pv in{i} -o out"));
        let bytes = |file: String| fs::read(folder.join(file)).unwrap();
        assert_eq!(bytes(format!("in{i}.npy")), bytes(format!("out/in{i}.npy")));
    }
}
