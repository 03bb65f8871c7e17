//! Files of several arrays: packed, listed, changed, compared, converted, unpacked.

use std::fs;
use std::io::Write;
use std::path::Path;

use paginum::container::npy;
use serde_json::Value;

use crate::arrays::{NUMERIC, save_new};
use crate::run::{fails, names, paginum, run, stderr};

/// Three arrays in a folder, and a file of them.
fn packed(folder: &Path) {
    save_new(folder, "a.npy", "<f8", &[3000]);
    save_new(folder, "b.npy", "<i4", &[500, 3]);
    save_new(folder, "rain.npy", "|b1", &[3000]);
    paginum(folder, "pack a.npy b.npy rain.npy -o w.pv --compat native");
}

fn same(folder: &Path, one: &str, other: &str) {
    let [x, y] = [one, other].map(|name| fs::read(folder.join(name)).unwrap());
    assert!(x == y, "{one} and {other} differ");
}

/// The paths of the arrays of a file that hold something.
fn paths(folder: &Path, file: &str) -> Vec<String> {
    let value: Value =
        serde_json::from_str(&paginum(folder, &format!("ls {file} --json"))).unwrap();
    let arrays = value["arrays"].as_array().unwrap().iter();
    let with_bytes = arrays.filter(|array| array["bytes"] != 0);
    with_bytes
        .map(|array| array["path"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn packed_arrays_are_listed_read_and_unpacked() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    packed(folder);
    assert_eq!(
        paths(folder, "w.pv"),
        ["field_data/a", "field_data/b", "field_data/rain"]
    );
    assert_eq!(
        paginum(folder, "cat w.pv b --rows 7..9"),
        paginum(folder, "cat b.npy --rows 7..9")
    );
    paginum(folder, "cat w.pv field_data/a -o a2.npy");
    same(folder, "a.npy", "a2.npy");
    assert!(paginum(folder, "verify w.pv").starts_with("w.pv: ok"));
    let inspected = paginum(folder, "inspect w.pv");
    assert!(inspected.contains("\nrain "), "{inspected}");
    assert!(
        inspected.contains("document of the file\n")
            && inspected.contains("document of its dataset\n")
    );
    paginum(folder, "unpack w.pv -o out");
    for name in ["a", "b", "rain"] {
        same(folder, &format!("{name}.npy"), &format!("out/{name}.npy"));
    }
    fails(folder, "unpack w.pv -o out", 2, "exists");
    paginum(folder, "unpack w.pv a -o one");
    assert_eq!(names(&folder.join("one")), ["a.npy"]);
}

#[test]
fn every_dtype_can_be_packed_natively() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let others = ["<U4", "|S3", "|V5", "<f16"];
    let mut inputs = Vec::new();
    for (i, dtype) in NUMERIC.into_iter().chain(others).enumerate() {
        for (shape_name, shape) in [("vector", &[40][..]), ("empty", &[0]), ("cube", &[4, 3, 2])] {
            save_new(folder, &format!("{shape_name}{i}.npy"), dtype, shape);
            inputs.push(format!("{shape_name}{i}"));
        }
    }
    paginum(
        folder,
        &format!(
            "pack {}.npy -o all.pv --compat native",
            inputs.join(".npy ")
        ),
    );
    paginum(folder, "unpack all.pv -o out");
    for name in inputs {
        same(folder, &format!("{name}.npy"), &format!("out/{name}.npy"));
    }
}

#[test]
fn arrays_of_one_name_are_an_error_that_names_both_files() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::create_dir(folder.join("x")).unwrap();
    save_new(folder, "a.npy", "<f4", &[5]);
    save_new(folder, "x/a.npy", "<f4", &[5]);
    fails(
        folder,
        "pack a.npy x/a.npy -o w.pv",
        2,
        "a.npy and x/a.npy both hold",
    );
    assert_eq!(names(folder), ["a.npy", "x"]);
}

#[test]
fn filters_are_chosen_for_all_or_for_one() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    packed(folder);
    paginum(
        folder,
        "pack a.npy b.npy -o f.pv --compat native --filter none --filter b=shuffle:5",
    );
    let value: Value = serde_json::from_str(&paginum(folder, "ls f.pv --json")).unwrap();
    let filter = |path: &str| {
        let arrays = value["arrays"].as_array().unwrap().iter();
        arrays
            .filter(|a| a["path"] == path)
            .map(|a| a["filter"].clone())
            .next()
            .unwrap()
    };
    assert_eq!(filter("field_data/a"), "none");
    assert_eq!(filter("field_data/b"), "shuffle");
    fails(
        folder,
        "pack a.npy -o x.pv --compat 0.7 --filter delta",
        2,
        "delta",
    );
    fails(folder, "pack a.npy -o x.pv --compat 9", 2, "9");
    fails(folder, "pack a.npy -o x.pv --filter none:x", 2, "level");
}

#[test]
fn arrays_are_appended_replaced_removed_and_compacted() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    packed(folder);
    for stage in ["", "--stage"] {
        save_new(folder, "c.npy", "<u2", &[2000]);
        paginum(folder, &format!("append w.pv c.npy {stage}"));
        paginum(folder, "cat w.pv c -o c2.npy --force");
        same(folder, "c.npy", "c2.npy");
        fails(folder, "append w.pv c.npy", 2, "c");
        save_new(folder, "c.npy", ">f4", &[70]);
        paginum(folder, &format!("append w.pv c.npy --replace {stage}"));
        paginum(folder, "cat w.pv c -o c2.npy --force");
        same(folder, "c.npy", "c2.npy");
        paginum(folder, &format!("rm w.pv c {stage}"));
        assert_eq!(paths(folder, "w.pv").len(), 3);
        fails(folder, "rm w.pv c", 2, "c");
        paginum(folder, "compact w.pv");
        paginum(folder, "verify w.pv");
        assert_eq!(
            paginum(folder, "cat w.pv a --rows 5"),
            paginum(folder, "cat a.npy --rows 5")
        );
    }
}

#[test]
fn an_interrupted_append_is_repaired() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    packed(folder);
    assert!(stderr(&run(folder, "repair w.pv")).contains("nothing to repair"));
    let old = fs::read(folder.join("w.pv")).unwrap();
    save_new(folder, "c.npy", "<u2", &[2000]);
    paginum(folder, "append w.pv c.npy");
    let new = fs::read(folder.join("w.pv")).unwrap();
    // Killed before the end was written: the old bytes are whole, and something is behind them.
    let mut cut = old.clone();
    cut.extend(&new[old.len()..new.len() - 20]);
    fs::write(folder.join("w.pv"), cut).unwrap();
    assert_eq!(paths(folder, "w.pv").len(), 3);
    assert!(stderr(&run(folder, "repair w.pv")).contains("repaired"));
    assert!(fs::read(folder.join("w.pv")).unwrap() == old);
}

#[test]
fn diff_names_the_array_and_the_first_row() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    packed(folder);
    assert_eq!(paginum(folder, "diff w.pv w.pv"), "");
    // The empty geometry of a .pv has no place elsewhere.
    paginum(folder, "convert w.pv whole.npz");
    assert_eq!(paginum(folder, "diff w.pv whole.npz"), "");
    assert_eq!(paginum(folder, "diff whole.npz w.pv"), "");
    paginum(folder, "rm w.pv rain");
    let output = run(folder, "diff whole.npz w.pv");
    assert_eq!(output.stdout, b"rain: only in whole.npz\n");
    paginum(folder, "append w.pv rain.npy");
    paginum(folder, "convert w.pv w.npz");
    let b = fs::read(folder.join("b.npy")).unwrap();
    let mut changed = b.clone();
    let at = b.len() - 4 * 3 * 100 + 4;
    changed[at] ^= 1;
    fs::write(folder.join("b.npy"), changed).unwrap();
    paginum(folder, "pack a.npy b.npy -o x.pv");
    let output = run(folder, "diff w.pv x.pv");
    assert_eq!(output.status.code(), Some(1));
    let words = String::from_utf8(output.stdout).unwrap();
    assert!(
        words.contains("b: 1 of 1500 elements differs\n  [400, 1]: "),
        "{words}"
    );
    assert!(words.contains("rain: only in w.pv"), "{words}");
    // Files of one array are compared whatever it is called.
    paginum(folder, "compress a.npy -o other.pco");
    paginum(folder, "diff a.npy other.pco");
    fails(folder, "diff a.npy nowhere.npy", 6, "nowhere");
    fails(folder, "diff a.npy rain.npy", 1, "");
}

#[test]
fn formats_convert_into_one_another() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    packed(folder);
    for step in [
        "w.pv w.npz",
        "w.npz back.pv --compat native",
        "back.pv again.npz",
        "again.npz a.pco --array a",
        "a.pco a2.npy",
        "w.pv old.pv --compat 0.2",
        "a2.npy single.pv",
        "single.pv single.npy --array a2",
    ] {
        paginum(folder, &format!("convert {step}"));
    }
    same(folder, "a.npy", "a2.npy");
    same(folder, "a.npy", "single.npy");
    paginum(folder, "diff w.pv back.pv");
    assert_eq!(
        paginum(folder, "cat old.pv b"),
        paginum(folder, "cat b.npy")
    );
    fails(folder, "convert w.pv w.npy", 2, "--array");
    fails(folder, "convert w.pv w.xyz", 2, "extension");
    fails(folder, "convert w.pv w.npz", 2, "exists");
}

#[test]
fn advise_tries_every_filter() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    packed(folder);
    let table = paginum(folder, "advise w.pv");
    for filter in ["none", "shuffle", "delta"] {
        let rows = table
            .lines()
            .filter(|line| line.contains(&format!(" {filter} ")));
        assert!(rows.count() >= 2, "{table}");
    }
    assert!(table.lines().any(|line| line.ends_with('*')));
}

#[test]
fn hostile_names_stay_in_the_folder() {
    use paginum::container::npz::NpzWriter;
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let array = crate::arrays::array("|u1", &[3]);
    let mut file = Vec::new();
    let mut writer = NpzWriter::new(&mut file);
    let hostile = [
        "../up",
        "/root",
        "..",
        "a/../../b",
        "A",
        "a",
        "tab\there",
        "",
    ];
    for name in hostile {
        writer
            .begin_array(name, array.spec())
            .unwrap()
            .write_all(array.bytes())
            .unwrap();
    }
    writer.finish().unwrap();
    fs::create_dir(folder.join("in")).unwrap();
    fs::write(folder.join("in/x.npz"), file).unwrap();
    let listed = stderr(&run(&folder.join("in"), "unpack x.npz -o out"));
    assert_eq!(listed.lines().count(), hostile.len());
    assert_eq!(names(folder), ["in"]);
    assert_eq!(names(&folder.join("in")), ["out", "x.npz"]);
    for line in listed.lines() {
        assert!(fs::read(folder.join("in").join(line)).unwrap() == npy::to_bytes(&array));
    }
    // What a terminal could take for a command is escaped.
    assert!(paginum(&folder.join("in"), "ls x.npz").contains("tab\\there"));
}

#[test]
fn damage_names_the_file_and_the_array() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    packed(folder);
    let mut file = fs::read(folder.join("w.pv")).unwrap();
    let middle = file.len() / 3;
    file[middle] ^= 0x10;
    fs::write(folder.join("w.pv"), file).unwrap();
    fails(folder, "verify w.pv", 3, "w.pv: array \"");
}
