//! What slow decoding and slow searches are charged.

use super::delta_choice::DeltaChoice;
use super::deltas::MAX_FEW;
use crate::config::{MAX_FAST_LEVEL, MAX_LEVEL};
use crate::dtype::Latent;

/// What slowness is charged, beside the bits of a number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Surcharge {
    /// A part of the bits.
    part: f64,
    /// And at most so many.
    most: f64,
}

impl Surcharge {
    const NOTHING: Self = Self {
        part: 0.0,
        most: 0.0,
    };

    /// Of a choice for `n` numbers: a lookback has to save enough to be worth its time, but for few numbers, which take none.
    pub(crate) fn of<L: Latent>(choice: DeltaChoice, level: u32, n: usize) -> Self {
        /// What decoding at half the speed has to save where size counts for more than speed, as a part of the bits.
        const PART: f64 = 0.04;
        /// The same at levels that are made for both: a search takes several times what all else of encoding does.
        const PART_OF_FAST: f64 = 0.3;
        /// The most that is charged there, in bits a number: what pco asks of lookbacks at any level.
        const MOST_OF_FAST: f64 = 2.0;
        if !choice.is_lookback() || level == MAX_LEVEL || n <= MAX_FEW {
            return Self::NOTHING;
        }
        if level <= MAX_FAST_LEVEL {
            return Self {
                part: PART_OF_FAST,
                most: MOST_OF_FAST,
            };
        }
        Self {
            part: PART,
            // An eighth of a narrow number.
            most: f64::from(L::BITS.min(12)) / 8.0,
        }
    }

    /// So many bits with the charge.
    pub(crate) fn on(self, bits: f64) -> f64 {
        bits + (bits * self.part).min(self.most)
    }

    /// The most bits that come to no more than `charged`.
    pub(crate) fn within(self, charged: f64) -> f64 {
        (charged / (1.0 + self.part)).max(charged - self.most)
    }
}
