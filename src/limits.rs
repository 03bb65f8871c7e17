//! What a reader may spend on files that it does not trust: one value for all formats, filters and the engine. What stores
//! may spend on the way there, in streams and downloads, are [`StoreOptions`](crate::storage::StoreOptions).
//!
//! Every decode path takes these. Bombs are bounded in absolute terms, never by ratio: honest ratios reach 100,000 to 1.

use crate::error::{Error, Result};

/// Budgets of a reader; one that is reached is [`LimitExceeded`](crate::ErrorKind::LimitExceeded), before anything is
/// allocated for it.
///
/// ```
/// use paginum::{ErrorKind, Limits};
/// let limits = Limits::default().with_max_bytes(1 << 20);
/// assert!(limits.check_array_bytes(1 << 20).is_ok());
/// let error = limits.check_array_bytes(1 << 21).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::LimitExceeded);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The most bytes of one decoded array; 8 GiB by default.
    pub max_array_bytes: u64,
    /// The most decoded bytes of all arrays that one call returns, on however many threads; 16 GiB by default.
    pub max_total_bytes: u64,
    /// The most arrays of a container; 2^20 by default.
    pub max_arrays: u64,
    /// The most bytes of metadata, decoded; 64 MiB by default.
    pub max_metadata_bytes: u64,
    /// The most pages of one array; 2^26 by default.
    pub max_pages: u64,
    /// The most characters of the header of a `.npy` file; 10,000 by default, as it is numpy's.
    pub max_npy_header: u64,
}

/// numpy's `max_header_size`.
const NPY_HEADER: u64 = 10_000;
/// Python values take some thirty times their text in memory, so that no header costs more than half a gigabyte.
const MAX_NPY_HEADER: u64 = 16 << 20;

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_array_bytes: paginum_wrapped::standalone::MAX_BYTES,
            max_total_bytes: 16 << 30,
            max_arrays: 1 << 20,
            max_metadata_bytes: 64 << 20,
            max_pages: 1 << 26,
            max_npy_header: NPY_HEADER,
        }
    }
}

impl Limits {
    /// Sets the most decoded bytes, of one array and of all. A limit that somebody chose lets headers of `.npy` files be
    /// larger than numpy's bound, too.
    #[must_use]
    pub fn with_max_bytes(mut self, bytes: u64) -> Self {
        self.max_npy_header = bytes.clamp(NPY_HEADER, MAX_NPY_HEADER);
        self.max_array_bytes = bytes;
        self.max_total_bytes = bytes;
        self
    }

    /// Refuses an array of more bytes than allowed.
    ///
    /// # Errors
    /// `LimitExceeded`.
    pub fn check_array_bytes(&self, asked: u64) -> Result<()> {
        check("bytes of an array", self.max_array_bytes, asked)
    }

    /// Refuses more decoded bytes in all than allowed.
    ///
    /// # Errors
    /// `LimitExceeded`.
    pub fn check_total_bytes(&self, asked: u64) -> Result<()> {
        check("bytes of all arrays", self.max_total_bytes, asked)
    }

    /// Refuses more arrays than allowed.
    ///
    /// # Errors
    /// `LimitExceeded`.
    pub fn check_arrays(&self, asked: u64) -> Result<()> {
        check("arrays of a container", self.max_arrays, asked)
    }

    /// Refuses more bytes of metadata than allowed.
    ///
    /// # Errors
    /// `LimitExceeded`.
    pub fn check_metadata_bytes(&self, asked: u64) -> Result<()> {
        check("bytes of metadata", self.max_metadata_bytes, asked)
    }

    /// Refuses more pages of an array than allowed.
    ///
    /// # Errors
    /// `LimitExceeded`.
    pub fn check_pages(&self, asked: u64) -> Result<()> {
        check("pages of an array", self.max_pages, asked)
    }
}

fn check(what: &'static str, limit: u64, asked: u64) -> Result<()> {
    if asked > limit {
        return Err(Error::limit(what, limit, asked));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn a_limit_is_exceeded_by_one_more() {
        let limits = Limits::default().with_max_bytes(10);
        assert!(limits.check_array_bytes(10).is_ok());
        let error = limits.check_array_bytes(11).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LimitExceeded);
        assert_eq!(
            error.to_string(),
            "limit exceeded: bytes of an array: 11 asked, 10 allowed"
        );
    }

    #[test]
    fn each_budget_is_its_own() {
        let limits = Limits {
            max_array_bytes: 1,
            max_total_bytes: 2,
            max_arrays: 3,
            max_metadata_bytes: 4,
            max_pages: 5,
            max_npy_header: 6,
        };
        type Check = fn(&Limits, u64) -> Result<()>;
        let checks: [(Check, u64); 5] = [
            (Limits::check_array_bytes, 1),
            (Limits::check_total_bytes, 2),
            (Limits::check_arrays, 3),
            (Limits::check_metadata_bytes, 4),
            (Limits::check_pages, 5),
        ];
        for (check, limit) in checks {
            assert!(check(&limits, limit).is_ok());
            let error = check(&limits, limit + 1).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::LimitExceeded);
            assert!(
                error.to_string().contains(&format!("{limit} allowed")),
                "{error}"
            );
        }
    }
}
