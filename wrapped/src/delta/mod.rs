//! Delta encodings: latents as residuals of what came before them in the page (wire format section 1.6).
//!
//! An encoding of state `s` stores the first `s` latents (or as many moments) of each page, so that the page codes `s`
//! residuals fewer than it has numbers, and each batch gives out latents that lag `s` behind the residuals it takes.
//! Residuals are stored with their top bit flipped, so that small ones of either sign lie near the middle.

pub(crate) mod choose;
pub(crate) mod consecutive;
pub(crate) mod conv1;
mod likely;
mod linear;
pub(crate) mod lookback;

pub(crate) use consecutive::Moments;
pub(crate) use conv1::Convolution;
pub(crate) use lookback::History;

use crate::dtype::Latent;
use crate::entropy::bit_length;

/// Bits of the magnitude of a difference.
#[inline(always)]
fn difference_bits<L: Latent>(a: L, b: L) -> u32 {
    let difference = a.wrapping_sub(&b);
    bit_length(difference.min(L::zero().wrapping_sub(&difference)))
}
