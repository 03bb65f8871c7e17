//! What is shown: tables for people, documents for programs, drawings.

use std::path::Path;

use paginum::{Array, ArraySpec};
use serde_json::Value;

use crate::arrays::{array, save, save_new};
use crate::run::{fails, paginum, run};

#[test]
fn ls_lists_arrays() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", ">f8", &[3, 2]);
    let words = paginum(folder, "ls a.npy");
    assert!(
        words
            .lines()
            .nth(1)
            .unwrap()
            .starts_with("a      >f8    3x2"),
        "{words}"
    );
    let value: Value = serde_json::from_str(&paginum(folder, "ls a.npy --json")).unwrap();
    assert_eq!(value["arrays"][0]["bytes"], 48);
}

#[test]
fn folders_are_listed_with_their_files() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::create_dir_all(folder.join("in/deeper")).unwrap();
    save_new(folder, "in/a.npy", "<f8", &[3, 2]);
    save_new(folder, "in/deeper/b.npy", "<i2", &[7]);
    std::fs::write(folder.join("in/other.txt"), "no arrays").unwrap();
    let words = paginum(folder, "ls in");
    assert!(
        words.contains("in/a.npy") && !words.contains("b.npy"),
        "{words}"
    );
    assert!(!words.contains("other.txt"), "{words}");
    let words = paginum(folder, "ls -r in/");
    assert!(
        words.contains("in/deeper/b.npy") && words.contains("in/a.npy"),
        "{words}"
    );
    // A list, as of several files: a program need not know how many there are.
    let value: Value = serde_json::from_str(&paginum(folder, "ls in --json")).unwrap();
    assert_eq!(value[0]["arrays"][0]["shape"], serde_json::json!([3, 2]));
    std::fs::create_dir(folder.join("empty")).unwrap();
    fails(folder, "ls empty", 2, "holds no file");
    fails(folder, "ls ftp://127.0.0.1:9/folder/", 4, "");
}

#[test]
fn several_files_are_listed_and_a_bad_one_does_not_stop_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<f8", &[3, 2]);
    save_new(folder, "c.npy", "<i2", &[7]);
    std::fs::write(folder.join("b.npy"), b"\x93NUMPY\x01\0").unwrap();
    paginum(folder, "compress a.npy -o a.pco");
    for verb in ["ls", "inspect"] {
        let output = run(folder, &format!("{verb} a.npy b.npy nowhere c.npy a.pco"));
        // Truncated is 3, a file that is not there 6: the worst counts.
        assert_eq!(output.status.code(), Some(6), "{verb}");
        let words = String::from_utf8(output.stdout).unwrap();
        for part in ["a.npy", "c.npy", "a.pco", "3x2", "<i2"] {
            assert!(
                words.contains(part) || (verb, part) == ("inspect", "3x2"),
                "{words}"
            );
        }
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("b.npy") && said.contains("nowhere"), "{said}");
        let output = run(folder, &format!("{verb} a.npy b.npy c.npy --json"));
        assert_eq!(output.status.code(), Some(3));
        let value: Value = serde_json::from_slice(&output.stdout).unwrap();
        let files: Vec<&str> = value
            .as_array()
            .unwrap()
            .iter()
            .map(|v| v["file"].as_str().unwrap())
            .collect();
        assert_eq!(files, ["a.npy", "c.npy"]);
        fails(folder, &format!("{verb} b.npy"), 3, "b.npy");
    }
    let table = paginum(folder, "ls a.npy c.npy");
    assert_eq!(table.lines().count(), 3);
    assert!(table.starts_with("file   array"), "{table}");
}

#[test]
fn long_names_are_cut_in_the_middle_of_tables_alone() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<f8", &[3]);
    let name = format!("start{}end", "温".repeat(60));
    paginum(folder, "pack a.npy -o a.pv --compat native");
    std::fs::copy(folder.join("a.npy"), folder.join(format!("{name}.npy"))).unwrap();
    paginum(folder, &format!("append a.pv {name}.npy"));
    let words = paginum(folder, "ls a.pv");
    assert!(
        !words.contains(&name) && words.contains('…') && words.contains("end  "),
        "{words}"
    );
    assert!(paginum(folder, "ls a.pv --json").contains(&name));
}

#[test]
fn text_is_a_line_a_row() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let numbers = Array::from_numbers(&[0.1f32, -2.0, f32::NAN, f32::INFINITY]).unwrap();
    save(folder, "a.npy", &numbers);
    assert_eq!(paginum(folder, "cat a.npy"), "0.1\n-2\nNaN\ninf\n");
}

#[test]
fn rows_are_chosen_as_in_python() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let numbers: Vec<i32> = (0..10).collect();
    save(folder, "a.npy", &Array::from_numbers(&numbers).unwrap());
    paginum(folder, "compress a.npy -o a.pco");
    for (options, expected) in [
        ("--rows 2..4", "2 3"),
        ("--rows 2:4", "2 3"),
        ("--rows -3..", "7 8 9"),
        ("--rows -1", "9"),
        ("--rows ..-8", "0 1"),
        ("--rows 1..9..3", "1 4 7"),
        ("--rows ::4", "0 4 8"),
        ("--rows 10..", ""),
        ("--first 2", "0 1"),
        ("--last 2", "8 9"),
        ("--first 100", "0 1 2 3 4 5 6 7 8 9"),
        ("--last 100", "0 1 2 3 4 5 6 7 8 9"),
    ] {
        let lines: String = expected
            .split_whitespace()
            .map(|n| format!("{n}\n"))
            .collect();
        for verb in ["cat a.npy", "cat a.pco", "decompress a.pco --text"] {
            assert_eq!(
                paginum(folder, &format!("{verb} {options}")),
                lines,
                "{options}"
            );
        }
    }
    for rows in ["5..11", "10", "-11..", "-11"] {
        fails(folder, &format!("cat a.npy --rows {rows}"), 2, "10 rows");
    }
    fails(folder, "cat a.npy --rows ::0", 2, "step");
    fails(folder, "cat a.npy --rows 1..2 --first 3", 2, "--first");
}

#[test]
fn rows_far_apart_are_those_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let numbers: Vec<i64> = (0..600_000).collect();
    save(folder, "a.npy", &Array::from_numbers(&numbers).unwrap());
    for (step, expected) in [
        (100_000, vec![1, 100_001]),
        (200_000, vec![1, 200_001, 400_001]),
    ] {
        let text = paginum(folder, &format!("cat a.npy --rows 1..500000..{step}"));
        let lines: Vec<i64> = text.lines().map(|line| line.parse().unwrap()).collect();
        assert_eq!(lines[..expected.len()], expected);
        assert_eq!(lines.len(), (500_000_usize - 1).div_ceil(step));
    }
    paginum(folder, "cat a.npy --rows ::200000 -o b.npy");
    assert_eq!(paginum(folder, "cat b.npy"), "0\n200000\n400000\n");
}

/// An `.npz` of a time, a point of two coordinates and a name a row.
fn save_columns(folder: &Path) {
    let column = |dtype: &str, shape: &[u64], bytes: &[u8]| {
        let spec = ArraySpec::new(dtype.parse().unwrap(), shape).unwrap();
        Array::from_bytes(spec, bytes).unwrap()
    };
    let times = [1u64 << 53, (1 << 53) + 1].map(u64::to_le_bytes).concat();
    let points = [0.1f64, -0.0, f64::NAN, 3.0].map(f64::to_le_bytes).concat();
    save(folder, "t.npy", &column("<u8", &[2], &times));
    save(folder, "p.npy", &column("<f8", &[2, 2], &points));
    save(folder, "s.npy", &column("|S4", &[2], b"a,\"b\0\0\0\0"));
    save_new(folder, "longer.npy", "<i4", &[3]);
    paginum(
        folder,
        "pack t.npy p.npy s.npy longer.npy -o all.pv --compat native",
    );
}

#[test]
fn arrays_of_equal_length_stand_side_by_side() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_columns(folder);
    assert_eq!(
        paginum(folder, "cat all.pv t p s"),
        "# t p[0] p[1] s\n9007199254740992 0.1 -0 \"a,\\\"b\"\n9007199254740993 NaN 3 \"\"\n"
    );
    assert_eq!(
        paginum(folder, "cat all.pv t p s --format csv"),
        "t,p[0],p[1],s\n9007199254740992,0.1,-0.0,\"a,\"\"b\"\n9007199254740993,NaN,3.0,\"\"\n"
    );
    let json = paginum(folder, "cat all.pv t p s --format json");
    let rows: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        rows,
        serde_json::json!([
            {"t": 1u64 << 53, "p": [0.1, -0.0], "s": "a,\"b"},
            {"t": "9007199254740993", "p": ["NaN", 3.0], "s": ""},
        ])
    );
    assert!(json.contains("-0.0") && json.lines().count() == 4, "{json}");
    assert_eq!(
        paginum(folder, "cat p.npy --format json"),
        "[\n[0.1,-0.0],\n[\"NaN\",3.0]\n]\n"
    );
    assert_eq!(paginum(folder, "cat p.npy --format json --first 0"), "[]\n");
    assert_eq!(
        paginum(folder, "cat t.npy --format csv --no-header --last 1"),
        "9007199254740993\n"
    );
    fails(folder, "cat all.pv t longer", 2, "\"longer\" has 3 rows");
    fails(folder, "cat all.pv t p --format npy", 2, "side by side");
}

#[test]
fn the_name_of_the_output_says_how_rows_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_columns(folder);
    for (name, format) in [("o.csv", "csv"), ("o.json", "json"), ("o.txt", "text")] {
        paginum(folder, &format!("cat p.npy -o {name}"));
        let printed = paginum(folder, &format!("cat p.npy --format {format}"));
        assert_eq!(std::fs::read_to_string(folder.join(name)).unwrap(), printed);
    }
    paginum(folder, "cat p.npy -o o.npy");
    assert_eq!(
        std::fs::read(folder.join("o.npy")).unwrap(),
        std::fs::read(folder.join("p.npy")).unwrap()
    );
    assert_eq!(
        run(folder, "cat p.npy --format npy").stdout,
        std::fs::read(folder.join("p.npy")).unwrap()
    );
}

#[test]
fn rows_that_hold_no_bytes_are_not_counted_out() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let spec = ArraySpec::new("<f8".parse().unwrap(), [1 << 60, 0]).unwrap();
    save(folder, "a.npy", &Array::from_bytes(spec, &[]).unwrap());
    assert_eq!(paginum(folder, "cat a.npy"), "");
    assert_eq!(paginum(folder, "cat a.npy --format json"), "[]\n");
}

#[test]
fn results_and_words_go_apart() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<u2", &[1000]);
    let output = run(folder, "compress a.npy -o a.pco");
    assert!(output.stdout.is_empty());
    let line = String::from_utf8(output.stderr).unwrap();
    assert!(
        line.contains("2000 -> ") && line.contains("ratio") && line.contains("MB/s"),
        "{line}"
    );
    // The array goes to standard output: the line does not.
    let output = run(folder, "compress a.npy -o -");
    assert!(output.stdout.starts_with(b"pco!"));
    assert!(String::from_utf8(output.stderr).unwrap().contains("ratio"));
    assert!(run(folder, "compress a.npy -o - --quiet").stderr.is_empty());
}

#[test]
fn completions_and_help_are_there_for_every_verb() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(paginum(folder, &format!("completions {shell}")).contains("paginum"));
    }
    let help = paginum(folder, "--help");
    let verbs = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    for verb in verbs
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
    {
        assert!(paginum(folder, &format!("help {verb}")).contains("Usage"));
    }
    assert!(array("<f4", &[1]).bytes().len() == 4);
}
