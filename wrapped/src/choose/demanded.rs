//! The mode that a specification demands.

use crate::config::ModeSpec;
use crate::dtype::{Latent, Number};
use crate::error::{Error, Result};
use crate::mode::{ModeChoice, float_mult, int_mult};

/// The mode that a specification demands, `None` for `Auto`.
pub(super) fn demanded_mode<T: Number>(spec: ModeSpec) -> Result<Option<ModeChoice<T>>> {
    let number_type = T::NUMBER_TYPE;
    let is_float = T::MANTISSA_BITS.is_some();
    let is_for = |kind| Error::invalid(format!("mode {spec} is for {kind}, not for {number_type}"));
    match spec {
        ModeSpec::Auto => Ok(None),
        ModeSpec::Classic => Ok(Some(ModeChoice::Classic)),
        ModeSpec::TryDict => Ok(Some(ModeChoice::Dict)),
        ModeSpec::TryIntMult(base) if !is_float => match int_mult::base_from(base) {
            Some(base) => Ok(Some(ModeChoice::IntMult(base))),
            None => Err(Error::invalid(format!(
                "mode {spec}: a base of {number_type} is 1 to {}",
                u64::MAX >> (64 - T::Latent::BITS)
            ))),
        },
        ModeSpec::TryFloatMult(base) if is_float => match float_mult::base_from(base) {
            Some(base) => Ok(Some(ModeChoice::FloatMult(base))),
            None => Err(Error::invalid(format!(
                "mode {spec}: a base of {number_type} is finite and not 0"
            ))),
        },
        ModeSpec::TryFloatQuant(bits) => match T::MANTISSA_BITS {
            Some(n) if (1..=n).contains(&bits) => Ok(Some(ModeChoice::FloatQuant(bits))),
            Some(n) => Err(Error::invalid(format!(
                "mode {spec}: {number_type} takes 1 to {n} bits"
            ))),
            None => Err(is_for("floats")),
        },
        ModeSpec::TryIntMult(_) => Err(is_for("integers")),
        ModeSpec::TryFloatMult(_) => Err(is_for("floats")),
    }
}
