//! Seeded arrays of every number type: the shapes that modes and deltas are made for, and the values that break them.

use paginum_wrapped::{Latent, Number};

use super::random::Random;

/// What an array is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One value.
    Constant,
    /// Uniform bits in ascending order.
    Sorted,
    /// Uniform bits: NaNs of every payload among the floats.
    Random,
    /// The ends of the range, zeros of both signs, infinities, NaN payloads, subnormals, in random order.
    Extreme,
    /// One value with a rare other.
    Sparse,
    /// Decimal fractions of floats with rare errors of one unit in the last place; integers that are mostly round.
    Decimals,
    /// A pattern that comes again and again, now and then broken.
    Repeats,
    /// Each number near the one before; wraps around.
    Walk,
    /// Multiples of a number, some of them a little off.
    Multiples,
    /// A few distinct values.
    Dictionary,
    /// A wave: what linear prediction is good at.
    Wave,
    /// Around zero, the middle most often.
    Normal,
    /// Floats whose last mantissa bits are mostly zero; integers of geometrically distributed size.
    Quantized,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Constant,
        Self::Sorted,
        Self::Random,
        Self::Extreme,
        Self::Sparse,
        Self::Decimals,
        Self::Repeats,
        Self::Walk,
        Self::Multiples,
        Self::Dictionary,
        Self::Wave,
        Self::Normal,
        Self::Quantized,
    ];

    /// The four that the matrix of tests goes through.
    pub const MATRIX: [Self; 4] = [Self::Constant, Self::Sorted, Self::Random, Self::Extreme];
}

/// The array of `n` numbers that `kind` and `seed` determine.
pub fn numbers<T: Number>(kind: Kind, n: usize, seed: u64) -> Vec<T> {
    let random = &mut Random::new(seed ^ 0x5eed << 32);
    match kind {
        Kind::Constant => vec![any(random); n],
        Kind::Sorted => {
            let mut latents: Vec<_> = (0..n).map(|_| T::to_latent(any(random))).collect();
            latents.sort_unstable();
            latents.into_iter().map(T::from_latent).collect()
        }
        Kind::Random => (0..n).map(|_| any(random)).collect(),
        Kind::Extreme => {
            let values = extremes::<T>();
            (0..n).map(|_| random.pick(&values)).collect()
        }
        Kind::Sparse => {
            let common = any(random);
            let rare = |random: &mut Random| {
                if random.below(50) == 0 {
                    any(random)
                } else {
                    common
                }
            };
            (0..n).map(|_| rare(random)).collect()
        }
        Kind::Decimals => decimals(n, random),
        Kind::Repeats => {
            let period = 1 + random.index(40);
            let pattern: Vec<T> = (0..period).map(|_| any(random)).collect();
            let one = |i: usize, random: &mut Random| match random.below(30) {
                0 => any(random),
                _ => pattern[i % period],
            };
            (0..n).map(|i| one(i, random)).collect()
        }
        Kind::Walk => walk(n, random),
        Kind::Multiples => multiples(n, random),
        Kind::Dictionary => {
            let len = 1 + random.index(60);
            let values: Vec<T> = (0..len).map(|_| any(random)).collect();
            (0..n).map(|_| random.pick(&values)).collect()
        }
        Kind::Wave => {
            let (step, size) = (0.01 + random.unit() * 0.3, half_range::<T>() * 0.9);
            (0..n)
                .map(|i| T::from_f64((i as f64 * step).sin() * size))
                .collect()
        }
        Kind::Normal => {
            let deviation = half_range::<T>() / 10.0;
            (0..n)
                .map(|_| T::from_f64(random.normal() * deviation))
                .collect()
        }
        Kind::Quantized => quantized(n, random),
    }
}

/// The values at the edges of a type.
pub fn extremes<T: Number>() -> Vec<T> {
    let mid = T::Latent::MID.to_u64();
    let max = mid | (mid - 1);
    // Latents: the ends of the range and the middle, where integers are 0 and -1 and floats the two zeros and the
    // subnormals next to them.
    let mut latents = vec![0, 1, max - 1, max, mid - 2, mid - 1, mid, mid + 1];
    if T::MANTISSA_BITS.is_some() {
        for x in [1.0, f64::INFINITY, f64::NAN] {
            let latent = T::from_f64(x).to_latent().to_u64();
            latents.extend([
                latent - 1,
                latent,
                latent + 1,
                max - latent,
                max - latent + 1,
            ]);
        }
        let smallest_normal = 1u64 << T::MANTISSA_BITS.expect("a float");
        latents.extend([mid + smallest_normal - 1, mid + smallest_normal]);
        // A signalling NaN: the quiet bit is clear, the last bit set.
        latents.push(T::from_f64(f64::INFINITY).to_latent().to_u64() + 1);
    }
    latents
        .into_iter()
        .map(|latent| T::from_latent(T::Latent::from_u64(latent)))
        .collect()
}

/// Any number of the type, each as likely.
fn any<T: Number>(random: &mut Random) -> T {
    T::from_latent(T::Latent::from_u64(random.bits()))
}

/// What numbers of the type may reach as values without saturating: a small part of the range of floats.
fn half_range<T: Number>() -> f64 {
    match T::MANTISSA_BITS {
        Some(_) => 1000.0,
        None => (T::Latent::MID.to_u64() as f64) * 0.99,
    }
}

fn decimals<T: Number>(n: usize, random: &mut Random) -> Vec<T> {
    let off_by_one = |x: T, random: &mut Random| match random.below(40) {
        0 => T::from_latent(T::Latent::from_u64(x.to_latent().to_u64() ^ 1)),
        _ => x,
    };
    let one = |random: &mut Random| match T::MANTISSA_BITS {
        Some(_) => T::from_f64((random.normal() * 500.0).round() / 100.0),
        None => T::from_f64((random.unit() * half_range::<T>() / 10.0).floor() * 10.0),
    };
    (0..n)
        .map(|_| {
            let x = one(random);
            off_by_one(x, random)
        })
        .collect()
}

fn walk<T: Number>(n: usize, random: &mut Random) -> Vec<T> {
    let mut position = random.bits();
    (0..n)
        .map(|_| {
            position = position.wrapping_add(random.below(21)).wrapping_sub(9);
            T::from_latent(T::Latent::from_u64(position))
        })
        .collect()
}

fn multiples<T: Number>(n: usize, random: &mut Random) -> Vec<T> {
    let base = match T::MANTISSA_BITS {
        Some(_) => 0.1 + random.unit() * 3.0,
        None => 3.0 + random.below(9) as f64,
    };
    let most = (half_range::<T>() / base).min(100_000.0);
    let one = |random: &mut Random| {
        let multiple = T::from_f64((random.unit() * most).floor() * base);
        let off = if random.below(10) == 0 {
            random.below(3)
        } else {
            0
        };
        T::from_latent(T::Latent::from_u64(
            multiple.to_latent().to_u64().wrapping_add(off),
        ))
    };
    (0..n).map(|_| one(random)).collect()
}

fn quantized<T: Number>(n: usize, random: &mut Random) -> Vec<T> {
    let width = u64::from(T::Latent::BITS);
    let one = |random: &mut Random| match T::MANTISSA_BITS {
        Some(mantissa_bits) => {
            let x = T::from_f64(random.normal() * 100.0).to_latent().to_u64();
            let zeros = (1u64 << (mantissa_bits / 2)) - 1;
            // Latents of negative floats are complemented: their zero bits are ones.
            let mid = T::Latent::MID.to_u64();
            let cut = if x < mid { x | zeros } else { x & !zeros };
            T::from_latent(T::Latent::from_u64(if random.below(25) == 0 {
                x
            } else {
                cut
            }))
        }
        None => {
            let bits = random.below(width);
            T::from_latent(T::Latent::from_u64(random.bits() & ((1 << bits) - 1)))
        }
    };
    (0..n).map(|_| one(random)).collect()
}
