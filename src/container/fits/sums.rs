//! The checksums of an HDU, for all arrays in it.

use std::sync::{Arc, OnceLock};

use super::checksum::{added, check_data, of_store, padded};
use super::hdu::Hdu;
use crate::error::{Error, Result};
use crate::storage::ReadAt;
use crate::text::counted;

/// What a header says of the sums of its HDU, and the sums of header and data once they were taken.
#[derive(Debug)]
pub(super) struct Sums {
    store: Arc<dyn ReadAt>,
    start: u64,
    data: u64,
    n_bytes: u64,
    stated: Option<String>,
    has_whole: bool,
    of_header: OnceLock<u32>,
    of_data: OnceLock<u32>,
}

impl Sums {
    pub(super) fn of(hdu: &Hdu, store: &Arc<dyn ReadAt>) -> Self {
        Self {
            store: store.clone(),
            start: hdu.start,
            data: hdu.data,
            n_bytes: hdu.n_bytes,
            stated: hdu.header.text("DATASUM").map(str::to_owned),
            has_whole: hdu.header.text("CHECKSUM").is_some(),
            of_header: OnceLock::new(),
            of_data: OnceLock::new(),
        }
    }

    /// Whether a damage of the data would be noticed.
    pub(super) fn cover_data(&self) -> bool {
        self.stated.is_some() || self.has_whole
    }

    /// The sum of the data, which are read once for all who ask.
    fn of_data(&self) -> Result<u32> {
        if let Some(found) = self.of_data.get() {
            return Ok(*found);
        }
        let rest = self.store.len().saturating_sub(self.data);
        // What fills the last block may be missing, and counts as zeroes.
        let n = padded(self.n_bytes).min(rest);
        if n < self.n_bytes {
            let what = format!("{n} of {} of data", counted(self.n_bytes, "byte"));
            return Err(Error::truncated(what).at(self.store.len()));
        }
        let found = of_store(&*self.store, self.data, n)?;
        Ok(*self.of_data.get_or_init(|| found))
    }

    /// The sum of the header, which each column of a table would have taken again.
    fn of_header(&self) -> Result<u32> {
        if let Some(found) = self.of_header.get() {
            return Ok(*found);
        }
        let found = of_store(&*self.store, self.start, self.data - self.start)?;
        Ok(*self.of_header.get_or_init(|| found))
    }

    /// Checks the data by `DATASUM`, or by `CHECKSUM` where that is all there is.
    ///
    /// # Errors
    /// `Checksum`; those of the storage.
    pub(super) fn check_data(&self) -> Result<()> {
        match &self.stated {
            Some(stated) => check_data(stated, self.of_data()?, self.data),
            None => self.check_whole(),
        }
    }

    /// Checks header and data by `CHECKSUM`. Data that `DATASUM` finds at fault are left to [`check_data`](Self::check_data).
    ///
    /// # Errors
    /// Those of [`check_data`](Self::check_data).
    pub(super) fn check_header(&self) -> Result<()> {
        match &self.stated {
            Some(stated) if check_data(stated, self.of_data()?, self.data).is_err() => Ok(()),
            _ => self.check_whole(),
        }
    }

    fn check_whole(&self) -> Result<()> {
        if !self.has_whole {
            return Ok(());
        }
        match added(self.of_header()?, self.of_data()?) {
            0 | u32::MAX => Ok(()),
            found => {
                let what =
                    format!("header and data sum up to {found:#010x}, CHECKSUM makes it all ones");
                Err(Error::checksum(what).at(self.start))
            }
        }
    }
}
