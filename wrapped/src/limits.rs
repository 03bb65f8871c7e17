//! What a decoder may spend on input that it does not trust.

use crate::error::{Error, Result};

/// Budgets of a decoder. Bombs are bounded in absolute terms, never by ratio: honest ratios reach 100,000 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The most bytes of numbers that one decoded array may take; 8 GiB by default.
    pub max_array_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_array_bytes: 8 << 30,
        }
    }
}

impl Limits {
    /// Sets the most bytes of numbers that one decoded array may take.
    #[must_use]
    pub fn with_max_array_bytes(mut self, bytes: u64) -> Self {
        self.max_array_bytes = bytes;
        self
    }

    /// Refuses an array of `bytes` bytes that is over the limit.
    ///
    /// # Errors
    /// `LimitExceeded`.
    pub fn check_array_bytes(&self, bytes: u64) -> Result<()> {
        if bytes > self.max_array_bytes {
            return Err(Error::LimitExceeded {
                what: "bytes of an array",
                limit: self.max_array_bytes,
                asked: bytes,
            });
        }
        Ok(())
    }
}

/// How many numbers of `number_bytes` bytes a decoder may reserve before it has decoded any, with `input_bytes` of
/// input left: what 64 KiB and 64 times the input hold. Numbers past that are paid for as they come.
#[must_use]
pub(crate) fn initial_capacity(n: usize, number_bytes: usize, input_bytes: usize) -> usize {
    let budget_bytes = (64 << 10) + input_bytes.saturating_mul(64);
    n.min(budget_bytes / number_bytes)
}
