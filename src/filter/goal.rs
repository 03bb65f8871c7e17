//! What the choice of a filter favours, and what decoding costs in it.
//!
//! Reading an array takes the time in which its payload arrives and the time in which it is decoded. The first follows from a
//! size, the second from the table of [`price`]. No clock is read: the same rows lead to the same choice everywhere.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

/// Picoseconds in which a byte arrives from memory or a fast disk: 4 GB/s.
const ARRIVAL_PICOSECONDS: u64 = 250;

/// What the choice of a filter favours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Goal {
    /// The smallest payload, by however little.
    Size,
    /// A payload within 1 % of the smallest, in the filter that most readers know.
    #[default]
    Balanced,
    /// The shortest time to read the array from memory or a fast disk.
    Speed,
}

impl Goal {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Size, Self::Balanced, Self::Speed];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Balanced => "balanced",
            Self::Speed => "speed",
        }
    }

    /// The price of an array of `n_bytes` that is stored in `payload_bytes`, and each of whose bytes is decoded in
    /// `decode_picoseconds`: picoseconds of reading for [`Speed`](Self::Speed), otherwise the stored bytes.
    ///
    /// ```
    /// use paginum::filter::Goal;
    /// // The second takes a fourth more room, and is decoded five times as fast.
    /// let prices = |goal: Goal| [goal.price(1000, 4000, 500), goal.price(1250, 4000, 100)];
    /// assert_eq!(Goal::Size.best(prices(Goal::Size)), Some(0));
    /// assert_eq!(Goal::Speed.best(prices(Goal::Speed)), Some(1));
    /// ```
    #[must_use]
    pub fn price(self, payload_bytes: u64, n_bytes: u64, decode_picoseconds: u64) -> u64 {
        match self {
            Self::Size | Self::Balanced => payload_bytes,
            Self::Speed => payload_bytes
                .saturating_mul(ARRIVAL_PICOSECONDS)
                .saturating_add(n_bytes.saturating_mul(decode_picoseconds)),
        }
    }

    /// Which of some prices is taken: the first one that is as good as the lowest.
    #[must_use]
    pub fn best(self, prices: impl IntoIterator<Item = u64>) -> Option<usize> {
        let prices: Vec<u64> = prices.into_iter().collect();
        let lowest = *prices.iter().min()?;
        let as_good_percent = match self {
            Self::Size => 100,
            Self::Balanced | Self::Speed => 101,
        };
        let highest = lowest.saturating_mul(as_good_percent);
        prices
            .iter()
            .position(|price| price.saturating_mul(100) <= highest)
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Goal {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|goal| goal.name() == text);
        found.ok_or_else(|| {
            Error::invalid(format!(
                "no goal {text:?}; there are size, balanced and speed"
            ))
        })
    }
}

/// Picoseconds in which a byte of an array is decoded on one core, by the bytes of a word: 1, 2, 4, 8. Measured by
/// `cargo bench --bench filters -- prices`; docs/PERFORMANCE.md has the run.
pub(super) mod price {
    use crate::array::ArraySpec;

    /// Prices of a filter.
    #[derive(Clone, Copy, Debug)]
    pub(in crate::filter) struct Price(pub(in crate::filter) [u64; 4]);

    impl Price {
        /// That of an array. Words of other sizes cost what the next smaller ones do.
        pub(in crate::filter) fn of(self, spec: &ArraySpec) -> u64 {
            let width = spec.dtype().word_bytes().clamp(1, 8).ilog2();
            self.0[width as usize]
        }
    }

    /// A filter that says nothing of itself.
    pub(in crate::filter) const UNKNOWN: Price = Price([1000, 1000, 1000, 1000]);
    pub(in crate::filter) const NUMERIC: Price = Price([2400, 1200, 660, 480]);
    pub(in crate::filter) const DENSE: Price = Price([2300, 1160, 710, 540]);
    pub(in crate::filter) const FAST: Price = Price([160, 165, 130, 105]);
    #[cfg(feature = "zstd")]
    pub(in crate::filter) const NONE: Price = Price([1100, 1230, 1020, 1030]);
    #[cfg(feature = "zstd")]
    pub(in crate::filter) const SHUFFLE: Price = Price([1100, 350, 200, 180]);
    #[cfg(feature = "zstd")]
    pub(in crate::filter) const DELTA: Price = Price([2000, 2000, 1090, 840]);
    #[cfg(feature = "zstd")]
    pub(in crate::filter) const BYTE_DELTA: Price = Price([1500, 1630, 1630, 1630]);
    #[cfg(feature = "zstd")]
    pub(in crate::filter) const PALETTE: Price = Price([1600, 1780, 1780, 1780]);
    #[cfg(feature = "zstd")]
    pub(in crate::filter) const GRADIENT: Price = Price([1100, 1100, 1100, 1100]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back() {
        for goal in Goal::ALL {
            assert_eq!(goal.to_string().parse::<Goal>().unwrap(), goal);
        }
        assert!("small".parse::<Goal>().is_err());
    }

    #[test]
    fn a_hundredth_counts_for_size_alone() {
        let prices = [1010, 1000, 1011];
        assert_eq!(Goal::Size.best(prices), Some(1));
        assert_eq!(Goal::Balanced.best(prices), Some(0));
        assert_eq!(Goal::Balanced.best([1011, 1000]), Some(1));
        assert_eq!(Goal::Speed.best([]), None);
        assert_eq!(Goal::Speed.best([u64::MAX, u64::MAX]), Some(0));
    }
}
