//! Modes: numbers as one or two latents (wire format section 1.7).
//!
//! The last layer that knows what kind of number it is about. Decoding works on the bits of numbers, as unsigned
//! integers of their width: types of one width share all code but the last step from latent to bits.
//!
//! Each mode is a file of its own. This one asks which it is, and all others ask this one.

pub(crate) mod dict;
pub(crate) mod float_mult;
pub(crate) mod float_quant;
pub(crate) mod int_mult;
mod join;
mod kind;

pub(crate) use join::{Dictionary, Join, Values};
pub(crate) use kind::NumberKind;

use crate::dtype::{Latent, Number};
use crate::error::{Error, Result};
use crate::kernels::isa::{Isa, Kernel, Tier};
use crate::model::Mode;
use crate::spare::Spare;

impl<L> Mode<L> {
    /// Whether numbers have a second latent.
    #[must_use]
    pub fn has_secondary(&self) -> bool {
        matches!(
            self,
            Self::IntMult { .. } | Self::FloatMult { .. } | Self::FloatQuant { .. }
        )
    }
}

impl<L: Latent> Mode<L> {
    /// Indices into distinct values.
    pub(crate) fn dict(values: Vec<L>) -> Self {
        Self::Dict { values }
    }

    /// Width of primary latents.
    pub(crate) fn primary_bits(&self) -> u32 {
        match self {
            Self::Dict { .. } => u32::BITS,
            _ => L::BITS,
        }
    }

    /// Width of secondary latents, if numbers have them.
    pub(crate) fn secondary_bits(&self) -> Option<u32> {
        self.has_secondary().then_some(L::BITS)
    }

    /// Where numbers come from.
    pub(crate) fn origin(&self) -> Origin<'_, L> {
        Origin::Computed(match self {
            Self::Classic => Formula::Classic,
            Self::IntMult { base } => Formula::IntMult { base: *base },
            Self::FloatMult { base } => Formula::FloatMult {
                base: L::Float::from_latent(*base),
            },
            Self::FloatQuant { k } => Formula::FloatQuant { k: *k },
            Self::Dict { values } => return Origin::LookedUp(values),
        })
    }

    /// Refuses a mode that the number type does not have, and parameters outside its range.
    pub(crate) fn check<T: Number<Latent = L>>(&self) -> Result<()> {
        let number_type = T::NUMBER_TYPE;
        match (self, T::MANTISSA_BITS) {
            (Self::Classic | Self::Dict { .. }, _) | (Self::IntMult { .. }, None) => Ok(()),
            (Self::FloatMult { base }, Some(_)) => {
                let base = T::from_latent(*base);
                if float_mult::is_base(base) {
                    return Ok(());
                }
                Err(Error::corrupt(format!("FloatMult with a base of {base}")))
            }
            (Self::FloatQuant { k }, Some(mantissa_bits)) => {
                if (1..=mantissa_bits).contains(k) {
                    return Ok(());
                }
                Err(Error::corrupt(format!(
                    "FloatQuant of {k} bits in {number_type}"
                )))
            }
            _ => Err(Error::corrupt(format!(
                "a mode that {number_type} does not have"
            ))),
        }
    }
}

/// Where numbers come from.
pub(crate) enum Origin<'a, L: Latent> {
    Computed(Formula<L>),
    /// Out of these, by index, as ordered latents.
    LookedUp(&'a [L]),
}

/// How numbers are computed from latents of their own width.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Formula<L: Latent> {
    /// The number's own.
    #[default]
    Classic,
    /// A multiple of `base` and a remainder.
    IntMult { base: L },
    /// A multiple of `base` and units in the last place.
    FloatMult { base: L::Float },
    /// A float without its last `k` bits, and these.
    FloatQuant { k: u32 },
}

impl<L: Latent> Formula<L> {
    /// Turns primary latents, which stand in `numbers`, and secondary ones, if there are some, into bits.
    #[inline(always)]
    fn apply(self, kind: NumberKind, secondary: &[L], numbers: &mut [L]) {
        match self {
            Self::Classic => kind.finish(numbers, std::iter::repeat(()), |latent, ()| latent),
            Self::IntMult { base } => int_mult::join(kind, base, secondary, numbers),
            Self::FloatMult { base } => float_mult::join(kind, base, secondary, numbers),
            Self::FloatQuant { k } => float_quant::join(k, secondary, numbers),
        }
    }
}

/// A mode, with its dictionary not made yet.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum ModeChoice<T: Number> {
    #[default]
    Classic,
    IntMult(T::Latent),
    FloatMult(T),
    FloatQuant(u32),
    Dict,
}

impl<T: Number> ModeChoice<T> {
    /// The mode, unless it is to have a dictionary.
    pub(crate) fn without_dict(self) -> Option<Mode<T::Latent>> {
        match self {
            Self::Classic => Some(Mode::Classic),
            Self::IntMult(base) => Some(Mode::IntMult { base }),
            Self::FloatMult(base) => Some(Mode::FloatMult {
                base: base.to_latent(),
            }),
            Self::FloatQuant(k) => Some(Mode::FloatQuant { k }),
            Self::Dict => None,
        }
    }
}

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
