//! Numbers of an array as frames of pixels.

use super::colors::Colors;
use crate::array::{Array, ArraySpec};
use crate::cli::failure::Failure;
use crate::cli::number::Number;
use crate::dtype::Kind;
use crate::error::Result;

/// The most pixels across and down.
const MAX_PIXELS: usize = 4096;

/// Frames of numbers, rows from the top.
pub(super) struct Raster {
    pub(super) n_frames: Option<usize>,
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) values: Vec<f64>,
    step: usize,
}

/// The elements of an array as numbers: of complex ones the absolute value.
pub(super) fn numbers(array: &Array) -> std::result::Result<Vec<f64>, Failure> {
    let dtype = array.spec().dtype();
    let is_bool = dtype.kind() == Kind::Bool;
    if !is_bool && !Number::is_of(dtype) {
        return Err(Failure::usage(format!(
            "elements of {dtype} are no numbers to draw"
        )));
    }
    let mut bytes = array.bytes().to_vec();
    if dtype.is_swapped() {
        let words = bytes.chunks_exact_mut(dtype.word_bytes() as usize);
        words.for_each(<[u8]>::reverse);
    }
    let value = |item: &[u8]| match Number::of(dtype, item) {
        Some(Number::Int(value)) => value as f64,
        Some(Number::Float(value)) => value,
        Some(Number::Complex(re, im)) => re.hypot(im),
        None => f64::from(item.first().copied().unwrap_or(0)),
    };
    Ok(bytes
        .chunks_exact(dtype.item_bytes() as usize)
        .map(value)
        .collect())
}

/// The least and the largest finite number; none where there are none.
fn bounds(values: &[f64]) -> Option<(f64, f64)> {
    let finite = values.iter().copied().filter(|value| value.is_finite());
    let least = finite.clone().reduce(f64::min)?;
    Some((least, finite.reduce(f64::max)?))
}

/// The least and the largest finite number in words.
pub(super) fn extremes(values: &[f64]) -> String {
    match bounds(values) {
        Some((least, most)) => format!("from {least} to {most}"),
        None => "no finite number".to_owned(),
    }
}

impl Raster {
    /// The frames of an array of two or three axes.
    pub(super) fn of(array: &Array) -> std::result::Result<Self, Failure> {
        let all = numbers(array)?;
        let shape: Vec<usize> = array.spec().shape().iter().map(|&n| n as usize).collect();
        let (n_frames, height, width) = match shape[..] {
            [n_frames, height, width] => (Some(n_frames), height, width),
            [height, width] => (None, height, width),
            _ => return Err(Failure::usage("an array of two or three axes is drawn")),
        };
        let step = height.max(width).div_ceil(MAX_PIXELS).max(1);
        let thin = |n: usize| n.div_ceil(step);
        let mut values = Vec::with_capacity(n_frames.unwrap_or(1) * thin(height) * thin(width));
        for frame in all.chunks_exact(height * width) {
            for row in frame.chunks_exact(width).step_by(step) {
                values.extend(row.iter().step_by(step));
            }
        }
        Ok(Self {
            n_frames,
            height: thin(height),
            width: thin(width),
            values,
            step,
        })
    }

    /// How many elements one pixel stands for along an axis, if these are several.
    pub(super) fn thinned(&self) -> Option<usize> {
        (self.step > 1).then_some(self.step)
    }

    /// What turns numbers into shares of the way from the least to the largest.
    pub(super) fn shares(&self) -> impl Fn(f64) -> f64 {
        let (least, most) = bounds(&self.values).unwrap_or((0.0, 0.0));
        // Halves: the whole way may be farther than a number can say.
        let way = most / 2.0 - least / 2.0;
        move |value| match value {
            _ if value.is_nan() => value,
            _ if way == 0.0 => 0.5,
            _ => (value / 2.0 - least / 2.0) / way,
        }
    }

    /// As colours.
    pub(super) fn painted(&self, colors: Colors) -> Result<Array> {
        let share = self.shares();
        let pixels: Vec<u8> = self
            .values
            .iter()
            .flat_map(|&value| colors.of(share(value)))
            .collect();
        let mut shape = vec![self.height as u64, self.width as u64, 4];
        shape.splice(0..0, self.n_frames.map(|n| n as u64));
        Array::from_bytes(ArraySpec::new("|u1".parse()?, shape)?, &pixels)
    }
}
