//! What a frame says of itself: its length word, and the header that its compressed payload starts with.

use std::ops::Range;

use zstd::stream::raw::{Decoder, Operation};

use super::{MAGIC, MAGIC_GROUPED, MAX_PAYLOAD_BYTES, decode, word};
use crate::container::pictures::Geometry;
use crate::error::{Error, Result, ResultExt};
use crate::storage::ReadAt;

pub(super) const PREFIX_BYTES: usize = 4;
pub(super) const HEADER_BYTES: usize = 40;
/// The header with the longest list of groups.
const MAX_HEADER_BYTES: usize = HEADER_BYTES + 1 + MAX_GROUPS * 4;
pub(super) const MAX_GROUPS: usize = 8;
/// Pixels of more bytes have no palettes: older readers keep so many.
pub(super) const MAX_PALETTES: u32 = 8;
/// The bit of the length word that says LZ4.
pub(super) const LZ4_PREFIX: u32 = 1 << 31;

/// What a frame's pixels went through, as bits of its header. Others mean nothing to any reader.
pub(super) mod flag {
    pub(in super::super) const COMPRESSION: u32 = 1;
    pub(in super::super) const LEFT_DELTA: u32 = 2;
    pub(in super::super) const PALETTE: u32 = 4;
    pub(in super::super) const INTER_DELTA: u32 = 8;
    pub(in super::super) const LZ4: u32 = 16;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Codec {
    Zstd,
    Lz4,
}

/// How a group of channels of version 0.03 was predicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Predictor {
    None,
    Left,
    /// Of the 16-bit sample that two channels are.
    Gradient,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) channels: u8,
    pub(super) predictor: Predictor,
}

/// The checked header of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FrameHeader {
    pub(super) codec: Codec,
    pub(super) payload_bytes: u32,
    pub(super) geometry: Geometry,
    pub(super) checksum: u32,
    pub(super) flags: u32,
    pub(super) palette_bytes: u32,
    /// None of versions 0.01 and 0.02.
    pub(super) groups: Vec<Group>,
    /// Bytes of the payload before the palette.
    pub(super) header_bytes: usize,
}

impl FrameHeader {
    /// Of a frame that is a single block, the header is as dear as all of it, which is returned with it.
    pub(super) fn of_small(bytes: &[u8]) -> Option<(Self, Vec<u8>)> {
        let (codec, payload_bytes) = prefix(bytes).ok()?;
        if payload_bytes as usize > Scratch::BLOCK_BYTES {
            return None;
        }
        let payload = decode::decompressed(bytes).ok()?;
        let header = Self::parse(codec, payload_bytes, &payload).ok()?;
        Some((header, payload))
    }

    /// Reads the header of the frame that lies at `range`. Of its payload no more than the first block is decompressed.
    pub(super) fn read(
        store: &dyn ReadAt,
        range: Range<u64>,
        scratch: &mut Scratch,
    ) -> Result<Self> {
        let frame_bytes = range.end - range.start;
        let n_bytes = frame_bytes.min(Scratch::BYTES as u64) as usize;
        let bytes = match store.as_slice() {
            Some(all) => {
                let frame = &all[range.start as usize..range.end as usize];
                &frame[..frame_bytes.min(bytes_to_header(frame)) as usize]
            }
            None => {
                scratch.bytes.resize(n_bytes, 0);
                store.read_exact_at(&mut scratch.bytes, range.start)?;
                let needed = frame_bytes.min(bytes_to_header(&scratch.bytes)) as usize;
                if needed > n_bytes {
                    scratch.bytes.resize(needed, 0);
                    let rest = &mut scratch.bytes[n_bytes..];
                    store.read_exact_at(rest, range.start + n_bytes as u64)?;
                }
                &scratch.bytes
            }
        };
        Self::of(bytes, &mut scratch.decoder).at(range.start)
    }

    /// The header of a frame that starts with these bytes.
    fn of(bytes: &[u8], decoder: &mut Decoder<'static>) -> Result<Self> {
        let (codec, payload_bytes) = prefix(bytes)?;
        let mut start = [0; MAX_HEADER_BYTES];
        let wanted = MAX_HEADER_BYTES.min(payload_bytes as usize);
        let start = &mut start[..wanted];
        let n = match codec {
            Codec::Zstd => {
                decoder.reinit()?;
                let result = decoder.run_on_buffers(&bytes[PREFIX_BYTES..], start);
                result
                    .map_err(|error| Error::corrupt(format!("zstd: {error}")))?
                    .bytes_written
            }
            Codec::Lz4 => lz4_start(&bytes[PREFIX_BYTES..], start)?,
        };
        if n < wanted {
            return Err(Error::truncated("a frame that ends within its header"));
        }
        Self::parse(codec, payload_bytes, start)
    }

    /// Checks the first bytes of a payload: everything that follows is then within it.
    pub(super) fn parse(codec: Codec, payload_bytes: u32, start: &[u8]) -> Result<Self> {
        if start.len() < HEADER_BYTES {
            return Err(Error::truncated("a frame of fewer bytes than its header"));
        }
        let is_grouped = start.starts_with(&MAGIC_GROUPED);
        if !is_grouped && !start.starts_with(&MAGIC) {
            return Err(Error::corrupt("no frame by its first bytes"));
        }
        let [
            bits,
            channels,
            width,
            height,
            inner_bits,
            inner,
            checksum,
            flags,
            palette_bytes,
        ] = std::array::from_fn(|i| word(start, 4 + 4 * i));
        let sample_bytes = sample_bytes(bits)?;
        if inner_bits != 8 || Some(inner) != channels.checked_mul(sample_bytes) {
            return Err(Error::corrupt("channels that do not fit the samples"));
        }
        check_palette(flags, inner)?;
        let groups = match is_grouped {
            true => groups(&start[HEADER_BYTES..], inner)?,
            false => Vec::new(),
        };
        let header_bytes = match is_grouped {
            true => HEADER_BYTES + 1 + 4 * groups.len(),
            false => HEADER_BYTES,
        };
        let geometry = Geometry {
            width,
            height,
            channels,
            sample_bytes,
        };
        let total = geometry
            .bytes()
            .and_then(|pixels| pixels.checked_add(header_bytes as u64 + u64::from(palette_bytes)));
        if geometry.bytes() == Some(0) || total != Some(payload_bytes.into()) {
            let what = format!(
                "{width} x {height} x {inner} bytes of pixels in a frame of {payload_bytes}"
            );
            return Err(Error::corrupt(what));
        }
        Ok(Self {
            codec,
            payload_bytes,
            geometry,
            checksum,
            flags,
            palette_bytes,
            groups,
            header_bytes,
        })
    }

    /// Whether a step was taken.
    pub(super) fn has(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    /// Bytes of a pixel.
    pub(super) fn pixel_bytes(&self) -> usize {
        self.geometry.channels as usize * self.geometry.sample_bytes as usize
    }

    /// Where the pixels lie in the payload.
    pub(super) fn pixels_at(&self) -> usize {
        self.header_bytes + self.palette_bytes as usize
    }

    /// Bytes of the pixels.
    pub(super) fn n_pixel_bytes(&self) -> u64 {
        u64::from(self.payload_bytes) - self.pixels_at() as u64
    }

    /// Whether frames of the two sizes may differ: each is one of the other's bytes plus another.
    pub(super) fn may_differ_from(&self, other: &Self) -> bool {
        let size = |header: &Self| {
            (
                header.geometry.width,
                header.geometry.height,
                header.pixel_bytes(),
            )
        };
        size(self) == size(other)
    }

    /// What was done to the pixels, for people.
    pub(super) fn filter(&self) -> String {
        let mut steps = Vec::new();
        let gradient = self
            .groups
            .iter()
            .any(|group| group.predictor == Predictor::Gradient);
        let left = match self.groups.is_empty() {
            true => self.has(flag::LEFT_DELTA),
            false => self
                .groups
                .iter()
                .any(|group| group.predictor == Predictor::Left),
        };
        for (is_there, step) in [
            (self.has(flag::PALETTE), "palette"),
            (left, "byte-delta"),
            (gradient, "gradient"),
        ] {
            if is_there {
                steps.push(step);
            }
        }
        steps.push(match self.codec {
            Codec::Zstd => "zstd",
            Codec::Lz4 => "lz4",
        });
        steps.join("+")
    }
}

/// So many bytes of a frame hold its header: the first block of zstd; of LZ4 the number of bytes that stand as they are, which
/// takes a byte for each 255 of them, and short runs before that.
fn bytes_to_header(start: &[u8]) -> u64 {
    const SHORT_RUNS: u64 = 1 << 10;
    match prefix(start) {
        Ok((Codec::Lz4, payload_bytes)) => u64::from(payload_bytes) / 255 + SHORT_RUNS,
        _ => Scratch::BYTES as u64,
    }
}

/// What reading headers uses again and again.
pub(super) struct Scratch {
    bytes: Vec<u8>,
    decoder: Decoder<'static>,
}

impl Scratch {
    /// The most bytes that a block of zstd decompresses to.
    const BLOCK_BYTES: usize = 128 << 10;
    /// A block of zstd, with the header of its frame.
    pub(super) const BYTES: usize = Self::BLOCK_BYTES + 64;

    pub(super) fn new() -> Result<Self> {
        Ok(Self {
            bytes: Vec::new(),
            decoder: Decoder::new()?,
        })
    }
}

/// The codec of a frame and the length of its payload.
pub(super) fn prefix(bytes: &[u8]) -> Result<(Codec, u32)> {
    if bytes.len() <= PREFIX_BYTES {
        return Err(Error::truncated("a frame without a payload"));
    }
    let prefix = word(bytes, 0);
    let (codec, payload_bytes) = match prefix & LZ4_PREFIX {
        0 => (Codec::Zstd, prefix),
        _ => (Codec::Lz4, prefix & !LZ4_PREFIX),
    };
    if payload_bytes == 0 {
        return Err(Error::corrupt("a frame without a payload"));
    }
    if u64::from(payload_bytes) > MAX_PAYLOAD_BYTES {
        return Err(Error::limit(
            "bytes of a frame",
            MAX_PAYLOAD_BYTES,
            payload_bytes.into(),
        ));
    }
    Ok((codec, payload_bytes))
}

fn sample_bytes(bits: u32) -> Result<u32> {
    match bits {
        8 | 16 => Ok(bits / 8),
        _ => Err(Error::corrupt(format!("samples of {bits} bits"))),
    }
}

/// Refuses palettes that no writer makes: a table of each costs a hundred times what it takes in a file. Without the flag,
/// the bytes of palettes are passed over, as other readers do.
fn check_palette(flags: u32, pixel_bytes: u32) -> Result<()> {
    if flags & flag::PALETTE != 0 && pixel_bytes > MAX_PALETTES {
        let what = format!("{pixel_bytes} palettes; there are at most {MAX_PALETTES}");
        return Err(Error::corrupt(what));
    }
    Ok(())
}

fn groups(list: &[u8], inner_channels: u32) -> Result<Vec<Group>> {
    let (&count, list) = list
        .split_first()
        .ok_or_else(|| Error::truncated("a frame that ends within its groups"))?;
    let count = usize::from(count);
    if !(1..=MAX_GROUPS).contains(&count) {
        return Err(Error::corrupt(format!("{count} groups of channels")));
    }
    let entries = list.get(..4 * count);
    let entries = entries.ok_or_else(|| Error::truncated("a frame that ends within its groups"))?;
    let group = |&[channels, bits, predictor, reserved]: &[u8; 4]| {
        let predictor = match (bits, predictor, channels, reserved) {
            (8, 0, 1.., 0) => Predictor::None,
            (8, 1, 1.., 0) => Predictor::Left,
            (16, 2, 2, 0) => Predictor::Gradient,
            _ => {
                let what = format!(
                    "a group of {channels} channels of {bits} bits by predictor {predictor}"
                );
                return Err(Error::corrupt(what));
            }
        };
        Ok(Group {
            channels,
            predictor,
        })
    };
    let groups: Vec<Group> = entries
        .as_chunks::<4>()
        .0
        .iter()
        .map(group)
        .collect::<Result<_>>()?;
    if groups
        .iter()
        .map(|group| u32::from(group.channels))
        .sum::<u32>()
        != inner_channels
    {
        return Err(Error::corrupt(
            "groups of other channels than the frame has",
        ));
    }
    Ok(groups)
}

/// Decompresses the first bytes of an LZ4 block: no decoder stops where `out` is full. Returns how many there were.
fn lz4_start(block: &[u8], out: &mut [u8]) -> Result<usize> {
    let short = || Error::truncated("lz4: a block that ends too early");
    let mut bytes = block.iter().copied();
    let mut next = || bytes.next().ok_or_else(short);
    let mut n = 0;
    loop {
        let token = next()?;
        let mut length = |nibble: u8| -> Result<usize> {
            let mut length = usize::from(nibble);
            if nibble == 15 {
                loop {
                    let more = next()?;
                    length += usize::from(more);
                    if more != 255 {
                        break;
                    }
                }
            }
            Ok(length)
        };
        let literals = length(token >> 4)?;
        for _ in 0..literals.min(out.len() - n) {
            out[n] = next()?;
            n += 1;
        }
        if n == out.len() {
            return Ok(n);
        }
        let Ok(low) = next() else { return Ok(n) };
        let distance = usize::from(u16::from_le_bytes([low, next()?]));
        if distance == 0 || distance > n {
            return Err(Error::corrupt("lz4: a match before the start"));
        }
        let mut length = usize::from(token & 15);
        if length == 15 {
            // A long match says so by many bytes, of which no more are wanted than `out` has room for.
            while length + 4 < out.len() - n {
                let more = next()?;
                length += usize::from(more);
                if more != 255 {
                    break;
                }
            }
        }
        for _ in 0..(length + 4).min(out.len() - n) {
            out[n] = out[n - distance];
            n += 1;
        }
        if n == out.len() {
            return Ok(n);
        }
    }
}
