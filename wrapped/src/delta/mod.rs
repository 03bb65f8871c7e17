//! Delta encodings: latents as residuals of what came before them in the page (wire format section 1.6).
//!
//! An encoding of state `s` stores the first `s` latents (or as many moments) of each page, so that the page codes `s`
//! residuals fewer than it has numbers, and each batch gives out latents that lag `s` behind the residuals it takes.
//! Residuals are stored with their top bit flipped, so that small ones of either sign lie near the middle.
//!
//! Each encoding is a file of its own. This one asks which it is, and all others ask this one.

pub(crate) mod consecutive;
pub(crate) mod conv1;
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

    /// Looks at a part of the latents, if that helps to encode all of them in pages of about `page_n`, and tells what was
    /// found there. `price` tells what such residuals and distances take.
    pub(crate) fn learn<L: Latent>(
        &mut self,
        latents: &[L],
        page_n: usize,
        price: impl Fn(Found<L>) -> f64,
    ) -> Option<Found<L>> {
        match self {
            Self::Lookback(Distances::Searched(search)) => search.learn(latents, page_n, price),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn deltas() -> Vec<Delta> {
        let conv = Conv1 {
            quantization: 0,
            bias: 3,
            weights: vec![1, -2, 2],
        };
        let mut deltas = vec![Delta::None, Delta::Conv1(conv)];
        for secondary in [false, true] {
            deltas.extend([1, 7].map(|order| Delta::Consecutive { order, secondary }));
            deltas.extend([0, 9].map(|state_n_log| Delta::Lookback {
                window_n_log: 10,
                state_n_log,
                secondary,
            }));
        }
        deltas
    }

    #[test]
    fn batches_code_all_latents_but_the_stated_ones() {
        for delta in deltas() {
            for page_n in [1, 6, 7, 255, 256, 257, 263, 512, 519, 768, 1000] {
                let (mut own, mut primary, mut secondary) = (0, 0, 0);
                for n_left in (1..=page_n).rev().filter(|n| (page_n - n) % BATCH_N == 0) {
                    let n = delta.coded_n(n_left);
                    let in_batch = n_left.min(BATCH_N);
                    assert!(n.primary <= in_batch && n.secondary <= in_batch);
                    own += n.delta;
                    primary += n.primary;
                    secondary += n.secondary;
                }
                assert_eq!(own, delta.own_n(page_n), "{delta:?}, {page_n}");
                assert_eq!(primary, page_n.saturating_sub(delta.state_n()));
                assert_eq!(secondary, page_n.saturating_sub(delta.secondary_state_n()));
            }
        }
    }

    #[test]
    fn the_last_batches_code_what_the_state_leaves() {
        let order = |order| Delta::Consecutive {
            order,
            secondary: false,
        };
        let n = |delta: &Delta, n_left| {
            let n = delta.coded_n(n_left);
            (n.delta, n.primary, n.secondary)
        };
        assert_eq!(n(&Delta::None, 256), (0, 256, 256));
        assert_eq!(n(&order(3), 256), (0, 253, 256));
        assert_eq!(n(&order(3), 259), (0, 256, 256));
        assert_eq!(n(&order(3), 2), (0, 0, 2));
        let lookback = Delta::Lookback {
            window_n_log: 10,
            state_n_log: 9,
            secondary: true,
        };
        assert_eq!(n(&lookback, 600), (88, 88, 88));
        assert_eq!(n(&lookback, 344), (0, 0, 0));
    }

    /// Residuals of `latents`, and what the page states.
    fn encoded(delta: &Delta, latents: &[u32]) -> (Vec<u32>, Vec<u32>, Vec<u32>) {
        let (mut page, mut state) = (latents.to_vec(), Vec::new());
        let mut own = vec![0; delta.own_n(latents.len())];
        let n =
            DeltaEncoder::new(Isa::SCALAR, delta, Some(5)).encode(&mut page, &mut own, &mut state);
        page.truncate(n);
        (page, own, state)
    }

    #[test]
    fn decoding_goes_on_from_a_checkpoint() {
        let latents: Vec<u32> = (0..600).map(|i| 1000 + i * i % 37 + i / 5).collect();
        // The encoder states one latent of a lookback.
        let deltas = deltas().into_iter();
        for delta in deltas.filter(|delta| delta.state_n() < BATCH_N) {
            let (residuals, own, state) = encoded(&delta, &latents);
            assert_eq!(residuals.len(), 600 - delta.state_n());
            assert_eq!(state.len(), delta.state_n());
            let mut decoder = DeltaState::new(&delta, &state);
            for (start, n) in [(0, 256), (256, 256), (512, 88)] {
                let coded = start..residuals.len().min(start + n);
                let mut batch = vec![0; n];
                batch[..coded.len()].copy_from_slice(&residuals[coded.clone()]);
                let distances = own.get(coded).unwrap_or_default();
                decoder.decode(Isa::SCALAR, distances, &mut batch).unwrap();
                assert_eq!(batch, latents[start..start + n], "{delta:?} at {start}");
                if delta.has_checkpoints() {
                    decoder = DeltaState::new(&delta, decoder.checkpoint());
                }
            }
        }
    }

    #[test]
    fn what_is_checked_is_refused() {
        let var = |lowers: &[u64]| LatentVar {
            latent_bits: 32,
            ans_size_log: 1,
            bins: lowers
                .iter()
                .map(|&lower| crate::model::Bin {
                    weight: 1,
                    lower,
                    offset_bits: 0,
                })
                .collect(),
        };
        let lookback = Delta::Lookback {
            window_n_log: 4,
            state_n_log: 0,
            secondary: false,
        };
        assert!(lookback.check(32, Some(&var(&[1, 16]))).is_ok());
        assert!(lookback.check(32, Some(&var(&[1, 17]))).is_err());
        assert!(lookback.check(32, Some(&var(&[0, 16]))).is_err());
        let conv = |quantization, bias, weight| {
            Delta::Conv1(Conv1 {
                quantization,
                bias,
                weights: vec![weight],
            })
        };
        assert!(conv(15, 0, 127).check(8, None).is_ok());
        assert!(conv(16, 0, 127).check(8, None).is_err());
        assert!(conv(0, 0, 128).check(8, None).is_err());
        assert!(conv(0, 256, 127).check(8, None).is_err());
        assert!(conv(0, 0, 1).check(64, None).is_err());
    }
}
