//! Filters: the reversible steps between an array and its payload in a file.
//!
//! A [`Filter`] makes encoders, which take rows and write a payload to a sink, and readers, which give any rows of a
//! payload back. Lossless is the law: bytes come back as they went in (the one exception is declared: values under
//! nulls come back as zeroes). A composite is one filter with one id; what it must remember stands at the head of its
//! payload. Which filters there are is a value, the [`Registry`]: a caller adds his own under an id of
//! [`FilterId::CALLERS`].
//!
//! A filter is a value that holds its options, for writing alone: a payload is read by any value of its filter.
//!
//! ```
//! use paginum::filter::{EncodeContext, Filter, Numeric, Payload};
//! use paginum::{Array, Limits};
//! let table = Array::from_vec((0..60_000_i64).collect(), [20_000, 3])?;
//! let numeric = Numeric::default().with_level(10).with_page_numbers(65_536);
//! let mut payload = Vec::new();
//! let mut encoder = numeric.encoder(table.spec(), &EncodeContext::default())?;
//! encoder.push_rows(table.bytes(), &mut payload)?;
//! encoder.finish(&mut payload)?;
//!
//! let n_bytes = payload.len() as u64;
//! let payload = Payload::new(std::sync::Arc::new(payload), 0..n_bytes)?;
//! let reader = Numeric::default().open(table.spec(), payload, &Limits::default())?;
//! let row = reader.read_rows(700..701, &Limits::default())?;
//! assert_eq!(row.numbers::<i64>()?, [2100, 2101, 2102]);
//! # Ok::<(), paginum::Error>(())
//! ```

pub mod auto;
#[cfg(feature = "zstd")]
mod blocks;
mod checksum;
mod chunk_summary;
mod context;
mod cursor;
#[cfg(feature = "zstd")]
mod delta;
mod dense;
mod fast;
#[cfg(feature = "zstd")]
pub(crate) mod frames;
mod goal;
#[cfg(test)]
mod laws;
#[cfg(feature = "zstd")]
mod none;
mod numeric;
mod paged;
mod parallel;
mod part;
mod payload;
#[cfg(feature = "zstd")]
pub(crate) mod pixels;
mod registry;
mod select;
#[cfg(feature = "zstd")]
mod shuffle;
pub(crate) mod skippable;
#[cfg(feature = "zstd")]
mod spool;
mod steps;
mod tail;

use std::fmt;
use std::io::Write;
use std::ops::{Range, RangeInclusive};
use std::sync::Arc;

pub use chunk_summary::{BinSummary, Bound, ChunkSummary, LatentVarSummary};
pub use context::{EncodeContext, FrameLayout};
#[cfg(feature = "zstd")]
pub use delta::Delta;
pub use dense::Dense;
pub use fast::Fast;
#[cfg(feature = "zstd")]
pub(crate) use frames::compress;
pub use goal::Goal;
#[cfg(feature = "zstd")]
pub use none::NoFilter;
pub use numeric::Numeric;
#[cfg(any(feature = "cli", feature = "python"))]
pub(crate) use paged::DEFAULT_PAGE_NUMBERS;
pub use part::Part;
pub use payload::Payload;
#[cfg(feature = "zstd")]
pub use pixels::{ByteDelta, Gradient, Palette};
pub use registry::Registry;
pub(crate) use select::is_decoded_anyway;
#[cfg(feature = "fits")]
pub(crate) use select::read_into as select_from_rows;
#[cfg(feature = "zstd")]
pub use shuffle::Shuffle;
#[cfg(feature = "zstd")]
pub(crate) use tail::{MAX_FETCHED_INDEX, prefetch_tails, without_dead_tail};

use crate::array::{Array, ArraySpec, Selection};
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::validity::Validity;

/// The number by which files name a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FilterId(pub u8);

impl FilterId {
    /// zstd frames of the bytes as they are.
    pub const NONE: Self = Self(0);
    /// zstd frames of the bytes, those of the same significance together.
    pub const SHUFFLE: Self = Self(1);
    /// Pages of the engine.
    pub const NUMERIC: Self = Self(0xE0);
    /// Differences of neighbours, shuffled, in zstd frames.
    pub const DELTA: Self = Self(0xE1);
    /// Differences of pixels from those to their left, in zstd frames.
    pub const BYTE_DELTA: Self = Self(0xE2);
    /// Bytes as places in palettes, in zstd frames.
    pub const PALETTE: Self = Self(0xE3);
    /// Differences of 16-bit samples from what their neighbours tell, in zstd frames.
    pub const GRADIENT: Self = Self(0xE4);
    /// Numbers in blocks of so many bits each, and a few steps before that.
    pub const FAST: Self = Self(0xE5);
    /// Pages of the engine below layers: components, ranks, differences along rows, matches.
    pub const DENSE: Self = Self(0xE6);
    /// What callers may give to filters of their own.
    pub const CALLERS: RangeInclusive<u8> = 0xF0..=0xFE;
}

impl fmt::Display for FilterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A reversible way to store arrays.
pub trait Filter: fmt::Debug + Send + Sync {
    /// The number by which files name it.
    fn id(&self) -> FilterId;

    /// The name by which people do.
    fn name(&self) -> &'static str;

    /// Whether it can store such arrays.
    fn accepts(&self, spec: &ArraySpec) -> bool;

    /// Picoseconds in which one core decodes a byte of such an array, roughly: what [`Goal::Speed`] charges. A filter that does not
    /// say is charged 1,000.
    fn decode_picoseconds(&self, spec: &ArraySpec) -> u64 {
        goal::price::UNKNOWN.of(spec)
    }

    /// Whether [`auto`] considers it for a goal: a filter that takes long to write need not be tried for every file.
    fn serves(&self, goal: Goal) -> bool {
        let _ = goal;
        true
    }

    /// The level at which it writes, if it has levels.
    fn level(&self) -> Option<i32> {
        None
    }

    /// The same filter at another level, its other options as they are.
    ///
    /// # Errors
    /// `InvalidArgument` for a filter without levels, and for a level that no filter of the kind has. Others are refused by
    /// [`encoder`](Self::encoder).
    fn at_level(&self, level: i32) -> Result<Arc<dyn Filter>> {
        Err(Error::invalid(format!(
            "level {level} of the filter {}, which has no levels",
            self.name()
        )))
    }

    /// Starts a payload, by the options that the filter holds.
    ///
    /// # Errors
    /// `InvalidArgument` for an array that it does not accept, or options out of range.
    fn encoder(&self, spec: &ArraySpec, context: &EncodeContext) -> Result<Box<dyn ArrayEncoder>>;

    /// Opens a payload, which is hostile input: what it says of itself is checked, and what it asks for is held
    /// against `limits`.
    ///
    /// # Errors
    /// `Corrupt`, `Truncated`, `Unsupported`, `LimitExceeded`, or those of the storage.
    fn open(
        &self,
        spec: &ArraySpec,
        payload: Payload,
        limits: &Limits,
    ) -> Result<Box<dyn ArrayReader>>;
}

/// Takes the rows of one array, and writes its payload.
///
/// After an error, what was written is of no use, and the encoder is to be dropped.
pub trait ArrayEncoder: Send {
    /// Takes some rows: any number of whole ones, in C order. What is written to `sink` follows on what was.
    ///
    /// # Errors
    /// `InvalidArgument` for bytes that are no whole rows, or more rows than the array has; those of `sink`.
    fn push_rows(&mut self, rows: &[u8], sink: &mut dyn Write) -> Result<()>;

    /// Takes some rows of which only those that `validity` marks have a value. The others come back as zeroes,
    /// whatever they hold here: filters that cannot leave them out store zeroes.
    ///
    /// # Errors
    /// Those of [`push_rows`](Self::push_rows); `InvalidArgument` if `validity` is not one bit for each of `rows`.
    fn push_rows_with_nulls(
        &mut self,
        rows: &[u8],
        validity: &Validity,
        sink: &mut dyn Write,
    ) -> Result<()> {
        self.push_rows(&payload::with_zeroes(rows, validity)?, sink)
    }

    /// Writes the rest, once all rows of the array were pushed.
    ///
    /// # Errors
    /// `InvalidArgument` if rows are missing; those of `sink`.
    fn finish(self: Box<Self>, sink: &mut dyn Write) -> Result<()>;
}

/// Gives rows of one array back.
pub trait ArrayReader: fmt::Debug + Send + Sync {
    /// The type and shape of the array.
    fn spec(&self) -> &ArraySpec;

    /// The bytes that these rows need, as ranges of the store: for containers that plan reads.
    fn ranges(&self, rows: Range<u64>) -> Vec<Range<u64>>;

    /// Bytes of memory that it holds beside its store, as far as they grow with the array; what is a small part of it does
    /// not count.
    fn held_bytes(&self) -> u64 {
        0
    }

    /// Decodes rows into `out`, which is exactly their size, of any alignment; numbers are decoded in place where it
    /// is aligned for them. On error, what `out` holds is unspecified.
    ///
    /// # Errors
    /// `InvalidArgument` for rows that are not there or an `out` of another size; `Corrupt`, `Truncated` and the rest
    /// for what the payload holds.
    fn read_rows_into(&self, rows: Range<u64>, out: &mut [u8]) -> Result<()>;

    /// Reads what is wanted of each axis. Only rows that are needed are read, with those between two of them where a page
    /// holds both; what is held beside the result is a few rows.
    ///
    /// ```
    /// use paginum::storage::{Drivers, Durability};
    /// use paginum::{Array, Limits, Step, container::npy};
    /// # use std::io::Write;
    /// # let table = Array::from_vec((0..60_i64).collect(), [12, 5])?;
    /// # let mut stage = Drivers::default().store("mem://table.npy")?.stage()?;
    /// # stage.write_all(&npy::to_bytes(&table))?;
    /// # stage.commit(Durability::Synced)?;
    /// // An array of the shape (12, 5): 0 to 4, 5 to 9, ...
    /// let file = paginum::open("mem://table.npy")?;
    /// let reader = file.array("array")?.reader()?;
    /// let wanted = reader.select(&((2..10).step(3), 4).into(), &Limits::default())?;
    /// assert_eq!(wanted.numbers::<i64>()?, [14, 29, 44]);
    /// # Ok::<(), paginum::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`Selection::spec`] and of [`read_rows_into`](Self::read_rows_into); `LimitExceeded` by `limits`.
    fn select(&self, selection: &Selection, limits: &Limits) -> Result<Array> {
        select::read(self, selection, limits)
    }

    /// The same into a buffer of exactly the size of the result.
    ///
    /// # Errors
    /// Those of [`select`](Self::select); `InvalidArgument` for a buffer of another size.
    fn select_into(&self, selection: &Selection, out: &mut [u8]) -> Result<()> {
        select::read_into(self, selection, out)
    }

    /// Reads all of it.
    ///
    /// # Errors
    /// Those of [`read_rows_into`](Self::read_rows_into); `LimitExceeded`.
    fn read(&self, limits: &Limits) -> Result<Array> {
        self.read_rows(0..self.spec().rows(), limits)
    }

    /// Reads some rows.
    ///
    /// # Errors
    /// Those of [`read`](Self::read); `InvalidArgument` for rows that are not there.
    fn read_rows(&self, rows: Range<u64>, limits: &Limits) -> Result<Array> {
        self.spec().check_rows(&rows)?;
        let spec = match self.spec().shape() {
            [] => self.spec().clone(),
            _ => self.spec().with_rows(rows.end - rows.start)?,
        };
        let mut values = Array::zeroed(spec, limits)?;
        self.read_rows_into(rows, values.bytes_mut())?;
        Ok(values)
    }

    /// Whether all its values are under checksums, so that [`verify`](Self::verify) notices every damage to them.
    ///
    /// # Errors
    /// Those of [`read_rows_into`](Self::read_rows_into).
    fn has_checksums(&self) -> Result<bool> {
        Ok(false)
    }

    /// What the chunks of numbers are made of, for people to look at: none where the array is stored otherwise.
    ///
    /// # Errors
    /// Of each chunk those of [`read_rows_into`](Self::read_rows_into).
    fn chunks(&self) -> Box<dyn Iterator<Item = Result<ChunkSummary>> + '_> {
        Box::new(std::iter::empty())
    }

    /// Checks everything that the payload holds, not only what some rows need.
    ///
    /// # Errors
    /// Those of [`read_rows_into`](Self::read_rows_into), at the first fault.
    fn verify(&self) -> Result<()> {
        payload::read_in_pieces(self)
    }
}
