//! Reads fields from bytes that may be hostile: each is there, or it is an error.

use paginum_wrapped::Latent;

use crate::error::{Error, Result};

/// Bytes, and how many of them were read.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Where the next field starts.
    pub(super) fn position(&self) -> u64 {
        self.at as u64
    }

    /// The next `n` bytes.
    pub(super) fn take(&mut self, n: usize) -> Result<&'a [u8]> {
        let end = self.at.checked_add(n);
        let bytes = end.and_then(|end| self.bytes.get(self.at..end));
        let bytes = bytes.ok_or_else(|| self.corrupt("fields that end early"))?;
        self.at += n;
        Ok(bytes)
    }

    /// The bytes that are left.
    pub(super) fn rest(&self) -> &'a [u8] {
        &self.bytes[self.at..]
    }

    /// The next number of up to 32 bits, seven of them in each byte, the low ones first (LEB128).
    pub(super) fn varint(&mut self) -> Result<u32> {
        let mut n = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.word::<u8>()?;
            n |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                let n = u32::try_from(n);
                return n.map_err(|_| self.corrupt("a number of more than 32 bits"));
            }
        }
        Err(self.corrupt("a number of more than five bytes"))
    }

    /// The next little-endian word.
    pub(super) fn word<L: Latent>(&mut self) -> Result<L> {
        Ok(word_at(self.take(size_of::<L>())?, 0))
    }

    /// Refuses bytes that are left.
    pub(super) fn finish(self) -> Result<()> {
        match self.at == self.bytes.len() {
            true => Ok(()),
            false => Err(self.corrupt("bytes behind the last field")),
        }
    }

    /// An error at the next field.
    pub(super) fn corrupt(&self, what: &'static str) -> Error {
        Error::corrupt(what).at(self.position())
    }
}

/// Little-endian word `i` of `bytes`, which hold it.
#[inline]
pub(super) fn word_at<L: Latent>(bytes: &[u8], i: usize) -> L {
    let size = size_of::<L>();
    L::from_le(bytemuck::pod_read_unaligned(
        &bytes[i * size..(i + 1) * size],
    ))
}

/// Appends a little-endian word.
pub(super) fn push_word<L: Latent>(word: L, out: &mut Vec<u8>) {
    out.extend_from_slice(bytemuck::bytes_of(&word.to_le()));
}

/// Appends a number as [`Cursor::varint`] reads it.
pub(super) fn push_varint(mut n: u32, out: &mut Vec<u8>) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn varints_come_back() {
        for n in [0, 1, 127, 128, 300, 1 << 14, 1 << 28, u32::MAX] {
            let mut bytes = Vec::new();
            push_varint(n, &mut bytes);
            let mut cursor = Cursor::new(&bytes);
            assert_eq!(cursor.varint().unwrap(), n);
            cursor.finish().unwrap();
        }
    }

    #[test]
    fn numbers_without_an_end_are_refused() {
        for bytes in [
            &[][..],
            &[0x80],
            &[0xff; 5],
            &[0xff, 0xff, 0xff, 0xff, 0x1f],
        ] {
            assert!(Cursor::new(bytes).varint().is_err(), "{bytes:?}");
        }
    }
}
