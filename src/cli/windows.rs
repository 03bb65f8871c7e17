//! Going through the rows of an array in pieces, so that no more of it is in memory at a time.

use std::ops::Range;

use super::source::Source;
pub(super) use crate::container::windows_of as of;
use crate::error::Result;

/// Reads a window into a buffer that is kept for the next.
pub(super) fn read(source: &Source, window: Range<u64>, buffer: &mut Vec<u8>) -> Result<()> {
    let n_bytes = (window.end - window.start) * source.spec().row_bytes();
    crate::container::fit_window(buffer, n_bytes)?;
    source.read_rows_into(window, buffer)
}
