//! Decoding a page, or a part of it, from a state on.

use super::page_loop::PageLoop;
use super::scratch::Batch;
use super::source::Source;
use super::value_loop::ValueLoop;
use super::{Page, PageState, Scratch, VarState};
use crate::bits::BitReader;
use crate::delta::{Moments, Plain};
use crate::dtype::Latent;
use crate::entropy::BATCH_N;
use crate::error::{Error, Result};
use crate::kernels::isa::{Isa, Kernel, Tier};
use crate::kernels::tans::DecodeTable;
use crate::layout::pco::page::read_var;
use crate::mode::Join;
use crate::model::Delta;

/// What all pages of a chunk are decoded with.
pub(crate) struct PageDecoder<J: Join> {
    pub(crate) isa: Isa,
    pub(crate) join: J,
    pub(crate) delta: Delta,
    pub(crate) distances: Option<DecodeTable<u32>>,
    pub(crate) primary: DecodeTable<J::Primary>,
    pub(crate) secondary: Option<DecodeTable<J::Latent>>,
    /// Whether each latent variable has bins: if not, no latent can be decoded.
    pub(crate) has_bins: bool,
}

impl<J: Join> PageDecoder<J> {
    /// Reads the state that a page starts with.
    pub(crate) fn read_state(&self, page: Page<'_>) -> Result<PageState<J>> {
        let (state_n, secondary_n) = (self.delta.state_n(), self.delta.secondary_state_n());
        if !self.has_bins && page.n > state_n {
            return Err(Error::corrupt(
                "a latent variable without bins in a page that needs some",
            ));
        }
        let reader = &mut BitReader::new(page.bytes, "page state");
        let distances = match &self.distances {
            Some(table) => self.read_var(reader, table, 0)?,
            None => VarState::absent(),
        };
        let primary = self.read_var(reader, &self.primary, state_n)?;
        let secondary = match &self.secondary {
            Some(table) => self.read_var(reader, table, secondary_n)?,
            None => VarState::absent(),
        };
        let bit = reader.align()? as u64 * 8;
        Ok(PageState {
            bit,
            n_left: page.n,
            distances,
            primary,
            secondary,
        })
    }

    /// Reads the state of a variable that states `state_n` latents.
    fn read_var<L: Latent>(
        &self,
        reader: &mut BitReader<'_>,
        table: &DecodeTable<L>,
        state_n: usize,
    ) -> Result<VarState<L>> {
        read_var(reader, table.size_log(), state_n, |ans, latents| {
            VarState::new(ans, &self.delta, latents)
        })
    }

    /// The most bits that a batch takes of a page that has `n_left` numbers.
    pub(super) fn batch_bits(&self, n_left: usize) -> u64 {
        fn most<L: Latent>(table: &DecodeTable<L>) -> u64 {
            u64::from(table.size_log() + table.max_offset_bits())
        }
        let of_number = most(&self.primary)
            + self.distances.as_ref().map_or(0, most)
            + self.secondary.as_ref().map_or(0, most);
        n_left.min(BATCH_N) as u64 * of_number
    }

    /// Decodes the page's first `dst.len()` numbers, and returns the page's length in bytes, or, where some numbers are
    /// left, the byte at which the last batch ended.
    pub(crate) fn read_page(
        &self,
        page: Page<'_>,
        scratch: &mut Scratch<J>,
        dst: &mut [J::Latent],
    ) -> Result<usize> {
        let mut state = self.read_state(page)?;
        self.decode_some(page.bytes, &mut state, scratch, dst)?;
        self.end(page.bytes, &state)
    }

    /// Decodes `dst.len()` numbers from `state` on. If these end inside a batch, its others are in the first places of
    /// `scratch.numbers` behind as many as were taken from it.
    pub(crate) fn decode_some(
        &self,
        src: &[u8],
        state: &mut PageState<J>,
        scratch: &mut Scratch<J>,
        dst: &mut [J::Latent],
    ) -> Result<()> {
        let whole = if dst.len() == state.n_left {
            dst.len()
        } else {
            dst.len() / BATCH_N * BATCH_N
        };
        let (whole, rest) = dst.split_at_mut(whole);
        self.decode(src, state, scratch, whole)?;
        if !rest.is_empty() {
            let numbers = self.decode_one_batch(src, state, scratch)?;
            rest.copy_from_slice(&numbers[..rest.len()]);
        }
        Ok(())
    }

    /// Decodes the next batch into `scratch.numbers`.
    pub(crate) fn decode_one_batch<'s>(
        &self,
        src: &[u8],
        state: &mut PageState<J>,
        scratch: &'s mut Scratch<J>,
    ) -> Result<&'s [J::Latent]> {
        let n = state.n_left.min(BATCH_N);
        let mut numbers = std::mem::take(&mut scratch.numbers);
        numbers.resize(BATCH_N, J::Latent::default());
        let decoded = self.decode(src, state, scratch, &mut numbers[..n]);
        scratch.numbers = numbers;
        decoded?;
        Ok(&scratch.numbers[..n])
    }

    /// The primary and secondary residuals of all numbers, where all are equal and no bits are stored.
    fn constant_residuals(&self) -> Option<(J::Primary, J::Latent)> {
        if self.distances.is_some() || self.delta.secondary_state_n() > 0 {
            return None;
        }
        let secondary = match &self.secondary {
            Some(table) => table.constant()?,
            None => J::Latent::default(),
        };
        Some((self.primary.constant()?, secondary))
    }

    /// Writes numbers of which no bits are stored, if these are such: equal ones, or ones that go up by equal steps.
    fn decode_without_bits(
        &self,
        state: &mut PageState<J>,
        batch: &mut Batch<J>,
        dst: &mut [J::Latent],
    ) -> Option<Result<()>> {
        let (residual, secondary) = self.constant_residuals()?;
        let joined = match state.primary.delta.under_equal_residuals(residual)? {
            Plain::Equal(_) if dst.is_empty() => return None,
            Plain::Equal(latent) => {
                let number = &mut [J::Latent::default()];
                J::place(&mut batch.waiting, number)[0] = latent;
                let joined = self.join.join(&batch.waiting, &[secondary], number);
                dst.fill(number[0]);
                joined
            }
            Plain::Steps(moments, step) => self.isa.run(StepLoop {
                join: &self.join,
                step,
                moments,
                secondary,
                waiting: &mut batch.waiting,
                dst,
            }),
        };
        state.n_left -= dst.len();
        Some(joined)
    }

    /// Whether all that a batch stores are the symbols of its primary latents.
    pub(crate) fn is_of_symbols_only(&self) -> bool {
        self.distances.is_none()
            && self.secondary.is_none()
            && self.primary.max_offset_bits() == 0
            && self.primary.single().is_none()
    }

    /// Decodes numbers from `state` on into `dst`, which holds whole batches or all that is left of the page.
    fn decode(
        &self,
        src: &[u8],
        state: &mut PageState<J>,
        scratch: &mut Scratch<J>,
        dst: &mut [J::Latent],
    ) -> Result<()> {
        debug_assert!(dst.len() <= state.n_left);
        debug_assert!(dst.len().is_multiple_of(BATCH_N) || dst.len() == state.n_left);
        if let Some(done) = self.decode_without_bits(state, &mut scratch.batch, dst) {
            return done.map_err(|e| e.at(state.bit / 8));
        }
        let batch_bits = self.batch_bits(state.n_left);
        let mut done = 0;
        // A short rest is read from one source rather than two: what that costs in copying, it saves twice.
        if !Source::is_short(src, state.bit, batch_bits) {
            let direct = Source::direct(src, batch_bits);
            done = self.decode_from(direct, state, &mut scratch.batch, dst)?;
        }
        if done < dst.len() {
            let padded = Source::padded(src, state.bit, batch_bits, &mut scratch.tail)?;
            self.decode_from(padded, state, &mut scratch.batch, &mut dst[done..])?;
        }
        Ok(())
    }

    /// Decodes the batches that may start in `source`, and returns how many numbers these were.
    fn decode_from(
        &self,
        source: Source<'_>,
        state: &mut PageState<J>,
        batch: &mut Batch<J>,
        dst: &mut [J::Latent],
    ) -> Result<usize> {
        let start = state.bit;
        let page_loop = PageLoop {
            decoder: self,
            source,
            state,
            batch,
            dst,
        };
        let done = if self.is_of_symbols_only() {
            self.isa.run(ValueLoop(page_loop))
        } else {
            self.isa.run(page_loop)
        };
        done.map_err(|e| e.at(start / 8))
    }

    /// Where decoding stands, in bytes: behind the padding, which is checked, if that was the last batch.
    pub(crate) fn end(&self, src: &[u8], state: &PageState<J>) -> Result<usize> {
        let byte = (state.bit / 8) as usize;
        if state.n_left > 0 {
            return Ok(byte);
        }
        let padding = src.get(byte).copied().unwrap_or(0) >> (state.bit % 8);
        if !state.bit.is_multiple_of(8) && padding != 0 {
            return Err(Error::corrupt("padding of page is not zero").at(byte as u64));
        }
        Ok(state.bit.div_ceil(8) as usize)
    }
}

/// The loop over numbers that go up by equal steps.
struct StepLoop<'a, J: Join> {
    join: &'a J,
    moments: &'a mut Moments<J::Primary>,
    step: J::Primary,
    secondary: J::Latent,
    waiting: &'a mut J::Waiting,
    dst: &'a mut [J::Latent],
}

impl<J: Join> Kernel for StepLoop<'_, J> {
    type Output = Result<()>;

    #[inline(always)]
    fn run<S: Tier>(self, _: S) -> Result<()> {
        let secondary = [self.secondary; BATCH_N];
        for numbers in self.dst.chunks_mut(BATCH_N) {
            self.moments
                .step_on(self.step, J::place(self.waiting, numbers));
            self.join
                .join(self.waiting, &secondary[..numbers.len()], numbers)?;
        }
        Ok(())
    }
}
