//! Headers of a distant file that are fetched before they are asked for.
//!
//! A header says where the next one begins, so that headers are read one after another. Where a request is dear, each brings what
//! lies behind it, too; and HDUs that were as long as those before them are taken for a row of such, of which many headers come
//! at once.

use std::ops::Range;

use super::BLOCK_BYTES;
use super::hdu::Hdu;
use crate::error::Result;
use crate::storage::ReadAt;

/// Headers that are guessed at once, at most, and their bytes.
const MAX_HEADERS: u64 = 256;
const MAX_BYTES: u64 = 1 << 20;

/// What was announced so far.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    /// Where the last HDU ended.
    last_end: u64,
    /// How long it was.
    last_bytes: u64,
    /// So many were as long as the one before.
    n_alike: u64,
    /// What was announced last, in order.
    announced: Vec<Range<u64>>,
}

impl Ahead {
    /// Announces what follows an HDU.
    ///
    /// # Errors
    /// Those of the storage.
    pub(super) fn announce(&mut self, store: &dyn ReadAt, hdu: &Hdu) -> Result<()> {
        let access = store.access();
        let n_bytes = hdu.end() - hdu.start;
        self.n_alike = match n_bytes == self.last_bytes {
            true => self.n_alike + 1,
            false => 0,
        };
        (self.last_end, self.last_bytes) = (hdu.end(), n_bytes);
        if access.is_distant() && hdu.end() < store.len() && !self.is_announced(hdu.end()) {
            self.announced = self.next(hdu.header.n_bytes, access.first_read, store.len());
            store.prefetch(&self.announced)?;
        }
        Ok(())
    }

    /// Whether the header that begins here is there, or its first block is.
    fn is_announced(&self, start: u64) -> bool {
        let before = self.announced.partition_point(|range| range.start <= start);
        let last = before.checked_sub(1).map(|last| &self.announced[last]);
        last.is_some_and(|range| start + BLOCK_BYTES <= range.end)
    }

    /// Where the next headers are: what costs as much as a request, and more of those that are likely.
    fn next(&self, header_bytes: u64, near_bytes: u64, len: u64) -> Vec<Range<u64>> {
        let n = match self.n_alike {
            0 => 1,
            n => (4 * n)
                .min(MAX_HEADERS)
                .min(MAX_BYTES / header_bytes.max(BLOCK_BYTES))
                .max(1),
        };
        let start = |i: u64| Some(self.last_end + i.checked_mul(self.last_bytes)?);
        let starts = (0..n).map_while(start).take_while(|&start| start < len);
        let most = near_bytes.max(header_bytes);
        let behind = |start: u64| {
            let bytes = if n == 1 { most } else { header_bytes };
            start..start.saturating_add(bytes).min(len)
        };
        starts.map(behind).collect()
    }
}
