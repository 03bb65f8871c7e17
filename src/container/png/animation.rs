//! The frames of an animation, by the chunks that tell of them, and how a frame comes to be a whole picture.

use super::MAGIC;
use crate::container::pictures::Geometry;
use crate::container::read_ahead::ReadAhead;
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::storage::{Part, ReadAt};
use crate::text::counted;

/// What a chunk says of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) width: u32,
    pub(super) height: u32,
    x: u32,
    y: u32,
    pub(super) delay_ms: u32,
    disposal: u8,
    /// Whether it is laid over what is there by its alpha.
    is_over: bool,
}

/// The frames of a file: none where it is one picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Animation {
    pub(super) frames: Vec<Frame>,
    pub(super) loop_count: u32,
    /// Whether there is a picture for programs that know no animations, before the frames.
    pub(super) has_other_picture: bool,
}

impl Animation {
    /// Goes through the chunks of a file, and reads those that tell of frames.
    pub(super) fn read(store: &dyn ReadAt, limits: &Limits) -> Result<Self> {
        let mut found = Self::default();
        let (mut at, mut has_picture, mut is_animated) = (MAGIC.len() as u64, false, false);
        let mut head = [0; 8];
        let mut n_frames = 0;
        let mut ahead = ReadAhead::default();
        while at.saturating_add(12) <= store.len() {
            // With what a chunk says of a frame.
            ahead.want(store, at..at + 64)?;
            store.read_exact_at(&mut head, at)?;
            let n_bytes = u64::from(number(&head, 0));
            match &head[4..] {
                b"acTL" => {
                    let body: [u8; 8] = checked(store, at, n_bytes, &head)?;
                    is_animated = true;
                    (n_frames, found.loop_count) = (number(&body, 0) as usize, number(&body, 4));
                }
                b"fcTL" => {
                    found
                        .frames
                        .push(frame(&checked(store, at, n_bytes, &head)?));
                    limits.check_pages(found.frames.len() as u64)?;
                }
                b"IDAT" if !has_picture => {
                    has_picture = true;
                    found.has_other_picture = found.frames.is_empty();
                }
                b"IEND" => break,
                _ => {}
            }
            at = at.saturating_add(12 + n_bytes);
        }
        if !is_animated {
            return Ok(Self::default());
        }
        match found.frames.len() {
            n if n == n_frames => Ok(found),
            n => {
                let what = format!("png: {} of an animation of {n_frames}", counted(n, "frame"));
                Err(match n < n_frames {
                    true => Error::truncated(what),
                    false => Error::corrupt(what),
                })
            }
        }
    }

    /// Refuses frames that are not within a picture of this size.
    pub(super) fn check(&self, width: u32, height: u32) -> Result<()> {
        let fits =
            |at: u32, n: u32, all: u32| n > 0 && at.checked_add(n).is_some_and(|end| end <= all);
        let frames = self.frames.iter();
        match frames
            .clone()
            .position(|f| !fits(f.x, f.width, width) || !fits(f.y, f.height, height))
        {
            Some(bad) => {
                Err(Error::corrupt("png: a frame outside of the picture").on_page(bad as u64))
            }
            None => Ok(()),
        }
    }
}

/// What is in the chunk at `at`, which has so many bytes and is under a checksum.
fn checked<const N: usize>(
    store: &dyn ReadAt,
    at: u64,
    n_bytes: u64,
    head: &[u8; 8],
) -> Result<[u8; N]> {
    if n_bytes != N as u64 {
        let what = format!("png: {} in a chunk that has {N}", counted(n_bytes, "byte"));
        return Err(Error::corrupt(what).at(at));
    }
    let (mut body, mut crc) = ([0; N], [0; 4]);
    let parts = &mut [
        Part::new(at + 8, &mut body),
        Part::new(at + 8 + n_bytes, &mut crc),
    ];
    let end = at + 12 + n_bytes;
    if end > store.len() {
        return Err(Error::truncated("png: the file ends within a chunk").at(store.len()));
    }
    store.read_many(parts)?;
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&head[4..]);
    hasher.update(&body);
    match hasher.finalize() == u32::from_be_bytes(crc) {
        true => Ok(body),
        false => Err(Error::checksum("png: the checksum of what is said of a frame").at(at)),
    }
}

/// A number of a file, whose highest byte is first.
fn number(bytes: &[u8], at: usize) -> u32 {
    let bytes = bytes
        .get(at..at + 4)
        .and_then(|bytes| bytes.try_into().ok());
    u32::from_be_bytes(bytes.unwrap_or_default())
}

fn frame(body: &[u8; 26]) -> Frame {
    let short = |at: usize| u64::from(u16::from_be_bytes([body[at], body[at + 1]]));
    // As the specification has it, 0 stands for 100.
    let denominator = if short(22) == 0 { 100 } else { short(22) };
    Frame {
        width: number(body, 4),
        height: number(body, 8),
        x: number(body, 12),
        y: number(body, 16),
        delay_ms: ((1000 * short(20) + denominator / 2) / denominator) as u32,
        disposal: body[24],
        is_over: body[25] == 1,
    }
}

/// A picture onto which frames are laid, one after another.
pub(super) struct Canvas {
    pixels: Vec<u8>,
    width: usize,
    pixel_bytes: usize,
    sample_bytes: usize,
    has_alpha: bool,
}

impl Canvas {
    pub(super) fn new(geometry: Geometry) -> Self {
        let [width, height, channels, sample_bytes] = [
            geometry.width,
            geometry.height,
            geometry.channels,
            geometry.sample_bytes,
        ]
        .map(|n| n as usize);
        let pixel_bytes = channels * sample_bytes;
        Self {
            pixels: vec![0; width * height * pixel_bytes],
            width,
            pixel_bytes,
            sample_bytes,
            has_alpha: channels.is_multiple_of(2),
        }
    }

    /// Lays a frame on, hands the picture to `take`, and leaves behind what the frame says.
    pub(super) fn show(
        &mut self,
        frame: &Frame,
        part: &[u8],
        take: impl FnOnce(&[u8]) -> Result<()>,
    ) -> Result<()> {
        const TO_BACKGROUND: u8 = 1;
        const TO_PREVIOUS: u8 = 2;
        let before = (frame.disposal == TO_PREVIOUS).then(|| self.pixels.clone());
        let row_bytes = frame.width as usize * self.pixel_bytes;
        for (y, row) in part.chunks_exact(row_bytes).enumerate() {
            let (at, pixel_bytes, sample_bytes) =
                (self.at(frame, y), self.pixel_bytes, self.sample_bytes);
            let to = &mut self.pixels[at..at + row_bytes];
            if !frame.is_over || !self.has_alpha {
                to.copy_from_slice(row);
                continue;
            }
            let pixels = to
                .chunks_exact_mut(pixel_bytes)
                .zip(row.chunks_exact(pixel_bytes));
            pixels.for_each(|(under, over)| lay_over(under, over, sample_bytes));
        }
        take(&self.pixels)?;
        if let Some(before) = before {
            self.pixels = before;
        } else if frame.disposal == TO_BACKGROUND {
            for y in 0..frame.height as usize {
                let at = self.at(frame, y);
                self.pixels[at..at + row_bytes].fill(0);
            }
        }
        Ok(())
    }

    fn at(&self, frame: &Frame, y: usize) -> usize {
        ((frame.y as usize + y) * self.width + frame.x as usize) * self.pixel_bytes
    }
}

/// Lays a pixel over another by its alpha, its last sample.
fn lay_over(under: &mut [u8], over: &[u8], sample_bytes: usize) {
    let sample = |bytes: &[u8]| {
        bytes
            .iter()
            .fold(0_u64, |sum, &byte| sum << 8 | u64::from(byte))
    };
    let full = (1_u64 << (8 * sample_bytes)) - 1;
    let colours = over.len() - sample_bytes;
    let (alpha, alpha_under) = (sample(&over[colours..]), sample(&under[colours..]));
    let rest = alpha_under * (full - alpha);
    let total = alpha * full + rest;
    let put = |to: &mut [u8], value: u64| {
        let bytes = value.to_be_bytes();
        to.copy_from_slice(&bytes[bytes.len() - sample_bytes..]);
    };
    if total == 0 {
        under.fill(0);
        return;
    }
    let colours = under
        .chunks_exact_mut(sample_bytes)
        .zip(over.chunks_exact(sample_bytes));
    let n_colours = over.len() / sample_bytes - 1;
    for (to, from) in colours.take(n_colours) {
        let value = (sample(from) * alpha * full + sample(to) * rest + total / 2) / total;
        put(to, value);
    }
    let at = under.len() - sample_bytes;
    put(&mut under[at..], (total + full / 2) / full);
}
