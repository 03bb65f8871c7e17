//! Filter 0xE5: numbers at places that arithmetic finds.
//!
//! Nothing is entropy coded. Blocks of 1,024 numbers are a base and so many bits a number, packed so that whole vectors
//! unpack them (`paginum_wrapped::vertical`), and what a block does not reach stands beside it. Under that lie a few steps
//! which make numbers small: differences, dictionaries, decimals, components. Any number is decoded without the others, or
//! with those of its block. Pages and their directory are those of `filter/paged`; byte by byte: FORMAT.md, filter fast.
//!
//! Modules, each using only those before it: `word` knows words; `patches`, `fit` and `packed` are
//! blocks; `exceptions`, `bits`, `decimal`, `heads`, `rows`, `repeats`, `scheme`, `dictionary` and `page` the steps; `shape`, `sample` and `choose` choose among them; `codec` fills pages.

mod bits;
mod choose;
mod codec;
mod decimal;
mod dictionary;
mod exceptions;
mod fit;
mod heads;
mod packed;
mod page;
mod patches;
mod repeats;
mod rows;
mod sample;
mod scheme;
mod shape;
#[cfg(test)]
mod tests;
mod word;

use paginum_wrapped::Number;

use self::codec::{FastReader, FastWriter};
use self::shape::Shape;
use self::word::Word;
use super::paged::{Encoder, Words, filter_of_pages};
use super::{EncodeContext, FilterId};
use crate::array::ArraySpec;
use crate::error::Result;
use crate::filter::goal::price;

filter_of_pages! {
    /// Numbers at places that arithmetic finds: to be read fast.
    Fast: FilterId::FAST, "fast", price::FAST,
    encoder: encoder, reader: FastReader
}

fn encoder<T: Number<Latent: Word>>(
    filter: &Fast,
    spec: &ArraySpec,
    words: Words,
    context: &EncodeContext,
) -> Result<Encoder<T, FastWriter>> {
    let pages = FastWriter::new(Shape::of(spec))?;
    Encoder::unsplit(spec, words, filter.page_numbers, context, pages)
}
