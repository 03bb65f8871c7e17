//! Number types and the unsigned integers ("latents") that the engine works on.
//!
//! Every number type has an order-preserving bijection onto a latent type of its width (format section 1.0): unsigned
//! integers are their own latents, signed ones flip the top bit, floats flip the top bit or, if negative, all bits.
//! So -NaN < -inf < ... < -0.0 < +0.0 < ... < +inf < NaN, bit-exact for every NaN payload.

use std::convert::identity;
use std::fmt::{Debug, Display};
use std::hash::Hash;

use bytemuck::Pod;
use half::f16;
// The one import from the right: what is compiled here for each type is named by the type.
use crate::chunk::Compiled;
use num_traits::{PrimInt, Unsigned, WrappingAdd, WrappingMul, WrappingSub};

mod sealed {
    pub trait Sealed {}
}

/// An unsigned integer of 8 to 64 bits: what every layer below `mode` works on.
pub trait Latent:
    sealed::Sealed
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
        impl sealed::Sealed for $t {}
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

/// The eleven number types of the wire format, with the bytes that name them in standalone files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
#[expect(missing_docs, reason = "each names its Rust type")]
pub enum NumberType {
    U32 = 1,
    U64 = 2,
    I32 = 3,
    I64 = 4,
    F32 = 5,
    F64 = 6,
    U16 = 7,
    I16 = 8,
    F16 = 9,
    U8 = 10,
    I8 = 11,
}

impl NumberType {
    /// All of them, by width within kind.
    pub const ALL: [Self; 11] = [
        Self::U8,
        Self::U16,
        Self::U32,
        Self::U64,
        Self::I8,
        Self::I16,
        Self::I32,
        Self::I64,
        Self::F16,
        Self::F32,
        Self::F64,
    ];

    /// The type that a standalone file names by `byte`.
    #[must_use]
    pub fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|t| *t as u8 == byte)
    }

    /// The Rust name of the type: `"f64"`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::U8 => "u8",
            Self::U16 => "u16",
            Self::U32 => "u32",
            Self::U64 => "u64",
            Self::I8 => "i8",
            Self::I16 => "i16",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::F16 => "f16",
            Self::F32 => "f32",
            Self::F64 => "f64",
        }
    }

    /// The type with this Rust name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.name() == name)
    }

    /// Width in bytes.
    #[must_use]
    pub fn size_bytes(self) -> usize {
        crate::with_number_type!(self, |T| size_of::<T>())
    }

    /// What of it is written on the mantissa side: `Some(mantissa bits)` for floats.
    #[must_use]
    pub fn mantissa_bits(self) -> Option<u32> {
        crate::with_number_type!(self, |T| <T as Number>::MANTISSA_BITS)
    }
}

impl Display for NumberType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
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

macro_rules! impl_int {
    ($($t:ty, $latent:ty, $name:ident, $flip:expr;)*) => { $(
        impl Number for $t {
            type Latent = $latent;
            const NUMBER_TYPE: NumberType = NumberType::$name;
            const MANTISSA_BITS: Option<u32> = None;
            #[inline(always)]
            fn to_latent(self) -> $latent { (self as $latent) ^ $flip }
            #[inline(always)]
            fn from_latent(latent: $latent) -> Self { (latent ^ $flip) as $t }
            #[inline(always)]
            fn int_float_times(latent: $latent, _base: Self) -> $latent { latent }
            #[inline(always)]
            fn exact_int_times(latent: $latent, _base: Self) -> $latent { latent }
            #[inline(always)]
            fn counts_exactly(_latent: $latent) -> bool { true }
            #[inline(always)]
            fn nearest_multiple(self, _inv_base: Self) -> $latent { 0 }
            fn to_f64(self) -> f64 { self as f64 }
            fn from_f64(x: f64) -> Self { x as $t }
        }
    )* };
}
mod signed_seal {
    impl super::sealed::Sealed for i8 {}
    impl super::sealed::Sealed for i16 {}
    impl super::sealed::Sealed for i32 {}
    impl super::sealed::Sealed for i64 {}
    impl super::sealed::Sealed for super::f16 {}
    impl super::sealed::Sealed for f32 {}
    impl super::sealed::Sealed for f64 {}
}
impl_int! {
    u8, u8, U8, 0;
    u16, u16, U16, 0;
    u32, u32, U32, 0;
    u64, u64, U64, 0;
    i8, u8, I8, <u8 as Latent>::MID;
    i16, u16, I16, <u16 as Latent>::MID;
    i32, u32, I32, <u32 as Latent>::MID;
    i64, u64, I64, <u64 as Latent>::MID;
}

/// The bits of a float's ordered latent and back, without branches.
#[inline(always)]
pub(crate) fn ordered_from_bits<L: Latent>(bits: L) -> L {
    if bits & L::MID != L::zero() {
        !bits
    } else {
        bits ^ L::MID
    }
}
#[inline(always)]
pub(crate) fn bits_from_ordered<L: Latent>(latent: L) -> L {
    if latent & L::MID != L::zero() {
        latent ^ L::MID
    } else {
        !latent
    }
}

macro_rules! impl_float {
    ($t:ty, $latent:ty, $signed:ty, $unsigned:ty, $name:ident, $mantissa:expr, $wide:ty, $to_wide:expr, $from_wide:expr, $from_f64:expr) => {
        impl Number for $t {
            type Latent = $latent;
            const NUMBER_TYPE: NumberType = NumberType::$name;
            const MANTISSA_BITS: Option<u32> = Some($mantissa);
            #[inline(always)]
            fn to_latent(self) -> $latent {
                ordered_from_bits(self.to_bits())
            }
            #[inline(always)]
            fn from_latent(latent: $latent) -> Self {
                <$t>::from_bits(bits_from_ordered(latent))
            }
            #[inline(always)]
            fn int_float_times(latent: $latent, base: Self) -> $latent {
                // Integers up to 2^(mantissa + 1) are exact; from there on latents count floats one by one.
                const GREATEST: $latent = 1 << ($mantissa + 1);
                const MID: $latent = <$latent as Latent>::MID;
                const QUIET: $latent = 1 << ($mantissa - 1);
                let negative = latent < MID;
                let magnitude = if negative {
                    MID - 1 - latent
                } else {
                    latent - MID
                };
                let sign = if negative { MID } else { 0 };
                let bits = if magnitude < GREATEST {
                    // Signed conversions are native instructions on every CPU, unsigned ones are not.
                    let exact = (magnitude as $signed) as $wide;
                    ($from_wide)(exact).to_bits()
                } else {
                    let greatest = ($from_wide)((GREATEST as $signed) as $wide);
                    greatest.to_bits().wrapping_add(magnitude - GREATEST)
                };
                let factor = <$t>::from_bits(bits | sign);
                if factor.is_nan() {
                    // Spelled out, because only some CPUs keep a NaN's sign and payload in a product.
                    return ordered_from_bits(factor.to_bits() | QUIET);
                }
                let product: $t = ($from_wide)(($to_wide)(factor) * ($to_wide)(base));
                ordered_from_bits(product.to_bits())
            }
            #[inline(always)]
            fn exact_int_times(latent: $latent, base: Self) -> $latent {
                const MID: $latent = <$latent as Latent>::MID;
                let negative = latent < MID;
                let magnitude = if negative {
                    MID - 1 - latent
                } else {
                    latent - MID
                };
                let sign = if negative { MID } else { 0 };
                let factor = <$t>::from_bits(
                    ($from_wide)((magnitude as $unsigned) as $wide).to_bits() | sign,
                );
                // An integer times a finite base is never NaN.
                let product: $t = ($from_wide)(($to_wide)(factor) * ($to_wide)(base));
                ordered_from_bits(product.to_bits())
            }
            #[inline(always)]
            fn counts_exactly(latent: $latent) -> bool {
                const MID: $latent = <$latent as Latent>::MID;
                let magnitude = if latent < MID {
                    MID - 1 - latent
                } else {
                    latent - MID
                };
                magnitude < 1 << ($mantissa + 1)
            }
            #[inline(always)]
            fn nearest_multiple(self, inv_base: Self) -> $latent {
                const GREATEST: $latent = 1 << ($mantissa + 1);
                const MID: $latent = <$latent as Latent>::MID;
                let multiple: $t = ($from_wide)((($to_wide)(self) * ($to_wide)(inv_base)).round());
                let bits = multiple.to_bits();
                let magnitude_bits = bits & !MID;
                let magnitude = <$t>::from_bits(magnitude_bits);
                let greatest = ($from_wide)((GREATEST as $signed) as $wide);
                let count = if magnitude < greatest {
                    ($to_wide)(magnitude) as $latent
                } else {
                    GREATEST.wrapping_add(magnitude_bits.wrapping_sub(greatest.to_bits()))
                };
                if bits & MID != 0 {
                    (MID - 1).wrapping_sub(count)
                } else {
                    MID.wrapping_add(count)
                }
            }
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
            fn from_f64(x: f64) -> Self {
                ($from_f64)(x)
            }
        }
    };
}
impl_float!(
    f16,
    u16,
    i16,
    i16,
    F16,
    10,
    f32,
    f32::from,
    f16::from_f32,
    f16::from_f64
);
impl_float!(
    f32,
    u32,
    i32,
    i32,
    F32,
    23,
    f32,
    identity::<f32>,
    identity::<f32>,
    |x| x as f32
);
impl_float!(
    f64,
    u64,
    i64,
    u64,
    F64,
    52,
    f64,
    identity::<f64>,
    identity::<f64>,
    identity::<f64>
);

/// Evaluates `$body` with `$T` naming the Rust type of `$number_type`.
///
/// The one list of all types; no wildcard arm, so a new [`NumberType`] does not compile until it is added here.
/// ```
/// use paginum_wrapped::{NumberType, with_number_type};
/// let bytes = with_number_type!(NumberType::F16, |T| size_of::<T>());
/// assert_eq!(bytes, 2);
/// ```
#[macro_export]
macro_rules! with_number_type {
    ($number_type:expr, |$T:ident| $body:expr) => {
        match $number_type {
            $crate::NumberType::U8 => {
                type $T = u8;
                $body
            }
            $crate::NumberType::U16 => {
                type $T = u16;
                $body
            }
            $crate::NumberType::U32 => {
                type $T = u32;
                $body
            }
            $crate::NumberType::U64 => {
                type $T = u64;
                $body
            }
            $crate::NumberType::I8 => {
                type $T = i8;
                $body
            }
            $crate::NumberType::I16 => {
                type $T = i16;
                $body
            }
            $crate::NumberType::I32 => {
                type $T = i32;
                $body
            }
            $crate::NumberType::I64 => {
                type $T = i64;
                $body
            }
            $crate::NumberType::F16 => {
                type $T = $crate::f16;
                $body
            }
            $crate::NumberType::F32 => {
                type $T = f32;
                $body
            }
            $crate::NumberType::F64 => {
                type $T = f64;
                $body
            }
        }
    };
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn int_floats_count_exactly_and_then_float_by_float() {
        let mid = <u64 as Latent>::MID;
        assert_eq!(f64::from_latent(f64::int_float_times(mid + 3, 0.5)), 1.5);
        assert_eq!(
            f64::from_latent(f64::int_float_times(mid - 1 - 3, 0.5)),
            -1.5
        );
        assert_eq!(f64::int_float_times(mid - 1, 2.0), (-0.0f64).to_latent());
        let greatest = 1u64 << 53;
        let next = f64::from_latent(f64::int_float_times(mid + greatest + 1, 1.0));
        assert_eq!(next, (greatest as f64).next_up());
        for x in [
            0.0,
            -0.0,
            1e300,
            -7.0,
            f64::INFINITY,
            9007199254740993.0,
            4503599627370497.5,
        ] {
            let latent = x.nearest_multiple(1.0);
            assert_eq!(
                f64::from_latent(f64::int_float_times(latent, 1.0)).to_bits(),
                x.round().to_bits()
            );
        }
    }

    #[test]
    fn number_types_have_unique_bytes_and_names() {
        for t in NumberType::ALL {
            assert_eq!(NumberType::from_byte(t as u8), Some(t));
            assert_eq!(NumberType::from_name(t.name()), Some(t));
        }
        assert_eq!(NumberType::from_byte(0), None);
        assert_eq!(NumberType::from_byte(12), None);
    }
}
