//! Modes of numbers with few distinct values, at exact prices.
//!
//! Where several modes are close, each of them would be encoded, since a sample has few of the rare values that decide. Of few
//! values, all can be counted once, and then each mode is priced by these.

use super::delta_choice::DeltaChoice;
use super::modes::{Choice, Chooser, price_of_both};
use crate::bins::{TrainingParams, estimate_bits_of_runs};
use crate::dtype::{Latent, Number};
use crate::mode::dict::Distinct;
use crate::mode::{ModeChoice, split};

/// More values take longer to count than what that saves.
const MAX_VALUES: usize = 1 << 11;
/// Numbers of the sample for each of its values, at least.
const MIN_REPEATS: usize = 8;
/// How much more than the best a mode may cost that is close.
const CLOSE: f64 = 1.25;

impl<T: Number> Chooser<'_, T> {
    /// Prices modes without differences exactly, if the first of them is one and others are close.
    pub(super) fn count_few_values(&self, choices: &mut [Choice<T>]) {
        let least = Choice::least_price(&*choices);
        let is_plain = |choice: &Choice<T>| {
            let is_close = choice.price <= least * CLOSE;
            is_close && choice.delta == DeltaChoice::None && choice.mode != ModeChoice::Dict
        };
        let n_plain = choices.iter().filter(|choice| is_plain(choice)).count();
        let is_best_plain = choices
            .iter()
            .any(|choice| choice.price <= least && is_plain(choice));
        if self.is_sample_all() || n_plain < 2 || !is_best_plain {
            return;
        }
        // A dictionary has counted them.
        let known = choices.iter().find_map(|choice| choice.distinct.as_ref());
        let counted = match known {
            Some(_) => None,
            None => self.few_distinct(),
        };
        let distinct = known.or(counted.as_ref());
        let Some(distinct) = distinct.filter(|of| of.values.len() <= MAX_VALUES) else {
            return;
        };
        let price = |choice: &Choice<T>| {
            is_plain(choice).then(|| self.price_of_values(distinct, choice.mode))
        };
        let prices: Vec<Option<f64>> = choices.iter().map(price).collect();
        for (choice, price) in choices.iter_mut().zip(prices) {
            if let Some(price) = price {
                (choice.price, choice.promise) = (price, price);
            }
        }
    }

    /// All distinct values, if a sample says that they are few, and they are.
    fn few_distinct(&self) -> Option<Distinct<T::Latent>> {
        let sampled = self.sample.numbers.iter().map(|number| number.to_latent());
        let most = self.sample.numbers.len() / MIN_REPEATS;
        Distinct::collect(sampled, most)?;
        let all = self.numbers.iter().map(|number| number.to_latent());
        Distinct::collect(all, MAX_VALUES)
    }

    /// What all numbers cost under a mode without differences, in bits each.
    fn price_of_values(&self, distinct: &Distinct<T::Latent>, mode: ModeChoice<T>) -> f64 {
        let values = distinct.values.iter().map(|&latent| T::from_latent(latent));
        let values: Vec<T> = values.collect();
        let (first, second) = split(self.params.isa, &values, mode);
        let bits = |latents: &[T::Latent], params: TrainingParams| {
            let counted = latents.iter().copied().zip(distinct.counts.iter().copied());
            estimate_bits_of_runs(&runs_of(counted.collect()), self.shape.n, params)
        };
        price_of_both(
            bits(&first, self.params),
            bits(&second, self.params.secondary()),
        )
    }
}

/// Each latent once, in order, with the sum of its counts.
fn runs_of<L: Latent>(mut counted: Vec<(L, u32)>) -> Vec<(L, u32)> {
    counted.sort_unstable();
    let equal = counted.chunk_by(|a, b| a.0 == b.0);
    equal
        .map(|run| (run[0].0, run.iter().map(|of| of.1).sum()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_latents_are_counted_together() {
        let counted = vec![(7u32, 2), (3, 1), (7, 5), (0, 4)];
        assert_eq!(runs_of(counted), [(0, 4), (3, 1), (7, 7)]);
        assert!(runs_of::<u64>(Vec::new()).is_empty());
    }
}
