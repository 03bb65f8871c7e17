//! One by one.

use crate::dtype::Latent;

/// [`super::exclusive_sum`].
#[inline(always)]
pub(super) fn exclusive_sum<L: Latent>(latents: &mut [L], flip: L, start: L) -> L {
    let mut sum = start;
    for latent in latents {
        let value = *latent ^ flip;
        *latent = sum;
        sum = sum.wrapping_add(&value);
    }
    sum
}
