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
use super::{EncodeContext, FilterId};
use crate::array::ArraySpec;
use crate::error::Result;
use crate::filter::goal::price;

filter_of_pages! {
    /// Pages of the engine.
    Numeric: FilterId::NUMERIC, "numeric", price::NUMERIC,
    encoder: encoder, reader: FileDecompressor, level: level
}

fn encoder<T: Number>(
    filter: &Numeric,
    spec: &ArraySpec,
    words: Words,
    context: &EncodeContext,
) -> Result<Encoder<T, EngineWriter>> {
    let pages = EngineWriter::new(filter.level, filter.page_numbers)?;
    let is_smaller_split = trial::is_smaller_split::<T>;
    Encoder::new(
        spec,
        words,
        filter.page_numbers,
        context,
        pages,
        components(spec),
        is_smaller_split,
    )
}
