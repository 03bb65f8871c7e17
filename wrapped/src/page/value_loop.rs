//! The page loop where all is symbols: no offsets, no distances, no second latents.
//!
//! Then there is nothing to be done while symbols are decoded, and they go straight from the table of states to where
//! their numbers will stand.

use super::batch::finish_batch;
use super::page_loop::PageLoop;
use super::scratch::Batch;
use super::stage::{Var, decode_values};
use crate::entropy::BATCH_N;
use crate::error::Result;
use crate::kernels::isa::{Isa, Kernel, Tier};
use crate::mode::Join;

/// A page loop whose decoder [is of symbols only](super::PageDecoder::is_of_symbols_only).
pub(super) struct ValueLoop<'a, J: Join>(pub(super) PageLoop<'a, J>);

impl<J: Join> Kernel for ValueLoop<'_, J> {
    type Output = Result<usize>;

    #[inline(always)]
    fn run<S: Tier>(self, tier: S) -> Result<usize> {
        let isa: Isa = tier.isa();
        let PageLoop {
            decoder,
            source,
            state,
            batch,
            dst,
        } = self.0;
        let Some(last_start) = source.last_start else {
            return Ok(0);
        };
        let mut done = 0;
        while done < dst.len() && state.bit <= last_start {
            let n = (dst.len() - done).min(BATCH_N);
            let numbers = &mut dst[done..done + n];
            let place = J::place(&mut batch.waiting, numbers);
            let start = state.bit - source.first_bit;
            let n_coded = decoder.delta.coded_n(state.n_left).primary;
            let mut var = Var::new(&decoder.primary, &mut state.primary.ans, &mut batch.primary);
            let end = decode_values(isa, source.bytes, var.symbols(false, start, n_coded), place);
            source.check(end)?;
            let latents = Batch::primary_latents(&mut batch.waiting);
            let end_bit = source.first_bit + end;
            finish_batch(isa, &decoder.join, state, end_bit, latents, numbers)?;
            done += n;
        }
        Ok(done)
    }
}
