//! The page loop: batch by batch, from bits to the bits of numbers.

use super::scratch::Batch;
use super::source::Source;
use super::{PageState, Scratch, VarState};
use crate::bits::BitReader;
use crate::dtype::Latent;
use crate::entropy::{BATCH_N, N_STATES};
use crate::error::{Error, Result};
use crate::format::DeltaEncoding;
use crate::kernels::isa::{Isa, Kernel, Tier};
use crate::kernels::tans::{self, DecodeTable, Entry};
use crate::kernels::unpack;
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
        let batch_bits = self.batch_bits();
        let direct = Source::direct(src, batch_bits);
        let done = self.decode_from(direct, state, &mut scratch.batch, dst)?;
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
        self.isa.run(PageLoop {
            decoder: self,
            source,
            state,
            batch,
            dst,
        })
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

/// The loop over batches, compiled for each tier.
struct PageLoop<'a, J: Join> {
    decoder: &'a PageDecoder<J>,
    source: Source<'a>,
    state: &'a mut PageState<J>,
    batch: &'a mut Batch<J>,
    dst: &'a mut [J::Latent],
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
        let mut done = 0;
        while done < dst.len() && state.bit <= last_start {
            let n = (dst.len() - done).min(BATCH_N);
            let numbers = &mut dst[done..done + n];
            decode_batch(tier, decoder, &source, state, batch, numbers)
                .map_err(|e| e.at(state.bit / 8))?;
            done += n;
            state.n_left -= n;
        }
        Ok(done)
    }
}

/// Decodes one batch.
#[inline(always)]
fn decode_batch<S: Tier, J: Join>(
    tier: S,
    decoder: &PageDecoder<J>,
    source: &Source<'_>,
    state: &mut PageState<J>,
    batch: &mut Batch<J>,
    dst: &mut [J::Latent],
) -> Result<()> {
    let n = dst.len();
    // Latents that a page states are not coded: at its end, batches hold fewer latents than numbers.
    let n_primary = state
        .n_left
        .saturating_sub(decoder.delta.state_n())
        .min(BATCH_N);
    let n_secondary = state
        .n_left
        .saturating_sub(decoder.delta.secondary_state_n())
        .min(BATCH_N);

    let mut bit = state.bit - source.first_bit;
    let bytes = source.bytes;
    if let Some(table) = &decoder.distances {
        let latents = &mut batch.distances[..n_primary];
        let entries = &mut batch.distance_entries;
        decode_latents(
            tier,
            table,
            bytes,
            &mut bit,
            &mut state.distances.ans,
            entries,
            latents,
        );
    }
    let latents = &mut batch.primary[..n_primary];
    let entries = &mut batch.primary_entries;
    decode_latents(
        tier,
        &decoder.primary,
        bytes,
        &mut bit,
        &mut state.primary.ans,
        entries,
        latents,
    );
    if let Some(table) = &decoder.secondary {
        let latents = &mut batch.secondary[..n_secondary];
        let entries = &mut batch.secondary_entries;
        decode_latents(
            tier,
            table,
            bytes,
            &mut bit,
            &mut state.secondary.ans,
            entries,
            latents,
        );
    }
    state.bit = source.first_bit + bit;
    if state.bit > source.end_bit {
        return Err(Error::truncated("page").at(source.end_bit / 8));
    }

    let distances = &batch.distances[..n_primary];
    state
        .primary
        .delta
        .decode(distances, &mut batch.primary[..n])?;
    state
        .secondary
        .delta
        .decode(distances, &mut batch.secondary[..n])?;
    decoder
        .join
        .join(&batch.primary[..n], &batch.secondary[..n], dst)
}

/// Decodes the latents of one variable in one batch, before delta decoding.
#[inline(always)]
fn decode_latents<S: Tier, L: Latent>(
    tier: S,
    table: &DecodeTable<L>,
    bytes: &[u8],
    bit: &mut u64,
    states: &mut [u32; N_STATES],
    entries: &mut [Entry<L>; BATCH_N],
    latents: &mut [L],
) {
    if let Some(bin) = table.single() {
        unpack::unpack(tier, bytes, bit, bin.offset_bits(), bin.lower(), latents);
        return;
    }
    let entries = &mut entries[..latents.len()];
    tans::decode(tier, table, bytes, bit, states, entries);
    unpack::add_offsets(tier, bytes, bit, table.max_offset_bits(), entries, latents);
}
