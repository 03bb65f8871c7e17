//! Offsets of one batch under the symbols of another.
//!
//! Decoding symbols waits on itself and leaves most of a CPU idle; reading offsets does not wait. A CPU runs both at once
//! only if they stand close together in its program: what waits fills its queue after some hundred instructions, and then
//! nothing behind comes in. So one loop takes turns: the offsets of eight numbers, the symbols of eight others.
#![expect(
    unsafe_code,
    reason = "symbols whose bounds are proven once, for all turns"
)]

use super::isa::Tier;
use super::load::CheckedSource;
use super::tans::{Decoder, Entry, SymbolJob};
use super::unpack::{OffsetJob, STEP_N, Step, Steps, add_offsets, by_step};
use crate::dtype::Latent;

/// Does what [`unpack::add_offsets`](super::unpack::add_offsets) and [`tans::decode`](super::tans::decode) do one after the
/// other, and returns the sum of the symbols' offset bits.
#[inline(always)]
pub(crate) fn run_both<S: Tier, A: Latent, B: Latent>(
    tier: S,
    src: &[u8],
    offsets: OffsetJob<'_, A>,
    symbols: SymbolJob<'_, B>,
) -> u64 {
    assert_eq!(offsets.entries.len(), offsets.latents.len());
    let n = offsets.entries.len().min(symbols.out.len()) / STEP_N * STEP_N;
    let mut decoder = Decoder::new(src, &symbols);
    let (entries, entries_rest) = offsets.entries.split_at(n);
    let (latents, latents_rest) = offsets.latents.split_at_mut(n);
    let (out, out_rest) = symbols.out.split_at_mut(n);
    let turns = Turns {
        tier,
        source: CheckedSource::new(src),
        position: offsets.bit,
        entries: entries.as_chunks().0,
        latents: latents.as_chunks_mut().0,
        decoder: &mut decoder,
        out: out.as_chunks_mut().0,
    };
    let bit = by_step(tier, offsets.max_offset_bits, turns);
    // SAFETY: with those of the turns, as many symbols as the decoder was made for.
    unsafe { decoder.decode(tier, out_rest) };
    let rest = OffsetJob {
        bit,
        entries: entries_rest,
        latents: latents_rest,
        ..offsets
    };
    add_offsets(tier, src, rest);
    decoder.finish(symbols.bit, symbols.states)
}

struct Turns<'a, 'd, S, A: Latent, B: Latent> {
    tier: S,
    source: CheckedSource<'a>,
    position: u64,
    entries: &'a [[Entry<A>; STEP_N]],
    latents: &'a mut [[A; STEP_N]],
    decoder: &'d mut Decoder<'a, B>,
    out: &'a mut [[Entry<B>; STEP_N]],
}

impl<S: Tier, A: Latent, B: Latent> Steps for Turns<'_, '_, S, A, B> {
    type Output = u64;

    #[inline(always)]
    fn run<T: Step>(self, step: T) -> u64 {
        let mut position = self.position;
        let turns = self.entries.iter().zip(self.latents).zip(self.out);
        for ((entries, latents), out) in turns {
            position = step.read(self.source, position, entries, latents);
            // SAFETY: no more turns than the decoder's symbols fill.
            unsafe { self.decoder.decode(self.tier, out) };
        }
        position
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::decode_table;
    use crate::kernels::isa::{Isa, Kernel};
    use crate::kernels::tans::{self, DecodeTable};

    /// The offsets of some numbers and the symbols of others, in turn or not.
    struct Both<'a, A: Latent, B: Latent> {
        src: &'a [u8],
        offsets: OffsetJob<'a, A>,
        symbols: SymbolJob<'a, B>,
        in_turn: bool,
    }

    impl<A: Latent, B: Latent> Kernel for Both<'_, A, B> {
        type Output = u64;
        #[inline(always)]
        fn run<S: Tier>(self, tier: S) -> u64 {
            if self.in_turn {
                return run_both(tier, self.src, self.offsets, self.symbols);
            }
            add_offsets(tier, self.src, self.offsets);
            tans::decode(tier, self.src, self.symbols)
        }
    }

    struct Symbols<'a, L: Latent>(&'a [u8], SymbolJob<'a, L>);

    impl<L: Latent> Kernel for Symbols<'_, L> {
        type Output = u64;
        #[inline(always)]
        fn run<S: Tier>(self, tier: S) -> u64 {
            tans::decode(tier, self.0, self.1)
        }
    }

    /// A table of bins with offsets of different widths, up to the widest.
    fn table<L: Latent>(widest: u32) -> DecodeTable<L> {
        let weights = [1, 2, 40, 21];
        let bin = |(i, weight): (usize, u32)| {
            let width = widest * (i as u32 + 1) / 4;
            (weight, L::from_u64(u64::MAX / (i as u64 + 2)), width)
        };
        decode_table(6, weights.into_iter().enumerate().map(bin))
    }

    fn turns_change_nothing<A: Latent, B: Latent>() {
        let src: Vec<u8> = (0..3000u32).map(|i| ((i * i * 31) >> 5) as u8).collect();
        for widest in [0, 3, 11, 25, 40, 64] {
            let (of_offsets, of_symbols) = (
                table::<A>(widest.min(A::BITS)),
                table::<B>(widest.min(B::BITS)),
            );
            for (n_offsets, n_symbols) in [(0, 9), (5, 3), (8, 8), (16, 33), (100, 40), (256, 256)]
            {
                for isa in Isa::available() {
                    let mut entries = vec![Entry::<A>::default(); n_offsets];
                    let first = SymbolJob {
                        table: &of_offsets,
                        bit: &mut 0,
                        states: &mut [0, 20, 40, 63],
                        out: &mut entries,
                    };
                    isa.run(Symbols(&src, first));
                    let run = |in_turn: bool| {
                        let mut latents = vec![A::zero(); n_offsets];
                        let mut out = vec![Entry::<B>::default(); n_symbols];
                        let (mut bit, mut states) = (77, [1, 2, 3, 60]);
                        let both = Both {
                            src: &src,
                            offsets: OffsetJob {
                                bit: 13,
                                max_offset_bits: of_offsets.max_offset_bits(),
                                entries: &entries,
                                latents: &mut latents,
                            },
                            symbols: SymbolJob {
                                table: &of_symbols,
                                bit: &mut bit,
                                states: &mut states,
                                out: &mut out,
                            },
                            in_turn,
                        };
                        let sum = isa.run(both);
                        let out: Vec<(B, u32)> =
                            out.iter().map(|e| (e.lower(), e.offset_bits())).collect();
                        (sum, bit, states, latents, out)
                    };
                    let what = format!("isa {isa:?}, {widest} bits, {n_offsets} and {n_symbols}");
                    assert_eq!(run(true), run(false), "{what}");
                }
            }
        }
    }

    #[test]
    fn every_tier_reads_both_as_one_after_the_other() {
        turns_change_nothing::<u8, u8>();
        turns_change_nothing::<u16, u16>();
        turns_change_nothing::<u32, u64>();
        turns_change_nothing::<u64, u32>();
        turns_change_nothing::<u64, u64>();
    }
}
