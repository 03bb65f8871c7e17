//! What steps and matches of a column would take, reckoned on a sample.

use paginum_wrapped::{Latent, Number};

use super::gauge::View;
use super::layers::{Layers, Tail};
use super::matches::{Finder, Found};
use super::sample::Sample;
use super::tail::{Paged, Signed};
use super::word::Word;
use crate::filter::steps::Step;

/// What matches must save to be priced, of all bits.
const MIN_SAVED: f64 = 0.015;
/// What decoding is charged, in bits: of each word of a step, and of each sequence.
const STEP_BITS: f64 = 0.02;
const SEQUENCE_BITS: f64 = 0.5;
/// How many times as much as reckoned words take, about: the engine's ranges are fewer, and of powers of two.
pub(super) const OF_RANGES: f64 = 1.012;
/// What a stream takes beside its numbers, in bits: its metadata, for each range after the first, and at most; a page's states,
/// for each bit that tells ranges apart, and at most.
const META_BITS: f64 = 80.0;
const RANGE_BITS: f64 = 24.0;
const MAX_META_BITS: f64 = 500.0;
const STATE_BITS: f64 = 12.0;
const MAX_STATE_BITS: f64 = 64.0;

/// What a stream of `n` numbers that take so many bits each takes beside them, in bits.
pub(super) fn stream_bits(n: f64, bits_each: f64, n_pages: f64) -> f64 {
    let n_ranges = bits_each.exp2().min(n.max(1.0));
    let meta = META_BITS + RANGE_BITS * (n_ranges - 1.0);
    let state = 4.0 + STATE_BITS * n_ranges.log2();
    meta.min(MAX_META_BITS) + state.min(MAX_STATE_BITS) * n_pages
}

/// How a column is written, and what it takes, in bits, as far as a sample tells.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) layers: Layers,
    pub(super) finder: Finder,
    /// Its tail if numbers turn out to have too many different values for a dictionary.
    pub(super) without_dictionary: (Tail, Finder),
    pub(super) bits: f64,
}

impl Plan {
    /// Without layers.
    pub(super) fn alone(bits: f64) -> Self {
        let finder = Finder {
            bits_per_literal: 1.0,
            probes: 1,
        };
        Self {
            layers: Layers::default(),
            finder,
            without_dictionary: (Tail::default(), finder),
            bits,
        }
    }
}

/// How words of a chunk are priced.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gauge {
    pub(super) view: View,
    /// How many times as much as reckoned numbers took, and words are thought to.
    pub(super) of_numbers: f64,
    pub(super) of_words: f64,
    pub(super) level: u32,
}

impl Gauge {
    /// Numbers of the array.
    pub(super) fn numbers<T: Number>(self, numbers: &[T]) -> f64 {
        self.view.bits_each(numbers) * self.of_numbers
    }

    /// Words of a layer, as numbers.
    pub(super) fn words<N: Number>(self, words: &[N::Latent]) -> f64 {
        View::Latents.bits_each::<N>(bytemuck::cast_slice(words)) * self.of_words
    }

    fn finder(self, bits_per_literal: f32) -> Finder {
        Finder {
            bits_per_literal,
            probes: if self.level > 8 { 24 } else { 4 },
        }
    }
}

/// Prices the layers of a column, and keeps the best plan.
#[derive(Debug)]
pub(super) struct Look<'a, T> {
    pub(super) gauge: Gauge,
    pub(super) sample: &'a Sample<T>,
    /// The length of rows, if there are any.
    pub(super) width: Option<usize>,
    pub(super) best: Plan,
}

/// Words of a sample, and what they take without a tail, in bits: themselves, and what stands beside them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Base<'a, W> {
    pub(super) words: &'a [W],
    pub(super) own: f64,
    pub(super) rest: f64,
    /// If words are ranks, the bits of each that those of a sample do not show.
    pub(super) unseen_bits: Option<f64>,
}

impl<T: Number> Look<'_, T> {
    /// Offers words without matches, and tells what they take at least and the step that does: differences of neighbours, if
    /// none does.
    pub(super) fn steps<N: Number<Latent: Word>>(
        &mut self,
        base: Base<'_, N::Latent>,
    ) -> (f64, Step) {
        let mut least = (base.own, Step::Lag { far: 1 });
        self.offer(base, base.own, Tail::default(), base.own);
        if let Some(far) = self.width {
            let step = Step::Grad { near: 1, far };
            let words = self.sample.paged(base.words).after(step);
            let bits = (self.words::<Signed<N>>(base, &words) + STEP_BITS) * self.sample.n;
            let tail = Tail {
                step,
                matches: false,
            };
            self.offer(base, bits, tail, bits);
            if bits < least.0 {
                least = (bits, step);
            }
        }
        least
    }

    /// Offers matches of words, and of the differences after a step: those that seem to save more of the `least` that words
    /// take without. Tells whether there are any.
    pub(super) fn matches<N: Number<Latent: Word>>(
        &mut self,
        base: Base<'_, N::Latent>,
        (least, step): (f64, Step),
    ) -> bool {
        let finder = Finder {
            bits_per_literal: (least / self.sample.n) as f32,
            probes: 1,
        };
        let words = self.sample.paged(base.words);
        let differences = words.after(step);
        let of_words = self.found(finder, words);
        let of_differences = self.found(finder, self.sample.paged(&differences));
        let is_of_words = of_words.saved_bits >= of_differences.saved_bits;
        let saved = of_words.saved_bits.max(of_differences.saved_bits) * self.sample.scale;
        if saved < least * MIN_SAVED {
            return false;
        }
        let (step, bits) = match (is_of_words, base.unseen_bits) {
            (false, _) => {
                let literals = self.words::<Signed<N>>(base, &of_differences.literals);
                (step, self.price(&of_differences, literals))
            }
            (true, Some(_)) => {
                let literals = self.words::<N>(base, &of_words.literals);
                (Step::None, self.price(&of_words, literals))
            }
            (true, None) => {
                let literals = bytemuck::cast_slice(&of_words.literals);
                let literals = self.gauge.numbers::<N>(literals);
                (Step::None, self.price(&of_words, literals))
            }
        };
        let tail = Tail {
            step,
            matches: true,
        };
        self.offer(base, bits, tail, least);
        true
    }

    /// Bits of each of some words of a base, as numbers.
    fn words<N: Number>(&self, base: Base<'_, N::Latent>, words: &[N::Latent]) -> f64 {
        self.gauge.words::<N>(words) + base.unseen_bits.unwrap_or(0.0)
    }

    /// Matches, as long as there are some; those that take more than they save are none.
    fn found<W: Word>(&self, finder: Finder, words: Paged<'_, W>) -> Found<W> {
        let enough = f64::from(finder.bits_per_literal) * MIN_SAVED / 2.0;
        finder.find_while(words.words, words.n_per_page, |found| {
            let n = found.literals.len() + found.n_matched;
            found.saved_bits >= n as f64 * enough
        })
    }

    /// What literals that take so many bits each and sequences take, in bits.
    fn price<W: Latent>(&self, found: &Found<W>, literal_bits: f64) -> f64 {
        let n = found.runs.len() as f64 * self.sample.scale;
        let mut bits = found.literals.len() as f64 * self.sample.scale * literal_bits;
        bits += n * SEQUENCE_BITS;
        for part in [&found.runs, &found.lengths, &found.distances] {
            let each = self.gauge.words::<u32>(part);
            bits += n * each + stream_bits(n, each, self.sample.n_pages);
        }
        bits
    }

    /// A plan for words that take so many bits, and `least` without matches.
    fn offer<W>(&mut self, base: Base<'_, W>, bits: f64, tail: Tail, least: f64) {
        let bits = bits + base.rest;
        if bits < self.best.bits {
            let dictionary = base.unseen_bits.is_some();
            let finder = self.gauge.finder((least / self.sample.n) as f32);
            let without_dictionary = match dictionary {
                true => self.best.without_dictionary,
                false => (tail, finder),
            };
            self.best = Plan {
                layers: Layers { dictionary, tail },
                finder,
                without_dictionary,
                bits,
            };
        }
    }
}
