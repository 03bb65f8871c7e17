//! Latents that nearly come again at a long distance: waves whose period is no whole number, of which some multiple nearly
//! is one.
//!
//! A block of latents is set against each that lies before it, as far as lookbacks reach. The distances that leave least
//! are tried at other places of the chunk.

use super::delta_choice::DeltaChoice;
use super::lags::MAX_LAG;
use super::modes::{Choice, Chooser};
use super::surcharge::Surcharge;
use super::widths::{N_WIDTHS, bits_of_widths};
use crate::dtype::{Latent, Number};
use crate::kernels::isa::{Kernel, Tier};
use crate::kernels::weigh::{BLOCK_N, Weigher, difference_bits};
use crate::mode::{ModeChoice, split};
use crate::spare::Spare;

/// The longest distance that is looked at.
const MAX_DISTANCE: usize = 1 << 15;
/// The part of a page that lies before any distance, at most.
const MAX_PART: usize = 2;
/// Distances that are tried at other places.
const N_TRIED: usize = 4;
/// Other places.
const N_PLACES: usize = 8;

impl<T: Number> Chooser<'_, T> {
    /// A lookback of one long distance, where the best choice says that latents go on as they did before and leaves much.
    pub(super) fn add_near_repeats(&self, choices: &mut Vec<Choice<T>>) {
        /// Bits a number that are worth a look.
        const MIN_BITS: f64 = 6.0;
        /// What it could come to, as a part of what few places say.
        const OF_PLACES: f64 = 0.96;
        /// How much more than the best a short lag may cost that speaks of a period.
        const CLOSE: f64 = 1.1;
        let best = &choices[0];
        let (mode, price) = (best.mode, best.price);
        let is_smooth = matches!(best.delta, DeltaChoice::Consecutive(order) if order > 2);
        let goes_on = is_smooth
            || choices
                .iter()
                .take_while(|choice| choice.price < price * CLOSE)
                .any(|choice| choice.delta.is_lookback());
        let n = self.numbers.len();
        let farthest = MAX_DISTANCE.min(n / self.shape.n_pages / MAX_PART);
        if self.delta.is_some() || !goes_on || price < MIN_BITS || farthest <= 2 * MAX_LAG {
            return;
        }
        let Some((distance, bits)) = self.nearest_repeat(mode, farthest) else {
            return;
        };
        let second_bits = self.second_bits(mode);
        // The first of each page have nothing so far before them: they are stored whole, or a search finds what is nearer.
        let unknown = (distance * self.shape.n_pages) as f64 / n as f64;
        let known_bits = (bits + second_bits) * (1.0 - unknown);
        let lag = (
            DeltaChoice::Lag(distance),
            known_bits + f64::from(T::Latent::BITS) * unknown,
        );
        let search = (
            DeltaChoice::lookback_that_reaches(distance, n),
            known_bits + price * unknown,
        );
        for (delta, bits) in [lag, search] {
            let charged = Surcharge::of::<T::Latent>(delta, self.params.level, n).on(bits);
            let choice = Choice {
                price: charged,
                promise: charged * OF_PLACES,
                ..Choice::new(mode, delta)
            };
            match choices.iter_mut().find(|known| known.is_as(&choice)) {
                Some(known) => known.promise = known.promise.min(choice.promise),
                None if choice.promise < price => choices.push(choice),
                None => {}
            }
        }
    }

    /// The distance at which latents differ least, with about the bits that differences take each.
    fn nearest_repeat(&self, mode: ModeChoice<T>, farthest: usize) -> Option<(usize, f64)> {
        let place = (self.numbers.len() + farthest) / 2;
        let latents = self.latents_of(mode, &self.numbers[place - farthest..place + BLOCK_N]);
        let mut least = Nearest::default();
        self.params.isa.run(Scan {
            latents: &latents,
            least: &mut least,
        });
        let tried = least.distances.into_iter().filter(|&distance| distance > 0);
        let prices = tried.map(|distance| (distance, self.price_at(mode, distance)));
        prices.min_by(|a, b| a.1.total_cmp(&b.1))
    }

    /// About what the difference of a latent to the one at a distance takes, by blocks from all over the chunk.
    fn price_at(&self, mode: ModeChoice<T>, distance: usize) -> f64 {
        let last = self.numbers.len() - BLOCK_N;
        let mut counts = [0; N_WIDTHS];
        for k in 0..N_PLACES {
            let place = distance + (last - distance) * k / (N_PLACES - 1);
            let block_at = |place: usize| {
                let block = &self.numbers[place..place + BLOCK_N];
                self.latents_of(mode, block)
            };
            let (block, others) = (block_at(place), block_at(place - distance));
            for (&x, &before) in block.iter().zip(&others[..]) {
                counts[difference_bits(x, before) as usize] += 1;
            }
        }
        bits_of_widths(&counts) / (N_PLACES * BLOCK_N) as f64
    }

    /// The first latents of some numbers.
    fn latents_of(&self, mode: ModeChoice<T>, numbers: &[T]) -> Spare<T::Latent> {
        split(self.params.isa, numbers, mode).0
    }
}

/// The distances at which a block differs least from latents before it, and what the differences take in all.
struct Nearest {
    bits: [u32; N_TRIED],
    distances: [usize; N_TRIED],
}

impl Default for Nearest {
    fn default() -> Self {
        Self {
            bits: [u32::MAX; N_TRIED],
            distances: [0; N_TRIED],
        }
    }
}

impl Nearest {
    /// Takes the place of a distance that is worse.
    #[inline(always)]
    fn note(&mut self, distance: usize, bits: u32) {
        if bits < self.bits[N_TRIED - 1] {
            let place = self.bits.partition_point(|&other| other <= bits);
            self.bits[place..].rotate_right(1);
            self.distances[place..].rotate_right(1);
            (self.bits[place], self.distances[place]) = (bits, distance);
        }
    }
}

/// Sets the last block of latents against those before it, from the longest distance on. Shorter ones than [`MAX_LAG`] were
/// looked for in runs.
struct Scan<'a, L> {
    latents: &'a [L],
    least: &'a mut Nearest,
}

impl<L: Latent> Kernel for Scan<'_, L> {
    type Output = ();

    #[inline(always)]
    fn run<S: Tier>(self, tier: S) {
        let Self { latents, least } = self;
        let Some(last) = latents.last_chunk::<BLOCK_N>() else {
            return;
        };
        let farthest = latents.len() - BLOCK_N;
        let weigher = Weigher::new();
        let others = latents.windows(BLOCK_N);
        for (start, others) in others.enumerate().take(farthest.saturating_sub(MAX_LAG)) {
            let others = others.first_chunk().expect("a window is a block");
            least.note(farthest - start, weigher.bits(tier, last, others) as u32);
        }
    }
}
