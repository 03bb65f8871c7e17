//! The format `.pco` as a value.

use std::sync::Arc;

use super::create::One;
use super::{PcoOptions, open};
use crate::container::{Container, ContainerWriter, Format, FormatInfo, Match, OpenOptions, Trait};
use crate::error::Result;
use crate::storage::{ReadAt, Store};

pub(super) static INFO: FormatInfo = FormatInfo::new("pco", &["pco"], &[Trait::OneArray]);

/// One array, compressed by the engine.
#[derive(Clone, Debug, Default)]
pub struct PcoFormat {
    options: PcoOptions,
}

impl PcoFormat {
    /// Sets how files are written.
    #[must_use]
    pub fn with_options(mut self, options: PcoOptions) -> Self {
        self.options = options;
        self
    }
}

impl Format for PcoFormat {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn recognises(&self, head: &[u8], _tail: &[u8]) -> Match {
        Match::by_magic(head, b"pco!")
    }

    fn create(&self, store: &dyn Store) -> Result<Box<dyn ContainerWriter>> {
        Ok(Box::new(One::new(store, self.options.clone())?))
    }

    fn open(&self, bytes: Arc<dyn ReadAt>, options: &OpenOptions) -> Result<Box<dyn Container>> {
        Ok(Box::new(open(bytes, &options.limits)?))
    }
}
