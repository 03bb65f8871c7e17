//! What reading rows does not need: that frames follow one another, and that nothing stands between them.

use std::ops::Range;

use super::directory::Directory;
use crate::error::{Error, Result};
use crate::filter::Payload;
use crate::filter::skippable::{self, PAGINUM_MAGIC};

/// Checks that `frames` holds the chunks and pages of `directory`, each in a frame of its own, and nothing else.
pub(super) fn check_frames(
    payload: &Payload,
    directory: &Directory,
    frames: Range<u64>,
) -> Result<()> {
    let chunks = directory
        .chunks
        .iter()
        .map(|chunk| (chunk.offset, chunk.length));
    let pages = directory
        .pages
        .iter()
        .map(|page| (page.offset, page.length));
    let mut bodies: Vec<(u64, u32)> = chunks
        .chain(pages)
        .filter(|(_, length)| *length > 0)
        .collect();
    bodies.sort_unstable();
    let header_bytes = skippable::HEADER_BYTES as u64;
    let mut at = frames.start;
    for (offset, length) in bodies {
        let corrupt = |what: &'static str| Err(Error::corrupt(what).at(payload.offset_of(at)));
        if offset != at + header_bytes {
            return corrupt("frames that do not follow one another");
        }
        let header = payload.bytes(at..offset)?;
        let header = header.first_chunk().expect("as many as were asked for");
        if skippable::read_header(header) != (PAGINUM_MAGIC, length) {
            return corrupt("the header of a frame is damaged");
        }
        at = offset + u64::from(length);
    }
    if at != frames.end {
        return Err(Error::corrupt("bytes that belong to no page").at(payload.offset_of(at)));
    }
    Ok(())
}
