//! One step of the pipeline: one variable's latents while the next variable's symbols are decoded.

use std::ops::Range;

use super::scratch::VarBatch;
use crate::dtype::Latent;
use crate::entropy::{BATCH_N, N_STATES};
use crate::error::Result;
use crate::kernels::isa::Tier;
use crate::kernels::tans::{self, DecodeTable, Entry};
use crate::kernels::unpack;

/// Numbers of a step: few enough that symbols and offsets of a step stand in a CPU's reordering window together, many
/// enough that entering the two loops costs little.
const STEP_N: usize = 32;

/// A latent variable of the page that is being decoded.
pub(super) struct Var<'a, L: Latent> {
    table: &'a DecodeTable<L>,
    states: &'a mut [u32; N_STATES],
    batch: &'a mut VarBatch<L>,
}

/// A variable of a batch whose symbols are known.
pub(super) struct Current<'a, L: Latent> {
    table: &'a DecodeTable<L>,
    entries: &'a [Entry<L>; BATCH_N],
    pub(super) latents: &'a mut [L; BATCH_N],
}

/// A variable of a batch whose symbols are to be decoded.
pub(super) struct Symbols<'a, L: Latent> {
    table: &'a DecodeTable<L>,
    states: &'a mut [u32; N_STATES],
    entries: &'a mut [Entry<L>; BATCH_N],
    n: usize,
}

/// Where the offsets of one variable lie in one batch.
#[derive(Clone, Copy)]
pub(super) struct Offsets {
    bit: u64,
    /// Where the next variable's symbols start.
    pub(super) end: u64,
    n: usize,
}

impl<'a, L: Latent> Var<'a, L> {
    pub(super) fn new(
        table: &'a DecodeTable<L>,
        states: &'a mut [u32; N_STATES],
        batch: &'a mut VarBatch<L>,
    ) -> Self {
        Self {
            table,
            states,
            batch,
        }
    }

    /// This variable in a batch, odd or even, and `n` symbols of it in the next batch.
    #[inline(always)]
    pub(super) fn split(&mut self, odd: bool, n: usize) -> (Current<'_, L>, Symbols<'_, L>) {
        let VarBatch {
            entries: [even_entries, odd_entries],
            latents,
        } = &mut *self.batch;
        let (entries, next_entries) = if odd {
            (odd_entries, even_entries)
        } else {
            (even_entries, odd_entries)
        };
        let current = Current {
            table: self.table,
            entries,
            latents,
        };
        let symbols = Symbols {
            table: self.table,
            states: self.states,
            entries: next_entries,
            n,
        };
        (current, symbols)
    }

    /// This variable in a batch, odd or even.
    #[inline(always)]
    pub(super) fn current(&mut self, odd: bool) -> Current<'_, L> {
        self.split(odd, 0).0
    }

    /// `n` symbols of this variable in a batch, odd or even.
    #[inline(always)]
    pub(super) fn symbols(&mut self, odd: bool, n: usize) -> Symbols<'_, L> {
        self.split(!odd, n).1
    }
}

impl<L: Latent> Symbols<'_, L> {
    /// Decodes all symbols at `bit` of `bytes`.
    #[inline(always)]
    pub(super) fn decode<S: Tier>(mut self, tier: S, bytes: &[u8], bit: u64) -> Offsets {
        let mut offsets = self.start(bit);
        let n = self.n_steps();
        self.decode_range(tier, bytes, 0..n, &mut offsets);
        offsets
    }

    /// Offsets before any symbols: with a single bin, which needs none, all that there is to know.
    #[inline(always)]
    fn start(&self, bit: u64) -> Offsets {
        let width = self
            .table
            .single()
            .map_or(0, |bin| u64::from(bin.offset_bits()));
        Offsets {
            bit,
            end: bit + self.n as u64 * width,
            n: self.n,
        }
    }

    /// How many symbols there are to decode.
    #[inline(always)]
    fn n_steps(&self) -> usize {
        if self.table.single().is_some() {
            0
        } else {
            self.n
        }
    }

    /// Decodes some symbols and moves the offsets behind them.
    #[inline(always)]
    fn decode_range<S: Tier>(
        &mut self,
        tier: S,
        bytes: &[u8],
        range: Range<usize>,
        offsets: &mut Offsets,
    ) {
        let entries = &mut self.entries[range];
        let mut bit = offsets.bit;
        let offset_bits = tans::decode(tier, self.table, bytes, &mut bit, self.states, entries);
        offsets.end += bit - offsets.bit + offset_bits;
        offsets.bit = bit;
    }
}

/// Decodes the latents of `current` in a batch of `n` numbers, step by step, and hands them to `emit`; meanwhile decodes
/// the symbols of `next`, and returns where its offsets lie.
#[inline(always)]
pub(super) fn stage<S: Tier, A: Latent, B: Latent>(
    tier: S,
    bytes: &[u8],
    n: usize,
    current: Current<'_, A>,
    offsets: Offsets,
    mut next: Option<Symbols<'_, B>>,
    mut emit: impl FnMut(Range<usize>, &mut [A]) -> Result<()>,
) -> Result<Option<Offsets>> {
    let Current {
        table,
        entries,
        latents,
    } = current;
    let mut bit = offsets.bit;
    let n_steps = next.as_ref().map_or(0, Symbols::n_steps);
    let mut next_offsets = next.as_ref().map(|symbols| symbols.start(offsets.end));
    for start in (0..n.max(n_steps)).step_by(STEP_N) {
        let range = |n: usize| start.min(n)..(start + STEP_N).min(n);
        let coded = range(offsets.n);
        match table.single() {
            Some(bin) => {
                let latents = &mut latents[coded];
                unpack::unpack(
                    tier,
                    bytes,
                    &mut bit,
                    bin.offset_bits(),
                    bin.lower(),
                    latents,
                );
            }
            None => {
                let (entries, latents) = (&entries[coded.clone()], &mut latents[coded]);
                unpack::add_offsets(
                    tier,
                    bytes,
                    &mut bit,
                    table.max_offset_bits(),
                    entries,
                    latents,
                );
            }
        }
        if let (Some(symbols), Some(offsets)) = (&mut next, &mut next_offsets) {
            symbols.decode_range(tier, bytes, range(n_steps), offsets);
        }
        let numbers = range(n);
        emit(numbers.clone(), &mut latents[numbers])?;
    }
    Ok(next_offsets)
}
