//! Decoding a page, or a part of it, from a state on.

use super::page_loop::PageLoop;
use super::scratch::Batch;
use super::source::Source;
use super::value_loop::ValueLoop;
use super::{PageState, Scratch, VarState};
use crate::bits::BitReader;
use crate::dtype::Latent;
use crate::entropy::BATCH_N;
use crate::error::{Error, Result};
use crate::format::DeltaEncoding;
use crate::kernels::isa::Isa;
use crate::kernels::tans::DecodeTable;
use crate::mode::Join;

/// What all pages of a chunk are decoded with.
pub(crate) struct PageDecoder<J: Join> {
    pub(crate) isa: Isa,
    pub(crate) join: J,
    pub(crate) delta: DeltaEncoding,
    pub(crate) distances: Option<DecodeTable<u32>>,
    pub(crate) primary: DecodeTable<J::Primary>,
    pub(crate) secondary: Option<DecodeTable<J::Latent>>,
    /// Whether each latent variable has bins: if not, no latent can be decoded.
    pub(crate) has_bins: bool,
}

impl<J: Join> PageDecoder<J> {
    /// Reads the state that a page of `page_n` numbers starts with.
    pub(crate) fn read_state(&self, src: &[u8], page_n: usize) -> Result<PageState<J>> {
        let (state_n, secondary_n) = (self.delta.state_n(), self.delta.secondary_state_n());
        if !self.has_bins && page_n > state_n {
            return Err(Error::corrupt(
                "a latent variable without bins in a page that needs some",
            ));
        }
        let reader = &mut BitReader::new(src, "page state");
        let distances = match &self.distances {
            Some(table) => VarState::read(reader, table.size_log(), &self.delta, 0)?,
            None => VarState::absent(),
        };
        let primary = VarState::read(reader, self.primary.size_log(), &self.delta, state_n)?;
        let secondary = match &self.secondary {
            Some(table) => VarState::read(reader, table.size_log(), &self.delta, secondary_n)?,
            None => VarState::absent(),
        };
        let bit = reader.align()? as u64 * 8;
        Ok(PageState {
            bit,
            n_left: page_n,
            distances,
            primary,
            secondary,
        })
    }

    /// The most bits that a batch takes.
    fn batch_bits(&self) -> u64 {
        fn most<L: Latent>(table: &DecodeTable<L>) -> u64 {
            BATCH_N as u64 * u64::from(table.size_log() + table.max_offset_bits())
        }
        most(&self.primary)
            + self.distances.as_ref().map_or(0, most)
            + self.secondary.as_ref().map_or(0, most)
    }

    /// Decodes the page's first `dst.len()` numbers, of `page_n`, and returns the page's length in bytes, or, where some
    /// numbers are left, the byte at which the last batch ended.
    pub(crate) fn read_page(
        &self,
        src: &[u8],
        page_n: usize,
        scratch: &mut Scratch<J>,
        dst: &mut [J::Latent],
    ) -> Result<usize> {
        let mut state = self.read_state(src, page_n)?;
        self.decode_some(src, &mut state, scratch, dst)?;
        self.end(src, &state)
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
        let mut numbers = [J::Latent::default(); BATCH_N];
        self.decode(src, state, scratch, &mut numbers[..n])?;
        scratch.numbers = numbers;
        Ok(&scratch.numbers[..n])
    }

    /// The latents of all numbers, where all are equal and no bits are stored.
    fn constant_latents(&self) -> Option<(J::Primary, J::Latent)> {
        fn constant<L: Latent>(table: &DecodeTable<L>) -> Option<L> {
            let bin = table.single()?;
            (bin.offset_bits() == 0).then(|| bin.lower())
        }
        if !matches!(self.delta, DeltaEncoding::None) {
            return None;
        }
        let secondary = match &self.secondary {
            Some(table) => constant(table)?,
            None => J::Latent::default(),
        };
        Some((constant(&self.primary)?, secondary))
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
        if !dst.is_empty()
            && let Some((primary, secondary)) = self.constant_latents()
        {
            let (waiting, number) = (&mut J::Waiting::default(), &mut [J::Latent::default()]);
            J::place(waiting, number)[0] = primary;
            let joined = self.join.join(waiting, &[secondary], number);
            joined.map_err(|e| e.at(state.bit / 8))?;
            dst.fill(number[0]);
            state.n_left -= dst.len();
            return Ok(());
        }
        let batch_bits = self.batch_bits();
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
