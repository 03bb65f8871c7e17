//! Chunk metadata of any version, legal or not (wire format section 1.3).

use super::bits::Bits;

/// A mode as stored: all numbers are ordered latents.
#[derive(Clone, Debug)]
pub enum WireMode {
    Classic,
    IntMult(u64),
    FloatMult(u64),
    FloatQuant(u32),
    Dict(Vec<u64>),
    /// A variant with nothing behind it.
    Other(u64),
}

/// A delta encoding as stored.
#[derive(Clone, Debug)]
pub enum WireDelta {
    None,
    Consecutive {
        order: u32,
        secondary: bool,
    },
    Lookback {
        window_n_log: u32,
        state_n_log: u32,
        secondary: bool,
    },
    Conv1 {
        quantization: u32,
        bias: i64,
        weights: Vec<i32>,
    },
    /// A variant with nothing behind it.
    Other(u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WireBin {
    pub weight: u32,
    pub lower: u64,
    pub offset_bits: u32,
}

#[derive(Clone, Debug)]
pub struct WireVar {
    pub bits: u32,
    pub ans_size_log: u32,
    pub bins: Vec<WireBin>,
}

#[derive(Clone, Debug)]
pub struct WireMeta {
    pub number_bits: u32,
    pub mode: WireMode,
    pub delta: WireDelta,
    /// In the order of the format: delta, primary, secondary.
    pub vars: Vec<WireVar>,
}

impl WireDelta {
    /// Latents that each page stores before the first that is coded.
    pub fn state_n(&self) -> usize {
        match self {
            Self::None | Self::Other(_) => 0,
            Self::Consecutive { order, .. } => *order as usize,
            Self::Lookback { state_n_log, .. } => 1 << state_n_log,
            Self::Conv1 { weights, .. } => weights.len(),
        }
    }

    pub fn has_secondary(&self) -> bool {
        matches!(
            self,
            Self::Consecutive {
                secondary: true,
                ..
            } | Self::Lookback {
                secondary: true,
                ..
            }
        )
    }

    fn write(&self, major: u8, bits: &mut Bits) {
        if major < 3 {
            let order = match self {
                Self::None => 0,
                Self::Consecutive {
                    order,
                    secondary: false,
                } => *order,
                other => panic!("{other:?} does not exist before version 3"),
            };
            return bits.push(u64::from(order), 3);
        }
        match self {
            Self::None => bits.push(0, 4),
            Self::Consecutive { order, secondary } => {
                bits.push(1, 4);
                bits.push(u64::from(*order), 3);
                bits.push(u64::from(*secondary), 1);
            }
            Self::Lookback {
                window_n_log,
                state_n_log,
                secondary,
            } => {
                bits.push(2, 4);
                bits.push(u64::from(*window_n_log) - 1, 5);
                bits.push(u64::from(*state_n_log), 4);
                bits.push(u64::from(*secondary), 1);
            }
            Self::Conv1 {
                quantization,
                bias,
                weights,
            } => {
                bits.push(3, 4);
                bits.push(u64::from(*quantization), 5);
                bits.push(*bias as u64 ^ 1 << 63, 64);
                bits.push(weights.len() as u64 - 1, 5);
                weights
                    .iter()
                    .for_each(|&weight| bits.push(u64::from(weight as u32 ^ 1 << 31), 32));
            }
            Self::Other(variant) => bits.push(*variant, 4),
        }
    }
}

impl WireMode {
    fn write(&self, number_bits: u32, bits: &mut Bits) {
        match self {
            Self::Classic => bits.push(0, 4),
            Self::IntMult(base) => {
                bits.push(1, 4);
                bits.push(*base, number_bits);
            }
            Self::FloatMult(base) => {
                bits.push(2, 4);
                bits.push(*base, number_bits);
            }
            Self::FloatQuant(k) => {
                bits.push(3, 4);
                bits.push(u64::from(*k), 8);
            }
            Self::Dict(values) => {
                bits.push(4, 4);
                bits.push(values.len() as u64, 25);
                bits.align();
                values
                    .iter()
                    .for_each(|&value| bits.push(value, number_bits));
            }
            Self::Other(variant) => bits.push(*variant, 4),
        }
    }
}

impl WireVar {
    fn write(&self, bits: &mut Bits) {
        bits.push(u64::from(self.ans_size_log), 4);
        bits.push(self.bins.len() as u64, 15);
        let offset_bits_width = self.bits.ilog2() + 1;
        for bin in &self.bins {
            bits.push(u64::from(bin.weight - 1), self.ans_size_log);
            bits.push(bin.lower, self.bits);
            bits.push(u64::from(bin.offset_bits), offset_bits_width);
        }
    }
}

impl WireMeta {
    pub fn write(&self, major: u8, bits: &mut Bits) {
        self.mode.write(self.number_bits, bits);
        self.delta.write(major, bits);
        self.vars.iter().for_each(|var| var.write(bits));
        bits.align();
    }

    /// The bytes in the current version.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bits = Bits::default();
        self.write(4, &mut bits);
        bits.into_bytes()
    }
}
