//! Which mode and which delta encoding suit some numbers.
//!
//! Every candidate splits the same sample; its latents are delta encoded in every way that is worth a trial, and what
//! that costs is estimated by training bins on the sample. The cheapest wins.

use super::dict::Distinct;
use super::float_bases::float_bases;
use super::int_bases::int_bases;
use super::sample::Sample;
use super::{float_mult, float_quant, int_mult};
use crate::bins::{TrainingParams, estimate_bits_per_latent};
use crate::config::{DeltaSpec, ModeSpec};
use crate::delta::choose::{self as delta_choose, DeltaBid, DeltaChoice, Runs};
use crate::dtype::{Latent, Number};
use crate::error::{Error, Result};

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

/// Whether a mode of two latent variables, or a dictionary, saves enough on what it replaces to be worth the time that
/// it takes to decode.
fn is_worth_it(bid: &DeltaBid, replaced: &DeltaBid) -> bool {
    bid.price + (replaced.price * 0.01).min(0.05) < replaced.price
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
        sample: Sample::of(numbers),
        delta,
        params,
    };
    Ok(match mode {
        Some(ModeChoice::Dict) => {
            let distinct = distinct_of(numbers);
            let bid = chooser.dict_bid(&distinct);
            Choice {
                mode: ModeChoice::Dict,
                delta: bid.choice,
                distinct: Some(distinct),
            }
        }
        Some(mode) => Choice {
            mode,
            delta: chooser.bid(mode).choice,
            distinct: None,
        },
        None => chooser.choose(),
    })
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
    match spec {
        ModeSpec::Auto => Ok(None),
        ModeSpec::Classic => Ok(Some(ModeChoice::Classic)),
        ModeSpec::TryDict => Ok(Some(ModeChoice::Dict)),
        ModeSpec::TryIntMult(base) if !is_float => match int_mult::base_from(base) {
            Some(base) => Ok(Some(ModeChoice::IntMult(base))),
            None => Err(Error::invalid(format!(
                "IntMult of {number_type} by {base}"
            ))),
        },
        ModeSpec::TryFloatMult(base) if is_float => {
            let in_type = T::from_f64(base);
            if in_type.to_f64().is_finite() && in_type.to_f64() != 0.0 {
                return Ok(Some(ModeChoice::FloatMult(in_type)));
            }
            Err(Error::invalid(format!(
                "FloatMult of {number_type} by {base}"
            )))
        }
        ModeSpec::TryFloatQuant(k) if T::MANTISSA_BITS.is_some_and(|n| (1..=n).contains(&k)) => {
            Ok(Some(ModeChoice::FloatQuant(k)))
        }
        ModeSpec::TryIntMult(_) | ModeSpec::TryFloatMult(_) | ModeSpec::TryFloatQuant(_) => Err(
            Error::invalid(format!("{spec:?} is no mode of {number_type}")),
        ),
    }
}

/// What a choice is made of.
struct Chooser<'a, T> {
    numbers: &'a [T],
    sample: Sample<T>,
    delta: Option<DeltaChoice>,
    params: TrainingParams,
}

impl<T: Number> Chooser<'_, T> {
    fn choose(&self) -> Choice<T> {
        let mut best = (ModeChoice::Classic, self.bid(ModeChoice::Classic));
        for mode in self.candidates() {
            let bid = self.bid(mode);
            if is_worth_it(&bid, &best.1) {
                best = (mode, bid);
            }
        }
        if let Some(distinct) = self.distinct_if_few() {
            let bid = self.dict_bid(&distinct);
            // Counts of all numbers correct what the sample says of Classic.
            let classic = distinct.bid_classic(self.params);
            if self.delta.is_none_or(|delta| delta == DeltaChoice::None)
                && classic.price < best.1.price
            {
                best = (ModeChoice::Classic, classic);
            }
            if is_worth_it(&bid, &best.1) {
                return Choice {
                    mode: ModeChoice::Dict,
                    delta: bid.choice,
                    distinct: Some(distinct),
                };
            }
        }
        Choice {
            mode: best.0,
            delta: best.1.choice,
            distinct: None,
        }
    }

    /// Modes worth a trial beside `Classic` and `Dict`.
    fn candidates(&self) -> Vec<ModeChoice<T>> {
        let numbers = &self.sample.numbers;
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
    fn bid(&self, mode: ModeChoice<T>) -> DeltaBid {
        let numbers = &self.sample.numbers;
        let (mut first, mut second) = (Vec::new(), Vec::new());
        match mode {
            ModeChoice::Classic | ModeChoice::Dict => {
                first.extend(numbers.iter().map(|number| number.to_latent()));
            }
            ModeChoice::IntMult(base) => int_mult::split(numbers, base, &mut first, &mut second),
            ModeChoice::FloatMult(base) => {
                float_mult::split(numbers, base, &mut first, &mut second)
            }
            ModeChoice::FloatQuant(k) => float_quant::split(numbers, k, &mut first, &mut second),
        }
        let n = self.numbers.len();
        let runs = Runs {
            latents: &first,
            run_n: self.sample.run_n,
        };
        let bid = delta_choose::bid(runs, n, self.delta, self.params);
        let second_bits = estimate_bits_per_latent(&mut second, n, self.params.secondary());
        DeltaBid {
            bits: bid.bits + second_bits,
            price: bid.price + second_bits,
            ..bid
        }
    }

    /// The distinct values, if there could be few enough for a dictionary to pay.
    fn distinct_if_few(&self) -> Option<Distinct<T::Latent>> {
        /// Each value has to stand for so many numbers.
        const MIN_REPEATS: usize = 8;
        let n_sample = self.sample.numbers.len();
        let latents = self.sample.numbers.iter().map(|number| number.to_latent());
        Distinct::collect(latents, n_sample / 2)?;
        let latents = self.numbers.iter().map(|number| number.to_latent());
        Distinct::collect(latents, self.numbers.len() / MIN_REPEATS)
    }

    /// The cheapest delta encoding of dictionary indices, with what the dictionary costs.
    fn dict_bid(&self, distinct: &Distinct<T::Latent>) -> DeltaBid {
        let n = self.numbers.len();
        let values_bits = distinct.values.len() as f64 * f64::from(T::Latent::BITS) / n as f64;
        let by_frequency = DeltaBid {
            choice: DeltaChoice::None,
            ..distinct.bid_by_frequency(self.params)
        };
        let by_value = match self.delta {
            Some(DeltaChoice::None) => None,
            demanded => {
                let indices = distinct.indices_by_value(&self.sample);
                let runs = Runs {
                    latents: &indices,
                    run_n: self.sample.run_n,
                };
                Some(delta_choose::bid(runs, n, demanded, self.params))
            }
        };
        let bid = match by_value {
            Some(bid) if self.delta.is_some() || bid.price < by_frequency.price => bid,
            _ => by_frequency,
        };
        DeltaBid {
            bits: bid.bits + values_bits,
            price: bid.price + values_bits,
            ..bid
        }
    }
}
