//! Reading the rows that a mask selects, and no page without one.

use std::ops::Range;

use crate::array::Array;
use crate::error::{Error, Result};
use crate::filter::{ArrayReader, is_decoded_anyway};
use crate::limits::Limits;
use crate::validity::Validity;

/// Reads the runs of selected rows, with runs that share a page read together by the array's reader.
pub(super) fn read_selected_rows(
    array: &dyn ArrayReader,
    mask: &Validity,
    limits: &Limits,
) -> Result<Array> {
    let spec = array.spec();
    if spec.shape().is_empty() || mask.len() as u64 != spec.rows() {
        return Err(Error::invalid(format!(
            "a mask of {} rows for an array of {}",
            mask.len(),
            spec.rows()
        )));
    }
    let n_selected = mask.count_valid(0..mask.len());
    let mut values = Array::zeroed(spec.with_rows(n_selected as u64)?, limits)?;
    let row_bytes = spec.row_bytes() as usize;
    let mut rest = values.bytes_mut();
    let mut scratch = Vec::new();
    for window in windows(array, mask) {
        // One decode for all selected rows of a window, then only those are kept.
        scratch.resize((window.end - window.start) * row_bytes, 0);
        array.read_rows_into(window.start as u64..window.end as u64, &mut scratch)?;
        for run in mask.valid_runs(window.clone()) {
            let part = (run.start - window.start) * row_bytes..(run.end - window.start) * row_bytes;
            let (out, behind) = rest.split_at_mut(part.len());
            out.copy_from_slice(&scratch[part]);
            rest = behind;
        }
    }
    Ok(values)
}

/// Rows to decode at once: selected runs, joined where the gap between them is decoded anyway.
fn windows(array: &dyn ArrayReader, mask: &Validity) -> Vec<Range<usize>> {
    /// Neither the scratch for a window nor the work for rows between two runs grows beyond so many bytes.
    const MAX_WINDOW_BYTES: usize = 4 << 20;
    let row_bytes = (array.spec().row_bytes() as usize).max(1);
    let max_rows = (MAX_WINDOW_BYTES / row_bytes).max(1);
    let mut windows: Vec<Range<usize>> = Vec::new();
    for run in mask.valid_runs(0..mask.len()) {
        let is_near = |window: &Range<usize>| {
            let (last, next) = (window.end as u64 - 1, run.start as u64);
            run.end - window.start <= max_rows && is_decoded_anyway(array, last, next)
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
