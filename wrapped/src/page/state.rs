//! Where decoding stands at the start of a batch: all that is needed to go on from there.
//!
//! A page's metadata is the state at its first batch. A checkpoint of a row index is the same, later in the page.

use crate::bits::BitReader;
use crate::delta::{Convolution, History, Moments};
use crate::dtype::Latent;
use crate::entropy::N_STATES;
use crate::error::{Error, Result};
use crate::format::DeltaEncoding;
use crate::kernels::isa::{Isa, Kernel, Tier};
use crate::mode::Join;

/// The state of a page at the start of a batch.
pub(crate) struct PageState<J: Join> {
    /// Position in the page, in bits.
    pub(crate) bit: u64,
    /// Numbers from this batch on.
    pub(crate) n_left: usize,
    pub(crate) distances: VarState<u32>,
    pub(crate) primary: VarState<J::Primary>,
    pub(crate) secondary: VarState<J::Latent>,
}

/// The state of a latent variable.
pub(crate) struct VarState<L> {
    pub(crate) ans: [u32; N_STATES],
    pub(crate) delta: DeltaState<L>,
}

/// What earlier latents of the page say about later ones.
pub(crate) enum DeltaState<L> {
    None,
    Consecutive(Moments<L>),
    Lookback(History<L>),
    Conv1(Convolution<L>),
}

/// The most latents that a page states, but for lookbacks: no page of the others costs an allocation.
const MOST_BUT_LOOKBACK: usize = 32;

impl<L: Latent> VarState<L> {
    /// Reads the state of a variable that stores `state_n` latents, under an encoding that applies to it.
    pub(crate) fn read(
        reader: &mut BitReader<'_>,
        ans_size_log: u32,
        encoding: &DeltaEncoding,
        state_n: usize,
    ) -> Result<Self> {
        if state_n as u64 * u64::from(L::BITS) > reader.remaining_bits() {
            return Err(Error::truncated("page state").at(reader.byte() as u64));
        }
        let (mut few, mut many) = ([L::zero(); MOST_BUT_LOOKBACK], Vec::new());
        let latents = if state_n <= MOST_BUT_LOOKBACK {
            &mut few[..state_n]
        } else {
            many.resize(state_n, L::zero());
            &mut many[..]
        };
        for latent in &mut *latents {
            *latent = reader.read_latent()?;
        }
        let mut ans = [0; N_STATES];
        for state in &mut ans {
            *state = reader.read_u32(ans_size_log)?;
        }
        Ok(Self::new(ans, encoding, latents))
    }

    /// The state with these latents or moments; none means that the encoding does not apply.
    pub(crate) fn new(ans: [u32; N_STATES], encoding: &DeltaEncoding, latents: &[L]) -> Self {
        let delta = match encoding {
            _ if latents.is_empty() => DeltaState::None,
            DeltaEncoding::None => DeltaState::None,
            DeltaEncoding::Consecutive { .. } => DeltaState::Consecutive(Moments::new(latents)),
            DeltaEncoding::Lookback { window_n_log, .. } => {
                DeltaState::Lookback(History::new(1 << window_n_log, latents))
            }
            DeltaEncoding::Conv1(conv) => DeltaState::Conv1(Convolution::new(
                &conv.weights,
                conv.bias,
                conv.quantization,
                latents,
            )),
        };
        Self { ans, delta }
    }

    /// The state of a variable that the chunk does not have.
    pub(crate) fn absent() -> Self {
        Self {
            ans: [0; N_STATES],
            delta: DeltaState::None,
        }
    }

    /// What a row index keeps of the delta state.
    pub(crate) fn delta_latents(&self) -> &[L] {
        match &self.delta {
            DeltaState::None | DeltaState::Lookback(_) => &[],
            DeltaState::Consecutive(moments) => moments.state(),
            DeltaState::Conv1(convolution) => convolution.state(),
        }
    }
}

impl<L: Latent> DeltaState<L> {
    /// Turns residuals into latents in place, by the distances of those that there are, and moves on.
    #[inline]
    pub(crate) fn decode(&mut self, isa: Isa, distances: &[u32], latents: &mut [L]) -> Result<()> {
        match self {
            Self::None => Ok(()),
            delta => isa.call(DecodeDelta {
                delta,
                distances,
                latents,
            }),
        }
    }
}

struct DecodeDelta<'a, L> {
    delta: &'a mut DeltaState<L>,
    distances: &'a [u32],
    latents: &'a mut [L],
}

impl<L: Latent> Kernel for DecodeDelta<'_, L> {
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
