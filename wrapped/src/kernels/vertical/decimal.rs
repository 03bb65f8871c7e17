//! Floats that were written as decimals, as whole numbers and a power of ten.
//!
//! `float = whole * 10^f * 10^-e`, in this order, with two roundings, which a writer checks bit by bit. Afroozeh, Kuffo
//! and Boncz, "ALP: adaptive lossless floating-point compression", 2023.

use crate::dtype::Latent;
use crate::kernels::isa::{Isa, Kernel, Tier};

/// The greatest exponent of decimals of 64 bits.
pub const MAX_EXPONENT_F64: u8 = 18;
/// The greatest exponent of decimals of 32 bits.
pub const MAX_EXPONENT_F32: u8 = 10;

/// Words that may hold the bits of decimals: of 32 and 64 bits.
pub trait Decimal: Latent {
    /// The greatest of the two exponents.
    const MAX_EXPONENT: u8;

    /// Turns signed whole numbers into the bits of the floats that they stand for: each times `10^f`, times `10^-e`.
    ///
    /// # Panics
    /// If `e` or `f` is more than [`MAX_EXPONENT`](Self::MAX_EXPONENT).
    fn from_whole(isa: Isa, words: &mut [Self], e: u8, f: u8);

    /// Writes the whole numbers of floats to `out`, and returns how many floats do not come back by
    /// [`from_whole`](Self::from_whole); what stands for them is any number. No NaN comes back, whatever the processor makes of
    /// the bits of one: 0 stands for it.
    ///
    /// # Panics
    /// As [`from_whole`](Self::from_whole), and if the lengths differ.
    fn to_whole(isa: Isa, words: &[Self], e: u8, f: u8, out: &mut [Self]) -> usize;
}

macro_rules! impl_decimal {
    ($word:ty, $float:ty, $max:expr, $count:ty, $to_float:expr, $to_whole:expr) => {
        impl Decimal for $word {
            const MAX_EXPONENT: u8 = $max;

            fn from_whole(isa: Isa, words: &mut [Self], e: u8, f: u8) {
                struct FromWhole<'a>(&'a mut [$word], $float, $float);
                impl Kernel for FromWhole<'_> {
                    type Output = ();
                    #[inline(always)]
                    fn run<S: Tier>(self, _: S) {
                        for word in self.0 {
                            *word = ($to_float(*word) * self.1 * self.2).to_bits();
                        }
                    }
                }
                let (up, down) = <$float>::powers(e, f);
                isa.call(FromWhole(words, up, down));
            }

            fn to_whole(isa: Isa, words: &[Self], e: u8, f: u8, out: &mut [Self]) -> usize {
                struct ToWhole<'a>(&'a [$word], &'a mut [$word], [$float; 4]);
                impl Kernel for ToWhole<'_> {
                    type Output = usize;
                    #[inline(always)]
                    fn run<S: Tier>(self, _: S) -> usize {
                        let [up, down, up_again, down_again] = self.2;
                        let mut n: $count = 0;
                        for (word, out) in self.0.iter().zip(self.1) {
                            let whole: $word = $to_whole(<$float>::from_bits(*word) * up * down);
                            *out = whole;
                            let again = ($to_float(whole) * up_again * down_again).to_bits();
                            n += <$count>::from(again != *word);
                        }
                        n as usize
                    }
                }
                assert_eq!(words.len(), out.len(), "floats and their whole numbers");
                let (up_again, down_again) = <$float>::powers(e, f);
                // The other way round: times 10^e, times 10^-f.
                let (up, down) = <$float>::powers(f, e);
                isa.call(ToWhole(words, out, [up, down, up_again, down_again]))
            }
        }
    };
}

/// `10^f` and `10^-e`.
trait Powers: Sized {
    fn powers(e: u8, f: u8) -> (Self, Self);
}

impl Powers for f64 {
    fn powers(e: u8, f: u8) -> (Self, Self) {
        (POWERS[usize::from(f)], INVERSE_POWERS[usize::from(e)])
    }
}

impl Powers for f32 {
    fn powers(e: u8, f: u8) -> (Self, Self) {
        assert!(e.max(f) <= MAX_EXPONENT_F32, "an exponent of {e} or {f}");
        (
            POWERS[usize::from(f)] as Self,
            INVERSE_POWERS[usize::from(e)] as Self,
        )
    }
}

const POWERS: [f64; 19] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18,
];
const INVERSE_POWERS: [f64; 19] = [
    1e-0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11, 1e-12, 1e-13, 1e-14,
    1e-15, 1e-16, 1e-17, 1e-18,
];

/// 3 * 2^51: an integer of up to 51 bits, added to its bits, makes the float that is the sum of both.
const MAGIC: f64 = 6_755_399_441_055_744.0;

// By way of the sum: there is no conversion of vectors of 64 bits before AVX-512. Whole numbers of more bits make some
// float, always the same one.
impl_decimal!(
    u64,
    f64,
    MAX_EXPONENT_F64,
    u64,
    |word: u64| f64::from_bits(word.wrapping_add(MAGIC.to_bits())) - MAGIC,
    |x: f64| match x.is_nan() {
        true => 0,
        false => (x + MAGIC).to_bits().wrapping_sub(MAGIC.to_bits()),
    }
);
// A conversion makes 0 of a NaN.
impl_decimal!(
    u32,
    f32,
    MAX_EXPONENT_F32,
    u32,
    |word: u32| word.cast_signed() as f32,
    |x: f32| (x.round_ties_even() as i32).cast_unsigned()
);
