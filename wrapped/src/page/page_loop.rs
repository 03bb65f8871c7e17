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
//! Most chunks have no lookback distances (D) and no secondary variable (S). A secondary variable of a single bin has no
//! symbols: it tells at once where the next batch starts, and the primary offsets are read under that one's symbols.

use super::scratch::{Batch, VarBatch};
use super::source::Source;
use super::stage::{Current, Offsets, Symbols, Var, decode_both, decode_latents, decode_symbols};
use super::{PageDecoder, PageState};
use crate::dtype::Latent;
use crate::entropy::{BATCH_N, N_STATES};
use crate::error::Result;
use crate::kernels::isa::{Isa, Kernel, Tier};
use crate::kernels::tans::DecodeTable;
use crate::mode::Join;

/// The loop over the batches that may start in `source`, as far as `dst` goes; returns how many numbers these were.
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
        let isa = tier.isa();
        let Self {
            decoder,
            source,
            state,
            batch,
            dst,
        } = self;
        let PageState {
            bit,
            n_left,
            distances,
            primary,
            secondary,
        } = state;
        let Some(last_start) = source.last_start else {
            return Ok(0);
        };
        let bytes = source.bytes;
        let (state_n, secondary_state_n) =
            (decoder.delta.state_n(), decoder.delta.secondary_state_n());
        let Batch {
            distances: distance_batch,
            primary: primary_entries,
            waiting,
            secondary: secondary_batch,
        } = batch;
        let mut distance_var = decoder
            .distances
            .as_ref()
            .map(|table| with_latents(table, &mut distances.ans, distance_batch, dst.len()));
        primary_entries.make_room(dst.len());
        let mut primary_var = Var::new(&decoder.primary, &mut primary.ans, primary_entries);
        let mut secondary_var = decoder
            .secondary
            .as_ref()
            .map(|table| with_latents(table, &mut secondary.ans, secondary_batch, dst.len()));

        // Equal second latents without deltas need no bits and stay where they are.
        let mut has_equal_seconds = false;
        if let Some((var, latents)) = &mut secondary_var
            && let Some(latent) = var.constant()
            && secondary_state_n == 0
        {
            latents.fill(latent);
            has_equal_seconds = true;
        }

        let in_source = |offsets: Offsets| -> Result<Offsets> {
            source.check(offsets.end)?;
            Ok(offsets)
        };
        let mut done = 0;
        let mut odd = false;
        // Where the offsets of a batch's first variable lie, if its symbols were decoded along with the batch before.
        let mut ahead: Option<Offsets> = None;
        while done < dst.len() && *bit <= last_start {
            let n = (dst.len() - done).min(BATCH_N);
            let is_last = done + n == dst.len();
            let numbers = &mut dst[done..done + n];
            let n_coded = coded_n(*n_left, state_n);
            let n_next = coded_n(*n_left - n, state_n);
            let start = *bit - source.first_bit;

            let offsets = match &mut distance_var {
                None => ahead.take().unwrap_or_else(|| {
                    decode_symbols(isa, bytes, primary_var.symbols(odd, start, n_coded))
                }),
                Some((var, latents)) => {
                    let offsets = ahead.take().unwrap_or_else(|| {
                        decode_symbols(isa, bytes, var.symbols(odd, start, n_coded))
                    });
                    let start = in_source(offsets)?.end;
                    let symbols = primary_var.symbols(odd, start, n_coded);
                    decode_both(
                        isa,
                        bytes,
                        var.current(odd, offsets, &mut latents[..]),
                        symbols,
                    )
                }
            };
            let mut end = in_source(offsets)?.end;

            // The secondary variable, if its offsets are left to be read after the primary ones.
            let mut pending = None;
            let place = J::place(waiting, numbers);
            if let Some((var, latents)) = &mut secondary_var
                && !has_equal_seconds
            {
                let symbols = var.symbols(odd, end, coded_n(*n_left, secondary_state_n));
                if symbols.is_single() {
                    let offsets = in_source(decode_symbols(isa, bytes, symbols))?;
                    end = offsets.end;
                    decode_latents(isa, bytes, var.current(odd, offsets, &mut latents[..]));
                } else {
                    let this = primary_var.current(odd, offsets, place);
                    let offsets = in_source(decode_both(isa, bytes, this, symbols))?;
                    end = offsets.end;
                    pending = Some(var.current(odd, offsets, &mut latents[..]));
                }
            }

            // Symbols of the next batch come along if it may start in this source.
            let (primary_now, primary_next) = primary_var.split(odd, offsets, place, (end, n_next));
            let next = match &mut distance_var {
                _ if is_last || source.first_bit + end > last_start => Next::Nothing,
                Some((var, _)) => Next::Distances(var.symbols(!odd, end, n_next)),
                None => Next::Primary(primary_next),
            };
            ahead = match pending {
                Some(secondary_now) => next.decode_under(isa, bytes, secondary_now),
                None => next.decode_under(isa, bytes, primary_now),
            };

            let distances = match &distance_var {
                None => &[][..],
                Some((_, latents)) => &latents[..n_coded],
            };
            let place = J::place(waiting, numbers);
            primary.delta.decode(isa, distances, place)?;
            let secondary_latents = match &mut secondary_var {
                None => &mut [][..],
                Some((_, latents)) => &mut latents[..n],
            };
            secondary.delta.decode(isa, distances, secondary_latents)?;
            isa.call(JoinBatch {
                join: &decoder.join,
                waiting,
                secondary: secondary_latents,
                numbers,
            })?;
            *bit = source.first_bit + end;
            *n_left -= n;
            done += n;
            odd = !odd;
        }
        Ok(done)
    }
}

/// A variable whose latents have a place in the scratch.
fn with_latents<'a, L: Latent>(
    table: &'a DecodeTable<L>,
    states: &'a mut [u32; N_STATES],
    batch: &'a mut VarBatch<L>,
    n: usize,
) -> (Var<'a, L>, &'a mut [L]) {
    let (entries, latents) = batch.with_room(n);
    (Var::new(table, states, entries), latents)
}

/// The first variable of the next batch, whose symbols come along with the last offsets of this one.
enum Next<'a, L: Latent> {
    Nothing,
    Distances(Symbols<'a, u32>),
    Primary(Symbols<'a, L>),
}

impl<L: Latent> Next<'_, L> {
    /// Decodes these symbols and the latents of `current`, and returns where the symbols' offsets lie.
    fn decode_under<A: Latent>(
        self,
        isa: Isa,
        bytes: &[u8],
        current: Current<'_, A>,
    ) -> Option<Offsets> {
        match self {
            Self::Nothing => {
                decode_latents(isa, bytes, current);
                None
            }
            Self::Distances(symbols) => Some(decode_both(isa, bytes, current, symbols)),
            Self::Primary(symbols) => Some(decode_both(isa, bytes, current, symbols)),
        }
    }
}

/// The join of a batch.
pub(super) struct JoinBatch<'a, J: Join> {
    pub(super) join: &'a J,
    pub(super) waiting: &'a J::Waiting,
    pub(super) secondary: &'a [J::Latent],
    pub(super) numbers: &'a mut [J::Latent],
}

impl<J: Join> Kernel for JoinBatch<'_, J> {
    type Output = Result<()>;

    #[inline(always)]
    fn run<S: Tier>(self, _: S) -> Result<()> {
        self.join.join(self.waiting, self.secondary, self.numbers)
    }
}

/// How many latents of a variable that states `state_n` of a page a batch codes, with `n_left` numbers left in the page.
///
/// Stated latents are not coded, so that at a page's end batches hold fewer latents than numbers.
pub(super) fn coded_n(n_left: usize, state_n: usize) -> usize {
    n_left.saturating_sub(state_n).min(BATCH_N)
}
