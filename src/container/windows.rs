//! Going through the rows of an array in pieces, so that no more of it is in memory at a time.

use std::ops::Range;

use crate::error::{Error, Result};
use crate::filter::ArrayReader;

/// Bytes of a piece, unless a row is larger: many chunks, so that few are decoded twice at the seams and all threads have
/// work.
const WINDOW_BYTES: u64 = 64 << 20;

/// Cuts rows into ranges of a bounded number of bytes. Rows that hold none are no range: a file of a hundred bytes may have
/// 2^60 of them.
pub(crate) fn of(rows: Range<u64>, row_bytes: u64) -> impl Iterator<Item = Range<u64>> {
    let step = (WINDOW_BYTES / row_bytes.max(1)).max(1);
    let end = if row_bytes == 0 { rows.start } else { rows.end };
    let starts = std::iter::successors(Some(rows.start), move |start| start.checked_add(step));
    starts
        .take_while(move |&start| start < end)
        .map(move |start| start..end.min(start.saturating_add(step)))
}

/// Reads a window into a buffer that is kept for the next.
///
/// # Errors
/// Those of the reader; `LimitExceeded` where memory cannot hold the window.
pub(super) fn read(
    reader: &dyn ArrayReader,
    window: Range<u64>,
    buffer: &mut Vec<u8>,
) -> Result<()> {
    let n_bytes = (window.end - window.start) * reader.spec().row_bytes();
    fit(buffer, n_bytes)?;
    reader.read_rows_into(window, buffer)
}

/// Gives a buffer the length of a window.
///
/// # Errors
/// `LimitExceeded` where memory cannot hold it.
pub(crate) fn fit(buffer: &mut Vec<u8>, n_bytes: u64) -> Result<()> {
    let out_of_memory = || Error::limit("bytes of memory", isize::MAX as u64, n_bytes);
    let len = usize::try_from(n_bytes).map_err(|_| out_of_memory())?;
    buffer
        .try_reserve(len.saturating_sub(buffer.len()))
        .map_err(|_| out_of_memory())?;
    buffer.resize(len, 0);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_cover_all_rows_once() {
        let rows: Vec<_> = of(10..(5 << 20), 40).collect();
        assert_eq!(
            (rows[0].start, rows.last().map(|r| r.end)),
            (10, Some(5 << 20))
        );
        assert!(rows.windows(2).all(|pair| pair[0].end == pair[1].start));
        assert!(rows.iter().all(|r| (r.end - r.start) * 40 <= WINDOW_BYTES));
        assert_eq!(of(3..3, 8).count(), 0);
        assert_eq!(of(0..2, u64::MAX).count(), 2);
        assert_eq!(of(0..1 << 60, 0).count(), 0);
    }
}
