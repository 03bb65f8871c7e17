//! Filter 0xE0: numbers in pages of the engine.
//!
//! The engine (`codec`) fills the pages of `filter/paged`; `trial` decides whether components get chunks of their own.

mod codec;
mod trial;

#[cfg(test)]
mod tests;

use paginum_wrapped::{FileDecompressor, with_number_type};

use self::codec::EngineWriter;
use super::paged::{Encoder, Reader, Words, components};
use super::{ArrayEncoder, ArrayReader, Filter, FilterId, FilterOptions, Payload};
use crate::array::ArraySpec;
use crate::error::Result;
use crate::filter::goal::price;
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

    fn decode_picoseconds(&self, spec: &ArraySpec) -> u64 {
        price::NUMERIC.of(spec)
    }

    fn encoder(&self, spec: &ArraySpec, options: &FilterOptions) -> Result<Box<dyn ArrayEncoder>> {
        let words = Words::required(spec, self.name())?;
        Ok(with_number_type!(words.number_type, |T| {
            Box::new(Encoder::<T, _>::new(
                spec,
                words,
                options,
                EngineWriter::new(options)?,
                components(spec),
                trial::is_smaller_split::<T>,
            )?)
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
            Box::new(Reader::<T, FileDecompressor>::open(
                spec, words, &payload, limits,
            )?)
        }))
    }
}
