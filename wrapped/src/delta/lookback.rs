//! Lookback: each latent relative to the one that lies a stored distance back.
//!
//! Any distance is legal, so the encoder is free to choose well or fast. It proposes, for each latent: the distances
//! that were last good, the nearest neighbours, and where the same value, or one that shares its high bits, was seen
//! last. The one that leaves the smallest difference wins, with a bonus for distances in frequent use.

use crate::dtype::Latent;
use crate::entropy::bit_length;
use crate::error::{Error, Result};

/// Neighbours that are always proposed.
const N_NEAREST: usize = 4;
/// Distances of late that are proposed.
const N_RECENT: usize = 6;
/// How seldom distances at which latents repeat are used at least, as a power of two: else a distance that is in use
/// already, to a latent of few bits, would win for ever.
const REPEAT_PRIOR_LOG: u32 = 6;
/// The largest table of places where a value was seen last, as a power of two.
const MAX_PLACES_LOG: u32 = 16;
/// Low bits that values may differ in and still be found.
const COARSE_SHIFT: u32 = 8;

/// Proposes and chooses distances; made once a chunk.
pub(crate) struct LookbackSearch {
    window_n: usize,
    /// How often each distance was chosen, from index 1.
    counts: Vec<u32>,
    /// What each distance costs: the less, the more often it was chosen. In fractions of bits, but for a constant.
    costs: Vec<i32>,
    /// The one that was chosen most often.
    favourite: usize,
    recent: [usize; N_RECENT],
    /// For hashes of whole values and of values without their low bits, the last place, counted from 1 and through all
    /// pages.
    places: Vec<[u32; 2]>,
    places_log: u32,
    /// Latents of the pages before.
    n_before: usize,
}

impl LookbackSearch {
    /// Searches windows of `2^window_n_log` latents.
    pub(crate) fn new(window_n_log: u32) -> Self {
        let places_log = (window_n_log + 1).min(MAX_PLACES_LOG);
        let n_distances = (1 << window_n_log) + 1;
        Self {
            window_n: 1 << window_n_log,
            counts: vec![0; n_distances],
            costs: vec![cost_of_count(0); n_distances],
            favourite: 1,
            recent: [1; N_RECENT],
            places: vec![[0; 2]; 1 << places_log],
            places_log,
            n_before: 0,
        }
    }

    /// Appends the distances for the latents of a page from its second on.
    pub(crate) fn find<L: Latent>(&mut self, latents: &[L], distances: &mut Vec<u32>) {
        distances.reserve(latents.len());
        for i in 0..latents.len() {
            let keys = self.keys(latents[i]);
            if i > 0 {
                let distance = self.choose(latents, i, keys);
                self.count(distance);
                distances.push(distance as u32);
            }
            for (which, key) in keys.into_iter().enumerate() {
                self.places[key][which] = (self.n_before + i + 1) as u32;
            }
        }
        self.n_before += latents.len();
    }

    /// Takes note of a choice.
    #[inline(always)]
    fn count(&mut self, distance: usize) {
        let count = self.counts[distance] + 1;
        self.counts[distance] = count;
        self.costs[distance] = cost_of_count(count);
        if count > self.counts[self.favourite] {
            self.favourite = distance;
        }
        if !self.recent.contains(&distance) {
            self.recent.rotate_right(1);
            self.recent[0] = distance;
        }
    }

    #[inline(always)]
    fn choose<L: Latent>(&self, latents: &[L], i: usize, keys: [usize; 2]) -> usize {
        let latent = latents[i];
        // Nothing costs less than the favourite where it leaves nothing.
        if self.favourite <= i && latents[i - self.favourite] == latent {
            return self.favourite;
        }
        let reach = i.min(self.window_n);
        let cost_of_repeat = cost_of_count(i as u32 >> REPEAT_PRIOR_LOG);
        let mut best = (i64::MAX, 1);
        let mut propose = |distance: usize| {
            // Zero, too, is out of reach.
            if distance.wrapping_sub(1) >= reach {
                return;
            }
            let difference = latent.wrapping_sub(&latents[i - distance]);
            let magnitude = difference.min(L::zero().wrapping_sub(&difference));
            let is_equal = magnitude == L::zero();
            let is_repeat = is_equal && distance < i && latents[i - 1] == latents[i - 1 - distance];
            let mut cost = self.costs[distance];
            if is_repeat {
                cost = cost.min(cost_of_repeat);
            }
            cost += (bit_length(magnitude) << COST_FRACTION) as i32;
            // Of equals, the one that was chosen more often: else both would go on costing.
            let cost = (i64::from(cost) << 32) - i64::from(self.counts[distance]);
            if cost < best.0 {
                best = (cost, distance);
            }
        };
        (1..=N_NEAREST).for_each(&mut propose);
        self.recent.into_iter().for_each(&mut propose);
        for (which, key) in keys.into_iter().enumerate() {
            propose(self.n_before + i + 1 - self.places[key][which] as usize);
        }
        best.1
    }

    /// Where the table keeps a value: by all its bits, and by its high ones.
    #[inline(always)]
    fn keys<L: Latent>(&self, latent: L) -> [usize; 2] {
        let bits = latent.to_u64();
        [bits, bits >> COARSE_SHIFT].map(|bits| {
            (bits.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - self.places_log)) as usize
        })
    }
}

/// Fraction bits of costs: of distances that are chosen about as often, one has to win, or both cost.
const COST_FRACTION: u32 = 3;

/// What a distance costs, but for a constant: minus the logarithm of its count and one, off by less than a tenth of a
/// bit. The bits of a float are a logarithm.
#[inline(always)]
fn cost_of_count(count: u32) -> i32 {
    let bits = ((count + 1) as f32).to_bits();
    -((bits >> (f32::MANTISSA_DIGITS - 1 - COST_FRACTION)) as i32)
}

/// Appends the residuals of a page to `residuals` and its first latent to `states`, given its distances.
pub(crate) fn encode<L: Latent>(
    latents: &[L],
    distances: &[u32],
    residuals: &mut Vec<L>,
    states: &mut Vec<L>,
) {
    states.push(latents.first().copied().unwrap_or_default());
    residuals.extend(distances.iter().enumerate().map(|(i, &distance)| {
        let earlier = latents[i + 1 - distance as usize];
        latents[i + 1].wrapping_sub(&earlier).toggled()
    }));
}

/// What distances of a page can reach: at least its last `window_n` latents, and zeros before its first.
#[derive(Clone, Debug)]
pub(crate) struct History<L> {
    /// Latents since some number of the page, the pending ones last.
    latents: Vec<L>,
    /// Latents at the end of `latents` that are known and not given out yet.
    n_pending: usize,
    /// The largest distance.
    window_n: usize,
}

impl<L: Latent> History<L> {
    /// The history of a page whose first latents are `state`.
    pub(crate) fn new(window_n: usize, state: &[L]) -> Self {
        Self {
            latents: state.to_vec(),
            n_pending: state.len(),
            window_n,
        }
    }

    /// Turns residuals into latents in place by the distance of each, and moves on. Where the page ends, there are more
    /// latents to give out than distances, by at most the length of the state.
    ///
    /// # Errors
    /// `Corrupt` for a distance of zero or above the window; `LimitExceeded` where memory is short.
    #[inline(always)]
    pub(crate) fn decode(&mut self, distances: &[u32], latents: &mut [L]) -> Result<()> {
        debug_assert!(distances.len() <= latents.len());
        // Zero becomes the largest of all: one loop over vectors finds distances that are too small or too large.
        let farthest = distances.iter().fold(0, |farthest: u32, distance| {
            farthest.max(distance.wrapping_sub(1))
        }) as usize;
        if farthest >= self.window_n {
            return Err(Error::corrupt(format!(
                "a lookback outside its window of {} numbers",
                self.window_n
            )));
        }
        self.forget(latents.len())?;
        let known = self.latents.len();
        let first = known - self.n_pending;
        self.latents.resize(known + distances.len(), L::zero());
        let window = &mut self.latents[..];
        let coded = (known..).zip(distances.iter().zip(&*latents));
        if farthest < known {
            for (at, (&distance, residual)) in coded {
                window[at] = window[at - distance as usize].wrapping_add(&residual.toggled());
            }
        } else {
            // Before the page's first latent there are zeros. After `forget`, all that the window holds is here.
            for (at, (&distance, residual)) in coded {
                let base = window.get(at.wrapping_sub(distance as usize));
                let base = base.copied().unwrap_or(L::zero());
                window[at] = base.wrapping_add(&residual.toggled());
            }
        }
        let n = latents.len();
        latents.copy_from_slice(&self.latents[first..first + n]);
        self.n_pending = self.latents.len() - first - n;
        Ok(())
    }

    /// Makes room for `n` more, dropping what no distance reaches any more once that is as much again.
    fn forget(&mut self, n: usize) -> Result<()> {
        let kept = self.window_n.max(self.n_pending);
        if self.latents.len() >= 2 * kept + n {
            let dropped = self.latents.len() - kept;
            self.latents.drain(..dropped);
        }
        self.latents
            .try_reserve(n)
            .map_err(|_| Error::LimitExceeded {
                what: "memory for a lookback window, in numbers",
                limit: self.latents.len() as u64,
                asked: (self.latents.len() + n) as u64,
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interleaved_sequences_are_found() {
        let latents: Vec<u32> = (0..3000).map(|i| (i % 5) * 1_000_000 + i / 5).collect();
        let mut distances = Vec::new();
        LookbackSearch::new(8).find(&latents, &mut distances);
        assert_eq!(distances.len(), 2999);
        let n_fives = distances.iter().filter(|&&distance| distance == 5).count();
        assert!(n_fives > 2900, "{n_fives}");
        let (mut residuals, mut states) = (Vec::new(), Vec::new());
        encode(&latents, &distances, &mut residuals, &mut states);
        assert_eq!(states, [0]);
        assert_eq!(residuals[2000], u32::MID + 1);
    }
}
