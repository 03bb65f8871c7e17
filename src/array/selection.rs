//! What of an array is wanted, axis by axis.
//!
//! A [`Selection`] is written without knowing the array; [`Selection::of`] holds it against a shape. What comes out of
//! that, [`Cuts`], is right: every index is there, and the result's sizes fit.

use std::fmt;
use std::ops::{Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};
use std::str::FromStr;

use super::spec::ArraySpec;
use crate::error::{Error, Result};

/// What of one axis is wanted: a range, every so many, or one index, which takes the axis out of the result.
///
/// ```
/// use paginum::{AxisRange, Step};
/// assert_eq!(AxisRange::from(2..5).to_string(), "2:5");
/// assert_eq!(AxisRange::from(..).to_string(), ":");
/// assert_eq!((1..).step(3).to_string(), "1::3");
/// assert_eq!(AxisRange::from(7).to_string(), "7");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AxisRange {
    /// One index; the result does not have the axis.
    Index(u64),
    /// Some indices of the axis, in their order.
    Range {
        /// The first one.
        start: u64,
        /// The one behind the last; `None` for all that there are.
        end: Option<u64>,
        /// The distance of two, at least 1.
        step: u64,
    },
}

impl AxisRange {
    /// The whole axis.
    pub const ALL: Self = Self::Range {
        start: 0,
        end: None,
        step: 1,
    };
}

impl From<u64> for AxisRange {
    fn from(index: u64) -> Self {
        Self::Index(index)
    }
}

impl From<RangeFull> for AxisRange {
    fn from(_: RangeFull) -> Self {
        Self::ALL
    }
}

impl From<Range<u64>> for AxisRange {
    fn from(range: Range<u64>) -> Self {
        Self::Range {
            start: range.start,
            end: Some(range.end),
            step: 1,
        }
    }
}

impl From<RangeFrom<u64>> for AxisRange {
    fn from(range: RangeFrom<u64>) -> Self {
        Self::Range {
            start: range.start,
            end: None,
            step: 1,
        }
    }
}

impl From<RangeTo<u64>> for AxisRange {
    fn from(range: RangeTo<u64>) -> Self {
        Self::from(0..range.end)
    }
}

impl From<RangeToInclusive<u64>> for AxisRange {
    fn from(range: RangeToInclusive<u64>) -> Self {
        Self::from(0..=range.end)
    }
}

impl From<RangeInclusive<u64>> for AxisRange {
    fn from(range: RangeInclusive<u64>) -> Self {
        // An axis has less than 2^63 indices, so that an end that was capped is one that no axis has.
        Self::from(*range.start()..range.end().saturating_add(1))
    }
}

/// Every so many of a range.
///
/// ```
/// use paginum::{ArraySpec, Selection, Step};
/// let array = ArraySpec::new("<f8".parse()?, [10])?;
/// // The indices 2, 5 and 8; of these, every second.
/// assert_eq!(Selection::from((2..10).step(3)).spec(&array)?.shape(), [3]);
/// assert_eq!((2..10).step(3).step(2), (2..10).step(6));
/// # Ok::<(), paginum::Error>(())
/// ```
pub trait Step: Into<AxisRange> {
    /// Every `step`-th index, the first one first. The steps within a stepped range are steps of steps. An index stays
    /// what it is.
    fn step(self, step: u64) -> AxisRange {
        match self.into() {
            AxisRange::Range {
                start,
                end,
                step: old,
            } => AxisRange::Range {
                start,
                end,
                step: old.saturating_mul(step),
            },
            index => index,
        }
    }
}

impl<T: Into<AxisRange>> Step for T {}

impl fmt::Display for AxisRange {
    /// As numpy spells it: `2:10:3`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (start, end, step) = match *self {
            Self::Index(index) => return write!(f, "{index}"),
            Self::Range { start, end, step } => (start, end, step),
        };
        if start > 0 {
            write!(f, "{start}")?;
        }
        f.write_str(":")?;
        if let Some(end) = end {
            write!(f, "{end}")?;
        }
        match step {
            1 => Ok(()),
            step => write!(f, ":{step}"),
        }
    }
}

/// What of an array is wanted. Axes that it does not name are wanted whole.
///
/// ```
/// use paginum::{Selection, Step};
/// // Of the rows 0 to 99, of every second index of the next axis, index 5 of the one behind that.
/// let selection = Selection::from((0..100, (..).step(2), 5));
/// assert_eq!(selection.to_string(), ":100, ::2, 5");
/// assert_eq!(Selection::from(0..100), Selection::new([(0..100).into()]));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Selection {
    axes: Vec<AxisRange>,
}

impl Selection {
    /// Of the first axes, in their order.
    #[must_use]
    pub fn new(axes: impl Into<Vec<AxisRange>>) -> Self {
        Self { axes: axes.into() }
    }

    /// What it wants of the first axes.
    #[must_use]
    pub fn axes(&self) -> &[AxisRange] {
        &self.axes
    }

    /// The type and shape of what it is of an array.
    ///
    /// ```
    /// use paginum::{ArraySpec, Selection, Step};
    /// let cube = ArraySpec::new("<f4".parse()?, [200, 9, 8])?;
    /// let selection = Selection::from((0..100, (..).step(2), 5));
    /// assert_eq!(selection.spec(&cube)?.shape(), [100, 5]);
    /// let error = Selection::from((.., 9)).spec(&cube).unwrap_err();
    /// assert_eq!(error.to_string(), "index 9 of axis 1, whose length is 9");
    /// # Ok::<(), paginum::Error>(())
    /// ```
    ///
    /// # Errors
    /// `InvalidArgument` for more axes than the array has, indices that an axis does not have, and a step of 0.
    pub fn spec(&self, array: &ArraySpec) -> Result<ArraySpec> {
        Ok(self.of(array)?.spec)
    }

    /// What it is of an array.
    pub(crate) fn of(&self, array: &ArraySpec) -> Result<Cuts> {
        let n_axes = array.shape().len();
        if self.axes.len() > n_axes {
            let asked = self.axes.len();
            return Err(Error::invalid(format!(
                "a selection of {asked} axes of an array of {n_axes}"
            )));
        }
        let asked = self.axes.iter().chain(std::iter::repeat(&AxisRange::ALL));
        let mut axes = Vec::with_capacity(n_axes);
        let mut shape = Vec::with_capacity(n_axes);
        let mut first_kept = None;
        for (axis, (asked, length)) in asked.zip(array.shape()).enumerate() {
            let cut = Cut::new(asked, axis, *length)?;
            if !matches!(asked, AxisRange::Index(_)) {
                shape.push(cut.n);
                first_kept.get_or_insert(axis);
            }
            axes.push(cut);
        }
        let spec = ArraySpec::new(array.dtype(), shape)?.with_order(array.order());
        Ok(Cuts {
            axes,
            first_kept,
            spec,
        })
    }
}

/// As numpy spells it, without what counts from the end: `0:100, ::2, 5`.
///
/// ```
/// use paginum::{Selection, Step};
/// let selection: Selection = "0:100, ::2, 5".parse()?;
/// assert_eq!(selection, Selection::from((0..100, (..).step(2), 5)));
/// # Ok::<(), paginum::Error>(())
/// ```
impl FromStr for Selection {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let axes = text.split(',').map(|axis| axis.trim().parse());
        Ok(Self {
            axes: axes.collect::<Result<_>>()?,
        })
    }
}

impl FromStr for AxisRange {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = |_| {
            Error::invalid(format!(
                "{text:?} of an axis: it takes an index, or START:END:STEP, each from 0 on and each optional"
            ))
        };
        let Some((start, rest)) = text.split_once(':') else {
            return Ok(Self::Index(text.parse().map_err(wrong)?));
        };
        let (end, step) = rest.split_once(':').unwrap_or((rest, ""));
        let number = |text: &str| match text.trim() {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(wrong),
        };
        Ok(Self::Range {
            start: number(start)?.unwrap_or(0),
            end: number(end)?,
            step: number(step)?.unwrap_or(1),
        })
    }
}

impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, axis) in self.axes.iter().enumerate() {
            let comma = if i > 0 { ", " } else { "" };
            write!(f, "{comma}{axis}")?;
        }
        Ok(())
    }
}

/// Of the rows alone.
impl<T: Into<AxisRange>> From<T> for Selection {
    fn from(rows: T) -> Self {
        Self::new([rows.into()])
    }
}

macro_rules! from_tuples {
    ($(($($axis:ident),+))*) => {$(
        impl<$($axis: Into<AxisRange>),+> From<($($axis,)+)> for Selection {
            fn from(axes: ($($axis,)+)) -> Self {
                #[allow(non_snake_case, reason = "each is named as its type is")]
                let ($($axis,)+) = axes;
                Self::new([$($axis.into()),+])
            }
        }
    )*};
}

from_tuples! {
    (A)
    (A, B)
    (A, B, C)
    (A, B, C, D)
    (A, B, C, D, E)
    (A, B, C, D, E, F)
}

/// A selection held against an array.
#[derive(Clone, Debug)]
pub(crate) struct Cuts {
    /// One for each axis of the array.
    pub(crate) axes: Vec<Cut>,
    /// The axis whose indices are the rows of the result, unless it is a scalar.
    first_kept: Option<usize>,
    /// Of the result.
    pub(crate) spec: ArraySpec,
}

impl Cuts {
    /// Those of some rows of the result.
    pub(crate) fn of_rows(&self, rows: &Range<u64>) -> Result<Self> {
        self.spec.check_rows(rows)?;
        let mut cuts = self.clone();
        if let Some(axis) = self.first_kept {
            let cut = &mut cuts.axes[axis];
            cut.start += rows.start * cut.step;
            cut.n = rows.end - rows.start;
            cuts.spec = self.spec.with_rows(cut.n)?;
        }
        Ok(cuts)
    }

    /// From the first row of the array that they need to behind the last.
    pub(crate) fn rows(&self) -> Range<u64> {
        match self.axes.first() {
            Some(_) if self.spec.elements() == 0 => 0..0,
            Some(rows) => rows.span(),
            None => 0..1,
        }
    }
}

/// Some indices of an axis, all of which there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    pub(crate) start: u64,
    pub(crate) step: u64,
    /// How many.
    pub(crate) n: u64,
    /// Of the axis.
    pub(crate) length: u64,
}

impl Cut {
    fn new(asked: &AxisRange, axis: usize, length: u64) -> Result<Self> {
        let of_axis = || format!("of axis {axis}, whose length is {length}");
        let (start, end, step) = match *asked {
            AxisRange::Index(index) if index < length => (index, index + 1, 1),
            AxisRange::Index(index) => {
                return Err(Error::invalid(format!("index {index} {}", of_axis())));
            }
            AxisRange::Range { start, end, step } => {
                (start, end.unwrap_or(length.max(start)), step)
            }
        };
        if step == 0 {
            return Err(Error::invalid(format!("a step of 0 {}", of_axis())));
        }
        if start > end || end > length {
            return Err(Error::invalid(format!("{start}..{end} {}", of_axis())));
        }
        Ok(Self {
            start,
            step,
            n: (end - start).div_ceil(step),
            length,
        })
    }

    /// Whether it is the whole axis.
    pub(crate) fn is_all(self) -> bool {
        self.n == self.length
    }

    /// From its first index to behind its last.
    pub(crate) fn span(self) -> Range<u64> {
        match self.n {
            0 => self.start..self.start,
            n => self.start..self.start + (n - 1) * self.step + 1,
        }
    }
}

#[cfg(test)]
mod tests;
