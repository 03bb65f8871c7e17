//! Modes: numbers as one or two latents (wire format section 1.7).
//!
//! The last layer that knows what kind of number it is about. Decoding works on the bits of numbers, as unsigned
//! integers of their width: types of one width share all code but the last step from latent to bits.

mod choose;
pub(crate) mod dict;
pub(crate) mod float_mult;
pub(crate) mod float_quant;
pub(crate) mod int_mult;
mod join;
mod kind;

pub(crate) use choose::{ChosenMode, choose_mode};
pub(crate) use join::{Dictionary, Join, Split, Values};
pub(crate) use kind::NumberKind;
