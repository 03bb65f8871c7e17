//! What `pack` makes of plain arrays: for whom, and what of it is the user's.

use std::path::Path;

use serde_json::Value;

use crate::arrays::save_new;
use crate::run::{fails, names, paginum, run, stderr};

fn listed(folder: &Path, arguments: &str) -> Vec<(String, String)> {
    let value: Value = serde_json::from_str(&paginum(folder, arguments)).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let arrays = value["arrays"].as_array().unwrap().iter();
    arrays
        .map(|array| (text(&array["path"]), text(&array["filter"])))
        .collect()
}

/// Whether only this program knows a filter.
fn is_ours(filter: &str) -> bool {
    ["numeric", "delta"].contains(&filter)
}

fn filter_of(folder: &Path, file: &str) -> String {
    let [(_, filter)] = &listed(folder, &format!("ls {file} --json"))[..] else {
        panic!("{file} holds one array");
    };
    filter.clone()
}

#[test]
fn a_new_file_has_the_codec_of_its_own_and_says_who_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<i8", &[30_000]);
    let said = stderr(&run(folder, "pack a.npy -o a.pv"));
    assert!(said.contains("--compat 0.7 writes for pyvista"), "{said}");
    assert!(is_ours(&filter_of(folder, "a.pv")));
    let said = stderr(&run(folder, "pack a.npy -o b.pv --compat 0.7"));
    assert!(said.contains("pyvista-zstd 0.7 or newer"), "{said}");
    assert!(!is_ours(&filter_of(folder, "b.pv")));
    assert!(paginum(folder, "pack --help").contains("--compat 0.7"));
}

#[test]
fn a_file_keeps_its_readers_when_it_grows_or_is_copied() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<i8", &[30_000]);
    save_new(folder, "b.npy", "<i8", &[30_000]);
    paginum(folder, "pack a.npy -o old.pv --compat 0.7");
    paginum(folder, "append old.pv b.npy");
    paginum(folder, "convert old.pv copy.pv");
    for file in ["old.pv", "copy.pv"] {
        let arrays = listed(folder, &format!("ls {file} --json"));
        assert_eq!(arrays.len(), 2, "{file}");
        assert!(
            arrays.iter().all(|(_, filter)| !is_ours(filter)),
            "{file}: {arrays:?}"
        );
    }
    paginum(folder, "convert old.pv ours.pv --compat native");
    paginum(folder, "convert ours.pv again.pv");
    for file in ["ours.pv", "again.pv"] {
        let arrays = listed(folder, &format!("ls {file} --json"));
        assert!(
            arrays.iter().all(|(_, filter)| is_ours(filter)),
            "{file}: {arrays:?}"
        );
    }
}

/// For every target, since the empty mesh of each is another one.
#[test]
fn the_empty_mesh_of_plain_arrays_is_shown_to_nobody() {
    for target in ["0.2", "0.4", "0.7", "native"] {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        save_new(folder, "points.npy", "<f8", &[40, 3]);
        paginum(
            folder,
            &format!("pack points.npy -o p.pv --compat {target}"),
        );
        let paths = |arguments: &str| -> Vec<String> {
            let arrays = listed(folder, arguments).into_iter();
            arrays.map(|(path, _)| path).collect()
        };
        assert_eq!(paths("ls p.pv --json"), ["field_data/points"], "{target}");
        let all = paths("ls p.pv --json --all");
        assert_eq!(all[..2], ["field_data/points", "points"], "{target}");
        assert_eq!(paginum(folder, "ls p.pv").lines().count(), 2, "{target}");
        assert!(paginum(folder, "inspect p.pv").contains("arrays   1\n"));
        assert!(
            paginum(folder, "verify p.pv").contains("1 array"),
            "{target}"
        );
        for cat in ["cat p.pv points", "cat p.pv"] {
            let rows = paginum(folder, cat);
            assert_eq!(rows.lines().count(), 40, "{target}: {cat}: {rows}");
        }
        // As many rows as the array alone has.
        let advised = |file| {
            paginum(folder, &format!("advise {file}"))
                .matches("\npoints")
                .count()
        };
        assert_eq!(advised("p.pv"), advised("points.npy"), "{target}");
        paginum(folder, "unpack p.pv -o out");
        assert_eq!(names(&folder.join("out")), ["points.npy"], "{target}");
        paginum(folder, "unpack p.pv --all -o all");
        assert!(names(&folder.join("all")).contains(&"points.npy".to_owned()));
        assert_eq!(names(&folder.join("all/field_data")), ["points.npy"]);
        paginum(folder, "rm p.pv points");
        assert!(paths("ls p.pv --json").is_empty(), "{target}");
        // The path leads to it where no array of the user's is called so.
        assert_eq!(
            paginum(folder, "cat p.pv points --format csv")
                .lines()
                .count(),
            1
        );
        fails(folder, "cat p.pv field_data/points", 2, "no array");
    }
}

#[test]
fn each_array_is_listed_with_its_own_bytes_whatever_died_behind_it() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for name in ["a", "b", "c"] {
        save_new(folder, &format!("{name}.npy"), "<i8", &[30_000]);
    }
    paginum(folder, "pack a.npy b.npy -o w.pv");
    let stored = |file: &str| -> Vec<(String, u64)> {
        let value: Value =
            serde_json::from_str(&paginum(folder, &format!("ls {file} --json --all"))).unwrap();
        let arrays = value["arrays"].as_array().unwrap().iter();
        arrays
            .map(|a| {
                let path = a["path"].as_str().unwrap().to_owned();
                (path, a["stored_bytes"].as_u64().unwrap())
            })
            .collect()
    };
    let given_back = || {
        let said = stderr(&run(folder, "ls w.pv"));
        said.contains("compact would give back").then_some(said)
    };
    assert_eq!(given_back(), None);
    let before = stored("w.pv");
    paginum(folder, "append w.pv c.npy");
    paginum(folder, "append w.pv b.npy --replace");
    paginum(folder, "rm w.pv c");
    let mut after = stored("w.pv");
    after.sort();
    assert_eq!(after, {
        let mut sorted = before.clone();
        sorted.sort();
        sorted
    });
    let size = || std::fs::metadata(folder.join("w.pv")).unwrap().len();
    let (large, said) = (size(), given_back().unwrap());
    let n_said: u64 = said
        .split_whitespace()
        .find_map(|word| word.parse().ok())
        .unwrap();
    paginum(folder, "compact w.pv");
    let gained = large - size();
    assert!(
        gained.abs_diff(n_said) < 400,
        "{gained} bytes, not {n_said}"
    );
    assert_eq!(given_back(), None);
}

#[test]
fn a_pv_packed_again_has_the_same_names() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<i8", &[300]);
    save_new(folder, "b.npy", "<i8", &[300]);
    paginum(folder, "pack a.npy -o one.pv");
    paginum(folder, "pack one.pv b.npy -o two.pv");
    let paths: Vec<String> = listed(folder, "ls two.pv --json")
        .into_iter()
        .map(|(path, _)| path)
        .collect();
    assert_eq!(paths, ["field_data/a", "field_data/b"]);
}

#[test]
fn numbers_in_a_page_are_said_as_the_library_and_python_say_them() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<i8", &[30_000]);
    let size = |option: &str| {
        paginum(
            folder,
            &format!("pack a.npy -o a.pv --force --filter numeric {option}"),
        );
        folder.join("a.pv").metadata().unwrap().len()
    };
    let small = size("--page-numbers 256");
    assert!(small > size(""));
    // As the option was called before.
    assert_eq!(size("--page-n 256"), small);
    assert!(!paginum(folder, "pack --help").contains("--page-n "));
}
