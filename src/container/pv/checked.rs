//! An array whose values are checked as they are read, and whose errors say where it is.

use std::ops::Range;
use std::sync::Arc;

use super::origin::Origin;
use super::seen::Seen;
use super::topology::Expectation;
use crate::array::ArraySpec;
use crate::error::{Error, Result, ResultExt};
use crate::filter::{ArrayReader, ChunkSummary};
use crate::storage::ReadAt;

/// Hands out only ids and offsets that hold what is expected of them.
#[derive(Debug)]
pub(crate) struct CheckedArray {
    pub(crate) array: Box<dyn ArrayReader>,
    pub(crate) expectation: Expectation,
    /// Where the payload begins.
    pub(crate) offset: u64,
    pub(crate) path: String,
    pub(crate) file: Option<String>,
    /// Where the file lies, which may be changed meanwhile.
    pub(crate) store: Arc<dyn ReadAt>,
}

impl CheckedArray {
    fn placed<T>(&self, result: Result<T>) -> Result<T> {
        let origin = Origin {
            store: &*self.store,
            name: self.file.as_deref(),
        };
        origin.told_of(&self.path, result)
    }

    fn read(&self, rows: Range<u64>, out: &mut [u8]) -> Result<()> {
        self.array.read_rows_into(rows.clone(), out)?;
        if !self.expectation.is_about_values() {
            return Ok(());
        }
        let mut seen = Seen::from_row(rows.start);
        seen.push(self.spec(), out);
        let checked = self.expectation.check_values(self.spec(), &seen);
        if checked.is_err() {
            // A caller that goes on after an error finds nothing to index with.
            out.fill(0);
        }
        checked.map_err(Error::corrupt).at(self.offset)
    }
}

impl ArrayReader for CheckedArray {
    fn spec(&self) -> &ArraySpec {
        self.array.spec()
    }

    fn ranges(&self, rows: Range<u64>) -> Vec<Range<u64>> {
        self.array.ranges(rows)
    }

    fn read_rows_into(&self, rows: Range<u64>, out: &mut [u8]) -> Result<()> {
        self.placed(self.read(rows, out))
    }

    fn has_checksums(&self) -> Result<bool> {
        self.placed(self.array.has_checksums())
    }

    fn chunks(&self) -> Box<dyn Iterator<Item = Result<ChunkSummary>> + '_> {
        let chunks = self.array.chunks();
        Box::new(chunks.map(|chunk| self.placed(chunk)))
    }

    fn verify(&self) -> Result<()> {
        self.placed(self.array.verify())?;
        if !self.expectation.is_about_values() {
            return Ok(());
        }
        let mut values = crate::array::AlignedBytes::zeroed(self.spec().bytes())?;
        self.read_rows_into(0..self.spec().rows(), &mut values)
    }
}
