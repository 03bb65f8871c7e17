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

use paginum_wrapped::Number;

use self::codec::{FastReader, FastWriter};
use self::word::Word;
use super::paged::{Encoder, Words, components, filter_of_pages};
use super::{FilterId, FilterOptions};
use crate::array::ArraySpec;
use crate::error::Result;
use crate::filter::goal::price;

/// Numbers at places that arithmetic finds: to be read fast.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fast;

filter_of_pages! {
    Fast: FilterId::FAST, "fast", price::FAST,
    encoder: encoder, reader: FastReader
}

fn encoder<T: Number<Latent: Word>>(
    spec: &ArraySpec,
    words: Words,
    options: &FilterOptions,
) -> Result<Encoder<T, FastWriter>> {
    let pages = FastWriter::new(components(spec))?;
    Encoder::unsplit(spec, words, options, pages)
}
