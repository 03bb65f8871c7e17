//! Elements as they lie in a store, one after another: raw binary files, and `.npy` files behind their headers.

use std::ops::Range;
use std::sync::Arc;

use crate::array::ArraySpec;
use crate::error::{Error, Result};
use crate::filter::ArrayReader;
use crate::storage::ReadAt;

/// An array that is not encoded at all.
#[derive(Clone, Debug)]
pub struct Plain {
    store: Arc<dyn ReadAt>,
    spec: ArraySpec,
    offset: u64,
}

impl Plain {
    /// The array whose elements lie in `store` from `offset` on. Whether the store is long enough, reading tells.
    pub fn new(store: Arc<dyn ReadAt>, spec: ArraySpec, offset: u64) -> Self {
        Self {
            store,
            spec,
            offset,
        }
    }
}

impl ArrayReader for Plain {
    fn spec(&self) -> &ArraySpec {
        &self.spec
    }

    fn held_bytes(&self) -> u64 {
        self.store.as_slice().map_or(0, |bytes| bytes.len() as u64)
    }

    fn ranges(&self, rows: Range<u64>) -> Vec<Range<u64>> {
        let offset = |row| self.offset.saturating_add(row * self.spec.row_bytes());
        let elements = offset(rows.start)..offset(rows.end);
        vec![elements]
    }

    fn read_rows_into(&self, rows: Range<u64>, out: &mut [u8]) -> Result<()> {
        self.spec.check_rows(&rows)?;
        if out.len() as u64 != (rows.end - rows.start) * self.spec.row_bytes() {
            return Err(Error::invalid("a buffer of another size than the rows"));
        }
        Ok(self.store.read_exact_at(
            out,
            self.offset
                .saturating_add(rows.start * self.spec.row_bytes()),
        )?)
    }
}
