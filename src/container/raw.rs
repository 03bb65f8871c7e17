//! Raw binary files: the elements of one array and nothing else. Type and shape come from the caller.

use std::sync::Arc;

use super::format::{Format, FormatInfo, Match, Trait};
use super::plain::Plain;
use super::single::Single;
use super::{Container, OpenOptions};
use crate::array::ArraySpec;
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::storage::ReadAt;

static INFO: FormatInfo = FormatInfo::new(
    "bin",
    &["bin", "raw"],
    &[
        Trait::OneArray,
        Trait::NoChecksums,
        Trait::ToldByName,
        Trait::Bare,
    ],
);

/// Files of elements alone, of one type and shape.
#[derive(Clone, Debug, Default)]
pub struct RawFormat {
    spec: Option<ArraySpec>,
}

impl RawFormat {
    /// Files that hold an array of this type and shape.
    #[must_use]
    pub fn new(spec: ArraySpec) -> Self {
        Self { spec: Some(spec) }
    }
}

impl Format for RawFormat {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn recognises(&self, _head: &[u8], _tail: &[u8]) -> Match {
        Match::No
    }

    fn open(&self, bytes: Arc<dyn ReadAt>, options: &OpenOptions) -> Result<Box<dyn Container>> {
        match &self.spec {
            Some(spec) => Ok(Box::new(open(bytes, spec.clone(), &options.limits)?)),
            None => Err(Error::invalid(
                "raw bytes: type and shape must be known to read them",
            )),
        }
    }
}

/// Opens raw bytes that are an array of this type and shape, as a container of it: `Truncated` if some are missing,
/// `Unsupported` if more follows, which reading would lose.
fn open(store: Arc<dyn ReadAt>, spec: ArraySpec, limits: &Limits) -> Result<Single<Plain>> {
    let file_bytes = store.len();
    if file_bytes < spec.bytes() {
        let what = format!("{file_bytes} of {} bytes of data", spec.bytes());
        return Err(Error::truncated(what).at(file_bytes));
    }
    if file_bytes > spec.bytes() {
        let what = format!("{} bytes behind an array", file_bytes - spec.bytes());
        return Err(Error::unsupported(what).at(spec.bytes()));
    }
    let elements = Plain::new(store, spec, 0);
    Ok(Single::new(&INFO, "none", elements, file_bytes, limits))
}
