//! Delta encodings (wire format section 1.3).

use super::FormatVersion;
use crate::bits::{BitReader, BitWriter};
use crate::error::Result;
use crate::model::{Conv1, Delta};

/// The widest window that readers accept.
const MAX_WINDOW_N_LOG: u32 = 24;

/// Reads a delta encoding.
pub(super) fn read(reader: &mut BitReader<'_>, version: FormatVersion) -> Result<Delta> {
    if !version.has_delta_variants() {
        let order = reader.read_u32(3)?;
        return Ok(match order {
            0 => Delta::None,
            order => Delta::Consecutive {
                order,
                secondary: false,
            },
        });
    }
    match reader.read(4)? {
        0 => Ok(Delta::None),
        1 => {
            let order = reader.read_u32(3)?;
            let secondary = reader.read_bool()?;
            if order == 0 {
                return Err(reader.corrupt("consecutive deltas of order 0"));
            }
            Ok(Delta::Consecutive { order, secondary })
        }
        2 => {
            let window_n_log = reader.read_u32(5)? + 1;
            let state_n_log = reader.read_u32(4)?;
            let secondary = reader.read_bool()?;
            if window_n_log > MAX_WINDOW_N_LOG || state_n_log > window_n_log {
                return Err(reader.corrupt(format!(
                    "a lookback window of 2^{window_n_log} with a state of 2^{state_n_log}"
                )));
            }
            Ok(Delta::Lookback {
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
            Ok(Delta::Conv1(Conv1 {
                quantization,
                bias,
                weights,
            }))
        }
        variant => Err(reader.corrupt(format!("delta encoding {variant}"))),
    }
}

/// Appends it.
pub(super) fn write(delta: &Delta, writer: &mut BitWriter<'_>) {
    match delta {
        Delta::None => writer.write(0, 4),
        Delta::Consecutive { order, secondary } => {
            writer.write(1, 4);
            writer.write(u64::from(*order), 3);
            writer.write_bool(*secondary);
        }
        Delta::Lookback {
            window_n_log,
            state_n_log,
            secondary,
        } => {
            writer.write(2, 4);
            writer.write(u64::from(*window_n_log - 1), 5);
            writer.write(u64::from(*state_n_log), 4);
            writer.write_bool(*secondary);
        }
        Delta::Conv1(conv) => {
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
