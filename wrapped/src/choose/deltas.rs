//! Which delta encoding suits some latents: trials, and what they say each costs.

use super::delta_choice::{DeltaChoice, MAX_CONSECUTIVE_ORDER};
use super::lags;
use super::runs::{ChunkShape, Runs};
use super::sample::MAX_WHOLE_N;
use super::scout;
use super::surcharge::Surcharge;
use crate::bins::{self, TrainingParams};
use crate::config::MAX_LEVEL;
use crate::delta::lookback::{self, LookbackSearch};
use crate::delta::{consecutive, conv1};
use crate::dtype::Latent;
use crate::entropy::bit_length;

/// Orders of Conv1 that are tried, where any is.
const TRIED_CONV1_ORDERS: [usize; 5] = [1, 2, 4, 8, 16];

/// How far apart bids of a small sample are that are close.
const CLOSE: f64 = 1.04;

/// How many of those there are, at most.
const MAX_CLOSE: usize = 2;

/// The same where a byte of a table counts.
const CLOSE_OF_FEWEST: (f64, usize) = (1.3, 4);

/// Fewer numbers do not pay for the bins of their distances.
const MIN_LOOKBACK_N: usize = 32;
/// What a lookback has to save, where there are more than few numbers.
const MIN_SAVED_BITS: f64 = 0.1;
/// Those are few.
pub(super) const MAX_FEW: usize = 1 << 13;
/// Fewer numbers hold no records that would show.
const MIN_LAG_N: usize = 32;

/// A choice and what it is estimated to cost.
#[derive(Clone, Debug)]
pub(crate) struct DeltaBid {
    pub(crate) choice: DeltaChoice,
    /// Bits a number, and what is charged for slow decoding.
    pub(crate) price: f64,
    /// Other choices that a larger sample might prefer, with their prices.
    pub(crate) close: Vec<(DeltaChoice, f64)>,
    /// What a search costs as a look at pieces says, where that is clearly less than the others.
    pub(crate) scouted: Option<f64>,
}

impl DeltaBid {
    /// A single choice at a price.
    pub(super) fn new(choice: DeltaChoice, price: f64) -> Self {
        Self {
            choice,
            price,
            close: Vec::new(),
            scouted: None,
        }
    }

    /// For a choice that these latents cannot have.
    fn never(choice: DeltaChoice) -> Self {
        Self::new(choice, f64::INFINITY)
    }

    /// Adds a trial: in the place of the best, if it costs less.
    fn add(&mut self, trial: &Self) {
        let (mut best, mut other) = ((self.choice, self.price), (trial.choice, trial.price));
        if other.1 < best.1 {
            std::mem::swap(&mut best, &mut other);
        }
        (self.choice, self.price) = best;
        self.close.push(other);
    }
}

/// The least costly choice for a chunk of latents like these.
pub(crate) fn bid<L: Latent>(
    runs: Runs<'_, L>,
    shape: ChunkShape,
    demanded: Option<DeltaChoice>,
    params: TrainingParams,
) -> DeltaBid {
    if let Some(choice) = demanded {
        return trial(runs, shape, choice, params);
    }
    let mut bids = bids(runs, shape, params);
    let least = (0..bids.len()).min_by(|&i, &j| bids[i].price.total_cmp(&bids[j].price));
    let mut best = bids.swap_remove(least.expect("None is always tried"));
    bids.sort_by(|a, b| a.price.total_cmp(&b.price));
    let (margin, max_close) = if shape.n <= bins::MAX_FEW {
        CLOSE_OF_FEWEST
    } else {
        (CLOSE, MAX_CLOSE)
    };
    let is_close = |bid: &&DeltaBid| bid.price <= best.price * margin;
    let mut close: Vec<&DeltaBid> = bids.iter().filter(is_close).take(max_close).collect();
    // What a small sample repeats, a chunk may not: the best of those that do not count on it, too.
    let other = bids.iter().find(|bid| !bid.choice.is_lookback());
    let other = other.filter(|_| best.choice.is_lookback());
    if let Some(bid) = other.filter(|bid| close.iter().all(|known| known.choice != bid.choice)) {
        close.push(bid);
    }
    best.close = close
        .into_iter()
        .map(|bid| (bid.choice, bid.price))
        .collect();
    best
}

/// What is worth a trial, tried.
fn bids<L: Latent>(runs: Runs<'_, L>, shape: ChunkShape, params: TrainingParams) -> Vec<DeltaBid> {
    let trial = |choice| trial(runs, shape, choice, params);
    let mut bids = orders_tried(runs, shape, params);
    let least = bids
        .iter()
        .map(|bid| bid.price)
        .fold(f64::INFINITY, f64::min);
    if shape.n >= MIN_LAG_N && least > least_without_lookback(shape.n) {
        let by_width = lags::lag(runs, params.isa);
        let by_steps = lags::lag_of_steps(runs).filter(|&lag| Some(lag) != by_width);
        let lags = by_width.into_iter().chain(by_steps);
        bids.extend(lags.map(|lag| trial(DeltaChoice::Lag(lag))));
    }
    if params.level == MAX_LEVEL && L::BITS <= 32 {
        bids.extend(TRIED_CONV1_ORDERS.map(|order| trial(DeltaChoice::Conv1(order))));
    }
    bids
}

/// No differences, and those of rising orders while they get better, or hardly worse; then the one at which some runs have few
/// values, if that is higher.
fn orders_tried<L: Latent>(
    runs: Runs<'_, L>,
    shape: ChunkShape,
    params: TrainingParams,
) -> Vec<DeltaBid> {
    /// How much more than none the first order may cost, as a part and in bits a number: differences of noise are 0.7 bits
    /// wider, those of higher orders still more.
    const WORSE: (f64, f64) = (1.01, 0.2);
    /// How much more than the order before it a higher one may cost where a still higher one may be better.
    const CLOSE: f64 = 1.15;
    /// Bits a number that it may cost more than the best.
    const FAR_WORSE_BITS: f64 = 2.0;
    /// Orders in a row that may be no better than the best; of few numbers, whose tables count for more, as many as there are.
    const MAX_NO_BETTER: usize = 2;
    let mut bids = vec![trial(runs, shape, DeltaChoice::None, params)];
    let (mut least, mut last, mut n_no_better) = (bids[0].price, bids[0].price, 0);
    for order in 1..=MAX_CONSECUTIVE_ORDER {
        let bid = trial(runs, shape, DeltaChoice::Consecutive(order), params);
        let price = bid.price;
        bids.push(bid);
        n_no_better = if price < least { 0 } else { n_no_better + 1 };
        let is_worse = match order {
            1 => price > least * WORSE.0 + WORSE.1,
            _ => price >= last * CLOSE || price >= least + FAR_WORSE_BITS,
        };
        if is_worse || n_no_better >= MAX_NO_BETTER && shape.n > bins::MAX_FEW {
            break;
        }
        (least, last) = (least.min(price), price);
    }
    let of_few = lags::order_of_few_values(runs).filter(|&order| order >= bids.len());
    bids.extend(of_few.map(|order| {
        let choice = DeltaChoice::Consecutive(order);
        trial(runs, shape, choice, params)
    }));
    bids
}

/// The price above which lookbacks have something to save: they may save all, and are charged a part of what is left.
fn least_without_lookback(n: usize) -> f64 {
    if n > MAX_FEW { MIN_SAVED_BITS } else { 0.0 }
}

/// A search for distances, added to a bid on these latents without one, if it could be worth its time: by `scouted`, what
/// a look at [`scout::pieces`] says it costs, or by the runs. Returns the distances that it found on the runs.
pub(crate) fn add_search<L: Latent>(
    bid: &mut DeltaBid,
    runs: Runs<'_, L>,
    scouted: Option<f64>,
    shape: ChunkShape,
    params: TrainingParams,
) -> Option<Vec<u32>> {
    /// How much more than the bid a quick look may say: it finds less than a search does.
    const PESSIMISM: f64 = 1.06;
    /// The same where there are few in all: a search takes much of their time, and a look sees most of what it finds.
    const PESSIMISM_OF_FEW: f64 = 1.0;
    /// Those are few.
    const MAX_QUICK_N: usize = 1 << 15;
    /// The same of a sample that is large because a small one was no likeness: there, time counts less.
    const PESSIMISM_OF_LARGE: f64 = 1.3;
    /// No small sample has as many numbers.
    const MIN_LARGE_N: usize = 1 << 12;
    /// The part of the bid that a look at pieces may leave.
    const CLEAR_PART: f64 = 0.8;
    if shape.n < MIN_LOOKBACK_N || bid.price <= least_without_lookback(shape.n) {
        return None;
    }
    // What a search is charged has to be saved by what it finds, of which this sees a part.
    let surcharge = Surcharge::of::<L>(DeltaChoice::Lag(1), params.level, shape.n);
    // Where one distance is good, but leaves something, some of the numbers may have better ones.
    // What only a large window shows, no trial can confirm: it has to be clear.
    let clear = scouted.filter(|&bits| bits < bid.price * CLEAR_PART);
    let pessimism = if shape.n <= MAX_QUICK_N {
        PESSIMISM_OF_FEW
    } else if runs.latents.len() > MIN_LARGE_N {
        PESSIMISM_OF_LARGE
    } else {
        PESSIMISM
    };
    let is_worth_it = bid.choice.is_lookback()
        || clear.is_some()
        // Of so few, a look takes as much time as a search.
        || shape.n <= MAX_WHOLE_N
        || surcharge.on(scout::bits_by_runs(runs, params.isa)) < bid.price * pessimism;
    if !is_worth_it {
        return None;
    }
    let distances = search_distances(runs, params);
    let mut search = trial_at(runs, &distances, shape, params);
    bid.scouted = clear.map(|bits| surcharge.on(bits));
    search.price = search.price.min(bid.scouted.unwrap_or(f64::INFINITY));
    bid.add(&search);
    Some(distances)
}

/// The same at distances that a search found where the latents were others: of the same numbers, under another mode.
pub(crate) fn add_search_at<L: Latent>(
    bid: &mut DeltaBid,
    runs: Runs<'_, L>,
    distances: &[u32],
    shape: ChunkShape,
    params: TrainingParams,
) {
    bid.add(&trial_at(runs, distances, shape, params));
}

/// The distances of a search over all runs as one.
fn search_distances<L: Latent>(runs: Runs<'_, L>, params: TrainingParams) -> Vec<u32> {
    LookbackSearch::new(params.isa, bit_length(runs.latents.len() as u64)).find_alone(runs.latents)
}

/// What a search costs that finds these distances on the runs.
fn trial_at<L: Latent>(
    runs: Runs<'_, L>,
    distances: &[u32],
    shape: ChunkShape,
    params: TrainingParams,
) -> DeltaBid {
    let (mut residuals, mut states) = (Vec::new(), Vec::new());
    lookback::encode(runs.latents, distances, &mut residuals, &mut states);
    // Without the first of several runs: few latents of a chunk lack others before them.
    let first_n = match runs.cuts.long_n() {
        first_n if first_n < runs.latents.len() => first_n,
        _ => 0,
    };
    let choice = DeltaChoice::lookback(shape.n);
    let bits = runs.bits_of(&mut residuals[first_n..], shape, params)
        + runs.bits_of(&mut distances[first_n..].to_vec(), shape, params)
        + state_bits::<L>(choice, shape);
    let surcharge = Surcharge::of::<L>(choice, params.level, shape.n);
    DeltaBid::new(choice, surcharge.on(bits))
}

/// What pages state, in bits a number.
fn state_bits<L: Latent>(choice: DeltaChoice, shape: ChunkShape) -> f64 {
    let mut state_n = choice.state_n();
    if let DeltaChoice::Lag(lag) = choice {
        // The first of each column have nothing before them.
        state_n += lag;
    }
    (state_n * shape.n_pages) as f64 * f64::from(L::BITS) / shape.n.max(1) as f64
}

/// What differences have to save, as a part of the price: of noise, they would cost their prefix sums for nothing.
const DIFFERENCES_MARKUP: f64 = 1.002;

/// What a choice costs.
fn trial<L: Latent>(
    runs: Runs<'_, L>,
    shape: ChunkShape,
    choice: DeltaChoice,
    params: TrainingParams,
) -> DeltaBid {
    let (mut residuals, mut states) = (Vec::new(), Vec::new());
    let mut markup = 1.0;
    let mut other_bits = 0.0;
    match choice {
        DeltaChoice::None | DeltaChoice::Consecutive(_) | DeltaChoice::Lag(_) => {
            for run in runs.iter() {
                encode_run(run, choice, &mut residuals, &mut states);
            }
            if matches!(choice, DeltaChoice::Consecutive(_)) {
                markup = DIFFERENCES_MARKUP;
            }
        }
        DeltaChoice::Lookback { .. } => {
            return trial_at(runs, &search_distances(runs, params), shape, params);
        }
        DeltaChoice::Conv1(order) => {
            let Some(conv) = conv1::fit_runs(runs.iter(), order) else {
                return DeltaBid::never(choice);
            };
            // Of each weight, and of the bias.
            other_bits = (32 * order + 64) as f64;
            for run in runs.iter() {
                conv1::encode(run, &conv, &mut residuals, &mut states);
            }
        }
    }
    if residuals.is_empty() && choice != DeltaChoice::None {
        return DeltaBid::never(choice);
    }
    let bits = runs.bits_of(&mut residuals, shape, params)
        + state_bits::<L>(choice, shape)
        + other_bits / shape.n.max(1) as f64;
    let surcharge = Surcharge::of::<L>(choice, params.level, shape.n);
    DeltaBid::new(choice, surcharge.on(bits * markup))
}

/// Appends the residuals of a run, of a choice that needs nothing but the run: see [`DeltaChoice::is_of_runs`].
pub(super) fn encode_run<L: Latent>(
    run: &[L],
    choice: DeltaChoice,
    residuals: &mut Vec<L>,
    states: &mut Vec<L>,
) {
    match choice {
        DeltaChoice::Consecutive(order) => consecutive::encode(run, order, residuals, states),
        DeltaChoice::Lag(lag) => {
            let pairs = run.iter().zip(run.get(lag..).unwrap_or_default());
            residuals.extend(pairs.map(|(before, x)| x.wrapping_sub(before).toggled()));
        }
        DeltaChoice::None | DeltaChoice::Lookback { .. } | DeltaChoice::Conv1(_) => {
            residuals.extend_from_slice(run);
        }
    }
}
