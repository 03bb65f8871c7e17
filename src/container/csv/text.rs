//! A column of text: its cells as they stand in the file, made the elements of an array when they are read.
//!
//! Elements are as wide as the longest cell, so that one long cell among a million short ones would take a million times
//! its length: memory that the file has not earned.

use std::ops::Range;

use crate::array::ArraySpec;
use crate::dtype::{ByteOrder, DType};
use crate::error::{Error, Result};
use crate::filter::ArrayReader;

/// Cells, one behind another.
#[derive(Clone, Debug, Default)]
pub(super) struct Cells {
    text: String,
    ends: Vec<usize>,
}

impl Cells {
    /// Adds a cell, of at most as many characters as an element has.
    pub(super) fn push(&mut self, dtype: DType, cell: &str) -> Result<()> {
        if cell.chars().count() as u64 * CHARACTER_BYTES > dtype.item_bytes() {
            return Err(Error::corrupt(format!("{cell:?} is no {dtype}")));
        }
        self.text += cell;
        self.ends.push(self.text.len());
        Ok(())
    }

    fn cell(&self, i: usize) -> &str {
        let start = i.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start..self.ends[i]]
    }
}

/// Of an element of text, UTF-32 as numpy has it.
const CHARACTER_BYTES: u64 = 4;

/// An array of such cells.
#[derive(Clone, Debug)]
pub(super) struct Text {
    cells: std::sync::Arc<Cells>,
    spec: ArraySpec,
}

impl Text {
    /// The array of this type and shape, which has as many elements as there are cells.
    pub(super) fn new(cells: Cells, spec: ArraySpec) -> Self {
        Self {
            cells: std::sync::Arc::new(cells),
            spec,
        }
    }
}

impl ArrayReader for Text {
    fn spec(&self) -> &ArraySpec {
        &self.spec
    }

    fn ranges(&self, rows: Range<u64>) -> Vec<Range<u64>> {
        vec![rows]
    }

    fn read_rows_into(&self, rows: Range<u64>, out: &mut [u8]) -> Result<()> {
        self.spec.check_rows(&rows)?;
        if out.len() as u64 != (rows.end - rows.start) * self.spec.row_bytes() {
            return Err(Error::invalid("a buffer of another size than the rows"));
        }
        out.fill(0);
        let dtype = self.spec.dtype();
        // An element of no character has no bytes.
        let item_bytes = (dtype.item_bytes() as usize).max(1);
        let first = rows.start * self.spec.row_elements();
        for (i, item) in out.chunks_exact_mut(item_bytes).enumerate() {
            let characters = self.cells.cell(first as usize + i).chars();
            for (place, character) in item
                .chunks_exact_mut(CHARACTER_BYTES as usize)
                .zip(characters)
            {
                let code_point = u32::from(character);
                place.copy_from_slice(&match dtype.byte_order() {
                    ByteOrder::Big => code_point.to_be_bytes(),
                    _ => code_point.to_le_bytes(),
                });
            }
        }
        Ok(())
    }
}
