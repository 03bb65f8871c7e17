//! From latents to the bits of numbers.

use super::NumberKind;
use crate::dtype::{Latent, Number};
use crate::error::{Error, Result};

/// How a batch of latents becomes the bits of numbers.
pub(crate) trait Join: Send + Sync {
    /// What numbers are of the width of.
    type Latent: Latent;
    /// The primary latent variable.
    type Primary: Latent;

    /// Where primary latents wait that are not as wide as numbers.
    type Waiting: Default + Send;

    /// Where the primary latents of a batch are to be decoded: where its numbers will stand, if they are as wide.
    fn place<'a>(
        waiting: &'a mut Self::Waiting,
        numbers: &'a mut [Self::Latent],
    ) -> &'a mut [Self::Primary];

    /// Turns primary latents, from where [`place`](Self::place) put them, into the bits of `numbers`. `secondary` is as
    /// long where numbers have a second latent.
    ///
    /// # Errors
    /// `Corrupt` for latents that mean no number.
    fn join(
        &self,
        waiting: &Self::Waiting,
        secondary: &[Self::Latent],
        numbers: &mut [Self::Latent],
    ) -> Result<()>;
}

/// Numbers that are computed from latents of their own width.
#[derive(Clone, Debug)]
pub(crate) struct Values<L: Latent> {
    pub(crate) kind: NumberKind,
    pub(crate) split: Split<L>,
}

/// What the latents of a number are.
#[derive(Clone, Debug)]
pub(crate) enum Split<L: Latent> {
    /// The number's own.
    Classic,
    /// A multiple of `base` and a remainder.
    IntMult { base: L },
    /// A multiple of `base` and units in the last place.
    FloatMult { base: L::Float },
    /// A float without its last `k` bits, and these.
    FloatQuant { k: u32 },
}

impl<L: Latent> Join for Values<L> {
    type Latent = L;
    type Primary = L;
    type Waiting = ();

    #[inline(always)]
    fn place<'a>((): &'a mut (), numbers: &'a mut [L]) -> &'a mut [L] {
        numbers
    }

    #[inline(always)]
    fn join(&self, (): &(), secondary: &[L], numbers: &mut [L]) -> Result<()> {
        let kind = self.kind;
        let seconds = secondary.iter();
        match self.split {
            Split::Classic => kind.finish(numbers, std::iter::repeat(()), |latent, ()| latent),
            Split::IntMult { base } => kind.finish(numbers, seconds, |multiple, rest| {
                multiple.wrapping_mul(&base).wrapping_add(rest)
            }),
            Split::FloatMult { base } => {
                // One loop to see that all is plain, and then one without branches: faster than one with them.
                let exact = numbers
                    .iter()
                    .fold(true, |all, &m| all & L::Float::counts_exactly(m));
                if exact {
                    let nearest = |multiple| L::Float::exact_int_times(multiple, base);
                    let sum = |m, ulps| nearest(m).wrapping_add(ulps).toggled();
                    kind.finish(numbers, seconds, sum);
                } else {
                    let nearest = |multiple| L::Float::int_float_times(multiple, base);
                    let sum = |m, ulps| nearest(m).wrapping_add(ulps).toggled();
                    kind.finish(numbers, seconds, sum);
                }
            }
            Split::FloatQuant { k } => join_quantised(k, numbers, secondary),
        }
        Ok(())
    }
}

/// The last `k` bits are those of the float itself, not of its ordered latent: so both signs share their statistics.
#[inline(always)]
fn join_quantised<L: Latent>(k: u32, numbers: &mut [L], secondary: &[L]) {
    // Positive floats are the upper half of the latents.
    let first_positive = L::MID >> k as usize;
    let low_mask = (L::one() << k as usize) - L::one();
    for (number, &low) in numbers.iter_mut().zip(secondary) {
        let high = *number;
        let sign = if high < first_positive {
            !low_mask
        } else {
            L::MID
        };
        *number = (high << k as usize) ^ low ^ sign;
    }
}

/// Numbers that are looked up by index.
#[derive(Clone, Debug)]
pub(crate) struct Dictionary<L> {
    /// The bits of numbers, not their latents.
    pub(crate) bits: Vec<L>,
}

impl<L: Latent> Join for Dictionary<L> {
    type Latent = L;
    type Primary = u32;
    type Waiting = Vec<u32>;

    #[inline(always)]
    fn place<'a>(waiting: &'a mut Vec<u32>, numbers: &'a mut [L]) -> &'a mut [u32] {
        waiting.resize(numbers.len(), 0);
        waiting
    }

    #[inline(always)]
    fn join(&self, waiting: &Vec<u32>, _secondary: &[L], numbers: &mut [L]) -> Result<()> {
        let largest = waiting.iter().copied().max().unwrap_or(0);
        if largest as usize >= self.bits.len() {
            return Err(Error::corrupt(format!(
                "index {largest} into a dictionary of {}",
                self.bits.len()
            )));
        }
        for (bits, &index) in numbers.iter_mut().zip(waiting) {
            *bits = self.bits[index as usize];
        }
        Ok(())
    }
}
