//! Which delta encoding suits some latents.

use super::lookback::{self, LookbackSearch};
use super::{consecutive, conv1, difference_bits};
use crate::bins::{TrainingParams, estimate_bits_per_latent};
use crate::config::{DeltaSpec, MAX_LEVEL};
use crate::dtype::Latent;
use crate::entropy::{bit_length, log2};
use crate::error::{Error, Result};
use crate::format::DeltaEncoding;
use crate::kernels::isa::Isa;

/// The highest order of consecutive deltas.
const MAX_CONSECUTIVE_ORDER: usize = 7;
/// The highest order of Conv1.
const MAX_CONV1_ORDER: usize = 32;
/// Orders of Conv1 that are tried, where any is.
const TRIED_CONV1_ORDERS: [usize; 5] = [1, 2, 4, 8, 16];

/// How far apart bids of a small sample are that are close.
const CLOSE: f64 = 1.04;

/// Fewer numbers do not pay for the bins of their distances.
const MIN_LOOKBACK_N: usize = 512;
/// Latents of a run that are looked at for lookbacks first.
const SCOUTED_N: usize = 256;

/// Runs of consecutive latents, equally long, one behind the other: what deltas are tried on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Runs<'a, L> {
    pub(crate) latents: &'a [L],
    pub(crate) run_n: usize,
}

impl<'a, L> Runs<'a, L> {
    fn iter(self) -> impl Iterator<Item = &'a [L]> {
        self.latents.chunks(self.run_n.max(1))
    }
}

/// A delta encoding without its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeltaChoice {
    None,
    Consecutive(usize),
    Lookback,
    Conv1(usize),
}

/// A choice and what it is estimated to cost.
#[derive(Clone, Debug)]
pub(crate) struct DeltaBid {
    pub(crate) choice: DeltaChoice,
    /// Bits a number, and what is charged for slow decoding.
    pub(crate) price: f64,
    /// Other choices that a larger sample might prefer.
    pub(crate) close: Vec<DeltaChoice>,
}

/// What a specification demands, `None` for `Auto`.
///
/// # Errors
/// `InvalidArgument` for what latents of this width cannot have.
pub(crate) fn demanded<L: Latent>(spec: DeltaSpec) -> Result<Option<DeltaChoice>> {
    match spec {
        DeltaSpec::Auto => Ok(None),
        DeltaSpec::NoOp | DeltaSpec::TryConsecutive(0) => Ok(Some(DeltaChoice::None)),
        DeltaSpec::TryConsecutive(order) if order <= MAX_CONSECUTIVE_ORDER => {
            Ok(Some(DeltaChoice::Consecutive(order)))
        }
        DeltaSpec::TryConsecutive(order) => Err(Error::invalid(format!(
            "delta consecutive:{order}: the order is at most {MAX_CONSECUTIVE_ORDER}"
        ))),
        DeltaSpec::TryLookback => Ok(Some(DeltaChoice::Lookback)),
        DeltaSpec::TryConv1(_) if L::BITS > 32 => Err(Error::invalid(
            "delta conv1 is for numbers of up to 32 bits",
        )),
        DeltaSpec::TryConv1(0) => Ok(Some(DeltaChoice::None)),
        DeltaSpec::TryConv1(order) if order <= MAX_CONV1_ORDER => {
            Ok(Some(DeltaChoice::Conv1(order)))
        }
        DeltaSpec::TryConv1(order) => Err(Error::invalid(format!(
            "delta conv1:{order}: the order is at most {MAX_CONV1_ORDER}"
        ))),
    }
}

/// The least costly choice for a chunk of `n` latents like these.
pub(crate) fn bid<L: Latent>(
    runs: Runs<'_, L>,
    n: usize,
    demanded: Option<DeltaChoice>,
    params: TrainingParams,
) -> DeltaBid {
    if let Some(choice) = demanded {
        return trial(runs, n, choice, params);
    }
    let mut bids = bids(runs, n, params);
    let least = (0..bids.len()).min_by(|&i, &j| bids[i].price.total_cmp(&bids[j].price));
    let mut best = bids.swap_remove(least.expect("None is always tried"));
    let close = bids.iter().filter(|bid| bid.price <= best.price * CLOSE);
    best.close = close.map(|bid| bid.choice).collect();
    if best.choice == DeltaChoice::Lookback && best.close.is_empty() {
        // What a small sample repeats, a chunk may not.
        let second = bids.iter().min_by(|a, b| a.price.total_cmp(&b.price));
        best.close.extend(second.map(|bid| bid.choice));
    }
    best
}

/// What is worth a trial, tried.
fn bids<L: Latent>(runs: Runs<'_, L>, n: usize, params: TrainingParams) -> Vec<DeltaBid> {
    let trial = |choice| trial(runs, n, choice, params);
    let mut bids = vec![trial(DeltaChoice::None)];
    if has_near_likeness(runs) {
        let orders = consecutive_orders(runs);
        bids.extend(
            orders
                .into_iter()
                .map(|order| trial(DeltaChoice::Consecutive(order))),
        );
    }
    let least = bids
        .iter()
        .map(|bid| bid.price)
        .fold(f64::INFINITY, f64::min);
    let lookback = || {
        scouted_lookback_bits(runs, params.isa)
            + surcharge::<L>(DeltaChoice::Lookback, params.level)
    };
    if n >= MIN_LOOKBACK_N && lookback() < least {
        bids.push(trial(DeltaChoice::Lookback));
    }
    if params.level == MAX_LEVEL && L::BITS <= 32 {
        bids.extend(TRIED_CONV1_ORDERS.map(|order| trial(DeltaChoice::Conv1(order))));
    }
    bids
}

/// The orders of consecutive deltas that leave least, by the widths of what they leave: the best, and those that are close.
fn consecutive_orders<L: Latent>(runs: Runs<'_, L>) -> Vec<usize> {
    let (mut residuals, mut states) = (Vec::new(), Vec::new());
    let mut orders: Vec<(f64, usize)> = Vec::new();
    for order in 1..=MAX_CONSECUTIVE_ORDER.min(runs.run_n.saturating_sub(1)) {
        residuals.clear();
        states.clear();
        for run in runs.iter() {
            consecutive::encode(run, order, &mut residuals, &mut states);
        }
        let bits = bits_by_width(&residuals);
        // Orders improve up to the best one, then get worse: clearly so, or a better one may still come.
        let is_over = orders.last().is_some_and(|&(last, _)| bits >= last * CLOSE);
        orders.push((bits, order));
        if is_over {
            break;
        }
    }
    let least = orders
        .iter()
        .map(|&(bits, _)| bits)
        .fold(f64::INFINITY, f64::min);
    orders.retain(|&(bits, _)| bits <= least * CLOSE);
    orders.into_iter().map(|(_, order)| order).collect()
}

/// Bits that residuals take if each is stored as its width, its sign and its bits: around zero or around their median,
/// whichever is better.
fn bits_by_width<L: Latent>(residuals: &[L]) -> f64 {
    let around = |centre| bits_around(residuals, centre);
    around(L::MID).min(around(rough_median(residuals)))
}

fn bits_around<L: Latent>(residuals: &[L], centre: L) -> f64 {
    let mut counts = [0u32; 65];
    for &residual in residuals {
        counts[difference_bits(residual, centre) as usize] += 1;
    }
    let log2_n = log2(residuals.len().max(1) as f64);
    let of_widths = (0u32..).zip(counts).filter(|&(_, count)| count > 0);
    of_widths
        .map(|(width, count)| {
            let count = f64::from(count);
            count * (f64::from(width) + log2_n - log2(count))
        })
        .sum()
}

/// The median of a few latents from all over.
fn rough_median<L: Latent>(latents: &[L]) -> L {
    const N: usize = 31;
    let mut few = [L::MID; N];
    let step = (latents.len() / N).max(1);
    let n = few
        .iter_mut()
        .zip(latents.iter().step_by(step))
        .map(|(place, &latent)| *place = latent)
        .count();
    few[..n].sort_unstable();
    few[n / 2]
}

/// Whether latents are more like their neighbours than like others far away, or their differences are smaller, or those of
/// these: if not, differences of neighbours only add noise to noise.
fn has_near_likeness<L: Latent>(runs: Runs<'_, L>) -> bool {
    /// Orders of differences that are looked at.
    const ORDERS: usize = 3;
    let latents = runs.latents;
    let far = latents.len() / 2;
    if far < 2 + ORDERS {
        return true;
    }
    let n = latents.len() - far - ORDERS;
    let total = |lag: usize| -> u64 {
        let pairs = latents.iter().zip(&latents[lag..]).take(n);
        pairs.map(|(&a, &b)| u64::from(difference_bits(a, b))).sum()
    };
    // Some places far away are alike: the less similar ones count.
    let unlike = total(far).max(total(far / 2));
    let mut differences = latents.to_vec();
    (0..ORDERS).any(|_| {
        for i in 1..differences.len() {
            differences[i - 1] = differences[i].wrapping_sub(&differences[i - 1]);
        }
        differences.pop();
        let bits = differences
            .iter()
            .take(n)
            .map(|&difference| difference_bits(difference, L::zero()));
        // Chance makes up to half a percent.
        bits.map(u64::from).sum::<u64>() * 200 <= unlike * 199
    })
}

/// A quick look at three runs, or at the start of a single one: about what a lookback costs, in bits a number. What is
/// looked at first has too little before it to count.
fn scouted_lookback_bits<L: Latent>(runs: Runs<'_, L>, isa: Isa) -> f64 {
    let n_runs = runs.latents.len().div_ceil(runs.run_n.max(1));
    let scouted: Vec<L> = if n_runs < 3 {
        runs.latents[..runs.latents.len().min(3 * SCOUTED_N)].to_vec()
    } else {
        let starts = runs.iter().step_by(n_runs / 3).take(3);
        let starts = starts.flat_map(|run| &run[..run.len().min(SCOUTED_N)]);
        starts.copied().collect()
    };
    let mut distances = Vec::new();
    LookbackSearch::new(isa, bit_length(scouted.len() as u64)).find(&scouted, &mut distances);
    let first = scouted.len() / 3;
    if distances.len() <= first {
        return f64::INFINITY;
    }
    let mut distances = distances.split_off(first);
    let mut widths: Vec<u32> = (first + 1..)
        .zip(&distances)
        .map(|(i, &distance)| difference_bits(scouted[i], scouted[i - distance as usize]))
        .collect();
    let offset_bits: u32 = widths.iter().sum();
    let total = f64::from(offset_bits) + entropy(&mut widths) + entropy(&mut distances);
    total / distances.len() as f64
}

/// Bits that symbols take without what they stand for, which it sorts.
fn entropy(symbols: &mut [u32]) -> f64 {
    let log2_n = log2(symbols.len() as f64);
    symbols.sort_unstable();
    let of_equal = symbols.chunk_by(|a, b| a == b).map(|equal| {
        let count = equal.len() as f64;
        count * (log2_n - log2(count))
    });
    of_equal.sum()
}

/// What slower decoding is charged, in bits a number: a lookback has to save enough to be worth it.
fn surcharge<L: Latent>(choice: DeltaChoice, level: u32) -> f64 {
    match choice {
        // An eighth of a narrow number; lookbacks take twice the time to decode that others do.
        DeltaChoice::Lookback if level < MAX_LEVEL => f64::from(L::BITS.min(12)) / 8.0,
        // Of noise, too: differences that save nothing would cost their prefix sums.
        DeltaChoice::Consecutive(_) | DeltaChoice::Conv1(_) => 0.01,
        _ => 0.0,
    }
}

/// What a choice costs.
fn trial<L: Latent>(
    runs: Runs<'_, L>,
    n: usize,
    choice: DeltaChoice,
    params: TrainingParams,
) -> DeltaBid {
    let (mut residuals, mut states, mut distances) = (Vec::new(), Vec::new(), Vec::new());
    match choice {
        DeltaChoice::None => residuals.extend_from_slice(runs.latents),
        DeltaChoice::Consecutive(order) => {
            for run in runs.iter() {
                consecutive::encode(run, order, &mut residuals, &mut states);
            }
        }
        DeltaChoice::Lookback => {
            // Over all runs as one, and without the first of several: few latents of a chunk lack others before them.
            let mut search = LookbackSearch::new(params.isa, bit_length(runs.latents.len() as u64));
            search.find(runs.latents, &mut distances);
            lookback::encode(runs.latents, &distances, &mut residuals, &mut states);
            if runs.run_n < runs.latents.len() {
                residuals.drain(..runs.run_n);
                distances.drain(..runs.run_n);
            }
        }
        DeltaChoice::Conv1(order) => {
            let Some(conv) = conv1::fit(runs.latents, order) else {
                return DeltaBid {
                    choice,
                    price: f64::INFINITY,
                    close: Vec::new(),
                };
            };
            for run in runs.iter() {
                conv1::encode(run, &conv, &mut residuals, &mut states);
            }
        }
    }
    let bits = estimate_bits_per_latent(&mut residuals, n, params)
        + estimate_bits_per_latent(&mut distances, n, params);
    DeltaBid {
        choice,
        price: bits + surcharge::<L>(choice, params.level),
        close: Vec::new(),
    }
}

/// The delta encoding of a choice, with what it needs to know of all latents.
pub(crate) fn encoding_of<L: Latent>(choice: DeltaChoice, latents: &[L]) -> DeltaEncoding {
    match choice {
        DeltaChoice::None => DeltaEncoding::None,
        DeltaChoice::Consecutive(order) => DeltaEncoding::Consecutive {
            order: order as u32,
            secondary: false,
        },
        DeltaChoice::Lookback => DeltaEncoding::Lookback {
            window_n_log: window_n_log(latents.len()),
            state_n_log: 0,
            secondary: false,
        },
        DeltaChoice::Conv1(order) => match conv1::fit(latents, order) {
            Some(conv) => DeltaEncoding::Conv1(conv),
            None => DeltaEncoding::None,
        },
    }
}

/// The window of lookbacks into `n` latents, as a power of two.
fn window_n_log(n: usize) -> u32 {
    bit_length(n.saturating_sub(1) as u64).clamp(4, 15)
}
