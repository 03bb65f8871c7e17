//! The base and the width at which a block takes least room.

use paginum_wrapped::vertical::{self, packed_bytes};
use paginum_wrapped::{Isa, Latent};

/// Words of a block on which windows are tried first.
const TRIAL_N: usize = 128;
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
    /// The best of three windows: from the least word up, from the greatest one down, and around the middle one. Their widths are
    /// tried on a few words; what is best there is counted in the block, with the widths beside it.
    pub(super) fn of(isa: Isa, block: &[L], flip: L) -> Self {
        let (least, greatest) = vertical::span(isa, block, flip);
        let width = width_of(greatest.wrapping_sub(&least));
        let mut best = Self {
            base: least,
            width,
            n_patches: 0,
            bytes: packed_bytes::<L>(block.len(), width),
        };
        if width == 0 {
            return best;
        }
        let mut few = [L::zero(); TRIAL_N];
        let step = (block.len() / TRIAL_N).max(1);
        let n = block.len().min(TRIAL_N);
        for (few, word) in few.iter_mut().zip(block.iter().step_by(step)) {
            *few = *word;
        }
        let few = &few[..n];
        let windows = [
            Window::Up(least),
            Window::Down(greatest),
            Window::Around(centre(few, flip)),
        ];
        let tried = windows.map(|window| narrowest(isa, few, step, width, window));
        if let Some((_, narrow, window)) = tried.into_iter().flatten().min_by_key(|tried| tried.0) {
            for width in narrow.saturating_sub(1)..(narrow + 2).min(width) {
                best.offer(isa, block, width, window);
            }
        }
        best
    }

    /// Takes a window if it is better.
    fn offer(&mut self, isa: Isa, block: &[L], width: u32, window: Window<L>) {
        let base = window.base(width);
        let n_patches = vertical::count_outside(isa, block, base, width);
        let bytes = packed_bytes::<L>(block.len(), width) + n_patches * patch_bytes::<L>();
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

/// Bytes of the place and the word of a patch.
fn patch_bytes<L>() -> usize {
    2 + size_of::<L>()
}

/// Where windows of any width lie.
#[derive(Clone, Copy, Debug)]
enum Window<L> {
    Up(L),
    Down(L),
    Around(L),
}

impl<L: Latent> Window<L> {
    /// The least word of the window of a width.
    fn base(self, width: u32) -> L {
        match self {
            Self::Up(least) => least,
            Self::Down(greatest) => greatest.wrapping_sub(&reach(width)),
            Self::Around(centre) => centre.wrapping_sub(&(reach::<L>(width) >> 1)),
        }
    }
}

/// The width below `from` at which a few words, each standing for `step`, take least, and what they take there; none if no width
/// is better. Widths go down as long as patches alone do not cost more.
fn narrowest<L: Latent>(
    isa: Isa,
    few: &[L],
    step: usize,
    from: u32,
    window: Window<L>,
) -> Option<(usize, u32, Window<L>)> {
    let n = few.len() * step;
    let mut best = None;
    let mut least = packed_bytes::<L>(n, from);
    for width in (0..from).rev() {
        let outside = vertical::count_outside(isa, few, window.base(width), width);
        let patches = outside * step * patch_bytes::<L>();
        if patches >= least {
            break;
        }
        let bytes = packed_bytes::<L>(n, width) + patches;
        if bytes < least {
            least = bytes;
            best = Some((bytes, width, window));
        }
    }
    best
}

/// Bits of a word.
fn width_of<L: Latent>(word: L) -> u32 {
    L::BITS - word.leading_zeros()
}

/// The greatest word of so many bits.
fn reach<L: Latent>(width: u32) -> L {
    match width {
        0 => L::zero(),
        _ => L::max_value() >> (L::BITS - width) as usize,
    }
}

/// The middle one of a few words.
fn centre<L: Latent>(words: &[L], flip: L) -> L {
    let mut few = [L::zero(); CENTRE_N];
    for (i, word) in few.iter_mut().enumerate() {
        *word = words[i * words.len() / CENTRE_N] ^ flip;
    }
    few.sort_unstable();
    few[CENTRE_N / 2] ^ flip
}
