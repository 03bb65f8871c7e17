//! Magic numbers of zstd, and skippable frames: bytes that every zstd decoder passes over, told apart by sixteen magic numbers.
//!
//! `u32 magic (0x184D2A50 to 0x184D2A5F), u32 body length, body`, little endian (RFC 8878, 3.1.2).

use crate::error::{Error, Result};

/// A frame of data.
#[cfg(feature = "zstd")]
pub(crate) const ZSTD_MAGIC: u32 = 0xFD2F_B528;
/// The lowest of the sixteen magic numbers.
pub(crate) const FIRST_MAGIC: u32 = 0x184D_2A50;
/// What an append in place has swallowed: the metadata and index of an earlier version of the file.
#[cfg(feature = "zstd")]
pub(crate) const DEAD_TAIL_MAGIC: u32 = 0x184D_2A5A;
/// Frames of our own filters, told apart by the first byte of their bodies.
pub(crate) const PAGINUM_MAGIC: u32 = 0x184D_2A5B;
/// The table of frame sizes of zstd's seekable format.
#[cfg(feature = "zstd")]
pub(crate) const SEEK_TABLE_MAGIC: u32 = 0x184D_2A5E;
/// Bytes before the body.
pub(crate) const HEADER_BYTES: usize = 8;

/// Whether a frame with this magic number is skippable.
pub(crate) fn is_skippable(magic: u32) -> bool {
    magic & !0xF == FIRST_MAGIC
}

/// The header of a frame whose body has so many bytes.
pub(crate) fn header(magic: u32, body_bytes: u32) -> [u8; HEADER_BYTES] {
    let mut header = [0; HEADER_BYTES];
    header[..4].copy_from_slice(&magic.to_le_bytes());
    header[4..].copy_from_slice(&body_bytes.to_le_bytes());
    header
}

/// Appends the header of a frame whose body is still to come, and returns where the body's length goes.
pub(crate) fn begin(magic: u32, dst: &mut Vec<u8>) -> usize {
    dst.extend_from_slice(&header(magic, 0));
    dst.len()
}

/// Sets the length of the body that was appended since [`begin`] returned `body_start`.
pub(crate) fn end(body_start: usize, dst: &mut [u8]) -> Result<()> {
    let body_bytes = u32::try_from(dst.len() - body_start)
        .map_err(|_| Error::invalid("a frame of 4 GiB or more; smaller pages are needed"))?;
    dst[body_start - 4..body_start].copy_from_slice(&body_bytes.to_le_bytes());
    Ok(())
}

/// Reads the magic number and the body length of a frame's header.
pub(crate) fn read_header(header: &[u8; HEADER_BYTES]) -> (u32, u32) {
    let (magic, body_bytes) = header.split_at(4);
    (read_u32(magic), read_u32(body_bytes))
}

/// Reads the little-endian `u32` at the start of `bytes`, which holds one.
pub(crate) fn read_u32(bytes: &[u8]) -> u32 {
    let bytes = bytes.first_chunk().expect("four bytes");
    u32::from_le_bytes(*bytes)
}

/// Reads the little-endian `u64` at the start of `bytes`, which holds one.
pub(crate) fn read_u64(bytes: &[u8]) -> u64 {
    let bytes = bytes.first_chunk().expect("eight bytes");
    u64::from_le_bytes(*bytes)
}
