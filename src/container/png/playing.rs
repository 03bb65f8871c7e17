//! An animation that is decoded frame by frame.

use std::fmt;

use super::animation::{Animation, Canvas};
use super::reader::{PngReader, from_png};
use crate::container::pictures::Geometry;
use crate::error::{Error, Result};

/// A decoder and what it has drawn so far: the size of two pictures, however many frames there are.
pub(super) struct Playing {
    reader: PngReader,
    canvas: Canvas,
    /// A frame before it is drawn.
    part: Vec<u8>,
    next: usize,
}

impl Playing {
    /// Starts before the first frame. `part` is as large as a picture.
    ///
    /// # Errors
    /// Those of decoding the picture that is no frame, if there is one.
    pub(super) fn start(
        mut reader: PngReader,
        mut part: Vec<u8>,
        animation: &Animation,
        geometry: Geometry,
    ) -> Result<Self> {
        if animation.has_other_picture {
            reader.next_frame(&mut part).map_err(from_png)?;
        }
        Ok(Self {
            reader,
            canvas: Canvas::new(geometry),
            part,
            next: 0,
        })
    }

    /// The frame that is shown next.
    pub(super) fn next(&self) -> usize {
        self.next
    }

    /// Decodes the next frame, and hands its number and the whole picture to `take`.
    ///
    /// # Errors
    /// `Corrupt` and the rest, for the file; those of `take`.
    pub(super) fn show(
        &mut self,
        animation: &Animation,
        take: impl FnOnce(usize, &[u8]) -> Result<()>,
    ) -> Result<()> {
        let index = self.next;
        let on_page = |error: Error| error.on_page(index as u64);
        let frame = animation.frames.get(index);
        let frame = frame.ok_or_else(|| on_page(Error::corrupt("png: no such frame")))?;
        let info = self.reader.next_frame(&mut self.part);
        let info = info.map_err(|error| on_page(from_png(error)))?;
        if (info.width, info.height) != (frame.width, frame.height) {
            return Err(on_page(Error::corrupt("png: a frame of another size")));
        }
        let part = &self.part[..info.buffer_size()];
        self.canvas
            .show(frame, part, |pixels| take(index, pixels))?;
        self.next += 1;
        Ok(())
    }
}

impl fmt::Debug for Playing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "before frame {}", self.next)
    }
}
