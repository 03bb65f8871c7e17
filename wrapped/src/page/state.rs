//! Where decoding stands at the start of a batch: all that is needed to go on from there.
//!
//! A page's metadata is the state at its first batch. A checkpoint of a row index is the same, later in the page.

use crate::delta::DeltaState;
use crate::dtype::Latent;
use crate::entropy::N_STATES;
use crate::mode::Join;
use crate::model::Delta;

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

impl<L: Latent> VarState<L> {
    /// The state with these latents or moments; none means that the encoding does not apply.
    pub(crate) fn new(ans: [u32; N_STATES], delta: &Delta, latents: &[L]) -> Self {
        Self {
            ans,
            delta: DeltaState::new(delta, latents),
        }
    }

    /// The state of a variable that the chunk does not have.
    pub(crate) fn absent() -> Self {
        Self {
            ans: [0; N_STATES],
            delta: DeltaState::absent(),
        }
    }
}
