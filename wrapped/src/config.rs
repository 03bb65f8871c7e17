//! Choices of a caller that compresses.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

/// Level of [`ChunkConfig::default`].
pub const DEFAULT_LEVEL: u32 = 8;
/// The highest level that mirrors pco's; never chooses Conv1.
pub const MAX_MIRRORED_LEVEL: u32 = 12;
/// The most that a stock pco decoder reads: Conv1, secondary deltas, wider search. Slow; never a default.
pub const MAX_LEVEL: u32 = 13;

/// Levels up to this one are made for speed as well as for size.
pub(crate) const MAX_FAST_LEVEL: u32 = 8;
/// Numbers in a page of [`PagingSpec::default`].
pub const DEFAULT_MAX_PAGE_N: usize = 1 << 18;
/// The most numbers of a chunk.
pub const MAX_CHUNK_N: usize = 1 << 24;

/// How numbers are split into latent variables.
///
/// As text: `auto`, `classic`, `dict`, `int-mult:BASE`, `float-mult:BASE`, `float-quant:BITS`.
///
/// ```
/// use paginum_wrapped::ModeSpec;
/// let mode: ModeSpec = "float-mult:0.01".parse()?;
/// assert_eq!(mode, ModeSpec::TryFloatMult(0.01));
/// assert_eq!(mode.to_string(), "float-mult:0.01");
/// # Ok::<(), paginum_wrapped::Error>(())
/// ```
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
///
/// As text: `auto`, `none`, `lookback`, `consecutive:ORDER`, `conv1:ORDER`.
///
/// ```
/// use paginum_wrapped::DeltaSpec;
/// let delta: DeltaSpec = "consecutive:2".parse()?;
/// assert_eq!(delta, DeltaSpec::TryConsecutive(2));
/// assert_eq!(delta.to_string(), "consecutive:2");
/// # Ok::<(), paginum_wrapped::Error>(())
/// ```
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

impl ModeSpec {
    /// Every spelling that [`FromStr`] takes, with what stands behind the colon in capitals.
    pub const SPELLINGS: [&str; 6] = [
        "auto",
        "classic",
        "dict",
        "int-mult:BASE",
        "float-mult:BASE",
        "float-quant:BITS",
    ];
}

impl DeltaSpec {
    /// Every spelling that [`FromStr`] takes, with what stands behind the colon in capitals.
    pub const SPELLINGS: [&str; 5] = [
        "auto",
        "none",
        "lookback",
        "consecutive:ORDER",
        "conv1:ORDER",
    ];
}

impl FromStr for ModeSpec {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.split_once(':') {
            None if text == "auto" => Ok(Self::Auto),
            None if text == "classic" => Ok(Self::Classic),
            None if text == "dict" => Ok(Self::TryDict),
            Some(("int-mult", base)) => Ok(Self::TryIntMult(number(base, "a positive integer")?)),
            Some(("float-mult", base)) => Ok(Self::TryFloatMult(number(base, "a number")?)),
            Some(("float-quant", bits)) => {
                Ok(Self::TryFloatQuant(number(bits, "a number of bits")?))
            }
            _ => Err(no_such("mode", text, &Self::SPELLINGS)),
        }
    }
}

impl FromStr for DeltaSpec {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.split_once(':') {
            None if text == "auto" => Ok(Self::Auto),
            None if text == "none" => Ok(Self::NoOp),
            None if text == "lookback" => Ok(Self::TryLookback),
            Some(("consecutive", order)) => Ok(Self::TryConsecutive(number(order, "an order")?)),
            Some(("conv1", order)) => Ok(Self::TryConv1(number(order, "an order")?)),
            _ => Err(no_such("delta", text, &Self::SPELLINGS)),
        }
    }
}

/// What stands behind a colon.
fn number<T: FromStr>(text: &str, expected: &str) -> Result<T> {
    text.parse()
        .map_err(|_| Error::invalid(format!("{text:?} is not {expected}")))
}

fn no_such(kind: &str, text: &str, spellings: &[&str]) -> Error {
    let spellings = spellings.join(", ");
    Error::invalid(format!(
        "no {kind} is called {text:?}; there are {spellings}"
    ))
}

impl fmt::Display for ModeSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Classic => f.write_str("classic"),
            Self::TryDict => f.write_str("dict"),
            Self::TryIntMult(base) => write!(f, "int-mult:{base}"),
            Self::TryFloatMult(base) => write!(f, "float-mult:{base}"),
            Self::TryFloatQuant(bits) => write!(f, "float-quant:{bits}"),
        }
    }
}

impl fmt::Display for DeltaSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::NoOp => f.write_str("none"),
            Self::TryLookback => f.write_str("lookback"),
            Self::TryConsecutive(order) => write!(f, "consecutive:{order}"),
            Self::TryConv1(order) => write!(f, "conv1:{order}"),
        }
    }
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
    fn specs_survive_a_trip_through_text() {
        for spec in [
            ModeSpec::Auto,
            ModeSpec::Classic,
            ModeSpec::TryDict,
            ModeSpec::TryIntMult(u64::MAX),
            ModeSpec::TryFloatMult(0.1),
            ModeSpec::TryFloatMult(-5e-324),
            ModeSpec::TryFloatQuant(12),
        ] {
            assert_eq!(spec.to_string().parse::<ModeSpec>().unwrap(), spec);
        }
        for spec in [
            DeltaSpec::Auto,
            DeltaSpec::NoOp,
            DeltaSpec::TryLookback,
            DeltaSpec::TryConsecutive(7),
            DeltaSpec::TryConv1(32),
        ] {
            assert_eq!(spec.to_string().parse::<DeltaSpec>().unwrap(), spec);
        }
    }

    #[test]
    fn a_refused_spelling_says_what_there_is() {
        for text in ["", "Auto", "int-mult", "dict:3", "float-mult", "auto:"] {
            let words = text.parse::<ModeSpec>().unwrap_err().to_string();
            assert!(words.contains("int-mult:BASE"), "{text}: {words}");
        }
        for text in ["", "consecutive", "lookback:3", "conv2:1"] {
            let words = text.parse::<DeltaSpec>().unwrap_err().to_string();
            assert!(words.contains("conv1:ORDER"), "{text}: {words}");
        }
        for text in [
            "int-mult:-1",
            "int-mult:",
            "float-mult:x",
            "float-quant:1.5",
        ] {
            let words = text.parse::<ModeSpec>().unwrap_err().to_string();
            assert!(words.contains("is not a"), "{text}: {words}");
        }
        assert!("conv1:x".parse::<DeltaSpec>().is_err());
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
