//! Writing a `.png` as a container: frames come before what is said of them, so they are held until the file is committed.

use std::borrow::Cow;

use png::{BitDepth, ColorType, Encoder, EncodingError};

use super::format::INFO;
use crate::container::output::Output;
use crate::container::pictures::{Geometry, Given, Holder, PictureSink, Role, delays_of, words};
use crate::container::writer::{
    ArraySink, ContainerWriter, NewArray, WriteReport, check_is_closed,
};
use crate::error::{Error, Result};
use crate::storage::{Durability, Store};

/// The largest number of a `.png`.
const MAX_NUMBER: u32 = i32::MAX as u32;

/// A file that is being written.
pub(super) struct PngWriter {
    output: Output,
    geometry: Option<Geometry>,
    given: Given,
    frames: Vec<Vec<u8>>,
    delays: Option<Vec<u32>>,
    loop_count: u32,
    is_open: bool,
}

impl PngWriter {
    pub(super) fn new(store: &dyn Store) -> Result<Self> {
        Ok(Self {
            output: Output::new(store)?,
            geometry: None,
            given: Given::to(store),
            frames: Vec::new(),
            delays: None,
            loop_count: 0,
            is_open: false,
        })
    }
}

impl PngWriter {
    /// What a file of so many frames has no place for, in words.
    fn left_out(&self, n_frames: usize) -> Result<Vec<String>> {
        let mut notes = self.given.lost(&INFO)?;
        if let Some([delay]) = self.delays.as_deref()
            && n_frames == 1
            && *delay > 0
        {
            notes.push(format!(
                "a .png of one picture has no delay: {delay} ms are left out"
            ));
        }
        Ok(notes)
    }
}

/// How a file calls the samples of a pixel.
fn color(geometry: Geometry) -> Result<ColorType> {
    Ok(match geometry.channels {
        1 => ColorType::Grayscale,
        2 => ColorType::GrayscaleAlpha,
        3 => ColorType::Rgb,
        4 => ColorType::Rgba,
        n => {
            return Err(Error::unsupported(format!(
                "{n} channels in a .png: there are 1 to 4"
            )));
        }
    })
}

/// Milliseconds as a fraction of a second.
fn fraction(delay_ms: u32) -> Result<(u16, u16)> {
    if let Ok(delay) = u16::try_from(delay_ms) {
        return Ok((delay, 1000));
    }
    let seconds = delay_ms / 1000;
    match u16::try_from(seconds) {
        Ok(seconds) if delay_ms.is_multiple_of(1000) => Ok((seconds, 1)),
        _ => Err(Error::unsupported(format!(
            "a delay of {delay_ms} ms in a .png"
        ))),
    }
}

fn from_png(error: EncodingError) -> Error {
    match error {
        EncodingError::IoError(error) => error.into(),
        other => Error::unsupported(format!("png: {other}")),
    }
}

impl Holder for PngWriter {
    fn take(&mut self, role: Role, bytes: Cow<'_, [u8]>) -> Result<()> {
        match role {
            Role::Frames(_) => self.frames.push(bytes.into_owned()),
            Role::Delays => self.delays = Some(words(&bytes).collect()),
            Role::LoopCount => self.loop_count = words(&bytes).next().unwrap_or(0),
            Role::Blob(_) => {}
        }
        Ok(())
    }

    fn set_open(&mut self, is_open: bool) {
        self.is_open = is_open;
    }
}

impl ContainerWriter for PngWriter {
    fn begin(&mut self, array: NewArray<'_>) -> Result<Box<dyn ArraySink + '_>> {
        check_is_closed(self.is_open)?;
        let role = Role::of(&array, &[])?;
        if let Role::Frames(geometry) = role {
            color(geometry)?;
            if *self.geometry.get_or_insert(geometry) != geometry {
                return Err(Error::unsupported(
                    "frames of several sizes or types in a .png",
                ));
            }
        }
        self.given.add(&array, role)?;
        Ok(Box::new(PictureSink::new(self, role, &array)))
    }

    fn commit(mut self: Box<Self>) -> Result<WriteReport> {
        check_is_closed(self.is_open)?;
        let Some(geometry) = self.geometry else {
            return Err(Error::invalid("a .png file holds at least one picture"));
        };
        let n_frames = self.frames.len();
        let notes = self.left_out(n_frames)?;
        let delays = delays_of(self.delays.take(), n_frames, 100)?;
        let mut encoder = Encoder::new(&mut self.output, geometry.width, geometry.height);
        encoder.set_color(color(geometry)?);
        encoder.set_depth(if geometry.sample_bytes == 2 {
            BitDepth::Sixteen
        } else {
            BitDepth::Eight
        });
        if n_frames > 1 {
            if self.loop_count > MAX_NUMBER {
                let what = format!(
                    "a .png animation of {} rounds: {MAX_NUMBER} is the most",
                    self.loop_count
                );
                return Err(Error::unsupported(what));
            }
            encoder
                .set_animated(n_frames as u32, self.loop_count)
                .map_err(from_png)?;
        }
        let mut writer = encoder.write_header().map_err(from_png)?;
        for (frame, delay) in self.frames.iter().zip(delays) {
            if n_frames > 1 {
                let (numerator, denominator) = fraction(delay)?;
                writer
                    .set_frame_delay(numerator, denominator)
                    .map_err(from_png)?;
            }
            writer.write_image_data(frame).map_err(from_png)?;
        }
        writer.finish().map_err(from_png)?;
        Ok(self.output.commit(Durability::Synced)?.with_notes(notes))
    }
}
