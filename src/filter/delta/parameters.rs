//! What a reader must know: the head of the payload (FORMAT.md, filter delta).

use super::words::Words;
use crate::error::{Error, Result};
use crate::filter::Payload;
use crate::filter::blocks::{MAX_BLOCK_BYTES, head};
use crate::filter::skippable::read_u32;

/// Word size, flags, stride, words of a block.
const FIELD_BYTES: usize = 10;
const IS_BIG_ENDIAN: u8 = 1;

/// What a reader must know; the head of the payload.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parameters {
    pub(super) stride: usize,
    pub(super) block_bytes: usize,
}

impl Parameters {
    pub(super) fn write(&self, words: Words, identity: &[u8]) -> Result<Vec<u8>> {
        let mut fields = Vec::with_capacity(FIELD_BYTES);
        let flags = if words.is_swapped == cfg!(target_endian = "little") && words.bytes > 1 {
            IS_BIG_ENDIAN
        } else {
            0
        };
        fields.extend_from_slice(&[words.bytes as u8, flags]);
        fields.extend_from_slice(&(self.stride as u32).to_le_bytes());
        fields.extend_from_slice(&((self.block_bytes / words.bytes) as u32).to_le_bytes());
        head::write(&fields, identity)
    }

    pub(super) fn read(payload: &Payload, words: Words) -> Result<Self> {
        let fields = head::read::<FIELD_BYTES>(payload, "delta")?;
        let [word_bytes, flags, ..] = fields;
        let stored_big = flags & IS_BIG_ENDIAN != 0;
        let is_big = words.is_swapped == cfg!(target_endian = "little") && words.bytes > 1;
        let (stride, block_words) = (read_u32(&fields[2..]), read_u32(&fields[6..]));
        if usize::from(word_bytes) != words.bytes || flags > 1 || stored_big != is_big {
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
