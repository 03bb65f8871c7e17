//! Groups of channels of version 0.03: each a block of its own, predicted in its own way.

use super::frame::{FrameHeader, Group, Predictor};
use super::steps;
use crate::error::{Error, Result};

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
                gradient(
                    block,
                    header.geometry.width as usize,
                    &mut pixels,
                    channel,
                    pixel_bytes,
                );
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
        steps::add_left(block, channels);
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

/// Undoes the prediction of a 16-bit sample by its left, upper and upper left neighbours: `block` holds the high bytes of
/// all differences, then the low ones.
fn gradient(block: &[u8], width: usize, pixels: &mut [u8], channel: usize, pixel_bytes: usize) {
    let (high, low) = block.split_at(block.len() / 2);
    let mut above = vec![0_u16; width];
    let rows = high.chunks_exact(width).zip(low.chunks_exact(width));
    for ((high, low), row) in rows.zip(pixels.chunks_exact_mut(width * pixel_bytes)) {
        let mut sum = 0_u16;
        let differences = high.iter().zip(low).zip(&mut above);
        for (((&high, &low), above), pixel) in differences.zip(row.chunks_exact_mut(pixel_bytes)) {
            let zigzag = u16::from_be_bytes([high, low]);
            sum = sum.wrapping_add((zigzag >> 1) ^ (zigzag & 1).wrapping_neg());
            *above = above.wrapping_add(sum);
            pixel[channel..channel + 2].copy_from_slice(&above.to_be_bytes());
        }
    }
}

/// The blocks of 16-bit samples, one for each: the reverse of [`interleaved`] where all groups are such.
pub(super) fn blocks(pixels: &[u8], width: usize, pixel_bytes: usize) -> Vec<u8> {
    let mut blocks = Vec::with_capacity(pixels.len());
    let mut low = Vec::with_capacity(pixels.len() / pixel_bytes.max(1));
    for channel in (0..pixel_bytes).step_by(2) {
        let mut above = vec![0_u16; width];
        for row in pixels.chunks_exact(width * pixel_bytes) {
            let mut left = 0_u16;
            for (above, pixel) in above.iter_mut().zip(row.chunks_exact(pixel_bytes)) {
                let sample = u16::from_be_bytes([pixel[channel], pixel[channel + 1]]);
                let vertical = sample.wrapping_sub(*above);
                let difference = vertical.wrapping_sub(left);
                (*above, left) = (sample, vertical);
                let zigzag = (difference << 1) ^ (difference >> 15).wrapping_neg();
                let [high_byte, low_byte] = zigzag.to_be_bytes();
                blocks.push(high_byte);
                low.push(low_byte);
            }
        }
        blocks.append(&mut low);
    }
    blocks
}
