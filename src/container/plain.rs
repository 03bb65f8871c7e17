//! Elements as they lie in a store, one after another: raw binary files, and `.npy` files behind their headers.

use std::ops::Range;
use std::sync::Arc;

use super::single::Single;
use crate::array::ArraySpec;
use crate::error::{Error, Result};
use crate::filter::ArrayReader;
use crate::limits::Limits;
use crate::storage::ReadAt;

/// An array that is not encoded at all.
#[derive(Clone, Debug)]
pub struct Plain {
    store: Arc<dyn ReadAt>,
    spec: ArraySpec,
    offset: u64,
}

impl Plain {
    /// The array whose elements lie in `store` from `offset` on.
    pub(super) fn new(store: Arc<dyn ReadAt>, spec: ArraySpec, offset: u64) -> Self {
        Self {
            store,
            spec,
            offset,
        }
    }
}

/// Opens raw bytes that are an array of this type and shape, as a container of it.
///
/// # Errors
/// `Truncated` if some are missing; `Unsupported` if more follows, which reading would lose.
pub fn open_raw(store: Arc<dyn ReadAt>, spec: ArraySpec, limits: &Limits) -> Result<Single<Plain>> {
    let file_bytes = store.len();
    if file_bytes < spec.bytes() {
        let what = format!("{file_bytes} of {} bytes of data", spec.bytes());
        return Err(Error::truncated(what).at(file_bytes));
    }
    if file_bytes > spec.bytes() {
        let what = format!("{} bytes behind an array", file_bytes - spec.bytes());
        return Err(Error::unsupported(what).at(spec.bytes()));
    }
    let elements = Plain::new(store, spec, 0);
    Ok(Single::new("bin", "none", elements, file_bytes, limits))
}

impl ArrayReader for Plain {
    fn spec(&self) -> &ArraySpec {
        &self.spec
    }

    fn ranges(&self, rows: Range<u64>) -> Vec<Range<u64>> {
        let offset = |row| self.offset + row * self.spec.row_bytes();
        let elements = offset(rows.start)..offset(rows.end);
        vec![elements]
    }

    fn read_rows_into(&self, rows: Range<u64>, out: &mut [u8]) -> Result<()> {
        self.spec.check_rows(&rows)?;
        if out.len() as u64 != (rows.end - rows.start) * self.spec.row_bytes() {
            return Err(Error::invalid("a buffer of another size than the rows"));
        }
        Ok(self
            .store
            .read_exact_at(out, self.offset + rows.start * self.spec.row_bytes())?)
    }
}
