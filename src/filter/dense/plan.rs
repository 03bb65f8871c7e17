//! The plan of a column: all that is worth a look, priced on its sample.

use paginum_wrapped::{Latent, Number, sorted_ranks};

use super::price::{Base, Gauge, Look, Plan, stream_bits};
use super::sample::Sample;
use super::scan;
use super::word::Word;

/// What ranks may take, of what the engine alone does, and that if there are matches: ranks are cheaper literals.
const PROMISING: f64 = 0.99;
const PROMISING_MATCHED: f64 = 1.1;
/// What decoding a rank is charged, in bits.
const RANK_BITS: f64 = 0.02;
/// Numbers of which a few values are looked for first, and how many of them follow each other.
const SCOUTED_N: usize = 1 << 12;
const RUN_N: usize = 64;
/// Values of which more than this part follow each other without a gap need no ranks.
const DENSE: f64 = 0.9;

/// The best plan for a column; `alone` is what the engine takes without layers, in bits, if that is known.
pub(super) fn plan<T: Number<Latent: Word>>(
    gauge: Gauge,
    sample: &Sample<T>,
    alone: Option<f64>,
) -> Plan {
    let numbers = &sample.numbers[..];
    let each = gauge.numbers(numbers);
    let reckoned = each * sample.n + stream_bits(sample.n, each, sample.n_pages);
    let alone = alone.unwrap_or(reckoned);
    let mut look = Look {
        gauge,
        sample,
        width: scan::width(&numbers[..sample.lens[0]]),
        best: Plan::alone(alone),
    };
    let base = Base {
        words: bytemuck::cast_slice(numbers),
        own: alone,
        rest: 0.0,
        unseen_bits: None,
    };
    let least = look.steps::<T>(base);
    let has_matches = look.matches::<T>(base, least);
    // Where numbers match, so do ranks, and what the engine makes of repeats is no measure.
    let most = match has_matches {
        true => alone.max(reckoned) * PROMISING_MATCHED,
        false => alone * PROMISING,
    };
    let Some(ranked) = ranked(gauge, sample, most) else {
        return look.best;
    };
    let base = Base {
        words: &ranked.ranks[..],
        own: ranked.bits,
        rest: ranked.value_bits + sample.n * RANK_BITS,
        unseen_bits: Some(ranked.unseen_bits),
    };
    let least = look.steps::<u32>(base);
    if has_matches {
        look.matches::<u32>(base, least);
    }
    look.best
}

/// The ranks of a sample, and what those of all numbers would take, in bits.
#[derive(Debug)]
struct Ranked {
    ranks: Vec<u32>,
    /// Of each rank of all, for those that the sample does not show.
    unseen_bits: f64,
    bits: f64,
    value_bits: f64,
}

impl Ranked {
    /// Of `n` numbers of which these are some, or few: nothing, if they have too many different values, or no gaps between them.
    fn of<T: Number>(gauge: Gauge, some: &[T], n: f64, are_few: bool) -> Option<Self> {
        let (values, ranks) = sorted_ranks(some, some.len())?;
        let is_next =
            |pair: &&[T]| pair[1].to_latent() - pair[0].to_latent() == T::Latent::from_u64(1);
        let n_next = values.windows(2).filter(is_next).count();
        if n_next as f64 > values.len() as f64 * DENSE {
            return None;
        }
        let n_seen = values.len() as f64;
        let (n_common, n_values) = match (some.len() as f64) < n {
            true => n_values(&ranks, values.len(), n),
            false => (n_seen, n_seen),
        };
        // Few say little of what is rare.
        let n_values = if are_few { n_common } else { n_values };
        if n_values > n / 2.0 {
            return None;
        }
        // Where most numbers have values that are not among these, their ranks are as far apart as all.
        let n_ranked = if n_common > 2.0 * n_seen {
            n_values
        } else {
            n_common
        };
        let unseen_bits = (n_ranked / n_seen).log2();
        let each = (gauge.numbers(&values) - (n_values / n_seen).log2()).max(1.0);
        Some(Self {
            unseen_bits,
            bits: (gauge.words::<u32>(&ranks) + unseen_bits) * n,
            value_bits: each * n_values + stream_bits(n_values, each, 1.0),
            ranks,
        })
    }

    fn all_bits(&self) -> f64 {
        self.bits + self.value_bits
    }
}

/// How many values `n` numbers have, of which these are the ranks of some: those among which most numbers are, and all.
fn n_values(ranks: &[u32], n_seen: usize, n: f64) -> (f64, f64) {
    let (seen, n_some) = (n_seen as f64, ranks.len() as f64);
    let mut counts = vec![0_u32; n_seen];
    let (front, back) = ranks.split_at(ranks.len() / 2);
    front.iter().for_each(|rank| counts[*rank as usize] += 1);
    let half = counts.iter().filter(|count| **count > 0).count() as f64;
    back.iter().for_each(|rank| counts[*rank as usize] += 1);
    let n_once = counts.iter().filter(|count| **count == 1).count() as f64;
    // Numbers whose values stand there once are as many as those whose values do not (Good and Turing).
    let common = seen / (1.0 - n_once / (n_some + 1.0));
    // Twice as many numbers have the same times as many values (Heaps): too many, where the other are too few.
    let growth = (seen / half.max(1.0)).log2();
    let grown = seen * (n / n_some).powf(growth);
    (common, (common * grown).sqrt())
}

/// The ranks of a sample, if a few numbers of it say that all take less than `most` bits, and the sample does, too.
fn ranked<T: Number>(gauge: Gauge, sample: &Sample<T>, most: f64) -> Option<Ranked> {
    if T::Latent::BITS == 8 {
        return None;
    }
    let numbers = &sample.numbers;
    let step = (numbers.len() / SCOUTED_N).max(1);
    let runs = numbers.chunks(RUN_N).step_by(step);
    let some: Vec<T> = runs.flatten().copied().collect();
    if Ranked::of(gauge, &some, sample.n, true)?.all_bits() > most {
        return None;
    }
    let ranked = Ranked::of(gauge, numbers, sample.n, false)?;
    (ranked.all_bits() <= most).then_some(ranked)
}
