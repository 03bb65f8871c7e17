//! Offsets that no file stores: those of cells that all have the same width.

use std::ops::Range;

use crate::array::ArraySpec;
use crate::error::{Error, Result};
use crate::filter::ArrayReader;
use crate::text::counted;

/// `0, width, 2 * width, ...`: one more than there are cells, of the connectivity's type.
#[derive(Debug)]
pub(crate) struct ImpliedOffsets {
    spec: ArraySpec,
    width: u64,
}

impl ImpliedOffsets {
    /// The offsets beside a connectivity.
    ///
    /// # Errors
    /// `Corrupt` where its length is no multiple of the width.
    pub(crate) fn new(connectivity: &ArraySpec, width: u64) -> Result<Self> {
        let n_ids = connectivity.rows();
        if !n_ids.is_multiple_of(width) {
            return Err(Error::corrupt(format!(
                "{} in cells of {width} each",
                counted(n_ids, "id")
            )));
        }
        // `<i4` where every offset fits, as writers store offsets that are not implied.
        let dtype = if i32::try_from(n_ids).is_ok() {
            "<i4"
        } else {
            "<i8"
        };
        let spec = ArraySpec::new(dtype.parse()?, [n_ids / width + 1])?;
        Ok(Self { spec, width })
    }
}

impl ArrayReader for ImpliedOffsets {
    fn spec(&self) -> &ArraySpec {
        &self.spec
    }

    fn ranges(&self, _rows: Range<u64>) -> Vec<Range<u64>> {
        Vec::new()
    }

    /// Nothing is stored.
    fn has_checksums(&self) -> Result<bool> {
        Ok(true)
    }

    fn read_rows_into(&self, rows: Range<u64>, out: &mut [u8]) -> Result<()> {
        self.spec.check_rows(&rows)?;
        let item_bytes = self.spec.dtype().item_bytes() as usize;
        if out.len() as u64 != (rows.end - rows.start) * item_bytes as u64 {
            return Err(Error::invalid("the buffer is not of the size of the rows"));
        }
        for (row, item) in rows.zip(out.chunks_exact_mut(item_bytes)) {
            item.copy_from_slice(&(row * self.width).to_le_bytes()[..item_bytes]);
        }
        Ok(())
    }
}
