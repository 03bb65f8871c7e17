//! One column of a table, as it is stored: a few bytes of each row.

use std::ops::Range;
use std::sync::Arc;

use crate::array::{ArraySpec, Selection};
use crate::container::strided::Strided;
use crate::error::{Error, Result};
use crate::filter::ArrayReader;
use crate::storage::ReadAt;

/// The elements of a column.
#[derive(Debug)]
pub(super) struct Column {
    /// The table as rows of bytes.
    table: Strided,
    /// The bytes of a row that are the column's.
    bytes: Range<u64>,
    spec: ArraySpec,
    offset: u64,
}

impl Column {
    /// The column of the type and shape `spec` in the table that `store` has at `offset`, of whose rows it has `bytes`. The
    /// caller saw that the store is long enough.
    ///
    /// # Errors
    /// `Corrupt` for a table that is too large.
    pub(super) fn new(
        store: Arc<dyn ReadAt>,
        offset: u64,
        row_bytes: u64,
        bytes: Range<u64>,
        spec: ArraySpec,
    ) -> Result<Self> {
        let rows = ArraySpec::stored("|u1".parse()?, [spec.rows(), row_bytes])?;
        Ok(Self {
            table: Strided::new(store, rows, offset),
            bytes,
            spec,
            offset,
        })
    }
}

impl ArrayReader for Column {
    fn spec(&self) -> &ArraySpec {
        &self.spec
    }

    fn ranges(&self, rows: Range<u64>) -> Vec<Range<u64>> {
        if self.spec.check_rows(&rows).is_err() || rows.is_empty() || self.bytes.is_empty() {
            return Vec::new();
        }
        let row = |row: u64| self.offset + row * self.table.spec().row_bytes();
        let all = row(rows.start) + self.bytes.start..row(rows.end - 1) + self.bytes.end;
        vec![all]
    }

    fn read_rows_into(&self, rows: Range<u64>, out: &mut [u8]) -> Result<()> {
        self.spec.check_rows(&rows)?;
        if out.len() as u64 != (rows.end - rows.start) * self.spec.row_bytes() {
            return Err(Error::invalid("a buffer of another size than the rows"));
        }
        let wanted = Selection::from((rows, self.bytes.clone()));
        self.table.select_into(&wanted, out)
    }
}
