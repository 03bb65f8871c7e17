//! Where a file is written.

use std::path::PathBuf;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::container::Format;
use crate::container::Formats;
use crate::error::Result;
use crate::storage::{Drivers, FileStore, MemoryStore, Store};

/// A path, an address, or nothing: then Python gets the bytes.
#[derive(FromPyObject)]
pub(super) enum Place {
    Address(String),
    Path(PathBuf),
}

impl Place {
    /// The store of it. Where `may_replace` is not given, a file that is there stays.
    pub(super) fn store(&self, may_replace: bool) -> Result<Arc<dyn Store>> {
        let drivers = Drivers::default();
        let store = match self {
            Self::Address(url) => drivers.store(url)?,
            Self::Path(path) => drivers.store_of_path(path)?,
        };
        match store.url().path() {
            Some(path) if !may_replace => Ok(Arc::new(FileStore::new(path).without_replacing())),
            _ => Ok(store),
        }
    }
}

/// A store to write to, and the format to write.
pub(super) struct Target {
    pub(super) store: Arc<dyn Store>,
    pub(super) format: Arc<dyn Format>,
    memory: Option<MemoryStore>,
}

impl Target {
    /// The format is the one of `name`, or what the place's name promises.
    pub(super) fn new(
        place: Option<&Place>,
        may_replace: bool,
        formats: &Formats,
        name: Option<&str>,
    ) -> Result<Self> {
        let Some(place) = place else {
            let memory = MemoryStore::new();
            return Ok(Self {
                format: formats.by_name(name.unwrap_or("pv"))?.clone(),
                store: Arc::new(memory.clone()),
                memory: Some(memory),
            });
        };
        let store = place.store(may_replace)?;
        let format = match name {
            Some(name) => formats.by_name(name)?,
            None => formats.of_output(store.url())?,
        };
        Ok(Self {
            format: format.clone(),
            store,
            memory: None,
        })
    }

    /// The bytes, where they were written to memory.
    pub(super) fn bytes<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        let bytes = self.memory.as_ref()?.bytes()?;
        Some(PyBytes::new(py, &bytes))
    }
}
