//! `.npy`: arrays, as numpy saves them.
//!
//! All versions, both orders, every dtype but objects. The data are handed on as they lie, big-endian included; records
//! are opaque bytes, whose fields the entry names. An array in Fortran order is put into C order in memory when it is read,
//! and back when it is written, since its rows lie scattered over the whole file.
//!
//! A file holds one array, called `array`. What `numpy.save` wrote to one file several times are the arrays `0`, `1` and
//! so on. Other bytes behind the last array are left out, as by numpy, and said.

mod description;
mod element;
mod elements;
mod format;
mod header;
mod literal;
mod writer;

use std::sync::Arc;

use super::cursor::Cursor;
use super::fault::Fault;
use super::plain::Plain;
use super::single::ONLY;
use super::{Container, Entry, FormatInfo};
use crate::array::{Array, Order, in_c_order};
use crate::error::{Error, ErrorKind, Result};
use crate::filter::ArrayReader;
use crate::limits::Limits;
use crate::storage::ReadAt;
use crate::text::counted;
use crate::validity::Validity;
pub(super) use description::Description;
pub(super) use header::MAGIC;

pub use description::{header, record_header, to_bytes};
pub use elements::Elements;
pub use format::NpyFormat;
pub(super) use writer::ElementSink;

/// An open `.npy` file.
#[derive(Debug)]
pub struct Npy {
    store: Arc<dyn ReadAt>,
    parts: Vec<Part>,
    notes: Vec<String>,
    limits: Limits,
}

/// One array of a file.
#[derive(Debug)]
struct Part {
    path: String,
    /// Where its header starts and its data end; only the former is known of a part that cannot be read.
    bytes: std::ops::Range<u64>,
    array: std::result::Result<Stored, Fault>,
}

/// An array as it lies in the file.
#[derive(Debug)]
struct Stored {
    description: Description,
    data_offset: u64,
}

/// Whether a file starts as a `.npy` does.
#[must_use]
pub(super) fn is_npy(start: &[u8]) -> bool {
    start.starts_with(MAGIC)
}

/// Reads the headers.
///
/// # Errors
/// `Corrupt` and `Truncated` for what is no `.npy` or not all of one, `Unsupported` for objects and for what numpy refuses,
/// of the first array. Later ones are listed with what is wrong with them.
pub fn open(store: Arc<dyn ReadAt>, limits: &Limits) -> Result<Npy> {
    let mut parts = Vec::new();
    let mut notes = Vec::new();
    let mut offset = 0;
    loop {
        let bytes_and_array = match read_part(&store, offset, limits) {
            Ok((end, stored)) => (offset..end, Ok(stored)),
            Err(error) if offset == 0 => return Err(error),
            // Where the next one would start is not known.
            Err(error) => (offset..store.len(), Err(Fault::of(error)?)),
        };
        let (bytes, array) = bytes_and_array;
        offset = bytes.end;
        parts.push(Part {
            path: parts.len().to_string(),
            bytes,
            array,
        });
        limits.check_arrays(parts.len() as u64)?;
        let mut start = [0; MAGIC.len()];
        let n_left = store.len() - offset;
        let n_start = n_left.min(MAGIC.len() as u64) as usize;
        store.read_exact_at(&mut start[..n_start], offset)?;
        if n_left > 0 && !is_npy(&start) {
            notes.push(format!(
                "what stands behind the last array, {}, is no array, and left out",
                counted(n_left, "byte")
            ));
        }
        if !is_npy(&start) {
            break;
        }
    }
    if let [only] = parts.as_mut_slice() {
        ONLY.clone_into(&mut only.path);
    }
    Ok(Npy {
        store,
        parts,
        notes,
        limits: *limits,
    })
}

/// The array whose header starts at `offset`, and where its data end.
fn read_part(store: &Arc<dyn ReadAt>, offset: u64, limits: &Limits) -> Result<(u64, Stored)> {
    let mut cursor = Cursor::new(store.clone(), offset);
    let description =
        Description::read(&mut cursor, limits).map_err(|error| match error.kind() {
            ErrorKind::Truncated => error.at(store.len()),
            _ => error.shifted_from(offset),
        })?;
    let data_offset = offset + description.header_bytes;
    let spec = description.spec()?;
    let data_bytes = store.len() - data_offset;
    if data_bytes < spec.bytes() {
        let what = format!("{data_bytes} of {} of data", counted(spec.bytes(), "byte"));
        return Err(Error::truncated(what).at(store.len()));
    }
    let end = data_offset + spec.bytes();
    Ok((
        end,
        Stored {
            description,
            data_offset,
        },
    ))
}

impl Npy {
    fn part(&self, index: usize) -> &Part {
        &self.parts[index]
    }

    /// The elements of an array in C order.
    fn elements(&self, stored: &Stored) -> Result<Plain> {
        let spec = stored.description.spec()?;
        self.limits.check_array_bytes(spec.bytes())?;
        let plain = Plain::new(self.store.clone(), spec, stored.data_offset);
        if plain.spec().order() == Order::C || plain.spec().shape().len() < 2 {
            return Ok(plain);
        }
        let mut columns = Array::zeroed(plain.spec().clone(), &self.limits)?;
        plain.read_rows_into(0..plain.spec().rows(), columns.bytes_mut())?;
        let rows = in_c_order(columns.bytes(), columns.spec())?;
        let spec = columns.spec().clone();
        drop(columns);
        Ok(Plain::new(Arc::new(rows.to_vec()), spec, 0))
    }
}

impl Container for Npy {
    fn format(&self) -> &'static FormatInfo {
        &format::INFO
    }

    fn n_arrays(&self) -> usize {
        self.parts.len()
    }

    fn path(&self, index: usize) -> &str {
        &self.part(index).path
    }

    fn find(&self, name: &str) -> Result<usize> {
        let found = self.parts.iter().position(|part| part.path == name);
        found.ok_or_else(|| {
            Error::invalid(match self.parts.as_slice() {
                [_] => {
                    format!("there is no array {name:?}: the file holds one, called {ONLY:?}")
                }
                parts => format!(
                    "there is no array {name:?}: the file holds 0 to {}",
                    parts.len() - 1
                ),
            })
        })
    }

    fn entry(&self, index: usize) -> Result<Entry> {
        let part = self.part(index);
        let stored_bytes = part.bytes.end - part.bytes.start;
        Ok(match &part.array {
            Ok(stored) => stored
                .description
                .entry(part.path.clone(), "none", stored_bytes)?,
            Err(fault) => Entry::faulty(part.path.clone(), "none", stored_bytes, fault.clone()),
        })
    }

    fn open_array(&self, index: usize) -> Result<Box<dyn ArrayReader>> {
        match &self.part(index).array {
            Ok(stored) => Ok(Box::new(self.elements(stored)?)),
            Err(fault) => Err(fault.to_error()),
        }
    }

    fn validity(&self, _index: usize) -> Result<Option<Arc<Validity>>> {
        Ok(None)
    }

    fn limits(&self) -> &Limits {
        &self.limits
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }
}

#[cfg(test)]
mod tests {
    use super::header::Header;
    use super::*;
    use crate::array::ArraySpec;
    use crate::container::File;
    use crate::record::{Element, Field, Record};

    fn open(bytes: &[u8]) -> Result<File> {
        let npy = super::open(Arc::new(bytes.to_vec()), &Limits::default())?;
        Ok(File::of(Box::new(npy)))
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
    fn rows_of_fortran_order_are_rows() {
        let spec = ArraySpec::new("<u2".parse().unwrap(), [2, 3, 2]).unwrap();
        let spec = spec.with_order(Order::F);
        let number = |i: u16, j: u16, k: u16| (100 * i + 10 * j + k).to_le_bytes();
        let axes = |n| 0..n;
        let fastest_first =
            axes(2).flat_map(|k| axes(3).flat_map(move |j| axes(2).map(move |i| number(i, j, k))));
        let fastest_last =
            axes(2).flat_map(|i| axes(3).flat_map(move |j| axes(2).map(move |k| number(i, j, k))));
        let mut file = fortran_header("<u2", &[2, 3, 2]);
        file.extend(fastest_first.flatten());
        let npy = open(&file).unwrap();
        assert_eq!(npy.open_array(0).unwrap().spec(), &spec);
        assert_eq!(npy.entry(0).unwrap().order, Order::F);
        let back = npy.read_rows("array", 1..2).unwrap();
        let expected: Vec<u8> = fastest_last.flatten().collect();
        assert_eq!(back.bytes(), &expected[12..]);
        // What is written is what was read.
        assert_eq!(to_bytes(&npy.read("array").unwrap()), file);
    }

    /// Written without a look at whether the sizes fit.
    fn fortran_header(dtype: &str, shape: &[u64]) -> Vec<u8> {
        let element = Element::Plain(dtype.parse().unwrap());
        let header = Header {
            order: Order::F,
            shape: shape.to_vec(),
            ..Header::new(&element, array("|u1", &[]).spec())
        };
        header.to_bytes()
    }

    #[test]
    fn too_short_files_are_refused() {
        let file = to_bytes(&array("<f8", &[3]));
        for len in 0..file.len() {
            let error = open(&file[..len]).expect_err("a part of a file");
            let kind = error.kind();
            assert_eq!(kind, ErrorKind::Truncated, "{len} bytes: {error}");
        }
    }

    #[test]
    fn bytes_behind_the_array_are_left_out_and_said() {
        let array = array("<f8", &[3]);
        let npy = open(&[&to_bytes(&array)[..], b"\x93NUMP"].concat()).unwrap();
        assert_eq!(npy.read("array").unwrap(), array);
        assert!(npy.notes()[0].contains("5 bytes"), "{:?}", npy.notes());
    }

    #[test]
    fn arrays_one_after_another_are_numbered() {
        let arrays = [array("<f8", &[3]), array("|u1", &[2, 5]), array("<i4", &[])];
        let file = arrays.iter().map(to_bytes).collect::<Vec<_>>().concat();
        let npy = open(&file).unwrap();
        assert_eq!(npy.n_arrays(), 3);
        for (i, array) in arrays.iter().enumerate() {
            assert_eq!(npy.path(i), i.to_string());
            assert_eq!(&npy.read(&i.to_string()).unwrap(), array);
        }
        assert!(npy.find("array").is_err());
        assert!(npy.find("3").is_err());
        // The last one costs itself alone.
        let npy = open(&file[..file.len() - 1]).unwrap();
        assert_eq!(&npy.read("1").unwrap(), &arrays[1]);
        let fault = npy.entry(2).unwrap().fault.unwrap();
        assert_eq!(fault.kind(), ErrorKind::Truncated);
        assert_eq!(npy.read("2").unwrap_err().kind(), ErrorKind::Truncated);
    }

    #[test]
    fn a_shape_that_memory_cannot_hold_is_refused() {
        let too_large = open(&fortran_header("<f8", &[1 << 40, 1 << 40]));
        let error = too_large.expect_err("2^83 bytes");
        assert_eq!(error.kind(), ErrorKind::Corrupt);
        let larger_than_u64 =
            b"{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,)}";
        let mut file = b"\x93NUMPY\x01\x00".to_vec();
        file.extend((larger_than_u64.len() as u16).to_le_bytes());
        file.extend(larger_than_u64);
        let error = open(&file).expect_err("more than 64 bits");
        assert_eq!(error.kind(), ErrorKind::Corrupt);
    }

    #[test]
    fn an_array_over_the_limit_is_refused_in_either_order() {
        let limits = Limits::default().with_max_bytes(23);
        let data = [0; 24];
        for header in [
            header(array("|u1", &[4, 6]).spec()),
            fortran_header("|u1", &[4, 6]),
        ] {
            let file = [&header[..], &data].concat();
            let npy = super::open(Arc::new(file), &limits).unwrap();
            let error = npy.open_array(0).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::LimitExceeded);
        }
    }

    #[test]
    fn records_are_bytes_whose_fields_are_known() {
        let fields = vec![
            Field::new("a", Element::Plain("<i4".parse().unwrap()), []),
            Field::new("b", Element::Plain("<f8".parse().unwrap()), [2]),
        ];
        let record = Record::new(fields).unwrap();
        let spec = ArraySpec::new(record.dtype().unwrap(), [2]).unwrap();
        let data: Vec<u8> = (0..40).collect();
        let file = [&record_header(&record, &spec)[..], &data].concat();
        let npy = open(&file).unwrap();
        let entry = npy.entry(0).unwrap();
        assert_eq!(entry.dtype, "|V20");
        assert_eq!(entry.record.unwrap(), record);
        assert_eq!(npy.read("array").unwrap().bytes(), data);
    }

    #[test]
    fn objects_are_refused() {
        let mut file = header(array("|u1", &[]).spec());
        let at = file.windows(3).position(|bytes| bytes == b"|u1").unwrap();
        file[at..at + 3].copy_from_slice(b"|O8");
        let error = open(&file).expect_err("objects are pointers");
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    }
}
