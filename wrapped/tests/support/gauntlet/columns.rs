//! Columns of one kind.

use paginum_wrapped::{Latent, Number};

use super::super::random::Random;

/// A column of a kind that chance picks, and the kind in words.
pub(super) fn column<T: Number>(n: usize, random: &mut Random) -> (Vec<T>, String) {
    if T::MANTISSA_BITS.is_some() && random.below(8) > 0 {
        let (column, word) = floats(n, random);
        return (column.into_iter().map(T::from_f64).collect(), word);
    }
    let (column, word) = integers(n, random, u64::from(T::Latent::BITS));
    // Integers in floats are what they are.
    if T::MANTISSA_BITS.is_some() {
        return (
            column.into_iter().map(|x| T::from_f64(x as f64)).collect(),
            word,
        );
    }
    let latents = column
        .into_iter()
        .map(|x| T::Latent::from_u64((x as u64).wrapping_add(T::default().to_latent().to_u64())));
    (latents.map(T::from_latent).collect(), word)
}

/// Moves all numbers.
pub(super) fn shift<T: Number>(column: &mut [T], by: u64) {
    for x in column {
        *x = match T::MANTISSA_BITS {
            Some(_) => T::from_f64(x.to_f64() + (by & 0xffff) as f64),
            None => T::from_latent(T::Latent::from_u64(x.to_latent().to_u64().wrapping_add(by))),
        };
    }
}

/// A width of up to `bits`, small ones as likely as large ones.
fn width(random: &mut Random, bits: u64) -> u64 {
    1 + random.below(bits)
}

/// Below a power of two of at most `2^log`, small ones as likely as large ones.
fn up_to_power(random: &mut Random, log: u64) -> u64 {
    let log = random.below(log);
    random.below(1 << log)
}

fn mask(bits: u64) -> u64 {
    u64::MAX >> (64 - bits.clamp(1, 64))
}

fn integers(n: usize, random: &mut Random, bits: u64) -> (Vec<i64>, String) {
    let start = (random.bits() & mask(width(random, bits))) as i64;
    match random.below(16) {
        0 => {
            let bits = width(random, bits);
            let all = (0..n).map(|_| start.wrapping_add((random.bits() & mask(bits)) as i64));
            (all.collect(), format!("uniform {bits} bits"))
        }
        1 => {
            let deviation = 2f64.powf(random.unit() * (bits as f64 - 3.0));
            let all = (0..n).map(|_| start.wrapping_add((random.normal() * deviation) as i64));
            (all.collect(), format!("normal {deviation:.1}"))
        }
        2 => {
            let step = 2f64.powf(random.unit() * bits as f64 / 2.0);
            let mut at = start;
            let all = (0..n).map(|_| {
                at = at.wrapping_add((random.normal() * step) as i64);
                at
            });
            (all.collect(), format!("walk {step:.1}"))
        }
        3 => {
            let step = (random.bits() & mask(width(random, bits))) as i64;
            let all = (0..n).map(|i| start.wrapping_add(step.wrapping_mul(i as i64)));
            (all.collect(), format!("counter by {step}"))
        }
        4 => {
            // Times: equal steps, jitter, gaps.
            let step = 1 + (random.bits() & mask(width(random, bits.min(34)))) as i64;
            let part = random.pick(&[1, 50, 1000]);
            let jitter = random.below(1 + step as u64 / part) as i64;
            let rare = random.pick(&[20, 300, 5000, 100_000]);
            let gap = random.bits() & mask(width(random, bits.min(44)));
            let mut at = start;
            let all = (0..n).map(|_| {
                let gap = if random.below(rare) == 0 {
                    random.below(gap + 1) as i64
                } else {
                    0
                };
                at = at.wrapping_add(step).wrapping_add(gap);
                at.wrapping_add(random.below(jitter as u64 + 1) as i64)
            });
            (
                all.collect(),
                format!("times step {step} jitter {jitter} gaps 1/{rare}"),
            )
        }
        5 => {
            let n_clusters = 1 << random.below(11);
            let apart = random.bits() & mask(width(random, bits));
            let deviation = 2f64.powf(random.unit() * bits as f64 / 3.0);
            let is_even = random.below(2) == 0;
            let centres: Vec<u64> = (0..n_clusters)
                .map(|i| {
                    if is_even {
                        apart.wrapping_mul(i)
                    } else {
                        random.bits() & mask(bits)
                    }
                })
                .collect();
            let all = (0..n).map(|_| {
                (random.pick(&centres) as i64).wrapping_add((random.normal() * deviation) as i64)
            });
            (
                all.collect(),
                format!("{n_clusters} clusters of {deviation:.1}, even {is_even}"),
            )
        }
        6 => {
            let base = 2 + (random.bits() & mask(width(random, bits / 2 + 1)));
            let most = mask(bits) / base;
            let most = most >> random.below(u64::from(most.max(1).ilog2()) + 1);
            let n_off = random.pick(&[0, 0, 1, 16, 300]);
            let mut all: Vec<i64> = (0..n)
                .map(|_| (random.below(most.max(2)) * base) as i64 + start)
                .collect();
            for _ in 0..n_off.min(n) {
                all[random.index(n)] += 1 + random.below(base) as i64;
            }
            (
                all,
                format!("multiples of {base} up to {most}, {n_off} off"),
            )
        }
        7 => {
            // Identifiers, popular ones first.
            let n_ids = 2 + up_to_power(random, 15);
            let ids: Vec<i64> = (0..n_ids)
                .map(|_| (random.bits() & mask(bits)) as i64)
                .collect();
            let power = 1.0 + random.unit() * 4.0;
            let all = (0..n).map(|_| ids[(random.unit().powf(power) * n_ids as f64) as usize]);
            (all.collect(), format!("{n_ids} ids, power {power:.1}"))
        }
        8 => {
            let scale = 2f64.powf(random.unit() * bits as f64 / 2.0);
            let all = (0..n).map(|_| (-random.unit().max(1e-300).ln() * scale) as i64);
            (all.collect(), format!("exponential {scale:.1}"))
        }
        9 => (vec![start; n], "constant".into()),
        10 => {
            let bits = width(random, bits).max(2);
            let all = (0..n as u64).map(|i| (i.reverse_bits() >> (64 - bits)) as i64);
            (all.collect(), format!("bits reversed, {bits}"))
        }
        11 => {
            let all = (0..n as i64).map(|i| i ^ (i >> 1));
            (all.collect(), "Gray code".into())
        }
        12 => {
            let modulus = 2 + (random.bits() & mask(width(random, bits.min(24)))) as i64;
            let step = 1 + random.below(modulus as u64) as i64;
            let all = (0..n as i64).map(|i| start.wrapping_add(i * step % modulus));
            (all.collect(), format!("counter by {step} modulo {modulus}"))
        }
        13 => {
            let bits = width(random, bits);
            let mut all: Vec<i64> = (0..n)
                .map(|_| (random.bits() & mask(bits)) as i64)
                .collect();
            all.sort_unstable();
            (all, format!("sorted {bits} bits"))
        }
        14 => {
            let length = 1 + up_to_power(random, 12);
            let bits = width(random, bits);
            let mut value = start;
            let all = (0..n).map(|_| {
                if random.below(length) == 0 {
                    value = (random.bits() & mask(bits)) as i64;
                }
                value
            });
            (all.collect(), format!("runs of {length}, {bits} bits"))
        }
        _ => {
            let size = 2f64.powf(random.unit() * (bits as f64 - 2.0));
            let (step, noise) = (random.unit(), random.unit().powi(4));
            let all =
                (0..n).map(|i| (size * ((i as f64 * step).sin() + noise * random.normal())) as i64);
            (all.collect(), format!("wave {size:.0} noise {noise:.4}"))
        }
    }
}

fn floats(n: usize, random: &mut Random) -> (Vec<f64>, String) {
    match random.below(12) {
        0 | 1 => {
            let digits = random.below(18) as i32;
            let scale = 10f64.powf(random.unit() * 8.0 - 2.0);
            let (values, word) = values(n, random);
            let all = values.into_iter().map(|x| round_to(x * scale, digits));
            (
                all.collect(),
                format!("{digits} decimals of {word} x {scale:.3}"),
            )
        }
        2 => {
            // Decimals of several scales.
            let scales: Vec<(i32, f64)> = (0..2 + random.index(3))
                .map(|_| {
                    (
                        random.below(7) as i32,
                        10f64.powi(random.below(7) as i32 - 1),
                    )
                })
                .collect();
            let block = random.pick(&[1, 100, 10_000]);
            let mut scale = scales[0];
            let all = (0..n).map(|i| {
                if i % block == 0 {
                    scale = random.pick(&scales);
                }
                round_to(random.normal() * scale.1, scale.0)
            });
            (
                all.collect(),
                format!("decimals of scales {scales:?} in blocks of {block}"),
            )
        }
        3 | 4 => {
            let simple = [
                std::f64::consts::PI,
                2f64.sqrt(),
                1.0 / 3.0,
                1.0 / 7.0,
                2.54,
                1.0 / 60.0,
                0.1,
                25.0,
                1e-9,
            ];
            let base = match random.below(3) {
                0 => 2f64.powf(random.unit() * 40.0 - 20.0),
                1 => (1 + random.below(1000)) as f64 / (1 + random.below(1000)) as f64,
                _ => random.pick(&simple),
            };
            let most = 2f64.powf(1.0 + random.unit() * 30.0);
            let n_off = random.pick(&[0, 0, 0, 1, 16, 256]);
            let is_walk = random.below(3) == 0;
            let mut at = 0.0;
            let mut all: Vec<f64> = (0..n)
                .map(|_| {
                    at = match is_walk {
                        true => at + (random.normal() * most.sqrt()).round(),
                        false => ((random.unit() * 2.0 - 1.0) * most).round(),
                    };
                    at * base
                })
                .collect();
            for _ in 0..n_off.min(n) {
                all[random.index(n)] += base / 3.0;
            }
            (
                all,
                format!("multiples of {base} up to {most:.0}, walk {is_walk}, {n_off} off"),
            )
        }
        5 => {
            let (values, word) = values(n, random);
            (values, format!("full {word}"))
        }
        6 => {
            let (values, word) = values(n, random);
            (
                values.into_iter().map(|x| f64::from(x as f32)).collect(),
                format!("f32 of {word}"),
            )
        }
        7 => {
            let most = random.pick(&[8, 30, 200, 1000]);
            let all = (0..n).map(|_| 2f64.powi(random.below(2 * most) as i32 - most as i32));
            (all.collect(), format!("powers of two up to {most}"))
        }
        8 => {
            // Equal steps that are no floats.
            let (start, step) = (
                random.pick(&[0.0, 1e3, 1.6e9]),
                random.pick(&[0.001, 0.1, 1.0 / 3.0, 0.02, 1e-6]),
            );
            (
                (0..n).map(|i| start + i as f64 * step).collect(),
                format!("steps of {step} from {start}"),
            )
        }
        9 => {
            let digits = 1 + random.below(4) as i32;
            let share = random.pick(&[3, 30, 300]);
            let all = (0..n).map(|_| match random.below(share) {
                0 => round_to(random.unit() * 1000.0, digits),
                1 => f64::NAN,
                _ => 0.0,
            });
            (
                all.collect(),
                format!("zeros, 1 in {share} of {digits} decimals or NaN"),
            )
        }
        10 => {
            let n_values = 2 + up_to_power(random, 13) as usize;
            let (values, word) = values(n_values, random);
            (
                (0..n).map(|_| random.pick(&values)).collect(),
                format!("{n_values} values of {word}"),
            )
        }
        _ => {
            // A mixture of full precision and decimals.
            let digits = random.below(5) as i32;
            let share = random.pick(&[2, 5, 50]);
            let all = (0..n).map(|_| {
                let x = random.normal() * 100.0;
                if random.below(share) == 0 {
                    x
                } else {
                    round_to(x, digits)
                }
            });
            (
                all.collect(),
                format!("{digits} decimals, 1 in {share} full"),
            )
        }
    }
}

/// Floats of full precision.
fn values(n: usize, random: &mut Random) -> (Vec<f64>, String) {
    match random.below(5) {
        0 => ((0..n).map(|_| random.unit()).collect(), "uniform".into()),
        1 => ((0..n).map(|_| random.normal()).collect(), "normal".into()),
        2 => {
            let sigma = 0.2 + random.unit() * 3.0;
            (
                (0..n).map(|_| (random.normal() * sigma).exp()).collect(),
                format!("lognormal {sigma:.1}"),
            )
        }
        3 => {
            let mut at = random.normal() * 10.0;
            let all = (0..n).map(|_| {
                at += random.normal() * 0.1;
                at
            });
            (all.collect(), "walk".into())
        }
        _ => {
            let (step, noise) = (random.unit().powi(2), random.unit().powi(4));
            let all = (0..n).map(|i| (i as f64 * step).sin() + noise * random.normal());
            (all.collect(), format!("wave noise {noise:.4}"))
        }
    }
}

fn round_to(x: f64, digits: i32) -> f64 {
    // As text would be read: the nearest float to the decimal.
    let power = 10f64.powi(digits);
    let scaled = x * power;
    if scaled.abs() < 2f64.powi(53) {
        scaled.round() / power
    } else {
        x
    }
}
