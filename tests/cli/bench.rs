//! `bench`: a row a codec, for files, folders and raw binary that says its type in its name.

use crate::arrays::{array, save_new};
use crate::run::{fails, paginum};

#[test]
fn every_codec_has_a_row() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", ">f4", &[2000]);
    save_new(folder, "text.npy", "<U4", &[50]);
    std::fs::write(folder.join("b.i16.bin"), array("<i2", &[900]).bytes()).unwrap();
    std::fs::write(folder.join("other.txt"), "no arrays").unwrap();
    let table = paginum(folder, "bench . --rounds 1 --levels 0,8");
    let rows = |name: &str| table.lines().filter(|line| line.starts_with(name)).count();
    let (engine, others) = if cfg!(feature = "peers") {
        (4, 3)
    } else {
        (2, 3)
    };
    assert_eq!(rows("a "), engine + others, "{table}");
    assert_eq!(rows("b "), engine + others, "{table}");
    // Text is not for the engine.
    assert_eq!(rows("text "), others, "{table}");
    assert_eq!(rows("other"), 0);
}

#[test]
fn a_folder_without_arrays_is_usage() {
    let folder = tempfile::tempdir().unwrap();
    fails(folder.path(), "bench .", 2, "no file");
}

#[test]
fn an_empty_array_is_skipped_with_a_word() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<f4", &[2000]);
    for (i, (dtype, shape)) in [("<f8", &[0][..]), ("<i2", &[3, 0]), ("<U4", &[0])]
        .into_iter()
        .enumerate()
    {
        save_new(folder, &format!("empty{i}.npy"), dtype, shape);
    }
    let output = crate::run::run(folder, "bench . --rounds 1 --levels 4");
    let said = crate::run::stderr(&output);
    assert!(output.status.success(), "{said}");
    for i in 0..3 {
        assert!(
            said.contains(&format!("array \"empty{i}\" is empty")),
            "{said}"
        );
    }
    assert!(String::from_utf8_lossy(&output.stdout).contains("\na "));
}

#[test]
fn a_goal_measures_filters_and_marks_what_pack_takes() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<i4", &[3000]);
    for goal in ["size", "balanced", "speed"] {
        let table = paginum(folder, &format!("bench a.npy --rounds 1 --goal {goal}"));
        let lines: Vec<Vec<&str>> = table
            .lines()
            .map(|line| line.split_whitespace().collect())
            .collect();
        let of = |word: &str| lines.iter().find(|line| line.contains(&word)).unwrap();
        let [numeric, fast] = ["numeric", "fast"].map(of);
        // Stored bytes, what decoding is charged, price.
        let number = |line: &[&str], i: usize| line[i].parse::<u64>().unwrap();
        assert!(number(fast, 8) < number(numeric, 8), "{table}");
        let price = match goal {
            "speed" => (number(fast, 7) * 250 + 12_000 * number(fast, 8)) / 1000,
            _ => number(fast, 7),
        };
        assert_eq!(number(fast, 9), price, "{table}");
        let best: Vec<&Vec<&str>> = lines
            .iter()
            .filter(|line| line.last() == Some(&"*"))
            .collect();
        assert_eq!(best.len(), 1, "{table}");
        paginum(folder, &format!("pack a.npy -o {goal}.pv --goal {goal}"));
        let packed = paginum(folder, &format!("ls {goal}.pv"));
        assert!(packed.contains(best[0][3]), "{packed} for {table}");
    }
    fails(folder, "bench a.npy --goal small", 2, "size, balanced");
    fails(folder, "bench a.npy --goal size --levels 3", 2, "--levels");
}
