//! Two pages at once, on one core: for pages of symbols only.
//!
//! Symbols wait for each other and leave most of a CPU idle. Where there are offsets, these fill the gaps already, and a
//! second page gains nothing; where there are none, another page's symbols do.

use super::batch::finish_batch;
use super::scratch::{Batch, Entries};
use super::source::Source;
use super::stage::{Var, decode_values_of_two};
use super::{Page, PageDecoder, PageState, Scratch};
use crate::entropy::BATCH_N;
use crate::error::Result;
use crate::kernels::isa::{Kernel, Tier};
use crate::mode::Join;

impl<J: Join> PageDecoder<J> {
    /// Decodes pages one behind the other into `dst`, which takes exactly these.
    pub(crate) fn read_pages(
        &self,
        pages: &[Page<'_>],
        scratch: &mut Scratch<J>,
        dst: &mut [J::Latent],
    ) -> Result<()> {
        let mut rest = dst;
        for pages in pages.chunks(2) {
            let n = pages.iter().map(|page| page.n).sum();
            let (dst, after) = rest.split_at_mut(n);
            rest = after;
            if let [page, other] = *pages
                && self.is_of_symbols_only()
            {
                let (dst, other_dst) = dst.split_at_mut(page.n);
                let both = self.read_two([page, other], scratch, [&mut *dst, &mut *other_dst]);
                if both.is_ok() {
                    continue;
                }
            }
            // One after the other, so that errors are those of the first page that has some.
            let mut dst = dst;
            for &page in pages {
                let (numbers, after) = dst.split_at_mut(page.n);
                self.read_page(page, scratch, numbers)?;
                dst = after;
            }
        }
        Ok(())
    }

    /// Decodes two whole pages: together as far as both go, then each.
    fn read_two(
        &self,
        [page, other_page]: [Page<'_>; 2],
        scratch: &mut Scratch<J>,
        [dst, other_dst]: [&mut [J::Latent]; 2],
    ) -> Result<()> {
        let mut state = self.read_state(page)?;
        let mut other = self.read_state(other_page)?;
        let done = self.isa.run(Lockstep {
            decoder: self,
            sources: [page, other_page]
                .map(|page| Source::direct(page.bytes, self.batch_bits(BATCH_N))),
            states: [&mut state, &mut other],
            waiting: &mut scratch.batch.waiting,
            dst: [&mut *dst, &mut *other_dst],
        })?;
        self.decode_some(page.bytes, &mut state, scratch, &mut dst[done..])?;
        self.end(page.bytes, &state)?;
        self.decode_some(
            other_page.bytes,
            &mut other,
            scratch,
            &mut other_dst[done..],
        )?;
        self.end(other_page.bytes, &other)?;
        Ok(())
    }
}

/// The loop over the batches that both pages have whole; returns how many numbers of each these were.
struct Lockstep<'a, J: Join> {
    decoder: &'a PageDecoder<J>,
    sources: [Source<'a>; 2],
    states: [&'a mut PageState<J>; 2],
    waiting: &'a mut J::Waiting,
    dst: [&'a mut [J::Latent]; 2],
}

impl<J: Join> Kernel for Lockstep<'_, J> {
    type Output = Result<usize>;

    #[inline(always)]
    fn run<S: Tier>(self, tier: S) -> Result<usize> {
        let isa = tier.isa();
        let Self {
            decoder,
            sources,
            states: [a, b],
            waiting,
            dst: [dst_a, dst_b],
        } = self;
        let whole_n = BATCH_N + decoder.delta.state_n();
        let has_whole = |state: &PageState<J>, source: &Source<'_>| {
            let may_start = source.last_start.is_some_and(|last| state.bit <= last);
            state.n_left >= whole_n && may_start
        };
        let (mut no_entries_a, mut no_entries_b) = (Entries::default(), Entries::default());
        let mut waiting_b = J::Waiting::default();
        let mut done = 0;
        while has_whole(a, &sources[0]) && has_whole(b, &sources[1]) {
            let numbers_a = &mut dst_a[done..done + BATCH_N];
            let numbers_b = &mut dst_b[done..done + BATCH_N];
            let place_a = J::place(waiting, numbers_a);
            let place_b = J::place(&mut waiting_b, numbers_b);
            let mut var_a = Var::new(&decoder.primary, &mut a.primary.ans, &mut no_entries_a);
            let mut var_b = Var::new(&decoder.primary, &mut b.primary.ans, &mut no_entries_b);
            let symbols = [
                var_a.symbols(false, a.bit, BATCH_N),
                var_b.symbols(false, b.bit, BATCH_N),
            ];
            let bytes = [sources[0].bytes, sources[1].bytes];
            let ends = decode_values_of_two(isa, bytes, symbols, [place_a, place_b]);
            let latents = Batch::primary_latents(waiting);
            finish_batch(isa, &decoder.join, a, ends[0], latents, numbers_a)?;
            let latents = Batch::primary_latents(&mut waiting_b);
            finish_batch(isa, &decoder.join, b, ends[1], latents, numbers_b)?;
            done += BATCH_N;
        }
        Ok(done)
    }
}
