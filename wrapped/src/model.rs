//! What a chunk is: how numbers are made of latents, latents of residuals, and residuals of bins.
//!
//! No bytes, which are `layout`'s, and nothing that is done: what a mode or a delta encoding does stands in `mode` and
//! `delta`, behind methods that are implemented there. So whoever holds a model asks it, and names no variant.

/// How numbers are made of latents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Mode<L> {
    /// The number's own latent.
    #[default]
    Classic,
    /// `primary * base + secondary`; integers only.
    IntMult {
        /// At least 1.
        base: L,
    },
    /// `int_float(primary) * base`, then `secondary` units in the last place; floats only.
    FloatMult {
        /// The ordered latent of a float that is finite and not zero.
        base: L,
    },
    /// `secondary` holds the last `k` bits of the mantissa; floats only.
    FloatQuant {
        /// 1 to the number of mantissa bits.
        k: u32,
    },
    /// `primary` (32 bits) indexes distinct values.
    Dict {
        /// Ordered latents, in any order.
        values: Vec<L>,
    },
}

/// How a page's latents are made of residuals.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Delta {
    /// Latents as they are.
    #[default]
    None,
    /// Sums of sums.
    Consecutive {
        /// 1 to 7.
        order: u32,
        /// Whether the secondary latent variable is encoded so too.
        secondary: bool,
    },
    /// Each latent relative to one that lies a stored distance back.
    Lookback {
        /// The largest distance, as a power of two: 1 to 24.
        window_n_log: u32,
        /// How many latents each page stores before its first, as a power of two; at most `window_n_log`.
        state_n_log: u32,
        /// Whether the secondary latent variable is encoded so too, by the same distances.
        secondary: bool,
    },
    /// Each latent relative to a linear prediction.
    Conv1(Conv1),
}

/// A linear prediction in integers: `max(bias + sum(weights * previous), 0) >> quantization`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conv1 {
    /// Right shift of the sum: 0 to 31.
    pub quantization: u32,
    /// Added to the sum.
    pub bias: i64,
    /// 1 to 32 factors, for the oldest latent first.
    pub weights: Vec<i32>,
}

/// A range of latents that share a symbol of the entropy coder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bin {
    /// Its share of the tANS table, at least 1.
    pub weight: u32,
    /// The smallest latent.
    pub lower: u64,
    /// Bits of the offset that is added to `lower`.
    pub offset_bits: u32,
}

/// How one latent variable is entropy coded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LatentVar {
    /// Width of its latents: 8, 16, 32 or 64 bits.
    pub latent_bits: u32,
    /// Entries of the tANS table, as a power of two: the sum of the weights.
    pub ans_size_log: u32,
    /// At most as many as the table has entries; none only where nothing is stored.
    pub bins: Vec<Bin>,
}

/// All that the pages of a chunk share. It does not name the number type: whoever stores it must.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChunkModel<L> {
    /// How numbers are made of latents.
    pub mode: Mode<L>,
    /// How a page's latents are made of residuals.
    pub delta: Delta,
    /// The distances of `Lookback`, 32 bits each.
    pub delta_var: Option<LatentVar>,
    /// The first latent of each number: 32 bits wide in `Dict`, else as wide as the number.
    pub primary: LatentVar,
    /// The second latent of each number, in modes that have one.
    pub secondary: Option<LatentVar>,
}

impl<L> ChunkModel<L> {
    /// The latent variables in the order in which they are stored: delta, primary, secondary.
    pub fn vars(&self) -> impl Iterator<Item = &LatentVar> {
        self.delta_var
            .iter()
            .chain([&self.primary])
            .chain(&self.secondary)
    }
}

/// Bits that tell any number of `offset_bits` apart: 0 to `latent_bits`.
pub(crate) fn offset_bits_width(latent_bits: u32) -> u32 {
    u32::BITS - latent_bits.leading_zeros()
}
