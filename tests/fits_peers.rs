//! `.fits` files of astropy, cfitsio and rustfits read by us, and ours read by them.
//!
//! Where there is no Python environment that has them, the test says so and passes.

#![cfg(all(feature = "fits", feature = "zstd"))]
#![allow(clippy::unwrap_used, reason = "in the helpers of tests too")]

#[path = "peers/mod.rs"]
mod peers;

use std::path::{Path, PathBuf};
use std::process::Command;

use paginum::container::{Formats, NewArray};
use paginum::storage::FileStore;
use paginum::{Array, ArraySpec};
use peers::{environment, python, releases};
use sha2::{Digest, Sha256};

/// An environment whose Python has astropy and fitsio, and a release that starts it.
fn with_peers() -> Option<(PathBuf, String)> {
    let peers = environment()?;
    let release = releases(&peers).pop()?;
    let has_peers = Command::new(peers.join(format!("python-{release}")))
        .args(["-c", "import astropy, fitsio"])
        .output();
    if has_peers.is_ok_and(|output| output.status.success()) {
        return Some((peers, release));
    }
    eprintln!("skipped: the environment has no astropy and fitsio");
    None
}

/// Dtype, shape and digest, as the script says them.
fn said(array: &Array) -> (String, String, String) {
    let spec = array.spec();
    let dtype = spec.dtype();
    let mut bytes = array.bytes().to_vec();
    if dtype.to_string().starts_with('<') {
        bytes
            .chunks_exact_mut(dtype.word_bytes() as usize)
            .for_each(<[u8]>::reverse);
    }
    let shape: Vec<String> = spec.shape().iter().map(u64::to_string).collect();
    let digest: String = Sha256::digest(&bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let dtype = dtype.to_string().replace('<', ">");
    (dtype, shape.join(","), digest)
}

fn lines(text: &[u8]) -> Vec<Vec<String>> {
    let text = String::from_utf8(text.to_vec()).unwrap();
    let words = |line: &str| line.split('\t').map(str::to_owned).collect();
    text.lines().map(words).collect()
}

#[test]
fn files_of_others_are_read() {
    let Some((peers, release)) = with_peers() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let arguments = [PathBuf::from("write"), folder.path().to_owned()];
    let output = python(&peers, &release, "fits.py", &arguments);
    let mut wrong = Vec::new();
    let lines = lines(&output);
    assert!(lines.len() > 70, "{}", lines.len());
    for line in lines {
        let file = folder.path().join(&line[0]);
        let file = paginum::open(file.to_str().unwrap()).unwrap();
        file.verify_structure().unwrap();
        let array = file.array(&line[1]).unwrap();
        array.verify().unwrap();
        let (dtype, shape, digest) = said(&array.read().unwrap());
        if [dtype.as_str(), &shape, &digest] != [&line[2], &line[3], &line[4]] {
            wrong.push(format!("{line:?}, not {dtype} {shape} {digest}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn write(path: &Path, arrays: &[(String, Array)]) {
    let store = FileStore::new(path);
    let mut writer = Formats::default().create(&store).unwrap();
    for (name, array) in arrays {
        let mut sink = writer.begin(NewArray::new(name, array.spec())).unwrap();
        sink.push_rows(array.bytes()).unwrap();
        sink.finish().unwrap();
    }
    writer.commit().unwrap();
}

#[test]
fn ours_are_read_by_others() {
    let Some((peers, release)) = with_peers() else {
        return;
    };
    let array = |dtype: &str, shape: &[u64]| {
        let spec = ArraySpec::new(dtype.parse().unwrap(), shape).unwrap();
        let bytes: Vec<u8> = match dtype {
            "|b1" => (0..spec.bytes()).map(|i| (i % 3 == 1).into()).collect(),
            "|S3" => (0..spec.bytes()).map(|i| b'a' + (i % 7) as u8).collect(),
            // No bits of a number that is none: readers may write another one in its place.
            _ => (0..spec.bytes()).map(|i| (i * 5 % 112) as u8).collect(),
        };
        Array::from_bytes(spec, &bytes).unwrap()
    };
    let numbers = [
        "|u1", "|i1", "<i2", "<u2", ">i4", "<u4", "<i8", "<u8", "<f4", ">f8",
    ];
    let mut arrays = Vec::new();
    for (i, dtype) in numbers.iter().enumerate() {
        arrays.push((format!("IMAGE{i}"), array(dtype, &[4, 3, 2])));
        arrays.push((format!("T/N{i}"), array(dtype, &[6])));
        arrays.push((format!("T/V{i}"), array(dtype, &[6, 2, 3])));
    }
    for (i, dtype) in ["|b1", "<c8", "<c16", "|S3"].iter().enumerate() {
        arrays.push((format!("T/X{i}"), array(dtype, &[6])));
    }
    arrays.push((format!("LONG{}", "G".repeat(100)), array("<f4", &[7])));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ours.fits");
    write(&path, &arrays);
    let output = python(&peers, &release, "fits.py", &[PathBuf::from("read"), path]);
    let lines = lines(&output);
    for reader in ["astropy", "fitsio"] {
        for (name, array) in &arrays {
            let found = lines
                .iter()
                .find(|line| line[0] == reader && line[1] == *name);
            let Some(line) = found else {
                // cfitsio cuts long names.
                assert!(reader == "fitsio" && name.len() > 68, "{reader} {name}");
                continue;
            };
            let (mut dtype, shape, digest) = said(array);
            if reader == "fitsio" && dtype == ">u8" && line[2] == ">i8" {
                // The bits are those, and their type is not.
                ">i8".clone_into(&mut dtype);
            }
            let expected = [dtype.as_str(), &shape, &digest];
            assert_eq!([&line[2], &line[3], &line[4]], expected, "{reader} {name}");
        }
    }
}
