//! What arrays are called, by all verbs alike, and what is said of a name that none has.

use std::fs;

use crate::arrays::save_new;
use crate::run::{fails, names, paginum, run, stderr};

#[test]
fn an_array_is_called_like_its_file_where_that_has_no_name_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let array = save_new(folder, "wind.npy", "<i4", &[30]);
    paginum(folder, "compress wind.npy -o wind.pco");
    fs::write(folder.join("wind.i32.bin"), array.bytes()).unwrap();
    paginum(folder, "pack wind.npy -o other.pv");
    for file in ["wind.npy", "wind.pco"] {
        let listed = paginum(folder, &format!("ls {file}"));
        assert!(listed.contains("\nwind "), "{file}: {listed}");
        let json: serde_json::Value =
            serde_json::from_str(&paginum(folder, &format!("ls {file} --json"))).unwrap();
        assert_eq!(json["arrays"][0]["name"], "wind");
    }
    let inspected = paginum(folder, "inspect wind.npy");
    assert!(inspected.contains("\nwind "), "{inspected}");
    for file in ["wind.npy", "wind.pco", "other.pv"] {
        let header = paginum(folder, &format!("cat {file} --format csv --first 1"));
        let named = paginum(folder, &format!("cat {file} wind --format csv --first 1"));
        assert!(named.starts_with("wind\n"), "{file}: {named}");
        assert_eq!(header, named, "{file}");
        let advised = paginum(folder, &format!("advise {file}"));
        assert!(advised.contains("\nwind "), "{file}: {advised}");
    }
    // The name that the library gives it finds it, too.
    paginum(folder, "cat wind.npy array");
    for other in ["wind.pco", "other.pv"] {
        paginum(folder, &format!("diff wind.npy {other}"));
    }
    // Of several arrays, the one of that name.
    save_new(folder, "rain.npy", "<i4", &[5]);
    paginum(folder, "append other.pv rain.npy");
    let output = run(folder, "diff wind.npy other.pv");
    let words = String::from_utf8(output.stdout).unwrap();
    assert_eq!(words, "rain: only in other.pv\n");
    paginum(folder, "convert wind.npy wind.npz");
    assert_eq!(paginum(folder, "diff wind.npz wind.npy"), "");
}

#[test]
fn what_ls_shows_is_what_verbs_take_and_unpack_writes() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for name in ["wind", "rain"] {
        save_new(folder, &format!("{name}.npy"), "<i4", &[30]);
    }
    paginum(folder, "pack wind.npy rain.npy -o w.pv");
    let listed = paginum(folder, "ls w.pv");
    let shown: Vec<&str> = listed
        .lines()
        .skip(1)
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(shown, ["wind", "rain"]);
    paginum(folder, "unpack w.pv -o out");
    assert_eq!(names(&folder.join("out")), ["rain.npy", "wind.npy"]);
    paginum(folder, "pack out/wind.npy out/rain.npy -o again.pv");
    paginum(folder, "diff w.pv again.pv");
    paginum(folder, "rm w.pv rain");
    assert!(!paginum(folder, "ls w.pv").contains("rain"));
}

#[test]
fn a_name_that_is_nearly_right_gets_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for name in ["points", "cells"] {
        save_new(folder, &format!("{name}.npy"), "<i4", &[3]);
    }
    paginum(folder, "pack points.npy cells.npy -o a.pv");
    paginum(folder, "convert a.pv a.npz");
    for file in ["a.pv", "a.npz"] {
        for verb in [
            "cat F pionts",
            "unpack F pionts -o out",
            "convert F x.npy --array pionts",
        ] {
            let arguments = verb.replace('F', file);
            let words = "there is no array \"pionts\"; did you mean \"points\"?";
            fails(folder, &arguments, 2, words);
        }
        fails(
            folder,
            &format!("cat {file} zzz"),
            2,
            "holds \"points\", \"cells\"",
        );
    }
    fails(folder, "rm a.pv pionts", 2, "did you mean");
    fails(folder, "inspect a.pv --array pionts", 2, "did you mean");
    fails(folder, "cat points.npy x", 2, "the file holds \"points\"");
    let said = stderr(&run(folder, "cat a.pv pionts"));
    assert!(!said.contains("invalid argument"), "{said}");
}

#[test]
fn an_archive_of_no_arrays_becomes_a_file_of_none() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    // An empty archive is its end and nothing else.
    fs::write(
        folder.join("empty.npz"),
        [&b"PK\x05\x06"[..], &[0; 18]].concat(),
    )
    .unwrap();
    for (i, verb) in ["pack empty.npz -o", "convert empty.npz"]
        .into_iter()
        .enumerate()
    {
        for compat in ["native", "0.7", "0.2"] {
            let file = format!("{i}{compat}.pv");
            paginum(folder, &format!("{verb} {file} --compat {compat}"));
            paginum(folder, &format!("verify {file}"));
            assert_eq!(paginum(folder, &format!("ls {file}")).lines().count(), 1);
            save_new(folder, "a.npy", "<i4", &[3]);
            paginum(folder, &format!("append {file} a.npy"));
            paginum(folder, &format!("diff {file} a.npy"));
        }
    }
}

#[test]
fn members_that_a_format_cannot_hold_cost_themselves_alone() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for (name, dtype) in [("n", "<i8"), ("t", "<U2"), ("z", "<f8")] {
        save_new(folder, &format!("{name}.npy"), dtype, &[5]);
    }
    paginum(folder, "pack n.npy t.npy z.npy -o mix.pv");
    paginum(folder, "convert mix.pv mix.npz");
    for input in ["mix.npz", "mix.pv"] {
        let output = run(folder, &format!("compress {input} -o out-{input}/"));
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(4), "{input}: {said}");
        assert!(
            said.contains("\"t\"") && said.contains("unsupported"),
            "{said}"
        );
        assert_eq!(
            names(&folder.join(format!("out-{input}"))),
            ["n.pco", "z.pco"]
        );
    }
    fails(folder, "compress t.npy", 4, "unsupported");
    fails(folder, "convert t.npy t.pco", 4, "unsupported");
    paginum(folder, "verify mix.npz");
    assert_eq!(paginum(folder, "ls mix.npz").lines().count(), 4);
}
