//! The unsigned integers that every layer below `mode` works on.

use std::fmt::{Debug, Display};
use std::hash::Hash;

use bytemuck::Pod;
use half::f16;
use num_traits::{PrimInt, Unsigned, WrappingAdd, WrappingMul, WrappingSub};

use super::Number;
use super::sealed::Sealed;

/// An unsigned integer of 8 to 64 bits: what every layer below `mode` works on.
pub trait Latent:
    Sealed
    + PrimInt
    + Unsigned
    + WrappingAdd
    + WrappingSub
    + WrappingMul
    + Pod
    + Default
    + Debug
    + Display
    + Hash
    + Send
    + Sync
{
    /// Width in bits.
    const BITS: u32;
    /// Half of the range: zero of the deltas.
    const MID: Self;
    /// The float of this width; 8 bits have none, and stand for themselves.
    #[doc(hidden)]
    type Float: Number<Latent = Self>;

    /// What of a latent 32 bits do not hold: nothing for most, for 64 bits all of it.
    #[doc(hidden)]
    type Tail: Pod + Default + Debug + Send + Sync;
    /// The latent as 32 bits and a tail.
    #[doc(hidden)]
    fn to_parts(self) -> (u32, Self::Tail);
    /// The inverse of [`to_parts`](Self::to_parts).
    #[doc(hidden)]
    fn from_parts(low: u32, tail: Self::Tail) -> Self;

    /// The low bits of `x`.
    fn from_u64(x: u64) -> Self;
    /// Widens without change.
    fn to_u64(self) -> u64;

    /// Moves zero to the middle of the range and back (its own inverse): small signed values become values near `MID`.
    #[inline(always)]
    #[must_use]
    fn toggled(self) -> Self {
        self ^ Self::MID
    }
}

macro_rules! impl_latent {
    ($($t:ty, $float:ty, $tail:ty, $to_parts:expr, $from_parts:expr;)*) => { $(
        impl Latent for $t {
            type Float = $float;
            type Tail = $tail;
            #[inline(always)]
            fn to_parts(self) -> (u32, $tail) { ($to_parts)(self) }
            #[inline(always)]
            fn from_parts(low: u32, tail: $tail) -> Self { ($from_parts)(low, tail) }
            const BITS: u32 = <$t>::BITS;
            const MID: Self = 1 << (<$t>::BITS - 1);
            #[inline(always)]
            fn from_u64(x: u64) -> Self { x as $t }
            #[inline(always)]
            fn to_u64(self) -> u64 { self as u64 }
        }
    )* };
}
impl_latent! {
    u8, u8, (), |latent| (u32::from(latent), ()), |low, ()| low as u8;
    u16, f16, (), |latent| (u32::from(latent), ()), |low, ()| low as u16;
    u32, f32, (), |latent| (latent, ()), |low, ()| low;
    u64, f64, u64, |latent| (0, latent), |_, tail| tail;
}
