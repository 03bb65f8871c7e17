//! Reading what stored elements mean.

use std::ops::Range;
use std::sync::Arc;

use super::meaning::Meaning;
use super::sums::Sums;
use crate::array::{Array, ArraySpec, Selection};
use crate::container::windows;
use crate::error::{Error, Result};
use crate::filter::{ArrayReader, select_from_rows};
use crate::limits::Limits;

/// Stored elements are converted in pieces of so many bytes.
const PIECE_BYTES: u64 = 1 << 20;

/// The elements of an array by what they mean.
#[derive(Debug)]
pub(super) struct Meant {
    stored: Box<dyn ArrayReader>,
    meaning: Meaning,
    spec: ArraySpec,
    sums: Arc<Sums>,
}

impl Meant {
    /// The array of the type and shape `spec` that elements as they are stored mean. `sums` are those of its HDU.
    pub(super) fn new(
        stored: Box<dyn ArrayReader>,
        meaning: Meaning,
        spec: ArraySpec,
        sums: Arc<Sums>,
    ) -> Self {
        Self {
            stored,
            meaning,
            spec,
            sums,
        }
    }
}

impl ArrayReader for Meant {
    fn spec(&self) -> &ArraySpec {
        &self.spec
    }

    fn ranges(&self, rows: Range<u64>) -> Vec<Range<u64>> {
        self.stored.ranges(rows)
    }

    fn held_bytes(&self) -> u64 {
        self.stored.held_bytes()
    }

    fn read_rows_into(&self, rows: Range<u64>, out: &mut [u8]) -> Result<()> {
        if self.meaning.is_in_place() {
            self.stored.read_rows_into(rows, out)?;
            self.meaning.apply(out, self.stored.spec().dtype());
            return Ok(());
        }
        self.spec.check_rows(&rows)?;
        let row_bytes = self.spec.row_bytes();
        if out.len() as u64 != (rows.end - rows.start) * row_bytes {
            return Err(Error::invalid("a buffer of another size than the rows"));
        }
        if out.is_empty() {
            return Ok(());
        }
        let stored_row_bytes = self.stored.spec().row_bytes();
        let most = (PIECE_BYTES / stored_row_bytes.max(1)).max(1);
        let mut piece = Vec::new();
        let mut rest = out;
        let mut start = rows.start;
        while start < rows.end {
            let end = rows.end.min(start + most);
            windows::fit(&mut piece, (end - start) * stored_row_bytes)?;
            self.stored.read_rows_into(start..end, &mut piece)?;
            let (these, behind) = rest.split_at_mut(((end - start) * row_bytes) as usize);
            let dtype = self.stored.spec().dtype();
            self.meaning
                .convert(&piece, dtype, stored_row_bytes as usize, these)?;
            rest = behind;
            start = end;
        }
        Ok(())
    }

    fn select(&self, selection: &Selection, limits: &Limits) -> Result<Array> {
        let mut values = Array::zeroed(selection.spec(&self.spec)?, limits)?;
        self.select_into(selection, values.bytes_mut())?;
        Ok(values)
    }

    fn select_into(&self, selection: &Selection, out: &mut [u8]) -> Result<()> {
        let spec = selection.spec(&self.spec)?;
        spec.check_bytes(out.len())?;
        match self.meaning {
            meaning if meaning.is_in_place() => {
                self.stored.select_into(selection, out)?;
                meaning.apply(out, self.stored.spec().dtype());
                Ok(())
            }
            Meaning::Scaled { .. } => {
                let mut stored = Vec::new();
                let item_bytes = self.stored.spec().dtype().item_bytes() as usize;
                windows::fit(&mut stored, spec.elements() * item_bytes as u64)?;
                self.stored.select_into(selection, &mut stored)?;
                let dtype = self.stored.spec().dtype();
                self.meaning.convert(&stored, dtype, item_bytes, out)
            }
            _ => select_from_rows(self, selection, out),
        }
    }

    fn has_checksums(&self) -> Result<bool> {
        Ok(self.sums.cover_data())
    }

    fn verify(&self) -> Result<()> {
        self.sums.check_data()?;
        self.stored.verify()
    }
}
