//! Delta encodings: latents as residuals of what came before them in the page (wire format section 1.6).
//!
//! An encoding of state `s` stores the first `s` latents (or as many moments) of each page, so that the page codes `s`
//! residuals fewer than it has numbers, and each batch gives out latents that lag `s` behind the residuals it takes.
//! Residuals are stored with their top bit flipped, so that small ones of either sign lie near the middle.
//!
//! Each encoding is a file of its own. This one asks which it is, and all others ask this one.

pub(crate) mod choose;
pub(crate) mod consecutive;
pub(crate) mod conv1;
mod likely;
mod linear;
pub(crate) mod lookback;

pub(crate) use consecutive::Moments;
use conv1::Convolution;
use lookback::{Distances, Found, History, LookbackSearch};

use crate::dtype::Latent;
use crate::entropy::BATCH_N;
use crate::error::{Error, Result};
use crate::kernels::isa::{Isa, Kernel, Tier};
use crate::model::{Conv1, Delta, LatentVar};

impl Delta {
    /// Latents that each page stores before the first that is coded, for a variable that is delta encoded.
    #[must_use]
    pub fn state_n(&self) -> usize {
        match self {
            Self::None => 0,
            Self::Consecutive { order, .. } => *order as usize,
            Self::Lookback { state_n_log, .. } => 1 << state_n_log,
            Self::Conv1(conv) => conv.weights.len(),
        }
    }

    /// The same for the secondary latent variable.
    #[must_use]
    pub fn secondary_state_n(&self) -> usize {
        match self {
            Self::Consecutive {
                secondary: true, ..
            }
            | Self::Lookback {
                secondary: true, ..
            } => self.state_n(),
            _ => 0,
        }
    }

    /// Latents of each variable that the next batch of a page codes, with `n_left` numbers left in the page.
    ///
    /// Stated latents are not coded, so that a page's last batches code fewer latents than they hold numbers.
    #[inline]
    pub(crate) fn coded_n(&self, n_left: usize) -> CodedN {
        let coded = |state_n| n_left.saturating_sub(state_n).min(BATCH_N);
        let primary = coded(self.state_n());
        CodedN {
            delta: self.var_bits().map_or(0, |_| primary),
            primary,
            secondary: coded(self.secondary_state_n()),
        }
    }

    /// Whether latents stay as they are.
    pub(crate) fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// Width of the latent variable that the encoding has for itself, if it has one.
    pub(crate) fn var_bits(&self) -> Option<u32> {
        match self {
            Self::Lookback { .. } => Some(u32::BITS),
            Self::None | Self::Consecutive { .. } | Self::Conv1(_) => None,
        }
    }

    /// Latents of that variable in a page of `page_n` numbers: one for each residual.
    pub(crate) fn own_n(&self, page_n: usize) -> usize {
        self.var_bits()
            .map_or(0, |_| page_n.saturating_sub(self.state_n()))
    }

    /// Whether decoding can go on from the latents that [`DeltaState::checkpoint`] gives: those of a lookback would be all
    /// of its window.
    pub(crate) fn has_checkpoints(&self) -> bool {
        !matches!(self, Self::Lookback { .. })
    }

    /// Refuses an encoding that primary latents of this width do not have, and a variable of its own that it cannot have.
    pub(crate) fn check(&self, primary_bits: u32, own_var: Option<&LatentVar>) -> Result<()> {
        match self {
            Self::None | Self::Consecutive { .. } => Ok(()),
            Self::Conv1(conv) => conv.check(primary_bits),
            Self::Lookback { window_n_log, .. } => {
                let distances = own_var.into_iter().flat_map(|var| &var.bins);
                let mut lowers = distances.map(|bin| bin.lower);
                if lowers.all(|lower| (1..=1 << window_n_log).contains(&lower)) {
                    return Ok(());
                }
                Err(Error::corrupt("a lookback outside its window"))
            }
        }
    }
}

/// Turns the latents of a chunk into residuals, page after page.
pub(crate) enum DeltaEncoder<'a> {
    None,
    Consecutive(usize),
    Lookback(Distances),
    Conv1(&'a Conv1),
}

impl<'a> DeltaEncoder<'a> {
    /// For an encoding; all distances of a lookback are `lag`, or searched for.
    pub(crate) fn new(isa: Isa, delta: &'a Delta, lag: Option<usize>) -> Self {
        match delta {
            Delta::None => Self::None,
            Delta::Consecutive { order, .. } => Self::Consecutive(*order as usize),
            Delta::Lookback { window_n_log, .. } => Self::Lookback(match lag {
                Some(lag) => Distances::Equal(lag as u32),
                None => Distances::Searched(LookbackSearch::new(isa, *window_n_log).into()),
            }),
            Delta::Conv1(conv) => Self::Conv1(conv),
        }
    }

    /// Looks at a part of the latents, if that helps to encode all of them, and tells what was found there.
    pub(crate) fn learn<L: Latent>(&mut self, latents: &[L]) -> Option<Found<L>> {
        match self {
            Self::Lookback(Distances::Searched(search)) => search.learn(latents),
            _ => None,
        }
    }

    /// Turns the latents of a page into residuals where they stand, and returns how many these are. The encoding's own
    /// variable goes to `own`, and what the page states is appended to `states`.
    pub(crate) fn encode<L: Latent>(
        &mut self,
        page: &mut [L],
        own: &mut [u32],
        states: &mut Vec<L>,
    ) -> usize {
        match self {
            Self::None => page.len(),
            Self::Consecutive(order) => consecutive::encode_in_place(page, *order, states),
            Self::Conv1(conv) => conv1::encode_in_place(page, conv, states),
            Self::Lookback(distances) => {
                distances.find_into(page, own);
                lookback::encode_in_place(page, own, states)
            }
        }
    }
}

/// How many latents of each variable a batch codes: no more than [`BATCH_N`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CodedN {
    /// Of the encoding's own variable.
    pub(crate) delta: usize,
    pub(crate) primary: usize,
    /// If numbers have a second latent.
    pub(crate) secondary: usize,
}

/// What earlier latents of a page say about later ones.
pub(crate) enum DeltaState<L> {
    None,
    Consecutive(Moments<L>),
    Lookback(History<L>),
    Conv1(Convolution<L>),
}

impl<L: Latent> DeltaState<L> {
    /// The state with these latents or moments; none means that the encoding does not apply.
    pub(crate) fn new(delta: &Delta, latents: &[L]) -> Self {
        match delta {
            _ if latents.is_empty() => Self::None,
            Delta::None => Self::None,
            Delta::Consecutive { .. } => Self::Consecutive(Moments::new(latents)),
            Delta::Lookback { window_n_log, .. } => {
                Self::Lookback(History::new(1 << window_n_log, latents))
            }
            Delta::Conv1(conv) => Self::Conv1(Convolution::new(
                &conv.weights,
                conv.bias,
                conv.quantization,
                latents,
            )),
        }
    }

    /// That of latents that are not delta encoded.
    pub(crate) fn absent() -> Self {
        Self::None
    }

    /// What a row index keeps, and [`new`](Self::new) takes.
    pub(crate) fn checkpoint(&self) -> &[L] {
        match self {
            Self::None | Self::Lookback(_) => &[],
            Self::Consecutive(moments) => moments.state(),
            Self::Conv1(convolution) => convolution.state(),
        }
    }

    /// What all later latents are like, if all their residuals are equal and that says it.
    #[inline]
    pub(crate) fn under_equal_residuals(&mut self, residual: L) -> Option<Plain<'_, L>> {
        match self {
            Self::None => Some(Plain::Equal(residual)),
            Self::Consecutive(moments) => {
                let step = moments.equal_step(residual)?;
                Some(Plain::Steps(moments, step))
            }
            Self::Lookback(_) | Self::Conv1(_) => None,
        }
    }

    /// Turns residuals into latents in place, by the distances of those that there are, and moves on.
    #[inline]
    pub(crate) fn decode(&mut self, isa: Isa, distances: &[u32], latents: &mut [L]) -> Result<()> {
        match self {
            Self::None => Ok(()),
            delta => isa.call(Decode {
                delta,
                distances,
                latents,
            }),
        }
    }
}

/// Latents that need no bits.
pub(crate) enum Plain<'a, L> {
    Equal(L),
    /// Each by as much above the one before it.
    Steps(&'a mut Moments<L>, L),
}

struct Decode<'a, L> {
    delta: &'a mut DeltaState<L>,
    distances: &'a [u32],
    latents: &'a mut [L],
}

impl<L: Latent> Kernel for Decode<'_, L> {
    type Output = Result<()>;

    #[inline(always)]
    fn run<S: Tier>(self, tier: S) -> Result<()> {
        match self.delta {
            DeltaState::None => {}
            DeltaState::Consecutive(moments) => moments.decode(tier, self.latents),
            DeltaState::Lookback(history) => history.decode(self.distances, self.latents)?,
            DeltaState::Conv1(convolution) => convolution.decode(tier, self.latents),
        }
        Ok(())
    }
}
