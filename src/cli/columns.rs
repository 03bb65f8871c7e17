//! Arrays of equal length, side by side: rows of several arrays as rows of a table.

use std::ops::Range;
use std::sync::Arc;

use super::failure::{Failure, Outcome};
use super::rows::Selection;
use super::source::Source;
use super::windows;
use crate::array::ArraySpec;
use crate::container::csv;
use crate::validity::Validity;

/// An array, under the name that its column has.
pub(super) struct Column {
    name: String,
    source: Source,
    validity: Option<Arc<Validity>>,
}

impl Column {
    /// An array that has a value in all rows, or in those that `validity` says.
    pub(super) fn new(name: String, source: Source, validity: Option<Arc<Validity>>) -> Self {
        Self {
            name,
            source,
            validity,
        }
    }

    /// What the column is called.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The array.
    pub(super) fn source(&self) -> &Source {
        &self.source
    }

    /// What is wanted of it. The mask of an array with nulls is of whole rows, and is not cut.
    pub(super) fn select(self, selection: Option<&crate::Selection>) -> Result<Self, Failure> {
        let Some(selection) = selection else {
            return Ok(self);
        };
        if self.has_nulls() {
            let name = &self.name;
            let words = format!(
                "{name:?} has rows without a value: --rows takes some of them, --select does not"
            );
            return Err(Failure::usage(words));
        }
        let source = self.source.select(selection)?;
        Ok(Self { source, ..self })
    }

    /// All of it as one row.
    pub(super) fn into_row(self) -> crate::Result<Self> {
        let source = self.source.into_row()?;
        Ok(Self { source, ..self })
    }

    /// Whether some rows may have no value.
    pub(super) fn has_nulls(&self) -> bool {
        self.validity.is_some()
    }
}

/// At least one array, all of the same number of rows.
pub(super) struct Columns(Vec<Column>);

impl Columns {
    /// Refuses arrays that are not of equal length.
    pub(super) fn new(columns: Vec<Column>) -> Result<Self, Failure> {
        fn length(column: &Column) -> (&str, u64) {
            (column.name.as_str(), column.source.spec().rows())
        }
        let Some(first) = columns.first() else {
            return Err(Failure::usage("no array was named"));
        };
        let n_rows = first.source.spec().rows();
        match columns.iter().find(|c| c.source.spec().rows() != n_rows) {
            Some(other) => {
                let words = csv::unequal_lengths(length(first), length(other));
                Err(Failure::usage(words))
            }
            None => Ok(Self(columns)),
        }
    }

    /// The arrays, in order.
    pub(super) fn all(&self) -> &[Column] {
        &self.0
    }

    /// The rows that each array has.
    pub(super) fn n_rows(&self) -> u64 {
        self.0[0].source.spec().rows()
    }

    /// Bytes of a row of all of them.
    pub(super) fn row_bytes(&self) -> u64 {
        let bytes = self.0.iter().map(|column| column.source.spec().row_bytes());
        bytes.fold(0, u64::saturating_add)
    }

    /// Hands the chosen rows to `take`, piece by piece. Rows that hold no bytes are none: a file of a hundred bytes may
    /// have 2^60 of them.
    pub(super) fn for_each(
        &self,
        rows: &Selection,
        mut take: impl FnMut(&Piece<'_>) -> Outcome,
    ) -> Outcome {
        let row_bytes = self.row_bytes();
        if row_bytes == 0 {
            return Ok(());
        }
        let mut buffers = vec![Vec::new(); self.0.len()];
        for window in windows::of(rows.range(), row_bytes) {
            let Some(rows) = rows.within(&window) else {
                continue;
            };
            for (column, buffer) in self.0.iter().zip(&mut buffers) {
                read(&column.source, &rows, buffer)?;
            }
            take(&Piece {
                columns: &self.0,
                bytes: &buffers,
                rows,
            })?;
        }
        Ok(())
    }
}

/// Reads rows into a buffer, one behind another.
fn read(source: &Source, rows: &Selection, buffer: &mut Vec<u8>) -> crate::Result<()> {
    /// Rows that are farther apart are read one by one: a page or more lies between them.
    const FAR_BYTES: u64 = 1 << 20;
    let Range { start, end } = rows.range();
    let row_bytes = source.spec().row_bytes();
    if rows.step().saturating_mul(row_bytes) < FAR_BYTES || rows.step() == 1 {
        windows::read(source, start..end, buffer)?;
        keep_each(rows.step(), row_bytes, buffer);
        return Ok(());
    }
    let (mut row, mut all) = (Vec::new(), std::mem::take(buffer));
    all.clear();
    for i in 0..rows.n_rows() {
        windows::read(source, rows.row(i)..rows.row(i) + 1, &mut row)?;
        all.extend_from_slice(&row);
    }
    *buffer = all;
    Ok(())
}

/// Moves every `step`-th row to the front, and drops the others.
fn keep_each(step: u64, row_bytes: u64, buffer: &mut Vec<u8>) {
    let stride = usize::try_from(step.saturating_mul(row_bytes)).unwrap_or(usize::MAX);
    let row_bytes = row_bytes as usize;
    if step == 1 || row_bytes == 0 {
        return;
    }
    let starts = (0..buffer.len()).step_by(stride);
    let n_rows = starts.len();
    for (i, start) in starts.enumerate() {
        buffer.copy_within(start..start + row_bytes, i * row_bytes);
    }
    buffer.truncate(n_rows * row_bytes);
}

/// Some rows of all columns, in memory.
pub(super) struct Piece<'a> {
    columns: &'a [Column],
    bytes: &'a [Vec<u8>],
    rows: Selection,
}

impl Piece<'_> {
    /// The rows in it.
    pub(super) fn n_rows(&self) -> usize {
        self.rows.n_rows() as usize
    }

    /// The number in its array that row `i` has.
    pub(super) fn number(&self, i: usize) -> u64 {
        self.rows.row(i as u64)
    }

    /// Bytes of all its rows.
    pub(super) fn n_bytes(&self) -> u64 {
        self.bytes.iter().map(|bytes| bytes.len() as u64).sum()
    }

    /// The rows of a column, one behind another.
    pub(super) fn bytes(&self, column: usize) -> &[u8] {
        &self.bytes[column]
    }

    /// Row `i` of the piece: of each column its name, its type and its bytes, or none where it has no value.
    pub(super) fn row(&self, i: usize) -> impl Iterator<Item = Cells<'_>> {
        let number = self.number(i);
        self.columns
            .iter()
            .zip(self.bytes)
            .map(move |(column, bytes)| {
                let spec = column.source.spec();
                let row_bytes = spec.row_bytes() as usize;
                let is_valid = |validity: &Validity| {
                    usize::try_from(number).is_ok_and(|number| validity.is_valid(number))
                };
                let is_null = column.validity.as_deref().is_some_and(|v| !is_valid(v));
                Cells {
                    name: &column.name,
                    spec,
                    bytes: (!is_null).then(|| &bytes[i * row_bytes..(i + 1) * row_bytes]),
                }
            })
    }
}

/// A row of one column.
pub(super) struct Cells<'a> {
    pub(super) name: &'a str,
    pub(super) spec: &'a ArraySpec,
    /// None where the row has no value.
    pub(super) bytes: Option<&'a [u8]>,
}

impl<'a> Cells<'a> {
    /// The bytes of an element, unless the row has no value.
    pub(super) fn item(&self, element: usize) -> Option<&'a [u8]> {
        let item_bytes = self.spec.dtype().item_bytes() as usize;
        Some(&self.bytes?[element * item_bytes..(element + 1) * item_bytes])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_third_row_is_kept() {
        let mut bytes: Vec<u8> = (0..14).collect();
        keep_each(3, 2, &mut bytes);
        assert_eq!(bytes, [0, 1, 6, 7, 12, 13]);
        keep_each(1, 2, &mut bytes);
        assert_eq!(bytes.len(), 6);
        keep_each(5, 2, &mut bytes);
        assert_eq!(bytes, [0, 1]);
    }
}
