//! Filter 0xE6: numbers through layers to the engine, for the smallest files.
//!
//! The engine codes each number near the ones before it. What it does not see stands in layers above it: components apart, ranks
//! among the distinct values, differences along rows of a grid, and stretches that stood in the page before. Each layer makes columns
//! of numbers out of a column of numbers, and every column that is left is a chunk of the engine, whose wire format stays as
//! it is. Pages and their directory are those of `filter/paged`; byte by byte: FORMAT.md, filter dense.
//!
//! Modules, each using only those before it: `word` and `pool` know words and memory; `stream` is the engine; `steps`, `matches`
//! and `layers` the layers; `tail` puts those of words together; `gauge`, `sample` and `price` say what they would take;
//! `column` and `chunk` write and read; `scan`, `plan` and `choose` choose; `codec` fills pages.

mod choose;
mod chunk;
mod codec;
mod column;
mod gauge;
mod layers;
mod matches;
mod plan;
mod pool;
mod price;
mod sample;
mod scan;
mod steps;
mod stream;
mod tail;
#[cfg(test)]
mod tests;
mod word;

use paginum_wrapped::with_number_type;

use self::codec::{DenseReader, DenseWriter};
use super::goal::price as decoding;
use super::paged::{Encoder, Reader, Words, components};
use super::{ArrayEncoder, ArrayReader, Filter, FilterId, FilterOptions, Goal, Payload};
use crate::array::ArraySpec;
use crate::error::Result;
use crate::limits::Limits;

/// Numbers in as few bytes as there is a way to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Dense;

impl Filter for Dense {
    fn id(&self) -> FilterId {
        FilterId::DENSE
    }

    fn name(&self) -> &'static str {
        "dense"
    }

    fn accepts(&self, spec: &ArraySpec) -> bool {
        spec.dtype().number_type().is_some()
    }

    fn decode_picoseconds(&self, spec: &ArraySpec) -> u64 {
        decoding::DENSE.of(spec)
    }

    /// Only where size is all that counts: it takes several times as long to write as any other.
    fn serves(&self, goal: Goal) -> bool {
        goal == Goal::Size
    }

    fn encoder(&self, spec: &ArraySpec, options: &FilterOptions) -> Result<Box<dyn ArrayEncoder>> {
        let words = Words::required(spec, self.name())?;
        Ok(with_number_type!(words.number_type, |T| {
            let pages = DenseWriter::new(options, components(spec))?;
            Box::new(Encoder::<T, _>::unsplit(spec, words, options, pages)?)
        }))
    }

    fn open(
        &self,
        spec: &ArraySpec,
        payload: Payload,
        limits: &Limits,
    ) -> Result<Box<dyn ArrayReader>> {
        let words = Words::required(spec, self.name())?;
        Ok(with_number_type!(words.number_type, |T| {
            Box::new(Reader::<T, DenseReader>::open(
                spec, words, &payload, limits,
            )?)
        }))
    }
}
