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
        "id\n\"9007199254740993\"\n\"0.5\"\n"
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

/// A `.npy` of texts of ten characters.
fn texts(all: &[&str]) -> Vec<u8> {
    let element = |text: &&str| {
        let mut item = [0; 40];
        for (place, c) in item.as_chunks_mut::<4>().0.iter_mut().zip(text.chars()) {
            *place = u32::from(c).to_le_bytes();
        }
        item
    };
    let bytes: Vec<u8> = all.iter().flat_map(element).collect();
    npy_of("'<U10'", &format!("({},)", all.len()), &bytes)
}

/// Each came back as a number, a truth value or a time.
#[test]
fn text_that_looks_like_something_else_comes_back_as_text() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for all in [
        &["007", "1000000000"][..],
        &["1e5", "-0.5       "],
        &["nan", "inf", "-Infinity", "+.5", "0123456789"],
        &["True", "false", "          "],
        &["2024-05-01", "NaT"],
        &["90s", "-3M", "0000000000"],
        &["2024", "", "1234567890"],
        &["x;y", "a\tb", "0123456789"],
    ] {
        // Under a name that has to stand in quotes itself, too.
        for name in ["t", "2019", "a;b", "a,b"] {
            fs::write(folder.join(format!("{name}.npy")), texts(all)).unwrap();
            paginum(folder, &format!("pack {name}.npy -o t.pv -f"));
            paginum(folder, "convert t.pv t.csv -f");
            paginum(folder, "convert t.csv back.npz -f");
            let text = fs::read_to_string(folder.join("t.csv")).unwrap();
            assert_eq!(paginum(folder, "diff t.pv back.npz"), "", "{name}: {text}");
        }
    }
}

#[test]
fn quotes_tell_text_unless_everything_is_in_them() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for (text, types) in [
        // All in quotes, as some programs write everything.
        ("\"a\",\"b\"\n\"1\",\"x\"\n", ["<i8", "<U1"]),
        // Names and texts in quotes.
        ("\"a\",\"b\"\n1,\"007\"\n", ["<i8", "<U3"]),
        ("a,b\n1,\"007\"\n2,8\n", ["<i8", "<U3"]),
        ("a,b\n1,\"\"\n2,8\n", ["<i8", "<i8"]),
        ("\"2019\",b\n\"1\",true\n", ["<U1", "|b1"]),
    ] {
        fs::write(folder.join("q.csv"), text).unwrap();
        let found: Vec<String> = (0..2)
            .map(|i| {
                let file = paginum::open(folder.join("q.csv").to_str().unwrap()).unwrap();
                file.array_at(i).spec().unwrap().dtype().to_string()
            })
            .collect();
        assert_eq!(found, types, "{text}");
    }
    // What is known needs no quotes.
    fs::write(folder.join("n.csv"), "a,b\n\"1\",2\n").unwrap();
    paginum(folder, "convert n.csv n.npz --dtype i64");
}

#[test]
fn types_that_digits_do_not_tell_are_said() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let words =
        |counts: &[i64]| -> Vec<u8> { counts.iter().flat_map(|n| n.to_le_bytes()).collect() };
    for (dtype, counts, read) in [
        ("<M8[Y]", [54, 0], Some("<i8")),
        ("<M8[M]", [652, 0], None),
        // Years of five digits are none that a reader knows.
        ("<M8[M]", [652, 120_000], Some("text")),
        ("<M8[W]", [2, 0], Some("<M8[D]")),
        (">M8[D]", [2, i64::MIN], None),
        ("<M8[D]", [i64::MIN, i64::MIN], Some("text")),
        ("<m8[25s]", [3, 4], Some("<m8[s]")),
        ("<m8[s]", [3, 4], None),
        ("<M8", [3, 4], Some("<i8")),
        ("<f4", [0, 0], Some("<f8, which --dtype can change")),
        ("<c8", [0, 0], Some("text")),
        ("|S8", [1, 2], Some("text")),
        ("<i2", [0, 0], None),
        ("<f8", [0, 0], None),
    ] {
        let mut bytes = words(&counts);
        if dtype.starts_with('>') {
            bytes
                .as_chunks_mut::<8>()
                .0
                .iter_mut()
                .for_each(|word| word.reverse());
        }
        let dtype_ = dtype.trim_start_matches(['<', '>', '|']);
        let n = bytes.len() / dtype_.get(1..2).and_then(|n| n.parse().ok()).unwrap_or(8);
        fs::write(
            folder.join("t.npy"),
            npy_of(&format!("'{dtype}'"), &format!("({n},)"), &bytes),
        )
        .unwrap();
        let said = stderr(&run(folder, "convert t.npy t.csv -f"));
        match read {
            Some(read) => {
                let words = format!("\"t\", {dtype}, is read back from a .csv as {read}\n");
                assert!(said.contains(&words), "{said}");
            }
            None => assert_eq!(said.lines().count(), 1, "{dtype}: {said}"),
        }
    }
    fs::write(folder.join("s.npy"), npy_of("'<f8'", "()", &[0; 8])).unwrap();
    let said = stderr(&run(folder, "convert s.npy s.csv"));
    assert!(
        said.contains("\"s\", <f8 [], is read back from a .csv as one row\n"),
        "{said}"
    );
    // Years and weeks are read where they are asked for.
    for dtype in ["<M8[Y]", "<M8[W]"] {
        let npy = npy_of(&format!("'{dtype}'"), "(2,)", &words(&[-30, 54]));
        fs::write(folder.join("t.npy"), npy).unwrap();
        paginum(folder, "convert t.npy t.csv -f");
        paginum(
            folder,
            &format!("convert t.csv back.npy -f --dtype {dtype}"),
        );
        paginum(folder, "diff t.npy back.npy");
    }
}

#[test]
fn cells_may_be_separated_by_semicolons_or_tabs() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for text in [
        "t;x[0];x[1]\n2024-05-01;1.5;2\n2024-05-02;3;4\n",
        "t\tx[0]\tx[1]\n2024-05-01\t1.5\t2\n2024-05-02\t3\t4\n",
        "t;x[0];x[1]\r\n2024-05-01;\"1.5\";2\r\n2024-05-02;3;4\r\n",
    ] {
        fs::write(folder.join("a.csv"), text).unwrap();
        let rows = paginum(folder, "cat a.csv t x");
        let quoted = text.contains('"');
        let first = if quoted { "\"1.5\" \"2\"" } else { "1.5 2" };
        assert!(
            rows.contains(&format!("2024-05-01 {first}\n")),
            "{text}: {rows}"
        );
    }
    // Without names.
    fs::write(folder.join("n.csv"), "1;2.5\n3;4\n").unwrap();
    assert_eq!(paginum(folder, "cat n.csv 1"), "2.5\n4\n");
    // A lone column keeps its name, and its text.
    for text in ["a;b\nx\ny\n", "\"a;b\"\n1;2\n3;4\n"] {
        fs::write(folder.join("lone.csv"), text).unwrap();
        assert!(paginum(folder, "ls lone.csv").contains("a;b"), "{text}");
    }
    fs::write(folder.join("comma.csv"), "a;b;c\n1,5;2;x\n3;4;1,5\n").unwrap();
    let said = stderr(&run(folder, "ls comma.csv"));
    let words = "column \"a\" is read as text, since its numbers have commas for points\n";
    assert!(said.ends_with(words) && said.lines().count() == 1, "{said}");
    fs::write(folder.join("bad.csv"), "a;b\n1;2\n3,4\n").unwrap();
    fails(
        folder,
        "ls bad.csv",
        3,
        "line 3: the first line is separated by semicolons",
    );
}

#[test]
fn a_tsv_is_a_csv_with_tabs() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "x.npy", "<f8", &[5, 2]);
    let words = ["a\tb", "c,d", "e;f", "", "sep=;"];
    let text = words.map(|word| {
        let mut item = word.as_bytes().to_vec();
        item.resize(5, 0);
        item
    });
    let texts = npy_of("'|S5'", "(5,)", &text.concat());
    fs::write(folder.join("t,;.npy"), texts).unwrap();
    paginum(folder, "pack x.npy t,;.npy -o both.pv");
    for (format, header) in [
        ("tsv", "x[0]\tx[1]\t\"t,;\"\n"),
        ("csv", "x[0],x[1],\"t,;\"\n"),
    ] {
        paginum(folder, &format!("convert both.pv both.{format}"));
        let text = fs::read_to_string(folder.join(format!("both.{format}"))).unwrap();
        assert!(text.starts_with(header), "{text:?}");
        paginum(folder, &format!("convert both.{format} {format}.pv"));
        paginum(folder, &format!("diff {format}.pv tsv.pv"));
        let cat = format!("cat both.{format} x t,;");
        assert_eq!(paginum(folder, &format!("{cat} --format {format}")), text);
        paginum(folder, &format!("{cat} -o again.{format}"));
        let again = fs::read_to_string(folder.join(format!("again.{format}"))).unwrap();
        assert_eq!(again, text);
    }
    // Commas are no separators there, and types can be said.
    fs::write(folder.join("w.tsv"), "a,b\tc\n1,5\t2\n").unwrap();
    assert!(paginum(folder, "ls w.tsv").contains("a,b"));
    fs::write(folder.join("n.tsv"), "a\tb\n1\t2\n").unwrap();
    paginum(folder, "convert n.tsv n.npz --dtype f32");
    assert!(paginum(folder, "ls n.npz").contains("<f4"));
}

#[test]
fn a_first_line_says_what_separates_the_cells_of_a_csv() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("x.csv"), "\u{feff}sep=;\r\na;b,c\r\n1;2\r\n").unwrap();
    assert_eq!(
        paginum(folder, "cat x.csv a b,c --format csv"),
        "a,\"b,c\"\n1,2\n"
    );
    fs::write(folder.join("bad.csv"), "sep=|\na|b\n1\n").unwrap();
    fails(
        folder,
        "ls bad.csv",
        3,
        "line 3: 1 cell, where the first line has 2",
    );
    // What separates was a guess.
    fs::write(folder.join("bars.csv"), "a|b\n1|2\n").unwrap();
    let said = stderr(&run(folder, "ls bars.csv"));
    assert!(
        said.contains("bars.csv: it is read as one column; by bars"),
        "{said}"
    );
    fs::write(
        folder.join("named.npy"),
        npy_of("'<i8'", "(1,)", &[1, 0, 0, 0, 0, 0, 0, 0]),
    )
    .unwrap();
    fs::rename(folder.join("named.npy"), folder.join("sep=|.npy")).unwrap();
    paginum(folder, "convert sep=|.npy named.npz");
    paginum(folder, "convert named.npz named.csv");
    paginum(folder, "diff named.npz named.csv");
}
