//! Which mode and which delta encoding suit some numbers.
//!
//! Every candidate splits the same small sample; its latents are delta encoded in every way that is worth a trial, and
//! what that costs is estimated by training bins on the sample. Those that are close are tried again on a larger sample;
//! dictionaries are priced by exact counts, and repeats looked for in the whole chunk. The result is a list with prices:
//! what the first one really costs decides how many of the others are tried on all numbers (`held`).

use super::delta_choice::{DeltaChoice, demanded};
use super::deltas::{self, DeltaBid};
use super::demanded::demanded_mode;
use super::float_bases::float_bases;
use super::int_bases::int_bases;
use super::runs::{ChunkShape, Runs};
use super::sample::Sample;
use super::scout;
use crate::bins::{TrainingParams, estimate_bits_per_latent};
use crate::config::ChunkConfig;
use crate::dtype::Number;
use crate::error::Result;
use crate::mode::dict::Distinct;
use crate::mode::{ModeChoice, float_quant, split};

/// A difference that a small sample shows for sure, as a part of a price.
const CLEAR: f64 = 0.12;
/// The same for delta encodings of one mode.
const CLOSE: f64 = 0.04;
/// How many are looked at again, at most.
const MAX_CONTENDERS: usize = 3;

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

    /// What the cheapest of some costs.
    pub(super) fn least_price<'a>(choices: impl IntoIterator<Item = &'a Self>) -> f64
    where
        T: 'a,
    {
        let prices = choices.into_iter().map(|choice| choice.price);
        prices.fold(f64::INFINITY, f64::min)
    }

    /// Whether both encode a chunk in the same way.
    pub(super) fn is_as(&self, other: &Self) -> bool {
        (self.mode, self.delta) == (other.mode, other.delta)
    }

    /// At a price that all numbers are expected to come to.
    pub(super) fn at(self, price: f64) -> Self {
        Self {
            price,
            promise: price,
            ..self
        }
    }

    /// At the price of a sample, in which a search has less to find, unless it `is_all`: then it learns a little more.
    fn sampled_at(self, price: f64, is_all: bool) -> Self {
        /// The part of the price that may be left.
        const OF_SEARCH: f64 = 0.92;
        const OF_SEARCH_OF_ALL: f64 = 0.98;
        let part = match (self.delta.is_search(), is_all) {
            (false, _) => 1.0,
            (true, false) => OF_SEARCH,
            (true, true) => OF_SEARCH_OF_ALL,
        };
        Self {
            price,
            promise: price * part,
            ..self
        }
    }

    pub(super) fn with_dict(distinct: Distinct<T::Latent>, delta: DeltaChoice) -> Self {
        Self {
            distinct: Some(distinct),
            ..Self::new(ModeChoice::Dict, delta)
        }
    }
}

/// A mode with the delta encoding that suits it best.
#[derive(Clone, Debug)]
pub(super) struct Bid<M> {
    pub(super) mode: M,
    pub(super) delta: DeltaBid,
    /// Bits a number of the second latent variable.
    pub(super) second_bits: f64,
}

impl<M> Bid<M> {
    /// What it costs, with what a second variable has to save to be worth the time that it takes to decode. One that is
    /// constant takes next to none.
    pub(super) fn price(&self) -> f64 {
        price_of_both(self.delta.price, self.second_bits)
    }
}

/// What two latent variables cost.
pub(super) fn price_of_both(first_bits: f64, second_bits: f64) -> f64 {
    let price = first_bits + second_bits;
    if second_bits < 0.01 {
        price
    } else {
        price + (price * 0.01).min(0.05)
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
        let delta = demanded::<T::Latent>(delta_spec, n)?;
        let delta = delta.unwrap_or(DeltaChoice::None);
        return Ok(vec![Choice::new(ModeChoice::Classic, delta)]);
    }
    let delta = match mode {
        Some(ModeChoice::Dict) => demanded::<u32>(delta_spec, n)?,
        _ => demanded::<T::Latent>(delta_spec, n)?,
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

/// What a choice is made of.
pub(super) struct Chooser<'a, T> {
    pub(super) numbers: &'a [T],
    pub(super) sample: Sample<T>,
    /// What decides where the other cannot.
    pub(super) larger: Sample<T>,
    pub(super) delta: Option<DeltaChoice>,
    pub(super) shape: ChunkShape,
    pub(super) params: TrainingParams,
}

impl<T: Number> Chooser<'_, T> {
    fn choose(&self) -> Vec<Choice<T>> {
        let modes = [ModeChoice::Classic].into_iter().chain(self.candidates());
        let bids = modes.map(|mode| self.bid_on(&self.sample, mode, self.delta));
        let mut bids: Vec<_> = bids.collect();
        self.add_searches(&mut bids);
        let mut choices = self.ranked(bids);
        self.add_repeats(&mut choices);
        self.add_near_repeats(&mut choices);
        self.add_dict(&mut choices);
        self.count_few_values(&mut choices);
        choices.sort_by(|a, b| a.price.total_cmp(&b.price));
        choices
    }

    /// Searches for distances under `Classic`, the first, and under the mode that is best without. Distances hardly
    /// depend on modes, and searches take time: the others take the distances that were found.
    fn add_searches(&self, bids: &mut [Bid<ModeChoice<T>>]) {
        if self.delta.is_some() {
            return;
        }
        let best = (0..bids.len()).min_by(|&i, &j| bids[i].price().total_cmp(&bids[j].price()));
        let mut found = None;
        for (i, bid) in bids.iter_mut().enumerate() {
            if i == 0 || Some(i) == best {
                let (first, _) = split(self.params.isa, &self.sample.numbers, bid.mode);
                let runs = Runs::of(&self.sample, &first);
                let scouted = self.scouted_bits(bid.mode, bid.delta.price);
                let distances =
                    deltas::add_search(&mut bid.delta, runs, scouted, self.shape, self.params);
                found = distances.or(found);
            }
        }
        let Some(distances) = found else {
            return;
        };
        for (i, bid) in bids.iter_mut().enumerate() {
            if i > 0 && Some(i) != best {
                let (first, _) = split(self.params.isa, &self.sample.numbers, bid.mode);
                let runs = Runs::of(&self.sample, &first);
                deltas::add_search_at(&mut bid.delta, runs, &distances, self.shape, self.params);
            }
        }
    }

    /// What a quick look at pieces says that a lookback costs under a mode, where that may be less than a price.
    fn scouted_bits(&self, mode: ModeChoice<T>, price: f64) -> Option<f64> {
        /// What distances and differences take, of which a look at pieces is worth its time.
        const MIN_BITS: f64 = 12.0;
        if self.numbers.len() < scout::MIN_N || price < MIN_BITS {
            return None;
        }
        let pieces = scout::pieces(self.numbers.len());
        let numbers: Vec<T> = pieces
            .flat_map(|piece| &self.numbers[piece])
            .copied()
            .collect();
        let (first, _) = split(self.params.isa, &numbers, mode);
        Some(scout::bits_by_pieces(self.params.isa, &first))
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
                let larger = self.bid_on(&self.larger, *mode, Some(*delta)).price();
                // What only a large window shows, no sample knows.
                let is_scouted = delta.is_search()
                    && bids
                        .iter()
                        .any(|bid| bid.mode == *mode && bid.delta.scouted.is_some());
                *price = if is_scouted {
                    larger.min(*price)
                } else {
                    larger
                };
            }
        }
        let choices = contenders.into_iter().map(|(mode, delta, price)| {
            Choice::new(mode, delta).sampled_at(price, self.is_sample_all())
        });
        let mut choices: Vec<_> = choices.collect();
        choices.sort_by(|a, b| a.price.total_cmp(&b.price));
        self.doubt(&mut choices);
        choices
    }

    pub(super) fn is_sample_all(&self) -> bool {
        self.numbers.len() <= self.sample.numbers.len()
    }

    /// Modes worth a trial beside `Classic` and `Dict`.
    fn candidates(&self) -> Vec<ModeChoice<T>> {
        let numbers = &self.larger.uncommon();
        if T::MANTISSA_BITS.is_none() {
            return int_bases(numbers, self.params.isa)
                .into_iter()
                .map(ModeChoice::IntMult)
                .collect();
        }
        let mult = float_bases(numbers, self.numbers, self.params.isa)
            .into_iter()
            .map(ModeChoice::FloatMult);
        let quant = float_quant::likely_k(numbers)
            .into_iter()
            .map(ModeChoice::FloatQuant);
        mult.chain(quant).collect()
    }

    /// What the second latents of a mode cost, in bits a number.
    pub(super) fn second_bits(&self, mode: ModeChoice<T>) -> f64 {
        let (_, mut second) = split(self.params.isa, &self.sample.numbers, mode);
        estimate_bits_per_latent(&mut second, self.numbers.len(), self.params.secondary())
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
        let runs = Runs::of(sample, &first);
        let delta = deltas::bid(runs, self.shape, delta, self.params);
        let n = self.numbers.len();
        let second_bits = estimate_bits_per_latent(&mut second, n, self.params.secondary());
        Bid {
            mode,
            delta,
            second_bits,
        }
    }
}
