//! Filter 0xE6: numbers through layers to the engine, for the smallest files.
//!
//! The engine codes each number near the ones before it. What it does not see stands in layers above it: components apart, ranks
//! among the distinct values, differences along rows of a grid, and stretches that stood in the page before. Each layer makes columns
//! of numbers out of a column of numbers, and every column that is left is a chunk of the engine, whose wire format stays as
//! it is. Pages and their directory are those of `filter/paged`; byte by byte: FORMAT.md, filter dense.
//!
//! Modules, each using only those before it: `word` and `pool` know words and memory; `stream` is the engine; `matches` and
//! `layers`, with `filter/steps`, are the layers; `tail` puts those of words together; `gauge`, `sample` and `price` say what they would take;
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
mod stream;
mod tail;
#[cfg(test)]
mod tests;
mod word;

use paginum_wrapped::Number;

use self::codec::{DenseReader, DenseWriter};
use self::word::Word;
use super::goal::price as decoding;
use super::paged::{Encoder, Words, components, filter_of_pages};
use super::{EncodeContext, FilterId, Goal};
use crate::array::ArraySpec;
use crate::error::Result;

filter_of_pages! {
    /// Numbers in as few bytes as there is a way to.
    Dense: FilterId::DENSE, "dense", decoding::DENSE,
    encoder: encoder, reader: DenseReader,
    // It takes several times as long to write as any other.
    serves: Goal::Size, level: level
}

fn encoder<T: Number<Latent: Word>>(
    filter: &Dense,
    spec: &ArraySpec,
    words: Words,
    context: &EncodeContext,
) -> Result<Encoder<T, DenseWriter>> {
    let pages = DenseWriter::new(filter.level, components(spec))?;
    Encoder::unsplit(spec, words, filter.page_numbers, context, pages)
}
