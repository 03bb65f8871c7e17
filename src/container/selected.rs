//! Reading rows here and there, and no page without one.

use std::ops::Range;

use crate::array::Array;
use crate::error::{Error, Result};
use crate::filter::{ArrayReader, is_decoded_anyway};
use crate::limits::Limits;
use crate::text::counted;
use crate::validity::Validity;

/// Reads the rows that a mask selects.
pub(super) fn read_selected_rows(
    array: &dyn ArrayReader,
    mask: &Validity,
    limits: &Limits,
) -> Result<Array> {
    let spec = array.spec();
    if spec.shape().is_empty() || mask.len() as u64 != spec.rows() {
        return Err(Error::invalid(format!(
            "a mask of {} for an array of {}",
            counted(mask.len(), "row"),
            spec.rows()
        )));
    }
    let n_selected = mask.count_valid(0..mask.len());
    let mut values = Array::zeroed(spec.with_rows(n_selected as u64)?, limits)?;
    let runs = mask.valid_runs(0..mask.len());
    let runs = runs.map(|run| run.start as u64..run.end as u64);
    read_runs(array, runs, values.bytes_mut())?;
    Ok(values)
}

/// Reads runs of rows, which ascend and do not overlap, one behind the other into `out`, which takes exactly these. Runs that
/// share a page are read together.
///
/// # Errors
/// Those of the reader.
pub(super) fn read_runs(
    array: &dyn ArrayReader,
    runs: impl Iterator<Item = Range<u64>> + Clone,
    out: &mut [u8],
) -> Result<()> {
    let row_bytes = array.spec().row_bytes() as usize;
    let mut rest = out;
    let mut scratch = Vec::new();
    let mut parts = runs.clone().peekable();
    for window in windows(array, runs) {
        // One decode for all selected rows of a window, then only those are kept.
        scratch.resize((window.end - window.start) as usize * row_bytes, 0);
        array.read_rows_into(window.clone(), &mut scratch)?;
        while let Some(run) = parts.peek() {
            let (start, end) = (run.start.max(window.start), run.end.min(window.end));
            if start >= end {
                break;
            }
            let offset = |row: u64| (row - window.start) as usize * row_bytes;
            let part = &scratch[offset(start)..offset(end)];
            let (these, behind) = rest.split_at_mut(part.len());
            these.copy_from_slice(part);
            rest = behind;
            if run.end > window.end {
                break;
            }
            parts.next();
        }
    }
    Ok(())
}

/// Rows to decode at once: runs, joined where the gap between them is decoded anyway.
fn windows(array: &dyn ArrayReader, runs: impl Iterator<Item = Range<u64>>) -> Vec<Range<u64>> {
    /// Neither the scratch for a window nor the work for rows between two runs grows beyond so many bytes.
    const MAX_WINDOW_BYTES: u64 = 4 << 20;
    let max_rows = (MAX_WINDOW_BYTES / array.spec().row_bytes().max(1)).max(1);
    let mut windows: Vec<Range<u64>> = Vec::new();
    for run in runs {
        let is_near = |window: &Range<u64>| {
            run.end - window.start <= max_rows
                && is_decoded_anyway(array, window.end - 1, run.start)
        };
        match windows.last_mut() {
            Some(window) if is_near(window) => window.end = run.end,
            _ => {
                let mut start = run.start;
                while start < run.end {
                    let end = run.end.min(start + max_rows);
                    windows.push(start..end);
                    start = end;
                }
            }
        }
    }
    windows
}
