//! What a chunk of numbers says of itself, with its number type erased: for people to look at.
//!
//! Bins are ranges of latents, which mean little to people. Where mode and delta encoding allow, their bounds are told in
//! the numbers' own units: numbers, or how far these are from what was predicted.

use crate::text::counted;
use paginum_wrapped::{Bin, ChunkModel, Delta, Latent, LatentVar, Mode, Number, NumberType, f16};

/// A chunk's metadata, as words and numbers.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ChunkSummary {
    /// Where its metadata lie in the file.
    pub offset: u64,
    /// Bytes of its metadata.
    pub meta_bytes: u64,
    /// Bytes of its metadata and pages.
    pub bytes: u64,
    /// Numbers of each of its pages.
    pub pages: Vec<u32>,
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
    /// What the bounds of its bins are: `differences, multiples of 100`.
    pub unit: String,
    /// Its bins, in the order of the file.
    pub bins: Vec<BinSummary>,
}

/// A bin of a latent variable.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct BinSummary {
    /// As the file has it.
    pub bin: Bin,
    /// The least that it may hold, in the unit of its variable.
    pub lower: Bound,
    /// The most that it may hold.
    pub upper: Bound,
}

/// A bound of a bin.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Bound {
    /// A whole number.
    Int(i128),
    /// A float of 16 bits.
    F16(f16),
    /// A float of 32 bits.
    F32(f32),
    /// A float of 64 bits.
    F64(f64),
}

impl Bound {
    /// The nearest number of 64 bits.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        match self {
            Self::Int(value) => value as f64,
            Self::F16(value) => value.into(),
            Self::F32(value) => value.into(),
            Self::F64(value) => value,
        }
    }

    /// The number of which this is the ordered latent.
    fn number(number_type: NumberType, latent: u64) -> Self {
        use NumberType::{F16, F32, F64, I8, I16, I32, I64, U8, U16, U32, U64};
        let middle = 1_u64 << (8 * number_type.size_bytes() - 1);
        let float_bits = if latent & middle != 0 {
            latent ^ middle
        } else {
            !latent
        };
        match number_type {
            U8 | U16 | U32 | U64 => Self::Int(latent.into()),
            I8 | I16 | I32 | I64 => Self::Int(i128::from(latent) - i128::from(middle)),
            F16 => Self::F16(f16::from_bits(float_bits as u16)),
            F32 => Self::F32(f32::from_bits(float_bits as u32)),
            F64 => Self::F64(f64::from_bits(float_bits)),
        }
    }
}

/// What the latents of a variable mean.
#[derive(Clone, Copy, Debug)]
enum Meaning<T: Number> {
    /// Numbers, by their ordered latents.
    Numbers,
    /// Ordered latents without their last bits.
    Quantized { k: u32 },
    /// Ordered latents divided by a base.
    Multiples { base: u64 },
    /// What is to be multiplied by a float.
    FloatMultiples { base: T },
    /// Differences of such.
    FloatDifferences { base: T },
    /// Unsigned integers.
    Plain,
    /// Signed integers, times a factor.
    Signed { times: u64 },
}

impl<T: Number> Meaning<T> {
    /// What a latent of so many bits means.
    fn bound(self, latent_bits: u32, latent: u64) -> Bound {
        let number = |latent| Bound::number(T::NUMBER_TYPE, latent);
        let signed = i128::from(latent) - (1_i128 << (latent_bits - 1));
        let largest = u64::MAX >> (u64::BITS - latent_bits);
        match self {
            Self::Numbers => number(latent),
            Self::Quantized { k } => {
                let low = (1_u64 << k) - 1;
                let high = latent.min(largest >> k) << k;
                let is_negative = high >> (latent_bits - 1) == 0;
                // The last bits of the float are zero: those of a negative one's ordered latent are not.
                number(if is_negative { high | low } else { high })
            }
            Self::Multiples { base } => number(latent.saturating_mul(base).min(largest)),
            Self::FloatMultiples { base } => {
                number(T::int_float_times(T::Latent::from_u64(latent), base).to_u64())
            }
            Self::FloatDifferences { base } => number(
                T::from_f64(signed as f64 * base.to_f64())
                    .to_latent()
                    .to_u64(),
            ),
            Self::Plain => Bound::Int(latent.into()),
            Self::Signed { times } => Bound::Int(signed * i128::from(times)),
        }
    }
}

/// What differences by an encoding are called.
fn differences(delta: &Delta) -> String {
    match delta {
        Delta::None | Delta::Consecutive { order: 1, .. } => "differences".to_owned(),
        Delta::Consecutive { order, .. } => format!("differences of order {order}"),
        Delta::Lookback { .. } => "differences from the one looked back to".to_owned(),
        Delta::Conv1(_) => "differences from the prediction".to_owned(),
    }
}

/// What the bounds of the primary latent variable are, in words and in effect.
fn primary<T: Number>(meta: &ChunkModel<T::Latent>) -> (String, Meaning<T>) {
    let is_float = T::MANTISSA_BITS.is_some();
    let is_delta = meta.delta != Delta::None;
    let differences = differences(&meta.delta);
    match &meta.mode {
        Mode::Classic if !is_delta => ("numbers".to_owned(), Meaning::Numbers),
        Mode::Classic if is_float => (
            format!("{differences}, in units in the last place"),
            Meaning::Signed { times: 1 },
        ),
        Mode::Classic => (differences, Meaning::Signed { times: 1 }),
        Mode::IntMult { base } => {
            let times = base.to_u64();
            match is_delta {
                false => (
                    format!("numbers, multiples of {base}"),
                    Meaning::Multiples { base: times },
                ),
                true => (
                    format!("{differences}, multiples of {base}"),
                    Meaning::Signed { times },
                ),
            }
        }
        Mode::FloatMult { base } => {
            let base = T::from_latent(*base);
            match is_delta {
                false => (
                    format!("numbers, multiples of {base}"),
                    Meaning::FloatMultiples { base },
                ),
                true => (
                    format!("{differences}, multiples of {base}"),
                    Meaning::FloatDifferences { base },
                ),
            }
        }
        Mode::FloatQuant { k } => match is_delta {
            false => (
                format!("numbers, without their last {}", bits(*k)),
                Meaning::Quantized { k: *k },
            ),
            true => (
                format!("{differences}, in units of the last bit but {k}"),
                Meaning::Signed { times: 1 },
            ),
        },
        Mode::Dict { .. } if !is_delta => {
            ("indices into the dictionary".to_owned(), Meaning::Plain)
        }
        Mode::Dict { .. } => (
            format!("{differences} of indices into the dictionary"),
            Meaning::Signed { times: 1 },
        ),
    }
}

/// The same of the secondary latent variable.
fn secondary<T: Number>(meta: &ChunkModel<T::Latent>) -> (String, Meaning<T>) {
    let is_delta = meta.delta.secondary_state_n() > 0;
    let unit = match &meta.mode {
        Mode::IntMult { base } => format!("rests of a division by {base}"),
        Mode::FloatQuant { k } => format!("last {} of the numbers", bits(*k)),
        _ => "units in the last place".to_owned(),
    };
    let is_signed = is_delta || matches!(meta.mode, Mode::FloatMult { .. });
    let meaning = match is_signed {
        true => Meaning::Signed { times: 1 },
        false => Meaning::Plain,
    };
    match is_delta {
        true => (format!("differences of {unit}"), meaning),
        false => (unit, meaning),
    }
}

fn bits(n: u32) -> String {
    format!("{n} bit{}", if n == 1 { "" } else { "s" })
}

impl ChunkSummary {
    /// What a chunk of `T` is made of, from where it lies.
    pub(crate) fn new<T: Number>(
        offset: u64,
        meta_bytes: u64,
        bytes: u64,
        pages: Vec<u32>,
        meta: &ChunkModel<T::Latent>,
    ) -> Self {
        let var = |name, var: &LatentVar, (unit, meaning): (String, Meaning<T>)| {
            let bins = var.bins.iter().map(|bin| {
                let bits = var.latent_bits;
                let upper = upper(bin, bits);
                BinSummary {
                    bin: *bin,
                    lower: meaning.bound(bits, bin.lower),
                    upper: meaning.bound(bits, upper),
                }
            });
            LatentVarSummary {
                name,
                latent_bits: var.latent_bits,
                ans_size_log: var.ans_size_log,
                unit,
                bins: bins.collect(),
            }
        };
        let distances = || {
            (
                "distances of the numbers looked back to".to_owned(),
                Meaning::Plain,
            )
        };
        let vars = [
            meta.delta_var
                .as_ref()
                .map(|of| var("delta", of, distances())),
            Some(var("primary", &meta.primary, primary(meta))),
            meta.secondary
                .as_ref()
                .map(|of| var("secondary", of, secondary(meta))),
        ];
        Self {
            offset,
            meta_bytes,
            bytes,
            pages,
            mode: mode_words::<T>(&meta.mode),
            delta: delta_words(&meta.delta),
            latent_vars: vars.into_iter().flatten().collect(),
        }
    }

    /// Numbers in it.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.pages.iter().copied().map(u64::from).sum()
    }
}

impl LatentVarSummary {
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
        self.bins.iter().map(|bin| cost(&bin.bin)).sum()
    }
}

/// The largest latent, of so many bits, that a bin may hold.
fn upper(bin: &Bin, latent_bits: u32) -> u64 {
    let span = match bin.offset_bits {
        0 => 0,
        bits => u64::MAX >> (u64::BITS - bits),
    };
    let largest = u64::MAX >> (u64::BITS - latent_bits);
    bin.lower.saturating_add(span).min(largest)
}

fn mode_words<T: Number>(mode: &Mode<T::Latent>) -> String {
    match mode {
        Mode::Classic => "Classic".to_owned(),
        Mode::IntMult { base } => format!("IntMult({base})"),
        Mode::FloatMult { base } => format!("FloatMult({})", T::from_latent(*base)),
        Mode::FloatQuant { k } => format!("FloatQuant({k})"),
        Mode::Dict { values } => format!("Dict({})", counted(values.len(), "value")),
    }
}

fn delta_words(delta: &Delta) -> String {
    let with_secondary = |secondary: bool| {
        if secondary {
            ", also the secondary"
        } else {
            ""
        }
    };
    match delta {
        Delta::None => "None".to_owned(),
        Delta::Consecutive { order, secondary } => {
            format!("Consecutive({order}{})", with_secondary(*secondary))
        }
        Delta::Lookback {
            window_n_log,
            secondary,
            ..
        } => format!("Lookback(2^{window_n_log}{})", with_secondary(*secondary)),
        Delta::Conv1(conv) => format!("Conv1({})", conv.weights.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound<T: Number>(meaning: Meaning<T>, number: T) -> Bound {
        meaning.bound(T::Latent::BITS, number.to_latent().to_u64())
    }

    #[test]
    fn latents_of_numbers_are_the_numbers() {
        assert_eq!(bound(Meaning::Numbers, -5_i8), Bound::Int(-5));
        assert_eq!(
            bound(Meaning::Numbers, i64::MIN),
            Bound::Int(i64::MIN.into())
        );
        assert_eq!(
            bound(Meaning::Numbers, u64::MAX),
            Bound::Int(u64::MAX.into())
        );
        assert_eq!(bound(Meaning::Numbers, -1.5_f32), Bound::F32(-1.5));
        assert_eq!(bound(Meaning::Numbers, 1e300_f64), Bound::F64(1e300));
        let half = f16::from_f32(-0.5);
        assert_eq!(bound(Meaning::Numbers, half), Bound::F16(half));
    }

    #[test]
    fn differences_have_signs() {
        let differences = Meaning::<i32>::Signed { times: 1 };
        assert_eq!(differences.bound(32, (1 << 31) - 3), Bound::Int(-3));
        assert_eq!(differences.bound(32, (1 << 31) + 3), Bound::Int(3));
        let multiples = Meaning::<u64>::Signed { times: 100 };
        assert_eq!(multiples.bound(64, (1 << 63) - 1), Bound::Int(-100));
        assert_eq!(
            multiples.bound(64, u64::MAX),
            Bound::Int(i128::from(i64::MAX) * 100)
        );
    }

    #[test]
    fn multiples_are_told_in_numbers() {
        let latent = |number: i32| number.to_latent() as u64 / 100;
        let multiples = Meaning::<i32>::Multiples { base: 100 };
        // The base counts from the least number on.
        assert_eq!(multiples.bound(32, latent(250)), Bound::Int(152));
        assert_eq!(
            multiples.bound(32, u64::from(u32::MAX)),
            Bound::Int(i32::MAX.into())
        );
        let multiples = Meaning::<f64>::FloatMultiples { base: 0.25 };
        assert_eq!(multiples.bound(64, (1 << 63) + 7), Bound::F64(1.75));
        assert_eq!(multiples.bound(64, (1 << 63) - 1), Bound::F64(-0.0));
        let differences = Meaning::<f32>::FloatDifferences { base: 0.25 };
        assert_eq!(differences.bound(32, (1 << 31) - 3), Bound::F32(-0.75));
    }

    #[test]
    fn quantized_floats_end_in_zeroes() {
        let quantized = Meaning::<f32>::Quantized { k: 13 };
        for number in [1.5_f32, -1.5, 0.0, 1024.0, -3_407_872.0] {
            let high = number.to_latent() >> 13;
            assert_eq!(quantized.bound(32, high.into()), Bound::F32(number));
        }
        assert!(matches!(quantized.bound(32, u64::from(u32::MAX)), Bound::F32(x) if x.is_nan()));
    }

    #[test]
    fn a_bin_ends_where_its_latents_do() {
        let bin = |lower, offset_bits| Bin {
            weight: 1,
            lower,
            offset_bits,
        };
        assert_eq!(upper(&bin(5, 0), 8), 5);
        assert_eq!(upper(&bin(5, 3), 8), 12);
        assert_eq!(upper(&bin(250, 3), 8), 255);
        assert_eq!(upper(&bin(5, 64), 64), u64::MAX);
    }
}
