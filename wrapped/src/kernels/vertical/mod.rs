//! Blocks of up to 1,024 words, packed at a fixed number of bits each, *vertically*.
//!
//! For words of `B` bits a block has `1024 / B` columns, or *lanes*: word `i` stands in lane `i % lanes`, row `i / lanes`.
//! At `width` bits a word, the rows of a lane form a string of bits, low bits first; its `j`-th word is word
//! `j * lanes + lane` of the packed block. So one row is unpacked by the same shifts in every lane, which whole vectors
//! do, and comes out in order. Shifts are uniform over a row, so that one loop serves all widths, at the speeds in
//! `docs/PERFORMANCE.md`; one function a width would be 120 for each tier. Lemire and Boytsov, "Decoding billions of integers
//! per second through vectorization", 2012; Afroozeh and Boncz, "The FastLanes compression layout", 2023.
//!
//! Beside packing, this module has the other steps of a block that are worth a vector: each is one safe loop, which the
//! compiler turns into the instructions of every tier.

mod decimal;
mod gather;
mod interleave;
mod measure;
mod packing;
mod steps;

pub use decimal::{Decimal, MAX_EXPONENT_F32, MAX_EXPONENT_F64};
pub use gather::gather;
pub use interleave::interleave;
pub use measure::{count_outside, find_outside, span};
pub use packing::{get, pack, packed_bytes, unpack};
pub use steps::{differences, from_ordered, ordered, running_sum, sum, to_ordered};

/// Words of a whole block.
pub const BLOCK_N: usize = 1024;
/// Bytes of one word of every lane.
const ROW_BYTES: usize = BLOCK_N / 8;

#[cfg(test)]
mod tests;
