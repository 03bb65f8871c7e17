//! `.npy` files of ours read by numpy, and numpy's read by us: every dtype, order and version.
//!
//! Where there is no Python environment, the test says so and passes.

#![allow(clippy::unwrap_used, reason = "in the helpers of tests too")]

#[path = "peers/mod.rs"]
mod peers;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;

use paginum::container::{Container, npy};
use paginum::record::{Element, Field, Record};
use paginum::storage::{FileStore, Store};
use paginum::{Array, ArraySpec, DType, Limits, Order};
use peers::{environment, python, releases};
use sha2::{Digest, Sha256};

/// Every dtype of numpy's but objects, in both orders where they differ.
const DTYPES: [&str; 40] = [
    "|b1", "|i1", "|u1", "<i2", ">i2", "<i4", ">i4", "<i8", ">i8", "<u2", ">u2", "<u4", ">u4",
    "<u8", ">u8", "<f2", ">f2", "<f4", ">f4", "<f8", ">f8", "<f16", ">f16", "<c8", ">c8", "<c16",
    ">c16", "<c32", ">c32", "|S1", "|S5", "<U1", ">U3", "|V8", "<M8", "<M8[ns]", ">M8[25s]", "<m8",
    "<m8[D]", ">m8[us]",
];
const SHAPES: [&[u64]; 6] = [&[], &[0], &[7], &[3, 5], &[2, 3, 4], &[3, 0, 2]];

/// A file of each dtype and shape, by its name.
fn ours() -> BTreeMap<String, (ArraySpec, Vec<u8>, Vec<u8>)> {
    let mut files = BTreeMap::new();
    for (i, dtype) in DTYPES.into_iter().enumerate() {
        for (j, shape) in SHAPES.into_iter().enumerate() {
            let dtype: DType = dtype.parse().unwrap();
            let spec = ArraySpec::new(dtype, shape).unwrap();
            for spec in [spec.clone(), spec.with_order(fortran(shape))] {
                let elements = elements(&spec);
                let array = Array::from_bytes(spec.clone(), &elements).unwrap();
                let name = format!("ours-{i}-{j}-{:?}", spec.order());
                files.insert(name, (spec, elements, npy::to_bytes(&array)));
            }
        }
    }
    let plain = |dtype: &str| Element::Plain(dtype.parse().unwrap());
    let inner = Record::new(vec![Field::new("x", plain(">f4"), [2])]).unwrap();
    let fields = [
        Field::new("a", plain("<i4"), []),
        Field::new("it's \u{e9}", plain("|S3"), [2, 2]),
        Field::new("inner", Element::Record(inner), []),
        Field::new("\u{3b1}", plain("<M8[ms]"), []).with_title(Some("t".to_owned())),
    ];
    for n_fields in 1..=fields.len() {
        let record = Record::new(fields[..n_fields].to_vec()).unwrap();
        let spec = ArraySpec::new(record.dtype().unwrap(), [4, 2]).unwrap();
        for order in [Order::C, Order::F] {
            let spec = spec.clone().with_order(order);
            let elements = elements(&spec);
            let mut file = npy::record_header(&record, &spec);
            let mut data = npy::Elements::new(&spec, &mut file);
            data.write_all(&elements).unwrap();
            let name = format!("records-{n_fields}-{order:?}");
            files.insert(name, (spec, elements, file));
        }
    }
    files
}

/// The order that numpy gives an array which it is asked for in Fortran order: where both are the same, C.
fn fortran(shape: &[u64]) -> Order {
    let n_long = shape.iter().filter(|axis| **axis != 1).count();
    match n_long < 2 || shape.contains(&0) {
        true => Order::C,
        false => Order::F,
    }
}

/// Bytes of any kind, but where they are truth values or text.
fn elements(spec: &ArraySpec) -> Vec<u8> {
    let letter = spec.dtype().kind().letter();
    let is_little = !spec.dtype().to_string().starts_with('>');
    let one = |i: u64| match letter {
        'b' => i.is_multiple_of(3).into(),
        // One byte of the four of a character.
        'U' if i % 4 == if is_little { 0 } else { 3 } => b'a' + (i / 4 % 26) as u8,
        'U' => 0,
        _ => (i * 7 + 1) as u8,
    };
    (0..spec.bytes()).map(one).collect()
}

fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn read(path: &Path) -> Array {
    let reader = FileStore::new(path).open().unwrap();
    let npy = npy::open(reader, &Limits::default())
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(npy.notes().is_empty(), "{:?}", npy.notes());
    npy.open_array(0).unwrap().read(npy.limits()).unwrap()
}

/// The same with the first axis turned round.
fn reversed(array: &Array) -> Vec<u8> {
    let row_bytes = array.spec().row_bytes() as usize;
    match array.spec().shape() {
        [] => array.bytes().to_vec(),
        _ if row_bytes == 0 => Vec::new(),
        _ => array
            .bytes()
            .rchunks(row_bytes)
            .flatten()
            .copied()
            .collect(),
    }
}

#[test]
fn numpy_and_we_read_each_other() {
    let Some(peers) = environment() else { return };
    let release = releases(&peers).pop().unwrap();
    let [mine, theirs] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let files = ours();
    for (name, (.., file)) in &files {
        fs::write(mine.path().join(name).with_extension("npy"), file).unwrap();
    }
    let folders = [&mine, &theirs].map(|folder| folder.path().to_owned());
    let described = String::from_utf8(python(&peers, &release, "npy.py", &folders)).unwrap();
    let mut n_own = 0;
    for line in described.lines() {
        let [name, dtype, shape, digest] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line:?}");
        };
        let path = |way: &str| theirs.path().join(format!("{name}.{way}.npy"));
        let array = read(&path("c"));
        assert_eq!(array.spec().dtype().to_string(), dtype, "{name}");
        let axes: Vec<_> = array.spec().shape().iter().map(u64::to_string).collect();
        assert_eq!(axes.join(","), shape, "{name}");
        assert_eq!(sha256(array.bytes()), digest, "{name}");
        for way in ["two", "three"] {
            assert_eq!(read(&path(way)), array, "{name} {way}");
        }
        let in_fortran = read(&path("fortran"));
        let order = fortran(array.spec().shape());
        assert_eq!(in_fortran, array.clone().with_order(order), "{name}");
        let is_plain = !name.starts_with("records");
        if is_plain {
            let file = fs::read(path("fortran")).unwrap();
            assert!(npy::to_bytes(&in_fortran) == file, "{name}");
        }
        assert_eq!(read(&path("reversed")).bytes(), reversed(&array), "{name}");
        match files.get(name) {
            Some((spec, elements, _)) => {
                assert_eq!(array.spec(), spec, "{name}");
                assert_eq!(array.bytes(), elements, "{name}");
            }
            None => n_own += 1,
        }
    }
    assert_eq!(described.lines().count() - n_own, files.len());
    assert!(n_own > 200, "{n_own} arrays of numpy's own");
}
