//! Files of pictures, whatever their format: what arrays such a file shows.
//!
//! A single picture is an array of shape (height, width), or (height, width, channels) where it has several, as readers of
//! image files in numpy give it. An animation is an array (frames, height, width, channels), whatever the channels, with two
//! arrays beside it: `delays`, the milliseconds that each frame is shown, and `loop_count`, how often they are shown (0: for
//! ever). Frames of another geometry than the ones before them start an array of their own. Bytes of another kind (audio,
//! metadata) are arrays of bytes.

mod file;
mod frames;
mod writing;

pub(super) use file::{PictureFile, Pictures};
pub(super) use frames::{Decoded, FrameSource};
pub(super) use writing::{Given, Holder, PictureSink, Role, delays_of, words};

use crate::array::ArraySpec;
use crate::error::{Error, Result};

/// The name of the array of milliseconds.
pub(crate) const DELAYS: &str = "delays";
/// The name of the array of how often an animation is shown.
pub(super) const LOOP_COUNT: &str = "loop_count";

/// The size of a picture and of its samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Geometry {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) channels: u32,
    /// 1 or 2.
    pub(super) sample_bytes: u32,
}

impl Geometry {
    /// Bytes of a picture; `None` if they do not fit.
    pub(super) fn bytes(self) -> Option<u64> {
        u64::from(self.width)
            .checked_mul(self.height.into())?
            .checked_mul(self.channels.into())?
            .checked_mul(self.sample_bytes.into())
    }

    /// The array of one picture, or of the frames of an animation.
    ///
    /// # Errors
    /// `Corrupt` for sizes that do not fit.
    pub(super) fn spec(self, n_frames: Option<u64>) -> Result<ArraySpec> {
        let dtype = if self.sample_bytes == 2 { "<u2" } else { "|u1" };
        let [height, width, channels] = [self.height, self.width, self.channels].map(u64::from);
        let shape = match (n_frames, channels) {
            (Some(n), _) => vec![n, height, width, channels],
            (None, 1) => vec![height, width],
            (None, _) => vec![height, width, channels],
        };
        ArraySpec::stored(dtype.parse()?, shape)
    }

    /// The geometry and the number of frames of an array that is to be written: the reverse of [`spec`](Self::spec).
    ///
    /// # Errors
    /// `Unsupported` for an array that is no picture.
    pub(super) fn of(spec: &ArraySpec) -> Result<(Self, u64)> {
        use crate::dtype::Kind;
        let dtype = spec.dtype();
        let sample_bytes = match (dtype.kind(), dtype.item_bytes()) {
            (Kind::UInt, bytes @ 1..=2) => bytes as u32,
            _ => return Err(no_picture(spec)),
        };
        let (n_frames, axes) = match *spec.shape() {
            [height, width] => (1, [height, width, 1]),
            [height, width, channels] => (1, [height, width, channels]),
            [n_frames, height, width, channels] => (n_frames, [height, width, channels]),
            _ => return Err(no_picture(spec)),
        };
        if axes.contains(&0) || n_frames == 0 {
            return Err(Error::unsupported(format!(
                "{spec}: a picture without pixels"
            )));
        }
        let [height, width, channels] = axes.map(u32::try_from);
        let (Ok(height), Ok(width), Ok(channels)) = (height, width, channels) else {
            return Err(Error::unsupported(format!(
                "{spec}: a picture of that size"
            )));
        };
        let geometry = Self {
            width,
            height,
            channels,
            sample_bytes,
        };
        Ok((geometry, n_frames))
    }
}

fn no_picture(spec: &ArraySpec) -> Error {
    Error::unsupported(format!(
        "{spec}: pictures are arrays of u8 or u16 of shape (height, width), (height, width, channels) or \
         (frames, height, width, channels)"
    ))
}
