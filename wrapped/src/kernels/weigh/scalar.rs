//! One latent at a time.

use super::{BLOCK_N, Least, WidthCosts, difference_bits};
use crate::dtype::Latent;

/// [`Least::weigh`].
#[inline(always)]
pub(super) fn weigh<L: Latent>(
    least: &mut Least,
    proposal: u16,
    latents: &[L; BLOCK_N],
    others: &[L; BLOCK_N],
    costs: &[u16; BLOCK_N],
    of_widths: &WidthCosts,
) {
    for j in 0..BLOCK_N {
        let cost = costs[j] + of_widths.of(difference_bits(latents[j], others[j]));
        let is_less = cost < least.costs[j];
        least.costs[j] = least.costs[j].min(cost);
        least.proposals[j] = if is_less {
            proposal
        } else {
            least.proposals[j]
        };
    }
}
