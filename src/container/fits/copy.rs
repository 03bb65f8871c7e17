//! A file anew, as it is: headers and all.

use std::io::Write;

use super::contents::Contents;
use super::meaning::Values;
use crate::container::WriteReport;
use crate::container::output::Output;
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::storage::{Durability, ReadAt, Store};

/// Writes the HDUs of a file to a store. What stands behind the last of them stays behind.
///
/// # Errors
/// Those of reading the headers; `Truncated` where data are missing; those of either store.
pub(super) fn copy(from: &dyn ReadAt, limits: &Limits, to: &dyn Store) -> Result<WriteReport> {
    const PIECE_BYTES: u64 = 1 << 20;
    let contents = Contents::read(from, Values::Stored, limits)?;
    if let Some(array) = contents.arrays.iter().find(|array| array.hdu.is_none())
        && let Err(fault) = &array.place
    {
        return Err(fault.to_error().in_array(&array.path));
    }
    let end = contents.hdus.last().map_or(0, |(_, hdu)| hdu.end());
    let n_there = end.min(from.len());
    for (name, hdu) in &contents.hdus {
        if hdu.data + hdu.n_bytes > n_there {
            return Err(Error::truncated("data that are cut off").in_array(name));
        }
    }
    let mut output = Output::new(to)?;
    let mut piece = Vec::new();
    let mut done = 0;
    while done < end {
        // What fills the last block may be missing, and is zeroes then.
        let n = PIECE_BYTES.min(end - done);
        piece.clear();
        piece.resize(n as usize, 0);
        let n_read = n.min(n_there.saturating_sub(done)) as usize;
        from.read_exact_at(&mut piece[..n_read], done)?;
        output.write_all(&piece)?;
        done += n;
    }
    output.commit(Durability::Synced)
}
