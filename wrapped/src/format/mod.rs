//! What pco's layout alone knows: headers, chunk metadata, page metadata, the standalone frame.
//!
//! Everything here is a stored struct with its own `read` and `write` (wire format sections 1.1 to 1.5 and 1.8). A
//! later profile of the engine would stand beside this folder and share all else.

pub(crate) mod chunk_meta;
pub(crate) mod header;

pub use chunk_meta::{Bin, ChunkMeta, Conv1, DeltaEncoding, LatentVarMeta, Mode};
pub use header::FormatVersion;

#[cfg(test)]
mod tests;

/// The largest dictionary: its length field has 25 bits.
pub(crate) const MAX_DICT_LEN_BITS: u32 = 25;
