//! Which mode suits some numbers.

use super::int_mult;
use crate::config::{DeltaSpec, ModeSpec};
use crate::dtype::Number;
use crate::error::{Error, Result};

/// A mode whose dictionary, if it has one, is not made yet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum ChosenMode<T: Number> {
    Classic,
    IntMult(T::Latent),
    FloatMult(T),
    FloatQuant(u32),
    Dict,
}

/// The mode of a chunk.
///
/// # Errors
/// `InvalidArgument` for a specification that the number type cannot have.
pub(crate) fn choose_mode<T: Number>(
    _numbers: &[T],
    spec: ModeSpec,
    _delta_spec: DeltaSpec,
) -> Result<ChosenMode<T>> {
    let number_type = T::NUMBER_TYPE;
    let is_float = T::MANTISSA_BITS.is_some();
    match spec {
        ModeSpec::Classic | ModeSpec::Auto => Ok(ChosenMode::Classic),
        ModeSpec::TryDict => Ok(ChosenMode::Dict),
        ModeSpec::TryIntMult(base) if !is_float => int_mult::base_from(base)
            .map(ChosenMode::IntMult)
            .ok_or_else(|| Error::invalid(format!("IntMult of {number_type} by {base}"))),
        ModeSpec::TryFloatMult(base) if is_float => {
            let base_in_type = T::from_f64(base);
            if base_in_type.to_f64().is_finite() && base_in_type.to_f64() != 0.0 {
                return Ok(ChosenMode::FloatMult(base_in_type));
            }
            Err(Error::invalid(format!(
                "FloatMult of {number_type} by {base}"
            )))
        }
        ModeSpec::TryFloatQuant(k) if T::MANTISSA_BITS.is_some_and(|n| (1..=n).contains(&k)) => {
            Ok(ChosenMode::FloatQuant(k))
        }
        ModeSpec::TryIntMult(_) | ModeSpec::TryFloatMult(_) | ModeSpec::TryFloatQuant(_) => Err(
            Error::invalid(format!("{spec:?} is no mode of {number_type}")),
        ),
    }
}
