//! Groups of channels of version 0.03: each a block of its own, predicted in its own way.

use paginum_wrapped::Isa;

use super::frame::{FrameHeader, Group, Predictor};
use crate::filter::pixels::gradients::Raster;
use crate::filter::pixels::left;

/// The pixels of a frame from the blocks of its groups. Samples of 16 bits that are predicted whole are big-endian or not.
pub(super) fn interleave(
    isa: Isa,
    blocks: &mut [u8],
    header: &FrameHeader,
    pixels: &mut [u8],
    is_big: bool,
) {
    let pixel_bytes = header.pixel_bytes();
    let n_pixels = blocks.len() / pixel_bytes.max(1);
    let (mut rest, mut channel) = (blocks, 0);
    for group in &header.groups {
        let channels = usize::from(group.channels);
        let (block, behind) = rest.split_at_mut(n_pixels * channels);
        rest = behind;
        match group.predictor {
            Predictor::Gradient => {
                let raster = raster(header.geometry.width as usize, pixel_bytes, is_big);
                raster.put(isa, block, channel, pixels);
            }
            _ => spread(isa, block, *group, pixels, channel, pixel_bytes),
        }
        channel += channels;
    }
}

/// Puts the channels of a group of bytes into the pixels.
fn spread(
    isa: Isa,
    block: &mut [u8],
    group: Group,
    pixels: &mut [u8],
    channel: usize,
    pixel_bytes: usize,
) {
    let channels = usize::from(group.channels);
    if group.predictor == Predictor::Left {
        left::add_left(isa, block, channels);
    }
    if channels == pixel_bytes {
        pixels.copy_from_slice(block);
        return;
    }
    for (pixel, samples) in pixels
        .chunks_exact_mut(pixel_bytes)
        .zip(block.chunks_exact(channels))
    {
        pixel[channel..][..channels].copy_from_slice(samples);
    }
}

/// Appends the blocks of 16-bit samples, one for each: the reverse of [`interleave`] where all groups are such.
pub(super) fn push_blocks(pixels: &[u8], width: usize, pixel_bytes: usize, blocks: &mut Vec<u8>) {
    for channel in (0..pixel_bytes).step_by(2) {
        raster(width, pixel_bytes, true).take(pixels, channel, blocks);
    }
}

fn raster(width: usize, pixel_bytes: usize, is_big: bool) -> Raster {
    Raster {
        width,
        pixel_bytes,
        is_big,
    }
}
