//! Which scheme a chunk gets: chosen on a sample, by bytes and by what decoding costs.

mod rows;

use std::sync::Arc;

use paginum_wrapped::Isa;
use paginum_wrapped::vertical::{self, BLOCK_N};

use super::decimal::Whole;
use super::dictionary::{Dictionary, n_distinct};
use super::heads::{self, Heads};
use super::packed;
use super::page::{differences, ordered, size};
use super::repeats::Parts;
use super::sample::Sample;
use super::scheme::{MAX_VALUES, Scheme};
use super::shape::Shape;
use super::word::{Order, Word};
use crate::filter::paged::{MAX_COMPONENTS, component_of};

/// Words that the exponents of decimals and tables of heads are tried on: at first, and those that pass.
const TRIAL_N: usize = 64;
const SECOND_TRIAL_N: usize = 512;
/// Decimals with exceptions of more hundredths are not looked at.
const MAX_EXCEPTIONS_PERCENT: usize = 25;
/// Runs of fewer words in the mean are not looked at.
const MIN_RUN_N: usize = 3;
/// Where fewer hundredths are the same word, the others are not looked at.
const MIN_COMMON_PERCENT: usize = 60;
/// The most components that are tried without a shape that tells how many there are.
const MAX_GUESSED_COMPONENTS: usize = 8;
/// So many words are looked at before all of a sample are. Of a dictionary of 65,536 values, evenly drawn, 32 of them are repeats; where
/// there are fewer than half as many, none is tried.
const FEW_N: usize = 2048;
const MIN_REPEATS: usize = 16;
/// A multiple of all numbers up to that one.
const GUESSED_COMPONENTS_ALIGN: usize = 840;

/// What a scheme must save before it is taken, for what decoding costs more than unpacking. Of narrow words there are more in
/// a byte, so that a step for each costs more there.
mod charge {
    /// Unpacking, beside a copy.
    pub(super) const PACKED: f64 = 1.005;
    /// A sum, or another step of whole vectors.
    pub(super) const STEP: f64 = 1.02;
    /// A decimal, and a sum under it.
    pub(super) const DECIMAL: f64 = 1.02;
    pub(super) const DECIMAL_STEP: f64 = 1.04;
    /// A sum of rows, which a page is held for.
    pub(super) const ROWS: f64 = 1.04;
    /// What is done word by word: values by their places, runs, components.
    pub(super) fn by_word<L: super::Word>() -> f64 {
        if L::BITS <= 16 { 1.15 } else { 1.04 }
    }
}

/// A scheme, and what it makes of the sample.
#[derive(Clone, Debug)]
struct Candidate<L> {
    scheme: Scheme<L>,
    /// Bytes, times what decoding costs more.
    price: f64,
}

impl<L> Candidate<L> {
    fn offer(&mut self, scheme: impl FnOnce() -> Scheme<L>, price: f64) {
        if price < self.price {
            *self = Self {
                scheme: scheme(),
                price,
            };
        }
    }
}

/// Chooses for the numbers of a chunk, whose pages hold `page_n` of them.
pub(super) fn choose<L: Word>(
    isa: Isa,
    numbers: &[L],
    order: Order,
    shape: &Shape,
    page_n: usize,
) -> Scheme<L> {
    let mut chooser = Chooser {
        isa,
        order,
        shape,
        page_n,
        has_dictionaries: true,
    };
    let align = shape.components.filter(can_be_split);
    let sample = Sample::of(numbers, align.unwrap_or(GUESSED_COMPONENTS_ALIGN));
    let chosen = chooser.best(&sample);
    // Dictionaries are those of the sample so far. Where the chunk has too many values for one, there are other schemes.
    whole(isa, chosen, numbers, order).unwrap_or_else(|| {
        chooser.has_dictionaries = false;
        chooser.best(&sample)
    })
}

/// The same scheme with the dictionaries of all `words`; `None` if there is one that has too many values.
fn whole<L: Word>(isa: Isa, scheme: Scheme<L>, words: &[L], order: Order) -> Option<Scheme<L>> {
    if !scheme.has_dictionary() {
        return Some(scheme);
    }
    let inner_of =
        |inner: Box<Scheme<L>>, words: &[L], order| whole(isa, *inner, words, order).map(Box::new);
    Some(match scheme {
        // A dictionary has a value.
        Scheme::Dictionary(_) if words.is_empty() => Scheme::Packed,
        Scheme::Dictionary(guess) => {
            // Far more values than the price was made of are another price.
            let max = (2 * guess.len() + MAX_VALUES / 4).min(MAX_VALUES);
            Scheme::Dictionary(Arc::new(Dictionary::of(words, order, max)?))
        }
        Scheme::Delta(inner) => {
            // Those of all neighbours, and the one of a block of a single word: pages begin their blocks anew.
            let steps = words.windows(2).map(|pair| pair[1].wrapping_sub(&pair[0]));
            let steps: Vec<L> = steps.chain([L::zero()]).collect();
            Scheme::Delta(inner_of(inner, &steps, Order::Signed)?)
        }
        Scheme::Ordered(inner) => {
            Scheme::Ordered(inner_of(inner, &ordered(isa, words), Order::Unsigned)?)
        }
        Scheme::Decimal { e, f, inner } => {
            let words = Whole::of(isa, words, e, f).words;
            let inner = inner_of(inner, &words, Order::Signed)?;
            Scheme::Decimal { e, f, inner }
        }
        Scheme::Runs(inner) => Scheme::Runs(inner_of(inner, &Parts::of_runs(words).words, order)?),
        Scheme::Sparse { common, inner } => {
            let others = Parts::of_others(words, common).words;
            let inner = inner_of(inner, &others, order)?;
            Scheme::Sparse { common, inner }
        }
        Scheme::Split(components) => {
            let k = components.len();
            let mut n_values = 0;
            let components = components.into_iter().enumerate().map(|(i, scheme)| {
                let scheme = whole(isa, scheme, &component_of(words, k, 0, i), order)?;
                n_values += scheme.n_values();
                (n_values <= MAX_VALUES).then_some(scheme)
            });
            Scheme::Split(components.collect::<Option<_>>()?)
        }
        // Below rows are packed words alone.
        other @ (Scheme::Raw | Scheme::Packed | Scheme::Heads(_) | Scheme::Rows { .. }) => other,
    })
}

struct Chooser<'a> {
    isa: Isa,
    order: Order,
    shape: &'a Shape,
    /// Numbers of a page.
    page_n: usize,
    has_dictionaries: bool,
}

impl Chooser<'_> {
    fn best<L: Word>(&self, sample: &Sample<L>) -> Scheme<L> {
        let flat = self.flat(sample, 1);
        let Some(k) = self.components(sample) else {
            return flat.scheme;
        };
        let parts = (0..k).map(|component| self.flat(&sample.component(k, component), k));
        let parts: Vec<Candidate<L>> = parts.collect();
        let price = parts.iter().map(|part| part.price).sum::<f64>() * charge::by_word::<L>();
        match price < flat.price {
            true => Scheme::Split(parts.into_iter().map(|part| part.scheme).collect()),
            false => flat.scheme,
        }
    }

    /// How many components to try, if any: what the shape says, or the distance at which numbers are most alike.
    fn components<L: Word>(&self, sample: &Sample<L>) -> Option<usize> {
        if sample.n < 64 {
            return None;
        }
        if self.shape.components.is_some() {
            return self.shape.components.filter(can_be_split);
        }
        let ordered = self.ordered(sample);
        let mut bits = [0_u64; MAX_GUESSED_COMPONENTS + 1];
        for stretch in &ordered.stretches {
            let stretch = &stretch[..stretch.len().min(BLOCK_N)];
            for (k, bits) in bits.iter_mut().enumerate().skip(1) {
                let pairs = stretch.iter().zip(stretch.get(k..).unwrap_or_default());
                *bits += pairs
                    .map(|(a, b)| u64::from(distance_bits(*a, *b)))
                    .sum::<u64>();
            }
        }
        let best = (2..bits.len()).min_by_key(|k| bits[*k])?;
        (bits[best] * 20 < bits[1] * 19).then_some(best)
    }

    /// Words in the order of the numbers.
    fn ordered<L: Word>(&self, sample: &Sample<L>) -> Sample<L> {
        match self.order {
            Order::Float => sample.map(|from, to| vertical::to_ordered(self.isa, from, to)),
            _ => sample.clone(),
        }
    }

    /// The best scheme of one of `k` components.
    fn flat<L: Word>(&self, sample: &Sample<L>, k: usize) -> Candidate<L> {
        let mut best = self.plain(sample);
        self.offer_rows(&mut best, sample, k);
        self.offer_runs(&mut best, sample, |inner| Scheme::Runs(Box::new(inner)));
        self.offer_sparse(&mut best, sample);
        self.offer_runs_of_differences(&mut best, sample);
        best
    }

    /// The best scheme of one component that leaves repeats alone.
    fn plain<L: Word>(&self, sample: &Sample<L>) -> Candidate<L> {
        let mut best = Candidate {
            scheme: Scheme::Raw,
            price: (sample.n * size_of::<L>()) as f64,
        };
        let is_float = self.order == Order::Float;
        let ordered = |scheme: Scheme<L>| match is_float {
            true => Scheme::Ordered(Box::new(scheme)),
            false => scheme,
        };
        let delta = || Scheme::Delta(Box::new(Scheme::Packed));
        self.offer(&mut best, sample, ordered(Scheme::Packed), charge::PACKED);
        self.offer(&mut best, sample, ordered(delta()), charge::STEP);
        if is_float && let Some((e, f)) = self.exponents(sample) {
            let decimal = |inner| {
                let inner = Box::new(inner);
                Scheme::Decimal { e, f, inner }
            };
            self.offer(&mut best, sample, decimal(Scheme::Packed), charge::DECIMAL);
            self.offer(&mut best, sample, decimal(delta()), charge::DECIMAL_STEP);
        }
        if is_float {
            self.offer_heads(&mut best, sample);
        }
        self.offer_dictionary(&mut best, sample);
        best
    }

    fn offer<L: Word>(
        &self,
        best: &mut Candidate<L>,
        sample: &Sample<L>,
        scheme: Scheme<L>,
        charge: f64,
    ) {
        let price = self.bytes(sample, &scheme) as f64 * charge;
        best.offer(|| scheme, price);
    }

    /// What the sample takes.
    fn bytes<L: Word>(&self, sample: &Sample<L>, scheme: &Scheme<L>) -> usize {
        let stretches = sample.stretches.iter();
        stretches
            .map(|words| size(self.isa, scheme, words, self.order))
            .sum()
    }

    fn offer_dictionary<L: Word>(&self, best: &mut Candidate<L>, sample: &Sample<L>) {
        if L::BITS == 8 || sample.n == 0 || !self.has_dictionaries {
            return;
        }
        let words: Vec<L> = sample.words().collect();
        // A block needs bits for as many ranks as it has values.
        let block = &words[..words.len().min(BLOCK_N)];
        let Some(in_block) = n_distinct(block, BLOCK_N) else {
            return;
        };
        let least_bits = usize::BITS - (in_block - 1).leading_zeros();
        let least = sample.n as f64 * f64::from(least_bits) / 8.0;
        if least * charge::by_word::<L>() >= best.price {
            return;
        }
        let few: Vec<L> = words
            .iter()
            .copied()
            .step_by((words.len() / FEW_N).max(1))
            .collect();
        if few.len() >= FEW_N && n_distinct(&few, few.len() - MIN_REPEATS).is_none() {
            return;
        }
        let Some(seen) = Dictionary::of(&words, self.order, words.len() * 3 / 4) else {
            return;
        };
        let ranks = seen.ranks(&words);
        let n_values = seen.len_among(&ranks, sample.among);
        if n_values > MAX_VALUES {
            return;
        }
        // What ranks take here is what they take elsewhere, but for those of values that were not seen. The table is that of the
        // whole chunk, of which the sample is a part.
        let ranks = packed::size(self.isa, &ranks, 0) as f64;
        let more = n_values as f64 / seen.len() as f64;
        let ranks = ranks + sample.n as f64 * more.log2() / 8.0;
        let mut table = Vec::new();
        seen.write(self.isa, &mut table);
        let part = sample.n as f64 / sample.among.max(sample.n) as f64;
        let scheme = Scheme::Dictionary(Arc::new(seen));
        let price = (ranks + table.len() as f64 * more * part) * charge::by_word::<L>();
        best.offer(|| scheme, price);
    }

    /// Measurements that are no decimals: their first bits by a table.
    fn offer_heads<L: Word>(&self, best: &mut Candidate<L>, sample: &Sample<L>) {
        let charge = charge::by_word::<L>();
        let least = f64::from(L::BITS.saturating_sub(heads::MAX_BITS)) / 8.0 * sample.n as f64;
        if least * charge >= best.price {
            return;
        }
        let few = few_of(sample);
        let Some((bits, heads)) = Heads::best_of(&few) else {
            return;
        };
        let expected = bits as f64 / 8.0 * sample.n as f64 / few.len() as f64;
        if expected * charge < best.price {
            self.offer(best, sample, Scheme::Heads(heads), charge);
        }
    }

    /// The exponents at which the fewest bits stand for a few floats, if most are decimals.
    fn exponents<L: Word>(&self, sample: &Sample<L>) -> Option<(u8, u8)> {
        let decimals = L::DECIMALS?;
        let few = few_of(sample);
        let step = (few.len() / TRIAL_N).max(1);
        let fewer: Vec<L> = few.iter().step_by(step).take(TRIAL_N).copied().collect();
        let mut whole = vec![L::zero(); fewer.len()];
        let mut best = None;
        for e in 0..=decimals.max_exponent {
            for f in 0..=e {
                let n = (decimals.to_whole)(self.isa, &fewer, e, f, &mut whole);
                if n * 100 > fewer.len() * 2 * MAX_EXCEPTIONS_PERCENT {
                    continue;
                }
                let tried = Whole::of(self.isa, &few, e, f);
                let n = tried.exceptions.len();
                if n * 100 > few.len() * MAX_EXCEPTIONS_PERCENT {
                    continue;
                }
                let (least, greatest) = vertical::span(self.isa, &tried.words, L::MID);
                let width = L::BITS - greatest.wrapping_sub(&least).leading_zeros();
                let bits = few.len() * width as usize + n * (16 + L::BITS as usize);
                if best.is_none_or(|(least, _, _)| bits < least) {
                    best = Some((bits, e, f));
                }
            }
        }
        best.map(|(_, e, f)| (e, f))
    }

    fn offer_runs<L: Word>(
        &self,
        best: &mut Candidate<L>,
        sample: &Sample<L>,
        scheme_of: impl FnOnce(Scheme<L>) -> Scheme<L>,
    ) {
        if sample.n_runs() * MIN_RUN_N <= sample.n {
            self.offer_parts(best, &sample.parts(Parts::of_runs), scheme_of);
        }
    }

    fn offer_sparse<L: Word>(&self, best: &mut Candidate<L>, sample: &Sample<L>) {
        let common = majority(sample.words());
        let n_common = sample.words().filter(|word| *word == common).count();
        if n_common * 100 >= sample.n * MIN_COMMON_PERCENT {
            let parts = sample.parts(|words| Parts::of_others(words, common));
            self.offer_parts(best, &parts, |inner| {
                let inner = Box::new(inner);
                Scheme::Sparse { common, inner }
            });
        }
    }

    /// Words that repeat once those before them are taken off: straight stretches.
    fn offer_runs_of_differences<L: Word>(&self, best: &mut Candidate<L>, sample: &Sample<L>) {
        let steps = |words: &[L], out: &mut [L]| {
            out.copy_from_slice(&differences(self.isa, words));
        };
        let sample = self.ordered(sample).map(steps);
        let signed = Self {
            order: Order::Signed,
            ..*self
        };
        let is_float = self.order == Order::Float;
        signed.offer_runs(best, &sample, |inner| {
            let delta = Scheme::Delta(Box::new(Scheme::Runs(Box::new(inner))));
            match is_float {
                true => Scheme::Ordered(Box::new(delta)),
                false => delta,
            }
        });
    }

    /// Offers a scheme that holds words which are fewer than those of the sample, and their places.
    fn offer_parts<L: Word>(
        &self,
        best: &mut Candidate<L>,
        (words, place_bytes): &(Sample<L>, usize),
        scheme_of: impl FnOnce(Scheme<L>) -> Scheme<L>,
    ) {
        let inner = self.plain(words);
        let price = (inner.price + *place_bytes as f64) * charge::by_word::<L>();
        best.offer(|| scheme_of(inner.scheme), price);
    }
}

/// A few words from all over a sample.
fn few_of<L: Word>(sample: &Sample<L>) -> Vec<L> {
    let step = (sample.n / SECOND_TRIAL_N).max(1);
    sample.words().step_by(step).take(SECOND_TRIAL_N).collect()
}

fn can_be_split(components: &usize) -> bool {
    (2..=MAX_COMPONENTS).contains(components)
}

/// The word that more than half are, if there is one (R. S. Boyer and J S. Moore, "MJRTY", 1981).
fn majority<L: Word>(words: impl Iterator<Item = L>) -> L {
    let (mut candidate, mut lead) = (L::zero(), 0_usize);
    for word in words {
        if lead == 0 {
            candidate = word;
        }
        if word == candidate {
            lead += 1;
        } else {
            lead -= 1;
        }
    }
    candidate
}

/// Bits of how far two words lie apart, modulo their range.
fn distance_bits<L: Word>(a: L, b: L) -> u32 {
    let (up, down) = (b.wrapping_sub(&a), a.wrapping_sub(&b));
    L::BITS - up.min(down).leading_zeros()
}
