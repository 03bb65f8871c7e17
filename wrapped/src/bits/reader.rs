//! A checked bit reader for headers and metadata.

use crate::dtype::Latent;
use crate::error::{Error, Result};

/// Reads bit fields from a slice, each read checked against its end.
pub(crate) struct BitReader<'a> {
    src: &'a [u8],
    bit: u64,
    /// What is being read, for errors.
    what: &'static str,
}

impl<'a> BitReader<'a> {
    pub(crate) fn new(src: &'a [u8], what: &'static str) -> Self {
        Self { src, bit: 0, what }
    }

    /// The byte that holds the next bit.
    pub(crate) fn byte(&self) -> usize {
        (self.bit / 8) as usize
    }

    /// Bits that are left.
    pub(crate) fn remaining_bits(&self) -> u64 {
        self.src.len() as u64 * 8 - self.bit
    }

    /// Reads up to 64 bits.
    pub(crate) fn read(&mut self, n_bits: u32) -> Result<u64> {
        debug_assert!(n_bits <= 64);
        if u64::from(n_bits) > self.remaining_bits() {
            return Err(Error::truncated(self.what).at(self.src.len() as u64));
        }
        let first = self.byte();
        let shift = (self.bit % 8) as u32;
        let mut window = [0; 16];
        let n_bytes = (shift + n_bits).div_ceil(8) as usize;
        window[..n_bytes].copy_from_slice(&self.src[first..first + n_bytes]);
        let value = (u128::from_le_bytes(window) >> shift) & ((1 << n_bits) - 1);
        self.bit += u64::from(n_bits);
        Ok(value as u64)
    }

    /// Reads a field of at most 32 bits.
    pub(crate) fn read_u32(&mut self, n_bits: u32) -> Result<u32> {
        debug_assert!(n_bits <= 32);
        self.read(n_bits).map(|value| value as u32)
    }

    /// Reads one bit.
    pub(crate) fn read_bool(&mut self) -> Result<bool> {
        self.read(1).map(|bit| bit == 1)
    }

    /// Reads a whole latent.
    pub(crate) fn read_latent<L: Latent>(&mut self) -> Result<L> {
        self.read(L::BITS).map(L::from_u64)
    }

    /// Moves to the next byte boundary over padding that has to be zero, and returns its byte.
    pub(crate) fn align(&mut self) -> Result<usize> {
        let n_bits = (self.bit.wrapping_neg() % 8) as u32;
        let at = self.byte() as u64;
        if self.read(n_bits)? != 0 {
            return Err(Error::corrupt(format!("padding of {} is not zero", self.what)).at(at));
        }
        Ok(self.byte())
    }

    /// An error about what was just read.
    #[cold]
    pub(crate) fn corrupt(&self, what: impl Into<std::borrow::Cow<'static, str>>) -> Error {
        Error::corrupt(what).at((self.bit.saturating_sub(1)) / 8)
    }
}
