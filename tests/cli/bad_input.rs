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
        ("cat a.npy --select -1", "each from 0 on"),
        ("cat a.npy nonsense", "nonsense"),
        ("ls a.npy --threads 1025", "1024"),
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
    assert!(paginum(folder, "verify a.pco").contains("behind its end, 7 bytes, is not understood"));
}

#[test]
fn one_of_a_kind_is_said_without_a_plural() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let with_one_more = |name: &str| {
        let mut file = fs::read(folder.join(name)).unwrap();
        file.push(0);
        fs::write(folder.join(name), file).unwrap();
    };
    save_new(folder, "a.npy", "|u1", &[1]);
    paginum(folder, "compress a.npy -o a.pco --plain");
    let decompressed = run(folder, "decompress a.pco -o a.bin");
    assert!(stderr(&decompressed).contains("a.bin: 1 row, 1 byte\n"));
    with_one_more("a.pco");
    assert!(paginum(folder, "verify a.pco").contains("behind its end, 1 byte, is"));
    with_one_more("a.npy");
    let words = stderr(&run(folder, "verify a.npy"));
    assert!(
        words.contains("the last array, 1 byte, is no array"),
        "{words}"
    );
    fs::write(folder.join("cells.csv"), "a,b\n1\n").unwrap();
    let words = "1 cell, where the first line has 2";
    fails(folder, "ls cells.csv", 3, words);
    fails(
        folder,
        "convert a.bin x.npy --dtype f64",
        2,
        "1 byte is no whole number of <f8",
    );
    fails(folder, "cat a.npy --rows 1..0", 2, "at 0 of 1 row\n");
}

/// The bytes of a `.pv` from where its pair number `pair` begins.
fn pair_of_pv(file: &[u8], pair: usize) -> usize {
    let word = |at: usize| u64::from_le_bytes(file[at..at + 8].try_into().unwrap()) as usize;
    let n_frames = word(file.len() - 8);
    let index = file.len() - 8 - 16 * n_frames;
    if pair == 0 {
        0
    } else {
        word(index + 16 * (2 * pair - 1))
    }
}

#[test]
fn a_damaged_header_of_a_pv_costs_its_array_alone() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for name in ["a.npy", "b.npy", "c.npy"] {
        save_new(folder, name, "<f8", &[500]);
    }
    paginum(folder, "pack a.npy b.npy c.npy -o x.pv");
    let mut bytes = fs::read(folder.join("x.pv")).unwrap();
    // Behind the points of the empty mesh and the first array.
    let at = pair_of_pv(&bytes, 2);
    bytes[at + 20] ^= 1;
    fs::write(folder.join("x.pv"), bytes).unwrap();
    let words = format!("\"b\": corrupt: zstd: Restored data doesn't match checksum at byte {at}");
    for (line, made) in [
        ("unpack x.pv -o out", "out/c.npy"),
        ("convert x.pv new.npz", "new.npz"),
        ("pack x.pv -o new.pv", "new.pv"),
        ("compress x.pv", "x/c.pco"),
    ] {
        fails(folder, line, 3, &words);
        assert!(folder.join(made).exists(), "{line}");
    }
    let good = fs::read(folder.join("c.npy")).unwrap();
    assert!(fs::read(folder.join("out/c.npy")).unwrap() == good);
    assert!(!folder.join("out/b.npy").exists());
    let listed = run(folder, "ls x.pv");
    assert_eq!(listed.status.code(), Some(3));
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert!(listed.contains("c      <f8"), "{listed}");
    assert!(listed.contains("\nb: corrupt: zstd"), "{listed}");
    fails(folder, "verify x.pv", 3, "array \"b\": corrupt: zstd");
    fails(folder, "cat x.pv b", 3, "\"b\": corrupt");
}

/// A document that leads to the arrays does not hide what else is damaged.
#[test]
fn verify_goes_on_behind_a_file_that_does_not_open() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for name in ["a", "b", "c"] {
        save_new(folder, &format!("{name}.npy"), "<f8", &[500]);
    }
    paginum(folder, "pack a.npy b.npy c.npy -o x.pv --filter none");
    let whole = fs::read(folder.join("x.pv")).unwrap();
    // The end of the second array: the file still opens.
    let mut in_array = whole.clone();
    in_array[pair_of_pv(&whole, 3) - 100] ^= 1;
    fs::write(folder.join("x.pv"), &in_array).unwrap();
    fails(folder, "verify x.pv", 3, "array \"b\": corrupt: zstd");
    let mut n_documents = 0;
    for at in (pair_of_pv(&whole, 4)..whole.len()).step_by(7) {
        let mut damaged = in_array.clone();
        damaged[at] ^= 4;
        fs::write(folder.join("x.pv"), &damaged).unwrap();
        if !stderr(&run(folder, "ls x.pv")).contains("corrupt: zstd:") {
            continue;
        }
        n_documents += 1;
        let said = stderr(&run(folder, "verify x.pv"));
        let count = |words: &str| said.lines().filter(|line| line.contains(words)).count();
        assert_eq!(count("corrupt: zstd:"), 1, "byte {at}: {said}");
        assert_eq!(count("array \"b\": corrupt: zstd"), 1, "byte {at}: {said}");
        assert_eq!(count("corrupt"), 2, "byte {at}: {said}");
        assert!(
            said.ends_with("saves the arrays that are whole\n"),
            "{said}"
        );
    }
    assert!(n_documents > 4, "{n_documents}");
}

/// The structure and the reading of an array meet the same mask.
#[test]
fn a_damaged_mask_is_one_fault() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let rows: Vec<String> = (0..4000)
        .map(|i: u64| match i * i % 7 {
            2 => ",1".to_owned(),
            _ => format!("{i},1"),
        })
        .collect();
    fs::write(folder.join("n.csv"), format!("x,y\n{}\n", rows.join("\n"))).unwrap();
    paginum(folder, "convert n.csv n.pv");
    let whole = fs::read(folder.join("n.pv")).unwrap();
    let mut n_faults = 0;
    for at in (0..whole.len()).step_by(7) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x10;
        fs::write(folder.join("n.pv"), &damaged).unwrap();
        let said = stderr(&run(folder, "verify n.pv"));
        let n = said
            .lines()
            .filter(|line| line.contains("array \"x\""))
            .count();
        assert!(n <= 1, "byte {at}: {said}");
        n_faults += n;
    }
    assert!(n_faults > 20, "{n_faults}");
}
