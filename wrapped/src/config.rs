//! What a caller chooses when compressing.

use crate::error::{Error, Result};

/// Level of [`ChunkConfig::default`].
pub const DEFAULT_LEVEL: u32 = 8;
/// The highest level that mirrors pco's; never chooses Conv1.
pub const MAX_MIRRORED_LEVEL: u32 = 12;
/// The most that a stock pco decoder reads: Conv1, secondary deltas, wider search. Slow; never a default.
pub const MAX_LEVEL: u32 = 13;
/// Numbers in a page of [`PagingSpec::default`].
pub const DEFAULT_MAX_PAGE_N: usize = 1 << 18;
/// The most numbers of a chunk.
pub const MAX_CHUNK_N: usize = 1 << 24;

/// How numbers are split into latent variables.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum ModeSpec {
    /// Chooses by a sample.
    #[default]
    Auto,
    /// One latent a number.
    Classic,
    /// Integers as `multiple * base + remainder`.
    TryIntMult(u64),
    /// Floats as `multiple * base` and units in the last place.
    TryFloatMult(f64),
    /// Floats whose last `k` mantissa bits are a variable of their own.
    TryFloatQuant(u32),
    /// Numbers as indices into their distinct values.
    TryDict,
}

/// How neighbouring latents are subtracted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeltaSpec {
    /// Chooses by a sample.
    #[default]
    Auto,
    /// Latents as they are.
    NoOp,
    /// Differences of differences: order 0 (the same as `NoOp`) to 7.
    TryConsecutive(usize),
    /// Differences to an earlier number, chosen number by number.
    TryLookback,
    /// Differences to a linear prediction of order 0 to 32, for types of up to 32 bits.
    TryConv1(usize),
}

/// How many numbers each page of a chunk holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PagingSpec {
    /// As few pages as possible of at most so many numbers, as equal as can be: the first ones hold one more.
    EqualPagesUpTo(usize),
    /// Exactly these, which must be positive and add up to the chunk.
    Exact(Vec<usize>),
}

impl Default for PagingSpec {
    fn default() -> Self {
        Self::EqualPagesUpTo(DEFAULT_MAX_PAGE_N)
    }
}

impl PagingSpec {
    /// The page sizes of a chunk of `n` numbers.
    ///
    /// # Errors
    /// `InvalidArgument` for an empty chunk, a page size of zero, and sizes that do not add up to `n`.
    pub fn n_per_page(&self, n: usize) -> Result<Vec<usize>> {
        if n == 0 {
            return Err(Error::invalid("a chunk needs at least one number"));
        }
        match self {
            Self::EqualPagesUpTo(0) => Err(Error::invalid("pages of up to 0 numbers")),
            Self::EqualPagesUpTo(max) => {
                let n_pages = n.div_ceil(*max);
                let (each, longer) = (n / n_pages, n % n_pages);
                Ok((0..n_pages)
                    .map(|page| each + usize::from(page < longer))
                    .collect())
            }
            Self::Exact(sizes) => {
                let sum = sizes
                    .iter()
                    .try_fold(0usize, |sum, &size| sum.checked_add(size));
                if sizes.contains(&0) || sum != Some(n) {
                    return Err(Error::invalid(format!(
                        "page sizes must be positive and add up to {n} numbers"
                    )));
                }
                Ok(sizes.clone())
            }
        }
    }
}

/// How a chunk is compressed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ChunkConfig {
    /// 0 (fastest) to 12 mirror pco's levels in size; 13 is the most that pco can decode.
    pub level: u32,
    /// How numbers become latents.
    pub mode_spec: ModeSpec,
    /// How latents are subtracted.
    pub delta_spec: DeltaSpec,
    /// How the chunk is cut into pages.
    pub paging_spec: PagingSpec,
}

impl Default for ChunkConfig {
    fn default() -> Self {
        Self {
            level: DEFAULT_LEVEL,
            mode_spec: ModeSpec::Auto,
            delta_spec: DeltaSpec::Auto,
            paging_spec: PagingSpec::default(),
        }
    }
}

impl ChunkConfig {
    /// Sets the level, 0 to 13.
    #[must_use]
    pub fn with_level(mut self, level: u32) -> Self {
        self.level = level;
        self
    }

    /// Sets how numbers become latents.
    #[must_use]
    pub fn with_mode_spec(mut self, mode_spec: ModeSpec) -> Self {
        self.mode_spec = mode_spec;
        self
    }

    /// Sets how latents are subtracted.
    #[must_use]
    pub fn with_delta_spec(mut self, delta_spec: DeltaSpec) -> Self {
        self.delta_spec = delta_spec;
        self
    }

    /// Sets how the chunk is cut into pages.
    #[must_use]
    pub fn with_paging_spec(mut self, paging_spec: PagingSpec) -> Self {
        self.paging_spec = paging_spec;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_pages_differ_by_one_at_most() {
        assert_eq!(
            PagingSpec::EqualPagesUpTo(3).n_per_page(10).unwrap(),
            [3, 3, 2, 2]
        );
        assert_eq!(PagingSpec::EqualPagesUpTo(10).n_per_page(10).unwrap(), [10]);
    }

    #[test]
    fn impossible_pages_are_invalid_arguments() {
        for (spec, n) in [
            (PagingSpec::EqualPagesUpTo(0), 1),
            (PagingSpec::EqualPagesUpTo(1), 0),
            (PagingSpec::Exact(vec![1, 0]), 1),
            (PagingSpec::Exact(vec![1, 2]), 4),
            (PagingSpec::Exact(vec![usize::MAX, 2]), 1),
        ] {
            assert!(
                matches!(spec.n_per_page(n), Err(Error::InvalidArgument(_))),
                "{spec:?}"
            );
        }
    }
}
