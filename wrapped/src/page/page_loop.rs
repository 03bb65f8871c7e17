//! The page loop: batch by batch, from bits to the bits of numbers.
//!
//! Decoding symbols waits on itself: each state depends on the one before. Reading offsets does not. So the loop works
//! on two things at once: the symbols of one latent variable and the offsets of the one before it. That is possible
//! because a variable's symbols start where the offsets of the one before it end, which the symbols of that one tell.
//!
//! ```text
//! symbols  D0 | P0 | S0 | D1 | P1 | S1 | ...
//! offsets     | D0 | P0 | S0 | D1 | P1 | ...
//! ```
//!
//! Each column is a step of [`Vars`]. Most chunks have no lookback distances (D) and no secondary variable (S): their columns
//! fall out. A secondary variable of a single bin has no symbols: it tells at once where the next batch starts, and the primary
//! offsets are read under that one's symbols.

use super::batch::{Turn, Vars, finish_batch};
use super::scratch::Batch;
use super::source::Source;
use super::stage::Offsets;
use super::{PageDecoder, PageState};
use crate::entropy::BATCH_N;
use crate::error::Result;
use crate::kernels::isa::{Kernel, Tier};
use crate::mode::Join;

/// Decodes batches until `dst` is full or the next one would start past `source.last_start`; returns how many numbers were
/// written.
pub(super) struct PageLoop<'a, J: Join> {
    pub(super) decoder: &'a PageDecoder<J>,
    pub(super) source: Source<'a>,
    pub(super) state: &'a mut PageState<J>,
    pub(super) batch: &'a mut Batch<J>,
    pub(super) dst: &'a mut [J::Latent],
}

impl<J: Join> Kernel for PageLoop<'_, J> {
    type Output = Result<usize>;

    #[inline(always)]
    fn run<S: Tier>(self, tier: S) -> Result<usize> {
        let Self {
            decoder,
            source,
            state,
            batch,
            dst,
        } = self;
        let Some(last_start) = source.last_start else {
            return Ok(0);
        };
        let has_coded_seconds = decoder.make_room(batch, dst.len());
        let mut turn = Turn {
            isa: tier.isa(),
            source: &source,
            odd: false,
            n: decoder.delta.coded_n(state.n_left),
            next: None,
        };
        let mut done = 0;
        // Where the offsets of a batch's first variable lie, if its symbols were decoded along with the batch before.
        let mut ahead: Option<Offsets> = None;
        while done < dst.len() && state.bit <= last_start {
            let n = (dst.len() - done).min(BATCH_N);
            let is_last = done + n == dst.len();
            let numbers = &mut dst[done..done + n];
            let after = decoder.delta.coded_n(state.n_left - n);
            turn.next = (!is_last).then_some(after);

            let start = state.bit - source.first_bit;
            let mut vars = Vars::new(decoder, state, batch, has_coded_seconds, numbers);
            let first = match ahead {
                Some(offsets) => offsets,
                None => vars.first_symbols(turn, start),
            };
            let primary = vars.distances_under_primary(turn, first)?;
            let left = vars.primary_under_secondary(turn, primary)?;
            let end_bit = source.first_bit + left.end;
            ahead = vars.left_under_next(turn, left);

            let latents = batch.latents(turn.n, numbers.len(), decoder.secondary.is_some());
            finish_batch(turn.isa, &decoder.join, state, end_bit, latents, numbers)?;
            done += n;
            turn.n = after;
            turn.odd = !turn.odd;
        }
        Ok(done)
    }
}

impl<J: Join> PageDecoder<J> {
    /// Makes room in `batch` for pages of `n` numbers, and tells whether second latents are decoded: equal ones without
    /// deltas need no bits, and stay where they are put here.
    fn make_room(&self, batch: &mut Batch<J>, n: usize) -> bool {
        if self.distances.is_some() {
            batch.distances.make_room(n);
        }
        batch.primary.make_room(n);
        let Some(table) = &self.secondary else {
            return false;
        };
        batch.secondary.make_room(n);
        match table.constant() {
            Some(latent) if self.delta.secondary_state_n() == 0 => {
                batch.secondary.latents.fill(latent);
                false
            }
            _ => true,
        }
    }
}
