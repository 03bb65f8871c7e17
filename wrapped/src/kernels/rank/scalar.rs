//! Portable twin: nodes are bisected.

use std::hint::select_unpredictable;

use super::tree::{FANOUT, Tree};
use crate::dtype::Latent;

#[inline(always)]
pub(super) fn ranks<L: Latent, const N: usize>(
    tree: &Tree<L>,
    latents: &[[L; N]],
    ranks: &mut [[u16; N]],
) {
    for (latents, ranks) in latents.iter().zip(ranks) {
        *ranks = tree.descend(&tree.nodes, latents, n_at_most);
    }
}

#[inline(always)]
fn n_at_most<L: Latent>(node: &[L; FANOUT], latent: L) -> usize {
    let mut place = 0;
    let mut step = FANOUT / 2;
    while step > 0 {
        let next = place + step;
        place = select_unpredictable(node[next] <= latent, next, place);
        step /= 2;
    }
    // The first one is.
    place + 1
}
