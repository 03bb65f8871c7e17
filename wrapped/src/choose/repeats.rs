//! Repeats anywhere in a chunk, however far apart.
//!
//! Every run of [`RUN_N`] numbers is hashed; those whose hash is small enough are looked at, so that of a passage that
//! comes again the same runs are looked at each time. A table knows where each of them was last. So one pass in bounded
//! memory shows what share of a chunk repeats, and how much the distances differ, which no sample of places can show.
//! (The idea is that of content-defined sampling: Manber, "Finding similar files in a large file system", 1994.)

use super::delta_choice::DeltaChoice;
use super::modes::{Choice, Chooser};
use super::surcharge::Surcharge;
use crate::bins::radix_sort;
use crate::dtype::{Latent, Number};
use crate::entropy::{bit_length, log2};
use crate::kernels::isa::{Isa, Kernel, Tier};
use crate::mode::ModeChoice;
use crate::spare::Spare;

/// The largest window of lookbacks that decoders take, as a power of two.
const MAX_WINDOW_N_LOG: u32 = 24;
/// Numbers of a run: enough not to repeat by chance.
const RUN_N: usize = 4;
/// About how many runs are looked at.
const N_LOOKED_AT_LOG: u32 = 12;
/// The most, where chance or many equal runs make it more.
const MAX_LOOKED_AT: usize = 4 << N_LOOKED_AT_LOG;
/// Slots of the table of places.
const SLOTS_LOG: u32 = 15;
/// Runs that are hashed at once.
const BLOCK_N: usize = 256;
/// Distances this near are found by samples.
const MIN_DISTANCE: u32 = 16;

/// What repeats in a chunk, by a look at runs from all over it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Repeats {
    /// The share of numbers that repeat others at a distance.
    pub(crate) share: f64,
    /// What a distance costs, in bits for each number that repeats.
    pub(crate) distance_bits: f64,
    /// The most frequent distance.
    pub(crate) distance: usize,
    /// The share of repeats at that distance.
    pub(crate) share_of_distance: f64,
    /// The largest distance.
    pub(crate) farthest: usize,
}

impl Repeats {
    /// Looks for repeats; `None` if there are next to none.
    pub(crate) fn find<T: Number>(isa: Isa, numbers: &[T]) -> Option<Self> {
        /// Shares that are not worth a lookback.
        const MIN_SHARE: f64 = 0.03;
        if numbers.len() < 4 * RUN_N {
            return None;
        }
        let mut places = Places::new(numbers.len());
        isa.run(Look {
            numbers,
            places: &mut places,
        });
        let n_looked_at = places.n_looked_at;
        let distances = &mut places.distances[..places.n_distances];
        if (distances.len() as f64) < MIN_SHARE * n_looked_at as f64 || distances.len() < 4 {
            return None;
        }
        radix_sort(distances, &mut Vec::new());
        let n = distances.len() as f64;
        let (mut bits, mut most) = (0.0, (0, 0));
        for equal in distances.chunk_by(|a, b| a == b) {
            bits += equal.len() as f64 * (log2(n) - log2(equal.len() as f64));
            most = most.max((equal.len(), equal[0]));
        }
        Some(Self {
            share: n / n_looked_at as f64,
            distance_bits: bits / n,
            distance: most.1 as usize,
            share_of_distance: most.0 as f64 / n,
            farthest: distances[distances.len() - 1] as usize,
        })
    }
}

impl<T: Number> Chooser<'_, T> {
    /// Lookbacks at distances that no sample holds, if the chunk repeats itself.
    pub(super) fn add_repeats(&self, choices: &mut Vec<Choice<T>>) {
        /// Fewer numbers are sampled whole.
        const MIN_N: usize = 1 << 10;
        /// What a lookback has to save.
        const MIN_SAVED_BITS: f64 = 0.1;
        /// Bits that a number which does not repeat takes more, beside distances.
        const NO_REPEAT_BITS: f64 = 1.0;
        let best = &choices[0];
        let (mode, price) = (best.mode, best.price);
        let n = self.numbers.len();
        let charged =
            |delta, bits| Surcharge::of::<T::Latent>(delta, self.params.level, n).on(bits);
        let least = charged(DeltaChoice::Lag(1), MIN_SAVED_BITS);
        if self.delta.is_some() || n < MIN_N || price < least {
            return;
        }
        let Some(repeats) = Repeats::find(self.params.isa, self.numbers) else {
            return;
        };
        let without = if best.delta.is_lookback() {
            price
        } else {
            price + NO_REPEAT_BITS
        };
        let cost = |share: f64, distance_bits: f64| {
            let others = 1.0 - share;
            let entropy = if others > 0.0 {
                -others * log2(others)
            } else {
                0.0
            };
            share * distance_bits + others * without + entropy
        };
        let window_n_log = bit_length(repeats.farthest as u64).clamp(4, MAX_WINDOW_N_LOG);
        let lookback = match DeltaChoice::lookback(n) {
            DeltaChoice::Lookback { window_n_log: near } => DeltaChoice::Lookback {
                window_n_log: near.max(window_n_log),
            },
            other => other,
        };
        /// Where all repeats are equally far apart, there is nothing to search for.
        const ALL: f64 = 0.95;
        let at_all = cost(repeats.share, repeats.distance_bits);
        let at_one = cost(repeats.share * repeats.share_of_distance, 0.0);
        let lag = (DeltaChoice::Lag(repeats.distance), at_one);
        let search = (repeats.share_of_distance < ALL).then_some((lookback, at_all));
        for (delta, price) in search.into_iter().chain([lag]) {
            let modes = [ModeChoice::Classic, mode];
            for mode in modes.into_iter().take(if mode == modes[0] { 1 } else { 2 }) {
                choices.push(Choice::new(mode, delta).at(charged(delta, price)));
            }
        }
    }
}

/// Where runs were seen.
struct Places {
    /// For each slot the hash of a run, in the upper half, and the place after its start, 0 for none.
    table: Spare<u64>,
    /// Runs with a hash below this are looked at.
    limit: u32,
    n_looked_at: usize,
    /// Of the runs that were seen before, the first `n_distances`.
    distances: Spare<u32>,
    n_distances: usize,
}

impl Places {
    fn new(n: usize) -> Self {
        let share_log = (n >> N_LOOKED_AT_LOG).checked_ilog2().unwrap_or(0);
        Self {
            table: empty_table(),
            limit: u32::MAX >> share_log,
            n_looked_at: 0,
            // A block is looked at as a whole.
            distances: Spare::new(MAX_LOOKED_AT + BLOCK_N),
            n_distances: 0,
        }
    }

    /// Notes runs with their hashes and places. Which of them were seen before, nobody can predict: without branches, the
    /// misses of the cache overlap that the table costs.
    #[inline(always)]
    fn look(&mut self, runs: &[(u32, u32)]) {
        let (table, distances) = (&mut self.table[..], &mut self.distances[..]);
        for &(hash, place) in runs {
            // The high bits are all alike.
            let slot = hash.wrapping_mul(0x9e37_79b1) >> (u32::BITS - SLOTS_LOG);
            let entry = &mut table[slot as usize];
            let (known, before) = ((*entry >> 32) as u32, *entry as u32);
            *entry = u64::from(hash) << 32 | u64::from(place + 1);
            let distance = place + 1 - before;
            distances[self.n_distances] = distance;
            let is_repeat = (before != 0) & (known == hash) & (distance >= MIN_DISTANCE);
            self.n_distances += usize::from(is_repeat);
        }
        self.n_looked_at += runs.len();
    }
}

/// The bits of a number in 32, the low ones of which differ where the high ones do: products with low bits that are all
/// zero, as short floats have them, would leave a hash of few values.
#[inline(always)]
fn folded<T: Number>(number: T) -> u32 {
    let bits = number.to_latent().to_u64();
    let bits = match T::Latent::BITS {
        64 => bits as u32 ^ (bits >> 32) as u32,
        _ => bits as u32,
    };
    bits ^ (bits >> 16)
}

/// The pass over all runs.
struct Look<'a, T> {
    numbers: &'a [T],
    places: &'a mut Places,
}

impl<T: Number> Kernel for Look<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Tier>(self, _: S) {
        let Self { numbers, places } = self;
        let limit = places.limit;
        let mut bits = [0u32; BLOCK_N + RUN_N];
        let mut hashes = [0u32; BLOCK_N];
        let mut found = [(0, 0); BLOCK_N];
        let n_runs = numbers.len() + 1 - RUN_N;
        for start in (0..n_runs).step_by(BLOCK_N) {
            // Few numbers that are distinct: what repeats by chance is seen by now.
            if places.n_looked_at >= MAX_LOOKED_AT {
                return;
            }
            let n = BLOCK_N.min(n_runs - start);
            match numbers[start..].first_chunk::<{ BLOCK_N + RUN_N - 1 }>() {
                // Loops of a known length: vectors without a rest.
                Some(block) => fold(block, &mut bits),
                None => fold(&numbers[start..], &mut bits),
            }
            for i in 0..BLOCK_N {
                hashes[i] = hash([bits[i], bits[i + 1], bits[i + 2], bits[i + 3]]);
            }
            let n_found = small_ones(&hashes, limit, &mut found, start, n);
            places.look(&found[..n_found]);
        }
    }
}

/// Lists the first `n` hashes that are at most a limit, with their places, and returns how many these are.
///
/// A byte of each says whether it is: so that a look at a word passes over eight, and only those that are take time.
#[inline(always)]
fn small_ones(
    hashes: &[u32; BLOCK_N],
    limit: u32,
    found: &mut [(u32, u32); BLOCK_N],
    start: usize,
    n: usize,
) -> usize {
    const BYTE: u32 = u8::BITS;
    let mut is_small = [0u8; BLOCK_N];
    for (is_small, &hash) in is_small.iter_mut().zip(hashes) {
        *is_small = u8::from(hash <= limit);
    }
    let mut n_found = 0;
    for (word, is_small) in is_small.as_chunks::<8>().0.iter().enumerate() {
        let mut left = u64::from_le_bytes(*is_small);
        while left > 0 {
            let i = word * 8 + (left.trailing_zeros() / BYTE) as usize;
            left &= left - 1;
            found[n_found % BLOCK_N] = (hashes[i % BLOCK_N], (start + i) as u32);
            n_found += usize::from(i < n);
        }
    }
    n_found
}

/// A table of no places. Zeros that the compiler knows of are set by `memset`.
fn empty_table() -> Spare<u64> {
    let mut table = Spare::new(1 << SLOTS_LOG);
    table.fill(0);
    table
}

#[inline(always)]
fn fold<T: Number>(numbers: &[T], bits: &mut [u32; BLOCK_N + RUN_N]) {
    for (bits, &number) in bits.iter_mut().zip(numbers) {
        *bits = folded(number);
    }
}

/// A sum of products whose high bits depend on all bits.
#[inline(always)]
fn hash(run: [u32; RUN_N]) -> u32 {
    const FACTORS: [u32; RUN_N] = [0x9e37_79b1, 0x85eb_ca6b, 0xc2b2_ae35, 0x27d4_eb2f];
    // Spelled out: left to an iterator, some builds hash one run after the other.
    let product = |k: usize| run[k].wrapping_mul(FACTORS[k]);
    let pair = |k| product(k).wrapping_add(product(k + 1));
    pair(0).wrapping_add(pair(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(n: usize) -> Vec<u64> {
        let mut state = 1u64;
        (0..n)
            .map(|_| {
                state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
                state >> 11
            })
            .collect()
    }

    #[test]
    fn a_period_of_any_length_is_found() {
        for isa in Isa::available() {
            for period in [300, 1000, 30_000, 100_000] {
                let pattern = noise(period);
                let latents: Vec<u64> = (0..250_000).map(|i| pattern[i % period]).collect();
                let repeats = Repeats::find(isa, &latents).expect("repeats");
                assert_eq!(repeats.distance, period);
                assert!(repeats.share > 0.45, "{repeats:?}");
                assert!(repeats.distance_bits < 0.01, "{repeats:?}");
            }
        }
    }

    #[test]
    fn noise_and_constants_repeat_nothing_afar() {
        let isa = Isa::best().expect("a tier");
        assert!(Repeats::find(isa, &noise(100_000)).is_none());
        assert!(Repeats::find(isa, &[7u32; 100_000]).is_none());
    }
}
