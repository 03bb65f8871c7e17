//! Going through the rows of an array in pieces, so that no more of it is in memory at a time.

use std::ops::Range;

use super::source::Source;
use crate::error::Result;

/// Bytes of a piece, unless a row is larger: many chunks, so that few are decoded twice at the seams and all threads have
/// work.
const WINDOW_BYTES: u64 = 64 << 20;

/// Cuts rows into ranges of a bounded number of bytes.
pub(super) fn of(rows: Range<u64>, row_bytes: u64) -> impl Iterator<Item = Range<u64>> {
    let step = (WINDOW_BYTES / row_bytes.max(1)).max(1);
    let end = rows.end;
    let starts = std::iter::successors(Some(rows.start), move |start| start.checked_add(step));
    starts
        .take_while(move |&start| start < end)
        .map(move |start| start..end.min(start.saturating_add(step)))
}

/// Hands the bytes of `rows` to `take`, piece by piece.
pub(super) fn for_each<E: From<crate::Error>>(
    source: &Source,
    rows: Range<u64>,
    mut take: impl FnMut(&[u8]) -> std::result::Result<(), E>,
) -> std::result::Result<(), E> {
    let row_bytes = source.spec().row_bytes();
    let mut buffer = Vec::new();
    if row_bytes == 0 {
        return Ok(());
    }
    for window in of(rows, row_bytes) {
        read(source, window, &mut buffer)?;
        take(&buffer)?;
    }
    Ok(())
}

/// Reads a window into a buffer that is kept for the next.
pub(super) fn read(source: &Source, window: Range<u64>, buffer: &mut Vec<u8>) -> Result<()> {
    let n_bytes = (window.end - window.start) * source.spec().row_bytes();
    let out_of_memory = || crate::Error::limit("bytes of memory", isize::MAX as u64, n_bytes);
    let len = usize::try_from(n_bytes).map_err(|_| out_of_memory())?;
    buffer
        .try_reserve(len.saturating_sub(buffer.len()))
        .map_err(|_| out_of_memory())?;
    buffer.resize(len, 0);
    source.read_rows_into(window, buffer)
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
    }
}
