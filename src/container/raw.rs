//! Raw binary files: the elements of one array and nothing else. Type and shape come from the caller.

use std::sync::Arc;

use super::format::{Format, FormatInfo, Match, Trait};
use super::npy::{ElementSink, Elements};
use super::output::Output;
use super::plain::Plain;
use super::single::Single;
use super::writer::{ArraySink, ContainerWriter, NewArray, Only, WriteReport};
use super::{Container, OpenOptions};
use crate::array::{ArraySpec, Order};
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::storage::{Durability, ReadAt, Store};
use crate::text::counted;

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

    fn create(&self, store: &dyn Store) -> Result<Box<dyn ContainerWriter>> {
        Ok(Box::new(RawWriter {
            output: Output::new(store)?,
            only: Only::default(),
        }))
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

/// Writes the elements of one array.
struct RawWriter {
    output: Output,
    only: Only,
}

impl ContainerWriter for RawWriter {
    fn begin(&mut self, array: NewArray<'_>) -> Result<Box<dyn ArraySink + '_>> {
        self.only.begin()?;
        // No byte tells an order: it is that of C.
        let spec = array.spec.clone().with_order(Order::C);
        let elements = Elements::new(&spec, &mut self.output);
        let only = &mut self.only;
        Ok(Box::new(ElementSink::new(elements, move || {
            *only = Only::Whole;
        })))
    }

    fn commit(self: Box<Self>) -> Result<WriteReport> {
        self.only.check_is_whole()?;
        self.output.commit(Durability::Synced)
    }
}

/// Opens raw bytes that are an array of this type and shape, as a container of it: `Truncated` if some are missing,
/// `Unsupported` if more follows, which reading would lose.
fn open(store: Arc<dyn ReadAt>, spec: ArraySpec, limits: &Limits) -> Result<Single<Plain>> {
    let file_bytes = store.len();
    if file_bytes < spec.bytes() {
        let what = format!("{file_bytes} of {} of data", counted(spec.bytes(), "byte"));
        return Err(Error::truncated(what).at(file_bytes));
    }
    if file_bytes > spec.bytes() {
        let what = format!(
            "{} behind an array",
            counted(file_bytes - spec.bytes(), "byte")
        );
        return Err(Error::unsupported(what).at(spec.bytes()));
    }
    let elements = Plain::new(store, spec, 0);
    Ok(Single::new(&INFO, "none", elements, file_bytes, limits))
}
