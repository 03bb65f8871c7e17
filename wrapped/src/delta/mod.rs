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
