//! What stored numbers mean: those without sign are stored with one, physical values as whole numbers with a scale, truth as
//! letters, bits eight to a byte.

use std::fmt;

use super::header::Header;
use crate::dtype::{DType, Kind};
use crate::error::{Error, Result};

/// Which values the arrays of a file have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Values {
    /// Physical ones: stored numbers times BSCALE or TSCAL, plus BZERO or TZERO, and numbers without sign for what such a
    /// zero says of them. What is blank is NaN, or a row without a value.
    #[default]
    Physical,
    /// The numbers as they are stored.
    Stored,
}

/// What the stored form of an element means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Meaning {
    /// Itself, with the lowest byte first.
    AsStored,
    /// A number of the other sign, whose highest bit is to be turned over.
    OtherSign,
    /// `zero + scale * number`, as doubles; `blank` is not a number.
    Scaled {
        scale: f64,
        zero: f64,
        blank: Option<i64>,
    },
    /// The letter `T` is true, all else is not.
    Logical,
    /// So many bits a row, the highest of each byte first.
    Bits { n: u64 },
}

impl Meaning {
    /// What numbers of a stored type mean under these keywords, of a zero, a scale and a blank.
    ///
    /// # Errors
    /// `Corrupt` for keywords that are no numbers.
    pub(super) fn of(
        header: &Header,
        [zero, scale, blank]: [&str; 3],
        stored: DType,
    ) -> Result<Self> {
        let is_integer = matches!(stored.kind(), Kind::Int | Kind::UInt);
        let blank = match is_integer {
            true => header.integer(blank)?,
            false => None,
        };
        let (zero, scale) = (header.float(zero)?, header.float(scale)?);
        let (zero, scale) = (zero.unwrap_or(0.0), scale.unwrap_or(1.0));
        if stored.kind() == Kind::Complex && (zero, scale) != (0.0, 1.0) {
            return Err(Error::unsupported("scaled complex numbers"));
        }
        let other_sign = match (stored.kind(), stored.item_bytes()) {
            (Kind::UInt, 1) => Some(-128.0),
            (Kind::Int, 2) => Some(f64::from(1 << 15)),
            (Kind::Int, 4) => Some(f64::from(1_u32 << 31)),
            (Kind::Int, 8) => Some(2_f64.powi(63)),
            _ => None,
        };
        Ok(match (scale == 1.0, zero) {
            (true, 0.0) if blank.is_none() => Self::AsStored,
            (true, zero) if Some(zero) == other_sign && blank.is_none() => Self::OtherSign,
            _ => Self::Scaled { scale, zero, blank },
        })
    }

    /// The type of what it means.
    pub(super) fn dtype(self, stored: DType) -> Result<DType> {
        match self {
            // Byte order is a matter of files: arrays have that of most machines.
            Self::AsStored => stored.to_string().replace('>', "<").parse(),
            Self::OtherSign => {
                let letter = if stored.kind() == Kind::Int { 'u' } else { 'i' };
                format!("<{letter}{}", stored.item_bytes()).parse()
            }
            Self::Scaled { .. } => "<f8".parse(),
            Self::Logical | Self::Bits { .. } => "|b1".parse(),
        }
    }

    /// Whether elements are as long as they are stored, and turned into what they mean where they stand.
    pub(super) fn is_in_place(self) -> bool {
        matches!(self, Self::AsStored | Self::OtherSign | Self::Logical)
    }

    /// Turns stored elements into what they mean where they stand.
    pub(super) fn apply(self, elements: &mut [u8], stored: DType) {
        if self == Self::Logical {
            for letter in elements {
                *letter = u8::from(*letter == b'T');
            }
            return;
        }
        let is_other = self == Self::OtherSign;
        match stored.word_bytes() {
            1 if is_other => elements.iter_mut().for_each(|element| *element ^= 0x80),
            2 => turn::<2>(elements, is_other),
            4 => turn::<4>(elements, is_other),
            8 => turn::<8>(elements, is_other),
            _ => {}
        }
    }

    /// Turns stored elements into what they mean. `row_bytes` is the length of a stored row.
    ///
    /// # Errors
    /// `Unsupported` for numbers that have no scale.
    pub(super) fn convert(
        self,
        stored: &[u8],
        dtype: DType,
        row_bytes: usize,
        out: &mut [u8],
    ) -> Result<()> {
        match self {
            Self::Scaled { scale, zero, blank } => scaled(stored, dtype, scale, zero, blank, out),
            Self::Bits { n } => {
                let n = (n as usize).max(1);
                for (row, out) in stored
                    .chunks_exact(row_bytes.max(1))
                    .zip(out.chunks_exact_mut(n))
                {
                    for (i, bit) in out.iter_mut().enumerate() {
                        *bit = row[i / 8] >> (7 - i % 8) & 1;
                    }
                }
                Ok(())
            }
            _ => {
                out.copy_from_slice(stored);
                self.apply(out, dtype);
                Ok(())
            }
        }
    }
}

fn scaled(
    stored: &[u8],
    dtype: DType,
    scale: f64,
    zero: f64,
    blank: Option<i64>,
    out: &mut [u8],
) -> Result<()> {
    let physical = |value: f64| zero + scale * value;
    // A number that is blank is none; there is none like it where nothing is blank.
    let whole = |value: i64| match blank == Some(value) {
        true => f64::NAN,
        false => physical(value as f64),
    };
    match (dtype.kind(), dtype.item_bytes()) {
        (Kind::UInt, 1) => fill(stored, out, |[a]| whole(a.into())),
        (Kind::Int, 1) => fill(stored, out, |[a]| whole((a as i8).into())),
        (Kind::Int, 2) => fill(stored, out, |bytes| whole(i16::from_be_bytes(bytes).into())),
        (Kind::Int, 4) => fill(stored, out, |bytes| whole(i32::from_be_bytes(bytes).into())),
        (Kind::Int, 8) => fill(stored, out, |bytes| whole(i64::from_be_bytes(bytes))),
        (Kind::Float, 4) => fill(stored, out, |bytes| {
            physical(f32::from_be_bytes(bytes).into())
        }),
        (Kind::Float, 8) => fill(stored, out, |bytes| physical(f64::from_be_bytes(bytes))),
        _ => {
            return Err(Error::unsupported(format!(
                "a scale of elements of {dtype}"
            )));
        }
    }
    Ok(())
}

/// Puts the lowest byte of words first, and turns their highest bit over.
fn turn<const N: usize>(elements: &mut [u8], is_other_sign: bool) {
    let sign = if is_other_sign { 0x80 } else { 0 };
    let (words, _) = elements.as_chunks_mut::<N>();
    for word in words {
        word[0] ^= sign;
        word.reverse();
    }
}

fn fill<const N: usize>(stored: &[u8], out: &mut [u8], value: impl Fn([u8; N]) -> f64) {
    let (stored, _) = stored.as_chunks::<N>();
    let (out, _) = out.as_chunks_mut::<8>();
    for (element, out) in stored.iter().zip(out) {
        *out = value(*element).to_le_bytes();
    }
}

impl fmt::Display for Meaning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AsStored | Self::OtherSign => "none",
            Self::Scaled { .. } => "scaled",
            Self::Logical => "logical",
            Self::Bits { .. } => "bits",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meaning(cards: &[&str], stored: &str) -> Meaning {
        let header = Header::of_cards(cards);
        Meaning::of(
            &header,
            ["BZERO", "BSCALE", "BLANK"],
            stored.parse().unwrap(),
        )
        .unwrap()
    }

    #[test]
    fn a_zero_of_half_the_range_changes_the_sign() {
        for (stored, zero, dtype) in [
            ("|u1", "-128", "|i1"),
            (">i2", "32768", "<u2"),
            (">i4", "2147483648.", "<u4"),
            (">i8", "9223372036854775808", "<u8"),
        ] {
            let zero = format!("BZERO   = {zero}");
            let found = meaning(&[&zero, "BSCALE  = 1.0"], stored);
            assert_eq!(found, Meaning::OtherSign, "{stored}");
            let stored = stored.parse().unwrap();
            assert_eq!(found.dtype(stored).unwrap().to_string(), dtype);
            assert!(matches!(
                meaning(&[&zero, "BSCALE  = 2.0"], ">i2"),
                Meaning::Scaled { .. }
            ));
        }
        assert_eq!(
            meaning(&["BSCALE  = 1.0", "BLANK   = 7"], ">f4"),
            Meaning::AsStored
        );
    }

    #[test]
    fn values_are_scaled_and_blanks_are_no_numbers() {
        let found = meaning(&["BZERO   = 10", "BSCALE  = 0.5", "BLANK   = -1"], ">i2");
        let mut out = [0; 24];
        let dtype = ">i2".parse().unwrap();
        found
            .convert(&[0, 4, 0xff, 0xff, 0xff, 0xfe], dtype, 2, &mut out)
            .unwrap();
        let (values, _) = out.as_chunks::<8>();
        let values: Vec<f64> = values
            .iter()
            .map(|bytes| f64::from_le_bytes(*bytes))
            .collect();
        assert_eq!((values[0], values[2]), (12.0, 9.0));
        assert!(values[1].is_nan());
        let mut bits = [9; 10];
        Meaning::Bits { n: 10 }
            .convert(&[0b1010_0000, 0b0100_0000], dtype, 2, &mut bits)
            .unwrap();
        assert_eq!(bits, [1, 0, 1, 0, 0, 0, 0, 0, 0, 1]);
    }
}
