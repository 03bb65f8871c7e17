//! A frame of pixels into the bytes of a file.

use std::borrow::Cow;
use std::io::Cursor;

use paginum_wrapped::Isa;

use super::frame::{Codec, HEADER_BYTES, LZ4_PREFIX, MAX_GROUPS, MAX_PALETTES, PREFIX_BYTES};
use super::hash::{Lanes, hash, piece_bytes};
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
    let mut pixels = Cow::Borrowed(pixels);
    if let (true, Some(before)) = (options.inter_delta, before) {
        left::subtract(pixels.to_mut(), before);
    }
    let palette = match options.palette {
        true => palettes::take(pixels.to_mut(), inner),
        false => Vec::new(),
    };
    let mut list = Vec::new();
    if options.grouped {
        list = group_list(geometry, options)?;
    }
    let start = HEADER_BYTES + list.len() + palette.len();
    let mut payload = Vec::with_capacity(start + pixels.len());
    payload.resize(HEADER_BYTES, 0);
    payload.extend_from_slice(&list);
    payload.extend_from_slice(&palette);
    let isa = Isa::best()?;
    let checksum = if options.grouped && geometry.sample_bytes == 2 {
        groups::push_blocks(&pixels, geometry.width as usize, inner, &mut payload);
        hash(isa, &payload[start..])
    } else {
        push_pixels(isa, &pixels, inner, options.left_delta, &mut payload)
    };
    let words = [
        8 * geometry.sample_bytes,
        geometry.channels,
        geometry.width,
        geometry.height,
        8,
        inner as u32,
        checksum,
        options.flags(),
        palette.len() as u32,
    ];
    let magic = if options.grouped {
        MAGIC_GROUPED
    } else {
        MAGIC
    };
    let words = words.iter().flat_map(|word| word.to_le_bytes());
    let header = magic.into_iter().chain(words);
    for (place, byte) in payload.iter_mut().zip(header) {
        *place = byte;
    }
    compressed(&payload, options)
}

/// Appends pixels, or what they differ by from those to their left, and returns their checksum, which is taken while they are near
/// the processor.
fn push_pixels(
    isa: Isa,
    pixels: &[u8],
    pixel_bytes: usize,
    left_delta: bool,
    payload: &mut Vec<u8>,
) -> u32 {
    let mut lanes = Lanes::new(isa);
    let mut before = vec![0; pixel_bytes];
    for piece in pixels.chunks(piece_bytes(pixel_bytes)) {
        let start = payload.len();
        match left_delta {
            true => left::push_differences(piece, &before, payload),
            false => payload.extend_from_slice(piece),
        }
        lanes.take(&payload[start..]);
        before.copy_from_slice(&piece[piece.len() - pixel_bytes..]);
    }
    lanes.value()
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
            let most = zstd::zstd_safe::compress_bound(payload.len());
            let mut bytes = Vec::with_capacity(PREFIX_BYTES + most);
            bytes.extend(n_bytes.to_le_bytes());
            let mut behind = Cursor::new(bytes);
            behind.set_position(PREFIX_BYTES as u64);
            let mut compressor = zstd::bulk::Compressor::new(options.level())?;
            compressor.compress_to_buffer(payload, &mut behind)?;
            let mut bytes = behind.into_inner();
            bytes.shrink_to_fit();
            bytes
        }
        Codec::Lz4 => {
            let mut bytes = (n_bytes | LZ4_PREFIX).to_le_bytes().to_vec();
            bytes.append(&mut lz4_flex::block::compress(payload));
            bytes
        }
    })
}
