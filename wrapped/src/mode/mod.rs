//! Modes: numbers as one or two latents (wire format section 1.7).
//!
//! The last layer that knows what kind of number it is about. Decoding works on the bits of numbers, as unsigned
//! integers of their width: types of one width share all code but the last step from latent to bits.

mod base_fit;
pub(crate) mod choose;
pub(crate) mod dict;
mod float_bases;
pub(crate) mod float_mult;
pub(crate) mod float_quant;
mod int_bases;
pub(crate) mod int_mult;
mod join;
mod kind;
mod repeats;
mod sample;
pub(crate) mod split;

pub(crate) use join::{Dictionary, Join, Split, Values};
pub(crate) use kind::NumberKind;
