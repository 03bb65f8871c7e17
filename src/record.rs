//! Structured dtypes: records, whose elements are fields.
//!
//! An array of records is an array of opaque bytes (`|V12`) and a [`Record`] that says what they mean. Its fields are
//! columns: arrays of their own, whose shape is that of the array and then of the field. A field that is a record in turn
//! is taken apart too; its columns are named `OUTER/INNER`.

use std::fmt;

use crate::array::ArraySpec;
use crate::dtype::DType;
use crate::error::{Error, Result};

/// What a field holds.
///
/// ```
/// use paginum::record::{Element, Field, Record};
/// let float = Element::Plain("<f8".parse()?);
/// let place = Record::new(vec![Field::new("lat", float.clone(), []), Field::new("lon", float, [])])?;
/// assert_eq!(Element::Record(place).item_bytes(), 16);
/// # Ok::<(), paginum::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Element {
    /// A number, text, a time, or bytes that nobody explains.
    Plain(DType),
    /// Fields in turn.
    Record(Record),
}

impl Element {
    /// Bytes of one.
    #[must_use]
    pub fn item_bytes(&self) -> u64 {
        match self {
            Self::Plain(dtype) => dtype.item_bytes(),
            Self::Record(record) => record.item_bytes,
        }
    }
}

/// One field of a record.
///
/// ```
/// use paginum::record::{Element, Field};
/// let color = Field::new("color", Element::Plain("|u1".parse()?), [3]).with_title(Some("RGB".into()));
/// assert_eq!((color.name(), color.title(), color.shape()), ("color", Some("RGB"), &[3][..]));
/// # Ok::<(), paginum::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    name: String,
    title: Option<String>,
    offset: u64,
    element: Element,
    shape: Vec<u64>,
}

impl Field {
    /// A field of a single element or, where `shape` has axes, of an array of them.
    #[must_use]
    pub fn new(name: impl Into<String>, element: Element, shape: impl Into<Vec<u64>>) -> Self {
        Self {
            name: name.into(),
            title: None,
            offset: 0,
            element,
            shape: shape.into(),
        }
    }

    /// Adds a title, which is numpy's second name of a field.
    #[must_use]
    pub fn with_title(mut self, title: Option<String>) -> Self {
        self.title = title;
        self
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The title, where it has one.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// Bytes of the record before the field.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// What it holds.
    #[must_use]
    pub fn element(&self) -> &Element {
        &self.element
    }

    /// The shape of the array that it is; empty for a single element.
    #[must_use]
    pub fn shape(&self) -> &[u64] {
        &self.shape
    }

    /// Bytes of the field, `None` if they do not fit.
    fn bytes(&self) -> Option<u64> {
        let axes = self.shape.iter();
        let elements = axes.copied().try_fold(1_u64, u64::checked_mul)?;
        elements.checked_mul(self.element.item_bytes())
    }
}

/// The fields of a structured dtype, and the bytes between them.
///
/// ```
/// use paginum::record::{Element, Field, Record};
/// let id = Field::new("id", Element::Plain("<u2".parse()?), []);
/// let padding = Field::new("", Element::Plain("|V2".parse()?), []);
/// let place = Field::new("place", Element::Plain("<f4".parse()?), [2]);
/// let record = Record::new(vec![id, padding, place])?;
/// assert_eq!(record.to_string(), "{id: <u2, place: <f4 [2]}");
/// assert_eq!((record.fields()[1].offset(), record.item_bytes()), (4, 12));
/// assert_eq!(record.dtype()?, "|V12".parse()?);
/// # Ok::<(), paginum::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    fields: Vec<Field>,
    item_bytes: u64,
}

impl Record {
    /// Lays fields out one after another. A field without a name is padding: bytes that belong to no column.
    ///
    /// # Errors
    /// `Unsupported` for two fields of one name, and for records of more bytes than numpy allows.
    pub fn new(fields: Vec<Field>) -> Result<Self> {
        let too_large = || Error::unsupported("a structured dtype of more than 2 GiB");
        let mut offset = 0_u64;
        let mut named: Vec<Field> = Vec::with_capacity(fields.len());
        let mut seen = std::collections::HashSet::new();
        for mut field in fields {
            field.offset = offset;
            let bytes = field.bytes().ok_or_else(too_large)?;
            offset = offset.checked_add(bytes).ok_or_else(too_large)?;
            if field.name.is_empty() {
                continue;
            }
            if !seen.insert(field.name.clone()) {
                let what = format!("a structured dtype with two fields {:?}", field.name);
                return Err(Error::unsupported(what));
            }
            named.push(field);
        }
        let record = Self {
            fields: named,
            item_bytes: offset,
        };
        record.dtype().map(|_| record)
    }

    /// The fields, padding left out.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Bytes of a record.
    #[must_use]
    pub fn item_bytes(&self) -> u64 {
        self.item_bytes
    }

    /// The records as opaque bytes.
    ///
    /// # Errors
    /// `Unsupported` for more bytes than numpy allows.
    pub fn dtype(&self) -> Result<DType> {
        format!("|V{}", self.item_bytes).parse()
    }

    /// The columns: all fields that are no records, in order.
    #[must_use]
    pub fn columns(&self) -> Vec<Column> {
        let mut columns = Vec::new();
        self.push_columns("", 0, &[], &mut columns);
        columns
    }

    fn push_columns(&self, prefix: &str, offset: u64, axes: &[Axis], columns: &mut Vec<Column>) {
        for field in &self.fields {
            let name = format!("{prefix}{}", field.name);
            let offset = offset + field.offset;
            let mut axes = axes.to_vec();
            let mut stride = field.bytes().unwrap_or(0);
            for &length in &field.shape {
                stride = stride.checked_div(length).unwrap_or(0);
                axes.push(Axis { length, stride });
            }
            match &field.element {
                Element::Plain(dtype) => columns.push(Column {
                    name,
                    dtype: *dtype,
                    offset,
                    axes,
                }),
                Element::Record(record) => {
                    record.push_columns(&format!("{name}/"), offset, &axes, columns);
                }
            }
        }
    }
}

/// An axis of a field: how many elements, and bytes from one to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Axis {
    length: u64,
    stride: u64,
}

/// Where the elements of a column lie in a record.
///
/// ```
/// use paginum::ArraySpec;
/// use paginum::record::{Element, Field, Record};
/// let id = Field::new("id", Element::Plain("<u2".parse()?), []);
/// let color = Field::new("color", Element::Plain("|u1".parse()?), [3]);
/// let record = Record::new(vec![id, color])?;
/// let [_, color] = &record.columns()[..] else { unreachable!() };
/// // Of seven records, the column is an array of the shape (7, 3).
/// let records = ArraySpec::new(record.dtype()?, [7])?;
/// assert_eq!(color.spec(&records)?.shape(), [7, 3]);
/// let mut bytes = Vec::new();
/// color.push(&[1, 0, 10, 20, 30], &mut bytes);
/// assert_eq!(bytes, [10, 20, 30]);
/// # Ok::<(), paginum::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    name: String,
    dtype: DType,
    offset: u64,
    axes: Vec<Axis>,
}

impl Column {
    /// The name of the field; of a field within fields, their names with `/` between them.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The type of its elements.
    #[must_use]
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// The type and shape of the column of such an array of records. It has their order where the field is a single
    /// element; one that is an array lies in its record row by row.
    ///
    /// # Errors
    /// `Unsupported` for more axes than an array can have.
    pub fn spec(&self, records: &ArraySpec) -> Result<ArraySpec> {
        let axes = self.axes.iter().map(|axis| axis.length);
        let shape: Vec<u64> = records.shape().iter().copied().chain(axes).collect();
        let spec = ArraySpec::new(self.dtype, shape)?;
        Ok(match self.axes.is_empty() {
            true => spec.with_order(records.order()),
            false => spec,
        })
    }

    /// Whether a record holds no byte of it. Its axes may be of any length then, and are not gone through.
    fn is_empty(&self) -> bool {
        self.dtype.item_bytes() == 0 || self.axes.iter().any(|axis| axis.length == 0)
    }

    /// Takes the column of one record out: its elements, one after another, to the end of `out`.
    pub fn push(&self, record: &[u8], out: &mut Vec<u8>) {
        if self.is_empty() {
            return;
        }
        push_elements(
            &record[self.offset as usize..],
            self.dtype.item_bytes() as usize,
            &self.axes,
            out,
        );
    }

    /// Puts the elements of the column into one record: what [`push`](Self::push) takes out.
    pub fn put(&self, elements: &[u8], record: &mut [u8]) {
        if self.is_empty() {
            return;
        }
        let mut rest = elements;
        let item_bytes = self.dtype.item_bytes() as usize;
        let record = &mut record[self.offset as usize..];
        put_elements(record, item_bytes, &self.axes, &mut rest);
    }
}

/// Axes behind which the elements lie one after another, without gaps, are one run.
fn run_bytes(item_bytes: usize, axes: &[Axis]) -> Option<usize> {
    let mut bytes = item_bytes as u64;
    for axis in axes.iter().rev() {
        if axis.stride != bytes {
            return None;
        }
        bytes *= axis.length;
    }
    usize::try_from(bytes).ok()
}

fn push_elements(bytes: &[u8], item_bytes: usize, axes: &[Axis], out: &mut Vec<u8>) {
    if let Some(n) = run_bytes(item_bytes, axes) {
        return out.extend_from_slice(&bytes[..n]);
    }
    let [axis, inner @ ..] = axes else { return };
    for i in 0..axis.length {
        push_elements(&bytes[(i * axis.stride) as usize..], item_bytes, inner, out);
    }
}

fn put_elements(bytes: &mut [u8], item_bytes: usize, axes: &[Axis], elements: &mut &[u8]) {
    if let Some(n) = run_bytes(item_bytes, axes) {
        let (run, rest) = elements.split_at(n);
        bytes[..n].copy_from_slice(run);
        *elements = rest;
        return;
    }
    let [axis, inner @ ..] = axes else { return };
    for i in 0..axis.length {
        let bytes = &mut bytes[(i * axis.stride) as usize..];
        put_elements(bytes, item_bytes, inner, elements);
    }
}

impl fmt::Display for Record {
    /// Names and types, as in `{a: <i4, b: <f8 [3]}`: for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (i, field) in self.fields.iter().enumerate() {
            let comma = if i > 0 { ", " } else { "" };
            write!(f, "{comma}{}: ", field.name)?;
            match &field.element {
                Element::Plain(dtype) => write!(f, "{dtype}")?,
                Element::Record(record) => write!(f, "{record}")?,
            }
            if !field.shape.is_empty() {
                write!(f, " {:?}", field.shape)?;
            }
        }
        f.write_str("}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(name: &str, dtype: &str, shape: &[u64]) -> Field {
        Field::new(name, Element::Plain(dtype.parse().unwrap()), shape)
    }

    fn record() -> Record {
        let inner = Record::new(vec![plain("x", "|u1", &[]), plain("y", "<u2", &[2])]).unwrap();
        Record::new(vec![
            plain("a", "<u2", &[]),
            plain("", "|V1", &[]),
            Field::new("in", Element::Record(inner), [2]),
        ])
        .unwrap()
    }

    #[test]
    fn columns_are_taken_out_and_put_back() {
        let record = record();
        assert_eq!(record.item_bytes(), 2 + 1 + 2 * 5);
        let records = ArraySpec::new(record.dtype().unwrap(), [7]).unwrap();
        let bytes: Vec<u8> = (0..13).collect();
        let taken: Vec<(String, Vec<u64>, Vec<u8>)> = record
            .columns()
            .iter()
            .map(|column| {
                let mut out = Vec::new();
                column.push(&bytes, &mut out);
                let shape = column.spec(&records).unwrap().shape().to_vec();
                (column.name().to_owned(), shape, out)
            })
            .collect();
        let expected = [
            ("a".to_owned(), vec![7], vec![0, 1]),
            ("in/x".to_owned(), vec![7, 2], vec![3, 8]),
            (
                "in/y".to_owned(),
                vec![7, 2, 2],
                vec![4, 5, 6, 7, 9, 10, 11, 12],
            ),
        ];
        assert_eq!(taken, expected);
        let mut back = vec![0; 13];
        for (column, (_, _, elements)) in record.columns().iter().zip(&taken) {
            column.put(elements, &mut back);
        }
        back[2] = 2; // padding belongs to no column
        assert_eq!(back, bytes);
    }

    #[test]
    fn records_that_numpy_does_not_have_are_unsupported() {
        let twice = vec![plain("a", "<u2", &[]), plain("a", "<u2", &[])];
        let large = vec![plain("a", "<u2", &[1 << 31])];
        let larger = vec![plain("a", "<u2", &[1 << 40, 1 << 40])];
        for fields in [twice, large, larger] {
            let error = Record::new(fields).unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::Unsupported);
        }
    }

    #[test]
    fn an_empty_column_of_endless_axes_is_not_gone_through() {
        let inner = Record::new(vec![plain("x", "<u2", &[1 << 40, 0])]).unwrap();
        let fields = vec![Field::new("in", Element::Record(inner), [1 << 40])];
        let record = Record::new(fields).unwrap();
        let mut out = Vec::new();
        record.columns()[0].push(&[], &mut out);
        record.columns()[0].put(&[], &mut []);
        assert!(out.is_empty());
    }

    #[test]
    fn fields_are_shown_by_name_and_type() {
        assert_eq!(
            record().to_string(),
            "{a: <u2, in: {x: |u1, y: <u2 [2]} [2]}"
        );
    }
}
