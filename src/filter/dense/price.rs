//! What steps and matches of a column would take, by coding a sample.

use paginum_wrapped::Number;

use super::column::Ranked;
use super::layers::{Layers, Tail};
use super::matches::{Finder, Found};
use super::sample::Sample;
use super::steps::Step;
use super::stream::Engine;
use super::tail::{self, Paged, Signed};
use super::word::Word;
use crate::error::Result;

/// What matches must save to be priced, of all bits.
const MIN_SAVED: f64 = 0.015;
/// What decoding is charged, in bits: of each word of a step, and of each sequence.
const STEP_BITS: f64 = 0.02;
const SEQUENCE_BITS: f64 = 0.5;

/// How a column is written.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) layers: Layers,
    pub(super) finder: Finder,
    pub(super) ranked: Option<Ranked>,
    /// What that takes, in bits, as far as a sample tells.
    pub(super) bits: f64,
}

impl Plan {
    /// Without layers.
    pub(super) fn alone(bits: f64) -> Self {
        Self {
            layers: Layers::default(),
            finder: Finder {
                bits_per_literal: 1.0,
                probes: 1,
            },
            ranked: None,
            bits,
        }
    }
}

/// Prices tails, and keeps the best plan.
pub(super) struct Look<'a> {
    pub(super) engine: &'a Engine,
    pub(super) sample: &'a Sample,
    /// The length of rows, if there are any.
    pub(super) width: Option<usize>,
    pub(super) best: &'a mut Plan,
}

/// Words of a sample, and what they take without a tail, in bits: themselves, and what stands beside them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Base<'a, W> {
    pub(super) words: Paged<'a, W>,
    pub(super) own: f64,
    pub(super) rest: f64,
    pub(super) dictionary: bool,
}

impl Look<'_> {
    /// Offers the tails of such words.
    pub(super) fn tails<N: Number<Latent: Word>>(
        &mut self,
        base: Base<'_, N::Latent>,
    ) -> Result<()> {
        let words = base.words;
        let n = words.words.len() as f64 * self.sample.scale;
        let mut least = base.own;
        let mut step = Step::Lag { far: 1 };
        if let Some(far) = self.width {
            let grad = Step::Grad { near: 1, far };
            let tail = Tail {
                step: grad,
                matches: false,
            };
            let engine = self.engine.classic();
            let written = tail::write::<N>(&engine, words, tail, self.finder(1.0))?;
            let bits = self.sample.bits(&written) + n * STEP_BITS;
            self.offer(bits + base.rest, tail, base.dictionary, bits);
            if bits < least {
                (least, step) = (bits, grad);
            }
        }
        // Matches of words and of differences: the ones that seem to save more are priced.
        let finder = self.finder((least / n) as f32);
        let differences = words.after(step);
        let differences = Paged {
            words: &differences,
            ..words
        };
        let of_words = self.found(finder, words);
        let of_differences = self.found(finder, differences);
        let is_of_words = of_words.saved_bits >= of_differences.saved_bits;
        let saved = of_words.saved_bits.max(of_differences.saved_bits) * self.sample.scale;
        if saved < least * MIN_SAVED || least - saved + base.rest > self.best.bits {
            return Ok(());
        }
        let (step, bits) = match is_of_words {
            true => (Step::None, self.price::<N>(&of_words)?),
            false => (step, self.price::<Signed<N>>(&of_differences)?),
        };
        let tail = Tail {
            step,
            matches: true,
        };
        self.offer(bits + base.rest, tail, base.dictionary, least);
        Ok(())
    }

    /// Matches, if a look at the front of the words finds some.
    fn found<W: Word>(&self, finder: Finder, words: Paged<'_, W>) -> Found<W> {
        let front = words.n_per_page.first().copied().unwrap_or(0);
        let quick = Finder {
            probes: 1,
            ..finder
        };
        let found = quick.find(&words.words[..front], &[front]);
        let enough = front as f64 * f64::from(finder.bits_per_literal) * MIN_SAVED / 2.0;
        if found.saved_bits < enough {
            return Found::default();
        }
        finder.find(words.words, words.n_per_page)
    }

    /// What literals and sequences take, in bits.
    fn price<N: Number<Latent: Word>>(&self, found: &Found<N::Latent>) -> Result<f64> {
        let written = tail::write_found::<N>(self.engine, &self.engine.classic(), found)?;
        let charge = found.runs.len() as f64 * self.sample.scale * SEQUENCE_BITS;
        Ok(self.sample.bits(&written) + charge)
    }

    fn finder(&self, bits_per_literal: f32) -> Finder {
        Finder {
            bits_per_literal,
            probes: if self.engine.level > 8 { 24 } else { 4 },
        }
    }

    /// A plan that takes so many bits, the words of which take `least` without matches.
    pub(super) fn offer(&mut self, bits: f64, tail: Tail, dictionary: bool, least: f64) {
        if bits < self.best.bits {
            let bits_per_literal = (least / self.sample.n) as f32;
            *self.best = Plan {
                layers: Layers { dictionary, tail },
                finder: self.finder(bits_per_literal),
                ranked: None,
                bits,
            };
        }
    }
}
