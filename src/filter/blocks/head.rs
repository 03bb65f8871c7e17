//! The heads of payloads of blocks: a skippable frame of what a reader must know, with a checksum of its own.

use crate::error::{Error, Result};
use crate::filter::Payload;
use crate::filter::checksum::crc_of;
use crate::filter::skippable::{self, PAGINUM_MAGIC, read_u32};

/// The only version of the parameters so far.
const VERSION: u8 = 1;
const KIND_PARAMETERS: u8 = 0;
/// Kind and version.
const START_BYTES: usize = 2;
const CHECKSUM_BYTES: usize = 4;

/// The frame of these fields.
///
/// # Errors
/// `InvalidArgument` for one that is too large.
pub(in crate::filter) fn write(fields: &[u8], identity: &[u8]) -> Result<Vec<u8>> {
    let mut head = Vec::new();
    let body_start = skippable::begin(PAGINUM_MAGIC, &mut head);
    head.extend_from_slice(&[KIND_PARAMETERS, VERSION]);
    head.extend_from_slice(fields);
    let crc = crc_of(identity, 0, &head[body_start..]);
    head.extend_from_slice(&crc.to_le_bytes());
    skippable::end(body_start, &mut head)?;
    Ok(head)
}

/// Reads `N` bytes of fields from the start of a payload; `what` names their filter.
///
/// # Errors
/// `Corrupt` for another head; `Checksum`; `Unsupported` for another version.
pub(in crate::filter) fn read<const N: usize>(payload: &Payload, what: &str) -> Result<[u8; N]> {
    let body_bytes = START_BYTES + N + CHECKSUM_BYTES;
    let head = payload.bytes(0..(skippable::HEADER_BYTES + body_bytes) as u64)?;
    let (header, body) = head.split_first_chunk().expect("the head holds a header");
    if skippable::read_header(header) != (PAGINUM_MAGIC, body_bytes as u32) {
        let words = format!("a {what} payload without its parameters");
        return Err(Error::corrupt(words));
    }
    let (covered, crc) = body.split_at(START_BYTES + N);
    if read_u32(crc) != crc_of(payload.identity(), 0, covered) {
        let words = format!("the checksum of {what} parameters differs");
        return Err(Error::checksum(words));
    }
    let (start, fields) = covered.split_at(START_BYTES);
    if start != [KIND_PARAMETERS, VERSION] {
        let words = format!("{what} parameters of version {}", start[1]);
        return Err(Error::unsupported(words));
    }
    Ok(*fields.first_chunk().expect("as many as were asked for"))
}
