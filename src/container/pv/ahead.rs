//! What is fetched ahead of a distant file: all that is about to be read, at once.

use std::ops::Range;

use super::index::{Frame, Index, Pair};
use super::tree::{Node, NodeId, Slot, Tree};
use crate::error::Result;
use crate::storage::ReadAt;

/// Fetches frames at once, where that pays.
pub(super) fn prefetch<'a>(
    store: &dyn ReadAt,
    frames: impl Iterator<Item = &'a Frame>,
) -> Result<()> {
    if store.access().is_distant() {
        let ranges: Vec<Range<u64>> = frames.map(|frame| frame.range.clone()).collect();
        store.prefetch(&ranges)?;
    }
    Ok(())
}

/// What is read when an array is opened: headers, its own and those that it is held against, and both ends of payloads,
/// where filters keep their parameters and directories.
pub(super) fn wanted_to_open(
    index: &Index,
    tree: &Tree,
    slot: &Slot,
    node: Option<NodeId>,
) -> Vec<Range<u64>> {
    /// Smaller payloads are wanted whole.
    const WHOLE_BYTES: u64 = 32 << 10;
    const HEAD_BYTES: u64 = 512;
    const TAIL_BYTES: u64 = 8 << 10;
    let mut wanted = Vec::new();
    for pair in [Some(slot.pair), slot.validity].into_iter().flatten() {
        let Pair { header, payload } = &index.pairs[pair];
        let (header, payload) = (header.range.clone(), payload.range.clone());
        wanted.push(header);
        match payload.end - payload.start {
            0..=WHOLE_BYTES => wanted.push(payload),
            _ => wanted.extend([
                payload.start..payload.start + HEAD_BYTES,
                payload.end - TAIL_BYTES..payload.end,
            ]),
        }
    }
    if let Some(Node::Dataset(dataset)) = node.map(|id| tree.node(id)) {
        let geometry = dataset.geometry().map(|slot| slot.pair);
        wanted.extend(geometry.map(|pair| index.pairs[pair].header.range.clone()));
    }
    wanted
}
