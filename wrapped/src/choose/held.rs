//! Choices of a sample, held against what they come to on all numbers.
//!
//! The first choice is encoded. Each that promises to be cheaper than what the best came to is encoded, too. Where the
//! first came to something else than the sample promised, the sample was no likeness of the chunk: then a larger one
//! chooses again, at last all numbers.

use std::mem::{Discriminant, discriminant};

use super::delta_choice::DeltaChoice;
use super::modes::Choice;
use super::sample::MAX_WHOLE_N;
use super::surcharge::Surcharge;
use crate::bins;
use crate::config::{ChunkConfig, DeltaSpec, ModeSpec};
use crate::dtype::Number;
use crate::error::Result;
use crate::mode::ModeChoice;

/// How many times as large samples are: as usual; where that was no likeness; at last whatever the size of the chunk.
const SCALES: [usize; 3] = [1, 6, usize::MAX >> 16];
/// What a promise has to be below, as a part of what is known: samples err by that much.
const PROMISING: f64 = 0.965;
/// The same for few numbers, most of which were sampled: what trials leave out are tables and paddings.
const PROMISING_OF_FEW: f64 = 1.01;
/// Those are few.
const MAX_FEW: usize = 1 << 11;
/// Of so few, a larger sample is looked at where the first choice needed none.
const MAX_RESAMPLED: usize = 1 << 13;
/// And for so few that each byte of a table counts.
const PROMISING_OF_FEWER: f64 = 1.07;
const PROMISING_OF_FEWEST: f64 = 1.3;
/// Those of which a byte is that much.
const MAX_FEWEST: usize = 32;
/// The same for what needs no search, where the best does: it takes less time than that did, and samples of searches err
/// more.
const PROMISING_BESIDE_SEARCH: f64 = 1.25;
/// The same for a search, where a single distance does best: a sample holds fewer places to choose from.
const PROMISING_BESIDE_LAG: f64 = 1.03;
/// The same for a search, where none of these applies: it takes several times what all else of encoding does.
const PROMISING_SEARCH: f64 = 0.93;
/// The same at high levels, which may take time.
const PROMISING_OF_THOROUGH: f64 = 1.02;
/// Those begin here.
const THOROUGH_LEVEL: u32 = 12;
/// How much more a promise may be than what is known, in bits a number and as a part of it, where that is little.
const UNSURE_BITS: f64 = 0.15;
const UNSURE_PART: f64 = 0.15;
/// So many bits a number are little.
const LITTLE_BITS: f64 = 2.0;
/// Choices of one sample that are encoded, at most: searches, and others.
const MAX_SEARCHED: usize = 2;
const MAX_ENCODED: usize = 3;
/// How far a promise may be off, as a part of it and in bits in all.
const SURPRISE: (f64, f64) = (0.15, 512.0);

/// Whether a promise is off by so much, both in bits, that the sample was no likeness.
fn is_surprise(promised: f64, off: f64) -> bool {
    off > promised * SURPRISE.0 + SURPRISE.1
}

/// A promise that is off by less, as a part, comes from a sample that knows what is rare, too.
const LIKENESS: f64 = 0.05;
/// Where the first choice of a sample came to more than was promised, others of its kind of mode are expected to do so, too:
/// by this part of it.
const SHARED_ERROR: f64 = 0.5;

/// What a choice comes to on all numbers, in bits.
pub(crate) enum Encoded<C> {
    Whole(C, f64),
    /// As a part of the numbers says, which is clearly more than a limit.
    GivenUp(f64),
}

/// The best of the choices that `choose` makes with samples of a scale, with what each is charged for its time.
/// `has_less_entropy` tells whether numbers as they are may take less than so many bits each. `encode` tries a choice on all
/// `n` numbers; it may give up where that takes more bits than a limit.
///
/// # Errors
/// Those of `choose`.
pub(crate) fn held_against_all<T: Number, C>(
    n: usize,
    config: &ChunkConfig,
    choose: impl Fn(usize) -> Result<Vec<Choice<T>>>,
    has_less_entropy: impl Fn(f64) -> bool,
    surcharge: impl Fn(DeltaChoice) -> Surcharge,
    encode: impl FnMut(Choice<T>, f64) -> Encoded<C>,
) -> Result<C> {
    let mut held = Held {
        n,
        promising: match n {
            _ if n <= MAX_FEWEST => PROMISING_OF_FEWEST,
            _ if n <= bins::MAX_FEW => PROMISING_OF_FEWER,
            _ if n <= MAX_FEW => PROMISING_OF_FEW,
            _ if config.level >= THOROUGH_LEVEL => PROMISING_OF_THOROUGH,
            _ => PROMISING,
        },
        surcharge,
        encode,
        tried: Vec::new(),
        waiting: Vec::new(),
        best: None,
        optimism: None,
        is_likeness: false,
        error: None,
        part_of_price: 1.0,
        mode_of_repeats: None,
    };
    for scale in SCALES {
        let choices = choose(scale)?;
        // A single one without a price was demanded.
        let is_final = n <= MAX_FEW || scale == SCALES[SCALES.len() - 1] || choices[0].price == 0.0;
        if !held.is_surprised(choices, !is_final) {
            break;
        }
    }
    held.try_waiting();
    let is_auto = config.mode_spec == ModeSpec::Auto && config.delta_spec == DeltaSpec::Auto;
    if is_auto && n > MAX_WHOLE_N {
        held.try_last_resort(has_less_entropy);
    }
    Ok(held.best.expect("at least one choice").chunk)
}

/// Choices that were encoded.
struct Held<T: Number, C, S, E> {
    n: usize,
    /// What a promise has to be below, as a part of what is known.
    promising: f64,
    surcharge: S,
    encode: E,
    /// With their bits, charged, if they were not given up.
    tried: Vec<(Kind<T>, Option<f64>)>,
    /// Choices of samples that the first of them surprised.
    waiting: Vec<Choice<T>>,
    best: Option<Best<T, C>>,
    /// How many times as much as promised a search came to that was given up, under a kind of mode.
    optimism: Option<(Discriminant<ModeChoice<T>>, f64)>,
    /// Whether the first choice of the sample came to what was promised.
    is_likeness: bool,
    /// By what part other choices of a kind of mode are expected to come to more than promised.
    error: Option<(Discriminant<ModeChoice<T>>, f64)>,
    /// What part of its price the first choice of a sample came to, where that is less.
    part_of_price: f64,
    /// The first mode beside `Classic` and `Dict` that was proposed with a lookback.
    mode_of_repeats: Option<ModeChoice<T>>,
}

/// A mode and a delta encoding.
type Kind<T> = (ModeChoice<T>, DeltaChoice);

/// What came to least.
struct Best<T: Number, C> {
    kind: Kind<T>,
    chunk: C,
    /// With what is charged.
    bits: f64,
}

impl<T, C, S, E> Held<T, C, S, E>
where
    T: Number,
    S: Fn(DeltaChoice) -> Surcharge,
    E: FnMut(Choice<T>, f64) -> Encoded<C>,
{
    /// Tries choices of one sample, and tells whether the first came to something else than the sample said: the others
    /// wait for a larger one then, if there `is_another`.
    fn is_surprised(&mut self, choices: Vec<Choice<T>>, is_another: bool) -> bool {
        (self.is_likeness, self.error, self.part_of_price) = (false, None, 1.0);
        // With another base, too: a larger sample knows better.
        let is_proposed_again = |waiting: &Choice<T>| {
            let mode = discriminant(&waiting.mode);
            let is_alike = |choice: &Choice<T>| {
                (discriminant(&choice.mode), choice.delta) == (mode, waiting.delta)
            };
            choices.iter().any(is_alike)
        };
        self.waiting.retain(|waiting| !is_proposed_again(waiting));
        let repeats = choices.iter().find(|choice| {
            let is_plain = matches!(choice.mode, ModeChoice::Classic | ModeChoice::Dict);
            choice.delta.is_lookback() && !is_plain
        });
        self.mode_of_repeats = self.mode_of_repeats.or(repeats.map(|choice| choice.mode));
        let is_search_first = choices.first().is_some_and(|first| first.delta.is_search());
        let (searches, others): (Vec<_>, Vec<_>) = choices
            .into_iter()
            .partition(|choice| choice.delta.is_search());
        let mut others = others.into_iter();
        let is_off = others.next().is_some_and(|first| self.is_off(first)) && is_another;
        if !is_off {
            self.try_promising(others.by_ref().take(MAX_ENCODED - 1));
        }
        // Searches are given up early where something is known.
        let mut searches = searches.into_iter();
        if !is_off {
            self.try_promising(searches.take(MAX_SEARCHED));
            return false;
        }
        let is_likely = |search: &Choice<T>| is_search_first && self.is_promising(search);
        if let Some(search) = searches.next().filter(is_likely) {
            let promised = search.price * self.n as f64;
            let bits = self.bits_of(search);
            if bits.is_some_and(|bits| !is_surprise(promised, (bits - promised).max(0.0))) {
                return false;
            }
        }
        let error = self.error.map_or(0.0, |(_, error)| error);
        self.waiting.extend(others.map(|choice| Choice {
            promise: choice.promise * (1.0 + error),
            ..choice
        }));
        true
    }

    /// Tries the first choice of a sample, and tells whether it came to something else than the sample said.
    fn is_off(&mut self, first: Choice<T>) -> bool {
        if !self.is_promising(&first) {
            return false;
        }
        let price = first.price * self.n as f64;
        let (mode, is_lookback) = (discriminant(&first.mode), first.delta.is_lookback());
        let Some(bits) = self.bits_of(first) else {
            return false;
        };
        let over = bits - price;
        self.is_likeness = over.abs() < price * LIKENESS;
        // Prices of repeats are of another kind.
        let error = (over / price.max(1.0)).max(0.0) * SHARED_ERROR;
        self.error = (!is_lookback).then_some((mode, error));
        self.part_of_price = (bits / price.max(1.0)).min(1.0);
        // Exact counts say nothing of the sample.
        let is_unknown = mode == discriminant(&ModeChoice::Dict) && self.n <= MAX_RESAMPLED;
        is_surprise(price, over.abs()) || is_unknown
    }

    /// Tries those choices that promise to be better than what is known.
    fn try_promising(&mut self, choices: impl Iterator<Item = Choice<T>>) {
        for choice in choices {
            if self.is_promising(&choice) {
                self.bits_of(choice);
            }
        }
    }

    /// Tries what no larger sample proposed again, and still promises to be better.
    fn try_waiting(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        self.try_promising(waiting.into_iter().take(MAX_ENCODED));
    }

    /// Whether a choice could be better than what is known.
    fn is_promising(&self, choice: &Choice<T>) -> bool {
        let Some(best) = &self.best else {
            return true;
        };
        let promising = match (best.kind.1, choice.delta) {
            (DeltaChoice::Lookback { .. }, other) if !other.is_search() => {
                self.promising.max(PROMISING_BESIDE_SEARCH)
            }
            (DeltaChoice::Lag(_), DeltaChoice::Lookback { .. }) => {
                self.promising.max(PROMISING_BESIDE_LAG)
            }
            (_, DeltaChoice::Lookback { .. }) if self.promising == PROMISING => PROMISING_SEARCH,
            _ => self.promising,
        };
        let n = self.n as f64;
        // Where little is left, rare numbers decide, of which a sample has few.
        let margin = if best.bits < LITTLE_BITS * n && !self.is_likeness {
            (UNSURE_PART * best.bits).min(UNSURE_BITS * n)
        } else {
            0.0
        };
        let is_alike = |&(mode, _): &(_, f64)| mode == discriminant(&choice.mode);
        let promise = if choice.delta.is_search() {
            let optimism = self.optimism.filter(is_alike);
            let bits = self.uncharged(choice) * optimism.map_or(1.0, |(_, optimism)| optimism);
            self.surcharge_now(choice.delta).on(bits)
        } else {
            let error = self.error.filter(is_alike).map_or(0.0, |(_, error)| error);
            choice.promise * (1.0 + error)
        };
        promise * self.part_of_price * n < best.bits * promising + margin
    }

    /// What a choice promises, in bits a number, without what it is charged.
    fn uncharged(&self, choice: &Choice<T>) -> f64 {
        (self.surcharge)(choice.delta).within(choice.promise)
    }

    /// What a choice is charged beside the best: a search decodes as records and periods do, where those are known to pay.
    fn surcharge_now(&self, delta: DeltaChoice) -> Surcharge {
        match &self.best {
            Some(best) if best.kind.1.is_lookback() && delta.is_search() => {
                (self.surcharge)(best.kind.1)
            }
            _ => (self.surcharge)(delta),
        }
    }

    /// What a choice comes to, if that may be less than what is known; it is encoded once.
    fn bits_of(&mut self, choice: Choice<T>) -> Option<f64> {
        let kind = (choice.mode, choice.delta);
        if let Some(&(_, bits)) = self.tried.iter().find(|tried| tried.0 == kind) {
            return bits;
        }
        let n = self.n.max(1) as f64;
        let surcharge = self.surcharge_now(choice.delta);
        let promise = self.uncharged(&choice);
        let limit = self.best.as_ref().map_or(f64::INFINITY, |best| best.bits);
        let bits = match (self.encode)(choice, surcharge.within(limit / n) * n) {
            Encoded::Whole(chunk, bits) => {
                let bits = surcharge.on(bits / n) * n;
                if bits < limit {
                    self.best = Some(Best { kind, chunk, bits });
                }
                Some(bits)
            }
            Encoded::GivenUp(bits) => {
                if promise > 0.0 {
                    let optimism = (bits / n / promise).max(1.0);
                    self.optimism = Some((discriminant(&kind.0), optimism));
                }
                None
            }
        };
        self.tried.push((kind, bits));
        bits
    }

    /// What samples know too little of to propose it: numbers as they are, beside a search, since bins of all numbers tell
    /// values apart that those of a sample do not, or where they have less entropy than was reached; beside records or a
    /// period, where these leave little or numbers are few, a search for what they leave.
    fn try_last_resort(&mut self, has_less_entropy: impl Fn(f64) -> bool) {
        /// How much more than their entropy values may take.
        const OF_BINS: f64 = 1.01;
        /// Bits a number that are left where most numbers are those of a period before.
        const LEFT_BY_PERIOD: std::ops::Range<f64> = 0.1..8.0;
        /// So many numbers are searched in no time, and a sample of them learns too little.
        const MAX_SEARCHED: usize = 1 << 14;
        /// Bits a number that are left where first occurrences may be most of it: a sample counts too many of these.
        const LEFT_BY_REPEATS: f64 = 0.5;
        let best = self.best.as_ref().expect("at least one choice");
        if let (mode, delta) = best.kind
            && delta.is_lookback()
            && best.bits < LEFT_BY_REPEATS * self.n as f64
            && let Some(other) = self.mode_of_repeats.filter(|&other| other != mode)
        {
            self.bits_of(Choice::new(other, delta));
        }
        let best = self.best.as_ref().expect("at least one choice");
        let is_little = LEFT_BY_PERIOD.contains(&(best.bits / self.n as f64));
        let choice = match best.kind {
            (_, DeltaChoice::Lookback { .. }) if self.n <= MAX_SEARCHED => {
                Choice::new(ModeChoice::Classic, DeltaChoice::None)
            }
            (mode, DeltaChoice::Lag(lag))
                if mode != ModeChoice::Dict && (is_little || self.n <= MAX_SEARCHED) =>
            {
                Choice::new(mode, DeltaChoice::lookback_that_reaches(lag, self.n))
            }
            (ModeChoice::Classic, DeltaChoice::None) => return,
            _ if has_less_entropy(best.bits / (self.n as f64 * OF_BINS)) => {
                Choice::new(ModeChoice::Classic, DeltaChoice::None)
            }
            _ => return,
        };
        self.bits_of(choice);
    }
}
