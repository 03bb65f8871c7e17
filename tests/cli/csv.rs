//! Text of columns: what a `.csv` holds comes back, and what it cannot hold is said.

use std::fs;

use crate::arrays::{npy_of, save_new};
use crate::run::{fails, paginum, run, stderr};

#[test]
fn csv_goes_there_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let values = [0.1, -0.0, 1e300, f64::MIN_POSITIVE, f64::INFINITY, 1.0];
    let bytes: Vec<u8> = values.iter().flat_map(|x: &f64| x.to_le_bytes()).collect();
    fs::write(folder.join("x.npy"), npy_of("'<f8'", "(3, 2)", &bytes)).unwrap();
    paginum(folder, "convert x.npy x.csv");
    paginum(folder, "convert x.csv back.npy");
    paginum(folder, "diff x.npy back.npy");
    let ids = [i64::MIN, 0, i64::MAX];
    let bytes: Vec<u8> = ids.iter().flat_map(|id: &i64| id.to_le_bytes()).collect();
    fs::write(folder.join("ids.npy"), npy_of("'<i8'", "(3,)", &bytes)).unwrap();
    paginum(folder, "pack x.npy ids.npy -o both.pv --compat native");
    paginum(folder, "convert both.pv both.csv");
    let text = fs::read_to_string(folder.join("both.csv")).unwrap();
    assert!(
        text.starts_with("x[0],x[1],ids\n0.1,-0.0,-9223372036854775808\n"),
        "{text}"
    );
    paginum(folder, "convert both.csv both.npz");
    paginum(folder, "diff both.npz both.pv");
    paginum(folder, "pack both.csv -o packed.pv --compat native");
    // What the text does not say can be said.
    save_new(folder, "f.npy", "<f4", &[50]);
    paginum(folder, "convert f.npy f.csv");
    paginum(folder, "convert f.csv f2.npy --dtype f32 --array f");
    paginum(folder, "diff f.npy f2.npy");
    // Rows without a value are empty cells.
    fs::write(folder.join("nulls.csv"), "a,b\n1,x\n,y\n").unwrap();
    paginum(folder, "pack nulls.csv -o nulls.pv --compat native");
    paginum(folder, "convert nulls.csv again.csv");
    assert_eq!(
        fs::read_to_string(folder.join("again.csv")).unwrap(),
        "a,b\n1,x\n,y\n"
    );
    fails(folder, "convert nulls.csv nulls.npz", 2, "nulls");
    fs::write(folder.join("bad.csv"), "a,b\n1\n").unwrap();
    fails(folder, "convert bad.csv bad.npz", 3, "line 2");
    save_new(folder, "long.npy", "<f8", &[7]);
    paginum(folder, "convert x.npy two.npz");
    paginum(folder, "pack long.npy x.npy -o uneven.pv --compat native");
    fails(folder, "convert uneven.pv uneven.csv", 2, "equal length");
}

#[test]
fn names_that_read_as_numbers_come_back_from_csv() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for name in ["2019", "nan"] {
        save_new(folder, &format!("{name}.npy"), "<i8", &[4]);
    }
    paginum(folder, "pack 2019.npy nan.npy -o both.pv");
    paginum(folder, "convert both.pv both.csv");
    paginum(folder, "convert both.csv again.npz");
    let listed = paginum(folder, "ls again.npz");
    assert!(
        listed.contains("2019") && listed.contains("nan"),
        "{listed}"
    );
    paginum(folder, "diff both.pv again.npz");
}

#[test]
fn dates_come_back_from_csv() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for dtype in [
        "<M8[M]", "<M8[D]", "<M8[h]", "<M8[m]", "<M8[s]", "<M8[ms]", "<M8[ns]",
    ] {
        // Small enough for years of four digits.
        let counts: Vec<u8> = (-50..50_i64)
            .flat_map(|i| (i * 12_345).to_le_bytes())
            .collect();
        let counts = match dtype {
            "<M8[M]" | "<M8[D]" => (-50..50_i64)
                .flat_map(|i| (i * 123).to_le_bytes())
                .collect(),
            _ => counts,
        };
        let spec = paginum::ArraySpec::new(dtype.parse().unwrap(), [100]).unwrap();
        let array = paginum::Array::from_bytes(spec, &counts).unwrap();
        fs::write(
            folder.join("t.npy"),
            paginum::container::npy::to_bytes(&array),
        )
        .unwrap();
        paginum(folder, "convert t.npy t.csv -f");
        paginum(folder, "convert t.csv back.npy -f");
        assert_eq!(paginum(folder, "diff t.npy back.npy"), "", "{dtype}");
        paginum(
            folder,
            &format!("convert t.csv back.npy -f --dtype {dtype}"),
        );
        assert_eq!(paginum(folder, "diff t.npy back.npy"), "", "{dtype}");
    }
    fails(
        folder,
        "convert t.csv back.npy -f --dtype <M8[s]",
        3,
        "<M8[s]",
    );
}

#[test]
fn what_csv_would_lose_is_refused_or_said() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "empty.npy", "<f8", &[3, 0]);
    fails(folder, "convert empty.npy empty.csv", 2, "[3, 0]");
    fails(folder, "cat empty.npy --format csv", 2, "[3, 0]");
    assert!(!folder.join("empty.csv").exists());
    fs::write(folder.join("ids.csv"), "id\n9007199254740993\n0.5\n").unwrap();
    let output = run(folder, "convert ids.csv ids.npz");
    assert!(output.status.success());
    let said = stderr(&output);
    assert!(
        said.contains("\"id\" is read as text") && said.contains("9007199254740993"),
        "{said}"
    );
    assert_eq!(
        paginum(folder, "cat ids.npz id --format csv"),
        "id\n9007199254740993\n0.5\n"
    );
}

#[test]
fn a_csv_of_many_columns_of_one_name_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    // Minutes and gigabytes, once: neighbours were counted again for each column before their names were compared.
    fs::write(folder.join("a.csv"), "a,".repeat(500_000) + "a\n").unwrap();
    fails(folder, "ls a.csv", 3, "two columns named \"a\"");
}

/// A file of 128 bytes, whose rows have 2^42 elements each and are none: each would have a name in the first line.
#[test]
fn rows_of_too_many_elements_are_refused_before_they_have_names() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let wide = npy_of("'|u1'", "(0, 1099511627776, 3)", &[]);
    fs::write(folder.join("wide.npy"), wide).unwrap();
    for verb in ["convert wide.npy wide.csv", "cat wide.npy --format csv"] {
        fails(folder, verb, 5, "cells of a line");
    }
    assert!(!folder.join("wide.csv").exists());
}

#[test]
fn what_a_csv_would_give_another_meaning_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    // Two arrays of these names are the rows of one, as they are read.
    for name in ["p[0]", "p[1]"] {
        save_new(folder, &format!("{name}.npy"), "<i8", &[3]);
    }
    paginum(folder, "pack p[0].npy p[1].npy -o p.pv");
    fails(folder, "convert p.pv p.csv", 2, "a place in a row");
    // No digits of ours hold a long double.
    let long = npy_of("'<f16'", "(1,)", &[0; 16]);
    fs::write(folder.join("long.npy"), long).unwrap();
    fails(folder, "convert long.npy long.csv", 4, "no digits");
    // A null of a lone column of text would be an empty line, or empty text.
    fs::write(folder.join("t.csv"), "a,b\nx,1\n,2\n\"\",3\n").unwrap();
    paginum(folder, "convert t.csv t.pv");
    fails(folder, "convert t.pv a.csv --array a", 4, "lone column");
    paginum(folder, "convert t.pv both.csv");
    paginum(folder, "diff t.pv both.csv");
}

/// What cannot stand in one file is said of the file that it comes from.
#[test]
fn arrays_that_do_not_fit_are_named_with_their_file() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<i8", &[3]);
    save_new(folder, "b.npy", "<i8", &[4]);
    paginum(folder, "pack a.npy b.npy -o uneven.pv");
    let refused = run(folder, "convert uneven.pv uneven.csv");
    assert!(
        stderr(&refused)
            .starts_with("paginum: uneven.pv: array \"b\": only arrays of equal length"),
        "{}",
        stderr(&refused)
    );
}
