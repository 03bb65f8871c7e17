//! Files that are wrong: each costs itself or one of its arrays, and nothing more.

use paginum::container::Container;
use paginum::container::gnz::GnzWriter;
use paginum::{Array, ErrorKind};

use super::{array, file_of, header_of, open, reader, written};

/// What is wrong with the array of a file of two, the other of which is served.
fn fault(array: &str) -> ErrorKind {
    let json = format!(
        r#"{{"arrays": {{"good": {{"dtype": "|u1", "offset": 4096, "shape": [3]}}, "x": {array}}}}}"#
    );
    let file = open(file_of(&json, 8192)).unwrap();
    assert_eq!(file.read("good").unwrap().bytes(), [0, 1, 2]);
    let entry = file.entry(1).unwrap();
    let kind = file.read("x").unwrap_err().kind();
    assert_eq!(entry.fault.map(|fault| fault.kind()), Some(kind));
    kind
}

fn described(dtype: &str, shape: &str, offset: &str, order: &str) -> String {
    format!(r#"{{"dtype": {dtype}, "offset": {offset}, "order": {order}, "shape": {shape}}}"#)
}

#[test]
fn a_bad_array_costs_itself_alone() {
    use ErrorKind::{Corrupt, Truncated, Unsupported};
    for (dtype, shape, offset, order, kind) in [
        // Pointers of another process.
        (r#""|O""#, "[2]", "4096", r#""C""#, Unsupported),
        (r#"[["a", "<f4"]]"#, "[2]", "4096", r#""C""#, Unsupported),
        (r#""<x9""#, "[2]", "4096", r#""C""#, Unsupported),
        ("3", "[2]", "4096", r#""C""#, Unsupported),
        (r#""<f8""#, "[-1]", "4096", r#""C""#, Corrupt),
        (r#""<f8""#, "[1.0]", "4096", r#""C""#, Corrupt),
        (r#""<f8""#, "[true]", "4096", r#""C""#, Corrupt),
        (r#""<f8""#, "2", "4096", r#""C""#, Corrupt),
        // A product that overflows to nothing in the reference.
        (
            r#""|u1""#,
            "[8589934592, 8589934592]",
            "4096",
            r#""C""#,
            Corrupt,
        ),
        (
            r#""<f8""#,
            "[99999999999999999999]",
            "4096",
            r#""C""#,
            Corrupt,
        ),
        (r#""<f8""#, "[2]", "-8", r#""C""#, Corrupt),
        (r#""<f8""#, "[2]", "4096.5", r#""C""#, Corrupt),
        (
            r#""<f8""#,
            "[2]",
            "18446744073709551608",
            r#""C""#,
            Truncated,
        ),
        // On the header.
        (r#""<f8""#, "[2]", "0", r#""C""#, Corrupt),
        (r#""<f8""#, "[2]", "8", r#""C""#, Corrupt),
        // Behind the end.
        (r#""<f8""#, "[513]", "4096", r#""C""#, Truncated),
        (r#""<f8""#, "[1]", "8192", r#""C""#, Truncated),
        (
            r#""<f8""#,
            "[1048576, 1048576]",
            "4096",
            r#""C""#,
            Truncated,
        ),
        (r#""<f8""#, "[2]", "4096", r#""A""#, Corrupt),
        (r#""<f8""#, "[2]", "4096", "3", Corrupt),
    ] {
        let text = described(dtype, shape, offset, order);
        assert_eq!(fault(&text), kind, "{text}");
    }
    for text in ["{}", "[]", "null", r#"{"dtype": "<f8", "shape": [1]}"#] {
        assert_eq!(fault(text), Corrupt, "{text}");
    }
    assert_eq!(
        fault(&format!(
            r#"{{"dtype": "<f8", "offset": 4096, "shape": [{}1]}}"#,
            "1, ".repeat(64)
        )),
        Unsupported
    );
}

#[test]
fn what_the_reference_reads_is_read() {
    for (text, bytes) in [
        // Not on a page, without an order, with more than is known.
        (
            r#"{"dtype": "|u1", "offset": 4099, "shape": [2], "more": [1]}"#,
            &[3_u8, 4][..],
        ),
        (
            r#"{"dtype": "<i2", "offset": 4097, "order": "C", "shape": []}"#,
            &[1, 2],
        ),
        // Nothing lies anywhere.
        (
            r#"{"dtype": "<f8", "offset": 0, "order": "C", "shape": [0]}"#,
            &[],
        ),
        (
            r#"{"dtype": "<f8", "offset": 99999999, "order": "C", "shape": [3, 0]}"#,
            &[],
        ),
        (
            r#"{"dtype": "|V3", "offset": 4096, "order": "C", "shape": [1]}"#,
            &[0, 1, 2],
        ),
        // Columns.
        (
            r#"{"dtype": "|u1", "offset": 4096, "order": "F", "shape": [2, 3]}"#,
            &[0, 2, 4, 1, 3, 5],
        ),
        // Of two of one name the last counts.
        (
            r#"{"dtype": "|u1", "offset": 1, "shape": [1]}, "x": {"dtype": "|u1", "offset": 4097, "shape": [1]}"#,
            &[1],
        ),
    ] {
        let file = open(file_of(&header_of(text), 8192)).unwrap();
        assert_eq!(file.n_arrays(), 1);
        assert_eq!(file.read("x").unwrap().bytes(), bytes, "{text}");
    }
}

#[test]
fn metadata_are_any_json() {
    for text in [
        "NaN",
        "-Infinity",
        r#"{"a": [1e400, Infinity]}"#,
        r#""\ud800""#,
        "null",
        "[]",
    ] {
        let json = format!(r#"{{"arrays": {{}}, "metadata": {text}, "version": 1}}"#);
        let gnz = reader(file_of(&json, 4096)).err();
        // Bytes behind the header are not part of it.
        assert!(gnz.is_none(), "{text}: {gnz:?}");
        let gnz = reader(file_of(&json, 4096)).unwrap();
        assert_eq!(
            gnz.metadata().to_string().replace(' ', ""),
            text.replace(' ', "")
        );
    }
    let gnz = reader(file_of("{}", 10)).unwrap();
    assert_eq!(
        (gnz.keys().len(), gnz.metadata().to_string().as_str()),
        (0, "{}")
    );
}

#[test]
fn what_is_no_header_is_refused() {
    for (json, kind) in [
        ("", ErrorKind::Corrupt),
        ("[]", ErrorKind::Corrupt),
        (r#"{"arrays": []}"#, ErrorKind::Corrupt),
        (r#"{"arrays": {}} {}"#, ErrorKind::Corrupt),
        ("\u{feff}{}", ErrorKind::Corrupt),
    ] {
        assert_eq!(
            reader(file_of(json, 4096)).unwrap_err().kind(),
            kind,
            "{json}"
        );
    }
    let deep = "[".repeat(1 << 20);
    let error = reader(file_of(&deep, 8)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded);
    // A length of 4 GiB reserves nothing.
    let mut file = file_of(r#"{"arrays": {}}"#, 0);
    file[4..8].copy_from_slice(&[255; 4]);
    let gnz = reader(file.clone()).unwrap();
    assert!(gnz.notes()[0].contains("4294967295"), "{:?}", gnz.notes());
    file.push(b'x');
    assert_eq!(reader(file).unwrap_err().kind(), ErrorKind::Truncated);
    for n in 0..8 {
        let error = reader(b"GNZ1\0\0\0\0"[..n].to_vec()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Truncated);
    }
    let mut unfinished = file_of(r#"{"arrays": {}}"#, 4096);
    unfinished[3] = b'~';
    let error = reader(unfinished).unwrap_err();
    assert!(error.to_string().contains("never finalised"), "{error}");
}

#[test]
fn a_file_that_is_cut_serves_what_is_whole() {
    let mut writer = GnzWriter::new();
    writer.add_array("a", array("<f8", &[10])).unwrap();
    writer.add_array("b", array("<f8", &[10])).unwrap();
    let file = written(&writer);
    for n in 0..file.len() {
        let Ok(gnz) = reader(file[..n].to_vec()) else {
            assert!(n < 4096);
            continue;
        };
        assert_eq!(gnz.get_array("a").is_ok(), n >= 4096 + 80, "{n}");
        assert_eq!(gnz.get_array("b").is_ok(), n >= 8192 + 80, "{n}");
    }
}

#[test]
fn arrays_that_share_bytes_are_read_and_told() {
    let x = described(r#""|u1""#, "[5]", "4096", r#""C""#);
    let y = described(r#""|u1""#, "[5]", "4098", r#""C""#);
    let json = format!(r#"{{"arrays": {{"x": {x}, "y": {y}}}}}"#);
    let gnz = reader(file_of(&json, 8192)).unwrap();
    assert_eq!(gnz.get_array("y").unwrap().bytes(), [2, 3, 4, 5, 6]);
    assert!(gnz.notes()[0].contains("share bytes"), "{:?}", gnz.notes());
}

/// The file that the reference writes where its header grows over a page: the first array lies on the end.
fn shifted(n_lost: usize) -> (Vec<u8>, usize) {
    let arrays = |offset: u64| {
        let array = |i: u64| {
            let at = offset + i * 4096;
            format!(
                r#""a{i:03}": {{"dtype": "<i4", "offset": {at}, "order": "C", "shape": [600]}}"#
            )
        };
        let arrays: Vec<String> = (0..50).map(array).collect();
        arrays.join(", ")
    };
    let json = |n: usize| {
        let metadata = "m".repeat(n);
        format!(
            r#"{{"arrays": {{{}}}, "metadata": {{"m": "{metadata}"}}, "version": 1}}"#,
            arrays(4096)
        )
    };
    let n = 4096 - 8 + n_lost - json(0).len();
    let json = json(n);
    let mut file = file_of(&json, 0);
    file.resize(51 * 4096, 0);
    for i in 0..50 {
        for k in 0..600_i32 {
            let at = 4096 * (i + 1) + 4 * k as usize;
            file[at..at + 4].copy_from_slice(&(k - i as i32).to_le_bytes());
        }
    }
    (file, json.len())
}

#[test]
fn a_header_under_the_first_array_is_told_and_what_is_whole_is_served() {
    for n_lost in [1, 2, 22, 88] {
        let (bytes, _) = shifted(n_lost);
        let gnz = reader(bytes.clone()).unwrap();
        assert_eq!(gnz.keys().len(), 50, "{n_lost}");
        let told = gnz.notes().iter().any(|note| note.contains("on the last"));
        assert!(told, "{:?}", gnz.notes());
        assert_eq!(
            gnz.verify_structure().unwrap_err().kind(),
            ErrorKind::Corrupt
        );
        for i in 0..50 {
            let array = gnz.get_array(&format!("a{i:03}")).unwrap();
            let numbers: Vec<i32> = (0..600).map(|k| k - i).collect();
            assert_eq!(array.numbers::<i32>().unwrap(), numbers);
        }
    }
}

#[test]
fn mutants_neither_panic_nor_reach_beyond() {
    let mut writer = GnzWriter::new();
    writer.set_metadata(r#"{"k": [1.5, "t", null]}"#).unwrap();
    for (name, dtype, shape) in [
        ("a", "<f4", &[5, 3][..]),
        ("b", "|S3", &[4]),
        ("c", ">u2", &[0]),
    ] {
        writer.add_array(name, array(dtype, shape)).unwrap();
    }
    let file = written(&writer);
    let n_header = 8 + u32::from_le_bytes(file[4..8].try_into().unwrap()) as usize;
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = |n: usize| {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (state >> 33) as usize % n
    };
    let pieces: [&[u8]; 8] = [
        b"9999999999",
        b"-1",
        b"[[[[",
        b"\"F\"",
        b"\"|O\"",
        b"NaN",
        b"{}",
        b"\\u00",
    ];
    let mut n_served = 0;
    for _ in 0..4000 {
        let mut mutant = file.clone();
        for _ in 0..1 + next(3) {
            let at = next(n_header);
            match next(4) {
                0 => mutant[at] ^= 1 << next(8),
                1 => mutant[at] = b"0123456789{}[]\",:"[next(17)],
                2 => {
                    let piece = pieces[next(pieces.len())];
                    mutant[at..at + piece.len()].copy_from_slice(piece);
                }
                _ => mutant.truncate(at.max(next(file.len()))),
            }
            if mutant.len() < n_header + 16 {
                break;
            }
        }
        let Ok(gnz) = open(mutant) else { continue };
        for index in 0..gnz.n_arrays() {
            let entry = gnz.entry(index).unwrap();
            if let Ok(array) = gnz.array_at(index).read() {
                assert_eq!(array.spec().bytes(), entry.decoded_bytes);
                assert!(entry.decoded_bytes <= file.len() as u64);
                n_served += 1;
            }
        }
    }
    assert!(n_served > 100);
}

#[test]
fn what_is_not_read_again_is_not_written() {
    let mut writer = GnzWriter::new();
    let one = || Array::from_numbers(&[1_u8]).unwrap();
    writer.add_array("x", one()).unwrap();
    assert!(writer.add_array("x", one()).is_err());
    assert!(
        writer
            .init_streaming_array("x", one().spec().clone())
            .is_err()
    );
    assert!(writer.set_metadata("[1]").is_err());
    assert!(writer.set_metadata("{").is_err());
    // One level more than is read, once it stands in the header.
    let deep = format!(r#"{{"d": {}{}}}"#, "[".repeat(64), "]".repeat(64));
    writer.set_metadata(&deep).unwrap();
    let error = writer
        .write(&paginum::storage::MemoryStore::new())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded);
}
