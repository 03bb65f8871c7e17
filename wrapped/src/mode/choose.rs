//! Which mode and which delta encoding suit some numbers.
//!
//! Every candidate splits the same sample; its latents are delta encoded in every way that is worth a trial, and what
//! that costs is estimated by training bins on the sample. The cheapest wins.

use super::dict::Distinct;
use super::float_bases::float_bases;
use super::int_bases::int_bases;
use super::sample::Sample;
use super::split::split;
use super::{float_quant, int_mult};
use crate::bins::{TrainingParams, estimate_bits_per_latent};
use crate::config::{DeltaSpec, ModeSpec};
use crate::delta::choose::{self as delta_choose, DeltaBid, DeltaChoice, Runs};
use crate::dtype::{Latent, Number};
use crate::error::{Error, Result};

/// A difference that a small sample shows for sure.
const CLEAR: f64 = 0.15;

/// A mode, with its dictionary not made yet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum ModeChoice<T: Number> {
    Classic,
    IntMult(T::Latent),
    FloatMult(T),
    FloatQuant(u32),
    Dict,
}

/// How a chunk is encoded.
#[derive(Debug)]
pub(crate) struct Choice<T: Number> {
    pub(crate) mode: ModeChoice<T>,
    pub(crate) delta: DeltaChoice,
    /// The dictionary, if the mode is `Dict`.
    pub(crate) distinct: Option<Distinct<T::Latent>>,
}

/// A mode with the delta encoding that suits it best.
#[derive(Clone, Debug)]
struct Bid<M> {
    mode: M,
    delta: DeltaBid,
    /// Bits a number of the second latent variable.
    second_bits: f64,
    /// Whether a larger sample was asked.
    is_confirmed: bool,
}

impl<M> Bid<M> {
    fn price(&self) -> f64 {
        self.delta.price + self.second_bits
    }

    /// Whether a mode of two latent variables, or a dictionary, saves enough on what it replaces to be worth the time
    /// that it takes to decode. One whose second variable is constant takes next to none, and cannot do harm where the
    /// sample lacks what is rare.
    fn is_worth_it_over(&self, replaced: &Self) -> bool {
        if self.second_bits < 0.01 {
            return self.price() <= replaced.price();
        }
        self.price() + (replaced.price() * 0.01).min(0.05) < replaced.price()
    }
}

/// Chooses mode and delta encoding of a chunk.
///
/// # Errors
/// `InvalidArgument` for a specification that the number type cannot have.
pub(crate) fn choose<T: Number>(
    numbers: &[T],
    mode_spec: ModeSpec,
    delta_spec: DeltaSpec,
    params: TrainingParams,
) -> Result<Choice<T>> {
    let mode = demanded_mode::<T>(mode_spec)?;
    if mode.is_none() && is_constant(numbers) {
        return Ok(Choice {
            mode: ModeChoice::Classic,
            delta: delta_choose::demanded::<T::Latent>(delta_spec)?.unwrap_or(DeltaChoice::None),
            distinct: None,
        });
    }
    let delta = match mode {
        Some(ModeChoice::Dict) => delta_choose::demanded::<u32>(delta_spec)?,
        _ => delta_choose::demanded::<T::Latent>(delta_spec)?,
    };
    if let (Some(mode), Some(delta)) = (mode, delta) {
        let distinct = (mode == ModeChoice::Dict).then(|| distinct_of(numbers));
        return Ok(Choice {
            mode,
            delta,
            distinct,
        });
    }
    let chooser = Chooser {
        numbers,
        sample: Sample::small(numbers),
        larger: Sample::large(numbers),
        delta,
        params,
    };
    Ok(match mode {
        Some(ModeChoice::Dict) => {
            let distinct = distinct_of(numbers);
            let bid = chooser.dict_bid(&distinct, &chooser.sample);
            Choice {
                mode: ModeChoice::Dict,
                delta: bid.delta.choice,
                distinct: Some(distinct),
            }
        }
        Some(mode) => Choice {
            mode,
            delta: chooser.bid(mode).delta.choice,
            distinct: None,
        },
        None => chooser.choose(),
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
    params: TrainingParams,
}

impl<T: Number> Chooser<'_, T> {
    fn choose(&self) -> Choice<T> {
        let mut best = self.bid(ModeChoice::Classic);
        for mode in self.candidates() {
            let bid = self.bid(mode);
            if bid.is_worth_it_over(&best) {
                best = self.confirmed(best, bid);
            }
        }
        if let Some(distinct) = self.distinct_if_few(best.price()) {
            let mut bid = self.dict_bid(&distinct, &self.sample);
            // Counts of all numbers correct what the sample says of Classic.
            let classic = Bid {
                mode: ModeChoice::Classic,
                delta: distinct.bid_classic(self.params),
                second_bits: 0.0,
                is_confirmed: true,
            };
            let classic_price = classic.price();
            if self.delta.is_none_or(|delta| delta == DeltaChoice::None)
                && classic.price() < best.price()
            {
                best = classic;
            }
            let is_exact = best.delta.price == classic_price;
            let is_close = best.price() < bid.price() * (1.0 + CLEAR);
            if !is_exact && is_close && !self.is_sample_all() {
                best = self.again(&best);
                bid = self.dict_bid(&distinct, &self.larger);
            }
            // What only a sample says may be a little wrong.
            let is_clear = is_exact || bid.price() < best.price() * 0.98;
            if bid.is_worth_it_over(&best) && is_clear {
                return Choice {
                    mode: ModeChoice::Dict,
                    delta: bid.delta.choice,
                    distinct: Some(distinct),
                };
            }
        }
        Choice {
            mode: best.mode,
            delta: self.confirmed_delta(&best),
            distinct: None,
        }
    }

    fn is_sample_all(&self) -> bool {
        self.numbers.len() <= self.sample.numbers.len()
    }

    /// The best delta encoding for a mode, looked at again on a larger sample where it is close.
    fn confirmed_delta(&self, best: &Bid<ModeChoice<T>>) -> DeltaChoice {
        if best.delta.close.is_empty() || self.is_sample_all() {
            return best.delta.choice;
        }
        let (first, _) = split(self.params.isa, &self.larger.numbers, best.mode);
        let runs = Runs {
            latents: &first,
            run_n: self.larger.run_n,
        };
        let choices = best.delta.close.iter().chain([&best.delta.choice]);
        let bids = choices
            .map(|&choice| delta_choose::bid(runs, self.numbers.len(), Some(choice), self.params));
        let least = bids.min_by(|a, b| a.price.total_cmp(&b.price));
        least.map_or(best.delta.choice, |bid| bid.choice)
    }

    /// The better of two, looked at again on a larger sample where it is close.
    fn confirmed(&self, best: Bid<ModeChoice<T>>, other: Bid<ModeChoice<T>>) -> Bid<ModeChoice<T>> {
        if other.price() < best.price() * (1.0 - CLEAR) || self.is_sample_all() {
            return other;
        }
        let (best, other) = (self.again(&best), self.again(&other));
        if other.is_worth_it_over(&best) {
            other
        } else {
            best
        }
    }

    /// The same bid on a larger sample.
    fn again(&self, bid: &Bid<ModeChoice<T>>) -> Bid<ModeChoice<T>> {
        if bid.is_confirmed {
            return bid.clone();
        }
        let again = self.bid_on(&self.larger, bid.mode, Some(bid.delta.choice));
        Bid {
            delta: DeltaBid {
                close: bid.delta.close.clone(),
                ..again.delta
            },
            is_confirmed: true,
            ..again
        }
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
        let mult = float_bases(numbers).into_iter().map(ModeChoice::FloatMult);
        let quant = float_quant::likely_k(numbers).map(ModeChoice::FloatQuant);
        mult.chain(quant).collect()
    }

    /// The cheapest delta encoding of a mode, with what the mode costs.
    fn bid(&self, mode: ModeChoice<T>) -> Bid<ModeChoice<T>> {
        let bid = self.bid_on(&self.sample, mode, self.delta);
        if bid.delta.choice != DeltaChoice::Lookback || self.is_sample_all() {
            return bid;
        }
        // What a small sample repeats, a chunk may not.
        let choices = [DeltaChoice::Lookback].into_iter().chain(bid.delta.close);
        let again = choices.map(|choice| self.bid_on(&self.larger, mode, Some(choice)));
        let least = again.min_by(|a, b| a.price().total_cmp(&b.price()));
        Bid {
            is_confirmed: true,
            ..least.expect("Lookback is among them")
        }
    }

    fn bid_on(
        &self,
        sample: &Sample<T>,
        mode: ModeChoice<T>,
        delta: Option<DeltaChoice>,
    ) -> Bid<ModeChoice<T>> {
        let numbers = &sample.numbers;
        let (first, mut second) = split(self.params.isa, numbers, mode);
        let n = self.numbers.len();
        let runs = Runs {
            latents: &first,
            run_n: sample.run_n,
        };
        let delta = delta_choose::bid(runs, n, delta, self.params);
        let second_bits = estimate_bits_per_latent(&mut second, n, self.params.secondary());
        Bid {
            mode,
            delta,
            second_bits,
            is_confirmed: false,
        }
    }

    /// The distinct values, if there could be few enough for a dictionary to be better than what is known.
    fn distinct_if_few(&self, best_price: f64) -> Option<Distinct<T::Latent>> {
        /// Each value has to stand for so many numbers.
        const MIN_REPEATS: usize = 8;
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
        let in_sample = Distinct::collect(latents, most)?;
        if in_sample.n_distinct_of_all() > max_distinct as f64 {
            return None;
        }
        let value_bits = in_sample.values.len() as f64 * f64::from(T::Latent::BITS);
        let least_bits = value_bits / self.numbers.len() as f64 + in_sample.least_entropy_bits();
        // A dictionary reaches that only where its bins are free, and has to be clearly better.
        if least_bits > (best_price - 0.1).min(best_price * 0.97) {
            return None;
        }
        let latents = self.numbers.iter().map(|number| number.to_latent());
        Distinct::collect(latents, max_distinct)
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
                Some(delta_choose::bid(runs, n, demanded, self.params))
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
            is_confirmed: false,
        }
    }
}
