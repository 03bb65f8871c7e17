//! What is seen of ids and offsets as they stream by: enough to tell whether they hold what is expected of them.

use std::ops::Range;

use crate::array::ArraySpec;
use crate::dtype::Kind;

/// The values of some rows that follow each other, as far as a check of ids or offsets asks about them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    rows: Range<u64>,
    ends: Option<Ends>,
    /// The first row that is lower than the one before it.
    pub(crate) descends_at: Option<u64>,
}

/// Values with the first of their rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ends {
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) lowest: (u64, i64),
    pub(crate) highest: (u64, i64),
}

impl Seen {
    /// Nothing so far, of an array that is looked at from `row` on.
    pub(crate) fn from_row(row: u64) -> Self {
        Self {
            rows: row..row,
            ..Self::default()
        }
    }

    /// The rows that were seen.
    pub(crate) fn rows(&self) -> Range<u64> {
        self.rows.clone()
    }

    /// What was seen in them; nothing of none.
    pub(crate) fn ends(&self) -> Option<&Ends> {
        self.ends.as_ref()
    }

    /// Looks at the rows behind those so far. Whatever is no list of integers shows nothing.
    pub(crate) fn push(&mut self, spec: &ArraySpec, bytes: &[u8]) {
        let is_integer = matches!(spec.dtype().kind(), Kind::Int | Kind::UInt);
        if !is_integer || spec.shape().len() != 1 {
            return;
        }
        let row_bytes = spec.row_bytes() as usize;
        // In pieces that stay in the nearest cache, for the second look at them.
        for piece in bytes.chunks(row_bytes * PIECE_ROWS) {
            let values = Integers { spec, bytes: piece };
            self.push_piece(&values, (piece.len() / row_bytes) as u64);
        }
    }

    fn push_piece(&mut self, values: &Integers<'_>, n: u64) {
        let start = self.rows.end;
        let (Some(first), Some(last)) = (values.first(), values.last()) else {
            return;
        };
        let (mut lowest, mut highest) = (first, first);
        let (mut previous, mut is_ascending) = (self.ends.map_or(first, |ends| ends.last), true);
        values.find(|value| {
            lowest = lowest.min(value);
            highest = highest.max(value);
            is_ascending &= value >= previous;
            previous = value;
            false
        });
        let row_of = |wanted: i64| {
            let found = values.find(|value| value == wanted);
            start + found.map_or(0, |(i, _)| i as u64)
        };
        if !is_ascending && self.descends_at.is_none() {
            let mut previous = self.ends.map_or(first, |ends| ends.last);
            let found = values.find(|value| value < std::mem::replace(&mut previous, value));
            self.descends_at = found.map(|(i, _)| start + i as u64);
        }
        let new = |old: Option<(u64, i64)>, value: i64, is_beyond: bool| match old {
            Some(old) if !is_beyond => old,
            _ => (row_of(value), value),
        };
        let old = self.ends;
        self.ends = Some(Ends {
            first: old.map_or(first, |old| old.first),
            last,
            lowest: new(
                old.map(|old| old.lowest),
                lowest,
                old.is_some_and(|old| lowest < old.lowest.1),
            ),
            highest: new(
                old.map(|old| old.highest),
                highest,
                old.is_some_and(|old| highest > old.highest.1),
            ),
        });
        self.rows.end += n;
    }
}

/// Rows that are looked at together.
const PIECE_ROWS: usize = 2048;

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

    fn seen(values: &[i32], pieces: usize) -> Seen {
        let spec = ArraySpec::new("<i4".parse().unwrap(), [values.len() as u64]).unwrap();
        let mut seen = Seen::from_row(0);
        for piece in values.chunks(pieces) {
            let bytes: Vec<u8> = piece.iter().flat_map(|value| value.to_le_bytes()).collect();
            seen.push(&spec, &bytes);
        }
        seen
    }

    #[test]
    fn portions_show_what_the_whole_does() {
        let mut values: Vec<i32> = (0..5000).map(|i| i % 1999 + 3).collect();
        values[4100] = -7;
        values[4200] = 1 << 30;
        values[4300] = 1 << 30;
        let whole = seen(&values, values.len());
        let ends = Ends {
            first: 3,
            last: values[4999].into(),
            lowest: (4100, -7),
            highest: (4200, 1 << 30),
        };
        assert_eq!(whole.ends(), Some(&ends));
        assert_eq!((whole.rows(), whole.descends_at), (0..5000, Some(1999)));
        for pieces in [1, 7, 1999, 2048, 4999] {
            assert_eq!(seen(&values, pieces), whole, "{pieces}");
        }
    }

    #[test]
    fn numbers_beyond_ids_show_as_negative() {
        for (dtype, bytes) in [
            ("<u8", &[0xFF; 8][..]),
            (">i2", &[0x80, 0]),
            ("|i1", &[0x80]),
        ] {
            let spec = ArraySpec::new(dtype.parse().unwrap(), [1]).unwrap();
            let mut seen = Seen::from_row(0);
            seen.push(&spec, bytes);
            assert!(seen.ends().unwrap().lowest.1 < 0, "{dtype}");
        }
        for dtype in ["<f8", "|V8"] {
            let spec = ArraySpec::new(dtype.parse().unwrap(), [1]).unwrap();
            let mut seen = Seen::from_row(0);
            seen.push(&spec, &[0; 8]);
            assert_eq!(seen.ends(), None, "{dtype}");
        }
    }
}
