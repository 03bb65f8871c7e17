//! What `diff` finds, counts and shows.

use std::io::Write;
use std::path::Path;

use paginum::container::npz::NpzWriter;
use paginum::{Array, ArraySpec};

use crate::arrays::{save, save_new};
use crate::run::{fails, paginum, run};

/// Runs `diff` on files that differ; returns what it prints.
fn differences(folder: &Path, arguments: &str) -> String {
    let output = run(folder, &format!("diff {arguments}"));
    assert_eq!(output.status.code(), Some(1), "{arguments}: {output:?}");
    assert!(output.stderr.is_empty());
    String::from_utf8(output.stdout).unwrap()
}

fn save_numbers<T: paginum::wrapped::Number>(folder: &Path, name: &str, numbers: &[T]) {
    save(folder, name, &Array::from_numbers(numbers).unwrap());
}

#[test]
fn differences_are_counted_and_the_first_ten_are_shown() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let numbers: Vec<i32> = (0..10_000_000).collect();
    save_numbers(folder, "a.npy", &numbers);
    let mut others = numbers.clone();
    // In order, over windows of 64 MiB: the last are in another than the first.
    for i in (5..10_000_000).step_by(900_000) {
        others[i] = -1;
    }
    save_numbers(folder, "b.npy", &others);
    let words = differences(folder, "a.npy b.npy");
    let lines: Vec<&str> = words.lines().collect();
    assert_eq!(lines[0], "a: 12 of 10000000 elements differ");
    assert_eq!(lines[1], "  [5]: 5 and -1");
    assert_eq!(lines[10], "  [8100005]: 8100005 and -1");
    assert_eq!(lines[11], "  ... and 2 more");
    assert_eq!(lines.len(), 12);
}

#[test]
fn an_element_is_named_by_its_indices() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut bytes: Vec<u8> = (0..24).collect();
    let spec = ArraySpec::new("|u1".parse().unwrap(), [4, 2, 3]).unwrap();
    save(
        folder,
        "a.npy",
        &Array::from_bytes(spec.clone(), &bytes).unwrap(),
    );
    bytes[23] = 99;
    save(folder, "b.npy", &Array::from_bytes(spec, &bytes).unwrap());
    assert_eq!(
        differences(folder, "a.npy b.npy"),
        "a: 1 of 24 elements differs\n  [3, 1, 2]: 23 and 99\n"
    );
    assert_eq!(differences(folder, "a.npy b.npy --names"), "a\n");
    save_new(folder, "c.npy", "|u1", &[4, 6]);
    assert_eq!(
        differences(folder, "a.npy c.npy"),
        "a: |u1 [4, 2, 3] and |u1 [4, 6]\n"
    );
}

#[test]
fn tolerances_follow_numpy() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_numbers(folder, "a.npy", &[1.0, 100.0, f64::NAN, 0.0, f64::INFINITY]);
    save_numbers(
        folder,
        "b.npy",
        &[1.001, 100.001, -f64::NAN, -0.0, f64::INFINITY],
    );
    assert!(differences(folder, "a.npy b.npy").starts_with("a: 4 of 5 elements differ\n"));
    assert_eq!(
        differences(folder, "a.npy b.npy --rtol 0 --atol 0"),
        "a: 2 of 5 elements differ\n  [0]: 1 and 1.001\n  [1]: 100 and 100.001\n"
    );
    assert!(differences(folder, "a.npy b.npy --rtol 1e-4").contains("1 of 5 elements differs"));
    assert_eq!(paginum(folder, "diff a.npy b.npy --atol 0.0011"), "");
    // Values are compared, whatever type they have.
    save_numbers(
        folder,
        "c.npy",
        &[1.001_f32, 100.001, f32::NAN, 0.0, f32::INFINITY],
    );
    assert_eq!(paginum(folder, "diff a.npy c.npy --atol 0.0011"), "");
    assert_eq!(
        differences(folder, "a.npy c.npy"),
        "a: <f8 [5] and <f4 [5]; --atol 0 compares values, whatever their types\n"
    );
    save_numbers(folder, "large.npy", &[1i64 << 60]);
    save_numbers(folder, "larger.npy", &[(1i64 << 60) + 1]);
    differences(folder, "large.npy larger.npy --atol 0.5");
    paginum(folder, "diff large.npy larger.npy --atol 1");
    for wrong in ["-1", "nan", "x"] {
        fails(
            folder,
            &format!("diff a.npy b.npy --rtol={wrong}"),
            2,
            "at least 0",
        );
    }
}

#[test]
fn files_of_one_array_are_compared_whatever_it_is_called() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<f8", &[50]);
    std::fs::copy(folder.join("a.npy"), folder.join("b.npy")).unwrap();
    save_new(folder, "other.npy", "<f8", &[51]);
    for compat in ["native", "0.7"] {
        paginum(folder, &format!("pack b.npy -o b.pv -f --compat {compat}"));
        paginum(folder, "pack other.npy -o other.pv -f");
        paginum(folder, "convert b.pv b.npz -f");
        paginum(folder, "pack a.npy -o a.pv -f");
        for b in ["b.pv", "b.npz"] {
            for a in ["a.npy", "a.pv"] {
                assert_eq!(paginum(folder, &format!("diff {a} {b}")), "");
                assert_eq!(paginum(folder, &format!("diff {b} {a}")), "");
            }
            differences(folder, &format!("{b} other.pv"));
            differences(folder, &format!("other.npy {b}"));
        }
    }
}

#[test]
fn an_array_that_cannot_be_read_does_not_hide_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<f8", &[50]);
    save_new(folder, "b.npy", "<f8", &[50]);
    paginum(
        folder,
        "pack a.npy b.npy -o good.pv --compat 0.7 --filter none",
    );
    save_new(folder, "b.npy", "<f8", &[51]);
    paginum(
        folder,
        "pack a.npy b.npy -o bad.pv --compat 0.7 --filter none",
    );
    let mut bytes = std::fs::read(folder.join("bad.pv")).unwrap();
    // Behind the magic number of the first frame that holds numbers, which a frame of an empty array does not.
    let magic = [0x28, 0xb5, 0x2f, 0xfd];
    let frames = bytes.windows(4).enumerate().filter(|(_, w)| *w == magic);
    let starts: Vec<usize> = frames.map(|(i, _)| i).collect();
    let longest = starts.windows(2).find(|pair| pair[1] - pair[0] > 60);
    let at = longest.unwrap()[0] + 30;
    bytes[at] ^= 0x40;
    std::fs::write(folder.join("bad.pv"), &bytes).unwrap();
    let output = run(folder, "diff good.pv bad.pv");
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let words = String::from_utf8(output.stdout).unwrap();
    assert!(words.contains("b: <f8 [50] and <f8 [51]"), "{words}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("bad.pv"));
}

/// A `.npz` file of arrays of one number each.
fn save_npz(folder: &Path, file: &str, arrays: &[(&str, u8)]) {
    let spec = ArraySpec::new("|u1".parse().unwrap(), [1]).unwrap();
    let mut bytes = Vec::new();
    let mut writer = NpzWriter::new(&mut bytes);
    for (name, number) in arrays {
        let mut elements = writer.begin_array(name, &spec).unwrap();
        elements.write_all(&[*number]).unwrap();
    }
    writer.finish().unwrap();
    std::fs::write(folder.join(file), bytes).unwrap();
}

#[test]
fn a_bare_name_takes_no_array_that_another_means_by_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_npz(folder, "a.npz", &[("g/x", 1), ("x", 2), ("y", 3)]);
    save_npz(folder, "b.npz", &[("x", 2), ("y", 3)]);
    let only = "g/x: only in a.npz\n";
    assert_eq!(differences(folder, "a.npz b.npz"), only);
    assert_eq!(differences(folder, "b.npz a.npz"), only);
}

/// Whichever file comes first, the same arrays are compared.
#[test]
fn files_are_compared_the_same_both_ways() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_npz(folder, "a.npz", &[("g/u", 1), ("u", 2), ("h", 3)]);
    paginum(folder, "pack a.npz -o a.pv");
    for files in ["a.npz a.pv", "a.pv a.npz"] {
        paginum(folder, &format!("diff {files}"));
    }
    // Of two arrays with a bare name, neither is meant by it.
    save_npz(folder, "two.npz", &[("p/x", 1), ("q/x", 2)]);
    save_npz(folder, "one.npz", &[("x", 1), ("z", 2)]);
    for files in ["two.npz one.npz", "one.npz two.npz"] {
        let mut lines: Vec<String> = differences(folder, files)
            .lines()
            .map(String::from)
            .collect();
        lines.sort();
        let expected = [
            "p/x: only in two.npz",
            "q/x: only in two.npz",
            "x: only in one.npz",
            "z: only in one.npz",
        ];
        assert_eq!(lines, expected);
    }
}

#[test]
fn tolerances_are_finite_numbers_from_0_on() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<f8", &[3]);
    for option in ["--atol", "--rtol"] {
        for number in ["1e999", "inf", "nan", "-1", "-1e-9", "x"] {
            let diff = format!("diff a.npy a.npy {option} {number}");
            fails(
                folder,
                &diff,
                2,
                "a finite number of at least 0 was expected",
            );
        }
    }
}

#[test]
fn other_types_of_the_same_numbers_say_how_to_compare_values() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save(folder, "a.npy", &Array::from_numbers(&[1_i32, 2]).unwrap());
    save(
        folder,
        "b.npy",
        &Array::from_numbers(&[1_f64, 2.0]).unwrap(),
    );
    save(folder, "c.npy", &Array::from_numbers(&[1_f64]).unwrap());
    let words = "a: <i4 [2] and <f8 [2]; --atol 0 compares values, whatever their types\n";
    assert_eq!(differences(folder, "a.npy b.npy"), words);
    paginum(folder, "diff a.npy b.npy --atol 0");
    assert_eq!(
        differences(folder, "b.npy c.npy"),
        "b: <f8 [2] and <f8 [1]\n"
    );
}
