//! The page loop where all is symbols: no offsets, no distances, no second latents.
//!
//! Then there is nothing to be done while symbols are decoded, and they go straight from the table of states to where
//! their numbers will stand.

use super::page_loop::{JoinBatch, PageLoop, coded_n};
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
        let state_n = decoder.delta.state_n();
        let mut var = Var::new(&decoder.primary, &mut state.primary.ans, &mut batch.primary);
        let mut done = 0;
        while done < dst.len() && state.bit <= last_start {
            let n = (dst.len() - done).min(BATCH_N);
            let numbers = &mut dst[done..done + n];
            let place = J::place(&mut batch.waiting, numbers);
            let start = state.bit - source.first_bit;
            let symbols = var.symbols(false, start, coded_n(state.n_left, state_n));
            let end = decode_values(isa, source.bytes, symbols, place);
            source.check(end)?;
            state.primary.delta.decode(isa, &[], place)?;
            isa.call(JoinBatch {
                join: &decoder.join,
                waiting: &batch.waiting,
                secondary: &[],
                numbers,
            })?;
            state.bit = source.first_bit + end;
            state.n_left -= n;
            done += n;
        }
        Ok(done)
    }
}
