//! Files that are written.

use std::sync::Arc;

use paginum::container::fits::FitsFormat;
use paginum::container::{File, Format, NewArray, OpenOptions};
use paginum::storage::{MemoryStore, Store};
use paginum::{Array, ArraySpec, ErrorKind, Result};

use super::{image, listed, nothing};

/// An array of a type and a shape with bytes of all kinds.
fn array(dtype: &str, shape: &[u64]) -> Array {
    let spec = ArraySpec::new(dtype.parse().unwrap(), shape).unwrap();
    let bytes: Vec<u8> = (0..spec.bytes()).map(|i| (i * 7 + i / 5) as u8).collect();
    let bytes = match dtype {
        "|b1" => bytes.iter().map(|byte| byte & 1).collect(),
        _ => bytes,
    };
    Array::from_bytes(spec, &bytes).unwrap()
}

fn write(arrays: &[(&str, Array)]) -> Result<(Arc<dyn paginum::storage::ReadAt>, File)> {
    let store = MemoryStore::new();
    let mut writer = FitsFormat::default().create(&store)?;
    for (name, array) in arrays {
        let mut sink = writer.begin(NewArray::new(name, array.spec()))?;
        sink.push_rows(array.bytes())?;
        sink.finish()?;
    }
    let report = writer.commit()?;
    let bytes = store.open().unwrap();
    assert_eq!(report.n_bytes, bytes.len());
    assert_eq!(bytes.len() % 2880, 0);
    let container = FitsFormat::default().open(bytes.clone(), &OpenOptions::default())?;
    Ok((bytes, File::of(container)))
}

/// Elements with their lowest byte first.
fn little_endian(array: &Array) -> Vec<u8> {
    let dtype = array.spec().dtype();
    let mut bytes = array.bytes().to_vec();
    if dtype.to_string().starts_with('>') {
        bytes
            .chunks_exact_mut(dtype.word_bytes() as usize)
            .for_each(<[u8]>::reverse);
    }
    bytes
}

#[test]
fn every_number_type_comes_back() {
    let numbers = [
        "|u1", "|i1", "<i2", ">i2", "<u2", ">u2", "<i4", "<u4", "<i8", "<u8", ">u8", "<f4", ">f4",
        "<f8",
    ];
    let columns = ["|b1", "<c8", ">c16", "|S5", "|S0"];
    let mut arrays = Vec::new();
    for (i, dtype) in numbers.into_iter().enumerate() {
        arrays.push((format!("image{i}"), array(dtype, &[5, 3])));
        arrays.push((format!("empty{i}"), array(dtype, &[2, 0])));
    }
    for (i, dtype) in numbers.into_iter().chain(columns).enumerate() {
        for (j, shape) in [&[6][..], &[6, 1], &[6, 4], &[6, 2, 3], &[6, 0]]
            .into_iter()
            .enumerate()
        {
            arrays.push((format!("T/c{i}_{j}"), array(dtype, shape)));
        }
    }
    let arrays: Vec<(&str, Array)> = arrays
        .iter()
        .map(|(name, array)| (name.as_str(), array.clone()))
        .collect();
    let (_, file) = write(&arrays).unwrap();
    file.verify_structure().unwrap();
    assert_eq!(file.n_arrays(), arrays.len());
    for (name, array) in &arrays {
        let found = file.array(name).unwrap();
        found.verify().unwrap();
        let found = found.read().unwrap();
        assert_eq!(found.spec().shape(), array.spec().shape(), "{name}");
        assert_eq!(
            found.spec().dtype().kind(),
            array.spec().dtype().kind(),
            "{name}"
        );
        assert_eq!(found.bytes(), little_endian(array), "{name}");
    }
}

#[test]
fn columns_of_one_length_are_a_table() {
    let (bytes, file) = write(&[
        ("T/a", array("<i4", &[3])),
        ("picture", array("|u1", &[2, 2])),
        ("T/b", array("<f8", &[3, 2])),
        ("T/longer", array("<i4", &[4])),
        ("U/V/c", array("|b1", &[1])),
    ])
    .unwrap();
    let names: Vec<String> = listed(&file).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["picture", "T/longer", "T/a", "T/b", "U/V/c"]);
    let documents: Vec<String> = file
        .documents()
        .into_iter()
        .map(|document| document.path)
        .collect();
    assert_eq!(documents, ["picture", "T/longer", "T", "U/V"]);
    assert!(
        bytes
            .as_slice()
            .unwrap()
            .starts_with(b"SIMPLE  =                    T")
    );
    // Tables alone stand behind a first HDU without data.
    let (_, file) = write(&[("T/a", array("<i4", &[3]))]).unwrap();
    assert_eq!((file.n_arrays(), file.documents().len()), (1, 2));
    let (_, file) = write(&[]).unwrap();
    assert_eq!((file.n_arrays(), file.documents().len()), (0, 1));
}

#[test]
fn what_would_not_be_read_is_not_written() {
    for (name, array) in [
        ("a", array("<f2", &[2])),
        ("a", array("<U3", &[2])),
        ("a", array("<M8[s]", &[2])),
        ("a", array("|b1", &[2])),
        ("a", array("<c8", &[2])),
        ("a", array("<f4", &[])),
        ("\u{e9}", array("<f4", &[1])),
        ("", array("<f4", &[1])),
        ("a ", array("<f4", &[1])),
    ] {
        let error = write(&[(name, array)]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{name}: {error}");
    }
    let twice = [("a", array("<f4", &[1])), ("a", array("<f4", &[1]))];
    assert_eq!(
        write(&twice).unwrap_err().kind(),
        ErrorKind::InvalidArgument
    );
}

#[test]
fn one_changed_byte_is_noticed() {
    let (bytes, _) = write(&[("a", array("<i2", &[100])), ("T/b", array("<f8", &[20]))]).unwrap();
    let bytes = bytes.as_slice().unwrap();
    for at in (0..bytes.len()).step_by(41) {
        // Without the keyword of a sum there is none.
        if bytes[at / 80 * 80..].starts_with(b"CHECKSUM") && at % 80 < 12 {
            continue;
        }
        let mut changed = bytes.to_vec();
        changed[at] ^= 0x10;
        let Ok(file) = super::open(changed) else {
            continue;
        };
        let noticed = file.verify_structure().is_err()
            || file.arrays().any(|array| array.verify().is_err())
            || file.n_arrays() < 2
            || !file.notes().is_empty();
        assert!(noticed, "byte {at}");
    }
}

#[test]
fn a_copy_keeps_headers_and_leaves_what_is_behind() {
    let mut bytes = [
        nothing(),
        image(8, &[3], &["EXTNAME = 'A'", "OBJECT  = 'M 31'"], &[1, 2, 3]),
    ]
    .concat();
    let whole = bytes.clone();
    bytes.truncate(bytes.len() - 2800);
    let store = MemoryStore::new();
    let format = FitsFormat::default();
    let copy =
        |bytes: &[u8]| format.copy(Arc::new(bytes.to_vec()), &OpenOptions::default(), &store);
    copy(&bytes).unwrap().unwrap();
    assert_eq!(store.open().unwrap().as_slice().unwrap(), whole);
    bytes.truncate(bytes.len() - 78);
    assert_eq!(copy(&bytes).unwrap_err().kind(), ErrorKind::Truncated);
}

/// Behind what a reader refuses, all is lost.
#[test]
fn sizes_and_headers_beyond_a_reader_are_not_written() {
    let none = |dtype: &str, shape: &[u64]| {
        let spec = ArraySpec::new(dtype.parse().unwrap(), shape).unwrap();
        Array::from_bytes(spec, &[]).unwrap()
    };
    let (_, file) = write(&[
        ("a", none("|u1", &[1 << 62, 1 << 62, 0])),
        ("b", array("|u1", &[3])),
    ])
    .unwrap();
    assert_eq!(file.read("b").unwrap().bytes().len(), 3);
    assert_eq!(
        file.array("a").unwrap().spec().unwrap().shape(),
        [1 << 62, 1 << 62, 0]
    );
    let error = write(&[("a", none("|u1", &[u64::MAX, 0]))]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    let wide = || none("|u1", &[0, 1 << 62]);
    let (_, file) = write(&[("T/a", wide()), ("T/b", wide()), ("T/c", wide())]).unwrap();
    assert_eq!(file.n_arrays(), 3);
    let store = MemoryStore::new();
    let mut writer = FitsFormat::default().create(&store).unwrap();
    let one = array("|u1", &[1]);
    let refused = (0..30_000).find_map(|i| {
        let name = format!("a{i}");
        let sink = writer.begin(NewArray::new(&name, one.spec()));
        match sink {
            Err(error) => Some((i, error)),
            Ok(mut sink) => {
                sink.push_rows(one.bytes()).unwrap();
                sink.finish().unwrap();
                None
            }
        }
    });
    let (n, error) = refused.expect("too many headers");
    assert_eq!(error.kind(), ErrorKind::LimitExceeded, "{error}");
    writer.commit().unwrap();
    let file = super::open(store.open().unwrap().as_slice().unwrap().to_vec()).unwrap();
    assert_eq!(file.n_arrays(), n);
}
