//! Input that is not what it should be: the status tells what to do, the words tell where.

use std::fs;

use crate::arrays::save_new;
use crate::run::{fails, names, paginum, run, stderr};

#[test]
fn usage_ends_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<f4", &[50]);
    for (arguments, words) in [
        ("compress", "IN"),
        ("nonsense", "nonsense"),
        (
            "compress a.npy -o a.pco --mode nonsense",
            "no mode is called",
        ),
        ("compress a.npy -o a.pco --delta conv1:x", "not an order"),
        ("compress a.npy -o a.pco --dtype f9", "f9"),
        ("compress a.npy -o a.pco --level 14", "14"),
        (
            "compress a.npy -o a.pco --mode int-mult:3",
            "mode int-mult:3 is for integers, not for f32",
        ),
        ("compress a.npy -o a.pco --chunk-n 0", "chunk"),
        ("compress a.npy -o a.pco --shape 3", "has its own shapes"),
        ("cat a.npy --rows 7..3", "rows 7..3"),
        ("cat a.npy --rows 51", "50 rows"),
        ("cat a.npy nonsense", "nonsense"),
        ("cat a.npy --max-bytes 5X", "unit"),
        ("completions nonsense", "nonsense"),
    ] {
        fails(folder, arguments, 2, words);
    }
    assert_eq!(names(folder), ["a.npy"]);
}

#[test]
fn corrupt_and_truncated_input_ends_with_3() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<i4", &[5000]);
    paginum(folder, "compress a.npy -o a.pco");
    paginum(folder, "compress a.npy -o plain.pco --plain");
    let good = fs::read(folder.join("a.pco")).unwrap();
    let plain = fs::read(folder.join("plain.pco")).unwrap();
    let npy = fs::read(folder.join("a.npy")).unwrap();
    let mut flipped = good.clone();
    flipped[100] ^= 4;
    for (name, bytes) in [
        ("flipped.pco", &flipped[..]),
        ("short.pco", &plain[..plain.len() - 9]),
        ("short.npy", &npy[..npy.len() - 9]),
        ("start.npy", &npy[..9]),
    ] {
        fs::write(folder.join(name), bytes).unwrap();
        fails(folder, &format!("verify {name}"), 3, name);
        fails(folder, &format!("cat {name}"), 3, name);
        fails(folder, &format!("cat {name}"), 3, " at byte ");
    }
}

#[test]
fn what_is_not_supported_ends_with_4() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<i4", &[5]);
    let mut npy = fs::read(folder.join("a.npy")).unwrap();
    npy[6] = 9;
    fs::write(folder.join("later.npy"), &npy).unwrap();
    fails(folder, "cat later.npy", 4, "version 9");
    paginum(folder, "compress a.npy -o a.pco --plain");
    let mut pco = fs::read(folder.join("a.pco")).unwrap();
    pco[4] = 9;
    fs::write(folder.join("later.pco"), &pco).unwrap();
    fails(folder, "cat later.pco", 4, "later.pco");
    fs::write(folder.join("notes.txt"), "not an array").unwrap();
    fails(folder, "ls notes.txt", 4, "starts with 6e 6f 74");
    fails(folder, "ls notes.txt", 4, "notes.txt");
}

#[test]
fn a_limit_ends_with_5() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "|u1", &[3_000_000]);
    paginum(folder, "compress a.npy -o a.pco --plain");
    fails(folder, "cat a.pco --max-bytes 1M", 5, "limit");
    paginum(folder, "cat a.pco --max-bytes 3M --rows 0");
    let output = crate::run::command(folder)
        .args([
            "compress",
            "-",
            "--dtype",
            "uint8",
            "-o",
            "-",
            "--max-bytes",
            "1K",
        ])
        .write_stdin(vec![0; 1025])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(5), "{}", stderr(&output));
}

#[test]
fn a_file_that_is_not_there_ends_with_6() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for verb in ["cat", "inspect", "verify", "ls"] {
        fails(folder, &format!("{verb} nowhere.pco"), 6, "nowhere.pco");
        if verb != "ls" {
            fails(folder, &format!("{verb} ."), 6, ".");
        }
    }
    // A folder of no arrays.
    fails(folder, "ls .", 2, ". holds no file");
    fails(folder, "decompress nowhere.pco", 6, "nowhere.pco");
}

#[test]
fn verify_goes_on_behind_a_bad_file() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<i4", &[5000]);
    paginum(folder, "compress a.npy -o a.pco");
    fs::write(folder.join("bad.pco"), b"pco!").unwrap();
    let output = run(folder, "verify bad.pco a.pco");
    assert_eq!(output.status.code(), Some(3));
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .starts_with("a.pco: ok")
    );
}

#[test]
fn bytes_behind_a_foreign_file_are_reported() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<i4", &[50]);
    paginum(folder, "compress a.npy -o a.pco --plain");
    let mut file = fs::read(folder.join("a.pco")).unwrap();
    file.extend([0; 7]);
    fs::write(folder.join("a.pco"), file).unwrap();
    assert!(paginum(folder, "verify a.pco").contains("7 bytes behind its end"));
}
