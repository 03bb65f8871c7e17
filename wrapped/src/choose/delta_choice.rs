//! Delta encodings that can be chosen: without their parameters, demanded, and as a chunk states them.

use crate::config::DeltaSpec;
use crate::delta::conv1;
use crate::dtype::Latent;
use crate::entropy::bit_length;
use crate::error::{Error, Result};
use crate::model::Delta;

/// The highest order of consecutive deltas.
pub(super) const MAX_CONSECUTIVE_ORDER: usize = 7;
/// The highest order of Conv1.
const MAX_CONV1_ORDER: usize = 32;
/// The window of lookbacks where nothing is known of repeats, as a power of two.
const MAX_NEAR_WINDOW_LOG: u32 = 15;

/// A delta encoding without its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeltaChoice {
    None,
    Consecutive(usize),
    /// Distances that are searched for, in a window of a power of two.
    Lookback {
        window_n_log: u32,
    },
    /// A lookback of one distance: records of so many numbers, or a period.
    Lag(usize),
    Conv1(usize),
}

impl DeltaChoice {
    /// A search for distances in the window that suits `n` latents.
    pub(crate) fn lookback(n: usize) -> Self {
        Self::lookback_that_reaches(1, n)
    }

    /// The same, in one that reaches a distance.
    pub(crate) fn lookback_that_reaches(distance: usize, n: usize) -> Self {
        let near = bit_length(n.saturating_sub(1) as u64).clamp(4, MAX_NEAR_WINDOW_LOG);
        Self::Lookback {
            window_n_log: near.max(bit_length(distance as u64)),
        }
    }

    /// Whether latents stay as they are.
    pub(crate) fn is_none(self) -> bool {
        self == Self::None
    }

    /// The distance of all its latents, if that is known.
    pub(crate) fn lag(self) -> Option<usize> {
        match self {
            Self::Lag(lag) => Some(lag),
            _ => None,
        }
    }

    /// Whether it decodes by distances.
    pub(crate) fn is_lookback(self) -> bool {
        matches!(self, Self::Lookback { .. } | Self::Lag(_))
    }

    /// Whether its distances are searched for.
    pub(crate) fn is_search(self) -> bool {
        matches!(self, Self::Lookback { .. })
    }

    /// Whether residuals need nothing but a run of latents.
    pub(super) fn is_of_runs(self) -> bool {
        matches!(self, Self::None | Self::Consecutive(_) | Self::Lag(_))
    }

    /// Latents that each page states.
    pub(super) fn state_n(self) -> usize {
        match self {
            Self::None => 0,
            Self::Consecutive(order) | Self::Conv1(order) => order,
            Self::Lookback { .. } | Self::Lag(_) => 1,
        }
    }
}

/// What a specification demands, `None` for `Auto`.
///
/// # Errors
/// `InvalidArgument` for what latents of this width cannot have.
pub(crate) fn demanded<L: Latent>(spec: DeltaSpec, n: usize) -> Result<Option<DeltaChoice>> {
    match spec {
        DeltaSpec::Auto => Ok(None),
        DeltaSpec::NoOp | DeltaSpec::TryConsecutive(0) => Ok(Some(DeltaChoice::None)),
        DeltaSpec::TryConsecutive(order) if order <= MAX_CONSECUTIVE_ORDER => {
            Ok(Some(DeltaChoice::Consecutive(order)))
        }
        DeltaSpec::TryConsecutive(order) => Err(Error::invalid(format!(
            "delta consecutive:{order}: the order is at most {MAX_CONSECUTIVE_ORDER}"
        ))),
        DeltaSpec::TryLookback => Ok(Some(DeltaChoice::lookback(n))),
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

/// The delta encoding of a choice, with what it needs to know of all latents.
pub(crate) fn encoding_of<L: Latent>(choice: DeltaChoice, latents: &[L]) -> Delta {
    let lookback = |window_n_log| Delta::Lookback {
        window_n_log,
        state_n_log: 0,
        secondary: false,
    };
    match choice {
        DeltaChoice::None => Delta::None,
        DeltaChoice::Consecutive(order) => Delta::Consecutive {
            order: order as u32,
            secondary: false,
        },
        DeltaChoice::Lookback { window_n_log } => lookback(window_n_log),
        DeltaChoice::Lag(lag) => lookback(bit_length(lag as u64).max(4)),
        DeltaChoice::Conv1(order) => match conv1::fit(latents, order) {
            Some(conv) => Delta::Conv1(conv),
            None => Delta::None,
        },
    }
}
