//! Bases that the differences of integers have in common.
//!
//! Three numbers are all multiples of a base, plus a constant, if it divides the greatest common divisor of their
//! differences. By chance that is 1 in 6 of 10 cases, and some `g` in `0.6 / g^2` of them: a base shows by coming up
//! again and again.

use super::base_fit::{self, Guess};
use crate::dtype::{Latent, Number};
use crate::kernels::isa::Isa;

/// Triples that are looked at.
const MAX_TRIPLES: usize = 200;
/// Numbers that are passed over in search of one that differs.
const MAX_SKIPPED: usize = 8;
/// Triples that have to agree, beside three times those that do by chance.
const MIN_VOTES: f64 = 2.5;

/// A few bases worth trying.
pub(crate) fn int_bases<T: Number>(numbers: &[T], isa: Isa) -> Vec<T::Latent> {
    let n_triples = (numbers.len() / 3).min(MAX_TRIPLES);
    let mut divisors = Vec::with_capacity(n_triples);
    let third = numbers.len() / 3;
    for triple in 0..n_triples {
        // Numbers that lie far from each other, and not at a fixed place in their runs; in turns with such that are near,
        // since a base may be that of a part.
        let i = triple * third / n_triples;
        let apart = if triple % 2 == 0 { third + 7 } else { 1 };
        // The third is farther from the second than that from the first: numbers of a counter have more than its step in
        // common where they are equally far apart.
        let farther = 1 + triple % 5;
        let from = |k: usize| {
            let places = i * 3 + k * apart + k / 2 * farther..;
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
    let of_few = base_of_few(&divisors);
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
    let mut bases: Vec<u64> = candidates.into_iter().map(|(_, base)| base).collect();
    // Counters differ by multiples of a step.
    if let [one, other] = bases[..] {
        bases.push(greatest_common_divisor(one, other));
    }
    bases.extend(common_base(numbers));
    bases.extend(of_few);
    bases.extend(cluster_base(numbers, isa));
    bases.extend(step_base(numbers, isa));
    bases.retain(|&base| base > 1);
    bases.sort_unstable();
    bases.dedup();
    bases.into_iter().map(T::Latent::from_u64).collect()
}

/// What most divisors are multiples of, if there are so few of them that hardly two are equal: what two of them have in common
/// is the base more often than not.
fn base_of_few(divisors: &[u64]) -> Option<u64> {
    const MAX_DIVISORS: usize = 16;
    /// Pairs that have to agree.
    const MIN_PAIRS: usize = 2;
    if divisors.len() > MAX_DIVISORS {
        return None;
    }
    let pairs = (1..divisors.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
    let mut common: Vec<u64> = pairs
        .map(|(i, j)| greatest_common_divisor(divisors[i], divisors[j]))
        .filter(|&common| common > 1)
        .collect();
    common.sort_unstable();
    let agreed = common
        .chunk_by(|a, b| a == b)
        .max_by_key(|agreed| agreed.len())?;
    (agreed.len() >= MIN_PAIRS).then_some(agreed[0])
}

/// What all differences have in common, if that is more than 1.
fn common_base<T: Number>(numbers: &[T]) -> Option<u64> {
    let first = numbers.first()?.to_latent().to_u64();
    let mut common = 0;
    for number in numbers {
        common = greatest_common_divisor(common, number.to_latent().to_u64().abs_diff(first));
        if common == 1 {
            return None;
        }
    }
    (common > 1).then_some(common)
}

/// The distance of clusters, if the numbers lie in such and these are equally far apart, or multiples of that.
fn cluster_base<T: Number>(numbers: &[T], isa: Isa) -> Option<u64> {
    /// Numbers that are looked at.
    const MAX_N: usize = 768;
    /// How much wider a gap between clusters is than the widest within one, at least.
    const MIN_JUMP: f64 = 12.0;
    /// Narrower ranges are a matter of bins, too.
    const MIN_RANGE: u64 = 1 << 20;
    /// Fewer clusters are a matter of bins.
    const MIN_CLUSTERS: usize = 5;
    let few = || {
        numbers
            .iter()
            .step_by((numbers.len() / 32).max(1))
            .map(|number| number.to_latent().to_u64())
    };
    let (Some(least), Some(most)) = (few().min(), few().max()) else {
        return None;
    };
    if most - least < MIN_RANGE {
        return None;
    }
    let step = (numbers.len() / MAX_N).max(1);
    let numbers = numbers.iter().step_by(step | 1).take(MAX_N);
    let mut sorted: Vec<u64> = numbers.map(|number| number.to_latent().to_u64()).collect();
    sorted.sort_unstable();
    sorted.dedup();
    let mut gaps: Vec<u64> = sorted.windows(2).map(|pair| pair[1] - pair[0]).collect();
    gaps.sort_unstable_by(|a, b| b.cmp(a));
    let jumps = gaps.windows(2).map(|pair| pair[0] as f64 / pair[1] as f64);
    let jumps = jumps.enumerate().skip(MIN_CLUSTERS - 2);
    let (place, jump) = jumps.max_by(|a, b| a.1.total_cmp(&b.1))?;
    if jump < MIN_JUMP {
        return None;
    }
    let clusters = sorted.chunk_by(|a, b| b - a < gaps[place]);
    let (mut centres, mut widest) = (Vec::new(), 0.0f64);
    for cluster in clusters {
        let (first, last) = (cluster[0], cluster[cluster.len() - 1]);
        centres.push((first - sorted[0]) as f64 + (last - first) as f64 / 2.0);
        widest = widest.max((last - first) as f64);
    }
    let mut distances: Vec<f64> = centres.windows(2).map(|pair| pair[1] - pair[0]).collect();
    distances.sort_unstable_by(f64::total_cmp);
    let base = distances[distances.len() / 10];
    let error = widest / 2.0;
    if base < widest * 4.0 {
        return None;
    }
    near_multiples(&centres, Guess { base, error }, isa)
}

/// The step of a counter whose numbers are off it by little, to either side.
fn step_base<T: Number>(numbers: &[T], isa: Isa) -> Option<u64> {
    /// Numbers that are looked at.
    const MAX_N: usize = 512;
    /// Fewer say nothing of how much they differ.
    const MIN_STEPS: usize = 16;
    /// How much more than what steps differ by they are, at least.
    const MIN_STEADY: f64 = 16.0;
    let few = numbers.len().min(MAX_N);
    let few: Vec<u64> = numbers[..few]
        .iter()
        .map(|x| x.to_latent().to_u64())
        .collect();
    let mut steps: Vec<f64> = few
        .windows(2)
        .map(|pair| pair[1].wrapping_sub(pair[0]).cast_signed() as f64)
        .collect();
    steps.sort_unstable_by(f64::total_cmp);
    let n = steps.len();
    if n < MIN_STEPS {
        return None;
    }
    let (base, spread) = (steps[n / 2].abs(), steps[n * 9 / 10] - steps[n / 10]);
    if spread == 0.0 || base < spread * MIN_STEADY {
        return None;
    }
    let mut points: Vec<f64> = few.iter().map(|&x| x.abs_diff(few[0]) as f64).collect();
    points.sort_unstable_by(f64::total_cmp);
    near_multiples(
        &points,
        Guess {
            base,
            error: spread,
        },
        isa,
    )
}

/// What most distances between sorted points are near multiples of, near a guess.
fn near_multiples(points: &[f64], guess: Guess, isa: Isa) -> Option<u64> {
    let base = base_fit::fit(&base_fit::lengths(points), guess, isa);
    let distances = || points.windows(2).map(|pair| pair[1] - pair[0]);
    let is_multiple = |distance: &f64| (distance / base - (distance / base).round()).abs() < 0.2;
    let n_multiples = distances().filter(is_multiple).count();
    (n_multiples * 10 > distances().len() * 8 && base >= 2.0).then_some(base.round() as u64)
}

/// How many of `n` triples have this greatest common divisor if their numbers have nothing in common: the differences are
/// both multiples of it, and nothing else of both.
fn by_chance(divisor: u64, n: usize) -> f64 {
    const NOTHING_ELSE: f64 = 6.0 / (std::f64::consts::PI * std::f64::consts::PI);
    n as f64 * NOTHING_ELSE / (divisor as f64 * divisor as f64)
}

/// By shifts and subtractions: half as long as by division.
pub(super) fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
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
    fn a_base_of_few_divisors_is_what_two_have_in_common() {
        assert_eq!(base_of_few(&[3 * 1009, 7 * 1009, 5 * 1009, 17]), Some(1009));
        assert_eq!(base_of_few(&[3, 7, 5, 17]), None);
        assert_eq!(base_of_few(&[]), None);
    }

    #[test]
    fn clusters_at_equal_distances_show_their_distance() {
        let numbers: Vec<i64> = (0..5000i64)
            .map(|i| (i * 7919 % 300) * 1_000_003 + i * i % 1009)
            .collect();
        let squares: Vec<i64> = (0..5000).map(|i| i * i).collect();
        for isa in Isa::available() {
            let base = cluster_base(&numbers, isa).expect("a base");
            assert!(base.abs_diff(1_000_003) < 100, "{base}");
            assert_eq!(cluster_base(&squares, isa), None);
        }
    }

    #[test]
    fn the_step_of_an_unsteady_counter_is_found() {
        let off = |i: i64| ((i * 0x9e37_79b9) >> 7) % 15 - 7;
        let up: Vec<i64> = (0..1000).map(|i| i * 12_509 + off(i)).collect();
        let down: Vec<i64> = up.iter().map(|x| -x).collect();
        let steady: Vec<i64> = (0..1000).map(|i| i * 12_509).collect();
        let squares: Vec<i64> = (0..1000).map(|i| i * i).collect();
        for isa in Isa::available() {
            assert_eq!(step_base(&up, isa), Some(12_509));
            assert_eq!(step_base(&down, isa), Some(12_509));
            // What is constant needs no base, and what grows has none.
            assert_eq!(step_base(&steady, isa), None);
            assert_eq!(step_base(&squares, isa), None);
        }
    }

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
        for isa in Isa::available() {
            assert!(int_bases(&numbers, isa).contains(&86_400));
            assert!(int_bases(&[5u8], isa).is_empty());
        }
    }
}
