//! `.npy`: one array, as numpy saves it.
//!
//! All versions, both orders, every dtype but structured ones and objects. The data are handed on as they lie, big-endian
//! included; an array in Fortran order is put into C order in memory when it is opened, since its rows lie scattered over
//! the whole file. A file that holds more than its array is refused rather than read in part.

mod header;

#[cfg(feature = "npz")]
use std::io::Read;
use std::sync::Arc;

use super::cursor::Cursor;
use super::plain::Plain;
use super::single::Single;
use crate::array::{AlignedBytes, Array, ArraySpec};
use crate::error::{ErrorKind, Result};
use crate::filter::ArrayReader;
use crate::limits::Limits;
use crate::storage::ReadAt;
use header::{Header, MAGIC};

/// An open `.npy` file.
pub type Npy = Single<Plain>;

/// Whether a file starts as a `.npy` does.
#[must_use]
pub fn is_npy(start: &[u8]) -> bool {
    start.starts_with(MAGIC)
}

/// Reads the header and, of an array in Fortran order, the data.
///
/// # Errors
/// `Corrupt` and `Truncated` for what is no `.npy` or not all of one, `Unsupported` for structured and object dtypes,
/// `LimitExceeded` for an array in Fortran order that `limits` do not allow in memory.
pub fn open(store: Arc<dyn ReadAt>, limits: &Limits) -> Result<Npy> {
    let file_bytes = store.len();
    let header = Header::read(&mut Cursor::new(store.clone()));
    let (header, data_offset) = header.map_err(|error| match error.kind() {
        ErrorKind::Truncated => error.at(file_bytes),
        _ => error,
    })?;
    let spec = spec_of(&header)?;
    let mut elements = Plain::new(store, spec, data_offset)?;
    if header.is_fortran && header.shape.len() > 1 {
        let mut columns = Array::zeroed(elements.spec().clone(), limits)?;
        elements.read_rows_into(0..elements.spec().rows(), columns.bytes_mut())?;
        let rows = in_c_order(columns.bytes(), columns.spec())?;
        elements = Plain::new(Arc::new(rows.to_vec()), columns.spec().clone(), 0)?;
    }
    Ok(Single::new("npy", "none", elements, file_bytes, limits))
}

/// Reads the header of a `.npy` file from its start, and says how long it is.
#[cfg(feature = "npz")]
pub(super) fn read_header(file: &mut dyn Read) -> Result<(ArraySpec, u64)> {
    let (header, data_offset) = Header::read(file)?;
    Ok((spec_of(&header)?, data_offset))
}

fn spec_of(header: &Header) -> Result<ArraySpec> {
    ArraySpec::new(header.dtype.parse()?, header.shape.as_slice())
}

/// The bytes of a `.npy` file before its data.
#[must_use]
pub fn header(spec: &ArraySpec) -> Vec<u8> {
    let header = Header {
        dtype: spec.dtype().to_string(),
        is_fortran: false,
        shape: spec.shape().to_vec(),
    };
    header.to_bytes()
}

/// A whole `.npy` file.
#[must_use]
pub fn to_bytes(array: &Array) -> Vec<u8> {
    [&header(array.spec()), array.bytes()].concat()
}

/// Elements whose first axis varies fastest, put into the order in which the last one does.
fn in_c_order(columns: &[u8], spec: &ArraySpec) -> Result<AlignedBytes> {
    let item_bytes = spec.dtype().item_bytes() as usize;
    let mut rows = AlignedBytes::zeroed(spec.bytes())?;
    if rows.is_empty() {
        return Ok(rows);
    }
    // Elements from one index of an axis to the next, in the source.
    let strides: Vec<usize> = spec
        .shape()
        .iter()
        .scan(1, |stride, &length| {
            Some(std::mem::replace(stride, *stride * length as usize))
        })
        .collect();
    let mut indices = vec![0; strides.len()];
    let mut element = 0;
    for item in rows.chunks_exact_mut(item_bytes) {
        item.copy_from_slice(&columns[element * item_bytes..][..item_bytes]);
        // The next element in C order: the last axis that has one, those behind it from the start.
        for axis in (0..strides.len()).rev() {
            indices[axis] += 1;
            element += strides[axis];
            if indices[axis] < spec.shape()[axis] {
                break;
            }
            element -= strides[axis] * spec.shape()[axis] as usize;
            indices[axis] = 0;
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::Container;

    fn open(bytes: &[u8]) -> Result<Npy> {
        super::open(Arc::new(bytes.to_vec()), &Limits::default())
    }

    fn array(dtype: &str, shape: &[u64]) -> Array {
        let spec = ArraySpec::new(dtype.parse().unwrap(), shape).unwrap();
        let bytes: Vec<u8> = (0..spec.bytes()).map(|i| i as u8).collect();
        Array::from_bytes(spec, &bytes).unwrap()
    }

    #[test]
    fn arrays_of_every_kind_come_back() {
        for dtype in [
            "|b1", "|u1", ">i2", "<f8", "<c16", "<U3", "|S5", "|V8", "<M8[ns]", "<f16",
        ] {
            for shape in [&[][..], &[0], &[5], &[3, 0], &[2, 3, 4]] {
                let array = array(dtype, shape);
                let npy = open(&to_bytes(&array)).unwrap();
                assert_eq!(npy.read("array").unwrap(), array);
            }
        }
    }

    #[test]
    fn fortran_order_becomes_c_order() {
        let spec = ArraySpec::new("<u2".parse().unwrap(), [2, 3, 2]).unwrap();
        let number = |i: u16, j: u16, k: u16| (100 * i + 10 * j + k).to_le_bytes();
        let axes = |n| 0..n;
        let fastest_first =
            axes(2).flat_map(|k| axes(3).flat_map(move |j| axes(2).map(move |i| number(i, j, k))));
        let fastest_last =
            axes(2).flat_map(|i| axes(3).flat_map(move |j| axes(2).map(move |k| number(i, j, k))));
        let header = Header {
            dtype: "<u2".to_owned(),
            is_fortran: true,
            shape: vec![2, 3, 2],
        };
        let mut file = header.to_bytes();
        file.extend(fastest_first.flatten());
        let npy = open(&file).unwrap();
        assert_eq!(npy.reader().spec(), &spec);
        let back = npy.read_rows("array", 1..2).unwrap();
        let expected: Vec<u8> = fastest_last.flatten().collect();
        assert_eq!(back.bytes(), &expected[12..]);
    }

    #[test]
    fn too_short_and_too_long_files_are_refused() {
        let file = to_bytes(&array("<f8", &[3]));
        for len in 0..file.len() {
            assert!(open(&file[..len]).is_err(), "{len} bytes");
        }
        let longer = [&file[..], &[0]].concat();
        let error = open(&longer).expect_err("a byte too many is an error");
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    }

    #[test]
    fn a_shape_that_memory_cannot_hold_is_refused() {
        let header = Header {
            dtype: "<f8".to_owned(),
            is_fortran: true,
            shape: vec![1 << 40, 1 << 40],
        };
        assert!(open(&header.to_bytes()).is_err());
    }

    #[test]
    fn objects_are_refused() {
        let header = Header {
            dtype: "|O".to_owned(),
            is_fortran: false,
            shape: vec![],
        };
        let error = open(&header.to_bytes()).expect_err("objects are pointers");
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    }
}
