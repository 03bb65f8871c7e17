//! Checks of what datasets are made of, before it is handed out.
//!
//! A viewer that indexes points by a connectivity of the file crashes, or worse, on one that lies. Array lengths are
//! compared with what the metadata states, ids with the number of things that they number, and offsets must ascend
//! from 0 to the length of the connectivity.

use super::names::{Association, Role};
use crate::array::ArraySpec;
use crate::dtype::Kind;
use crate::error::{Error, Result};
use std::ops::Range;

/// What must hold of an array; what is not known is not checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Expectation {
    /// The number of rows.
    pub(crate) rows: Option<u64>,
    /// The length of the second axis.
    pub(crate) columns: Option<u64>,
    /// Values are ids, from 0 to before this.
    pub(crate) ids_below: Option<u64>,
    /// Values ascend from 0 to this.
    pub(crate) offsets_to: Option<u64>,
    /// The number of rows is a multiple of this.
    pub(crate) row_multiple: Option<u64>,
}

impl Expectation {
    /// Whether values have to be looked at.
    pub(crate) fn is_about_values(&self) -> bool {
        self.ids_below.is_some() || self.offsets_to.is_some()
    }

    /// Checks type and shape.
    ///
    /// # Errors
    /// `Corrupt`.
    pub(crate) fn check_spec(&self, spec: &ArraySpec) -> Result<()> {
        let rows = spec.rows();
        if let Some(expected) = self.rows.filter(|expected| *expected != rows) {
            return Err(Error::corrupt(format!(
                "{rows} rows where the dataset states {expected}"
            )));
        }
        if self.columns.is_some() && self.columns != spec.shape().get(1).copied() {
            return Err(Error::corrupt(format!(
                "coordinates of shape {:?}",
                spec.shape()
            )));
        }
        if let Some(width) = self
            .row_multiple
            .filter(|width| !rows.is_multiple_of(*width) || *width == 0)
        {
            return Err(Error::corrupt(format!(
                "{rows} ids in cells of {width} each"
            )));
        }
        let is_integer = matches!(spec.dtype().kind(), Kind::Int | Kind::UInt);
        if self.is_about_values() && !(is_integer && spec.shape().len() == 1) {
            return Err(Error::corrupt(format!("ids of type and shape {spec}")));
        }
        Ok(())
    }

    /// Checks the values of `rows`.
    ///
    /// # Errors
    /// `Corrupt`, with the row.
    pub(crate) fn check_values(
        &self,
        spec: &ArraySpec,
        rows: Range<u64>,
        bytes: &[u8],
    ) -> Result<()> {
        let values = Integers { spec, bytes };
        if let Some(bound) = self.ids_below
            && let Some((i, id)) =
                values.find(|id| u64::try_from(id).is_err() || id as u64 >= bound)
        {
            let row = rows.start + i as u64;
            return Err(Error::corrupt(format!(
                "row {row} is the id {id}, of {bound} there are"
            )));
        }
        if let Some(total) = self.offsets_to {
            let total = i64::try_from(total).unwrap_or(i64::MAX);
            let mut previous = if rows.start == 0 { Some(0) } else { None };
            let bad = values.find(|offset| {
                let lowest = previous.replace(offset).unwrap_or(0);
                offset < lowest || offset > total
            });
            let is_first_bad = rows.start == 0 && values.first().is_some_and(|offset| offset != 0);
            let is_last_bad =
                rows.end == spec.rows() && values.last().is_some_and(|offset| offset != total);
            if bad.is_some() || is_first_bad || is_last_bad {
                let row = bad.map_or(if is_first_bad { 0 } else { rows.end - 1 }, |(i, _)| {
                    rows.start + i as u64
                });
                return Err(Error::corrupt(format!(
                    "row {row}: offsets do not ascend from 0 to {total}"
                )));
            }
        }
        Ok(())
    }
}

/// What a role alone says.
pub(crate) fn expectation(role: &Role, n_points: Option<u64>, n_cells: Option<u64>) -> Expectation {
    let mut expectation = Expectation::default();
    match role {
        Role::Points => (expectation.rows, expectation.columns) = (n_points, Some(3)),
        Role::CellTypes | Role::Data(Association::Cell, _) => expectation.rows = n_cells,
        Role::Data(Association::Point, _) => expectation.rows = n_points,
        _ => {}
    }
    expectation
}

/// Values of an integer array of any width and byte order.
struct Integers<'a> {
    spec: &'a ArraySpec,
    bytes: &'a [u8],
}

impl Integers<'_> {
    fn find(&self, is_bad: impl FnMut(i64) -> bool) -> Option<(usize, i64)> {
        let dtype = self.spec.dtype();
        let is_swapped = dtype.is_swapped();
        // The two widths that writers emit get loops of their own; `u64` beyond `i64` shows as negative, which no id is.
        match (dtype.item_bytes(), is_swapped, dtype.kind()) {
            (4, false, Kind::Int) => {
                self.find_by(|b: [u8; 4]| i64::from(i32::from_ne_bytes(b)), is_bad)
            }
            (8, false, _) => self.find_by(i64::from_ne_bytes, is_bad),
            (8, true, _) => self.find_by(|b: [u8; 8]| i64::from_ne_bytes(b).swap_bytes(), is_bad),
            (4, true, Kind::Int) => self.find_by(
                |b: [u8; 4]| i64::from(i32::from_ne_bytes(b).swap_bytes()),
                is_bad,
            ),
            (4, swapped, _) => self.find_by(
                |b: [u8; 4]| i64::from(swap_if(swapped, u32::from_ne_bytes(b), u32::swap_bytes)),
                is_bad,
            ),
            (2, swapped, Kind::Int) => self.find_by(
                |b: [u8; 2]| i64::from(swap_if(swapped, i16::from_ne_bytes(b), i16::swap_bytes)),
                is_bad,
            ),
            (2, swapped, _) => self.find_by(
                |b: [u8; 2]| i64::from(swap_if(swapped, u16::from_ne_bytes(b), u16::swap_bytes)),
                is_bad,
            ),
            (_, _, Kind::Int) => self.find_by(|b: [u8; 1]| i64::from(i8::from_ne_bytes(b)), is_bad),
            _ => self.find_by(|b: [u8; 1]| i64::from(b[0]), is_bad),
        }
    }

    fn find_by<const N: usize>(
        &self,
        to_i64: impl Fn([u8; N]) -> i64,
        mut is_bad: impl FnMut(i64) -> bool,
    ) -> Option<(usize, i64)> {
        let values = self
            .bytes
            .as_chunks::<N>()
            .0
            .iter()
            .map(|bytes| to_i64(*bytes));
        values.enumerate().find(|(_, value)| is_bad(*value))
    }

    fn first(&self) -> Option<i64> {
        self.find(|_| true).map(|(_, value)| value)
    }

    fn last(&self) -> Option<i64> {
        let item_bytes = self.spec.dtype().item_bytes() as usize;
        let start = self.bytes.len().checked_sub(item_bytes)?;
        Integers {
            spec: self.spec,
            bytes: &self.bytes[start..],
        }
        .first()
    }
}

fn swap_if<T>(is_swapped: bool, value: T, swap: fn(T) -> T) -> T {
    if is_swapped { swap(value) } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(values: &[i32]) -> (ArraySpec, Vec<u8>) {
        let spec = ArraySpec::new("<i4".parse().unwrap(), [values.len() as u64]).unwrap();
        (
            spec,
            values
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect(),
        )
    }

    #[test]
    fn ids_must_be_of_what_is_there() {
        let expectation = Expectation {
            ids_below: Some(3),
            ..Expectation::default()
        };
        for (ids, is_good) in [
            (&[0, 2, 1][..], true),
            (&[0, 3], false),
            (&[-1], false),
            (&[], true),
        ] {
            let (spec, bytes) = bytes(ids);
            let result = expectation.check_values(&spec, 0..ids.len() as u64, &bytes);
            assert_eq!(result.is_ok(), is_good, "{ids:?}");
        }
    }

    #[test]
    fn offsets_ascend_from_zero_to_the_end() {
        let expectation = Expectation {
            offsets_to: Some(6),
            ..Expectation::default()
        };
        let all = [
            (&[0, 3, 6][..], true),
            (&[0, 6, 6], true),
            (&[1, 3, 6], false),
            (&[0, 7, 6], false),
        ];
        for (offsets, is_good) in all
            .into_iter()
            .chain([(&[0, 3][..], false), (&[0, -1, 6], false)])
        {
            let (spec, bytes) = bytes(offsets);
            let result = expectation.check_values(&spec, 0..offsets.len() as u64, &bytes);
            assert_eq!(result.is_ok(), is_good, "{offsets:?}");
        }
        let (spec, bytes) = bytes(&[0, 3, 6]);
        assert!(expectation.check_values(&spec, 1..2, &bytes[4..8]).is_ok());
    }
}
