//! How a chunk is encoded: proposals by samples, and what they come to on all numbers.
//!
//! `modes` splits a sample by every mode that could pay, `deltas` tries delta encodings on each, and both give prices.
//! `held` holds the cheapest against all numbers.

mod base_fit;
mod delta_choice;
mod deltas;
mod demanded;
mod dict;
mod doubt;
mod few_values;
mod float_bases;
mod held;
mod int_bases;
mod judges;
mod lags;
mod modes;
mod near_repeats;
mod repeats;
mod runs;
mod sample;
mod scout;
mod segments;
mod surcharge;
mod widths;

pub(crate) use delta_choice::{DeltaChoice, encoding_of};
pub(crate) use held::{Encoded, held_against_all};
pub(crate) use modes::{Choice, choose};
pub(crate) use surcharge::Surcharge;
