//! What a chunk says of itself, with its number type erased: for people to look at.

use std::ops::Range;

use paginum_wrapped::{Bin, ChunkMeta, DeltaEncoding, LatentVarMeta, Mode, Number};

/// A chunk's metadata, as words and numbers.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ChunkSummary {
    /// Where it lies in the file.
    pub bytes: Range<u64>,
    /// Numbers in it.
    pub n: u32,
    /// Bytes before its page: its preamble and metadata.
    pub meta_bytes: u64,
    /// How numbers become latents: `IntMult(100)`.
    pub mode: String,
    /// How latents become differences: `Consecutive(2)`.
    pub delta: String,
    /// Its latent variables, in the order of the format.
    pub latent_vars: Vec<LatentVarSummary>,
}

/// A latent variable of a chunk.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LatentVarSummary {
    /// `delta`, `primary` or `secondary`.
    pub name: &'static str,
    /// Width of its latents.
    pub latent_bits: u32,
    /// The logarithm of the number of tANS states.
    pub ans_size_log: u32,
    /// Its bins.
    pub bins: Vec<Bin>,
}

impl ChunkSummary {
    pub(super) fn new<T: Number>(
        bytes: Range<u64>,
        n: u32,
        meta_bytes: u64,
        meta: &ChunkMeta<T::Latent>,
    ) -> Self {
        let names = ["delta", "primary", "secondary"]
            .into_iter()
            .skip(usize::from(meta.delta_var.is_none()));
        Self {
            bytes,
            n,
            meta_bytes,
            mode: mode_words::<T>(&meta.mode),
            delta: delta_words(&meta.delta),
            latent_vars: names
                .zip(meta.vars())
                .map(|(name, var)| LatentVarSummary::new(name, var))
                .collect(),
        }
    }
}

impl LatentVarSummary {
    fn new(name: &'static str, var: &LatentVarMeta) -> Self {
        Self {
            name,
            latent_bits: var.latent_bits,
            ans_size_log: var.ans_size_log,
            bins: var.bins.clone(),
        }
    }

    /// The sum of the bins' weights: 2 to the power of `ans_size_log`.
    #[must_use]
    pub fn total_weight(&self) -> u64 {
        1 << self.ans_size_log
    }

    /// Bits that a latent of this bin costs: for its bin, and for its offset in it.
    #[must_use]
    pub fn bits_of(&self, bin: &Bin) -> (f64, f64) {
        let share = f64::from(bin.weight) / self.total_weight() as f64;
        (-share.log2(), f64::from(bin.offset_bits))
    }

    /// Bits that a latent costs in the mean, if the bins are as frequent as their weights say: what tANS is tuned to.
    #[must_use]
    pub fn mean_bits(&self) -> f64 {
        let cost = |bin: &Bin| {
            let (ans_bits, offset_bits) = self.bits_of(bin);
            f64::from(bin.weight) / self.total_weight() as f64 * (ans_bits + offset_bits)
        };
        self.bins.iter().map(cost).sum()
    }
}

fn mode_words<T: Number>(mode: &Mode<T::Latent>) -> String {
    match mode {
        Mode::Classic => "Classic".to_owned(),
        Mode::IntMult { base } => format!("IntMult({base})"),
        Mode::FloatMult { base } => format!("FloatMult({})", T::from_latent(*base)),
        Mode::FloatQuant { k } => format!("FloatQuant({k})"),
        Mode::Dict { values } => format!("Dict({} values)", values.len()),
    }
}

fn delta_words(delta: &DeltaEncoding) -> String {
    let with_secondary = |secondary: bool| {
        if secondary {
            ", also the secondary"
        } else {
            ""
        }
    };
    match delta {
        DeltaEncoding::None => "None".to_owned(),
        DeltaEncoding::Consecutive { order, secondary } => {
            format!("Consecutive({order}{})", with_secondary(*secondary))
        }
        DeltaEncoding::Lookback {
            window_n_log,
            secondary,
            ..
        } => format!("Lookback(2^{window_n_log}{})", with_secondary(*secondary)),
        DeltaEncoding::Conv1(conv) => format!("Conv1({})", conv.weights.len()),
    }
}
