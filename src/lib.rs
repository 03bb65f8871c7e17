//! Typed numeric arrays, in pages.
//!
//! ```
//! use paginum::{Array, container::{Formats, NewArray}, storage::Drivers};
//! // A path or an address: a file, memory, a web server, an object store.
//! let store = Drivers::default().store("mem://weather.pco")?;
//! let rain = Array::from_numbers(&(0..100_000).map(|i| f64::from(i % 90) / 10.0).collect::<Vec<_>>())?;
//! let mut writer = Formats::default().create(&*store)?;
//! let mut sink = writer.begin(NewArray::new("rain", rain.spec()))?;
//! sink.push_rows(rain.bytes())?;
//! sink.finish()?;
//! writer.commit()?;
//!
//! let file = paginum::open("mem://weather.pco")?;
//! let rows = file.array_at(0).read_rows(50_000..50_003)?; // decodes one page
//! assert_eq!(rows.numbers::<f64>()?, [5.0, 5.1, 5.2]);
//! # Ok::<(), paginum::Error>(())
//! ```
//!
//! Three nouns: a *store* is bytes by position ([`storage`]), an *array* is a dtype, a shape and one reversible filter
//! ([`filter`]), a [`container`] is named arrays, blobs and metadata in one file. The engine beneath them, which
//! compresses numbers, is the crate `paginum_wrapped`, re-exported as [`wrapped`].

#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(clippy::disallowed_methods, clippy::print_stderr, clippy::print_stdout)]

mod array;
#[cfg(feature = "cli")]
pub mod cli;
pub mod container;
mod dtype;
mod error;
pub mod filter;
mod limits;
#[cfg(feature = "python")]
mod python;
pub mod record;
pub mod storage;
mod text;
mod unknown;
mod validity;

/// Opens the file of arrays that a path or an address names, with the stores, formats and filters of this build and the
/// usual limits. [`FileOptions`] opens with others.
///
/// ```
/// use std::io::Write;
/// use paginum::storage::{Drivers, Durability};
/// use paginum::{Array, container::npy};
/// # let array = Array::from_numbers(&[1.5_f64, 2.5])?;
/// let mut stage = Drivers::default().store("mem://two.npy")?.stage()?;
/// stage.write_all(&npy::to_bytes(&array))?;
/// stage.commit(Durability::Synced)?;
/// let file = paginum::open("mem://two.npy")?;
/// assert_eq!(file.array_at(0).read()?, array);
/// # Ok::<(), paginum::Error>(())
/// ```
///
/// # Errors
/// Those of [`FileOptions::open`].
pub fn open(url: &str) -> Result<File> {
    FileOptions::default().open(url)
}

pub use array::{AlignedBytes, Array, ArraySpec, AxisRange, Order, Selection, Step};
pub use container::{ArrayHandle, File, FileOptions};
pub use dtype::{ByteOrder, DType, Kind};
pub use error::{Error, ErrorKind, Place, Result, ResultExt};
/// The crate of `f16`, the type of 16-bit floats.
///
/// ```
/// use paginum::{Array, half::f16};
/// let halves = Array::try_from(vec![f16::from_f32(0.5), f16::ONE])?;
/// assert_eq!(halves.to_vec::<f16>()?[1].to_f32(), 1.0);
/// # Ok::<(), paginum::Error>(())
/// ```
#[cfg(feature = "half")]
pub use half;
pub use limits::Limits;
pub use paginum_wrapped as wrapped;
pub use record::Record;
pub use unknown::Unknown;
pub use validity::Validity;

/// The examples of the README, which run as tests.
#[cfg(all(doctest, feature = "zstd"))]
#[doc = include_str!("../README.md")]
pub struct Readme;
