//! One stage of the pipeline: a variable's latents while another's symbols are decoded.

use super::scratch::Entries;
use crate::dtype::Latent;
use crate::entropy::N_STATES;
use crate::kernels::isa::{Isa, Kernel, Tier};
use crate::kernels::overlap;
use crate::kernels::tans::{self, DecodeTable, Entry, SymbolJob};
use crate::kernels::unpack::{self, OffsetJob};

/// A latent variable of the page that is being decoded.
pub(super) struct Var<'a, L: Latent> {
    table: &'a DecodeTable<L>,
    states: &'a mut [u32; N_STATES],
    entries: &'a mut Entries<L>,
}

/// A variable of a batch whose symbols are known, and whose offsets are to be read.
pub(super) struct Current<'a, L: Latent> {
    table: &'a DecodeTable<L>,
    entries: &'a [Entry<L>],
    offsets: Offsets,
    latents: &'a mut [L],
}

/// A variable of a batch whose symbols are to be decoded.
pub(super) struct Symbols<'a, L: Latent> {
    table: &'a DecodeTable<L>,
    states: &'a mut [u32; N_STATES],
    entries: &'a mut [Entry<L>],
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
        entries: &'a mut Entries<L>,
    ) -> Self {
        Self {
            table,
            states,
            entries,
        }
    }

    /// This variable in an odd or even batch, whose latents go to `latents`, and `n` symbols of it, which start at `next`,
    /// in the batch after it.
    #[inline(always)]
    pub(super) fn split<'s>(
        &'s mut self,
        odd: bool,
        offsets: Offsets,
        latents: &'s mut [L],
        (next, n): (u64, usize),
    ) -> (Current<'s, L>, Symbols<'s, L>) {
        let (entries, next_entries) = self.entries.of_batch(odd);
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

    /// This variable in an odd or even batch, whose latents go to `latents`.
    #[inline(always)]
    pub(super) fn current<'s>(
        &'s mut self,
        odd: bool,
        offsets: Offsets,
        latents: &'s mut [L],
    ) -> Current<'s, L> {
        self.split(odd, offsets, latents, (0, 0)).0
    }

    /// `n` symbols of this variable, which start at `bit`, in an odd or even batch.
    #[inline(always)]
    pub(super) fn symbols(&mut self, odd: bool, bit: u64, n: usize) -> Symbols<'_, L> {
        self.split(!odd, Offsets::NONE, &mut [], (bit, n)).1
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

/// Decodes symbols without offsets straight into latents, and returns where they end.
pub(super) fn decode_values<L: Latent>(
    isa: Isa,
    bytes: &[u8],
    symbols: Symbols<'_, L>,
    latents: &mut [L],
) -> u64 {
    isa.call(StageOfValues {
        bytes,
        symbols,
        latents,
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

/// Decodes the latents of `current` and symbols, in turn, and returns where the symbols' offsets lie.
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

/// What is to be done, in a function of its own for each tier.
struct Stage<'a, A: Latent, B: Latent> {
    bytes: &'a [u8],
    current: Option<Current<'a, A>>,
    symbols: Option<Symbols<'a, B>>,
}

impl<A: Latent, B: Latent> Kernel for Stage<'_, A, B> {
    type Output = Offsets;

    #[inline(always)]
    fn run<S: Tier>(self, tier: S) -> Offsets {
        let bytes = self.bytes;
        match (self.current, self.symbols) {
            (Some(current), Some(symbols)) if !current.is_single() && !symbols.is_single() => {
                symbols.decode_by(|job| overlap::run_both(tier, bytes, current.job(), job))
            }
            (current, symbols) => {
                if let Some(current) = current {
                    current.decode(tier, bytes);
                }
                symbols.map_or(Offsets::NONE, |symbols| symbols.decode(tier, bytes))
            }
        }
    }
}

/// Decodes symbols of two pages like [`decode_values`], in turn.
pub(super) fn decode_values_of_two<L: Latent>(
    isa: Isa,
    bytes: [&[u8]; 2],
    symbols: [Symbols<'_, L>; 2],
    latents: [&mut [L]; 2],
) -> [u64; 2] {
    isa.call(StageOfTwo {
        bytes,
        symbols,
        latents,
    })
}

/// Symbols that are latents.
struct StageOfValues<'a, L: Latent> {
    bytes: &'a [u8],
    symbols: Symbols<'a, L>,
    latents: &'a mut [L],
}

impl<L: Latent> Kernel for StageOfValues<'_, L> {
    type Output = u64;

    #[inline(always)]
    fn run<S: Tier>(self, tier: S) -> u64 {
        let mut bit = self.symbols.offsets.bit;
        let job = self.symbols.job_of_values(&mut bit, self.latents);
        tans::decode(tier, self.bytes, job);
        bit
    }
}

/// Symbols of two pages that are latents.
struct StageOfTwo<'a, L: Latent> {
    bytes: [&'a [u8]; 2],
    symbols: [Symbols<'a, L>; 2],
    latents: [&'a mut [L]; 2],
}

impl<L: Latent> Kernel for StageOfTwo<'_, L> {
    type Output = [u64; 2];

    #[inline(always)]
    fn run<S: Tier>(self, tier: S) -> [u64; 2] {
        let [a, b] = self.symbols;
        let (mut bit_a, mut bit_b) = (a.offsets.bit, b.offsets.bit);
        let [latents_a, latents_b] = self.latents;
        let jobs = [
            a.job_of_values(&mut bit_a, latents_a),
            b.job_of_values(&mut bit_b, latents_b),
        ];
        tans::decode_two(tier, self.bytes, jobs);
        [bit_a, bit_b]
    }
}

impl Offsets {
    const NONE: Self = Self {
        bit: 0,
        end: 0,
        n: 0,
    };
}

impl<'a, L: Latent> Current<'a, L> {
    /// Whether all are of one bin, so that all widths are equal.
    #[inline(always)]
    fn is_single(&self) -> bool {
        self.table.single().is_some()
    }

    #[inline(always)]
    fn decode<S: Tier>(self, tier: S, bytes: &[u8]) {
        match self.table.single() {
            Some(bin) => {
                let (mut bit, latents) = (self.offsets.bit, &mut self.latents[..self.offsets.n]);
                let (width, lower) = (bin.offset_bits(), bin.lower());
                unpack::unpack(tier, bytes, &mut bit, width, lower, latents);
            }
            None => {
                unpack::add_offsets(tier, bytes, self.job());
            }
        }
    }

    #[inline(always)]
    fn job(self) -> OffsetJob<'a, L> {
        OffsetJob {
            bit: self.offsets.bit,
            max_offset_bits: self.table.max_offset_bits(),
            entries: &self.entries[..self.offsets.n],
            latents: &mut self.latents[..self.offsets.n],
        }
    }
}

impl<'a, L: Latent> Symbols<'a, L> {
    /// To decode them to their lower bounds.
    #[inline(always)]
    fn job_of_values<'s>(self, bit: &'s mut u64, latents: &'s mut [L]) -> SymbolJob<'s, L, L>
    where
        'a: 's,
    {
        SymbolJob {
            table: self.table,
            bit,
            states: self.states,
            out: &mut latents[..self.offsets.n],
        }
    }

    /// Whether all are the same, so that none is coded.
    #[inline(always)]
    pub(super) fn is_single(&self) -> bool {
        self.table.single().is_some()
    }

    #[inline(always)]
    fn decode<S: Tier>(self, tier: S, bytes: &[u8]) -> Offsets {
        if self.is_single() {
            return self.offsets;
        }
        self.decode_by(|job| tans::decode(tier, bytes, job))
    }

    /// Decodes symbols by `decode`, which returns the sum of their offset bits.
    #[inline(always)]
    fn decode_by(self, decode: impl FnOnce(SymbolJob<'_, L>) -> u64) -> Offsets {
        let Offsets { mut bit, end, n } = self.offsets;
        let start = bit;
        let offset_bits = decode(SymbolJob {
            table: self.table,
            bit: &mut bit,
            states: self.states,
            out: &mut self.entries[..n],
        });
        Offsets {
            bit,
            end: end + (bit - start) + offset_bits,
            n,
        }
    }
}
