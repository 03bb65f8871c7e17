//! Numbers as latents, by mode.

use super::choose::ModeChoice;
use super::{float_mult, float_quant, int_mult};
use crate::dtype::Number;
use crate::kernels::isa::{Isa, Kernel, Tier};
use crate::spare::Spare;

/// The first and the second latents of some numbers; no second ones where the mode has none, and the numbers' own
/// latents for a dictionary, which is made elsewhere.
pub(crate) fn split<T: Number>(
    isa: Isa,
    numbers: &[T],
    mode: ModeChoice<T>,
) -> (Spare<T::Latent>, Spare<T::Latent>) {
    isa.run(Split { numbers, mode })
}

struct Split<'a, T: Number> {
    numbers: &'a [T],
    mode: ModeChoice<T>,
}

impl<T: Number> Kernel for Split<'_, T> {
    type Output = (Spare<T::Latent>, Spare<T::Latent>);
    #[inline(always)]
    fn run<S: Tier>(self, _tier: S) -> Self::Output {
        let numbers = self.numbers;
        match self.mode {
            ModeChoice::Classic | ModeChoice::Dict => {
                let mut latents = Spare::new(numbers.len());
                for (latent, number) in latents.iter_mut().zip(numbers) {
                    *latent = number.to_latent();
                }
                (latents, Spare::new(0))
            }
            ModeChoice::IntMult(base) => int_mult::split(numbers, base),
            ModeChoice::FloatMult(base) => float_mult::split(numbers, base),
            ModeChoice::FloatQuant(k) => float_quant::split(numbers, k),
        }
    }
}
