//! Images that are compressed in tiles, each a row of a table whose bytes lie behind the rows.
//!
//! A selection decodes the tiles that it touches and no others. Types, scales and blanks of what comes out are those of any
//! other image.

mod codec;
mod dither;
mod layout;
mod place;
mod reader;
mod rice;

pub(super) use layout::{Layout, layout};
pub(super) use reader::Tiled;
