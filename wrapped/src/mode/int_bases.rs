//! Bases that the differences of integers have in common.
//!
//! Three numbers are all multiples of a base, plus a constant, if it divides the greatest common divisor of their
//! differences. By chance that is 1 in 6 of 10 cases, and some `g` in `0.6 / g^2` of them: a base shows by coming up
//! again and again.

use crate::dtype::{Latent, Number};

/// Triples that are looked at.
const MAX_TRIPLES: usize = 200;
/// Numbers that are passed over in search of one that differs.
const MAX_SKIPPED: usize = 8;
/// Triples that have to agree, beside three times those that do by chance.
const MIN_VOTES: f64 = 2.5;

/// At most two bases worth trying, the best guess first.
pub(crate) fn int_bases<T: Number>(numbers: &[T]) -> Vec<T::Latent> {
    let n_triples = (numbers.len() / 3).min(MAX_TRIPLES);
    let mut divisors = Vec::with_capacity(n_triples);
    let third = numbers.len() / 3;
    for triple in 0..n_triples {
        // Numbers that lie far from each other, and not at a fixed place in their runs.
        let i = triple * third / n_triples;
        let from = |k: usize| {
            let places = i * 3 + k * (third + 7)..;
            places
                .map(|place| numbers[place % numbers.len()].to_latent().to_u64())
                .take(MAX_SKIPPED + 1)
        };
        // Equal numbers have any base in common.
        let a = from(0).next().expect("at least one place");
        let Some(b) = from(1).find(|&b| b != a) else {
            continue;
        };
        let Some(c) = from(2).find(|&c| c != a && c != b) else {
            continue;
        };
        divisors.push(greatest_common_divisor(a.abs_diff(b), a.abs_diff(c)));
    }
    divisors.sort_unstable();
    let n_divisors = divisors.len();
    let mut candidates: Vec<(f64, u64)> = divisors
        .chunk_by(|a, b| a == b)
        .filter(|votes| {
            votes[0] > 1 && votes.len() as f64 > MIN_VOTES + 3.0 * by_chance(votes[0], n_divisors)
        })
        .map(|votes| {
            let share = votes.len() as f64 / n_divisors as f64;
            // A base that holds for a share p of the numbers gets p^3 of the votes, less where its multiples get some.
            (share.cbrt() * (votes[0] as f64).log2(), votes[0])
        })
        .collect();
    candidates.sort_by(|a, b| b.0.total_cmp(&a.0));
    candidates.truncate(2);
    candidates
        .into_iter()
        .map(|(_, base)| T::Latent::from_u64(base))
        .collect()
}

/// How many of `n` triples have this greatest common divisor if their numbers have nothing in common: the differences are
/// both multiples of it, and nothing else of both.
fn by_chance(divisor: u64, n: usize) -> f64 {
    const NOTHING_ELSE: f64 = 6.0 / (std::f64::consts::PI * std::f64::consts::PI);
    n as f64 * NOTHING_ELSE / (divisor as f64 * divisor as f64)
}

/// By shifts and subtractions: half as long as by division.
fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    if a == 0 || b == 0 {
        return a | b;
    }
    let common_twos = (a | b).trailing_zeros();
    a >>= a.trailing_zeros();
    while b != 0 {
        b >>= b.trailing_zeros();
        (a, b) = (a.min(b), a.abs_diff(b));
    }
    a << common_twos
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn divisors_are_greatest() {
        assert_eq!(greatest_common_divisor(12, 18), 6);
        assert_eq!(greatest_common_divisor(0, 5), 5);
        assert_eq!(greatest_common_divisor(1 << 40, 1 << 38), 1 << 38);
        assert_eq!(greatest_common_divisor(u64::MAX, 3), 3);
    }

    #[test]
    fn a_base_shows_through_some_noise() {
        let numbers: Vec<i64> = (0..1000)
            .map(|i: i64| i * i % 997 * 86_400 + if i % 10 == 0 { i } else { 0 })
            .collect();
        assert_eq!(int_bases(&numbers).first(), Some(&86_400));
        assert!(int_bases(&[5u8]).is_empty());
    }
}
