//! Arrays for the tests, as `.npy` files.

use std::path::Path;

use paginum::container::npy;
use paginum::{Array, ArraySpec};

/// Every dtype that the engine takes, little- and big-endian.
pub(crate) const NUMERIC: [&str; 25] = [
    "|b1", "|u1", "<u2", "<u4", "<u8", "|i1", "<i2", "<i4", "<i8", "<f2", "<f4", "<f8", "<c8",
    "<c16", "<M8[ns]", "<m8[s]", ">u2", ">u4", ">u8", ">i2", ">i8", ">f4", ">f8", ">c16",
    ">M8[ms]",
];

/// An array of a wandering pattern.
pub(crate) fn array(dtype: &str, shape: &[u64]) -> Array {
    let spec = ArraySpec::new(dtype.parse().unwrap(), shape).unwrap();
    let is_bool = dtype == "|b1";
    let byte = |i: u64| {
        if is_bool {
            (i / 7 % 2) as u8
        } else {
            (i * i / 1000 + i % 7) as u8
        }
    };
    let bytes: Vec<u8> = (0..spec.bytes()).map(byte).collect();
    Array::from_bytes(spec, &bytes).unwrap()
}

/// Writes an array to a file.
pub(crate) fn save(folder: &Path, name: &str, array: &Array) {
    std::fs::write(folder.join(name), npy::to_bytes(array)).unwrap();
}

/// Writes a wandering pattern to a file.
pub(crate) fn save_new(folder: &Path, name: &str, dtype: &str, shape: &[u64]) -> Array {
    let array = array(dtype, shape);
    save(folder, name, &array);
    array
}

/// A `.npy` file whose header is this text.
pub(crate) fn npy(header: &str, data: &[u8]) -> Vec<u8> {
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend((header.len() as u16).to_le_bytes());
    file.extend(header.bytes());
    file.extend(data);
    file
}

/// A `.npy` file of a dtype and a shape.
pub(crate) fn npy_of(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n");
    npy(&header, data)
}
