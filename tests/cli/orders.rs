//! Arrays in Fortran order keep it where a format can say so, and their rows are rows everywhere.

use std::fs;
use std::path::Path;

use paginum::Order;
use tempfile::TempDir;

use crate::arrays::{array, save, save_new};
use crate::run::{fails, paginum, run, stderr};

/// What numpy writes of `np.asfortranarray(np.arange(24.0).reshape(3, 4, 2) * 1.5 - 7)`.
const FORTRAN: &[u8] = include_bytes!("numpy/fortran.npy");
/// Of records in Fortran order, of the shape (2, 3): `x` of `<i4`, `y` of two `<f4`.
const RECORDS: &[u8] = include_bytes!("numpy/fortran_records.npy");

/// A folder that holds the array as `f.npy`.
fn folder_with_f() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("f.npy"), FORTRAN).unwrap();
    folder
}

fn read(folder: &Path, name: &str) -> Vec<u8> {
    fs::read(folder.join(name)).unwrap()
}

#[test]
fn every_way_round_brings_back_what_numpy_wrote() {
    let folder = folder_with_f();
    let folder = folder.path();
    for chain in [
        &["f.pco"][..],
        &["f.pv"],
        &["f.npz"],
        &["g.npy"],
        &["f.pv", "f.npz", "f.pco", "g.npy"],
        &["f.pco", "f.pv", "g.pv", "f.npz"],
    ] {
        let mut from = "f.npy";
        for to in chain {
            paginum(folder, &format!("convert {from} {to} --force"));
            assert_eq!(paginum(folder, &format!("diff f.npy {to}")), "", "{to}");
            from = to;
        }
        paginum(folder, &format!("convert {from} back.npy --force"));
        assert!(read(folder, "back.npy") == FORTRAN, "{chain:?}");
    }
}

#[test]
fn each_verb_that_writes_keeps_the_order() {
    let folder = folder_with_f();
    let folder = folder.path();
    paginum(folder, "compress f.npy -o f.pco --row-index");
    paginum(folder, "verify f.pco");
    paginum(folder, "decompress f.pco -o back.npy");
    assert!(read(folder, "back.npy") == FORTRAN);
    paginum(folder, "pack f.npy -o f.pv");
    paginum(folder, "unpack f.pv -o unpacked");
    assert!(read(folder, "unpacked/f.npy") == FORTRAN);
    // In place, beside others and in place of others.
    fs::copy(folder.join("f.npy"), folder.join("g.npy")).unwrap();
    paginum(folder, "append f.pv g.npy");
    paginum(folder, "append f.pv f.npy --replace");
    paginum(folder, "compact f.pv");
    for name in ["f", "g"] {
        paginum(folder, &format!("cat f.pv {name} -o cat.npy --force"));
        assert!(read(folder, "cat.npy") == FORTRAN, "{name}");
    }
    let whole = read(folder, "f.pv");
    fs::write(folder.join("cut.pv"), &whole[..whole.len() - 9]).unwrap();
    paginum(folder, "repair --salvage cut.pv -o saved.pv");
    paginum(folder, "cat saved.pv g -o cat.npy --force");
    assert!(read(folder, "cat.npy") == FORTRAN);
    paginum(folder, "cat f.npy -o again.npy");
    assert!(read(folder, "again.npy") == FORTRAN);
}

#[test]
fn rows_are_rows_in_any_order() {
    let folder = folder_with_f();
    let folder = folder.path();
    paginum(folder, "compress f.npy -o f.pco");
    paginum(folder, "pack f.npy -o f.pv");
    for file in ["f.npy", "f.pco", "f.pv"] {
        let rows = paginum(folder, &format!("cat {file} --rows 1"));
        assert_eq!(rows, "5 6.5 8 9.5 11 12.5 14 15.5\n", "{file}");
        paginum(folder, &format!("cat {file} --rows 1 -o row.npy --force"));
        assert_eq!(paginum(folder, "cat row.npy"), rows, "{file}");
        // Raw bytes cannot say so: they are rows one after another.
        paginum(folder, &format!("cat {file} -o raw.bin --force"));
        let second: [u8; 8] = read(folder, "raw.bin")[8..16].try_into().unwrap();
        assert_eq!(f64::from_le_bytes(second), -5.5, "{file}");
        let json = paginum(folder, &format!("ls --json {file}"));
        assert!(json.contains(r#""order": "F""#), "{json}");
        assert!(json.contains(r#""shape": ["#), "{json}");
    }
    let words = paginum(folder, "inspect f.pco");
    assert!(words.contains("<f8 [3, 4, 2] in Fortran order"), "{words}");
}

#[test]
fn readers_that_cannot_know_get_rows() {
    let folder = folder_with_f();
    let folder = folder.path();
    paginum(folder, "pack f.npy -o f.pv");
    for target in ["0.4", "0.7"] {
        paginum(folder, &format!("convert f.pv old.pv --compat {target} -f"));
        let json = paginum(folder, "inspect --json old.pv");
        assert!(!json.contains("fortran"), "{target}: {json}");
        assert_eq!(paginum(folder, "diff f.pv old.pv"), "", "{target}");
        paginum(folder, "unpack old.pv -o old -f");
        assert!(read(folder, "old/f.npy") != FORTRAN, "{target}");
        assert_eq!(paginum(folder, "diff f.npy old/f.npy"), "", "{target}");
    }
    // What pco reads is the same for both orders.
    paginum(folder, "compress f.npy -o f.pco");
    paginum(folder, "compress old/f.npy -o c.pco");
    let [f, c] = ["f.pco", "c.pco"].map(|name| read(folder, name));
    let trailer = f.iter().zip(&c).take_while(|(f, c)| f == c).count();
    assert!(trailer > f.len() / 3, "{trailer} of {}", f.len());
    assert_eq!(f.len(), c.len() + 1);
    paginum(folder, "compress f.npy -o plain.pco --plain");
    assert!(f.starts_with(&read(folder, "plain.pco")));
}

#[test]
fn records_keep_it_too() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("r.npy"), RECORDS).unwrap();
    assert_eq!(paginum(folder, "cat r.npy r/x"), "0 1 2\n3 4 5\n");
    paginum(folder, "convert r.npy r.npz");
    paginum(folder, "convert r.npz back.npy");
    assert!(read(folder, "back.npy") == RECORDS);
    paginum(folder, "pack --fields r.npy -o r.pv");
    paginum(folder, "unpack r.pv r/x -o fields");
    assert_eq!(paginum(folder, "cat fields/r/x.npy"), "0 1 2\n3 4 5\n");
    assert!(
        read(folder, "fields/r/x.npy")
            .windows(4)
            .any(|at| at == b"True")
    );
}

#[test]
fn a_truncated_array_is_an_error_in_any_order() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("f.npy"), &FORTRAN[..FORTRAN.len() - 1]).unwrap();
    fails(folder, "cat f.npy", 3, "191 of 192 bytes");
    fails(folder, "convert f.npy f.pv", 3, "191 of 192 bytes");
}

#[test]
fn parts_of_axes_are_cut_whatever_the_order() {
    let folder = folder_with_f();
    let folder = folder.path();
    paginum(folder, "compress f.npy -o f.pco");
    paginum(folder, "pack f.npy -o f.pv");
    for file in ["f.npy", "f.pco", "f.pv"] {
        let part = paginum(folder, &format!("cat {file} --select 0:2,::2,1"));
        assert_eq!(part, "-5.5 0.5\n6.5 12.5\n", "{file}");
        let row = paginum(folder, &format!("cat {file} --select 2,3"));
        assert_eq!(row, "26\n27.5\n", "{file}");
        assert_eq!(
            paginum(folder, &format!("cat {file} --select 1,1,1")),
            "9.5\n"
        );
        paginum(folder, &format!("cat {file} --select :,1:3 -o part.npy -f"));
        let part = read(folder, "part.npy");
        assert!(part.windows(9).any(|at| at == b"(3, 2, 2)"), "{file}");
        let words = "index 4 of axis 1, whose length is 4";
        fails(folder, &format!("cat {file} --select 0,4"), 2, words);
        fails(
            folder,
            &format!("cat {file} --select 0,,1"),
            2,
            "of an axis",
        );
    }
}

#[test]
fn formats_that_do_not_keep_an_order_say_so() {
    let folder = folder_with_f();
    let folder = folder.path();
    let big = array(">f8", &[3, 4, 2]);
    save(folder, "big.npy", &big);
    save(folder, "both.npy", &big.with_order(Order::F));
    save_new(folder, "plain.npy", "<f8", &[3, 4, 2]);
    for (verb, words) in [
        (
            "convert f.npy o.gnz -f",
            Some(
                "\"f\", <f8 [3, 4, 2] in Fortran order, is read back from a .gnz as <f8 [3, 4, 2]\n",
            ),
        ),
        (
            "convert f.npy o.fits -f",
            Some(
                "\"f\", <f8 [3, 4, 2] in Fortran order, is read back from a .fits as <f8 [3, 4, 2]\n",
            ),
        ),
        ("convert big.npy o.gnz -f", None),
        (
            "convert big.npy o.fits -f",
            Some("\"big\", >f8 [3, 4, 2], is read back from a .fits as <f8 [3, 4, 2]\n"),
        ),
        (
            "convert both.npy o.fits -f",
            Some("\"both\", >f8 [3, 4, 2] in Fortran order, is read back from a .fits as <f8"),
        ),
        ("convert plain.npy o.gnz -f", None),
        ("convert plain.npy o.fits -f", None),
    ] {
        let said = stderr(&run(folder, verb));
        match words {
            Some(words) => assert!(said.contains(words), "{verb}: {said}"),
            None => assert_eq!(said.lines().count(), 1, "{verb}: {said}"),
        }
    }
    // Several are said in one line.
    paginum(folder, "pack f.npy both.npy big.npy -o all.pv");
    let said = stderr(&run(folder, "convert all.pv all.fits"));
    assert!(
        said.contains("; 2 more arrays as something else, too\n"),
        "{said}"
    );
}
