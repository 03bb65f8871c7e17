//! Where a file is written.

use std::path::PathBuf;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::container::Format;
use crate::container::Formats;
use crate::container::pv::PvFormat;
use crate::error::{Error, Result};
use crate::storage::{Drivers, FileStore, MemoryStore, Store, StoreOptions, Url};

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
        self.store_of(&match may_replace {
            true => drivers,
            false => drivers.with("file", Arc::new(keeping)),
        })
    }

    /// The store that `drivers` make of it.
    pub(super) fn store_of(&self, drivers: &Drivers) -> Result<Arc<dyn Store>> {
        match self {
            Self::Address(url) => drivers.store(url),
            Self::Path(path) => drivers.store_of_path(path),
        }
    }
}

/// A file that takes the place of no other.
fn keeping(url: &Url, _: &StoreOptions) -> Result<Arc<dyn Store>> {
    let path = url.path();
    let path = path.ok_or_else(|| Error::invalid("an address without a path"))?;
    Ok(Arc::new(FileStore::new(path).without_replacing()))
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
            let pv = PvFormat::default().info().name;
            return Ok(Self {
                format: formats.by_name(name.unwrap_or(pv))?.clone(),
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
