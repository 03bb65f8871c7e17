//! One stage of the pipeline: a variable's latents while another's symbols are decoded.

use std::ops::Range;

use super::scratch::VarBatch;
use crate::dtype::Latent;
use crate::entropy::{BATCH_N, N_STATES};
use crate::kernels::isa::{Isa, Kernel, Tier};
use crate::kernels::tans::{self, DecodeTable, Entries};
use crate::kernels::unpack;

/// Numbers of a step: few enough that symbols and offsets of a step stand in a CPU's reordering window together, many
/// enough that entering the two loops costs little.
const STEP_N: usize = 64;

/// A latent variable of the page that is being decoded.
pub(super) struct Var<'a, L: Latent> {
    table: &'a DecodeTable<L>,
    states: &'a mut [u32; N_STATES],
    batch: &'a mut VarBatch<L>,
}

/// A variable of a batch whose symbols are known, and whose offsets are to be read.
pub(super) struct Current<'a, L: Latent> {
    table: &'a DecodeTable<L>,
    entries: &'a Entries<L, BATCH_N>,
    offsets: Offsets,
    latents: &'a mut [L; BATCH_N],
}

/// A variable of a batch whose symbols are to be decoded.
pub(super) struct Symbols<'a, L: Latent> {
    table: &'a DecodeTable<L>,
    states: &'a mut [u32; N_STATES],
    entries: &'a mut Entries<L, BATCH_N>,
    offsets: Offsets,
}

/// Where the offsets of one variable lie in one batch.
#[derive(Clone, Copy)]
pub(super) struct Offsets {
    /// Where they start; before their symbols are decoded, where these start.
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

    /// The latents of the batch whose offsets were read last.
    #[inline(always)]
    pub(super) fn latents(&mut self) -> &mut [L; BATCH_N] {
        &mut self.batch.latents
    }

    /// This variable in an odd or even batch, and `n` symbols of it, which start at `next`, in the batch after it.
    #[inline(always)]
    pub(super) fn split(
        &mut self,
        odd: bool,
        offsets: Offsets,
        (next, n): (u64, usize),
    ) -> (Current<'_, L>, Symbols<'_, L>) {
        let VarBatch {
            entries: [even_entries, odd_entries],
            latents,
        } = &mut *self.batch;
        let (entries, next_entries) = if odd {
            (odd_entries, even_entries)
        } else {
            (even_entries, odd_entries)
        };
        let table = self.table;
        let current = Current {
            table,
            entries,
            offsets,
            latents,
        };
        // With a single bin there are no symbols, and offsets are all that there is.
        let width = table.single().map_or(0, |bin| u64::from(bin.offset_bits()));
        let offsets = Offsets {
            bit: next,
            end: next + n as u64 * width,
            n,
        };
        (
            current,
            Symbols {
                table,
                states: self.states,
                entries: next_entries,
                offsets,
            },
        )
    }

    /// This variable in an odd or even batch.
    #[inline(always)]
    pub(super) fn current(&mut self, odd: bool, offsets: Offsets) -> Current<'_, L> {
        self.split(odd, offsets, (0, 0)).0
    }

    /// `n` symbols of this variable, which start at `bit`, in an odd or even batch.
    #[inline(always)]
    pub(super) fn symbols(&mut self, odd: bool, bit: u64, n: usize) -> Symbols<'_, L> {
        self.split(
            !odd,
            Offsets {
                bit,
                end: bit,
                n: 0,
            },
            (bit, n),
        )
        .1
    }
}

/// Decodes symbols, and returns where their offsets lie.
pub(super) fn decode_symbols<L: Latent>(
    isa: Isa,
    bytes: &[u8],
    symbols: Symbols<'_, L>,
) -> Offsets {
    isa.call(Stage::<L, L> {
        bytes,
        current: None,
        symbols: Some(symbols),
    })
}

/// Decodes the latents of `current`.
pub(super) fn decode_latents<L: Latent>(isa: Isa, bytes: &[u8], current: Current<'_, L>) {
    isa.call(Stage::<L, L> {
        bytes,
        current: Some(current),
        symbols: None,
    });
}

/// Decodes the latents of `current` and symbols, a step of each in turn, and returns where the symbols' offsets lie.
pub(super) fn decode_both<A: Latent, B: Latent>(
    isa: Isa,
    bytes: &[u8],
    current: Current<'_, A>,
    symbols: Symbols<'_, B>,
) -> Offsets {
    isa.call(Stage {
        bytes,
        current: Some(current),
        symbols: Some(symbols),
    })
}

/// The loop over the steps of a batch.
struct Stage<'a, A: Latent, B: Latent> {
    bytes: &'a [u8],
    current: Option<Current<'a, A>>,
    symbols: Option<Symbols<'a, B>>,
}

impl<A: Latent, B: Latent> Kernel for Stage<'_, A, B> {
    type Output = Offsets;

    #[inline(always)]
    fn run<S: Tier>(mut self, tier: S) -> Offsets {
        let n_current = self.current.as_ref().map_or(0, |current| current.offsets.n);
        let n_symbols = self.symbols.as_ref().map_or(0, Symbols::n_coded);
        for start in (0..n_current.max(n_symbols)).step_by(STEP_N) {
            let range = |n: usize| start.min(n)..(start + STEP_N).min(n);
            if let Some(current) = &mut self.current {
                current.decode(tier, self.bytes, range(n_current));
            }
            if let Some(symbols) = &mut self.symbols {
                symbols.decode(tier, self.bytes, range(n_symbols));
            }
        }
        self.symbols.map_or(
            Offsets {
                bit: 0,
                end: 0,
                n: 0,
            },
            |symbols| symbols.offsets,
        )
    }
}

impl<L: Latent> Current<'_, L> {
    #[inline(always)]
    fn decode<S: Tier>(&mut self, tier: S, bytes: &[u8], range: Range<usize>) {
        let (bit, latents) = (&mut self.offsets.bit, &mut self.latents[range.clone()]);
        match self.table.single() {
            Some(bin) => unpack::unpack(tier, bytes, bit, bin.offset_bits(), bin.lower(), latents),
            None => {
                let (max_bits, entries) = (self.table.max_offset_bits(), self.entries.slice(range));
                unpack::add_offsets(tier, bytes, bit, max_bits, entries, latents);
            }
        }
    }
}

impl<L: Latent> Symbols<'_, L> {
    /// How many symbols are coded: none if there is only one.
    fn n_coded(&self) -> usize {
        if self.table.single().is_some() {
            0
        } else {
            self.offsets.n
        }
    }

    #[inline(always)]
    fn decode<S: Tier>(&mut self, tier: S, bytes: &[u8], range: Range<usize>) {
        let entries = self.entries.slice_mut(range);
        let start = self.offsets.bit;
        let bit = &mut self.offsets.bit;
        let offset_bits = tans::decode(tier, self.table, bytes, bit, self.states, entries);
        self.offsets.end += *bit - start + offset_bits;
    }
}
