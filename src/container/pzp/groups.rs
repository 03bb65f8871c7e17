//! Groups of channels of version 0.03: each a block of its own, predicted in its own way.

use super::frame::{FrameHeader, Group, Predictor};
use crate::error::{Error, Result};
use crate::filter::pixels::gradients::Raster;
use crate::filter::pixels::left;

/// The pixels of a frame from the blocks of its groups.
pub(super) fn interleaved(blocks: &mut [u8], header: &FrameHeader) -> Result<Vec<u8>> {
    let pixel_bytes = header.pixel_bytes();
    let mut pixels = Vec::new();
    let out_of_memory = |_| Error::limit("bytes of memory", isize::MAX as u64, blocks.len() as u64);
    pixels
        .try_reserve_exact(blocks.len())
        .map_err(out_of_memory)?;
    pixels.resize(blocks.len(), 0);
    let n_pixels = blocks.len() / pixel_bytes.max(1);
    let (mut rest, mut channel) = (blocks, 0);
    for group in &header.groups {
        let channels = usize::from(group.channels);
        let (block, behind) = rest.split_at_mut(n_pixels * channels);
        rest = behind;
        match group.predictor {
            Predictor::Gradient => {
                let raster = raster(header.geometry.width as usize, pixel_bytes);
                raster.put(block, channel, &mut pixels);
            }
            _ => spread(block, *group, &mut pixels, channel, pixel_bytes),
        }
        channel += channels;
    }
    Ok(pixels)
}

/// Puts the channels of a group of bytes into the pixels.
fn spread(block: &mut [u8], group: Group, pixels: &mut [u8], channel: usize, pixel_bytes: usize) {
    let channels = usize::from(group.channels);
    if group.predictor == Predictor::Left {
        left::add_left(block, channels);
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

/// The blocks of 16-bit samples, one for each: the reverse of [`interleaved`] where all groups are such.
pub(super) fn blocks(pixels: &[u8], width: usize, pixel_bytes: usize) -> Vec<u8> {
    let mut blocks = Vec::with_capacity(pixels.len());
    for channel in (0..pixel_bytes).step_by(2) {
        raster(width, pixel_bytes).take(pixels, channel, &mut blocks);
    }
    blocks
}

fn raster(width: usize, pixel_bytes: usize) -> Raster {
    Raster {
        width,
        pixel_bytes,
        is_big: true,
    }
}
