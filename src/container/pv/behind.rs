//! Frames of ours behind the document of a file: what other readers pass over, told apart by the first byte of each.
//!
//! ```text
//! u32 0x184D2A5B ; u32 len ; u8 kind ; ... ; u32 crc32c of all before it
//! ```
//! A list of dead regions (kind 5, [`super::seal`]), the readers that the file was written for (kind 6, [`super::record`]) and
//! a list of headers (kind 7, [`super::header_list`]) have this form; padding (kind 4) has no checksum and is zeroes.

use super::index::Frame;
use crate::error::{Error, Result};
use crate::filter::skippable::{self, PAGINUM_MAGIC};
use crate::storage::ReadAt;

/// A frame of a kind around its content.
pub(super) fn frame(kind: u8, content: &[u8]) -> Vec<u8> {
    let body_bytes = 1 + content.len() + 4;
    let mut frame = skippable::header(PAGINUM_MAGIC, body_bytes as u32).to_vec();
    frame.push(kind);
    frame.extend_from_slice(content);
    frame.extend_from_slice(&crc32c::crc32c(&frame).to_le_bytes());
    frame
}

/// What a frame holds; nothing where it does not agree with its checksum.
pub(super) fn content(frame: &[u8]) -> Option<&[u8]> {
    let (body, crc) = frame.split_last_chunk::<4>()?;
    let content = body.get(skippable::HEADER_BYTES + 1..)?;
    (crc32c::crc32c(body) == u32::from_le_bytes(*crc)).then_some(content)
}

/// The first frame of a kind behind a document.
///
/// # Errors
/// `LimitExceeded`; those of the store.
pub(super) fn find(file: &dyn ReadAt, document: &Frame, kind: u8) -> Result<Option<Vec<u8>>> {
    /// A document and what follows it are read whole up to this size; larger ones were written by nobody.
    const MAX_BYTES: u64 = 1 << 30;
    let len_bytes = document.range.end - document.range.start;
    if len_bytes > MAX_BYTES {
        return Err(Error::limit("bytes of metadata", MAX_BYTES, len_bytes));
    }
    let mut stored = vec![0; len_bytes as usize];
    file.read_exact_at(&mut stored, document.range.start)?;
    let mut rest = &stored[..];
    // The document's own frames stand first.
    while let Ok(frame_bytes) = zstd::zstd_safe::find_frame_compressed_size(rest) {
        if frame_bytes == 0 || frame_bytes > rest.len() {
            break;
        }
        let (frame, behind) = rest.split_at(frame_bytes);
        if frame.starts_with(&PAGINUM_MAGIC.to_le_bytes()) && frame.get(8) == Some(&kind) {
            return Ok(Some(frame.to_vec()));
        }
        rest = behind;
    }
    Ok(None)
}
