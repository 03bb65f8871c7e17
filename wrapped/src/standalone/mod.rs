//! The standalone format: one array in one piece of bytes, with its type and its counts (wire format section 1.8).
//!
//! A magic number, versions, an untrusted hint of how many numbers will come, the wrapped header, then chunks of one
//! page each behind a preamble of number type and count, and a terminator. No length in bytes is stored anywhere:
//! where a chunk ends is known only by decoding it.

mod compress;
mod decompress;
mod header;
mod reader;

pub use compress::{Compressor, FileWriter, compress};
pub use decompress::{MAX_BYTES, decompress, decompress_into, decompress_within};
pub use reader::{Chunk, ChunkReader, FileReader};
