//! Dictionaries among the choices, and what distinct values say of one before there is one.

use super::delta_choice::DeltaChoice;
use super::deltas::{self, DeltaBid};
use super::modes::{Bid, Choice, Chooser};
use super::runs::Runs;
use super::sample::Sample;
use super::surcharge::Surcharge;
use crate::bins::{TrainingParams, estimate_bits_of_runs};
use crate::dtype::{Latent, Number};
use crate::entropy::log2;
use crate::mode::ModeChoice;
use crate::mode::dict::{DictOrder, Distinct};

impl<L: Latent> Distinct<L> {
    /// About how many values there are where these are a sample: of `d` equally likely ones, `n` draws repeat about
    /// `n^2 / 2d`. Where most are repeats, no more are to come.
    pub(crate) fn n_distinct_of_all(&self) -> f64 {
        let (n, n_seen) = (self.indices.len() as f64, self.values.len() as f64);
        let n_repeats = n - n_seen;
        if n_repeats > n_seen {
            return n_seen;
        }
        n * n / (2.0 * n_repeats.max(1.0))
    }

    /// The least entropy, in bits a number, of all values where these are a sample: that of the sample, or how seldom two
    /// numbers are equal (Renyi's entropy of order 2, which is never above Shannon's), which a sample shows without bias.
    pub(crate) fn least_entropy_bits(&self) -> f64 {
        let n = self.indices.len() as f64;
        let (mut bits, mut n_pairs) = (0.0, 0.0);
        for &count in &self.counts {
            let count = f64::from(count);
            bits += count * (log2(n) - log2(count));
            n_pairs += count * (count - 1.0);
        }
        (bits / n).max(log2(n * (n - 1.0) / n_pairs.max(1.0)))
    }

    /// What latents cost without a dictionary and deltas, exactly as training will find it.
    pub(crate) fn bid_classic(&self, params: TrainingParams) -> DeltaBid {
        let mut runs: Vec<(L, u32)> = self
            .values
            .iter()
            .copied()
            .zip(self.counts.iter().copied())
            .collect();
        runs.sort_unstable();
        let bits = estimate_bits_of_runs(&runs, self.indices.len(), params);
        DeltaBid::new(DeltaChoice::None, bits)
    }

    /// What indices cost in order of frequency, exactly as training will find it.
    pub(crate) fn bid_by_frequency(&self, params: TrainingParams) -> DeltaBid {
        let mut counts = self.counts.clone();
        counts.sort_unstable_by_key(|&count| !count);
        let runs: Vec<(u32, u32)> = (0..).zip(counts).collect();
        let bits = estimate_bits_of_runs(&runs, self.indices.len(), params);
        DeltaBid::new(DeltaChoice::None, bits)
    }

    /// A sample's indices in order of value.
    pub(crate) fn indices_by_value<T: Number>(&self, sample: &Sample<T>) -> Vec<u32> {
        let ranks = self.ranks(DictOrder::Value).1;
        let sampled = sample.part_of(&self.indices);
        sampled.map(|&index| ranks[index as usize]).collect()
    }
}

/// Numbers that each value of a dictionary has to stand for.
const MIN_REPEATS: usize = 8;

impl<T: Number> Chooser<'_, T> {
    /// A dictionary, if there could be few enough values for one to be better than what is known; and what exact counts
    /// say of Classic.
    pub(super) fn add_dict(&self, choices: &mut Vec<Choice<T>>) {
        // What searches come to, a sample does not know.
        let others = choices.iter().filter(|choice| !choice.delta.is_search());
        let price = Choice::least_price(others);
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
        self.add_recurrences(&distinct, choices);
        if !self.could_pay(&distinct, price) {
            return;
        }
        let bid = self.dict_bid(&distinct, &self.larger);
        let price = bid.price();
        choices.push(Choice::with_dict(distinct, bid.delta.choice).at(price));
    }

    /// A search for distances, if values mostly come again at a few: of columns with periods of their own, no run comes again.
    fn add_recurrences(&self, distinct: &Distinct<T::Latent>, choices: &mut Vec<Choice<T>>) {
        /// Numbers that are looked at, from the middle; those of the first half only tell where values were last.
        const N: usize = 1 << 15;
        /// Distances that are rarer than one in so many are chance.
        const MIN_PART: usize = 64;
        let n = self.numbers.len();
        if self.delta.is_some() || n < N {
            return;
        }
        let looked_at = &distinct.indices[(n - N) / 2..(n + N) / 2];
        let mut places = vec![None; distinct.values.len()];
        let mut distances = Vec::with_capacity(N / 2);
        for (place, &index) in looked_at.iter().enumerate() {
            let before: Option<usize> = places[index as usize].replace(place);
            distances.extend(
                before
                    .filter(|_| place >= N / 2)
                    .map(|before| place - before),
            );
        }
        distances.sort_unstable();
        let (mut bits, mut n_known, mut farthest) = (0.0, 0, 0);
        for equal in distances.chunk_by(|a, b| a == b) {
            if equal.len() > N / 2 / MIN_PART {
                bits += equal.len() as f64 * (log2((N / 2) as f64) - log2(equal.len() as f64));
                n_known += equal.len();
                farthest = equal[0];
            }
        }
        let least = Choice::least_price(&*choices);
        let others = 1.0 - n_known as f64 / (N / 2) as f64;
        let bits = bits / (N / 2) as f64 + others * (least + 1.0);
        let delta = DeltaChoice::lookback_that_reaches(farthest, n);
        let price = Surcharge::of::<T::Latent>(delta, self.params.level, n).on(bits);
        if n_known > 0 && price < least {
            choices.push(Choice::new(ModeChoice::Classic, delta).at(price));
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
    pub(super) fn dict_bid(
        &self,
        distinct: &Distinct<T::Latent>,
        sample: &Sample<T>,
    ) -> Bid<ModeChoice<T>> {
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
                let runs = Runs::of(sample, &indices);
                let mut bid = deltas::bid(runs, self.shape, demanded, self.params);
                if demanded.is_none() {
                    deltas::add_search(&mut bid, runs, None, self.shape, self.params);
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
