//! What a reader must know: the head of the payload (FORMAT.md, filter delta).

use super::words::Words;
use crate::error::{Error, Result};
use crate::filter::Payload;
use crate::filter::blocks::MAX_BLOCK_BYTES;
use crate::filter::checksum::crc_of;
use crate::filter::skippable::{self, PAGINUM_MAGIC, read_u32};

/// The only version of the parameters so far.
const VERSION: u8 = 1;
const KIND_PARAMETERS: u8 = 0;
/// Kind, version, word size, flags, stride, words of a block, checksum.
const PARAMETERS_BYTES: usize = 16;
const HEAD_BYTES: usize = skippable::HEADER_BYTES + PARAMETERS_BYTES;
const IS_BIG_ENDIAN: u8 = 1;

/// What a reader must know; the head of the payload.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parameters {
    pub(super) stride: usize,
    pub(super) block_bytes: usize,
}

impl Parameters {
    pub(super) fn write(&self, words: Words, identity: &[u8]) -> Result<Vec<u8>> {
        let mut head = Vec::with_capacity(HEAD_BYTES);
        let body_start = skippable::begin(PAGINUM_MAGIC, &mut head);
        let flags = if words.is_swapped == cfg!(target_endian = "little") && words.bytes > 1 {
            IS_BIG_ENDIAN
        } else {
            0
        };
        head.extend_from_slice(&[KIND_PARAMETERS, VERSION, words.bytes as u8, flags]);
        head.extend_from_slice(&(self.stride as u32).to_le_bytes());
        head.extend_from_slice(&((self.block_bytes / words.bytes) as u32).to_le_bytes());
        let crc = crc_of(identity, 0, &head[body_start..]);
        head.extend_from_slice(&crc.to_le_bytes());
        skippable::end(body_start, &mut head)?;
        Ok(head)
    }

    pub(super) fn read(payload: &Payload, words: Words) -> Result<Self> {
        let head = payload.bytes(0..HEAD_BYTES as u64)?;
        let (header, body) = head.split_first_chunk().expect("the head holds a header");
        if skippable::read_header(header) != (PAGINUM_MAGIC, PARAMETERS_BYTES as u32) {
            return Err(Error::corrupt("a delta payload without its parameters"));
        }
        let (covered, crc) = body.split_at(PARAMETERS_BYTES - 4);
        if read_u32(crc) != crc_of(payload.identity(), 0, covered) {
            return Err(Error::checksum("the checksum of delta parameters differs"));
        }
        if body[0] != KIND_PARAMETERS || body[1] != VERSION {
            return Err(Error::unsupported(format!(
                "delta parameters of version {}",
                body[1]
            )));
        }
        let stored_big = body[3] & IS_BIG_ENDIAN != 0;
        let is_big = words.is_swapped == cfg!(target_endian = "little") && words.bytes > 1;
        let (stride, block_words) = (read_u32(&body[4..]), read_u32(&body[8..]));
        if usize::from(body[2]) != words.bytes || body[3] > 1 || stored_big != is_big {
            return Err(Error::corrupt("delta parameters of another dtype"));
        }
        let block_bytes = u64::from(block_words) * words.bytes as u64;
        if stride == 0 || block_words == 0 || block_bytes > MAX_BLOCK_BYTES {
            return Err(Error::corrupt("delta parameters that make no sense"));
        }
        Ok(Self {
            stride: stride as usize,
            block_bytes: block_bytes as usize,
        })
    }
}
