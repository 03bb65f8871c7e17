//! Containers of formats that hold one array and have no name for it.

use std::sync::Arc;

use super::{Container, Entry};
use crate::error::{Error, Result};
use crate::filter::ArrayReader;
use crate::limits::Limits;
use crate::validity::Validity;

/// What the one array is called, since it must be called something.
const PATH: &str = super::npy::ONLY;

/// A file of one array.
#[derive(Clone, Debug)]
pub struct Single<R> {
    format: &'static str,
    filter: &'static str,
    reader: R,
    stored_bytes: u64,
    limits: Limits,
}

impl<R> Single<R> {
    pub(super) fn new(
        format: &'static str,
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
        }
    }

    /// What reads the array.
    #[must_use]
    pub fn reader(&self) -> &R {
        &self.reader
    }
}

impl<R: ArrayReader + Clone + 'static> Container for Single<R> {
    fn format(&self) -> &'static str {
        self.format
    }

    fn n_arrays(&self) -> usize {
        1
    }

    fn path(&self, index: usize) -> &str {
        assert_eq!(index, 0, "the file holds one array");
        PATH
    }

    fn find(&self, name: &str) -> Result<usize> {
        if name == PATH {
            return Ok(0);
        }
        Err(Error::invalid(format!(
            "there is no array {name:?}: the file holds one, called {PATH:?}"
        )))
    }

    fn entry(&self, index: usize) -> Result<Entry> {
        let spec = self.reader.spec();
        Ok(Entry {
            dtype: spec.dtype().to_string(),
            shape: spec.shape().to_vec(),
            order: spec.order(),
            decoded_bytes: spec.bytes(),
            ..Entry::new(self.path(index).to_owned(), self.filter, self.stored_bytes)
        })
    }

    fn array(&self, index: usize) -> Result<Box<dyn ArrayReader>> {
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
}
