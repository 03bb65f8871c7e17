//! Repeats anywhere in a chunk, however far apart.
//!
//! A table knows where the last of some runs of [`RUN_N`] numbers was seen: those that start at multiples of a step. All runs
//! of some segments, each as long as a step, are looked up there: whatever the distance of a repeat, one run of a segment is
//! that distance behind a multiple. So a part of a chunk shows what share of it repeats, and how much the distances differ,
//! which no sample of places can show. (The idea is that of rsync: Tridgell and Mackerras, "The rsync algorithm", 1996.)

use std::cmp::Reverse;

use super::delta_choice::DeltaChoice;
use super::modes::{Choice, Chooser};
use super::surcharge::Surcharge;
use crate::dtype::{Latent, Number};
use crate::entropy::{bit_length, log2};
use crate::kernels::isa::{Isa, Kernel, Tier};
use crate::mode::ModeChoice;

/// The largest window of lookbacks that decoders take, as a power of two.
const MAX_WINDOW_N_LOG: u32 = 24;
/// Numbers of a run: enough not to repeat by chance.
const RUN_N: usize = 8;
/// The least step, and runs that are hashed at once.
const BLOCK_N: usize = 64;
/// Runs that the table knows, about, and its slots.
const MAX_KNOWN_LOG: u32 = 12;
const SLOTS_LOG: u32 = MAX_KNOWN_LOG + 1;
/// Segments of which one is looked up, and how many are, at least and at most.
const PART: usize = 4;
const MIN_SEGMENTS: usize = 48;
const MAX_SEGMENTS: usize = 256;
/// Repeats at shorter distances are found by samples, and a run that has one is none for a longer.
const MIN_DISTANCE: usize = 16;

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
        /// Parts that repeat something, at least: fewer are chance.
        const MIN_N: usize = 4;
        let segments = Segments::of(numbers.len())?;
        let mut found = isa.run(Look { numbers, segments });
        let n_looked_at = (segments.n * segments.step) as f64;
        let n: f64 = found.iter().map(|part| part.n as f64).sum();
        if n < MIN_SHARE * n_looked_at || found.len() < MIN_N {
            return None;
        }
        found.sort_unstable_by_key(|part| part.distance);
        let (mut bits, mut most) = (0.0, (0, 0));
        for equal in found.chunk_by(|a, b| a.distance == b.distance) {
            let n_equal: usize = equal.iter().map(|part| part.n).sum();
            bits += n_equal as f64 * (log2(n) - log2(n_equal as f64));
            most = most.max((n_equal, equal[0].distance));
        }
        Some(Self {
            share: n / n_looked_at,
            distance_bits: bits / n,
            distance: most.1,
            share_of_distance: most.0 as f64 / n,
            farthest: found.last()?.distance,
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

/// The parts of a chunk that are looked up, of equally many that it is made of.
#[derive(Clone, Copy)]
struct Segments {
    /// Runs of each: a multiple of [`BLOCK_N`].
    step: usize,
    /// So many segments.
    n: usize,
    /// Of so many.
    n_all: usize,
}

impl Segments {
    /// Those of `n` numbers, if they are enough to have some.
    fn of(n: usize) -> Option<Self> {
        let step = (n >> MAX_KNOWN_LOG).next_power_of_two().max(BLOCK_N);
        let n_all = (n + 1).saturating_sub(RUN_N) / step;
        // The first one has nothing before it.
        let n = (n_all / PART)
            .clamp(MIN_SEGMENTS, MAX_SEGMENTS)
            .min(n_all.saturating_sub(1));
        (n > 0).then_some(Self { step, n, n_all })
    }

    /// Where the segments start that are looked up, from all over, in order.
    fn starts(self) -> impl Iterator<Item = usize> {
        let place = move |k: usize| 1 + (self.n_all - 1) * (2 * k + 1) / (2 * self.n);
        (0..self.n).map(move |k| place(k) * self.step)
    }
}

/// Numbers of a segment that repeat those at a distance.
struct Repeated {
    distance: usize,
    n: usize,
}

/// Short distances that repeats had. What repeats often does so at all multiples of its period, and a table of some runs finds any.
#[derive(Default)]
struct Known(Vec<usize>);

impl Known {
    const MAX_N: usize = 16;

    /// The shortest distance of those that are known, and of what a new one is beyond them, that `explains` a repeat; else the
    /// new one, which is known from now on.
    fn nearest(&mut self, distance: usize, explains: impl Fn(usize) -> bool) -> usize {
        let beyond = self.0.iter().map(|known| distance.abs_diff(*known));
        let others = self.0.iter().copied().chain(beyond);
        let shorter = others.filter(|other| (MIN_DISTANCE..distance).contains(other));
        let nearest = shorter.filter(|&other| explains(other)).min();
        let nearest = nearest.unwrap_or(distance);
        if let Err(place) = self.0.binary_search(&nearest) {
            self.0.insert(place, nearest);
            self.0.truncate(Self::MAX_N);
        }
        nearest
    }
}

/// Where some runs were seen last.
struct Places {
    /// A bit for each key that some run has: most runs were not seen, which this much of the nearest cache tells.
    keys: Vec<u64>,
    /// The last two runs of each slot: the hash in the upper half, and in the other the place after the start, 0 for none.
    slots: Vec<[u64; 2]>,
}

impl Places {
    /// Keys, as a power of two: sixteen for each run.
    const KEYS_LOG: u32 = MAX_KNOWN_LOG + 4;

    fn new() -> Self {
        Self {
            keys: vec![0; (1 << Self::KEYS_LOG) / u64::BITS as usize],
            slots: vec![[0; 2]; 1 << SLOTS_LOG],
        }
    }

    /// The word and the bit of the key of a hash, and its slot.
    #[inline(always)]
    fn of(hash: u32) -> (usize, u32, usize) {
        let key = hash.wrapping_mul(0x9e37_79b1) >> (u32::BITS - Self::KEYS_LOG);
        let slot = key >> (Self::KEYS_LOG - SLOTS_LOG);
        ((key / u64::BITS) as usize, key % u64::BITS, slot as usize)
    }

    fn note(&mut self, hash: u32, place: usize) {
        let (word, bit, slot) = Self::of(hash);
        self.keys[word] |= 1 << bit;
        let [last, before] = &mut self.slots[slot];
        *before = *last;
        *last = u64::from(hash) << 32 | (place as u64 + 1);
    }

    /// The distance at which the run of a place was seen last, if that is not near.
    #[inline(always)]
    fn distance(&self, hash: u32, place: usize) -> Option<usize> {
        let (word, bit, slot) = Self::of(hash);
        if self.keys[word] >> bit & 1 == 0 {
            return None;
        }
        let distances = self.slots[slot].map(|entry| {
            let (known, after) = ((entry >> 32) as u32, entry as u32 as usize);
            let is_known = (known == hash) & (after > 0) & (place + 1 >= after + MIN_DISTANCE);
            is_known.then(|| place + 1 - after)
        });
        distances[0].or(distances[1])
    }
}

/// The look at all segments.
struct Look<'a, T> {
    numbers: &'a [T],
    segments: Segments,
}

impl<T: Number> Kernel for Look<'_, T> {
    type Output = Vec<Repeated>;

    #[inline(always)]
    fn run<S: Tier>(self, _: S) -> Vec<Repeated> {
        let Self { numbers, segments } = self;
        let (mut places, mut known) = (Places::new(), Known::default());
        let (mut seen, mut repeated) = (Vec::new(), Vec::new());
        let mut is_open = vec![[0; BLOCK_N]; segments.step / BLOCK_N];
        let mut noted = 0;
        for start in segments.starts() {
            for place in (noted..=start).step_by(segments.step) {
                let run = numbers[place..].first_chunk().expect("a whole run");
                places.note(hash(run.map(folded)), place);
            }
            noted = start + segments.step;
            seen.clear();
            for (block, is_open) in (start..).step_by(BLOCK_N).zip(&mut is_open) {
                look_up(numbers, block, &places, is_open, &mut seen);
            }
            let mut part = Segment {
                numbers,
                start,
                is_open: &mut is_open,
            };
            part.explain(&mut seen, &mut known, &mut repeated);
        }
        repeated
    }
}

/// A segment whose repeats are weighed.
struct Segment<'a, T> {
    numbers: &'a [T],
    start: usize,
    /// One for each number that no distance explains yet, else zero.
    is_open: &'a mut [[u32; BLOCK_N]],
}

impl<T: Number> Segment<'_, T> {
    /// Appends what repeats, by the distances at which runs of the segment were seen: those that explain most of it.
    #[inline(always)]
    fn explain(&mut self, seen: &mut Vec<usize>, known: &mut Known, repeated: &mut Vec<Repeated>) {
        /// Distances that are weighed, at most.
        const MAX_WEIGHED: usize = 8;
        /// Of these, so many that a segment has.
        const MAX_N: usize = 4;
        /// Fewer numbers are chance.
        const MIN_EQUAL: usize = 2 * RUN_N;
        let n_open: u32 = self.is_open.as_flattened().iter().sum();
        if (n_open as usize) < MIN_EQUAL {
            return;
        }
        seen.sort_unstable();
        seen.dedup();
        let step = seen.len().div_ceil(MAX_WEIGHED).max(1);
        for _ in 0..MAX_N {
            let weighed = seen.iter().step_by(step);
            let weighed = weighed.map(|&distance| (self.n_equal(distance), Reverse(distance)));
            let Some((n, Reverse(distance))) = weighed.max().filter(|most| most.0 >= MIN_EQUAL)
            else {
                return;
            };
            let distance = known.nearest(distance, |shorter| self.n_equal(shorter) >= n);
            self.close(distance);
            repeated.push(Repeated { distance, n });
        }
    }

    /// How many open numbers equal those at a distance before.
    #[inline(always)]
    fn n_equal(&self, distance: usize) -> usize {
        let mut n = 0;
        let starts = (self.start..).step_by(BLOCK_N).zip(&*self.is_open);
        for (start, is_open) in starts.filter(|of| of.0 >= distance) {
            let block_at = |place: usize| self.numbers[place..].first_chunk::<BLOCK_N>();
            let (block, before) = (block_at(start), block_at(start - distance));
            let (block, before) = block.zip(before).expect("whole blocks");
            for i in 0..BLOCK_N {
                let is_equal = block[i].to_latent() == before[i].to_latent();
                n += u32::from(is_equal) & is_open[i];
            }
        }
        n as usize
    }

    /// Closes what equals the numbers at a distance before.
    fn close(&mut self, distance: usize) {
        let starts = (self.start..).step_by(BLOCK_N).zip(&mut *self.is_open);
        for (start, is_open) in starts.filter(|of| of.0 >= distance) {
            let pairs = self.numbers[start..]
                .iter()
                .zip(&self.numbers[start - distance..]);
            for (is_open, (x, before)) in is_open.iter_mut().zip(pairs) {
                *is_open &= u32::from(x.to_latent() != before.to_latent());
            }
        }
    }
}

/// Looks up the runs of a block that starts at `start`: the distances of those that were seen. What repeats something near is
/// not open to others.
#[inline(always)]
fn look_up<T: Number>(
    numbers: &[T],
    start: usize,
    places: &Places,
    is_open: &mut [u32; BLOCK_N],
    seen: &mut Vec<usize>,
) {
    let first = start - MIN_DISTANCE;
    let mut bits = [0; MIN_DISTANCE + BLOCK_N + RUN_N - 1];
    for (bits, &number) in bits.iter_mut().zip(&numbers[first..]) {
        *bits = folded(number);
    }
    let mut hashes = [0; MIN_DISTANCE + BLOCK_N];
    for (i, of_run) in hashes.iter_mut().enumerate() {
        let bits = bits[i..].first_chunk().expect("a whole run");
        *of_run = hash(*bits);
    }
    let (_, of_block) = hashes.split_at(MIN_DISTANCE);
    // In words, as the hashes are: vectors of one width.
    let mut n_near = [0u32; BLOCK_N];
    for distance in 1..MIN_DISTANCE {
        let before = &hashes[MIN_DISTANCE - distance..][..BLOCK_N];
        for i in 0..BLOCK_N {
            n_near[i] += u32::from(of_block[i] == before[i]);
        }
    }
    *is_open = n_near.map(|n| u32::from(n == 0));
    let open = (start..)
        .zip(of_block)
        .zip(&*is_open)
        .filter(|of| *of.1 == 1);
    seen.extend(open.filter_map(|((place, &hash), _)| places.distance(hash, place)));
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

/// A sum of products whose high bits depend on all bits.
#[inline(always)]
fn hash(run: [u32; RUN_N]) -> u32 {
    const FACTORS: [u32; RUN_N] = [
        0x9e37_79b1,
        0x85eb_ca6b,
        0xc2b2_ae35,
        0x27d4_eb2f,
        0x1656_67b1,
        0x2c1b_3c6d,
        0x297a_2d39,
        0x7feb_352d,
    ];
    // Spelled out: left to an iterator, some builds hash one run after the other.
    let product = |k: usize| run[k].wrapping_mul(FACTORS[k]);
    let pair = |k| product(k).wrapping_add(product(k + 1));
    let (first, second) = (pair(0).wrapping_add(pair(2)), pair(4).wrapping_add(pair(6)));
    first.wrapping_add(second)
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
