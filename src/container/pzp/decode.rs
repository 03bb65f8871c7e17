//! A frame of a file into its pixels, or what they differ by from the frame before.

use super::frame::{Codec, FrameHeader, PREFIX_BYTES, flag, prefix};
use super::groups;
use super::hash::{Lanes, hash};
use crate::container::pictures::Decoded;
use crate::error::{Error, Result};
use crate::filter::pixels::left;
use crate::filter::pixels::palettes::Palettes;
use crate::text::counted;

/// Bytes of pixels, 16-bit samples in big-endian order, behind what else the payload had.
#[derive(Debug)]
pub(super) struct Pixels {
    bytes: Vec<u8>,
    start: usize,
}

impl Pixels {
    pub(super) fn as_mut_slice(&mut self) -> &mut [u8] {
        self.bytes.get_mut(self.start..).unwrap_or_default()
    }

    /// As frame `index`.
    pub(super) fn into_decoded(self, index: usize) -> Decoded {
        Decoded::new(index, self.bytes, self.start)
    }
}

/// Decodes a frame, whose header was read before. Its checksum is verified.
pub(super) fn frame(bytes: &[u8], header: &FrameHeader) -> Result<Pixels> {
    let mut payload = decompressed(bytes)?;
    if FrameHeader::parse(header.codec, header.payload_bytes, &payload)? != *header {
        return Err(Error::changed(
            "the header of a frame changed while it was read",
        ));
    }
    let start = header.pixels_at();
    let (before, pixels) = payload.split_at_mut(start);
    let has_left = header.groups.is_empty() && header.has(flag::LEFT_DELTA);
    let checksum = match has_left {
        true => summed(pixels, header.pixel_bytes()),
        false => hash(pixels),
    };
    if checksum != header.checksum {
        return Err(Error::checksum("the checksum of a frame"));
    }
    let palette = &before[header.header_bytes..];
    let mut decoded = match header.groups.is_empty() {
        true => None,
        false => Some(groups::interleaved(pixels, header)?),
    };
    let pixels = decoded.as_deref_mut().unwrap_or(pixels);
    if header.has(flag::PALETTE) {
        let (palettes, rest) = Palettes::read(palette, header.pixel_bytes())?;
        if !rest.is_empty() {
            return Err(Error::corrupt("a palette of more than its channels"));
        }
        palettes.look_up(pixels)?;
    }
    Ok(match decoded {
        Some(bytes) => Pixels { bytes, start: 0 },
        None => Pixels {
            bytes: payload,
            start,
        },
    })
}

/// Makes pixels of differences from the pixel before, and returns the checksum of the differences: both at once, 1.3 times as
/// fast as one after the other.
fn summed(differences: &mut [u8], pixel_bytes: usize) -> u32 {
    let mut lanes = Lanes::new();
    left::add_left_watched(differences, pixel_bytes, &mut lanes);
    lanes.value()
}

/// The payload of a frame, which is exactly as long as the frame says.
fn decompressed(bytes: &[u8]) -> Result<Vec<u8>> {
    let (codec, payload_bytes) = prefix(bytes)?;
    let (compressed, n_bytes) = (&bytes[PREFIX_BYTES..], payload_bytes as usize);
    // A byte of an LZ4 block stands for at most 255.
    if codec == Codec::Lz4 && n_bytes as u64 > compressed.len() as u64 * 255 + 64 {
        let what = format!(
            "lz4: {} for a frame of {n_bytes}",
            counted(compressed.len(), "byte")
        );
        return Err(Error::truncated(what));
    }
    let mut payload = Vec::new();
    let out_of_memory = |_| Error::limit("bytes of memory", isize::MAX as u64, n_bytes as u64);
    payload.try_reserve_exact(n_bytes).map_err(out_of_memory)?;
    match codec {
        Codec::Zstd => {
            let mut decompressor = zstd::bulk::Decompressor::new()?;
            let result = decompressor.decompress_to_buffer(compressed, &mut payload);
            result.map_err(|error| Error::corrupt(format!("zstd: {error}")))?;
        }
        Codec::Lz4 => {
            payload.resize(n_bytes, 0);
            let result = lz4_flex::block::decompress_into(compressed, &mut payload);
            let n = result.map_err(|error| Error::corrupt(format!("lz4: {error}")))?;
            payload.truncate(n);
        }
    }
    if payload.len() != n_bytes {
        let what = format!(
            "a frame of {} that says {n_bytes}",
            counted(payload.len(), "byte")
        );
        return Err(Error::corrupt(what));
    }
    Ok(payload)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_that_are_summed_have_the_checksum_of_what_they_were() {
        for pixel_bytes in [1, 2, 3, 4, 5, 6, 8] {
            for n in [0, 1, 2, 3, 11, 12, 13, 35, 5003] {
                // With stretches of zeroes, which neither is done byte by byte for.
                let byte = |i: u32| match i % 1000 {
                    0..400 => ((i * i) >> 2) as u8,
                    _ => u8::from(i % 1000 == 701),
                };
                let differences: Vec<u8> = (0..n).map(byte).collect();
                let (mut pixels, mut expected) = (differences.clone(), differences.clone());
                left::add_left(&mut expected, pixel_bytes);
                let checksum = summed(&mut pixels, pixel_bytes);
                assert_eq!(checksum, hash(&differences), "{pixel_bytes} {n}");
                assert!(pixels == expected, "{pixel_bytes} {n}");
            }
        }
    }
}
