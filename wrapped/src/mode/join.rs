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

    /// Writes the bits of `dst.len()` numbers. `secondary` is as long where numbers have a second latent.
    ///
    /// # Errors
    /// `Corrupt` for latents that mean no number.
    fn join(
        &self,
        primary: &[Self::Primary],
        secondary: &[Self::Latent],
        dst: &mut [Self::Latent],
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

    #[inline(always)]
    fn join(&self, primary: &[L], secondary: &[L], dst: &mut [L]) -> Result<()> {
        let kind = self.kind;
        let pairs = primary.iter().zip(secondary);
        match self.split {
            Split::Classic => kind.write(dst, primary.iter().copied()),
            Split::IntMult { base } => {
                let sums =
                    pairs.map(|(multiple, rest)| multiple.wrapping_mul(&base).wrapping_add(rest));
                kind.write(dst, sums);
            }
            Split::FloatMult { base } => {
                // One loop to see that all is plain, and then one without branches: faster than one with them.
                let exact = primary
                    .iter()
                    .fold(true, |all, &m| all & L::Float::counts_exactly(m));
                if exact {
                    let nearest = |&multiple| L::Float::exact_int_times(multiple, base);
                    let sums = pairs.map(|(m, ulps)| nearest(m).wrapping_add(ulps).toggled());
                    kind.write(dst, sums);
                } else {
                    let nearest = |&multiple| L::Float::int_float_times(multiple, base);
                    let sums = pairs.map(|(m, ulps)| nearest(m).wrapping_add(ulps).toggled());
                    kind.write(dst, sums);
                }
            }
            Split::FloatQuant { k } => join_quantised(k, pairs, dst),
        }
        Ok(())
    }
}

/// The last `k` bits are those of the float itself, not of its ordered latent: so both signs share their statistics.
#[inline(always)]
fn join_quantised<'a, L: Latent>(
    k: u32,
    pairs: impl Iterator<Item = (&'a L, &'a L)>,
    dst: &mut [L],
) {
    // Positive floats are the upper half of the latents.
    let first_positive = L::MID >> k as usize;
    let low_mask = (L::one() << k as usize) - L::one();
    for (bits, (&high, &low)) in dst.iter_mut().zip(pairs) {
        let sign = if high < first_positive {
            !low_mask
        } else {
            L::MID
        };
        *bits = (high << k as usize) ^ low ^ sign;
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

    #[inline(always)]
    fn join(&self, primary: &[u32], _secondary: &[L], dst: &mut [L]) -> Result<()> {
        let largest = primary.iter().copied().max().unwrap_or(0);
        if largest as usize >= self.bits.len() {
            return Err(Error::corrupt(format!(
                "index {largest} into a dictionary of {}",
                self.bits.len()
            )));
        }
        for (bits, &index) in dst.iter_mut().zip(primary) {
            *bits = self.bits[index as usize];
        }
        Ok(())
    }
}
