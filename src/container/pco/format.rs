//! The format `.pco` as a value.

use std::sync::Arc;

use super::open;
use crate::container::{Container, Format, FormatInfo, Match, OpenOptions, Trait};
use crate::error::Result;
use crate::storage::ReadAt;

pub(super) static INFO: FormatInfo = FormatInfo::new("pco", &["pco"], &[Trait::OneArray]);

/// One array, compressed by the engine.
#[derive(Clone, Debug, Default)]
pub struct PcoFormat;

impl Format for PcoFormat {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn recognises(&self, head: &[u8], _tail: &[u8]) -> Match {
        Match::by_magic(head, b"pco!")
    }

    fn open(&self, bytes: Arc<dyn ReadAt>, options: &OpenOptions) -> Result<Box<dyn Container>> {
        Ok(Box::new(open(bytes, &options.limits)?))
    }
}
