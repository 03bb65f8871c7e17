//! The frames of a file as the rows of an array.

use std::fmt::Debug;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use crate::array::ArraySpec;
use crate::error::{Error, Result};
use crate::filter::ArrayReader;

/// A frame that was decoded: 16-bit samples in big-endian order.
#[derive(Clone, Debug)]
pub(in crate::container) struct Decoded {
    pub(in crate::container) index: usize,
    bytes: Arc<Vec<u8>>,
    start: usize,
}

impl Decoded {
    /// Frame `index`, whose pixels are `bytes` from `start` on: moving them over what was before them would cost a pass.
    pub(in crate::container) fn new(index: usize, bytes: Vec<u8>, start: usize) -> Self {
        Self {
            index,
            bytes: Arc::new(bytes),
            start,
        }
    }

    pub(in crate::container) fn pixels(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }
}

/// What decodes the frames of a file.
pub(in crate::container) trait FrameSource: Debug + Send + Sync {
    /// Decodes frames and hands each to `take`, in order. `known` is a frame that was decoded before, which saves work where
    /// frames are differences. Returns the last one.
    ///
    /// # Errors
    /// `Corrupt` and the rest, for the file; those of `take`.
    fn decode(
        &self,
        frames: Range<usize>,
        known: Option<Decoded>,
        take: &mut dyn FnMut(usize, &[u8]) -> Result<()>,
    ) -> Result<Option<Decoded>>;

    /// Decodes one frame whole, 16-bit samples in little-endian order, right to where it is wanted. Returns false where that is no
    /// shorter way than [`decode`](Self::decode).
    ///
    /// # Errors
    /// `Corrupt` and the rest, for the file.
    fn decode_into(&self, _frame: usize, _out: &mut [u8]) -> Result<bool> {
        Ok(false)
    }

    /// Checks frames.
    ///
    /// # Errors
    /// Those of [`decode`](Self::decode).
    fn verify(&self, frames: Range<usize>) -> Result<()> {
        self.decode(frames, None, &mut |_, _| Ok(())).map(|_| ())
    }

    /// The bytes of the file that these frames need.
    fn ranges(&self, frames: Range<usize>) -> Vec<Range<u64>>;

    /// Whether every value of these frames is under a checksum.
    fn has_checksums(&self, frames: Range<usize>) -> bool;
}

/// Reads a run of frames as one array, or a single one row by row.
#[derive(Debug)]
pub(super) struct Frames {
    source: Arc<dyn FrameSource>,
    frames: Range<usize>,
    spec: ArraySpec,
    /// Whether a row is a row of pixels: the array is one picture.
    is_picture: bool,
    /// The last frame that was decoded: rows one after another, and differences, cost each frame once.
    last: Mutex<Option<Decoded>>,
}

impl Frames {
    pub(super) fn new(
        source: Arc<dyn FrameSource>,
        frames: Range<usize>,
        spec: ArraySpec,
        is_picture: bool,
    ) -> Self {
        Self {
            source,
            frames,
            spec,
            is_picture,
            last: Mutex::default(),
        }
    }

    fn wanted(&self, rows: &Range<u64>) -> Range<usize> {
        match self.is_picture {
            true => self.frames.clone(),
            false => self.frames.start + rows.start as usize..self.frames.start + rows.end as usize,
        }
    }

    /// Copies rows of the picture that was decoded last.
    fn read_known(&self, known: &Decoded, rows: &Range<u64>, out: &mut [u8]) -> Result<()> {
        let row_bytes = self.spec.row_bytes();
        let part = (rows.start * row_bytes) as usize..(rows.end * row_bytes) as usize;
        let pixels = known.pixels().get(part);
        let pixels = pixels.ok_or_else(|| Error::corrupt("a frame of another size"))?;
        self.copy(pixels, out)
    }

    /// Copies samples, in the order of the array's dtype.
    fn copy(&self, pixels: &[u8], out: &mut [u8]) -> Result<()> {
        if pixels.len() != out.len() {
            return Err(Error::corrupt("a frame of another size"));
        }
        match self.spec.dtype().item_bytes() {
            2 => {
                let pairs = pixels.as_chunks::<2>().0.iter();
                for (to, &[high, low]) in out.as_chunks_mut::<2>().0.iter_mut().zip(pairs) {
                    *to = [low, high];
                }
            }
            _ => out.copy_from_slice(pixels),
        }
        Ok(())
    }
}

impl ArrayReader for Frames {
    fn spec(&self) -> &ArraySpec {
        &self.spec
    }

    fn ranges(&self, rows: Range<u64>) -> Vec<Range<u64>> {
        self.source.ranges(self.wanted(&rows))
    }

    fn held_bytes(&self) -> u64 {
        self.spec.bytes() / self.frames.len().max(1) as u64
    }

    fn read_rows_into(&self, rows: Range<u64>, out: &mut [u8]) -> Result<()> {
        self.spec.check_rows(&rows)?;
        if out.len() as u64 != (rows.end - rows.start) * self.spec.row_bytes() {
            return Err(Error::invalid("a buffer of another size than the rows"));
        }
        if rows.is_empty() {
            return Ok(());
        }
        let lock = || self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let known = lock().clone();
        let frames = self.wanted(&rows);
        if self.is_picture {
            // Who reads all at once hardly reads it again, and a copy to keep costs as much as some of the decoding.
            let is_whole = known.is_none() && out.len() as u64 == self.spec.bytes();
            if is_whole && self.source.decode_into(frames.start, out)? {
                return Ok(());
            }
            let known = match known {
                Some(known) => known,
                None => {
                    let decoded = self.source.decode(frames, None, &mut |_, _| Ok(()))?;
                    decoded.ok_or_else(|| Error::corrupt("no frame"))?
                }
            };
            self.read_known(&known, &rows, out)?;
            *lock() = Some(known);
            return Ok(());
        }
        let mut places = out.chunks_mut((self.spec.row_bytes() as usize).max(1));
        let last = self.source.decode(frames, known, &mut |_, pixels| {
            let place = places.next();
            self.copy(
                pixels,
                place.ok_or_else(|| Error::corrupt("too many frames"))?,
            )
        })?;
        *lock() = last;
        Ok(())
    }

    fn verify(&self) -> Result<()> {
        self.source.verify(self.frames.clone())
    }

    fn has_checksums(&self) -> Result<bool> {
        Ok(self.source.has_checksums(self.frames.clone()))
    }
}
