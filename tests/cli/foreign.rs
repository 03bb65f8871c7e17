//! Files as other programs leave them: what can be read is read, and what cannot costs itself alone.

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use crate::arrays::{array, npy, npy_of, save_new};
use crate::run::{fails, listed, names, paginum, run, stderr};

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
        stderr(&output).contains("behind the last array, 4 bytes, is no array"),
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
