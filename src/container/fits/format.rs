//! The format `.fits` as a value.

use std::sync::Arc;

use super::MAGIC;
use super::copy;
use super::meaning::Values;
use super::reader::FitsReader;
use super::writer::FitsWriter;
use crate::container::{
    Container, ContainerWriter, Format, FormatInfo, Match, OpenOptions, Trait, WriteReport,
};
use crate::error::Result;
use crate::storage::{ReadAt, Store};

pub(super) static INFO: FormatInfo = FormatInfo::new(
    "fits",
    &["fits", "fit", "fts"],
    &[Trait::Names, Trait::Documents, Trait::FromFront],
);

/// Images and tables of astronomy.
///
/// ```
/// use std::sync::Arc;
/// use paginum::container::{Format, OpenOptions, fits::{FitsFormat, Values}};
/// let cards = [
///     "SIMPLE  =                    T",
///     "BITPIX  =                   16",
///     "NAXIS   =                    1",
///     "NAXIS1  =                    2",
///     "BSCALE  =                  0.5",
///     "END",
/// ];
/// let mut bytes: Vec<u8> = cards.iter().flat_map(|card| format!("{card:80}").into_bytes()).collect();
/// bytes.resize(2880, b' ');
/// bytes.extend([0, 3, 0, 4]);
/// bytes.resize(2 * 2880, 0);
/// let bytes = Arc::new(bytes);
/// let open = |format: &FitsFormat| format.open(bytes.clone(), &OpenOptions::default());
/// let physical = open(&FitsFormat::default())?;
/// assert_eq!(physical.entry(0)?.dtype, "<f8"); // 1.5, 2.0
/// let stored = open(&FitsFormat::default().with_values(Values::Stored))?;
/// assert_eq!(stored.entry(0)?.dtype, "<i2"); // 3, 4
/// # Ok::<(), paginum::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct FitsFormat {
    values: Values,
}

impl FitsFormat {
    /// Sets which values arrays have: physical ones, or the numbers as they are stored.
    #[must_use]
    pub fn with_values(mut self, values: Values) -> Self {
        self.values = values;
        self
    }
}

impl Format for FitsFormat {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn recognises(&self, head: &[u8], _tail: &[u8]) -> Match {
        Match::by_magic(head, MAGIC)
    }

    fn create(&self, store: &dyn Store) -> Result<Box<dyn ContainerWriter>> {
        Ok(Box::new(FitsWriter::new(store)?))
    }

    fn copy(
        &self,
        bytes: Arc<dyn ReadAt>,
        options: &OpenOptions,
        store: &dyn Store,
    ) -> Result<Option<WriteReport>> {
        copy::copy(&*bytes, &options.limits, store).map(Some)
    }

    fn open(&self, bytes: Arc<dyn ReadAt>, options: &OpenOptions) -> Result<Box<dyn Container>> {
        Ok(Box::new(FitsReader::open(
            bytes,
            self.values,
            &options.limits,
        )?))
    }
}
