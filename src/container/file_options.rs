//! What a caller chooses when a path or an address is opened.

use super::file::File;
use super::formats::Formats;
use super::options::OpenOptions;
use crate::error::Result;
use crate::storage::Drivers;

/// How a path or an address is opened: which stores, formats and filters there are, and what the file may cost.
///
/// ```
/// # use paginum::{Array, container::npy, storage::Drivers};
/// # let mut stage = Drivers::default().store("mem://large.npy")?.stage()?;
/// # std::io::Write::write_all(&mut stage, &npy::to_bytes(&Array::from_numbers(&[1.5; 1000])?))?;
/// # stage.commit(Default::default())?;
/// use paginum::{ErrorKind, FileOptions, Limits, container::OpenOptions};
/// let open = OpenOptions::default().with_limits(Limits::default().with_max_bytes(100));
/// let file = FileOptions::default().with_open(open).open("mem://large.npy")?;
/// let error = file.array_at(0).read().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::LimitExceeded);
/// # Ok::<(), paginum::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct FileOptions {
    /// The stores that addresses may lead to.
    pub drivers: Drivers,
    /// The formats that the file may have.
    pub formats: Formats,
    /// What the file may cost, and which filters its arrays may use.
    pub open: OpenOptions,
}

impl FileOptions {
    /// Sets the stores that addresses may lead to.
    #[must_use]
    pub fn with_drivers(mut self, drivers: Drivers) -> Self {
        self.drivers = drivers;
        self
    }

    /// Sets the formats that the file may have.
    #[must_use]
    pub fn with_formats(mut self, formats: Formats) -> Self {
        self.formats = formats;
        self
    }

    /// Sets what the file may cost, and which filters its arrays may use.
    #[must_use]
    pub fn with_open(mut self, open: OpenOptions) -> Self {
        self.open = open;
        self
    }

    /// Opens the file that a path or an address names.
    ///
    /// # Errors
    /// Those of [`Drivers::store`] and [`Formats::open_store`].
    pub fn open(&self, url: &str) -> Result<File> {
        let store = self.drivers.store(url)?;
        self.formats.open_store(&*store, &self.open)
    }
}
