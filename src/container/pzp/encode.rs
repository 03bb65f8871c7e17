//! A frame of pixels into the bytes of a file.

use super::frame::{Codec, HEADER_BYTES, LZ4_PREFIX, MAX_GROUPS, MAX_PALETTES};
use super::hash::hash;
use super::options::PzpOptions;
use super::{MAGIC, MAGIC_GROUPED, MAX_PAYLOAD_BYTES, groups};
use crate::container::pictures::Geometry;
use crate::error::{Error, Result};
use crate::filter::pixels::{left, palettes};

/// Refuses a picture that no reader of the format takes, whatever it holds.
pub(super) fn check(geometry: Geometry, options: &PzpOptions) -> Result<()> {
    let inner = inner_channels(geometry)?;
    let list_bytes = if options.grouped {
        1 + 4 * MAX_GROUPS
    } else {
        0
    };
    let before = (HEADER_BYTES + list_bytes) as u64;
    let palette = if options.palette {
        257 * inner as u64
    } else {
        0
    };
    let n_bytes = geometry
        .bytes()
        .and_then(|n| n.checked_add(before + palette));
    match n_bytes {
        Some(n) if n <= MAX_PAYLOAD_BYTES => {}
        _ => {
            return Err(Error::unsupported(format!(
                "a frame of {} x {} pixels: readers of .pzp take at most {MAX_PAYLOAD_BYTES} bytes",
                geometry.width, geometry.height
            )));
        }
    }
    if options.palette && !may_have_palette(geometry, options) {
        return Err(Error::unsupported(format!(
            "a palette for {inner} bytes a pixel: readers of .pzp take at most {MAX_PALETTES}"
        )));
    }
    if options.grouped {
        group_list(geometry, options)?;
    }
    Ok(())
}

/// Whether a palette can be asked for.
pub(super) fn may_have_palette(geometry: Geometry, options: &PzpOptions) -> bool {
    let inner = u64::from(geometry.channels) * u64::from(geometry.sample_bytes);
    inner <= u64::from(MAX_PALETTES) && !(options.grouped && geometry.sample_bytes == 2)
}

fn inner_channels(geometry: Geometry) -> Result<usize> {
    let inner = geometry.channels.checked_mul(geometry.sample_bytes);
    let inner = inner.ok_or_else(|| Error::unsupported("a picture of that many channels"))?;
    Ok(inner as usize)
}

/// Encodes a frame; `before` holds the pixels of the one that it may be a difference from. Of several settings the smallest
/// is kept.
pub(super) fn frame(
    pixels: &[u8],
    geometry: Geometry,
    before: Option<&[u8]>,
    options: &PzpOptions,
) -> Result<Vec<u8>> {
    let candidates = options.candidates(may_have_palette(geometry, options), before.is_some());
    let encoded = paginum_wrapped::parallel::map(candidates, |options| {
        with(pixels, geometry, before, &options)
    })?;
    let smallest = encoded.into_iter().min_by_key(Vec::len);
    smallest.ok_or_else(|| Error::invalid("no settings"))
}

fn with(
    pixels: &[u8],
    geometry: Geometry,
    before: Option<&[u8]>,
    options: &PzpOptions,
) -> Result<Vec<u8>> {
    let inner = inner_channels(geometry)?;
    let mut pixels = pixels.to_vec();
    if let (true, Some(before)) = (options.inter_delta, before) {
        left::subtract(&mut pixels, before);
    }
    let palette = match options.palette {
        true => palettes::take(&mut pixels, inner),
        false => Vec::new(),
    };
    let mut list = Vec::new();
    if options.grouped {
        list = group_list(geometry, options)?;
        pixels = match geometry.sample_bytes {
            2 => groups::blocks(&pixels, geometry.width as usize, inner),
            _ => {
                if options.left_delta {
                    left::subtract_left(&mut pixels, inner);
                }
                pixels
            }
        };
    } else if options.left_delta {
        left::subtract_left(&mut pixels, inner);
    }
    let magic = if options.grouped {
        MAGIC_GROUPED
    } else {
        MAGIC
    };
    let mut payload = Vec::with_capacity(HEADER_BYTES + list.len() + palette.len() + pixels.len());
    payload.extend_from_slice(&magic);
    let bits = 8 * geometry.sample_bytes;
    let words = [
        bits,
        geometry.channels,
        geometry.width,
        geometry.height,
        8,
        inner as u32,
        hash(&pixels),
        options.flags(),
        palette.len() as u32,
    ];
    words
        .iter()
        .for_each(|word| payload.extend_from_slice(&word.to_le_bytes()));
    payload.extend_from_slice(&list);
    payload.extend_from_slice(&palette);
    payload.append(&mut pixels);
    compressed(&payload, options)
}

/// The groups of a frame: all channels of bytes together, each 16-bit sample alone.
fn group_list(geometry: Geometry, options: &PzpOptions) -> Result<Vec<u8>> {
    let too_many = || {
        Error::unsupported(format!(
            "{} channels in a frame of version 0.03",
            geometry.channels
        ))
    };
    match geometry.sample_bytes {
        2 if geometry.channels as usize <= MAX_GROUPS => {
            let mut list = vec![geometry.channels as u8];
            (0..geometry.channels).for_each(|_| list.extend([2, 16, 2, 0]));
            Ok(list)
        }
        2 => Err(too_many()),
        _ => {
            let channels = u8::try_from(geometry.channels).map_err(|_| too_many())?;
            Ok(vec![1, channels, 8, options.left_delta.into(), 0])
        }
    }
}

fn compressed(payload: &[u8], options: &PzpOptions) -> Result<Vec<u8>> {
    let n_bytes = payload.len() as u32;
    Ok(match options.codec() {
        Codec::Zstd => {
            let mut bytes = n_bytes.to_le_bytes().to_vec();
            bytes.append(&mut zstd::bulk::compress(payload, options.level())?);
            bytes
        }
        Codec::Lz4 => {
            let mut bytes = (n_bytes | LZ4_PREFIX).to_le_bytes().to_vec();
            bytes.append(&mut lz4_flex::block::compress(payload));
            bytes
        }
    })
}
