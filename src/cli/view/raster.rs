//! Numbers of an array as frames of pixels, slice by slice: no more of it is held at a time.

use super::colors::Colors;
use crate::array::{Array, ArraySpec, AxisRange, Selection};
use crate::cli::failure::Failure;
use crate::cli::number::Number;
use crate::container::{ArrayHandle, ArraySink};
use crate::dtype::{DType, Kind};
use crate::error::Result;

/// The most pixels across and down.
const MAX_PIXELS: u64 = 4096;

/// Numbers that a slice of a table has at most, unless a row has more.
const SLICE_NUMBERS: u64 = 1 << 18;

/// What is drawn of an array: frames of numbers, rows from the top, of which every so many elements across and down.
pub(super) struct Raster<'a> {
    array: &'a ArrayHandle,
    slices: Vec<Selection>,
    n_frames: Option<u64>,
    pub(super) height: usize,
    pub(super) width: usize,
    step: u64,
    bounds: Option<(f64, f64)>,
    has_gaps: bool,
}

/// Refuses elements that are no numbers.
pub(super) fn check_draws(dtype: DType) -> std::result::Result<(), Failure> {
    match dtype.kind() == Kind::Bool || Number::is_of(dtype) {
        true => Ok(()),
        false => Err(Failure::usage(format!(
            "elements of {dtype} are no numbers to draw"
        ))),
    }
}

/// Elements, one behind the other, as numbers: of complex ones the absolute value.
pub(super) fn numbers(dtype: DType, bytes: &[u8]) -> impl Iterator<Item = f64> {
    /// No number is longer.
    const MAX_BYTES: usize = 16;
    let (item_bytes, word_bytes) = (dtype.item_bytes() as usize, dtype.word_bytes() as usize);
    bytes.chunks_exact(item_bytes).map(move |stored| {
        let mut item = [0; MAX_BYTES];
        let Some(item) = item.get_mut(..stored.len()) else {
            return f64::NAN;
        };
        item.copy_from_slice(stored);
        if dtype.is_swapped() {
            let words = item.chunks_exact_mut(word_bytes);
            words.for_each(<[u8]>::reverse);
        }
        match Number::of(dtype, item) {
            Some(Number::Int(value)) => value as f64,
            Some(Number::Float(value)) => value,
            Some(Number::Complex(re, im)) => re.hypot(im),
            None => f64::from(item.first().copied().unwrap_or(0)),
        }
    })
}

/// The least and the largest finite number in words.
pub(super) fn extremes(bounds: Option<(f64, f64)>) -> String {
    match bounds {
        Some((least, most)) => format!("from {least} to {most}"),
        None => "no finite number".to_owned(),
    }
}

impl<'a> Raster<'a> {
    /// The frames of an array of two or three axes, whose numbers are gone through once.
    pub(super) fn of(
        array: &'a ArrayHandle,
        spec: &ArraySpec,
    ) -> std::result::Result<Self, Failure> {
        check_draws(spec.dtype())?;
        let (n_frames, height, width) = match *spec.shape() {
            [n_frames, height, width] => (Some(n_frames), height, width),
            [height, width] => (None, height, width),
            _ => return Err(Failure::usage("an array of two or three axes is drawn")),
        };
        let step = height.max(width).div_ceil(MAX_PIXELS).max(1);
        let slices = slices(n_frames, height, width, step);
        Self::of_slices(array, slices, n_frames, (height, width), step)
    }

    /// The first channel of a picture of several, of an animation that of its first frame.
    pub(super) fn of_picture(
        array: &'a ArrayHandle,
        spec: &ArraySpec,
    ) -> std::result::Result<Self, Failure> {
        let (is_animation, height, width) = match *spec.shape() {
            [_, height, width, _] => (true, height, width),
            [height, width, _] => (false, height, width),
            _ => return Self::of(array, spec),
        };
        let step = height.max(width).div_ceil(MAX_PIXELS).max(1);
        let first = AxisRange::Index(0);
        let of_channel = |slice: Selection| {
            let frame = is_animation.then_some(first);
            let axes = frame.into_iter().chain(slice.axes().iter().copied());
            Selection::new(axes.chain([first]).collect::<Vec<_>>())
        };
        let slices = slices(None, height, width, step);
        let slices = slices.into_iter().map(of_channel).collect();
        Self::of_slices(array, slices, None, (height, width), step)
    }

    fn of_slices(
        array: &'a ArrayHandle,
        slices: Vec<Selection>,
        n_frames: Option<u64>,
        (height, width): (u64, u64),
        step: u64,
    ) -> std::result::Result<Self, Failure> {
        let mut raster = Self {
            array,
            slices,
            n_frames,
            height: height.div_ceil(step) as usize,
            width: width.div_ceil(step) as usize,
            step,
            bounds: None,
            has_gaps: false,
        };
        let (mut bounds, mut has_gaps) = (None, false);
        raster.each_slice(&mut |slice| {
            for value in numbers(slice.spec().dtype(), slice.bytes()) {
                has_gaps |= value.is_nan();
                if value.is_finite() {
                    let (least, most) = bounds.unwrap_or((value, value));
                    bounds = Some((f64::min(least, value), f64::max(most, value)));
                }
            }
            Ok(true)
        })?;
        (raster.bounds, raster.has_gaps) = (bounds, has_gaps);
        Ok(raster)
    }

    /// Hands each slice to `take`, in order, until that says that it has enough.
    fn each_slice(&self, take: &mut dyn FnMut(&Array) -> Result<bool>) -> Result<()> {
        for slice in &self.slices {
            if !take(&self.array.select(slice)?)? {
                break;
            }
        }
        Ok(())
    }

    /// Hands the numbers of the first frame to `take`, in order.
    pub(super) fn first_frame(&self, take: &mut dyn FnMut(f64)) -> Result<()> {
        let mut left = self.height * self.width;
        self.each_slice(&mut |slice| {
            for value in numbers(slice.spec().dtype(), slice.bytes()).take(left) {
                take(value);
                left -= 1;
            }
            Ok(left > 0)
        })
    }

    /// How many elements one pixel stands for along an axis, if these are several.
    pub(super) fn thinned(&self) -> Option<u64> {
        (self.step > 1).then_some(self.step)
    }

    /// The least and the largest finite number that is drawn.
    pub(super) fn bounds(&self) -> Option<(f64, f64)> {
        self.bounds
    }

    /// What turns numbers into shares of the way from the least to the largest.
    pub(super) fn shares(&self) -> impl Fn(f64) -> f64 + use<> {
        let (least, most) = self.bounds.unwrap_or((0.0, 0.0));
        // Halves: the whole way may be farther than a number can say.
        let way = most / 2.0 - least / 2.0;
        move |value| match value {
            _ if value.is_nan() => value,
            _ if way == 0.0 => 0.5,
            _ => (value / 2.0 - least / 2.0) / way,
        }
    }

    /// The channels of a pixel: alpha only where something is transparent, one where all are grey.
    fn channels(&self, colors: Colors) -> usize {
        match (self.has_gaps, colors) {
            (true, _) => 4,
            (false, Colors::Grey) => 1,
            (false, Colors::Viridis) => 3,
        }
    }

    /// The type and shape of the picture.
    pub(super) fn painted(&self, colors: Colors) -> Result<ArraySpec> {
        let mut shape = vec![self.height as u64, self.width as u64];
        shape.splice(0..0, self.n_frames);
        match self.channels(colors) {
            1 if self.n_frames.is_none() => {}
            channels => shape.push(channels as u64),
        }
        ArraySpec::new("|u1".parse()?, shape)
    }

    /// Pushes the pixels.
    pub(super) fn paint(&self, colors: Colors, sink: &mut dyn ArraySink) -> Result<()> {
        let (share, channels) = (self.shares(), self.channels(colors));
        let mut pixels = Vec::new();
        self.each_slice(&mut |slice| {
            pixels.clear();
            for value in numbers(slice.spec().dtype(), slice.bytes()) {
                pixels.extend_from_slice(&colors.of(share(value))[..channels]);
            }
            sink.push_rows(&pixels)?;
            Ok(true)
        })
    }
}

/// The parts of an array that are read at a time: of frames each one, since it is a row of the array, of a table some rows.
fn slices(n_frames: Option<u64>, height: u64, width: u64, step: u64) -> Vec<Selection> {
    let range = |start: u64, end: u64| AxisRange::Range {
        start,
        end: Some(end),
        step,
    };
    let across = range(0, width);
    if let Some(n_frames) = n_frames {
        let frame = |frame| Selection::new([AxisRange::Index(frame), range(0, height), across]);
        return (0..n_frames).map(frame).collect();
    }
    let rows = (SLICE_NUMBERS / width.div_ceil(step).max(1)).max(1);
    let starts = (0..height.div_ceil(step)).step_by(rows as usize);
    let slice = |start: u64| {
        let end = height.min((start + rows) * step);
        Selection::new([range(start * step, end), across])
    };
    starts.map(slice).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_cover_what_is_drawn_once() {
        for (height, width, step) in [(1, 1, 1), (10_000, 8192, 3), (4097, 70_000, 18)] {
            let spec = ArraySpec::new("|u1".parse().unwrap(), [height, width]).unwrap();
            let rows = slices(None, height, width, step).into_iter().map(|slice| {
                let [rows, columns] = *slice.spec(&spec).unwrap().shape() else {
                    panic!("two axes");
                };
                assert!(rows == 1 || rows * columns <= SLICE_NUMBERS);
                assert_eq!(columns, width.div_ceil(step));
                rows
            });
            assert_eq!(rows.sum::<u64>(), height.div_ceil(step));
        }
        assert_eq!(slices(Some(7), 5, 4, 1).len(), 7);
    }
}
