//! Modes: numbers as one or two latents (wire format section 1.7).
//!
//! The last layer that knows what kind of number it is about. Decoding works on the bits of numbers, as unsigned
//! integers of their width: types of one width share all code but the last step from latent to bits.

mod join;
mod kind;

pub(crate) use join::{Dictionary, Join, Split, Values};
pub(crate) use kind::NumberKind;
