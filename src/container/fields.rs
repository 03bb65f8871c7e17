//! Records taken apart: a container whose arrays of records are their fields.
//!
//! An array `NAME` of records becomes the arrays `NAME/FIELD`. What is no record stays what it is.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::{Container, Document, Entry, File, FormatInfo, LeftOut};
use crate::array::ArraySpec;
use crate::error::{Error, Result};
use crate::filter::ArrayReader;
use crate::limits::Limits;
use crate::record::Column;
use crate::validity::Validity;

/// Records are decoded in pieces of at most so many bytes, unless one is larger.
const PIECE_BYTES: u64 = 4 << 20;

/// A container, seen by the fields of its records.
struct Fields {
    inner: File,
    arrays: Vec<Seen>,
}

/// An array as it is seen: one of the container, or a field of one.
struct Seen {
    path: String,
    index: usize,
    field: Option<(Column, ArraySpec)>,
}

/// Takes the records of a file apart. One without records comes back as it is.
///
/// # Errors
/// Those of [`Container::entry`], for any array.
pub fn by_fields(container: File) -> Result<File> {
    let mut arrays = Vec::new();
    for index in 0..container.n_arrays() {
        let entry = container.entry(index)?;
        let Some(record) = &entry.record else {
            arrays.push(Seen {
                path: entry.path,
                index,
                field: None,
            });
            continue;
        };
        let records = ArraySpec::new(record.dtype()?, entry.shape.as_slice())?;
        let records = records.with_order(entry.order);
        for column in record.columns() {
            let spec = column.spec(&records)?;
            arrays.push(Seen {
                path: format!("{}/{}", entry.path, column.name()),
                index,
                field: Some((column, spec)),
            });
        }
    }
    if arrays.iter().all(|seen| seen.field.is_none()) {
        return Ok(container);
    }
    container.limits().check_arrays(arrays.len() as u64)?;
    Ok(File::of(Box::new(Fields {
        inner: container,
        arrays,
    })))
}

impl Container for Fields {
    fn format(&self) -> &'static FormatInfo {
        self.inner.format()
    }

    fn n_arrays(&self) -> usize {
        self.arrays.len()
    }

    fn path(&self, index: usize) -> &str {
        &self.arrays[index].path
    }

    fn given_name(&self, index: usize) -> Option<&str> {
        let seen = &self.arrays[index];
        match &seen.field {
            None => self.inner.given_name(seen.index),
            Some(_) => Some(&seen.path),
        }
    }

    fn find(&self, name: &str) -> Result<usize> {
        let by_path = self.arrays.iter().position(|seen| seen.path == name);
        let fields = self.arrays.iter().enumerate();
        let mut by_field = fields.filter(|(_, seen)| {
            let column = seen.field.as_ref().map(|(column, _)| column.name());
            column == Some(name)
        });
        match (by_path, by_field.next(), by_field.next()) {
            (Some(found), ..) | (None, Some((found, _)), None) => Ok(found),
            (None, Some((one, _)), Some((other, _))) => Err(Error::invalid(format!(
                "{name:?} may be {:?} or {:?}",
                self.path(one),
                self.path(other)
            ))),
            (None, None, _) => Err(Error::invalid(format!("there is no array {name:?}"))),
        }
    }

    fn entry(&self, index: usize) -> Result<Entry> {
        let seen = &self.arrays[index];
        let entry = self.inner.entry(seen.index)?;
        let Some((_, spec)) = &seen.field else {
            return Ok(entry);
        };
        // Its share of what all fields take.
        let share = u128::from(entry.stored_bytes) * u128::from(spec.bytes())
            / u128::from(entry.decoded_bytes.max(1));
        Ok(Entry {
            path: seen.path.clone(),
            dtype: spec.dtype().to_string(),
            shape: spec.shape().to_vec(),
            order: spec.order(),
            stored_bytes: share as u64,
            decoded_bytes: spec.bytes(),
            record: None,
            ..entry
        })
    }

    fn open_array(&self, index: usize) -> Result<Box<dyn ArrayReader>> {
        let seen = &self.arrays[index];
        let records = self.inner.open_array(seen.index)?;
        Ok(match &seen.field {
            None => records,
            Some((column, _)) => field_of(records, column)?,
        })
    }

    fn validity(&self, index: usize) -> Result<Option<Arc<Validity>>> {
        self.inner.validity(self.arrays[index].index)
    }

    fn limits(&self) -> &Limits {
        self.inner.limits()
    }

    fn documents(&self) -> Vec<Document> {
        self.inner.documents()
    }

    fn prefetch_entries(&self) -> Result<()> {
        self.inner.prefetch_entries()
    }

    fn notes(&self) -> &[String] {
        self.inner.notes()
    }

    fn left_out(&self) -> &[LeftOut] {
        self.inner.left_out()
    }

    fn dead_bytes(&self) -> Result<u64> {
        self.inner.dead_bytes()
    }

    fn checked(&self) -> Option<String> {
        self.inner.checked()
    }

    fn verify_structure(&self) -> Result<()> {
        self.inner.verify_structure()
    }

    fn structure_faults(&self) -> Vec<Error> {
        self.inner.structure_faults()
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the fields of {:?}", self.inner)
    }
}

/// Reads one field of an array of records.
///
/// # Errors
/// `Unsupported` for more axes than an array can have.
pub(crate) fn field_of(
    records: Box<dyn ArrayReader>,
    column: &Column,
) -> Result<Box<dyn ArrayReader>> {
    Ok(Box::new(FieldReader {
        spec: column.spec(records.spec())?,
        records,
        column: column.clone(),
    }))
}

/// One field of all records.
#[derive(Debug)]
struct FieldReader {
    records: Box<dyn ArrayReader>,
    column: Column,
    spec: ArraySpec,
}

impl ArrayReader for FieldReader {
    fn spec(&self) -> &ArraySpec {
        &self.spec
    }

    fn ranges(&self, rows: Range<u64>) -> Vec<Range<u64>> {
        match self.records.spec().shape() {
            [] => self.records.ranges(0..1),
            _ => self.records.ranges(rows),
        }
    }

    fn held_bytes(&self) -> u64 {
        self.records.held_bytes()
    }

    fn read_rows_into(&self, rows: Range<u64>, out: &mut [u8]) -> Result<()> {
        self.spec.check_rows(&rows)?;
        if out.len() as u64 != (rows.end - rows.start) * self.spec.row_bytes() {
            return Err(Error::invalid("a buffer of another size than the rows"));
        }
        let records = self.records.spec();
        let (row_bytes, item_bytes) = (records.row_bytes(), records.dtype().item_bytes());
        if out.is_empty() || item_bytes == 0 {
            return Ok(());
        }
        if records.shape().is_empty() {
            // One record has all rows of the field.
            let (mut record, mut field) = (vec![0; item_bytes as usize], Vec::new());
            self.records.read_rows_into(0..1, &mut record)?;
            self.column.push(&record, &mut field);
            let start = (rows.start * self.spec.row_bytes()) as usize;
            out.copy_from_slice(&field[start..][..out.len()]);
            return Ok(());
        }
        let step = (PIECE_BYTES / row_bytes).max(1);
        let (mut piece, mut field) = (Vec::new(), Vec::new());
        let mut rest = out;
        let mut start = rows.start;
        while start < rows.end {
            let end = rows.end.min(start.saturating_add(step));
            piece.resize(((end - start) * row_bytes) as usize, 0);
            self.records.read_rows_into(start..end, &mut piece)?;
            field.clear();
            for record in piece.chunks_exact(item_bytes as usize) {
                self.column.push(record, &mut field);
            }
            let (these, behind) = rest.split_at_mut(field.len());
            these.copy_from_slice(&field);
            rest = behind;
            start = end;
        }
        Ok(())
    }

    fn verify(&self) -> Result<()> {
        self.records.verify()
    }

    fn has_checksums(&self) -> Result<bool> {
        self.records.has_checksums()
    }
}

/// An array as the only row of another: what a field of a single record is beside other fields.
#[cfg(feature = "cli")]
#[derive(Debug)]
pub(crate) struct OneRow {
    array: Box<dyn ArrayReader>,
    spec: ArraySpec,
}

#[cfg(feature = "cli")]
impl OneRow {
    /// All of an array.
    ///
    /// # Errors
    /// `Unsupported` for more axes than an array can have.
    pub(crate) fn new(array: Box<dyn ArrayReader>) -> Result<Self> {
        let spec = array.spec().as_row()?;
        Ok(Self { array, spec })
    }

    /// The rows of the array that rows of this are.
    fn inner(&self, rows: &Range<u64>) -> Range<u64> {
        match rows.is_empty() {
            true => 0..0,
            false => 0..self.array.spec().rows(),
        }
    }
}

#[cfg(feature = "cli")]
impl ArrayReader for OneRow {
    fn spec(&self) -> &ArraySpec {
        &self.spec
    }

    fn ranges(&self, rows: Range<u64>) -> Vec<Range<u64>> {
        self.array.ranges(self.inner(&rows))
    }

    fn held_bytes(&self) -> u64 {
        self.array.held_bytes()
    }

    fn read_rows_into(&self, rows: Range<u64>, out: &mut [u8]) -> Result<()> {
        self.spec.check_rows(&rows)?;
        self.array.read_rows_into(self.inner(&rows), out)
    }

    fn verify(&self) -> Result<()> {
        self.array.verify()
    }

    fn has_checksums(&self) -> Result<bool> {
        self.array.has_checksums()
    }
}

#[cfg(test)]
mod tests {
    use super::super::npy;
    use super::*;
    use crate::array::Order;
    use crate::record::{Element, Field, Record};

    fn file() -> Vec<u8> {
        file_in(Order::C)
    }

    fn file_in(order: Order) -> Vec<u8> {
        let plain = |name: &str, dtype: &str, shape: &[u64]| {
            Field::new(name, Element::Plain(dtype.parse().unwrap()), shape)
        };
        let inner = Record::new(vec![plain("x", "|u1", &[]), plain("y", "<u2", &[])]).unwrap();
        let record = Record::new(vec![
            plain("a", "<u2", &[2]),
            plain("", "|V1", &[]),
            Field::new("in", Element::Record(inner), []),
        ])
        .unwrap();
        let spec = ArraySpec::new(record.dtype().unwrap(), [2, 2]).unwrap();
        let mut file = npy::record_header(&record, &spec.with_order(order));
        file.extend(0..32);
        file
    }

    fn open(file: Vec<u8>) -> File {
        let npy = npy::open(Arc::new(file), &Limits::default()).unwrap();
        by_fields(File::of(Box::new(npy))).unwrap()
    }

    #[test]
    fn fields_are_arrays() {
        let fields = open(file());
        let listed: Vec<(String, String, Vec<u64>)> = (0..fields.n_arrays())
            .map(|i| fields.entry(i).unwrap())
            .map(|entry| (entry.path, entry.dtype, entry.shape))
            .collect();
        let expected = [
            ("array/a", "<u2", vec![2, 2, 2]),
            ("array/in/x", "|u1", vec![2, 2]),
            ("array/in/y", "<u2", vec![2, 2]),
        ]
        .map(|(path, dtype, shape)| (path.to_owned(), dtype.to_owned(), shape));
        assert_eq!(listed, expected);
        assert_eq!(fields.read("array/in/x").unwrap().bytes(), [5, 13, 21, 29]);
        assert_eq!(
            fields.read("in/y").unwrap().bytes(),
            [6, 7, 14, 15, 22, 23, 30, 31]
        );
        let rows = fields.read_rows("a", 1..2).unwrap();
        assert_eq!(rows.bytes(), [16, 17, 18, 19, 24, 25, 26, 27]);
        assert!(fields.find("b").is_err());
        assert!(fields.read_rows("a", 1..3).is_err());
    }

    #[test]
    fn fields_of_one_element_have_the_order_of_the_records() {
        let fields = open(file_in(Order::F));
        let orders: Vec<Order> = (0..fields.n_arrays())
            .map(|i| fields.entry(i).unwrap().order)
            .collect();
        // A field that is an array lies in the records row by row.
        assert_eq!(orders, [Order::C, Order::F, Order::F]);
        let x = fields.read("array/in/x").unwrap();
        assert_eq!(
            (x.bytes(), x.spec().order()),
            (&[5, 21, 13, 29][..], Order::F)
        );
    }

    #[test]
    fn one_record_has_all_rows_of_its_fields() {
        let record = Record::new(vec![
            Field::new("p", Element::Plain("<u2".parse().unwrap()), [3]),
            Field::new("k", Element::Plain("|u1".parse().unwrap()), []),
        ])
        .unwrap();
        let spec = ArraySpec::new(record.dtype().unwrap(), []).unwrap();
        let mut file = npy::record_header(&record, &spec);
        file.extend([1, 0, 2, 0, 3, 0, 9]);
        let fields = open(file);
        assert_eq!(fields.read("p").unwrap().bytes(), [1, 0, 2, 0, 3, 0]);
        assert_eq!(fields.read_rows("p", 1..3).unwrap().bytes(), [2, 0, 3, 0]);
        assert_eq!(fields.read("k").unwrap().bytes(), [9]);
        assert!(fields.read_rows("p", 1..4).is_err());
    }

    #[test]
    fn plain_arrays_stay_what_they_are() {
        let array = crate::Array::from_numbers(&[1_u16, 2]).unwrap();
        let fields = open([npy::to_bytes(&array), file()].concat());
        let paths: Vec<&str> = (0..fields.n_arrays()).map(|i| fields.path(i)).collect();
        assert_eq!(paths, ["0", "1/a", "1/in/x", "1/in/y"]);
        assert_eq!(fields.read("0").unwrap(), array);
        let plain = open(npy::to_bytes(&array));
        assert_eq!(plain.path(0), "array");
    }
}
