//! Which delta encoding suits some latents.

use super::lookback::{self, LookbackSearch};
use super::{consecutive, conv1};
use crate::bins::{TrainingParams, estimate_bits_per_latent};
use crate::config::{DeltaSpec, MAX_LEVEL};
use crate::dtype::Latent;
use crate::entropy::bit_length;
use crate::error::{Error, Result};
use crate::format::DeltaEncoding;

/// The highest order of consecutive deltas.
const MAX_CONSECUTIVE_ORDER: usize = 7;
/// The highest order of Conv1.
const MAX_CONV1_ORDER: usize = 32;
/// Orders of Conv1 that are tried, where any is.
const TRIED_CONV1_ORDERS: [usize; 5] = [1, 2, 4, 8, 16];

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
#[derive(Clone, Copy, Debug)]
pub(crate) struct DeltaBid {
    pub(crate) choice: DeltaChoice,
    /// Bits a number, without what is charged for slow decoding.
    pub(crate) bits: f64,
    /// Bits a number by which bids are compared.
    pub(crate) price: f64,
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
            "consecutive deltas of order {order}; at most {MAX_CONSECUTIVE_ORDER}"
        ))),
        DeltaSpec::TryLookback => Ok(Some(DeltaChoice::Lookback)),
        DeltaSpec::TryConv1(_) if L::BITS > 32 => {
            Err(Error::invalid("Conv1 of latents of more than 32 bits"))
        }
        DeltaSpec::TryConv1(0) => Ok(Some(DeltaChoice::None)),
        DeltaSpec::TryConv1(order) if order <= MAX_CONV1_ORDER => {
            Ok(Some(DeltaChoice::Conv1(order)))
        }
        DeltaSpec::TryConv1(order) => Err(Error::invalid(format!(
            "Conv1 of order {order}; at most {MAX_CONV1_ORDER}"
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
    let trial = |choice| trial(runs, n, choice, params);
    if let Some(choice) = demanded {
        return trial(choice);
    }
    let mut best = trial(DeltaChoice::None);
    // Orders improve up to the best one, then get worse.
    for order in 1..=MAX_CONSECUTIVE_ORDER.min(runs.run_n.saturating_sub(1)) {
        let bid = trial(DeltaChoice::Consecutive(order));
        if bid.price >= best.price {
            break;
        }
        best = bid;
    }
    let mut others = vec![DeltaChoice::Lookback];
    if params.level == MAX_LEVEL && L::BITS <= 32 {
        others.extend(TRIED_CONV1_ORDERS.map(DeltaChoice::Conv1));
    }
    for choice in others {
        let bid = trial(choice);
        if bid.price < best.price {
            best = bid;
        }
    }
    best
}

/// What slow decoding is charged, in bits a number: a lookback has to save enough to be worth it.
fn surcharge(choice: DeltaChoice, level: u32) -> f64 {
    match choice {
        DeltaChoice::Lookback if level < MAX_LEVEL => 2.0,
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
            let mut search = LookbackSearch::new(bit_length(runs.run_n as u64));
            for run in runs.iter() {
                let start = distances.len();
                search.find(run, &mut distances);
                lookback::encode(run, &distances[start..], &mut residuals, &mut states);
            }
        }
        DeltaChoice::Conv1(order) => {
            let Some(conv) = conv1::fit(runs.latents, order) else {
                return DeltaBid {
                    choice,
                    bits: f64::INFINITY,
                    price: f64::INFINITY,
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
        bits,
        price: bits + surcharge(choice, params.level),
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
            window_n_log: bit_length(latents.len().saturating_sub(1) as u64).clamp(4, 15),
            state_n_log: 0,
            secondary: false,
        },
        DeltaChoice::Conv1(order) => match conv1::fit(latents, order) {
            Some(conv) => DeltaEncoding::Conv1(conv),
            None => DeltaEncoding::None,
        },
    }
}
