//! Header and preambles of the standalone format.

use crate::bits::{BitReader, BitWriter};
use crate::dtype::NumberType;
use crate::error::{Error, Result};
use crate::layout::pco::FormatVersion;

/// First bytes of every standalone file.
pub(super) const MAGIC: [u8; 4] = *b"pco!";
/// Stands where a chunk's type would.
pub(super) const TERMINATOR: u8 = 0;
/// Bytes of it.
pub(super) const TERMINATOR_BYTES: usize = 1;
/// Version of the standalone layout that is written.
const VERSION: u8 = 3;
/// Bits of the count in a chunk's preamble, which holds the count less one.
const COUNT_BITS: u32 = 24;
/// Bytes of a chunk's preamble.
pub(super) const PREAMBLE_BYTES: usize = 4;

/// What stands in front of the chunks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    /// The type of all chunks, where the file commits itself to one.
    pub(super) uniform_type: Option<NumberType>,
    /// How many numbers the writer expected; not to be trusted.
    pub(super) n_hint: u64,
    pub(super) format: FormatVersion,
}

impl Header {
    /// Reads it, and the number of bytes it took.
    pub(super) fn read(src: &[u8]) -> Result<(Self, usize)> {
        let rest = src.strip_prefix(&MAGIC).ok_or_else(|| not_pco(src))?;
        let version = *rest
            .first()
            .ok_or_else(|| Error::truncated("standalone header").at(4))?;
        if version > VERSION {
            return Err(Error::unsupported(format!(
                "standalone version {version}; this reader knows up to {VERSION}"
            )));
        }
        // Before version 2 there was nothing here: the byte is the wrapped format's.
        let mut at = MAGIC.len() + usize::from(version >= 2);
        let mut uniform_type = None;
        if version >= 3 {
            let byte = *src
                .get(at)
                .ok_or_else(|| Error::truncated("standalone header").at(at as u64))?;
            if byte != 0 {
                let number_type = NumberType::from_byte(byte);
                uniform_type = Some(number_type.ok_or_else(|| unknown_type(byte).at(at as u64))?);
            }
            at += 1;
        }
        let mut n_hint = 0;
        if version >= 2 {
            let reader = &mut BitReader::new(&src[at..], "standalone header");
            let hint = reader.read_u32(6).and_then(|power| reader.read(power + 1));
            n_hint = hint.map_err(|e| e.shifted(at as u64))?;
            at += reader.align().map_err(|e| e.shifted(at as u64))?;
        }
        let (format, n_bytes) =
            FormatVersion::read(&src[at..]).map_err(|e| e.shifted(at as u64))?;
        Ok((
            Self {
                uniform_type,
                n_hint,
                format,
            },
            at + n_bytes,
        ))
    }

    /// Appends it in the current version.
    pub(super) fn write(&self, dst: &mut Vec<u8>) {
        dst.extend_from_slice(&MAGIC);
        dst.push(VERSION);
        dst.push(self.uniform_type.map_or(0, |number_type| number_type as u8));
        let writer = &mut BitWriter::new(dst);
        let hint_bits = (u64::BITS - self.n_hint.leading_zeros()).max(1);
        writer.write(u64::from(hint_bits - 1), 6);
        writer.write(self.n_hint, hint_bits);
        writer.align();
        self.format.write(dst);
    }
}

/// What stands in front of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Preamble {
    pub(super) number_type: NumberType,
    /// 1 to 2^24.
    pub(super) n: usize,
}

impl Preamble {
    /// Reads it; `None` is the terminator, of one byte.
    pub(super) fn read(src: &[u8]) -> Result<Option<Self>> {
        let truncated = || Error::truncated("chunk or terminator").at(src.len() as u64);
        let byte = *src.first().ok_or_else(truncated)?;
        if byte == TERMINATOR {
            return Ok(None);
        }
        let number_type = NumberType::from_byte(byte).ok_or_else(|| unknown_type(byte).at(0))?;
        let count = src.get(1..PREAMBLE_BYTES).ok_or_else(truncated)?;
        let n = count
            .iter()
            .rev()
            .fold(0, |n, &byte| n << 8 | usize::from(byte))
            + 1;
        Ok(Some(Self { number_type, n }))
    }

    /// Appends it.
    pub(super) fn write(&self, dst: &mut Vec<u8>) {
        debug_assert!((1..=1 << COUNT_BITS).contains(&self.n));
        dst.push(self.number_type as u8);
        dst.extend_from_slice(&(self.n as u32 - 1).to_le_bytes()[..PREAMBLE_BYTES - 1]);
    }
}

#[cold]
fn unknown_type(byte: u8) -> Error {
    Error::corrupt(format!("number type {byte}"))
}

#[cold]
fn not_pco(src: &[u8]) -> Error {
    if MAGIC.starts_with(src) {
        return Error::truncated("standalone header").at(src.len() as u64);
    }
    Error::corrupt("not a standalone pco file").at(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_come_back() {
        for n_hint in [0, 1, 255, 256, u64::MAX] {
            for uniform_type in [None, Some(NumberType::F16)] {
                let header = Header {
                    uniform_type,
                    n_hint,
                    format: FormatVersion::CURRENT,
                };
                let mut bytes = Vec::new();
                header.write(&mut bytes);
                let (back, n_bytes) = Header::read(&bytes).unwrap();
                assert_eq!(
                    (back.uniform_type, back.n_hint, n_bytes),
                    (uniform_type, n_hint, bytes.len())
                );
                for end in 0..bytes.len() {
                    let error = Header::read(&bytes[..end]).unwrap_err();
                    assert!(
                        matches!(error, Error::Truncated { .. }),
                        "{end} bytes: {error}"
                    );
                }
            }
        }
    }

    #[test]
    fn preambles_come_back() {
        for n in [1, 2, 1 << 16, 1 << 24] {
            let preamble = Preamble {
                number_type: NumberType::I8,
                n,
            };
            let mut bytes = Vec::new();
            preamble.write(&mut bytes);
            assert_eq!(Preamble::read(&bytes).unwrap(), Some(preamble));
        }
        assert_eq!(Preamble::read(&[TERMINATOR]).unwrap(), None);
    }
}
