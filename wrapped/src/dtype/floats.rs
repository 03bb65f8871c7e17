//! Floats as numbers: the order of their latents, and the arithmetic of multiples of a base.

use std::convert::identity;

use half::f16;

use super::{Latent, Number, NumberType};

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
            #[inline(always)]
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
