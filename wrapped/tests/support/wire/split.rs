//! Numbers to latent variables (wire format section 1.7, the other way round).

use paginum_wrapped::{Latent, Number};

use super::meta::WireMode;
use super::{PlanMode, mask, number_bits};
use crate::support::random::Random;

/// The mode as stored, and the latents of the primary and perhaps a secondary variable.
pub fn split<T: Number>(
    mode: &PlanMode<T>,
    nums: &[T],
    random: &mut Random,
) -> (WireMode, Vec<Vec<u64>>) {
    let ordered: Vec<u64> = nums.iter().map(|x| x.to_latent().to_u64()).collect();
    match mode {
        PlanMode::Classic => (WireMode::Classic, vec![ordered]),
        PlanMode::IntMult(base) => {
            let (multiples, remainders) = ordered.iter().map(|x| (x / base, x % base)).unzip();
            (WireMode::IntMult(*base), vec![multiples, remainders])
        }
        PlanMode::FloatMult(base) => {
            let (multiples, adjustments) = nums.iter().map(|&x| float_mult(x, *base)).unzip();
            (
                WireMode::FloatMult(base.to_latent().to_u64()),
                vec![multiples, adjustments],
            )
        }
        PlanMode::FloatQuant(k) => {
            let mid = 1 << (number_bits::<T>() - 1);
            let low = |x: &u64| {
                if *x < mid {
                    !x & mask(*k)
                } else {
                    x & mask(*k)
                }
            };
            let high = ordered.iter().map(|x| x >> k).collect();
            (
                WireMode::FloatQuant(*k),
                vec![high, ordered.iter().map(low).collect()],
            )
        }
        PlanMode::Dict => {
            let mut values = ordered.clone();
            values.sort_unstable();
            values.dedup();
            for i in 1..values.len() {
                values.swap(i, random.index(i + 1));
            }
            let index = |x: &u64| {
                values
                    .iter()
                    .position(|value| value == x)
                    .expect("collected above") as u64
            };
            let indices = ordered.iter().map(index).collect();
            (WireMode::Dict(values), vec![indices])
        }
    }
}

/// The multiple of `base` nearest to `x`, as an int-float latent, and what corrects its product to `x`.
fn float_mult<T: Number>(x: T, base: T) -> (u64, u64) {
    let n_bits = number_bits::<T>();
    let mid = 1u64 << (n_bits - 1);
    let greatest = 1u64 << (T::MANTISSA_BITS.expect("a float") + 1);
    let ratio = (x.to_f64() / base.to_f64()).round();
    // Multiples that are not counted exactly could be anything: 1 will do, and the adjustment does the rest.
    let count = if ratio.abs() < greatest as f64 {
        ratio
    } else {
        1.0
    };
    let multiple = match count.is_sign_negative() {
        true => mid - 1 - count.abs() as u64,
        false => mid + count.abs() as u64,
    };
    // A product of two floats of up to 32 bits is exact in f64, so that rounding it to the type rounds once.
    let product = T::from_f64(count * base.to_f64());
    let adjustment = x
        .to_latent()
        .to_u64()
        .wrapping_sub(product.to_latent().to_u64())
        & mask(n_bits);
    (multiple, adjustment ^ mid)
}
