//! Types of numbers and of records: how they are named, and what becomes of fields.

use std::fs;

use crate::arrays::{npy_of, save_new};
use crate::run::{fails, listed, names, paginum, run, stderr};

#[test]
fn types_are_what_rust_and_numpy_agree_on() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("raw.bin"), [1, 0, 0, 0, 0, 0, 0, 0]).unwrap();
    for (dtype, rows) in [
        ("int16", 4),
        ("float64", 1),
        ("i64", 1),
        ("<u4", 2),
        (">i2", 4),
        ("f8", 1),
    ] {
        paginum(folder, &format!("pack raw.bin --dtype {dtype} -f -o a.pv"));
        assert_eq!(
            paginum(folder, "cat a.pv raw").lines().count(),
            rows,
            "{dtype}"
        );
    }
    for (dtype, words) in [
        ("i8", "'|i1' (int8), to numpy '<i8' (int64)"),
        ("u8", "'|u1' (uint8), to numpy '<u8' (uint64)"),
        ("f16", "'<f2' (float16), to numpy '<f16' (float128)"),
        ("nope", "nope"),
    ] {
        fails(
            folder,
            &format!("pack raw.bin --dtype {dtype} -f -o a.pv"),
            2,
            words,
        );
    }
    // The names of files are Rust's.
    fs::write(folder.join("count.i64.bin"), 7_i64.to_le_bytes()).unwrap();
    fs::write(folder.join("byte.i8.bin"), [255]).unwrap();
    assert_eq!(paginum(folder, "cat count.i64.bin"), "7\n");
    paginum(folder, "pack count.i64.bin byte.i8.bin -f -o a.pv");
    assert_eq!(paginum(folder, "cat a.pv count"), "7\n");
    assert_eq!(paginum(folder, "cat a.pv byte"), "-1\n");
    fails(folder, "pack raw.bin --shape 2,4 -f -o a.pv", 2, "--dtype");
    paginum(folder, "pack count.i64.bin --shape 1,1 -f -o a.pv");
    paginum(folder, "pack count.i64.bin --shape 1x1 -f -o a.pv");
}

#[test]
fn records_are_columns_where_that_is_wished() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let data = [1, 0, 10, 20, 9, 2, 0, 30, 40, 9];
    let record = npy_of(
        "[('x', '<u2'), ('y', '|u1', (2,)), ('', '|V1')]",
        "(2,)",
        &data,
    );
    fs::write(folder.join("r.npy"), &record).unwrap();
    assert_eq!(
        paginum(folder, "cat r.npy --no-header"),
        "1 10 20\n2 30 40\n"
    );
    assert_eq!(paginum(folder, "cat r.npy y"), "10 20\n30 40\n");
    let listing = paginum(folder, "ls r.npy");
    assert!(listing.contains("{x: <u2, y: |u1 [2]}"), "{listing}");
    // As they are: opaque in .pv, which is said, and records elsewhere.
    let output = run(folder, "pack r.npy -o opaque.pv --compat native");
    assert!(stderr(&output).contains("--fields"), "{}", stderr(&output));
    assert_eq!(listed(folder, "opaque.pv", "field_data/r")["dtype"], "|V5");
    paginum(folder, "convert r.npy r.npz");
    assert_eq!(listed(folder, "r.npz", "r")["fields"][0]["name"], "x");
    paginum(folder, "unpack r.npz -o out");
    assert_eq!(paginum(folder, "cat out/r.npy x"), "1\n2\n");
    paginum(folder, "cat r.npz r -o rows.npy --rows 1..");
    assert_eq!(paginum(folder, "cat rows.npy x"), "2\n");
    // By fields.
    for verb in [
        "pack r.npy -o fields.pv",
        "convert r.npy fields.npz",
        "pack r.npz -o more.pv",
    ] {
        paginum(folder, &format!("{verb} --fields"));
    }
    for file in ["fields.pv", "fields.npz", "more.pv"] {
        assert_eq!(paginum(folder, &format!("cat {file} r/x")), "1\n2\n");
        assert_eq!(
            paginum(folder, &format!("cat {file} r/y")),
            "10 20\n30 40\n"
        );
    }
}

#[test]
fn fields_become_records_again() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let data: Vec<u8> = (0..16).collect();
    let descr = "[('x', '<u2'), ('in', [('y', '|u1', (2,)), ('z', '<f4')])]";
    fs::write(folder.join("r.npy"), npy_of(descr, "(2,)", &data)).unwrap();
    save_new(folder, "a.npy", "<f8", &[3]);
    for packed in ["pack r.npy a.npy -o r.pv", "convert r.npy r.npz"] {
        paginum(folder, &format!("{packed} --fields"));
    }
    paginum(folder, "unpack r.pv --records -o pv");
    paginum(folder, "unpack r.npz --records -o npz");
    assert_eq!(names(&folder.join("pv")), ["a.npy", "r.npy"]);
    for back in ["pv/r.npy", "npz/r.npy"] {
        let back = fs::read(folder.join(back)).unwrap();
        assert!(back.ends_with(&data));
        let header = String::from_utf8_lossy(&back[10..128]);
        assert!(header.contains(&format!("'descr': {descr}")), "{header}");
    }
}

#[test]
fn a_type_is_not_put_upon_files_that_have_one() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<i8", &[300]);
    fs::write(folder.join("b.bin"), [0u8; 40]).unwrap();
    let output = run(folder, "pack a.npy b.bin --dtype f32 -o all.pv");
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("a.npy says its type itself"));
    paginum(folder, "convert all.pv back.npy --array a");
    assert_eq!(
        fs::read(folder.join("back.npy")).unwrap(),
        fs::read(folder.join("a.npy")).unwrap()
    );
    fails(
        folder,
        "compress a.npy --shape 3,100",
        2,
        "has its own shapes",
    );
    fails(
        folder,
        "compress b.bin -o b.pco --dtype f64 --shape 3",
        2,
        "are not <f8 [3]",
    );
}

/// It was refused, since its fields were taken for arrays of different lengths; a field alone stood in lines of its own.
#[test]
fn a_record_is_one_row_whatever_its_fields_are() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let numbers = |all: &[f32]| -> Vec<u8> { all.iter().flat_map(|x| x.to_le_bytes()).collect() };
    let descr = "[('p', '<f4', (3,)), ('k', '<f4')]";
    let one = numbers(&[1.0, 2.0, 3.0, 9.0]);
    fs::write(folder.join("r.npy"), npy_of(descr, "()", &one)).unwrap();
    let lone = npy_of("[('p', '<f4', (3,))]", "()", &one[..12]);
    fs::write(folder.join("lone.npy"), lone).unwrap();
    let two = [numbers(&[0.0; 4]), one].concat();
    fs::write(folder.join("rs.npy"), npy_of(descr, "(2,)", &two)).unwrap();
    for (verb, expected) in [
        ("cat r.npy", "# r/p[0] r/p[1] r/p[2] r/k\n1 2 3 9\n"),
        (
            "cat r.npy --rows 0",
            "# r/p[0] r/p[1] r/p[2] r/k\n1 2 3 9\n",
        ),
        (
            "cat r.npy --format csv",
            "r/p[0],r/p[1],r/p[2],r/k\n1.0,2.0,3.0,9.0\n",
        ),
        (
            "cat r.npy --format json",
            "[\n{\"r/p\":[1.0,2.0,3.0],\"r/k\":9.0}\n]\n",
        ),
        ("cat lone.npy", "1 2 3\n"),
        ("cat lone.npy --format json", "[\n[1.0,2.0,3.0]\n]\n"),
        (
            "cat rs.npy --select 1",
            "# rs/p[0] rs/p[1] rs/p[2] rs/k\n1 2 3 9\n",
        ),
        // A field that is asked for by its name is an array.
        ("cat r.npy r/p", "1\n2\n3\n"),
    ] {
        assert_eq!(paginum(folder, verb), expected, "{verb}");
    }
    fails(folder, "cat r.npy --select 0", 2, "a selection of 1 axes");
    paginum(folder, "convert r.npy r.csv");
    let text = fs::read_to_string(folder.join("r.csv")).unwrap();
    assert_eq!(text, "r/p[0],r/p[1],r/p[2],r/k\n1.0,2.0,3.0,9.0\n");
    paginum(folder, "cat r.npy -o whole.npy");
    paginum(folder, "diff r.npy whole.npy");
}
