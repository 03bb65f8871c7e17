//! Containers of formats that hold one array and have no name for it.

use std::sync::Arc;

use super::{Container, Entry, FormatInfo};
use crate::error::{Error, Result};
use crate::filter::ArrayReader;
use crate::limits::Limits;
use crate::validity::Validity;

/// What the one array of a file is called, since it must be called something.
pub(crate) const ONLY: &str = "array";

/// A file of one array, for formats that hold one and have no name for it.
#[derive(Clone, Debug)]
pub struct Single<R> {
    format: &'static FormatInfo,
    filter: &'static str,
    reader: R,
    stored_bytes: u64,
    limits: Limits,
    checked: Option<String>,
}

impl<R> Single<R> {
    /// A file of `stored_bytes` bytes whose array `reader` reads, stored by what is called `filter`.
    pub fn new(
        format: &'static FormatInfo,
        filter: &'static str,
        reader: R,
        stored_bytes: u64,
        limits: &Limits,
    ) -> Self {
        Self {
            format,
            filter,
            reader,
            stored_bytes,
            limits: *limits,
            checked: None,
        }
    }

    /// Sets the words for what was checked once the file was verified.
    pub(super) fn with_checked(mut self, words: String) -> Self {
        self.checked = Some(words);
        self
    }

    /// What reads the array.
    #[must_use]
    pub fn reader(&self) -> &R {
        &self.reader
    }
}

impl<R: ArrayReader + Clone + 'static> Container for Single<R> {
    fn format(&self) -> &'static FormatInfo {
        self.format
    }

    fn n_arrays(&self) -> usize {
        1
    }

    fn path(&self, index: usize) -> &str {
        assert_eq!(index, 0, "the file holds one array");
        ONLY
    }

    fn find(&self, name: &str) -> Result<usize> {
        if name == ONLY {
            return Ok(0);
        }
        Err(Error::invalid(format!(
            "there is no array {name:?}: the file holds one, called {ONLY:?}"
        )))
    }

    fn entry(&self, index: usize) -> Result<Entry> {
        Ok(Entry::of(
            self.path(index),
            self.reader.spec(),
            self.filter,
            self.stored_bytes,
        ))
    }

    fn open_array(&self, index: usize) -> Result<Box<dyn ArrayReader>> {
        assert_eq!(index, 0, "the file holds one array");
        self.limits.check_array_bytes(self.reader.spec().bytes())?;
        Ok(Box::new(self.reader.clone()))
    }

    fn validity(&self, _index: usize) -> Result<Option<Arc<Validity>>> {
        Ok(None)
    }

    fn limits(&self) -> &Limits {
        &self.limits
    }

    fn checked(&self) -> Option<String> {
        self.checked.clone()
    }
}
