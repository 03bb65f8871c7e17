//! Chunk metadata: mode, delta encoding, and the bins of each latent variable (wire format section 1.3).

use super::{FormatVersion, MAX_DICT_LEN_BITS};
use crate::bits::{BitReader, BitWriter};
use crate::dtype::{Latent, Number};
use crate::entropy;
use crate::error::{Error, Result};

/// How numbers are made of latents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode<L> {
    /// The number's own latent.
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeltaEncoding {
    /// Latents as they are.
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
pub struct LatentVarMeta {
    /// Width of its latents: 8, 16, 32 or 64 bits.
    pub latent_bits: u32,
    /// Entries of the tANS table, as a power of two: the sum of the weights.
    pub ans_size_log: u32,
    /// At most as many as the table has entries; none only where nothing is stored.
    pub bins: Vec<Bin>,
}

/// All that the pages of a chunk share. It does not name the number type: whoever stores it must.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChunkMeta<L> {
    /// How numbers are made of latents.
    pub mode: Mode<L>,
    /// How a page's latents are made of residuals.
    pub delta: DeltaEncoding,
    /// The distances of `Lookback`, 32 bits each.
    pub delta_var: Option<LatentVarMeta>,
    /// The first latent of each number: 32 bits wide in `Dict`, else as wide as the number.
    pub primary: LatentVarMeta,
    /// The second latent of each number, in modes that have one.
    pub secondary: Option<LatentVarMeta>,
}

impl<L> Mode<L> {
    /// Whether numbers have a second latent.
    #[must_use]
    pub fn has_secondary(&self) -> bool {
        matches!(
            self,
            Self::IntMult { .. } | Self::FloatMult { .. } | Self::FloatQuant { .. }
        )
    }
}

impl DeltaEncoding {
    /// Latents that each page stores before the first that is coded, for a variable that is delta encoded.
    #[must_use]
    pub fn state_n(&self) -> usize {
        match self {
            Self::None => 0,
            Self::Consecutive { order, .. } => *order as usize,
            Self::Lookback { state_n_log, .. } => 1 << state_n_log,
            Self::Conv1(conv) => conv.weights.len(),
        }
    }

    /// The same for the secondary latent variable.
    #[must_use]
    pub fn secondary_state_n(&self) -> usize {
        match self {
            Self::Consecutive {
                secondary: true, ..
            }
            | Self::Lookback {
                secondary: true, ..
            } => self.state_n(),
            _ => 0,
        }
    }
}

/// Bits of the field that holds `offset_bits` of a latent variable: enough for 0 to `latent_bits`.
pub(crate) fn offset_bits_width(latent_bits: u32) -> u32 {
    u32::BITS - latent_bits.leading_zeros()
}

impl LatentVarMeta {
    fn read(reader: &mut BitReader<'_>, latent_bits: u32) -> Result<Self> {
        let ans_size_log = reader.read_u32(4)?;
        let n_bins = reader.read_u32(15)? as usize;
        if n_bins > 1 << ans_size_log {
            return Err(reader.corrupt(format!(
                "{n_bins} bins do not fit into a tANS table of 2^{ans_size_log}"
            )));
        }
        if n_bins == 1 && ans_size_log > 0 {
            return Err(reader.corrupt("a single bin with a tANS table of more than one entry"));
        }
        if ans_size_log > entropy::MAX_SIZE_LOG {
            return Err(reader.corrupt(format!("a tANS table of 2^{ans_size_log} entries")));
        }
        let bin_bits = ans_size_log + latent_bits + offset_bits_width(latent_bits);
        let most = reader.remaining_bits() / u64::from(bin_bits);
        let mut bins = Vec::with_capacity(n_bins.min(most as usize));
        for _ in 0..n_bins {
            let weight = reader.read_u32(ans_size_log)? + 1;
            let lower = reader.read(latent_bits)?;
            let offset_bits = reader.read_u32(offset_bits_width(latent_bits))?;
            if offset_bits > latent_bits {
                return Err(reader.corrupt(format!(
                    "a bin with offsets of {offset_bits} bits in latents of {latent_bits}"
                )));
            }
            bins.push(Bin {
                weight,
                lower,
                offset_bits,
            });
        }
        let weight: u64 = bins.iter().map(|bin| u64::from(bin.weight)).sum();
        if weight.max(u64::from(n_bins == 0)) != 1 << ans_size_log {
            return Err(reader.corrupt(format!(
                "bin weights add up to {weight} in a tANS table of 2^{ans_size_log}"
            )));
        }
        Ok(Self {
            latent_bits,
            ans_size_log,
            bins,
        })
    }

    fn write(&self, writer: &mut BitWriter<'_>) {
        writer.write(u64::from(self.ans_size_log), 4);
        writer.write(self.bins.len() as u64, 15);
        for bin in &self.bins {
            writer.write(u64::from(bin.weight - 1), self.ans_size_log);
            writer.write(bin.lower, self.latent_bits);
            writer.write(
                u64::from(bin.offset_bits),
                offset_bits_width(self.latent_bits),
            );
        }
    }
}

impl<L: Latent> Mode<L> {
    fn read(reader: &mut BitReader<'_>, version: FormatVersion) -> Result<Self> {
        match reader.read(4)? {
            0 => Ok(Self::Classic),
            1 if !version.has_int_mult() => {
                Err(reader.corrupt("mode 1 of format version 0, which no released version reads"))
            }
            1 => {
                let base: L = reader.read_latent()?;
                if base == L::zero() {
                    return Err(reader.corrupt("IntMult with a base of 0"));
                }
                Ok(Self::IntMult { base })
            }
            2 => Ok(Self::FloatMult {
                base: reader.read_latent()?,
            }),
            3 => Ok(Self::FloatQuant {
                k: reader.read_u32(8)?,
            }),
            4 => {
                let len = reader.read(MAX_DICT_LEN_BITS)? as usize;
                reader.align()?;
                if (len as u64) * u64::from(L::BITS) > reader.remaining_bits() {
                    return Err(Error::truncated("dictionary").at(reader.byte() as u64));
                }
                let values = (0..len)
                    .map(|_| reader.read_latent())
                    .collect::<Result<_>>()?;
                Ok(Self::Dict { values })
            }
            variant => Err(reader.corrupt(format!("mode {variant}"))),
        }
    }

    fn write(&self, writer: &mut BitWriter<'_>) {
        match self {
            Self::Classic => writer.write(0, 4),
            Self::IntMult { base } => {
                writer.write(1, 4);
                writer.write_latent(*base);
            }
            Self::FloatMult { base } => {
                writer.write(2, 4);
                writer.write_latent(*base);
            }
            Self::FloatQuant { k } => {
                writer.write(3, 4);
                writer.write(u64::from(*k), 8);
            }
            Self::Dict { values } => {
                writer.write(4, 4);
                writer.write(values.len() as u64, MAX_DICT_LEN_BITS);
                writer.align();
                values.iter().for_each(|&value| writer.write_latent(value));
            }
        }
    }

    /// Refuses a mode that the number type does not have, and parameters outside its range.
    fn check<T: Number<Latent = L>>(&self) -> Result<()> {
        let number_type = T::NUMBER_TYPE;
        match (self, T::MANTISSA_BITS) {
            (Self::Classic | Self::Dict { .. }, _) | (Self::IntMult { .. }, None) => Ok(()),
            (Self::FloatMult { base }, Some(_)) => {
                let base = T::from_latent(*base).to_f64();
                if base.is_finite() && base != 0.0 {
                    return Ok(());
                }
                Err(Error::corrupt(format!("FloatMult with a base of {base}")))
            }
            (Self::FloatQuant { k }, Some(mantissa_bits)) => {
                if (1..=mantissa_bits).contains(k) {
                    return Ok(());
                }
                Err(Error::corrupt(format!(
                    "FloatQuant of {k} bits in {number_type}"
                )))
            }
            _ => Err(Error::corrupt(format!(
                "a mode that {number_type} does not have"
            ))),
        }
    }
}

impl DeltaEncoding {
    fn read(reader: &mut BitReader<'_>, version: FormatVersion) -> Result<Self> {
        if !version.has_delta_variants() {
            let order = reader.read_u32(3)?;
            return Ok(match order {
                0 => Self::None,
                order => Self::Consecutive {
                    order,
                    secondary: false,
                },
            });
        }
        match reader.read(4)? {
            0 => Ok(Self::None),
            1 => {
                let order = reader.read_u32(3)?;
                let secondary = reader.read_bool()?;
                if order == 0 {
                    return Err(reader.corrupt("consecutive deltas of order 0"));
                }
                Ok(Self::Consecutive { order, secondary })
            }
            2 => {
                let window_n_log = reader.read_u32(5)? + 1;
                let state_n_log = reader.read_u32(4)?;
                let secondary = reader.read_bool()?;
                if window_n_log > Self::MAX_WINDOW_N_LOG || state_n_log > window_n_log {
                    return Err(reader.corrupt(format!(
                        "a lookback window of 2^{window_n_log} with a state of 2^{state_n_log}"
                    )));
                }
                Ok(Self::Lookback {
                    window_n_log,
                    state_n_log,
                    secondary,
                })
            }
            3 => {
                let quantization = reader.read_u32(5)?;
                let bias = (reader.read(64)? ^ (1 << 63)) as i64;
                let order = reader.read_u32(5)? + 1;
                let weights = (0..order)
                    .map(|_| Ok((reader.read_u32(32)? ^ (1 << 31)) as i32))
                    .collect::<Result<_>>()?;
                Ok(Self::Conv1(Conv1 {
                    quantization,
                    bias,
                    weights,
                }))
            }
            variant => Err(reader.corrupt(format!("delta encoding {variant}"))),
        }
    }

    /// The widest window that readers accept.
    pub(crate) const MAX_WINDOW_N_LOG: u32 = 24;

    fn write(&self, writer: &mut BitWriter<'_>) {
        match self {
            Self::None => writer.write(0, 4),
            Self::Consecutive { order, secondary } => {
                writer.write(1, 4);
                writer.write(u64::from(*order), 3);
                writer.write_bool(*secondary);
            }
            Self::Lookback {
                window_n_log,
                state_n_log,
                secondary,
            } => {
                writer.write(2, 4);
                writer.write(u64::from(*window_n_log - 1), 5);
                writer.write(u64::from(*state_n_log), 4);
                writer.write_bool(*secondary);
            }
            Self::Conv1(conv) => {
                writer.write(3, 4);
                writer.write(u64::from(conv.quantization), 5);
                writer.write(conv.bias as u64 ^ (1 << 63), 64);
                writer.write(conv.weights.len() as u64 - 1, 5);
                for &weight in &conv.weights {
                    writer.write(u64::from(weight as u32 ^ (1 << 31)), 32);
                }
            }
        }
    }
}

impl Conv1 {
    /// Width of the sum: twice that of the latents, at least 16 bits.
    fn sum_bits(latent_bits: u32) -> u32 {
        latent_bits * 2
    }

    /// Refuses a prediction that latents of this width do not have or whose sum could overflow.
    ///
    /// The bound is computed in `f64`, as the reference does: for 32 bits, integers would accept a little more.
    pub(crate) fn check(&self, latent_bits: u32) -> Result<()> {
        if latent_bits > 32 {
            return Err(Error::corrupt(format!(
                "Conv1 in latents of {latent_bits} bits"
            )));
        }
        let sum_bits = Self::sum_bits(latent_bits);
        if self.quantization > (sum_bits - 1).min(31) {
            return Err(Error::corrupt(format!(
                "Conv1 quantization of {} in sums of {sum_bits} bits",
                self.quantization
            )));
        }
        let weight: f64 = self.weights.iter().map(|&w| f64::from(w).abs()).sum();
        let largest = (self.bias as f64).abs() + 2f64.powi(latent_bits as i32) * weight;
        if largest >= 2f64.powi(sum_bits as i32 - 1) {
            return Err(Error::corrupt("Conv1 weights whose sum could overflow"));
        }
        Ok(())
    }
}

impl<L: Latent> ChunkMeta<L> {
    /// Reads it for numbers of type `T`, and the number of bytes it took.
    pub(crate) fn read<T: Number<Latent = L>>(
        src: &[u8],
        version: FormatVersion,
    ) -> Result<(Self, usize)> {
        let reader = &mut BitReader::new(src, "chunk metadata");
        let mode = Mode::read(reader, version)?;
        let delta = DeltaEncoding::read(reader, version)?;
        let delta_var = match delta {
            DeltaEncoding::Lookback { .. } => Some(LatentVarMeta::read(reader, u32::BITS)?),
            _ => None,
        };
        let primary_bits = if matches!(mode, Mode::Dict { .. }) {
            u32::BITS
        } else {
            L::BITS
        };
        let primary = LatentVarMeta::read(reader, primary_bits)?;
        let secondary = match mode.has_secondary() {
            true => Some(LatentVarMeta::read(reader, L::BITS)?),
            false => None,
        };
        let n_bytes = reader.align()?;
        let meta = Self {
            mode,
            delta,
            delta_var,
            primary,
            secondary,
        };
        meta.check::<T>().map_err(|e| e.at(0))?;
        Ok((meta, n_bytes))
    }

    fn check<T: Number<Latent = L>>(&self) -> Result<()> {
        self.mode.check::<T>()?;
        match &self.delta {
            DeltaEncoding::Conv1(conv) => conv.check(self.primary.latent_bits),
            DeltaEncoding::Lookback { window_n_log, .. } => {
                let distances = self.delta_var.iter().flat_map(|var| &var.bins);
                let mut lowers = distances.map(|bin| bin.lower);
                if lowers.all(|lower| (1..=1 << window_n_log).contains(&lower)) {
                    return Ok(());
                }
                Err(Error::corrupt("a lookback outside its window"))
            }
            DeltaEncoding::None | DeltaEncoding::Consecutive { .. } => Ok(()),
        }
    }

    /// Appends it in the current version.
    pub(crate) fn write(&self, dst: &mut Vec<u8>) {
        let writer = &mut BitWriter::new(dst);
        self.mode.write(writer);
        self.delta.write(writer);
        for var in self.vars() {
            var.write(writer);
        }
        writer.align();
    }

    /// The latent variables in the order of the format: delta, primary, secondary.
    pub fn vars(&self) -> impl Iterator<Item = &LatentVarMeta> {
        self.delta_var
            .iter()
            .chain([&self.primary])
            .chain(&self.secondary)
    }
}
