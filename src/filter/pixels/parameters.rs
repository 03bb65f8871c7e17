//! What a reader must know: the head of the payload (FORMAT.md, filters of pixels).

use crate::array::ArraySpec;
use crate::dtype::Kind;
use crate::error::{Error, Result, ResultExt};
use crate::filter::Payload;
use crate::filter::blocks::{MAX_BLOCK_BYTES, head};
use crate::filter::skippable::read_u32;

/// Two of zero, bytes of a pixel, pixels of a row, bytes of a block.
const FIELD_BYTES: usize = 14;
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
fn channels(spec: &ArraySpec) -> u64 {
    let last = spec.shape().get(1..).and_then(|axes| axes.last());
    let last = last
        .copied()
        .filter(|last| (1..=MAX_CHANNELS).contains(last));
    last.unwrap_or(1)
}

impl Parameters {
    /// Of pixels whose rows do not matter.
    pub(super) fn of_pixels(spec: &ArraySpec) -> Self {
        let pixel_bytes = (channels(spec) * spec.dtype().item_bytes()) as usize;
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
        let mut fields = vec![0, 0];
        for number in [self.pixel_bytes, self.width, self.block_bytes] {
            fields.extend_from_slice(&(number as u32).to_le_bytes());
        }
        head::write(&fields, identity)
    }

    /// Reads the head of the payload of such an array.
    ///
    /// # Errors
    /// `Corrupt`, `Checksum` and `Unsupported` for what no writer writes.
    pub(super) fn read(payload: &Payload, spec: &ArraySpec) -> Result<Self> {
        Self::parse(payload, spec).at(payload.offset_of(0))
    }

    fn parse(payload: &Payload, spec: &ArraySpec) -> Result<Self> {
        let fields = head::read::<FIELD_BYTES>(payload, "pixel")?;
        if fields[..2] != [0, 0] {
            return Err(Error::unsupported("pixel parameters with flags"));
        }
        let [pixel_bytes, width, block_bytes] =
            [2, 6, 10].map(|at| read_u32(&fields[at..]) as usize);
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
