//! Reading a file whose edit in place was cut short between its index and its seals.
//!
//! The new version counts by then, and what died still stands behind payloads that have grown over it. Their readers look
//! at the end of a payload for what closes it (a page directory, a table of frames), and would find that of the dead array.
//! The version lists what was to be sealed, so that it can be read as if it were.

use std::ops::Range;
use std::sync::Arc;

use super::index::Frame;
use super::seal::{self, DeadRegion};
use super::trial::Trial;
use crate::error::Result;
use crate::storage::ReadAt;

/// What to tell a user of such a file.
pub(super) const WORDS: &str =
    "an interrupted edit is not finished: the next edit, or repair, does that";

/// The bytes of a file as they are once all of its version, whose last document is `document`, is sealed; and where the first
/// bytes are that are not.
///
/// # Errors
/// Those of the store. A list that is damaged is none here; who checks or changes the file says so.
pub(super) fn finished(
    store: Arc<dyn ReadAt>,
    document: &Frame,
) -> Result<(Arc<dyn ReadAt>, Option<u64>)> {
    let regions = match seal::regions(&*store, document) {
        Ok(regions) if !regions.is_empty() => regions,
        Err(error) if error.kind().is_of_storage() => return Err(error),
        _ => return Ok((store, None)),
    };
    let headers: Vec<_> = regions.iter().map(DeadRegion::header).collect();
    store.prefetch(&headers)?;
    let mut unsealed = Vec::new();
    for region in regions {
        if !region.has_frames(&*store)? {
            unsealed.push(region);
        }
    }
    let Some(first) = unsealed.first() else {
        return Ok((store, None));
    };
    let start = first.range.start;
    let trial = Trial::of(store);
    for region in &unsealed {
        region.seal(&trial)?;
    }
    Ok((Arc::new(trial), Some(start)))
}

/// The first region that is not sealed. What says so of all of them is fetched at once.
///
/// # Errors
/// Those of the store.
pub(super) fn first_unsealed<'r>(
    file: &dyn ReadAt,
    regions: &'r [DeadRegion],
) -> Result<Option<&'r DeadRegion>> {
    if file.access().is_distant() {
        let wanted: Vec<Range<u64>> = regions.iter().flat_map(DeadRegion::looked_at).collect();
        file.prefetch(&wanted)?;
    }
    for region in regions {
        if !region.is_sealed(file)? {
            return Ok(Some(region));
        }
    }
    Ok(None)
}
