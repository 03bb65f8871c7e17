//! Filter 0xE0: numbers in pages of the engine.
//!
//! The payload is skippable frames of zstd only, so that readers which do not know the filter decode nothing rather
//! than garbage: parameters, then for each chunk its metadata and its pages, then the directory of all pages. Every
//! frame has a checksum bound to the array and to its place in it. Byte by byte: FORMAT.md, filter numeric.
//!
//! Modules, each using only those before it: `geometry` cuts arrays into pages, `values` knows bytes from numbers,
//! `parameters` and `directory` are the head and the tail; `chunk`, `trial` and `encoder` write; `chunks`, `page`, `verify`
//! and `reader` read.

mod chunk;
mod chunks;
mod directory;
mod encoder;
mod geometry;
mod page;
mod parameters;
mod reader;
mod trial;
mod values;
mod verify;

#[cfg(test)]
mod tests;

use paginum_wrapped::with_number_type;

use self::values::Words;
use super::{ArrayEncoder, ArrayReader, Filter, FilterId, FilterOptions, Payload};
use crate::array::ArraySpec;
use crate::error::{Error, Result};
use crate::limits::Limits;

/// Pages of the engine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Numeric;

impl Filter for Numeric {
    fn id(&self) -> FilterId {
        FilterId::NUMERIC
    }

    fn name(&self) -> &'static str {
        "numeric"
    }

    fn accepts(&self, spec: &ArraySpec) -> bool {
        spec.dtype().number_type().is_some()
    }

    fn encoder(&self, spec: &ArraySpec, options: &FilterOptions) -> Result<Box<dyn ArrayEncoder>> {
        let words = words_of(spec)?;
        Ok(with_number_type!(words.number_type, |T| {
            Box::new(encoder::Encoder::<T>::new(spec, words, options)?)
        }))
    }

    fn open(
        &self,
        spec: &ArraySpec,
        payload: Payload,
        limits: &Limits,
    ) -> Result<Box<dyn ArrayReader>> {
        let words = words_of(spec)?;
        Ok(with_number_type!(words.number_type, |T| {
            Box::new(reader::Reader::<T>::open(spec, words, &payload, limits)?)
        }))
    }
}

fn words_of(spec: &ArraySpec) -> Result<Words> {
    Words::of(spec).ok_or_else(|| {
        Error::invalid(format!(
            "numeric pages of {}, which is not made of numbers; shuffle is the filter for it",
            spec.dtype()
        ))
    })
}
