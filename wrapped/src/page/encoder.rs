//! Encodes one page, back to front.
//!
//! A batch of each latent variable is its tANS bits and then its offsets, and the last number is coded first: so the
//! page is prepended to a buffer, batch by batch from the last one, and each bit is written once, where it belongs.

use crate::bins::{EncoderBin, Symbols, TrainedVar};
use crate::bits::{BitWriter, Prepender};
use crate::dtype::Latent;
use crate::entropy::{BATCH_N, N_NARROW, N_STATES, SymbolStep};
use crate::index::MIN_SPACING_LOG;
use crate::kernels::isa::{Isa, Kernel, Tier};
use crate::layout::pco::page::write_var;
use crate::model::Delta;

/// One latent variable of one page.
#[derive(Clone, Copy)]
pub(crate) struct PageVar<'a, L> {
    pub(crate) trained: &'a TrainedVar<L>,
    /// The place of the body in the chunk's.
    pub(crate) start: usize,
    /// What the page stores before its body.
    pub(crate) state: &'a [L],
    /// The latents of the body.
    pub(crate) residuals: &'a [L],
}

/// The latent variables of one page: distances, if any, are as many as the primary latents.
#[derive(Clone, Copy)]
pub(crate) struct PageVars<'a, P, S> {
    pub(crate) n: usize,
    /// How the page's latents became residuals.
    pub(crate) encoding: &'a Delta,
    pub(crate) delta: Option<PageVar<'a, u32>>,
    pub(crate) primary: PageVar<'a, P>,
    pub(crate) secondary: Option<PageVar<'a, S>>,
}

/// A variable on its way from the last batch to the first.
struct VarEncoder<'a, L> {
    var: PageVar<'a, L>,
    states: [u32; N_STATES],
    /// Residuals that are still to be prepended.
    n_left: usize,
}

impl<'a, L: Latent> VarEncoder<'a, L> {
    fn new(var: PageVar<'a, L>) -> Self {
        Self {
            states: [var.trained.table.first_state(); N_STATES],
            n_left: var.residuals.len(),
            var,
        }
    }

    /// Prepends the offsets and then the tANS bits of a batch of `n` residuals, the last that are left.
    #[inline(always)]
    fn prepend_batch<Z: Tier>(&mut self, tier: Z, n: usize, writer: &mut Prepender<'_>) {
        let start = self.n_left - n;
        let residuals = &self.var.residuals[start..self.n_left];
        let start = self.var.start + start;
        self.n_left -= n;
        let trained = self.var.trained;
        match &trained.symbols {
            Symbols::One => {
                let bin = trained.encoder_bins[0];
                self.prepend_offsets(residuals, residuals, |_| bin, writer);
            }
            Symbols::Narrow(finder) => {
                let mut found = [0; BATCH_N];
                let symbols = finder.of_batch(residuals, start, &mut found);
                // Of known lengths, so that no symbol is checked.
                let bins: &[_; N_NARROW] = trained.encoder_bins.first_chunk().expect("as many");
                let steps: &[_; N_NARROW] = trained.table.steps.first_chunk().expect("as many");
                self.prepend_offsets(residuals, symbols, |s| bins[usize::from(s)], writer);
                self.prepend_symbols(tier, symbols, |s| steps[usize::from(s)], writer);
            }
            Symbols::Wide(finder) => {
                let mut found = [0; BATCH_N];
                let symbols = finder.of_batch(residuals, start, &mut found);
                let (bins, steps) = (&trained.encoder_bins, &trained.table.steps);
                self.prepend_offsets(residuals, symbols, |s| bins[usize::from(s)], writer);
                self.prepend_symbols(tier, symbols, |s| steps[usize::from(s)], writer);
            }
        }
    }

    /// Prepends the offsets of residuals, each in the bin of its key.
    #[inline(always)]
    fn prepend_offsets<K: Copy>(
        &self,
        residuals: &[L],
        keys: &[K],
        bin_of: impl Fn(K) -> EncoderBin<L>,
        writer: &mut Prepender<'_>,
    ) {
        match self.var.trained.max_offset_bits {
            0 => {}
            1..=14 => Self::prepend_narrow_offsets::<4, _>(residuals, keys, bin_of, writer),
            15..=28 => Self::prepend_narrow_offsets::<2, _>(residuals, keys, bin_of, writer),
            29..=56 => Self::prepend_narrow_offsets::<1, _>(residuals, keys, bin_of, writer),
            _ => Self::prepend_wide_offsets(residuals, keys, bin_of, writer),
        }
    }

    /// Prepends offsets of which `PER_FLUSH` take at most 56 bits.
    #[inline(always)]
    fn prepend_narrow_offsets<const PER_FLUSH: usize, K: Copy>(
        residuals: &[L],
        keys: &[K],
        bin_of: impl Fn(K) -> EncoderBin<L>,
        writer: &mut Prepender<'_>,
    ) {
        let prepend = |residual: L, key: K, writer: &mut Prepender<'_>| {
            let bin = bin_of(key);
            writer.prepend((residual - bin.lower).to_u64(), u32::from(bin.offset_bits));
        };
        let (groups, rest) = residuals.as_chunks::<PER_FLUSH>();
        let (key_groups, key_rest) = keys.as_chunks::<PER_FLUSH>();
        for (&residual, &key) in rest.iter().zip(key_rest).rev() {
            prepend(residual, key, writer);
            writer.flush();
        }
        for (residuals, keys) in groups.iter().zip(key_groups).rev() {
            for i in (0..PER_FLUSH).rev() {
                prepend(residuals[i], keys[i], writer);
            }
            writer.flush();
        }
    }

    /// Prepends offsets in two fields each.
    #[inline(always)]
    fn prepend_wide_offsets<K: Copy>(
        residuals: &[L],
        keys: &[K],
        bin_of: impl Fn(K) -> EncoderBin<L>,
        writer: &mut Prepender<'_>,
    ) {
        for (&residual, &key) in residuals.iter().zip(keys).rev() {
            let bin = bin_of(key);
            let offset = (residual - bin.lower).to_u64();
            let offset_bits = u32::from(bin.offset_bits);
            let low_bits = offset_bits.min(32);
            writer.prepend(offset >> low_bits, offset_bits - low_bits);
            writer.flush();
            writer.prepend(offset & ((1 << low_bits) - 1), low_bits);
            writer.flush();
        }
    }

    /// Prepends the tANS bits of symbols.
    #[inline(always)]
    fn prepend_symbols<Z: Tier, S: Copy>(
        &mut self,
        tier: Z,
        symbols: &[S],
        step_of: impl Fn(S) -> SymbolStep,
        writer: &mut Prepender<'_>,
    ) {
        let successors = &self.var.trained.table.successors[..];
        let step = |state: &mut u32, symbol: S, writer: &mut Prepender<'_>| {
            let step = step_of(symbol);
            let n_bits = (*state + step.bits_bias) >> 16;
            writer.prepend(tier.low_bits(u64::from(*state), u64::from(n_bits)), n_bits);
            let successor = (*state >> n_bits).wrapping_add_signed(step.successor_bias);
            *state = u32::from(successors[successor as usize]);
        };
        let (groups, rest) = symbols.as_chunks::<N_STATES>();
        for (state, &symbol) in self.states.iter_mut().zip(rest).rev() {
            step(state, symbol, writer);
        }
        writer.flush();
        let [mut s0, mut s1, mut s2, mut s3] = self.states;
        for group in groups.iter().rev() {
            step(&mut s3, group[3], writer);
            step(&mut s2, group[2], writer);
            step(&mut s1, group[1], writer);
            step(&mut s0, group[0], writer);
            writer.flush();
        }
        self.states = [s0, s1, s2, s3];
    }

    fn write_meta(&self, writer: &mut BitWriter<'_>) {
        let size_log = self.var.trained.table.size_log;
        write_var(writer, size_log, self.var.state, self.stored_states());
    }

    /// The states as a decoder counts them.
    fn stored_states(&self) -> [u32; N_STATES] {
        let size = 1 << self.var.trained.table.size_log;
        self.states.map(|state| state - size)
    }

    fn max_bits(&self) -> u64 {
        let trained = self.var.trained;
        trained
            .max_bits(self.var.residuals.len())
            .min(trained.most_bits)
    }
}

/// The tANS states at the start of a batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TracePoint {
    pub(crate) batch: usize,
    /// Bits of the body from there on.
    pub(crate) bits_to_end: u64,
    pub(crate) primary: [u32; N_STATES],
    pub(crate) secondary: [u32; N_STATES],
}

/// Where an encoder passed by, for row indexes.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    /// At multiples of [`N_BATCHES`](Self::N_BATCHES), the last batch first.
    pub(crate) points: Vec<TracePoint>,
    /// Where the body ends, in bits from the start of the page.
    pub(crate) end_bit: u64,
}

impl Trace {
    /// Batches between two points.
    pub(crate) const N_BATCHES: usize = (1 << MIN_SPACING_LOG) / BATCH_N;
}

/// All batches of a page.
struct Body<'a, 'p, 'w, P, S> {
    n: usize,
    encoding: &'p Delta,
    delta: &'a mut Option<VarEncoder<'p, u32>>,
    primary: &'a mut VarEncoder<'p, P>,
    secondary: &'a mut Option<VarEncoder<'p, S>>,
    trace: Option<&'a mut Trace>,
    writer: Prepender<'w>,
}

impl<'w, P: Latent, S: Latent> Kernel for Body<'_, '_, 'w, P, S> {
    /// By value and back, so that its fields live in registers.
    type Output = Prepender<'w>;
    #[inline(always)]
    fn run<Z: Tier>(mut self, tier: Z) -> Prepender<'w> {
        let mut writer = self.writer;
        for batch in (0..self.n.div_ceil(BATCH_N)).rev() {
            let coded = self.encoding.coded_n(self.n - batch * BATCH_N);
            if let Some(secondary) = self.secondary {
                secondary.prepend_batch(tier, coded.secondary, &mut writer);
            }
            self.primary.prepend_batch(tier, coded.primary, &mut writer);
            if let Some(delta) = self.delta {
                delta.prepend_batch(tier, coded.delta, &mut writer);
            }
            if let Some(trace) = &mut self.trace
                && batch % Trace::N_BATCHES == 0
            {
                let secondary = self.secondary.as_ref();
                trace.points.push(TracePoint {
                    batch,
                    bits_to_end: writer.n_bits(),
                    primary: self.primary.stored_states(),
                    secondary: secondary.map_or([0; N_STATES], |var| var.stored_states()),
                });
            }
        }
        writer
    }
}

/// Appends a page to `dst`; `buffer` is scratch, to be kept for the next page.
pub(crate) fn encode_page<P: Latent, S: Latent>(
    isa: Isa,
    vars: PageVars<'_, P, S>,
    buffer: &mut Vec<u8>,
    dst: &mut Vec<u8>,
    mut trace: Option<&mut Trace>,
) {
    let mut delta = vars.delta.map(VarEncoder::new);
    let mut primary = VarEncoder::new(vars.primary);
    let mut secondary = vars.secondary.map(VarEncoder::new);
    let max_bits = delta.as_ref().map_or(0, VarEncoder::max_bits)
        + primary.max_bits()
        + secondary.as_ref().map_or(0, VarEncoder::max_bits);
    let len = max_bits.div_ceil(8) as usize + Prepender::SLACK_BYTES;
    if buffer.len() < len {
        // Fresh zeros from the allocator cost nothing until they are touched.
        *buffer = vec![0; len];
    }
    let writer = isa.run(Body {
        n: vars.n,
        encoding: vars.encoding,
        delta: &mut delta,
        primary: &mut primary,
        secondary: &mut secondary,
        trace: trace.as_deref_mut(),
        writer: Prepender::new(buffer),
    });

    let start = dst.len();
    let mut meta = BitWriter::new(dst);
    if let Some(delta) = &delta {
        delta.write_meta(&mut meta);
    }
    primary.write_meta(&mut meta);
    if let Some(secondary) = &secondary {
        secondary.write_meta(&mut meta);
    }
    meta.align();
    if let Some(trace) = trace {
        trace.end_bit = (dst.len() - start) as u64 * 8 + writer.n_bits();
    }
    writer.finish(dst);
}
