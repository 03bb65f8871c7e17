//! The seek table of zstd's seekable format: a skippable frame behind the others that lists their sizes.
//!
//! Body: for each frame `u32 compressed bytes, u32 decoded bytes` (and `u32 checksum` if the descriptor's top bit is
//! set); then the footer `u32 frames, u8 descriptor, u32 magic`. Ours has no checksums: the frames have their own.

use crate::error::{Error, Result};
use crate::filter::Payload;
use crate::filter::skippable::{self, SEEK_TABLE_MAGIC, read_u32};

const FOOTER_MAGIC: u32 = 0x8F92_EAB1;
const FOOTER_BYTES: u64 = 9;
const HAS_CHECKSUMS: u8 = 0x80;
/// Bits that must be zero; the lowest two are to be ignored.
const RESERVED: u8 = 0x7C;

/// Sizes of a frame: compressed and decoded bytes.
pub(super) type FrameSizes = (u32, u32);

/// Appends the table of `frames`.
pub(super) fn write(frames: &[FrameSizes], dst: &mut Vec<u8>) -> Result<()> {
    let n = u32::try_from(frames.len()).map_err(|_| Error::invalid("too many zstd frames"))?;
    let body_start = skippable::begin(SEEK_TABLE_MAGIC, dst);
    for (compressed, decoded) in frames {
        dst.extend_from_slice(&compressed.to_le_bytes());
        dst.extend_from_slice(&decoded.to_le_bytes());
    }
    dst.extend_from_slice(&n.to_le_bytes());
    dst.push(0);
    dst.extend_from_slice(&FOOTER_MAGIC.to_le_bytes());
    skippable::end(body_start, dst)
}

/// Whether the table at the end of the payload has bits set that readers are to ignore, and that no writer sets.
pub(super) fn has_unused_bits(payload: &Payload) -> Result<bool> {
    let descriptor = payload.len() - FOOTER_BYTES + 4;
    Ok(payload.bytes(descriptor..descriptor + 1)?[0] & !(HAS_CHECKSUMS | RESERVED) != 0)
}

/// Whether bytes end as a table does.
pub(crate) fn ends(bytes: &[u8]) -> bool {
    bytes.ends_with(&FOOTER_MAGIC.to_le_bytes())
}

/// Reads the table that ends at the end of the payload; `None` if none does.
///
/// Returns the sizes, which add up to what stands before the table.
pub(super) fn read_last(payload: &Payload) -> Result<Option<Vec<FrameSizes>>> {
    let len = payload.len();
    if len < skippable::HEADER_BYTES as u64 + FOOTER_BYTES {
        return Ok(None);
    }
    let footer = payload.bytes(len - FOOTER_BYTES..len)?;
    if read_u32(&footer[5..]) != FOOTER_MAGIC {
        return Ok(None);
    }
    let n = u64::from(read_u32(&footer));
    let descriptor = footer[4];
    let entry_bytes = if descriptor & HAS_CHECKSUMS != 0 {
        12
    } else {
        8
    };
    let body_bytes = n * entry_bytes + FOOTER_BYTES;
    let Some(start) = len.checked_sub(skippable::HEADER_BYTES as u64 + body_bytes) else {
        return Ok(None);
    };
    let table = payload.bytes(start..len)?;
    let (header, body) = table
        .split_first_chunk()
        .expect("the table is longer than its header");
    if skippable::read_header(header) != (SEEK_TABLE_MAGIC, body_bytes as u32) {
        return Ok(None);
    }
    let corrupt = |what| Err(Error::corrupt(what).at(payload.offset_of(start)));
    if descriptor & RESERVED != 0 {
        return corrupt("reserved bits of a seek table are set");
    }
    let entries = body[..(n * entry_bytes) as usize].chunks_exact(entry_bytes as usize);
    let frames: Vec<FrameSizes> = entries
        .map(|entry| (read_u32(entry), read_u32(&entry[4..])))
        .collect();
    let sum: u64 = frames.iter().map(|frame| u64::from(frame.0)).sum();
    if sum != start {
        return corrupt("a seek table whose sizes are not those of the frames before it");
    }
    Ok(Some(frames))
}
