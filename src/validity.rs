//! One bit a row: which values are there (1) and which are null, or which rows are selected.
//!
//! The bytes are Arrow's: bit `i` of the mask is bit `i % 8` of byte `i / 8`, lowest first; bits past the end are 0.

use std::ops::Range;

use bitvec::order::Lsb0;
use bitvec::slice::BitSlice;
use bitvec::vec::BitVec;

use crate::error::{Error, Result};
use crate::text::counted;

/// A mask over rows.
///
/// ```
/// use paginum::Validity;
/// let mut mask = Validity::repeat(true, 5);
/// mask.set(3, false);
/// assert_eq!((mask.is_valid(2), mask.is_valid(3)), (true, false));
/// assert_eq!(mask.count_valid(0..5), 4);
/// assert_eq!(mask.valid_runs(0..5).collect::<Vec<_>>(), [0..3, 4..5]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validity {
    bits: BitVec<u8, Lsb0>,
}

impl Validity {
    /// `n` rows that are all valid, or all null.
    #[must_use]
    pub fn repeat(valid: bool, n: usize) -> Self {
        let mut validity = Self {
            bits: BitVec::repeat(valid, n),
        };
        validity.bits.set_uninitialized(false);
        validity
    }

    /// Reads the first `n` bits of Arrow's bytes.
    ///
    /// # Errors
    /// `Truncated` if there are fewer bits.
    pub fn from_bytes(bytes: &[u8], n: usize) -> Result<Self> {
        let used = bytes
            .get(..n.div_ceil(8))
            .ok_or_else(|| Error::truncated(format!("mask of {}", counted(n as u64, "row"))))?;
        let mut bits = BitVec::from_slice(used);
        bits.truncate(n);
        bits.set_uninitialized(false);
        Ok(Self { bits })
    }

    /// Rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bits.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bits.is_empty()
    }

    /// Arrow's bytes: `len().div_ceil(8)` of them.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bits.as_raw_slice()
    }

    /// Whether row `i` is valid; rows past the end are not.
    #[must_use]
    pub fn is_valid(&self, i: usize) -> bool {
        self.bits.get(i).is_some_and(|bit| *bit)
    }

    /// Marks row `i`.
    ///
    /// # Panics
    /// If there is no row `i`.
    pub fn set(&mut self, i: usize, valid: bool) {
        self.bits.set(i, valid);
    }

    /// The mask of some rows, which are cut at the end.
    ///
    /// ```
    /// use paginum::Validity;
    /// let mut mask: Validity = [true, false, true].into_iter().collect();
    /// let part = mask.slice(1..3);
    /// assert_eq!((part.len(), part.is_valid(0), part.is_valid(1)), (2, false, true));
    /// mask.append(&part);
    /// assert_eq!((mask.len(), mask.count_valid(0..5)), (5, 3));
    /// ```
    #[must_use]
    pub fn slice(&self, rows: Range<usize>) -> Self {
        let mut slice = Self::default();
        slice.bits.extend_from_bitslice(self.part(rows));
        slice.bits.set_uninitialized(false);
        slice
    }

    /// Adds the rows of another mask.
    pub fn append(&mut self, other: &Self) {
        self.bits.extend_from_bitslice(&other.bits);
        self.bits.set_uninitialized(false);
    }

    /// Adds a row.
    pub fn push(&mut self, valid: bool) {
        self.bits.push(valid);
    }

    /// Valid rows among `rows`, which are cut at the end.
    #[must_use]
    pub fn count_valid(&self, rows: Range<usize>) -> usize {
        self.part(rows).count_ones()
    }

    /// Whether any of `rows` is valid.
    #[must_use]
    pub fn any_valid(&self, rows: Range<usize>) -> bool {
        self.part(rows).any()
    }

    /// The runs of valid rows among `rows`, in order.
    pub fn valid_runs(
        &self,
        rows: Range<usize>,
    ) -> impl Iterator<Item = Range<usize>> + Clone + '_ {
        let end = rows.end.min(self.len());
        let mut at = rows.start.min(end);
        std::iter::from_fn(move || {
            let start = at + self.bits[at..end].first_one()?;
            let length = self.bits[start..end].first_zero();
            at = length.map_or(end, |length| start + length);
            Some(start..at)
        })
    }

    fn part(&self, rows: Range<usize>) -> &BitSlice<u8, Lsb0> {
        let end = rows.end.min(self.len());
        &self.bits[rows.start.min(end)..end]
    }
}

impl FromIterator<bool> for Validity {
    fn from_iter<I: IntoIterator<Item = bool>>(rows: I) -> Self {
        let mut validity = Self {
            bits: rows.into_iter().collect(),
        };
        validity.bits.set_uninitialized(false);
        validity
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_in_arrows_order() {
        let validity: Validity = (0..10).map(|i| i == 1 || i == 9).collect();
        assert_eq!(validity.as_bytes(), [0b10, 0b10]);
        assert_eq!(
            Validity::from_bytes(&[0b10, 0b1111_1110], 10).unwrap(),
            validity
        );
        assert_eq!(Validity::repeat(true, 3).as_bytes(), [0b111]);
        assert!(Validity::from_bytes(&[0], 9).is_err());
    }

    #[test]
    fn runs_cover_the_valid_rows_and_no_others() {
        let validity: Validity = [1, 1, 0, 1, 0, 0, 1, 1, 1]
            .map(|bit| bit == 1)
            .into_iter()
            .collect();
        let runs: Vec<_> = validity.valid_runs(1..8).collect();
        assert_eq!(runs, [1..2, 3..4, 6..8]);
        assert_eq!(validity.count_valid(1..100), 5);
        assert!(!validity.any_valid(4..6));
        assert_eq!(validity.valid_runs(9..20).count(), 0);
    }
}
