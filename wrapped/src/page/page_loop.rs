//! The page loop: batch by batch, from bits to the bits of numbers.
//!
//! Decoding symbols waits on itself: each state depends on the one before. Everything after it does not. So the loop
//! always works on two things at once: the symbols of one latent variable, and offsets, deltas and join of the one
//! before it. That is possible because a variable's symbols start where the offsets of the one before it end, which the
//! symbols of that one tell.
//!
//! ```text
//! symbols  P0 | S0 | P1 | S1 | ...
//! offsets     | P0 | S0 | P1 | ...
//! ```

use super::scratch::Batch;
use super::source::Source;
use super::stage::{Offsets, Var, stage};
use super::{PageDecoder, PageState};
use crate::entropy::BATCH_N;
use crate::error::{Error, Result};
use crate::kernels::isa::{Kernel, Tier};
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
        let join = &decoder.join;
        let states = &mut distances.ans;
        let table = decoder.distances.as_ref();
        let mut distance_var = table.map(|table| Var::new(table, states, &mut batch.distances));
        let states = &mut primary.ans;
        let mut primary_var = Var::new(&decoder.primary, states, &mut batch.primary);
        let states = &mut secondary.ans;
        let table = decoder.secondary.as_ref();
        let mut secondary_var = table.map(|table| Var::new(table, states, &mut batch.secondary));
        let (primary_delta, secondary_delta) = (&mut primary.delta, &mut secondary.delta);

        // Only a padded source can be read behind its end. What was read there is never used.
        let in_source = |offsets: Offsets| {
            if source.first_bit + offsets.end > source.end_bit {
                return Err(Error::truncated("page").at(source.end_bit / 8));
            }
            Ok(offsets)
        };
        let mut done = 0;
        let mut odd = false;
        // Where the offsets of the first variable lie, if its symbols were decoded along with the batch before.
        let mut first: Option<Offsets> = None;
        while done < dst.len() && *bit <= last_start {
            let n = (dst.len() - done).min(BATCH_N);
            let is_last = done + n == dst.len();
            let numbers = &mut dst[done..done + n];
            let n_coded = coded_n(*n_left, decoder.delta.state_n());
            let n_coded_secondary = coded_n(*n_left, decoder.delta.secondary_state_n());
            let n_next = coded_n(*n_left - n, decoder.delta.state_n());
            let start = *bit - source.first_bit;

            let offsets = match (first.take(), &mut distance_var) {
                (Some(offsets), _) => offsets,
                (None, None) => primary_var.symbols(odd, n_coded).decode(tier, bytes, start),
                (None, Some(var)) => var.symbols(odd, n_coded).decode(tier, bytes, start),
            };
            let mut offsets = in_source(offsets)?;
            if let Some(var) = &mut distance_var {
                let next = Some(primary_var.symbols(odd, n_coded));
                let this = var.current(odd);
                let next = stage(tier, bytes, n_coded, this, offsets, next, |_, _| Ok(()))?;
                offsets = in_source(next.expect("symbols were asked for"))?;
            }
            if let Some(var) = &mut secondary_var {
                let next = Some(var.symbols(odd, n_coded_secondary));
                let this = primary_var.current(odd);
                let distances = distance_var.as_mut().map(|var| var.current(odd).latents);
                let next = stage(tier, bytes, n, this, offsets, next, |range, latents| {
                    primary_delta.decode(part(&distances, range, n_coded), latents)
                })?;
                offsets = in_source(next.expect("symbols were asked for"))?;
            }

            // Numbers are complete with the last variable. The next batch's symbols come along if it may start here.
            let end = source.first_bit + offsets.end;
            let goes_on = !is_last && end <= last_start;
            first = match (&mut distance_var, &mut secondary_var) {
                (None, None) => {
                    let (this, next) = primary_var.split(odd, n_next);
                    let next = goes_on.then_some(next);
                    stage(tier, bytes, n, this, offsets, next, |range, latents| {
                        primary_delta.decode(&[], latents)?;
                        join.join(latents, &[], &mut numbers[range])
                    })?
                }
                (Some(var), None) => {
                    let this = primary_var.current(odd);
                    let (distances, next) = var.split(odd, n_next);
                    let next = goes_on.then_some(next);
                    let distances = Some(distances.latents);
                    stage(tier, bytes, n, this, offsets, next, |range, latents| {
                        primary_delta.decode(part(&distances, range.clone(), n_coded), latents)?;
                        join.join(latents, &[], &mut numbers[range])
                    })?
                }
                (None, Some(var)) => {
                    let this = var.current(odd);
                    let (primary, next) = primary_var.split(odd, n_next);
                    let next = goes_on.then_some(next);
                    stage(tier, bytes, n, this, offsets, next, |range, latents| {
                        secondary_delta.decode(&[], latents)?;
                        join.join(
                            &primary.latents[range.clone()],
                            latents,
                            &mut numbers[range],
                        )
                    })?
                }
                (Some(distance_var), Some(var)) => {
                    let this = var.current(odd);
                    let primary = primary_var.current(odd);
                    let (distances, next) = distance_var.split(odd, n_next);
                    let next = goes_on.then_some(next);
                    let distances = Some(distances.latents);
                    stage(tier, bytes, n, this, offsets, next, |range, latents| {
                        secondary_delta
                            .decode(part(&distances, range.clone(), n_coded), latents)?;
                        join.join(
                            &primary.latents[range.clone()],
                            latents,
                            &mut numbers[range],
                        )
                    })?
                }
            };
            *bit = end;
            *n_left -= n;
            done += n;
            odd = !odd;
        }
        Ok(done)
    }
}

/// How many latents of a variable that states `state_n` of a page a batch codes, with `n_left` numbers left in the page.
///
/// Stated latents are not coded, so that at a page's end batches hold fewer latents than numbers.
#[inline(always)]
fn coded_n(n_left: usize, state_n: usize) -> usize {
    n_left.saturating_sub(state_n).min(BATCH_N)
}

/// The distances of some numbers of a batch that codes `n_coded` of them.
#[inline(always)]
fn part<'a>(
    distances: &'a Option<&mut [u32; BATCH_N]>,
    range: std::ops::Range<usize>,
    n_coded: usize,
) -> &'a [u32] {
    match distances {
        Some(distances) => &distances[range.start.min(n_coded)..range.end.min(n_coded)],
        None => &[],
    }
}
