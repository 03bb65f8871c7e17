//! `.gnz`: named arrays on pages of their own behind a header of JSON, so that each can be mapped into memory as it lies.
//!
//! `docs/FORMAT.md` says what the bytes are. Arrays in both orders and of both byte orders are read, any selection by the
//! bytes that it needs alone. What is wrong with one array costs that one alone. Files are written in the bytes of the
//! reference implementation, wherever that is right.

mod copy;
mod create;
mod filling;
mod format;
mod header;
mod layout;
mod python;
mod reader;
mod reserved;
mod writer;

pub use filling::{Filling, WritableArray, WritableRows};
pub use format::GnzFormat;
pub use reader::GnzReader;
pub use reserved::Reserved;
pub use writer::GnzWriter;

/// What files start with.
const MAGIC: &[u8; 4] = b"GNZ1";
/// What a file starts with as long as its arrays are being filled in place.
const UNFINISHED: &[u8; 4] = b"GNZ~";
/// The magic number and the length of the header.
const FIRST_BYTES: u64 = 8;
/// Arrays start at multiples of this.
const PAGE_BYTES: u64 = 4096;
