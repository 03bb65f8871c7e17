//! Modes: numbers as one or two latents (wire format section 1.7).
//!
//! The last layer that knows what kind of number it is about. Decoding works on the bits of numbers, as unsigned
//! integers of their width: types of one width share all code but the last step from latent to bits.

mod base_fit;
pub(crate) mod choose;
pub(crate) mod dict;
mod float_bases;
pub(crate) mod float_mult;
pub(crate) mod float_quant;
mod int_bases;
pub(crate) mod int_mult;
mod join;
mod kind;
mod repeats;
mod sample;
pub(crate) mod split;

pub(crate) use join::{Dictionary, Join, Split, Values};
pub(crate) use kind::NumberKind;

use crate::dtype::{Latent, Number};
use crate::error::{Error, Result};
use crate::model::Mode;

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

    /// Refuses a mode that the number type does not have, and parameters outside its range.
    pub(crate) fn check<T: Number<Latent = L>>(&self) -> Result<()> {
        let number_type = T::NUMBER_TYPE;
        match (self, T::MANTISSA_BITS) {
            (Self::Classic | Self::Dict { .. }, _) | (Self::IntMult { .. }, None) => Ok(()),
            (Self::FloatMult { base }, Some(_)) => {
                let base = T::from_latent(*base).to_f64();
                if base.is_finite() && base != 0.0 {
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
