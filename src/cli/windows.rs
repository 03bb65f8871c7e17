//! Going through the rows of an array in pieces, so that no more of it is in memory at a time.

use std::ops::Range;

use super::source::Source;
pub(super) use crate::container::windows_of as of;
use crate::error::Result;

/// Hands the bytes of `rows` to `take`, piece by piece.
pub(super) fn for_each<E: From<crate::Error>>(
    source: &Source,
    rows: Range<u64>,
    mut take: impl FnMut(&[u8]) -> std::result::Result<(), E>,
) -> std::result::Result<(), E> {
    let mut buffer = Vec::new();
    for window in of(rows, source.spec().row_bytes()) {
        read(source, window, &mut buffer)?;
        take(&buffer)?;
    }
    Ok(())
}

/// Reads a window into a buffer that is kept for the next.
pub(super) fn read(source: &Source, window: Range<u64>, buffer: &mut Vec<u8>) -> Result<()> {
    let n_bytes = (window.end - window.start) * source.spec().row_bytes();
    crate::container::fit_window(buffer, n_bytes)?;
    source.read_rows_into(window, buffer)
}
