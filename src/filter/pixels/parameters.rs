//! What a reader must know: the head of the payload (FORMAT.md, filters of pixels).

use crate::array::ArraySpec;
use crate::dtype::Kind;
use crate::error::{Error, Result, ResultExt};
use crate::filter::Payload;
use crate::filter::blocks::MAX_BLOCK_BYTES;
use crate::filter::checksum::crc_of;
use crate::filter::skippable::{self, PAGINUM_MAGIC, read_u32};

/// The only version of the parameters so far.
const VERSION: u8 = 1;
const KIND_PARAMETERS: u8 = 0;
/// Kind, version, two of zero, bytes of a pixel, pixels of a row, bytes of a block, checksum.
const PARAMETERS_BYTES: usize = 20;
const HEAD_BYTES: usize = skippable::HEADER_BYTES + PARAMETERS_BYTES;
/// The most that a file may say of a pixel.
const MAX_PIXEL_BYTES: usize = 32;
/// A last axis of up to so many is one of channels.
const MAX_CHANNELS: u64 = 4;
/// Decoded bytes of a block, about: rows are found in such steps.
const BLOCK_BYTES: usize = 1 << 20;
/// Pixels of a row where the shape does not tell: of one axis, and of rows that are very long.
const USUAL_WIDTH: u64 = 1024;

/// Where pixels lie in an array, and how many of them are a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parameters {
    pub(super) pixel_bytes: usize,
    /// 0 where rows do not matter.
    pub(super) width: usize,
    pub(super) block_bytes: usize,
}

/// Whether elements are samples of pictures: whole numbers of one or two bytes.
pub(super) fn are_samples(spec: &ArraySpec) -> bool {
    let dtype = spec.dtype();
    let is_whole = matches!(dtype.kind(), Kind::Bool | Kind::Int | Kind::UInt);
    is_whole && (1..=2).contains(&dtype.item_bytes())
}

/// The channels of a pixel, by the last axis.
pub(super) fn channels(spec: &ArraySpec) -> u64 {
    let last = spec.shape().get(1..).and_then(|axes| axes.last());
    let last = last
        .copied()
        .filter(|last| (1..=MAX_CHANNELS).contains(last));
    last.unwrap_or(1)
}

impl Parameters {
    /// Of pixels of so many bytes, whose rows do not matter.
    pub(super) fn of_pixels(pixel_bytes: usize) -> Self {
        Self {
            pixel_bytes,
            width: 0,
            block_bytes: BLOCK_BYTES / pixel_bytes * pixel_bytes,
        }
    }

    /// Of whole rows.
    pub(super) fn of_rows(spec: &ArraySpec) -> Self {
        let channels = channels(spec);
        let pixel_bytes = spec.dtype().item_bytes() * channels;
        let axes = spec.shape().get(1..).unwrap_or_default();
        let axes = match axes.split_last() {
            Some((last, before)) if *last == channels => before,
            _ => axes,
        };
        let width = axes.last().copied().filter(|width| {
            let bytes = width.checked_mul(pixel_bytes);
            bytes.is_some_and(|bytes| (1..=MAX_BLOCK_BYTES / 4).contains(&bytes))
        });
        let (width, pixel_bytes) = (width.unwrap_or(USUAL_WIDTH) as usize, pixel_bytes as usize);
        let row_bytes = width * pixel_bytes;
        Self {
            pixel_bytes,
            width,
            block_bytes: (BLOCK_BYTES / row_bytes).max(1) * row_bytes,
        }
    }

    pub(super) fn write(&self, identity: &[u8]) -> Result<Vec<u8>> {
        let mut head = Vec::with_capacity(HEAD_BYTES);
        let body_start = skippable::begin(PAGINUM_MAGIC, &mut head);
        head.extend_from_slice(&[KIND_PARAMETERS, VERSION, 0, 0]);
        for number in [self.pixel_bytes, self.width, self.block_bytes] {
            head.extend_from_slice(&(number as u32).to_le_bytes());
        }
        let crc = crc_of(identity, 0, &head[body_start..]);
        head.extend_from_slice(&crc.to_le_bytes());
        skippable::end(body_start, &mut head)?;
        Ok(head)
    }

    /// Reads the head of the payload of such an array.
    ///
    /// # Errors
    /// `Corrupt`, `Checksum` and `Unsupported` for what no writer writes.
    pub(super) fn read(payload: &Payload, spec: &ArraySpec) -> Result<Self> {
        Self::parse(payload, spec).at(payload.offset_of(0))
    }

    fn parse(payload: &Payload, spec: &ArraySpec) -> Result<Self> {
        let head = payload.bytes(0..HEAD_BYTES as u64)?;
        let (header, body) = head.split_first_chunk().expect("the head holds a header");
        if skippable::read_header(header) != (PAGINUM_MAGIC, PARAMETERS_BYTES as u32) {
            return Err(Error::corrupt("a payload of pixels without its parameters"));
        }
        let (covered, crc) = body.split_at(PARAMETERS_BYTES - 4);
        if read_u32(crc) != crc_of(payload.identity(), 0, covered) {
            return Err(Error::checksum("the checksum of pixel parameters differs"));
        }
        if body[..4] != [KIND_PARAMETERS, VERSION, 0, 0] {
            let what = format!("pixel parameters of version {}", body[1]);
            return Err(Error::unsupported(what));
        }
        let [pixel_bytes, width, block_bytes] = [4, 8, 12].map(|at| read_u32(&body[at..]) as usize);
        let item_bytes = spec.dtype().item_bytes() as usize;
        let is_pixel = (1..=MAX_PIXEL_BYTES).contains(&pixel_bytes)
            && are_samples(spec)
            && pixel_bytes.is_multiple_of(item_bytes);
        let is_block = block_bytes > 0
            && block_bytes as u64 <= MAX_BLOCK_BYTES
            && is_pixel
            && block_bytes.is_multiple_of(pixel_bytes);
        if !is_block {
            return Err(Error::corrupt("pixel parameters that make no sense"));
        }
        Ok(Self {
            pixel_bytes,
            width,
            block_bytes,
        })
    }
}
