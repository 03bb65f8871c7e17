//! `.fits`: images and tables of astronomy, each behind a header of cards.
//!
//! An image is an array; so is each column of a binary table, and an image that is compressed in tiles. Headers are read when
//! the file is opened, values when they are asked for, and of these no more than is asked for. What is wrong with one array
//! costs that one alone. `docs/FORMAT.md` says which conventions are known.

mod ahead;
mod card;
mod cards;
mod checksum;
mod column;
mod contents;
mod copy;
mod format;
mod hdu;
mod header;
mod image;
mod meaning;
mod meant;
mod names;
mod place;
mod reader;
mod rooms;
mod stored;
mod sums;
mod table;
mod tiles;
mod waiting;
mod writer;

pub use format::FitsFormat;
pub use meaning::Values;

/// Everything in a file fills blocks of so many bytes.
const BLOCK_BYTES: u64 = 2880;
/// What files start with: the keyword of the first card, and that it has a value.
const MAGIC: &[u8; 9] = b"SIMPLE  =";
