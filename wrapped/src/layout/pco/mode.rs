//! Modes (wire format section 1.3).

use super::FormatVersion;
use crate::bits::{BitReader, BitWriter};
use crate::dtype::Latent;
use crate::error::{Error, Result};
use crate::model::Mode;

/// The largest dictionary: its length field has 25 bits.
const MAX_DICT_LEN_BITS: u32 = 25;

/// Reads a mode; its parameters are unchecked.
pub(super) fn read<L: Latent>(
    reader: &mut BitReader<'_>,
    version: FormatVersion,
) -> Result<Mode<L>> {
    match reader.read(4)? {
        0 => Ok(Mode::Classic),
        1 if !version.has_int_mult() => {
            Err(reader.corrupt("mode 1 of format version 0, which no released version reads"))
        }
        1 => {
            let base: L = reader.read_latent()?;
            if base == L::zero() {
                return Err(reader.corrupt("IntMult with a base of 0"));
            }
            Ok(Mode::IntMult { base })
        }
        2 => Ok(Mode::FloatMult {
            base: reader.read_latent()?,
        }),
        3 => Ok(Mode::FloatQuant {
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
            Ok(Mode::Dict { values })
        }
        variant => Err(reader.corrupt(format!("mode {variant}"))),
    }
}

/// Appends it.
pub(super) fn write<L: Latent>(mode: &Mode<L>, writer: &mut BitWriter<'_>) {
    match mode {
        Mode::Classic => writer.write(0, 4),
        Mode::IntMult { base } => {
            writer.write(1, 4);
            writer.write_latent(*base);
        }
        Mode::FloatMult { base } => {
            writer.write(2, 4);
            writer.write_latent(*base);
        }
        Mode::FloatQuant { k } => {
            writer.write(3, 4);
            writer.write(u64::from(*k), 8);
        }
        Mode::Dict { values } => {
            writer.write(4, 4);
            writer.write(values.len() as u64, MAX_DICT_LEN_BITS);
            writer.align();
            values.iter().for_each(|&value| writer.write_latent(value));
        }
    }
}
