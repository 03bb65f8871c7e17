//! Filter 0xE5: numbers at places that arithmetic finds.
//!
//! Nothing is entropy coded. Blocks of 1,024 numbers are a base and so many bits a number, packed so that whole vectors
//! unpack them (`paginum_wrapped::vertical`), and what a block does not reach stands beside it. Under that lie a few steps
//! which make numbers small: differences, dictionaries, decimals, components. Any number is decoded without the others, or
//! with those of its block. Pages and their directory are those of `filter/paged`; byte by byte: FORMAT.md, filter fast.
//!
//! Modules, each using only those before it: `word` knows words; `patches`, `fit` and `packed` are
//! blocks; `bits`, `repeats`, `decimal`, `scheme`, `dictionary` and `page` the steps; `sample` and `choose` choose among them; `codec` fills pages.

mod bits;
mod choose;
mod codec;
mod decimal;
mod dictionary;
mod fit;
mod packed;
mod page;
mod patches;
mod repeats;
mod sample;
mod scheme;
#[cfg(test)]
mod tests;
mod word;

use paginum_wrapped::with_number_type;

use self::codec::{FastReader, FastWriter};
use super::paged::{Encoder, Reader, Words, components};
use super::{ArrayEncoder, ArrayReader, Filter, FilterId, FilterOptions, Payload};
use crate::array::ArraySpec;
use crate::error::Result;
use crate::filter::goal::price;
use crate::limits::Limits;

/// Numbers at places that arithmetic finds: to be read fast.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fast;

impl Filter for Fast {
    fn id(&self) -> FilterId {
        FilterId::FAST
    }

    fn name(&self) -> &'static str {
        "fast"
    }

    fn accepts(&self, spec: &ArraySpec) -> bool {
        spec.dtype().number_type().is_some()
    }

    fn decode_picoseconds(&self, spec: &ArraySpec) -> u64 {
        price::FAST.of(spec)
    }

    fn encoder(&self, spec: &ArraySpec, options: &FilterOptions) -> Result<Box<dyn ArrayEncoder>> {
        let words = Words::required(spec, self.name())?;
        Ok(with_number_type!(words.number_type, |T| {
            let pages = FastWriter::new(components(spec))?;
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
            Box::new(Reader::<T, FastReader>::open(
                spec, words, &payload, limits,
            )?)
        }))
    }
}
