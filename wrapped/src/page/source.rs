//! The bytes of a page, such that kernels can read past their end.
//!
//! Kernels load whole words without asking; so a batch may start only where the source holds the most bytes that a
//! batch can take. Where the page ends sooner, its last bytes move to a buffer that is padded with zeros, and each batch
//! is checked afterwards to have ended inside the real ones.

use crate::error::{Error, Result};
use crate::kernels::LOAD_BYTES;

/// Batches of a page that is padded as a whole.
const MAX_SHORT_BATCHES: u64 = 4;

/// A part of a page that is safe to decode from.
pub(crate) struct Source<'a> {
    pub(crate) bytes: &'a [u8],
    /// Position of the first of `bytes` in the page, in bits.
    pub(crate) first_bit: u64,
    /// Where the real bytes end, in bits of the page.
    pub(crate) end_bit: u64,
    /// Positions up to which a batch may start, in bits of the page.
    pub(crate) last_start: Option<u64>,
}

impl<'a> Source<'a> {
    /// All of the page; batches may start where `batch_bits` and a load are left.
    pub(crate) fn direct(src: &'a [u8], batch_bits: u64) -> Self {
        let end_bit = src.len() as u64 * 8;
        let last_start = end_bit.checked_sub(batch_bits + LOAD_BYTES as u64 * 8);
        Self {
            bytes: src,
            first_bit: 0,
            end_bit,
            last_start,
        }
    }

    /// Refuses an end behind the real bytes, as a position in `bytes`: only a padded source can be read behind them, and what
    /// was read there is never used.
    ///
    /// # Errors
    /// `Truncated`.
    #[inline(always)]
    pub(crate) fn check(&self, bit: u64) -> Result<()> {
        if self.first_bit + bit > self.end_bit {
            return Err(Error::truncated("page").at(self.end_bit / 8));
        }
        Ok(())
    }

    /// Whether a batch may start at a position in `bytes`.
    #[inline(always)]
    pub(crate) fn may_start(&self, bit: u64) -> bool {
        self.last_start
            .is_some_and(|last| self.first_bit + bit <= last)
    }

    /// Whether what is left of the page from `bit` on holds a few batches at most.
    pub(crate) fn is_short(src: &[u8], bit: u64, batch_bits: u64) -> bool {
        (src.len() as u64 * 8).saturating_sub(bit) <= MAX_SHORT_BATCHES * batch_bits
    }

    /// What is left of the page from `bit` on, padded in `buffer`; batches may start anywhere.
    pub(crate) fn padded(
        src: &[u8],
        bit: u64,
        batch_bits: u64,
        buffer: &'a mut Vec<u8>,
    ) -> Result<Self> {
        let end_bit = src.len() as u64 * 8;
        let rest = src
            .get((bit / 8) as usize..)
            .ok_or_else(|| Error::truncated("page").at(src.len() as u64))?;
        let padding = batch_bits.div_ceil(8) as usize + LOAD_BYTES;
        buffer.clear();
        // What is left is short, or no longer than a batch and a load: a buffer of this size serves every page of the
        // chunk that is not shorter than a batch.
        buffer.reserve((MAX_SHORT_BATCHES as usize + 1) * padding);
        buffer.extend_from_slice(rest);
        buffer.resize(rest.len() + padding, 0);
        Ok(Self {
            bytes: buffer,
            first_bit: bit / 8 * 8,
            end_bit,
            last_start: Some(end_bit),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOAD_BITS: u64 = LOAD_BYTES as u64 * 8;

    #[test]
    fn batches_start_where_the_largest_one_and_a_load_are_left() {
        let bytes = [0; 200];
        for batch_bits in [0, 1, 8, 999] {
            let source = Source::direct(&bytes, batch_bits);
            let last = 1600 - LOAD_BITS - batch_bits;
            assert_eq!(source.last_start, Some(last));
            assert!(source.may_start(last) && !source.may_start(last + 1));
        }
        let fitting = Source::direct(&bytes, 1600 - LOAD_BITS);
        assert_eq!(fitting.last_start, Some(0));
        let short = Source::direct(&bytes, 1600 - LOAD_BITS + 1);
        assert_eq!(short.last_start, None);
        assert!(!short.may_start(0));
    }

    #[test]
    fn the_end_of_a_page_is_padded_for_a_batch_that_starts_at_its_last_bit() {
        let bytes: Vec<u8> = (1..=100).collect();
        for (bit, batch_bits) in [(0, 1000), (8, 17), (795, 4096), (800, 8)] {
            let mut buffer = vec![77; 5];
            let source = Source::padded(&bytes, bit, batch_bits, &mut buffer).unwrap();
            let start = (bit / 8) as usize;
            assert_eq!(source.first_bit, start as u64 * 8);
            let (real, padding) = source.bytes.split_at(100 - start);
            assert_eq!(real, &bytes[start..]);
            assert!(padding.iter().all(|&byte| byte == 0));
            assert!(padding.len() as u64 * 8 >= batch_bits + LOAD_BITS);
            assert_eq!(source.last_start, Some(800));
            assert!(source.check(800 - source.first_bit).is_ok());
            let error = source.check(801 - source.first_bit).unwrap_err();
            assert_eq!(
                error.to_string(),
                Error::truncated("page").at(100).to_string()
            );
        }
        assert!(Source::padded(&bytes, 808, 8, &mut Vec::new()).is_err());
    }

    #[test]
    fn a_few_batches_are_short() {
        let bytes = [0; 100];
        assert!(Source::is_short(&bytes, 0, 200));
        assert!(!Source::is_short(&bytes, 0, 199));
        assert!(Source::is_short(&bytes, 4, 199));
        // Behind the end, too: there it is found to be truncated.
        assert!(Source::is_short(&bytes, 1000, 0));
    }
}
