//! Filter 0xE0: numbers in pages of the engine.
//!
//! The engine (`codec`) fills the pages of `filter/paged`; `trial` decides whether components get chunks of their own.

mod codec;
mod trial;

#[cfg(test)]
mod tests;

use paginum_wrapped::{FileDecompressor, Number};

use self::codec::EngineWriter;
use super::paged::{Encoder, Words, components, filter_of_pages};
use super::{FilterId, FilterOptions};
use crate::array::ArraySpec;
use crate::error::Result;
use crate::filter::goal::price;

/// Pages of the engine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Numeric;

filter_of_pages! {
    Numeric: FilterId::NUMERIC, "numeric", price::NUMERIC,
    encoder: encoder, reader: FileDecompressor
}

fn encoder<T: Number>(
    spec: &ArraySpec,
    words: Words,
    options: &FilterOptions,
) -> Result<Encoder<T, EngineWriter>> {
    let pages = EngineWriter::new(options)?;
    let is_smaller_split = trial::is_smaller_split::<T>;
    Encoder::new(
        spec,
        words,
        options,
        pages,
        components(spec),
        is_smaller_split,
    )
}
