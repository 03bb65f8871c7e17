//! One latent variable of a chunk, trained: its bins with weights, ready to encode with.

use std::ops::Range;

use super::counts::Counts;
use super::estimate::is_one_bin;
use super::histogram::{Seen, Slot, cut_wide_gaps, histogram_of_counts, histogram_of_sorted};
use super::optimize::optimize_bins;
use super::slots::{counted_slots, sorted_sample};
use super::sort::sort;
use super::symbols::Symbols;
use super::tables::{MAX_FEW, weighted};
use crate::config::MAX_LEVEL;
use crate::dtype::Latent;
use crate::entropy::{EncoderTable, N_NARROW, bit_length, table_bits};
use crate::kernels::isa::Isa;
use crate::kernels::range::range_of;
use crate::model::offset_bits_width;
use crate::model::{Bin, LatentVar};

/// How finely a latent variable is looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TrainingParams {
    /// The CPU tier to run at.
    pub(crate) isa: Isa,
    /// The level that was asked for.
    pub(crate) level: u32,
    /// Slots of the histogram, as a power of two.
    pub(crate) n_slots_log: u32,
    /// The largest tANS table, as a power of two.
    max_ans_size_log: u32,
}

impl TrainingParams {
    /// The largest tANS table that an encoder makes: past that, tables leave the caches of decoders.
    const MAX_ANS_SIZE_LOG: u32 = 12;

    /// What a level means for a primary latent variable of `n` latents.
    pub(crate) fn primary(isa: Isa, level: u32, n: usize) -> Self {
        // Slots of few latents each describe nothing but chance.
        let finest = n.max(1).ilog2().saturating_sub(4);
        let n_slots_log = if level <= finest {
            level
        } else {
            finest + (level - finest) / 2
        };
        Self {
            isa,
            level,
            n_slots_log,
            max_ans_size_log: Self::MAX_ANS_SIZE_LOG,
        }
    }

    /// The same for a secondary variable, which is mostly noise, and has to share the caches with the primary one.
    pub(crate) fn secondary(self) -> Self {
        Self {
            n_slots_log: self.n_slots_log.min(6),
            max_ans_size_log: match self.level {
                MAX_LEVEL => Self::MAX_ANS_SIZE_LOG,
                _ => 9,
            },
            ..self
        }
    }

    /// Bits of a bin's metadata, before the size of the tANS table is known.
    pub(crate) fn bin_meta_bits<L: Latent>(self) -> u32 {
        let ans_size_log = (self.n_slots_log + 2).min(Self::MAX_ANS_SIZE_LOG);
        ans_size_log + L::BITS + offset_bits_width(L::BITS)
    }

    /// Slots of the histogram: low levels merge more of them into each bin, which costs little and helps much.
    fn max_slots<L: Latent>(self, n: usize) -> usize {
        // Few latents have more spikes than that, but for those of 16 bits, where values are counted one by one.
        let finest = if L::BITS == 16 { 12 } else { 10 };
        let log = (self.n_slots_log + 2)
            .min(8)
            .max(self.n_slots_log.min(finest));
        // Slots of one or two latents each describe nothing but chance, and the more there are, the longer it takes to merge
        // them; but of a handful, each takes so much that it may well have a bin of its own.
        let least_n = if n <= MAX_HANDFUL {
            1
        } else if n < MIN_COARSE_N {
            4
        } else {
            8
        };
        (1 << log).min(n.div_ceil(least_n))
    }

    /// The largest tANS table for `n` latents; smaller ones are made where they do as well.
    fn max_ans_size_log(self, n: usize) -> u32 {
        let useful = n.next_power_of_two().ilog2();
        let asked_for = match self.level {
            // Coarse bins do not need fine weights.
            0..4 => self.n_slots_log + 2,
            _ => self.max_ans_size_log,
        };
        useful.min(asked_for)
    }
}

/// What turns a latent of a bin into an offset.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct EncoderBin<L> {
    /// The smallest latent.
    pub(crate) lower: L,
    /// The width of offsets.
    pub(crate) offset_bits: u8,
}

/// A latent variable's metadata and what encodes it.
#[derive(Clone, Debug)]
pub(crate) struct TrainedVar<L> {
    pub(crate) meta: LatentVar,
    pub(crate) symbols: Symbols<L>,
    /// At least 256, the last of which are no bins, so that a symbol of one byte is always in.
    pub(crate) encoder_bins: Vec<EncoderBin<L>>,
    pub(crate) max_offset_bits: u32,
    pub(crate) table: EncoderTable,
    /// What its latents take, in bits, without the metadata and the states of pages; up to about a thousandth.
    pub(crate) bits: f64,
    /// The most that its latents can take: no symbol costs more than the next whole number of bits.
    pub(crate) most_bits: u64,
}

/// What latents take.
#[derive(Clone, Copy, Default)]
struct Bits {
    mean: f64,
    most: u64,
}

/// Up to so many latents are a handful.
const MAX_HANDFUL: usize = 1 << 6;
/// From so many latents on, a slot is for twice as many.
const MIN_COARSE_N: usize = 1 << 9;
/// Latents that are sorted rather than counted by a sample's slots.
const MAX_SORTED_N: usize = 1 << 12;

impl<L: Latent> TrainedVar<L> {
    /// Chooses bins for these latents.
    pub(crate) fn train(latents: &[L], params: TrainingParams) -> Self {
        if latents.is_empty() {
            let table = EncoderTable::new(&[1], 0);
            return Self::new(Vec::new(), table, Symbols::One, Bits::default());
        }
        let max_slots = params.max_slots::<L>(latents.len());
        let (min, max) = range_of(params.isa, latents);
        if let Some(counts) = Counts::of(latents, min, max) {
            let slots = histogram_of_counts(&counts, latents.len(), max_slots);
            return Self::with_slots(latents, &slots, params, |bins| {
                Symbols::of_counts(&counts, bins)
            });
        }
        if latents.len() <= MAX_SORTED_N {
            let mut sorted = latents.to_vec();
            sort(params.isa, &mut sorted);
            let slots = cut_wide_gaps(&sorted, histogram_of_sorted(&sorted, max_slots), Seen::All);
            return Self::with_slots(latents, &slots, params, Symbols::by_search);
        }
        let sample = sorted_sample(params.isa, latents, max_slots);
        // A sample lacks what is rare; where that is far away, one bin for all would be wide.
        let is_sample_wide =
            bit_length(sample[sample.len() - 1] - sample[0]) == bit_length(max - min);
        if is_sample_wide && is_one_bin(&sample, latents.len(), params) {
            let all = Slot {
                count: latents.len() as u32,
                lower: min,
                upper: max,
            };
            return Self::with_slots(latents, &[all], params, |_| Symbols::One);
        }
        let counted = counted_slots(params.isa, latents, (min, max), &sample, max_slots);
        Self::with_slots(latents, &counted.slots, params, |bins| {
            Symbols::of_slots(&counted.slot_of, &counted.slots, bins)
        })
    }

    fn with_slots(
        latents: &[L],
        slots: &[Slot<L>],
        params: TrainingParams,
        symbols: impl FnOnce(&[Slot<L>]) -> Symbols<L>,
    ) -> Self {
        let bin_meta_bits = f64::from(params.bin_meta_bits::<L>());
        let bins = optimize_bins(params.isa, slots, bin_meta_bits).bins;
        let symbols = symbols(&bins);
        let trained = Self::with_bins(latents, &bins, symbols, params);
        if latents.len() > MAX_FEW || bins.len() == 1 {
            return trained;
        }
        // Prices of bins leave out what is rounded up.
        let all = bins[0].merged(bins[bins.len() - 1]);
        let all = Slot {
            count: latents.len() as u32,
            ..all
        };
        let one = Self::with_bins(latents, &[all], Symbols::One, params);
        if one.bits_with_meta() <= trained.bits_with_meta() {
            one
        } else {
            trained
        }
    }

    fn with_bins(
        latents: &[L],
        bins: &[Slot<L>],
        symbols: Symbols<L>,
        params: TrainingParams,
    ) -> Self {
        let counts: Vec<u32> = bins.iter().map(|bin| bin.count).collect();
        let width = |bin: &Slot<L>| bit_length(bin.upper - bin.lower);
        let offset_bits = bins
            .iter()
            .map(|bin| u64::from(bin.count) * u64::from(width(bin)));
        let offset_bits = offset_bits.sum();
        let max_size_log = params.max_ans_size_log(latents.len());
        let weighted = weighted(
            &counts,
            max_size_log,
            offset_bits,
            |places: Range<usize>| symbols.words(&latents[places.clone()], places.start),
        );
        let most = counts.iter().zip(&weighted.weights);
        let most = most
            .map(|(&count, weight)| {
                u64::from(count) * u64::from(weighted.table.size_log - weight.ilog2())
            })
            .sum::<u64>();
        let bits = Bits {
            mean: weighted.bits + offset_bits as f64,
            most: most + offset_bits,
        };
        let bins = bins
            .iter()
            .zip(&weighted.weights)
            .map(|(bin, &weight)| Bin {
                weight,
                lower: bin.lower.to_u64(),
                offset_bits: width(bin),
            });
        Self::new(bins.collect(), weighted.table, symbols, bits)
    }

    /// With bins, weights and the states of one page.
    fn bits_with_meta(&self) -> f64 {
        let n_bins = self.meta.bins.len();
        let of_ranges = n_bins as u32 * (L::BITS + offset_bits_width(L::BITS));
        self.bits + table_bits(n_bins, self.meta.ans_size_log) + f64::from(of_ranges)
    }

    /// One bin over all latents: nothing is compressed.
    pub(crate) fn raw(n: usize) -> Self {
        let bin = Bin {
            weight: 1,
            lower: 0,
            offset_bits: L::BITS,
        };
        let most = n as u64 * u64::from(L::BITS);
        let mean = most as f64;
        let table = EncoderTable::new(&[1], 0);
        Self::new(vec![bin], table, Symbols::One, Bits { mean, most })
    }

    fn new(bins: Vec<Bin>, table: EncoderTable, symbols: Symbols<L>, bits: Bits) -> Self {
        let mut encoder_bins = Vec::with_capacity(bins.len().max(N_NARROW));
        encoder_bins.extend(bins.iter().map(|bin| EncoderBin {
            lower: L::from_u64(bin.lower),
            offset_bits: bin.offset_bits as u8,
        }));
        encoder_bins.resize(bins.len().max(N_NARROW), EncoderBin::default());
        Self {
            symbols,
            max_offset_bits: bins.iter().map(|bin| bin.offset_bits).max().unwrap_or(0),
            encoder_bins,
            meta: LatentVar {
                latent_bits: L::BITS,
                ans_size_log: table.size_log,
                bins,
            },
            table,
            bits: bits.mean,
            most_bits: bits.most,
        }
    }

    /// The most bits that `n` latents can take, without the metadata.
    pub(crate) fn max_bits(&self, n: usize) -> u64 {
        n as u64 * u64::from(self.max_offset_bits + self.meta.ans_size_log)
    }
}
