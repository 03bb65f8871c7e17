//! Files as other programs leave them: what can be read is read, and what cannot costs itself alone.

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use serde_json::Value;

use crate::arrays::{array, save_new};
use crate::run::{fails, names, paginum, run, stderr};

/// A `.npy` file whose header is this text.
fn npy(header: &str, data: &[u8]) -> Vec<u8> {
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend((header.len() as u16).to_le_bytes());
    file.extend(header.bytes());
    file.extend(data);
    file
}

fn npy_of(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n");
    npy(&header, data)
}

/// Writes an archive of stored members.
fn save_zip(folder: &Path, name: &str, members: &[(&str, Vec<u8>)]) {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in members {
        writer.start_file(*name, stored).unwrap();
        writer.write_all(bytes).unwrap();
    }
    let bytes = writer.finish().unwrap().into_inner();
    fs::write(folder.join(name), bytes).unwrap();
}

fn numbers() -> Vec<u8> {
    npy_of("'<u2'", "(3,)", &[1, 0, 2, 0, 3, 0])
}

/// Two readable arrays among `others`.
fn archive(folder: &Path, name: &str, others: &[(&str, Vec<u8>)]) {
    let mut members = vec![("a.npy", numbers())];
    members.extend(others.iter().cloned());
    members.push(("b.npy", numbers()));
    save_zip(folder, name, &members);
}

/// Every verb that goes through an archive serves `a` and `b`, says `words` and ends with `status`.
fn others_are_served(folder: &Path, name: &str, status: i32, words: &str) {
    let check = |arguments: &str| {
        let output = run(folder, arguments);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(status), "{arguments}: {said}");
        assert!(said.contains(words), "{arguments}: {said}");
    };
    check(&format!("verify {name}"));
    check(&format!("pack {name} -o {name}.pv"));
    check(&format!("convert {name} {name}2.npz"));
    check(&format!("convert {name} {name}3.pv"));
    check(&format!("unpack {name} -o {name}.out"));
    for file in [
        format!("{name}.pv"),
        format!("{name}2.npz"),
        format!("{name}3.pv"),
    ] {
        for array in ["a", "b"] {
            assert_eq!(paginum(folder, &format!("cat {file} {array}")), "1\n2\n3\n");
        }
    }
    assert_eq!(
        names(&folder.join(format!("{name}.out"))),
        ["a.npy", "b.npy"]
    );
}

fn listed(folder: &Path, file: &str, path: &str) -> Value {
    let output = run(folder, &format!("ls {file} --json"));
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    let arrays = value["arrays"].as_array().unwrap().iter();
    arrays
        .filter(|array| array["path"] == path)
        .map(Value::clone)
        .next()
        .unwrap_or_else(|| panic!("{path} is not listed: {value}"))
}

#[test]
fn a_member_that_cannot_be_read_costs_itself_alone() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let object = npy_of("'|O'", "(2,)", b"pickle");
    archive(folder, "object.npz", &[("o.npy", object)]);
    others_are_served(folder, "object.npz", 4, "\"o\": unsupported: dtype object");
    let entry = listed(folder, "object.npz", "o");
    assert!(entry["unsupported"].as_str().unwrap().contains("object"));
    assert_eq!(
        (entry["dtype"].as_str(), &entry["shape"][0]),
        (Some("|O"), &2.into())
    );
    let table = paginum(folder, "ls object.npz");
    assert!(table.contains("\no: unsupported: dtype object"), "{table}");

    let damaged = b"no array at all".to_vec();
    archive(folder, "damaged.npz", &[("d.npy", damaged)]);
    others_are_served(folder, "damaged.npz", 3, "\"d\": corrupt");
    assert!(listed(folder, "damaged.npz", "d")["corrupt"].is_string());
    assert_eq!(run(folder, "ls damaged.npz").status.code(), Some(3));
    let both = [
        ("o.npy", npy_of("'|O'", "(2,)", b"")),
        ("d.npy", b"no".to_vec()),
    ];
    archive(folder, "both.npz", &both);
    others_are_served(folder, "both.npz", 4, "\"d\": ");
    fails(folder, "cat object.npz o", 4, "object");
    fails(folder, "convert object.npz o.npy --array o", 4, "object");
}

#[test]
fn methods_and_encryption_of_other_zips_are_unsupported() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    archive(folder, "a.npz", &[("o.npy", numbers())]);
    let file = fs::read(folder.join("a.npz")).unwrap();
    for (name, offsets, value, words) in [
        ("lzma.npz", [8, 10], 14, "lzma"),
        ("bz2.npz", [8, 10], 12, "bz2"),
        ("encrypted.npz", [6, 8], 1, "encrypted"),
    ] {
        let mut file = file.clone();
        // Of the headers of the second member.
        for (magic, offset) in [*b"PK\x03\x04", *b"PK\x01\x02"].into_iter().zip(offsets) {
            let found = file
                .windows(4)
                .enumerate()
                .filter(|(_, bytes)| **bytes == magic);
            let at = found.map(|(at, _)| at).nth(1).unwrap();
            file[at + offset] = value;
        }
        fs::write(folder.join(name), file).unwrap();
        others_are_served(folder, name, 4, words);
        assert!(
            listed(folder, name, "o")["unsupported"]
                .as_str()
                .unwrap()
                .contains(words)
        );
    }
}

#[test]
fn what_is_no_array_is_listed_and_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let others = [
        ("__MACOSX/._a.npy", b"\0\x05\x16\x07Mac OS X".to_vec()),
        ("readme.txt", b"hello".to_vec()),
    ];
    archive(folder, "mac.npz", &others);
    others_are_served(folder, "mac.npz", 0, "readme.txt");
    for path in ["__MACOSX/._a.npy", "readme.txt"] {
        assert!(listed(folder, "mac.npz", path)["unsupported"].is_string());
    }
    // One that is an array by its bytes is one.
    archive(folder, "bare.npz", &[("c", numbers())]);
    assert_eq!(paginum(folder, "cat bare.npz c"), "1\n2\n3\n");
    save_zip(
        folder,
        "one.npz",
        &[("a.npy", numbers()), others[0].clone()],
    );
    assert_eq!(paginum(folder, "cat one.npz"), "1\n2\n3\n");
}

#[test]
fn arrays_saved_one_after_another_are_numbered() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let bytes = npy_of("'|u1'", "(2,)", &[7, 8]);
    fs::write(folder.join("two.npy"), [numbers(), bytes].concat()).unwrap();
    assert_eq!(paginum(folder, "cat two.npy 0"), "1\n2\n3\n");
    assert_eq!(paginum(folder, "cat two.npy 1"), "7\n8\n");
    assert_eq!(listed(folder, "two.npy", "two/1")["dtype"], "|u1");
    fails(folder, "cat two.npy", 2, "2 arrays");
    paginum(folder, "pack two.npy -o two.pv");
    assert_eq!(paginum(folder, "cat two.pv two/1"), "7\n8\n");
    paginum(folder, "convert two.npy two.npz");
    assert_eq!(paginum(folder, "cat two.npz two/0"), "1\n2\n3\n");
    paginum(folder, "unpack two.npy -o out");
    assert_eq!(names(&folder.join("out/two")), ["0.npy", "1.npy"]);
    // The second is cut; the first is not.
    fs::write(
        folder.join("cut.npy"),
        [numbers(), b"\x93NUMPY\x01".to_vec()].concat(),
    )
    .unwrap();
    assert_eq!(paginum(folder, "cat cut.npy 0"), "1\n2\n3\n");
    fails(folder, "verify cut.npy", 3, "\"cut/1\": truncated");
    // What is no array is left out, as by numpy.
    fs::write(
        folder.join("tail.npy"),
        [numbers(), b"tail".to_vec()].concat(),
    )
    .unwrap();
    let output = run(folder, "cat tail.npy");
    assert_eq!(output.stdout, b"1\n2\n3\n");
    assert!(
        stderr(&output).contains("4 bytes behind"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn headers_that_numpy_reads_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for descr in [
        "'u2'",
        "'<H'",
        "'uint16'",
        "'=u2'",
        "u'<u2'",
        r"'\x3cu2'",
        "'<' 'u2'",
    ] {
        let file = npy_of(descr, "(3L,)", &[1, 0, 2, 0, 3, 0]);
        fs::write(folder.join("a.npy"), file).unwrap();
        assert_eq!(paginum(folder, "cat a.npy"), "1\n2\n3\n", "{descr}");
        paginum(folder, "pack a.npy -f -o a.pv");
    }
    fs::write(folder.join("a.npy"), npy_of("'|b'", "(2,)", &[1, 255])).unwrap();
    assert_eq!(paginum(folder, "cat a.npy"), "1\n-1\n");
    fs::write(folder.join("a.npy"), npy_of("'?'", "(2,)", &[1, 0])).unwrap();
    assert_eq!(paginum(folder, "cat a.npy"), "true\nfalse\n");
    let spaces = " ".repeat(20_000);
    let header = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': (1,)}}{spaces}");
    fs::write(folder.join("large.npy"), npy(&header, &[9])).unwrap();
    fails(folder, "cat large.npy", 4, "--max-bytes");
    assert_eq!(paginum(folder, "cat large.npy --max-bytes 1M"), "9\n");
    fs::write(
        folder.join("a.npy"),
        npy_of("'<f8'", "(18446744073709551615,)", b""),
    )
    .unwrap();
    for verb in ["ls", "verify", "cat", "pack -f -o a.pv"] {
        fails(folder, &format!("{verb} a.npy"), 3, "too large");
    }
    fs::write(folder.join("a.npy"), npy_of("'<f8'", "[1]", b"")).unwrap();
    fails(folder, "ls a.npy", 4, "shape");
}

#[test]
fn an_empty_file_is_truncated_under_every_verb() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    save_new(folder, "a.npy", "<f8", &[3]);
    paginum(folder, "pack a.npy -o a.pv");
    for name in ["empty.npy", "empty.npz", "empty.pco", "empty.pv"] {
        fs::write(folder.join(name), b"").unwrap();
        for verb in [
            "ls FILE",
            "inspect FILE",
            "cat FILE",
            "verify FILE",
            "pack FILE -o new.pv",
            "unpack FILE -o out",
            "convert FILE new.npz",
            "compress FILE -o new.pco",
            "diff FILE a.npy",
            "append a.pv FILE",
            "advise FILE",
            "bench FILE",
        ] {
            fails(folder, &verb.replace("FILE", name), 3, "truncated");
        }
    }
    for verb in [
        "append empty.pv a.npy",
        "rm empty.pv a",
        "compact empty.pv",
        "repair empty.pv",
    ] {
        fails(folder, verb, 3, "truncated");
    }
}

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
fn a_limit_is_the_same_for_every_format() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("a.f64.bin"), [0; 8000]).unwrap();
    save_new(folder, "a.npy", "<f8", &[1000]);
    paginum(folder, "compress a.npy -o a.pco");
    paginum(folder, "compress a.npy -o plain.pco --plain");
    paginum(folder, "pack a.npy -o a.pv");
    paginum(folder, "convert a.npy a.npz");
    for file in ["a.f64.bin", "a.npy", "a.pco", "plain.pco", "a.pv", "a.npz"] {
        fails(folder, &format!("cat {file} --max-bytes 7999"), 5, "limit");
        fails(
            folder,
            &format!("verify {file} --max-bytes 7999"),
            5,
            "limit",
        );
        paginum(folder, &format!("cat {file} --max-bytes 8000"));
        paginum(folder, &format!("verify {file} --max-bytes 8000"));
    }
}

#[test]
fn bench_skips_what_it_cannot_take() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let inputs = folder.join("in");
    fs::create_dir(&inputs).unwrap();
    archive(&inputs, "some.npz", &[("o.npy", npy_of("'|O'", "()", b""))]);
    fs::write(inputs.join("bad.npy"), b"\x93NUMPY").unwrap();
    fs::write(inputs.join("odd.f64.bin"), b"odd").unwrap();
    crate::arrays::save(&inputs, "good.npy", &array("<f4", &[100]));
    let output = run(folder, "bench in --rounds 1 --levels 4");
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(4), "{said}");
    for words in ["\"o\"", "bad.npy", "odd.f64.bin"] {
        assert!(
            said.lines()
                .any(|line| line.contains(words) && line.contains("skipped")),
            "{said}"
        );
    }
    let table = String::from_utf8(output.stdout).unwrap();
    for name in ["some/a", "some/b", "good"] {
        assert!(table.contains(name), "{table}");
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
