//! Which delta encoding suits some latents.

use super::conv1;
use super::lookback::{self, LookbackSearch};
use crate::bins::{TrainedVar, TrainingParams, bit_length};
use crate::config::DeltaSpec;
use crate::dtype::Latent;
use crate::error::{Error, Result};
use crate::format::DeltaEncoding;

/// The highest order of consecutive deltas.
const MAX_CONSECUTIVE_ORDER: usize = 7;
/// The highest order of Conv1.
const MAX_CONV1_ORDER: usize = 32;

/// The delta encoding of the primary latents of a chunk.
///
/// # Errors
/// `InvalidArgument` for a specification that the latents cannot have.
pub(crate) fn choose_delta<L: Latent>(
    latents: &[L],
    spec: DeltaSpec,
    params: TrainingParams,
) -> Result<DeltaEncoding> {
    match spec {
        DeltaSpec::NoOp | DeltaSpec::TryConsecutive(0) | DeltaSpec::TryConv1(0) => {
            Ok(DeltaEncoding::None)
        }
        DeltaSpec::TryConsecutive(order) if order <= MAX_CONSECUTIVE_ORDER => {
            Ok(consecutive(order))
        }
        DeltaSpec::TryConsecutive(order) => Err(Error::invalid(format!(
            "consecutive deltas of order {order}; at most {MAX_CONSECUTIVE_ORDER}"
        ))),
        DeltaSpec::TryLookback => Ok(lookback_of(latents.len())),
        DeltaSpec::TryConv1(order) if order > MAX_CONV1_ORDER => Err(Error::invalid(format!(
            "Conv1 of order {order}; at most {MAX_CONV1_ORDER}"
        ))),
        DeltaSpec::TryConv1(_) if L::BITS > 32 => {
            Err(Error::invalid("Conv1 of latents of more than 32 bits"))
        }
        DeltaSpec::TryConv1(order) => Ok(match conv1::fit(latents, order) {
            Some(conv) => DeltaEncoding::Conv1(conv),
            None => DeltaEncoding::None,
        }),
        DeltaSpec::Auto => Ok(choose_automatically(latents, params)),
    }
}

fn consecutive(order: usize) -> DeltaEncoding {
    DeltaEncoding::Consecutive {
        order: order as u32,
        secondary: false,
    }
}

/// A lookback over a window that suits `n` latents.
fn lookback_of(n: usize) -> DeltaEncoding {
    DeltaEncoding::Lookback {
        window_n_log: bit_length(n.saturating_sub(1) as u64).clamp(4, 15),
        state_n_log: 0,
        secondary: false,
    }
}

/// The least costly on a sample.
fn choose_automatically<L: Latent>(latents: &[L], params: TrainingParams) -> DeltaEncoding {
    const GROUP_N: usize = 256;
    let n_groups = latents.len().div_ceil(GROUP_N).min(32);
    let group_n = latents.len().div_ceil(n_groups.max(1)).min(GROUP_N);
    let groups: Vec<&[L]> = (0..n_groups)
        .map(|group| {
            let start = (latents.len() - group_n) * group / (n_groups - 1).max(1);
            &latents[start..start + group_n]
        })
        .collect();
    let cost = |residuals: &[L]| {
        TrainedVar::train(residuals, params).estimated_bits / residuals.len().max(1) as f64
    };
    let mut best = (cost(&groups.concat()), DeltaEncoding::None);
    for order in 1..=MAX_CONSECUTIVE_ORDER {
        let (mut residuals, mut states) = (Vec::new(), Vec::new());
        for group in &groups {
            super::consecutive::encode(group, order, &mut residuals, &mut states);
        }
        let bits = cost(&residuals);
        if residuals.is_empty() || bits >= best.0 {
            break;
        }
        best = (bits, consecutive(order));
    }
    let (mut residuals, mut states, mut distances) = (Vec::new(), Vec::new(), Vec::new());
    let mut search = LookbackSearch::new(bit_length(GROUP_N as u64));
    for group in &groups {
        let start = distances.len();
        search.find(group, &mut distances);
        lookback::encode(group, &distances[start..], &mut residuals, &mut states);
    }
    let distance_bits =
        TrainedVar::train(&distances, params).estimated_bits / distances.len().max(1) as f64;
    if !residuals.is_empty() && cost(&residuals) + distance_bits + 0.25 < best.0 {
        return lookback_of(latents.len());
    }
    best.1
}
