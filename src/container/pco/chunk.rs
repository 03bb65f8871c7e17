//! A chunk of a file as it lies there.

use std::ops::Range;

/// A chunk, and what must be true of it.
#[derive(Clone, Debug)]
pub(super) struct StoredChunk {
    pub(super) bytes: Range<u64>,
    pub(super) n: u32,
    /// Of our files.
    pub(super) crc: Option<u32>,
    pub(super) row_index: Option<StoredRowIndex>,
}

/// Where the row index of a chunk lies.
#[derive(Clone, Debug)]
pub(super) struct StoredRowIndex {
    pub(super) bytes: Range<u64>,
    pub(super) crc: u32,
}

impl StoredChunk {
    /// One that a scan found.
    pub(super) fn foreign(bytes: Range<u64>, n: u32) -> Self {
        Self {
            bytes,
            n,
            crc: None,
            row_index: None,
        }
    }
}
