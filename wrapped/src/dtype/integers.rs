//! Integers as numbers: their latents differ in the top bit, or not at all.

use super::{Latent, Number, NumberType};

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
