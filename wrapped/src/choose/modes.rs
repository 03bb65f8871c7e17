//! Which mode and which delta encoding suit some numbers.
//!
//! Every candidate splits the same small sample; its latents are delta encoded in every way that is worth a trial, and
//! what that costs is estimated by training bins on the sample. Those that are close are tried again on a larger sample;
//! dictionaries are priced by exact counts, and repeats looked for in the whole chunk. The result is a list with prices:
//! what the first one really costs decides how many of the others are tried on all numbers (`held`).

use super::deltas::{self, ChunkShape, DeltaBid, DeltaChoice, Runs, Surcharge};
use super::float_bases::float_bases;
use super::int_bases::int_bases;
use super::repeats::Repeats;
use super::sample::Sample;
use crate::bins::{TrainingParams, estimate_bits_per_latent};
use crate::config::{ChunkConfig, ModeSpec};
use crate::dtype::{Latent, Number};
use crate::entropy::{bit_length, log2};
use crate::error::{Error, Result};
use crate::mode::dict::Distinct;
use crate::mode::{ModeChoice, float_quant, int_mult, split};

/// The largest window of lookbacks that decoders take, as a power of two.
const MAX_WINDOW_N_LOG: u32 = 24;
/// A difference that a small sample shows for sure, as a part of a price.
const CLEAR: f64 = 0.12;
/// The same for delta encodings of one mode.
const CLOSE: f64 = 0.04;
/// How many are looked at again, at most.
const MAX_CONTENDERS: usize = 3;

/// Numbers that each value of a dictionary has to stand for.
const MIN_REPEATS: usize = 8;

/// A way to encode a chunk.
#[derive(Debug)]
pub(crate) struct Choice<T: Number> {
    pub(crate) mode: ModeChoice<T>,
    pub(crate) delta: DeltaChoice,
    /// The dictionary, if the mode is `Dict`.
    pub(crate) distinct: Option<Distinct<T::Latent>>,
    /// What it is estimated to cost: bits a number, and what is charged for slow decoding; zero for what is demanded.
    pub(crate) price: f64,
    /// What it could come to on all numbers: less than the price where a sample shows too little.
    pub(crate) promise: f64,
}

impl<T: Number> Choice<T> {
    /// At no price yet.
    pub(crate) fn new(mode: ModeChoice<T>, delta: DeltaChoice) -> Self {
        Self {
            mode,
            delta,
            distinct: None,
            price: 0.0,
            promise: 0.0,
        }
    }

    /// At a price that all numbers are expected to come to.
    fn at(self, price: f64) -> Self {
        Self {
            price,
            promise: price,
            ..self
        }
    }

    /// At the price of a sample, in which a search has less to find.
    fn sampled_at(self, price: f64) -> Self {
        /// The part of the price that may be left.
        const OF_SEARCH: f64 = 0.92;
        let part = if self.delta.is_search() {
            OF_SEARCH
        } else {
            1.0
        };
        Self {
            price,
            promise: price * part,
            ..self
        }
    }

    fn with_dict(distinct: Distinct<T::Latent>, delta: DeltaChoice) -> Self {
        Self {
            distinct: Some(distinct),
            ..Self::new(ModeChoice::Dict, delta)
        }
    }
}

/// A mode with the delta encoding that suits it best.
#[derive(Clone, Debug)]
struct Bid<M> {
    mode: M,
    delta: DeltaBid,
    /// Bits a number of the second latent variable.
    second_bits: f64,
}

impl<M> Bid<M> {
    /// What it costs, with what a second variable has to save to be worth the time that it takes to decode. One that is
    /// constant takes next to none.
    fn price(&self) -> f64 {
        let price = self.delta.price + self.second_bits;
        if self.second_bits < 0.01 {
            price
        } else {
            price + (price * 0.01).min(0.05)
        }
    }
}

/// Ways to encode a chunk of `n_pages` pages, the cheapest first; at least one. Samples are `scale` times as large as usual.
///
/// # Errors
/// `InvalidArgument` for a specification that the number type cannot have.
pub(crate) fn choose<T: Number>(
    numbers: &[T],
    n_pages: usize,
    config: &ChunkConfig,
    params: TrainingParams,
    scale: usize,
) -> Result<Vec<Choice<T>>> {
    let (mode_spec, delta_spec) = (config.mode_spec, config.delta_spec);
    let mode = demanded_mode::<T>(mode_spec)?;
    let n = numbers.len();
    if mode.is_none() && is_constant(numbers) {
        let delta = deltas::demanded::<T::Latent>(delta_spec, n)?;
        let delta = delta.unwrap_or(DeltaChoice::None);
        return Ok(vec![Choice::new(ModeChoice::Classic, delta)]);
    }
    let delta = match mode {
        Some(ModeChoice::Dict) => deltas::demanded::<u32>(delta_spec, n)?,
        _ => deltas::demanded::<T::Latent>(delta_spec, n)?,
    };
    let chooser = Chooser {
        numbers,
        sample: Sample::small(numbers, scale),
        larger: Sample::large(numbers, scale),
        delta,
        shape: ChunkShape { n, n_pages },
        params,
    };
    Ok(match (mode, delta) {
        (Some(ModeChoice::Dict), _) => {
            let distinct = distinct_of(numbers);
            let delta =
                delta.unwrap_or_else(|| chooser.dict_bid(&distinct, &chooser.sample).delta.choice);
            vec![Choice::with_dict(distinct, delta)]
        }
        (Some(mode), Some(delta)) => vec![Choice::new(mode, delta)],
        (Some(mode), None) => {
            let mut bids = [chooser.bid_on(&chooser.sample, mode, None)];
            chooser.add_searches(&mut bids);
            chooser.ranked(bids.into())
        }
        (None, _) => chooser.choose(),
    })
}

fn is_constant<T: Number>(numbers: &[T]) -> bool {
    let mut latents = numbers.iter().map(|number| number.to_latent());
    let first = latents.next();
    latents.all(|latent| Some(latent) == first)
}

/// All distinct values, however many.
fn distinct_of<T: Number>(numbers: &[T]) -> Distinct<T::Latent> {
    let latents = numbers.iter().map(|number| number.to_latent());
    Distinct::collect(latents, numbers.len()).expect("no more distinct values than numbers")
}

/// The mode that a specification demands, `None` for `Auto`.
fn demanded_mode<T: Number>(spec: ModeSpec) -> Result<Option<ModeChoice<T>>> {
    let number_type = T::NUMBER_TYPE;
    let is_float = T::MANTISSA_BITS.is_some();
    let is_for = |kind| Error::invalid(format!("mode {spec} is for {kind}, not for {number_type}"));
    match spec {
        ModeSpec::Auto => Ok(None),
        ModeSpec::Classic => Ok(Some(ModeChoice::Classic)),
        ModeSpec::TryDict => Ok(Some(ModeChoice::Dict)),
        ModeSpec::TryIntMult(base) if !is_float => match int_mult::base_from(base) {
            Some(base) => Ok(Some(ModeChoice::IntMult(base))),
            None => Err(Error::invalid(format!(
                "mode {spec}: a base of {number_type} is 1 to {}",
                u64::MAX >> (64 - T::Latent::BITS)
            ))),
        },
        ModeSpec::TryFloatMult(base) if is_float => {
            let in_type = T::from_f64(base);
            if in_type.to_f64().is_finite() && in_type.to_f64() != 0.0 {
                return Ok(Some(ModeChoice::FloatMult(in_type)));
            }
            Err(Error::invalid(format!(
                "mode {spec}: a base of {number_type} is finite and not 0"
            )))
        }
        ModeSpec::TryFloatQuant(bits) => match T::MANTISSA_BITS {
            Some(n) if (1..=n).contains(&bits) => Ok(Some(ModeChoice::FloatQuant(bits))),
            Some(n) => Err(Error::invalid(format!(
                "mode {spec}: {number_type} takes 1 to {n} bits"
            ))),
            None => Err(is_for("floats")),
        },
        ModeSpec::TryIntMult(_) => Err(is_for("integers")),
        ModeSpec::TryFloatMult(_) => Err(is_for("floats")),
    }
}

/// What a choice is made of.
struct Chooser<'a, T> {
    numbers: &'a [T],
    sample: Sample<T>,
    /// What decides where the other cannot.
    larger: Sample<T>,
    delta: Option<DeltaChoice>,
    shape: ChunkShape,
    params: TrainingParams,
}

impl<T: Number> Chooser<'_, T> {
    fn choose(&self) -> Vec<Choice<T>> {
        let modes = [ModeChoice::Classic].into_iter().chain(self.candidates());
        let bids = modes.map(|mode| self.bid_on(&self.sample, mode, self.delta));
        let mut bids: Vec<_> = bids.collect();
        self.add_searches(&mut bids);
        let mut choices = self.ranked(bids);
        self.add_repeats(&mut choices);
        self.add_dict(&mut choices);
        choices.sort_by(|a, b| a.promise.total_cmp(&b.promise));
        choices
    }

    /// Searches for distances under `Classic`, the first, and under the mode that is best without. Distances hardly
    /// depend on modes, and searches take time.
    fn add_searches(&self, bids: &mut [Bid<ModeChoice<T>>]) {
        if self.delta.is_some() {
            return;
        }
        let best = (0..bids.len()).min_by(|&i, &j| bids[i].price().total_cmp(&bids[j].price()));
        for i in best
            .into_iter()
            .chain([0])
            .take(1 + usize::from(best != Some(0)))
        {
            let (first, _) = split(self.params.isa, &self.sample.numbers, bids[i].mode);
            let runs = Runs {
                latents: &first,
                run_n: self.sample.run_n,
            };
            deltas::add_search(&mut bids[i].delta, runs, self.shape, self.params);
        }
    }

    /// All modes with each of their close delta encodings, the cheapest first: by the larger sample where the small one
    /// cannot tell.
    fn ranked(&self, bids: Vec<Bid<ModeChoice<T>>>) -> Vec<Choice<T>> {
        let least = bids.iter().map(Bid::price).fold(f64::INFINITY, f64::min);
        let mut contenders: Vec<(ModeChoice<T>, DeltaChoice, f64)> = Vec::new();
        for bid in &bids {
            contenders.push((bid.mode, bid.delta.choice, bid.price()));
            let close = bid.delta.close.iter();
            contenders.extend(
                close.map(|&(delta, price)| {
                    (bid.mode, delta, bid.price() - bid.delta.price + price)
                }),
            );
        }
        contenders.sort_by(|a, b| a.2.total_cmp(&b.2));
        // What a small sample repeats, a chunk may not.
        let is_lookback = contenders[0].1.is_lookback();
        let is_close = |&(mode, delta, price): &(ModeChoice<T>, DeltaChoice, f64)| {
            let margin = if is_lookback {
                2.0 * CLEAR
            } else if mode == contenders[0].0 || delta.is_search() {
                // Those of one mode were tried on the same latents.
                CLOSE
            } else {
                CLEAR
            };
            price <= least * (1.0 + margin)
        };
        let n_close = contenders
            .iter()
            .take(MAX_CONTENDERS)
            .take_while(|c| is_close(c))
            .count();
        if (n_close > 1 || is_lookback) && !self.is_sample_all() {
            for (mode, delta, price) in &mut contenders[..n_close] {
                *price = self.bid_on(&self.larger, *mode, Some(*delta)).price();
            }
        }
        let choices = contenders
            .into_iter()
            .map(|(mode, delta, price)| Choice::new(mode, delta).sampled_at(price));
        let mut choices: Vec<_> = choices.collect();
        choices.sort_by(|a, b| a.price.total_cmp(&b.price));
        choices
    }

    /// Lookbacks at distances that no sample holds, if the chunk repeats itself.
    fn add_repeats(&self, choices: &mut Vec<Choice<T>>) {
        /// Fewer numbers are sampled whole.
        const MIN_N: usize = 1 << 10;
        /// What a lookback has to save.
        const MIN_SAVED_BITS: f64 = 0.5;
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

    /// A dictionary, if there could be few enough values for one to be better than what is known; and what exact counts
    /// say of Classic.
    fn add_dict(&self, choices: &mut Vec<Choice<T>>) {
        let price = choices
            .iter()
            .map(|choice| choice.price)
            .fold(f64::INFINITY, f64::min);
        let Some(distinct) = self.distinct_if_few(price) else {
            return;
        };
        let is_exact = self.delta.is_none_or(|delta| delta == DeltaChoice::None);
        if is_exact {
            let classic = distinct.bid_classic(self.params).price;
            let is_classic =
                |c: &&mut Choice<T>| c.mode == ModeChoice::Classic && c.delta == DeltaChoice::None;
            match choices.iter_mut().find(is_classic) {
                Some(choice) => (choice.price, choice.promise) = (classic, classic),
                None => {
                    let choice = Choice::new(ModeChoice::Classic, DeltaChoice::None);
                    choices.push(choice.at(classic));
                }
            }
        }
        if !self.could_pay(&distinct, price) {
            return;
        }
        let bid = self.dict_bid(&distinct, &self.larger);
        let price = bid.price();
        choices.push(Choice::with_dict(distinct, bid.delta.choice).at(price));
    }

    fn is_sample_all(&self) -> bool {
        self.numbers.len() <= self.sample.numbers.len()
    }

    /// Modes worth a trial beside `Classic` and `Dict`.
    fn candidates(&self) -> Vec<ModeChoice<T>> {
        let numbers = &self.larger.numbers;
        if T::MANTISSA_BITS.is_none() {
            return int_bases(numbers)
                .into_iter()
                .map(ModeChoice::IntMult)
                .collect();
        }
        let mult = float_bases(numbers, self.numbers)
            .into_iter()
            .map(ModeChoice::FloatMult);
        let quant = float_quant::likely_k(numbers)
            .into_iter()
            .map(ModeChoice::FloatQuant);
        mult.chain(quant).collect()
    }

    /// The cheapest delta encoding of a mode, with what the mode costs.
    fn bid_on(
        &self,
        sample: &Sample<T>,
        mode: ModeChoice<T>,
        delta: Option<DeltaChoice>,
    ) -> Bid<ModeChoice<T>> {
        let numbers = &sample.numbers;
        let (first, mut second) = split(self.params.isa, numbers, mode);
        let runs = Runs {
            latents: &first,
            run_n: sample.run_n,
        };
        let delta = deltas::bid(runs, self.shape, delta, self.params);
        let n = self.numbers.len();
        let second_bits = estimate_bits_per_latent(&mut second, n, self.params.secondary());
        Bid {
            mode,
            delta,
            second_bits,
        }
    }

    /// The distinct values, if there could be few enough for a dictionary to be better than what is known.
    fn distinct_if_few(&self, best_price: f64) -> Option<Distinct<T::Latent>> {
        // Bins can tell all values of 8 bits apart.
        if T::Latent::BITS == 8 {
            return None;
        }
        let max_distinct = self.numbers.len() / MIN_REPEATS;
        let numbers = &self.sample.numbers;
        let latents = numbers.iter().map(|number| number.to_latent());
        // Of 16 bits, neighbours are mostly all there: an order of their own gains nothing where there are many.
        let most = match T::Latent::BITS {
            _ if self.is_sample_all() => max_distinct,
            16 => numbers.len() / 2,
            _ => numbers.len().saturating_sub(MIN_REPEATS),
        };
        let could_pay = |distinct: &Distinct<T::Latent>| self.could_pay(distinct, best_price);
        Distinct::collect(latents, most).filter(could_pay)?;
        // All numbers cost far more to look up than some, which mostly say that there are too many values.
        if !self.is_sample_all() {
            let latents = self.larger.numbers.iter().map(|number| number.to_latent());
            Distinct::collect(latents, max_distinct).filter(could_pay)?;
        }
        let latents = self.numbers.iter().map(|number| number.to_latent());
        Distinct::collect(latents, max_distinct)
    }

    /// Whether a dictionary of these values, all or those of a sample, could be better than what is known. It reaches its
    /// entropy only where its bins are free, and has to be clearly better.
    fn could_pay(&self, distinct: &Distinct<T::Latent>, best_price: f64) -> bool {
        let n = self.numbers.len();
        let value_bits = distinct.values.len() as f64 * f64::from(T::Latent::BITS);
        let least_bits = value_bits / n as f64 + distinct.least_entropy_bits();
        distinct.n_distinct_of_all() <= (n / MIN_REPEATS) as f64
            && least_bits <= (best_price - 0.1).min(best_price * 0.97)
    }

    /// The cheapest delta encoding of dictionary indices, with what the dictionary costs.
    fn dict_bid(&self, distinct: &Distinct<T::Latent>, sample: &Sample<T>) -> Bid<ModeChoice<T>> {
        let n = self.numbers.len();
        let values_bits = distinct.values.len() as f64 * f64::from(T::Latent::BITS) / n as f64;
        let by_frequency = DeltaBid {
            choice: DeltaChoice::None,
            ..distinct.bid_by_frequency(self.params)
        };
        let by_value = match self.delta {
            Some(DeltaChoice::None) => None,
            demanded => {
                let indices = distinct.indices_by_value(sample);
                let runs = Runs {
                    latents: &indices,
                    run_n: sample.run_n,
                };
                let mut bid = deltas::bid(runs, self.shape, demanded, self.params);
                if demanded.is_none() {
                    deltas::add_search(&mut bid, runs, self.shape, self.params);
                }
                Some(bid)
            }
        };
        let delta = match by_value {
            Some(bid) if self.delta.is_some() || bid.price < by_frequency.price => bid,
            _ => by_frequency,
        };
        Bid {
            mode: ModeChoice::Dict,
            delta,
            second_bits: values_bits,
        }
    }
}
