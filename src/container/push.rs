//! All rows of an array into a sink, a few at a time.

use super::windows;
use super::writer::ArraySink;
use crate::error::Result;
use crate::filter::ArrayReader;
use crate::validity::Validity;

/// Pushes all rows of an array, those without a value as such.
///
/// # Errors
/// Those of reading and of the sink.
pub(crate) fn push_all(
    reader: &dyn ArrayReader,
    validity: Option<&Validity>,
    sink: &mut dyn ArraySink,
    progress: &dyn Fn(u64),
) -> Result<()> {
    /// Whole rows, in pieces that let a bar move.
    const PIECE_BYTES: usize = 4 << 20;
    let row_bytes = reader.spec().row_bytes();
    let mut buffer = Vec::new();
    let mut n_pushed = 0;
    for window in windows::of(0..reader.spec().rows(), row_bytes) {
        windows::read(reader, window, &mut buffer)?;
        let row_bytes = row_bytes as usize;
        for piece in buffer.chunks((PIECE_BYTES / row_bytes).max(1) * row_bytes) {
            let rows = n_pushed..n_pushed + piece.len() / row_bytes;
            n_pushed = rows.end;
            match validity {
                None => sink.push_rows(piece)?,
                Some(validity) => sink.push_rows_with_nulls(piece, &validity.slice(rows))?,
            }
            progress(piece.len() as u64);
        }
    }
    Ok(())
}
