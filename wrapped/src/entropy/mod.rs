//! Table-based asymmetric numeral systems (tANS) over bins.
//!
//! A symbol is a bin. Each latent variable of a chunk has one table of `2^size_log` states, in which a bin of weight
//! `w` owns `w` of them; coding a symbol of probability `w / 2^size_log` costs about `-log2` of that in bits. Four
//! states take turns, so that a CPU can follow four chains at once (J. Duda, "Asymmetric numeral systems", 2013;
//! wire format section 1.4).

mod cost;
mod decode;
mod encoder_table;
mod spread;
mod tally;
mod weights;

pub(crate) use cost::{bit_length, entropy_bits, log2};
pub(crate) use decode::decode_table;
pub(crate) use encoder_table::{EncoderTable, N_NARROW, SymbolStep};
pub(crate) use spread::spread_symbols;
pub(crate) use tally::tally;
pub(crate) use weights::{best_weights, bits_of_one, quantize_weights, symbol_bits, table_bits};

/// The largest tANS table: 2^14 states.
pub(crate) const MAX_SIZE_LOG: u32 = 14;
/// Numbers of a batch: the unit in which latent variables interleave. Only the last batch of a page is shorter.
pub const BATCH_N: usize = 256;
/// tANS states that take turns.
pub(crate) const N_STATES: usize = 4;
