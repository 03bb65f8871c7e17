//! Filter 0xE0: numbers in pages of the engine.
//!
//! The engine (`codec`) fills the pages of `filter/paged`; `trial` decides whether components get chunks of their own.

mod codec;
mod trial;

#[cfg(test)]
mod tests;

use paginum_wrapped::config::DEFAULT_LEVEL;
use paginum_wrapped::{FileDecompressor, Number};

use self::codec::EngineWriter;
use super::paged::{DEFAULT_PAGE_NUMBERS, Encoder, Words, components, filter_of_pages};
use super::{EncodeContext, FilterId};
use crate::array::ArraySpec;
use crate::error::Result;
use crate::filter::goal::price;

/// Pages of the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numeric {
    level: u32,
    page_numbers: usize,
}

impl Default for Numeric {
    fn default() -> Self {
        Self {
            level: DEFAULT_LEVEL,
            page_numbers: DEFAULT_PAGE_NUMBERS,
        }
    }
}

impl Numeric {
    /// Sets the level of the engine: 8 by default, 0 (fastest) to 12 (smallest), or 13.
    #[must_use]
    pub const fn with_level(mut self, level: u32) -> Self {
        self.level = level;
        self
    }

    /// Sets the numbers of a page, rounded down to whole rows: 8,192 by default. Reading one row reads its page.
    #[must_use]
    pub const fn with_page_numbers(mut self, n: usize) -> Self {
        self.page_numbers = n;
        self
    }
}

filter_of_pages! {
    Numeric: FilterId::NUMERIC, "numeric", price::NUMERIC,
    encoder: encoder, reader: FileDecompressor, level: with_level
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
