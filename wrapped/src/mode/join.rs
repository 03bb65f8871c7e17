//! From latents to the bits of numbers.

use super::{Formula, NumberKind};
use crate::dtype::Latent;
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
#[derive(Clone, Copy, Debug)]
pub(crate) struct Values<L: Latent> {
    pub(crate) kind: NumberKind,
    pub(crate) formula: Formula<L>,
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
        self.formula.apply(self.kind, secondary, numbers);
        Ok(())
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
