//! Quick looks at what a lookback would cost, before one is searched for.
//!
//! One is at the runs of a sample: distances that they hold. The other is at pieces from all over a chunk, in which some
//! latents are set against each of many before them: values that come again near others, after a while that no run holds.

use std::ops::Range;

use super::runs::Runs;
use super::widths::N_WIDTHS;
use crate::delta::lookback::LookbackSearch;
use crate::dtype::Latent;
use crate::entropy::{bit_length, entropy_bits, log2};
use crate::kernels::isa::{Isa, Kernel, Tier};
use crate::kernels::weigh::{BLOCK_N, Least, WidthCosts, difference_bits};

/// Latents of a run that are looked at.
const OF_RUN_N: usize = 256;
/// Latents of a piece that others are set against.
const WINDOW_N: usize = 1 << 10;
const WINDOW_N_LOG: u16 = 10;
/// A window, and the latents behind it.
const PIECE_N: usize = WINDOW_N + BLOCK_N;
/// Pieces of a chunk.
const MIN_PIECES: usize = 2;
const MAX_PIECES: usize = 8;
/// How many times as far as they are long pieces are apart, at least, where there are more: looks take time.
const MIN_APART: usize = 12;
/// Parts of a bit that costs are counted in.
const PARTS: u16 = 256;
/// Fewer numbers have no place for pieces.
pub(super) const MIN_N: usize = 4 * PIECE_N;

/// Where pieces are among `n` numbers.
pub(super) fn pieces(n: usize) -> impl Iterator<Item = Range<usize>> {
    let n_pieces = (n / (MIN_APART * PIECE_N)).clamp(MIN_PIECES, MAX_PIECES);
    (0..n_pieces).map(move |piece| {
        let start = (n - PIECE_N) * (2 * piece + 1) / (2 * n_pieces);
        start..start + PIECE_N
    })
}

/// About what a lookback costs, in bits a latent: by three long runs, or by the start of a single one. What is looked at first
/// has too little before it to count.
pub(super) fn bits_by_runs<L: Latent>(runs: Runs<'_, L>, isa: Isa) -> f64 {
    let long_runs = runs.cuts.long_runs(runs.latents);
    let scouted: Vec<L> = if long_runs.len() < 3 {
        runs.latents[..runs.latents.len().min(3 * OF_RUN_N)].to_vec()
    } else {
        let step = long_runs.len() / 3;
        let starts = long_runs.step_by(step).take(3);
        let starts = starts.flat_map(|run| &run[..run.len().min(OF_RUN_N)]);
        starts.copied().collect()
    };
    let first = scouted.len() / 3;
    let search = LookbackSearch::new(isa, bit_length(scouted.len() as u64));
    let distances = search.find_learning(&scouted, first);
    if distances.len() <= first {
        return f64::INFINITY;
    }
    let mut counts_of_distances = vec![0u32; scouted.len()];
    let mut differences = Vec::with_capacity(distances.len());
    for (i, &distance) in (first + 1..).zip(&distances[first..]) {
        counts_of_distances[distance as usize] += 1;
        differences.push(scouted[i].wrapping_sub(&scouted[i - distance as usize]));
    }
    let n = differences.len() as f64;
    (bits_of_differences(&mut differences) + entropy_bits(&counts_of_distances)) / n
}

/// What differences cost, each by its width, or by how many are equal where these are several: of numbers that count by steps,
/// few differ.
fn bits_of_differences<L: Latent>(differences: &mut [L]) -> f64 {
    /// Bits that equal ones have to save: widths say about one too many.
    const CLEARLY: f64 = 2.0;
    let mut counts_of_widths = [0u32; N_WIDTHS];
    for &difference in &*differences {
        counts_of_widths[difference_bits(difference, L::zero()) as usize] += 1;
    }
    let n = differences.len() as f64;
    differences.sort_unstable();
    let equal = differences.chunk_by(|a, b| a == b).map(|equal| {
        let width = difference_bits(equal[0], L::zero());
        let by_width = f64::from(width) + log2(n / f64::from(counts_of_widths[width as usize]));
        equal.len() as f64 * bits_of_equal(equal.len(), n, by_width, CLEARLY)
    });
    equal.sum()
}

/// What each of so many equal differences costs, of `n`: by their width, or by their number where they are several and that
/// saves enough.
fn bits_of_equal(count: usize, n: f64, by_width: f64, min_saved_bits: f64) -> f64 {
    /// Of differences that were seen less often, there may be many more.
    const MIN_EQUAL: usize = 4;
    let by_number = log2(n / count as f64);
    if count >= MIN_EQUAL && by_number + min_saved_bits < by_width {
        by_number
    } else {
        by_width
    }
}

/// About what a lookback costs, in bits a latent: by [`pieces`], one behind the other.
pub(super) fn bits_by_pieces<L: Latent>(isa: Isa, pieces: &[L]) -> f64 {
    let mut found = Vec::with_capacity(MAX_PIECES * BLOCK_N);
    isa.run(Scout {
        pieces,
        found: &mut found,
    });
    bits_of(&found) / found.len() as f64
}

/// What was found for a latent.
struct Found<L> {
    distance: usize,
    /// To the latent at that distance.
    difference: L,
}

/// What all of it costs.
fn bits_of<L: Latent>(found: &[Found<L>]) -> f64 {
    /// More distances than these are in a window as large as formats have, as a power of two.
    const FARTHER_LOG: f64 = 5.0;
    let n = found.len() as f64;
    let entropy_of = |count: usize| log2(n / count as f64);
    let mut counts_of_distances = [0; WINDOW_N + 1];
    let mut differences: Vec<L> = found.iter().map(|found| found.difference).collect();
    differences.sort_unstable();
    let mut counts_of_widths = [0; N_WIDTHS];
    for found in found {
        counts_of_distances[found.distance] += 1;
        counts_of_widths[difference_bits(found.difference, L::zero()) as usize] += 1;
    }
    let bits = |found: &Found<L>| {
        let distance_bits = match counts_of_distances[found.distance] {
            1 => f64::from(WINDOW_N_LOG),
            count => entropy_of(count),
        };
        let start = differences.partition_point(|&other| other < found.difference);
        let equal = &differences[start..];
        let n_equal = equal.partition_point(|&other| other == found.difference);
        let width = difference_bits(found.difference, L::zero());
        let by_width = f64::from(width) + entropy_of(counts_of_widths[width as usize]);
        distance_bits + bits_of_equal(n_equal, n, by_width, 0.0)
    };
    let pieces = found.chunks(BLOCK_N).map(|piece| {
        let mut costs: Vec<f64> = piece.iter().map(bits).collect();
        costs.sort_unstable_by(f64::total_cmp);
        // What a quarter of latents find in this window, next to all find in a large one.
        let most = costs[BLOCK_N / 4] + FARTHER_LOG;
        costs.into_iter().map(|cost| cost.min(most)).sum::<f64>()
    });
    pieces.sum()
}

struct Scout<'a, L> {
    pieces: &'a [L],
    found: &'a mut Vec<Found<L>>,
}

impl<L: Latent> Kernel for Scout<'_, L> {
    type Output = ();

    #[inline(always)]
    fn run<S: Tier>(self, tier: S) {
        let of_widths = WidthCosts::new(|bits| bits as u16 * PARTS);
        let far = [WINDOW_N_LOG * PARTS; BLOCK_N];
        for piece in self.pieces.chunks_exact(PIECE_N) {
            let block_at = |place: usize| {
                let block = piece[place..].first_chunk::<BLOCK_N>();
                block.expect("a place within the window")
            };
            let latents = block_at(WINDOW_N);
            let mut least = Least::NONE;
            let next = [0; BLOCK_N];
            least.weigh(tier, 1, latents, block_at(WINDOW_N - 1), &next, &of_widths);
            for distance in 2..=WINDOW_N {
                let others = block_at(WINDOW_N - distance);
                least.weigh(tier, distance as u16, latents, others, &far, &of_widths);
            }
            let places = least.proposals.into_iter().enumerate();
            self.found.extend(places.map(|(j, distance)| {
                let distance = usize::from(distance);
                let before = piece[WINDOW_N + j - distance];
                Found {
                    distance,
                    difference: latents[j].wrapping_sub(&before),
                }
            }));
        }
    }
}
