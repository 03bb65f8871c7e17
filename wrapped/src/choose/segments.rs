//! Parts of a chunk, and at which distances they repeat what is before them.
//!
//! A table knows where some runs of [`RUN_N`] numbers were seen last: those that start at multiples of a step. All runs of some
//! segments, each longer than a step, are looked up there: whatever the distance of a repeat, one run of a segment is that
//! distance behind a multiple. The distances that this proposes are weighed: how many numbers of each segment repeat those
//! before. So a part of a chunk shows what share of it repeats, and how much the distances differ, which no sample of places
//! can show. (The idea is that of rsync: Tridgell and Mackerras, "The rsync algorithm", 1996.)

use std::cmp::Reverse;

use crate::dtype::{Latent, Number};
use crate::entropy::bit_length;
use crate::kernels::isa::{Kernel, Tier};

/// Numbers of a run: enough not to repeat by chance.
const RUN_N: usize = 4;
/// The least step, and runs that are hashed at once.
const BLOCK_N: usize = 64;
/// Runs that the table knows, about.
const MAX_KNOWN_LOG: u32 = 12;
/// Segments of which one is looked up, and how many are, at least and at most.
const PART: usize = 4;
const MIN_SEGMENTS: usize = 48;
const MAX_SEGMENTS: usize = 256;
/// Repeats at shorter distances are found by samples, and a run that has one is none for a longer.
const MIN_DISTANCE: usize = 16;

/// The parts of a chunk that are looked up, of equally many that it is made of.
#[derive(Clone, Copy)]
pub(super) struct Segments {
    /// Runs of each: a multiple of [`BLOCK_N`].
    pub(super) step: usize,
    /// So many segments.
    pub(super) n: usize,
    /// Of so many.
    n_all: usize,
}

impl Segments {
    /// Those of `n` numbers, if they are enough to have some.
    pub(super) fn of(n: usize) -> Option<Self> {
        let step = (n >> MAX_KNOWN_LOG).next_power_of_two().max(BLOCK_N);
        let n_all = (n + 1).saturating_sub(RUN_N) / step;
        // The first one has nothing before it.
        let n = (n_all / PART)
            .clamp(MIN_SEGMENTS, MAX_SEGMENTS)
            .min(n_all.saturating_sub(1));
        (n > 0).then_some(Self { step, n, n_all })
    }

    /// How far runs are apart that the table knows: less than a segment is long, and no multiple of what records are mostly as
    /// long as.
    fn known_step(self) -> usize {
        self.step - 3
    }

    /// Where the segments start that are looked up, from all over, in order.
    fn starts(self) -> impl Iterator<Item = usize> {
        let place = move |k: usize| 1 + (self.n_all - 1) * (2 * k + 1) / (2 * self.n);
        (0..self.n).map(move |k| place(k) * self.step)
    }
}

/// Numbers of a segment that repeat those at a distance.
pub(super) struct Repeated {
    pub(super) distance: usize,
    pub(super) n: usize,
}

/// What all segments showed, of the numbers in them that repeat nothing near.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) repeated: Vec<Repeated>,
    /// So many numbers.
    pub(super) n_open: usize,
    /// How many of these equal those at a distance of no meaning: by chance.
    pub(super) n_by_chance: f64,
    /// The same of the segments that repeat something.
    pub(super) n_repeated_by_chance: f64,
}

impl Seen {
    /// Takes note of a segment's open numbers, and returns the share of such that equal others by chance, as all segments say
    /// so far.
    fn note(&mut self, n_open: usize, n_by_chance: usize) -> f64 {
        self.n_open += n_open;
        self.n_by_chance += n_by_chance as f64;
        self.n_by_chance / self.n_open as f64
    }
}

/// The distances that explained most, with how much. They are weighed in each segment: where single numbers differ, no run of it
/// may be seen. What repeats often does so at all multiples of its period, too, and a table of some runs finds any of them.
#[derive(Default)]
struct Known(Vec<(usize, usize)>);

impl Known {
    const MAX_N: usize = 8;

    fn distances(&self) -> impl Iterator<Item = usize> {
        self.0.iter().map(|known| known.0)
    }

    /// How much a distance explained; nothing if it is not known.
    fn n_of(&self, distance: usize) -> usize {
        let known = self.0.iter().find(|known| known.0 == distance);
        known.map_or(0, |known| known.1)
    }

    /// Shorter distances that may explain what a new one does, the shortest first: those that are known, and what it is beyond
    /// them.
    fn shorter(&self, distance: usize) -> Vec<usize> {
        let beyond = self.distances().map(|known| distance.abs_diff(known));
        let shorter = self.distances().chain(beyond);
        let mut shorter: Vec<usize> = shorter
            .filter(|other| (MIN_DISTANCE..distance).contains(other))
            .collect();
        shorter.sort_unstable();
        shorter
    }

    /// Takes note of a distance that explains `n` numbers more. The one that explained least gives way.
    fn note(&mut self, distance: usize, n: usize) {
        match self.0.iter_mut().find(|known| known.0 == distance) {
            Some(known) => known.1 += n,
            None => self.0.push((distance, n)),
        }
        self.0.sort_unstable_by_key(|&(_, n)| Reverse(n));
        // A new one has explained less than those before it: it takes the last place.
        if self.0.len() > Self::MAX_N {
            self.0.swap_remove(Self::MAX_N - 1);
        }
    }
}

/// Where some runs were seen last.
struct Places {
    /// A bit for each key that some run has: most runs were not seen, which this much of the nearest cache tells.
    keys: Vec<u64>,
    /// Keys, as a power of two.
    keys_log: u32,
    /// The last two runs of each slot: the hash in the upper half, and in the other the place after the start, 0 for none.
    slots: Vec<[u64; 2]>,
}

impl Places {
    /// Keys of a slot, as a power of two.
    const KEYS_OF_SLOT_LOG: u32 = 3;

    /// For so many runs: up to two slots for each.
    fn new(n_runs: usize) -> Self {
        let slots_log = bit_length(n_runs as u64).max(u64::BITS.ilog2());
        let keys_log = slots_log + Self::KEYS_OF_SLOT_LOG;
        Self {
            keys: vec![0; (1 << keys_log) / u64::BITS as usize],
            keys_log,
            slots: vec![[0; 2]; 1 << slots_log],
        }
    }

    /// The word and the bit of the key of a hash, and its slot.
    #[inline(always)]
    fn of(&self, hash: u32) -> (usize, u32, usize) {
        let key = hash.wrapping_mul(0x9e37_79b1) >> (u32::BITS - self.keys_log);
        let slot = key >> Self::KEYS_OF_SLOT_LOG;
        ((key / u64::BITS) as usize, key % u64::BITS, slot as usize)
    }

    fn note(&mut self, hash: u32, place: usize) {
        let (word, bit, slot) = self.of(hash);
        self.keys[word] |= 1 << bit;
        let [last, before] = &mut self.slots[slot];
        *before = *last;
        *last = u64::from(hash) << 32 | (place as u64 + 1);
    }

    /// The distance at which the run of a place was seen last, if that is not near.
    #[inline(always)]
    fn distance(&self, hash: u32, place: usize) -> Option<usize> {
        let (word, bit, slot) = self.of(hash);
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
pub(super) struct Look<'a, T> {
    pub(super) numbers: &'a [T],
    pub(super) segments: Segments,
}

impl<T: Number> Kernel for Look<'_, T> {
    type Output = Seen;

    #[inline(always)]
    fn run<S: Tier>(self, _: S) -> Seen {
        let Self { numbers, segments } = self;
        let mut places = Places::new(numbers.len() / segments.known_step());
        let (mut known, mut seen) = (Known::default(), Seen::default());
        let (mut distances, mut weighed) = (Vec::new(), Vec::new());
        let mut is_open = vec![[0; BLOCK_N]; segments.step / BLOCK_N];
        let mut noted = 0;
        for start in segments.starts() {
            while noted <= start {
                let run = numbers[noted..].first_chunk().expect("a whole run");
                places.note(hash(run.map(folded)), noted);
                noted += segments.known_step();
            }
            distances.clear();
            for (block, is_open) in (start..).step_by(BLOCK_N).zip(&mut is_open) {
                look_up(numbers, block, &places, is_open, &mut distances);
            }
            let mut part = Segment {
                numbers,
                start,
                is_open: &mut is_open,
            };
            weighed.clear();
            weighed.extend(known.distances());
            weigh_some(&mut distances, &known, &mut weighed);
            part.explain(&mut weighed, &mut known, &mut seen);
        }
        seen
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
    /// Appends what repeats at some distances: those that explain most of the segment, if that is more than chance does.
    #[inline(always)]
    fn explain(&mut self, weighed: &mut Vec<usize>, known: &mut Known, seen: &mut Seen) {
        /// Of all distances, so many that a segment has.
        const MAX_N: usize = 4;
        /// Fewer numbers are chance.
        const MIN_EQUAL: usize = 8;
        /// How far above the mean the best of some distances may be by chance, in standard deviations.
        const CHANCE: f64 = 2.5;
        let n_open: u32 = self.is_open.as_flattened().iter().sum();
        if (n_open as usize) < MIN_EQUAL {
            return;
        }
        let n_by_chance = self.n_equal(self.start / 2 + self.start % 31);
        // Of a chunk of several kinds, the segment itself may say better.
        let here = n_by_chance as f64 / f64::from(n_open);
        let share = seen.note(n_open as usize, n_by_chance).min(here);
        let by_chance = f64::from(n_open) * share;
        let least = by_chance + CHANCE * (by_chance * (1.0 - share)).sqrt();
        let least = (least as usize).clamp(MIN_EQUAL, n_open as usize);
        let mut n_open = n_open as usize;
        for round in 0..MAX_N {
            let mut best = (0, Reverse(0));
            // Backwards, so that what takes the place of another is done.
            for i in (0..weighed.len()).rev() {
                let n = self.n_equal(weighed[i]);
                if n < least {
                    weighed.swap_remove(i);
                } else {
                    best = best.max((n, Reverse(weighed[i])));
                }
            }
            let (mut n, Reverse(mut distance)) = best;
            if n == 0 {
                return;
            }
            if known.n_of(distance) == 0 {
                // Where single numbers differ, any multiple of a period may explain a few more than the period.
                let n_left = n_open - n;
                let nearly = n.saturating_sub(2 * (n_left as f64).sqrt() as usize);
                for shorter in known.shorter(distance) {
                    let n_of_shorter = self.n_equal(shorter);
                    if n_of_shorter >= nearly.max(least) {
                        (n, distance) = (n_of_shorter, shorter);
                        break;
                    }
                }
            }
            if round == 0 {
                seen.n_repeated_by_chance += by_chance;
            }
            known.note(distance, n);
            self.close(distance);
            n_open -= n;
            seen.repeated.push(Repeated { distance, n });
        }
    }

    /// How many open numbers equal those at a distance before.
    #[inline(always)]
    fn n_equal(&self, distance: usize) -> usize {
        let bits: &[T::Latent] = bytemuck::cast_slice(self.numbers);
        let mut n = 0;
        let starts = (self.start..).step_by(BLOCK_N).zip(&*self.is_open);
        for (start, is_open) in starts.filter(|of| of.0 >= distance) {
            let block_at = |place: usize| bits[place..].first_chunk::<BLOCK_N>();
            let (block, before) = (block_at(start), block_at(start - distance));
            let (block, before) = block.zip(before).expect("whole blocks");
            for i in 0..BLOCK_N {
                n += u32::from(block[i] == before[i]) & is_open[i];
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

/// Adds some of the distances at which runs of a segment were seen to those that are weighed: what is frequent is among them.
fn weigh_some(distances: &mut Vec<usize>, known: &Known, weighed: &mut Vec<usize>) {
    /// Those that are looked at, and those that are weighed, at most.
    const MAX_PICKED: usize = 16;
    const MAX_WEIGHED: usize = 8;
    let step = distances.len().div_ceil(MAX_PICKED).max(1);
    let n_picked = distances.len().div_ceil(step);
    for i in 0..n_picked {
        distances[i] = distances[i * step];
    }
    distances.truncate(n_picked);
    distances.retain(|&distance| known.n_of(distance) == 0);
    distances.sort_unstable();
    distances.dedup();
    let step = distances.len().div_ceil(MAX_WEIGHED).max(1);
    weighed.extend(distances.iter().step_by(step));
}

/// Looks up the runs of a block that starts at `start`: the distances of those that were seen. What repeats something near is
/// not open to others.
#[inline(always)]
fn look_up<T: Number>(
    numbers: &[T],
    start: usize,
    places: &Places,
    is_open: &mut [u32; BLOCK_N],
    distances: &mut Vec<usize>,
) {
    let first = start - MIN_DISTANCE;
    let mut bits = [0; MIN_DISTANCE + BLOCK_N + 2 * RUN_N - 1];
    for (bits, &number) in bits.iter_mut().zip(&numbers[first..]) {
        *bits = folded(number);
    }
    let mut hashes = [0; MIN_DISTANCE + BLOCK_N + RUN_N];
    for (i, of_run) in hashes.iter_mut().enumerate() {
        let bits = bits[i..].first_chunk().expect("a whole run");
        *of_run = hash(*bits);
    }
    let (_, of_block) = hashes.split_at(MIN_DISTANCE);
    // Two runs, one behind the other: numbers of few values repeat one by chance. In words, as the hashes are: vectors of one
    // width.
    let mut n_near = [0u32; BLOCK_N];
    for distance in 1..MIN_DISTANCE {
        let before = &hashes[MIN_DISTANCE - distance..][..BLOCK_N + RUN_N];
        for i in 0..BLOCK_N {
            let is_first = u32::from(of_block[i] == before[i]);
            n_near[i] += is_first & u32::from(of_block[i + RUN_N] == before[i + RUN_N]);
        }
    }
    *is_open = n_near.map(|n| u32::from(n == 0));
    for i in 0..BLOCK_N {
        if is_open[i] == 1
            && let Some(distance) = places.distance(of_block[i], start + i)
        {
            distances.push(distance);
        }
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

/// A sum of products whose high bits depend on all bits.
#[inline(always)]
fn hash(run: [u32; RUN_N]) -> u32 {
    const FACTORS: [u32; RUN_N] = [0x9e37_79b1, 0x85eb_ca6b, 0xc2b2_ae35, 0x27d4_eb2f];
    // Spelled out: left to an iterator, some builds hash one run after the other.
    let product = |k: usize| run[k].wrapping_mul(FACTORS[k]);
    let pair = |k| product(k).wrapping_add(product(k + 1));
    pair(0).wrapping_add(pair(2))
}
