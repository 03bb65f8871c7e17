//! What an array of a file is, and where it comes from.

use std::ops::Range;

use super::meaning::Meaning;
use super::tiles;
use crate::array::ArraySpec;
use crate::error::{Error, Result};
use crate::text::counted;

/// Type, shape and meaning of an array, and where it comes from.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// What is read.
    pub(super) spec: ArraySpec,
    /// What is stored.
    pub(super) stored: ArraySpec,
    pub(super) meaning: Meaning,
    /// The stored number of rows without a value.
    pub(super) null: Option<i64>,
    pub(super) source: Source,
}

/// Where the stored elements of an array are.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// All that is behind the header.
    Image,
    /// Some bytes of each row.
    Column { row_bytes: u64, bytes: Range<u64> },
    /// Tiles behind the rows of a table.
    Tiles(Box<tiles::Layout>),
}

impl Place {
    /// The same, if it lies within `n_data` bytes of data, of which the file has `n_there`.
    ///
    /// # Errors
    /// `Corrupt` for an array of more bytes than its header has; `Truncated`.
    pub(super) fn within(self, n_data: u64, n_there: u64) -> Result<Self> {
        let n_bytes = self.needed_bytes();
        if n_bytes > n_data {
            let what = format!(
                "an array of {} in {n_data} of data",
                counted(n_bytes, "byte")
            );
            return Err(Error::corrupt(what));
        }
        match n_there < n_bytes {
            true => Err(Error::truncated(format!(
                "{n_there} of {} of data",
                counted(n_bytes, "byte")
            ))),
            false => Ok(self),
        }
    }

    /// Bytes of data that must be there.
    fn needed_bytes(&self) -> u64 {
        match &self.source {
            Source::Image => self.stored.bytes(),
            Source::Column { row_bytes, .. } => self.stored.rows().saturating_mul(*row_bytes),
            Source::Tiles(layout) => layout.stored_bytes(),
        }
    }
}
