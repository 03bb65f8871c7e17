//! The base and the width at which a block takes least room.

use paginum_wrapped::vertical::{self, packed_bytes};
use paginum_wrapped::{Isa, Latent};

/// Words whose middle one is taken for the centre of a block.
const CENTRE_N: usize = 7;

/// Base and width of a block, and how many of its words they do not reach.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fit<L> {
    pub(super) base: L,
    pub(super) width: u32,
    pub(super) n_patches: usize,
    /// Bytes of packed words and patches.
    pub(super) bytes: usize,
}

impl<L: Latent> Fit<L> {
    /// The best of three: windows from the least word up, from the greatest one down, and around the middle one. For each the
    /// width goes down from what reaches every word, as long as patches alone do not cost more than the best so far.
    pub(super) fn of(isa: Isa, block: &[L], flip: L) -> Self {
        let (least, greatest) = vertical::span(isa, block, flip);
        let range = greatest.wrapping_sub(&least);
        let width = L::BITS - range.leading_zeros();
        let mut best = Self {
            base: least,
            width,
            n_patches: 0,
            bytes: packed_bytes::<L>(block.len(), width),
        };
        if width == 0 {
            return best;
        }
        best.narrow(isa, block, width, |_| least);
        best.narrow(isa, block, width, |width| {
            greatest.wrapping_sub(&reach::<L>(width))
        });
        let centre = centre(block, flip);
        best.narrow(isa, block, width, |width| {
            centre.wrapping_sub(&(reach::<L>(width) >> 1))
        });
        best
    }

    /// Takes narrower windows while they are better; `base_of` tells where those of a width begin.
    fn narrow(&mut self, isa: Isa, block: &[L], from: u32, base_of: impl Fn(u32) -> L) {
        let patch_bytes = 2 + size_of::<L>();
        for width in (0..from).rev() {
            let base = base_of(width);
            let n_patches = vertical::count_outside(isa, block, base, width);
            let patches = n_patches * patch_bytes;
            if patches >= self.bytes {
                break;
            }
            let bytes = packed_bytes::<L>(block.len(), width) + patches;
            if bytes < self.bytes {
                *self = Self {
                    base,
                    width,
                    n_patches,
                    bytes,
                };
            }
        }
    }
}

/// The greatest word of so many bits.
fn reach<L: Latent>(width: u32) -> L {
    match width {
        0 => L::zero(),
        _ => L::max_value() >> (L::BITS - width) as usize,
    }
}

/// The middle one of a few words of a block.
fn centre<L: Latent>(block: &[L], flip: L) -> L {
    let mut few = [L::zero(); CENTRE_N];
    for (i, word) in few.iter_mut().enumerate() {
        *word = block[i * block.len() / CENTRE_N] ^ flip;
    }
    few.sort_unstable();
    few[CENTRE_N / 2] ^ flip
}
