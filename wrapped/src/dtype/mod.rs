//! Number types and the unsigned integers ("latents") that the engine works on.
//!
//! Every number type has an order-preserving bijection onto a latent type of its width (format section 1.0): unsigned
//! integers are their own latents, signed ones flip the top bit, floats flip the top bit or, if negative, all bits.
//! So -NaN < -inf < ... < -0.0 < +0.0 < ... < +inf < NaN, bit-exact for every NaN payload.

mod floats;
mod integers;
mod latent;
mod number_type;

use std::fmt::{Debug, Display};

use bytemuck::Pod;

// The one import from the right: what is compiled here for each type is named by the type.
use crate::chunk::Compiled;

pub(crate) use floats::{bits_from_ordered, ordered_from_bits};
pub use latent::Latent;
pub use number_type::NumberType;

mod sealed {
    use half::f16;

    pub trait Sealed {}

    macro_rules! seal {
        ($($t:ty)*) => { $(impl Sealed for $t {})* };
    }
    seal! { u8 u16 u32 u64 i8 i16 i32 i64 f16 f32 f64 }
}

/// A storable number: an order-preserving bijection onto its latent type.
pub trait Number:
    sealed::Sealed
    + Compiled
    + Pod
    + Debug
    + Display
    + PartialEq
    + PartialOrd
    + Default
    + Send
    + Sync
    + 'static
{
    /// The unsigned integer of the same width.
    type Latent: Latent;
    /// The run-time name of the type.
    const NUMBER_TYPE: NumberType;
    /// `Some(explicit mantissa bits)` for floats, `None` for integers.
    const MANTISSA_BITS: Option<u32>;

    /// The latent, in the order of the numbers.
    fn to_latent(self) -> Self::Latent;
    /// The inverse of [`to_latent`](Self::to_latent).
    fn from_latent(latent: Self::Latent) -> Self;

    /// The latent of `int_float(latent) * base`, the base of float multiples (format section 1.7): one correctly
    /// rounded multiplication in the type, with NaNs kept by payload. Integers, which have no such mode, return `latent`.
    #[doc(hidden)]
    fn int_float_times(latent: Self::Latent, base: Self) -> Self::Latent;

    /// [`int_float_times`](Self::int_float_times) for latents that [`counts_exactly`](Self::counts_exactly), in which no
    /// case needs a branch: so that a loop of it is made of vector instructions.
    #[doc(hidden)]
    fn exact_int_times(latent: Self::Latent, base: Self) -> Self::Latent;

    /// Whether the latent stands for an integer that floats of the type hold exactly. Always for integers.
    #[doc(hidden)]
    fn counts_exactly(latent: Self::Latent) -> bool;

    /// Splits a float as FloatMult does (format section 1.7): the `int_float` latent of `self * inv_base` rounded half
    /// away from zero. Any answer is legal, since the secondary latent corrects it. Integers return zero.
    #[doc(hidden)]
    fn nearest_multiple(self, inv_base: Self) -> Self::Latent;

    /// The number as `f64`, rounded where it must be.
    fn to_f64(self) -> f64;
    /// The nearest number to `x`; integers saturate.
    fn from_f64(x: f64) -> Self;
}

#[cfg(test)]
mod tests {
    use half::f16;

    use super::*;

    fn order_is_kept<T: Number>(sorted: &[T]) {
        for pair in sorted.windows(2) {
            assert!(pair[0].to_latent() < pair[1].to_latent(), "{pair:?}");
        }
        for &x in sorted {
            let back = T::from_latent(x.to_latent());
            assert_eq!(bytemuck::bytes_of(&back), bytemuck::bytes_of(&x), "{x:?}");
        }
    }

    #[test]
    fn latents_keep_the_order_of_numbers() {
        order_is_kept(&[i8::MIN, -1, 0, 1, i8::MAX]);
        order_is_kept(&[u64::MIN, 1, u64::MAX]);
        order_is_kept(&[
            -f64::NAN,
            f64::NEG_INFINITY,
            f64::MIN,
            -1.0,
            -0.0,
            0.0,
            f64::MIN_POSITIVE,
            1.0,
            f64::INFINITY,
            f64::NAN,
        ]);
        order_is_kept(&[
            f16::NEG_INFINITY,
            f16::NEG_ONE,
            f16::NEG_ZERO,
            f16::ZERO,
            f16::ONE,
            f16::NAN,
        ]);
    }
}
