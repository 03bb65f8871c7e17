//! Blocks of 1,024 words, each a base and so many bits a word.

use paginum_wrapped::vertical::{self, BLOCK_N};
use paginum_wrapped::{Isa, Latent};

use super::fit::Fit;
use super::patches::Patches;
use crate::error::Result;
use crate::filter::cursor::{Cursor, push_word, word_at};

/// Width and number of patches, which stand behind the base in the directory.
const ENTRY_REST_BYTES: usize = 3;

/// Packed blocks of a page.
#[derive(Debug)]
pub(super) struct Packed<'a, L> {
    n: usize,
    blocks: Vec<Block<'a, L>>,
}

#[derive(Debug)]
struct Block<'a, L> {
    base: L,
    width: u32,
    packed: &'a [u8],
    patches: Patches<'a>,
}

/// Words of block `block` of `n`.
pub(super) fn block_len(n: usize, block: usize) -> usize {
    (n - block * BLOCK_N).min(BLOCK_N)
}

/// Blocks of `n` words.
pub(super) fn n_blocks(n: usize) -> usize {
    n.div_ceil(BLOCK_N)
}

impl<'a, L: Latent> Packed<'a, L> {
    /// Reads the blocks of `n` words: the directory, and for each block its packed words and its patches.
    pub(super) fn read(n: usize, cursor: &mut Cursor<'a>) -> Result<Self> {
        let n_blocks = n_blocks(n);
        let entry_bytes = size_of::<L>() + ENTRY_REST_BYTES;
        let directory = cursor.take(n_blocks * entry_bytes)?;
        let mut blocks = Vec::with_capacity(n_blocks);
        for (i, entry) in directory.chunks_exact(entry_bytes).enumerate() {
            let (base, rest) = entry.split_at(size_of::<L>());
            let width = u32::from(rest[0]);
            let n_patches = usize::from(word_at::<u16>(&rest[1..], 0));
            let block_n = block_len(n, i);
            if width > L::BITS || n_patches > block_n {
                return Err(cursor.corrupt("a block of impossible width or patches"));
            }
            blocks.push(Block {
                base: word_at(base, 0),
                width,
                packed: cursor.take(vertical::packed_bytes::<L>(block_n, width))?,
                patches: Patches::read::<L>(n_patches, block_n, cursor)?,
            });
        }
        Ok(Self { n, blocks })
    }

    /// Decodes the first words of a block, as many as `out` has room for: all of them, unless `out` is shorter.
    #[inline]
    pub(super) fn decode_block(&self, isa: Isa, block: usize, out: &mut [L]) {
        debug_assert!(out.len() <= block_len(self.n, block), "more than a block");
        let block = &self.blocks[block];
        vertical::unpack(isa, block.packed, block.width, block.base, out);
        block.patches.apply(out);
    }

    /// One word.
    #[inline]
    pub(super) fn get(&self, i: usize) -> L {
        let block = &self.blocks[i / BLOCK_N];
        let place = i % BLOCK_N;
        if let Some(word) = block.patches.find(place) {
            return word;
        }
        vertical::get::<L>(block.packed, block.width, place).wrapping_add(&block.base)
    }
}

/// Appends `words`, whose order is that of unsigned ones once `flip` is applied by exclusive or.
pub(super) fn write<L: Latent>(isa: Isa, words: &[L], flip: L, out: &mut Vec<u8>) {
    let entry_bytes = size_of::<L>() + ENTRY_REST_BYTES;
    let mut entry_at = out.len();
    out.resize(entry_at + n_blocks(words.len()) * entry_bytes, 0);
    for block in words.chunks(BLOCK_N) {
        let fit = Fit::of(isa, block, flip);
        let entry = &mut out[entry_at..entry_at + entry_bytes];
        let (base, rest) = entry.split_at_mut(size_of::<L>());
        base.copy_from_slice(bytemuck::bytes_of(&fit.base.to_le()));
        rest[0] = fit.width as u8;
        rest[1..].copy_from_slice(&(fit.n_patches as u16).to_le_bytes());
        entry_at += entry_bytes;
        let start = out.len();
        let end = start + vertical::packed_bytes::<L>(block.len(), fit.width);
        out.resize(end, 0);
        vertical::pack(isa, block, fit.base, fit.width, &mut out[start..]);
        if fit.n_patches > 0 {
            write_patches(isa, block, &fit, out);
        }
    }
}

fn write_patches<L: Latent>(isa: Isa, block: &[L], fit: &Fit<L>, out: &mut Vec<u8>) {
    let mut places = [0; BLOCK_N];
    let n = vertical::find_outside(isa, block, fit.base, fit.width, &mut places);
    let places = &places[..n];
    places.iter().for_each(|place| push_word(*place, out));
    let words = places.iter().map(|place| block[usize::from(*place)]);
    words.for_each(|word| push_word(word, out));
}

/// Bytes that [`write`] appends.
pub(super) fn size<L: Latent>(isa: Isa, words: &[L], flip: L) -> usize {
    let entries = n_blocks(words.len()) * (size_of::<L>() + ENTRY_REST_BYTES);
    let blocks = words.chunks(BLOCK_N);
    entries
        + blocks
            .map(|block| Fit::of(isa, block, flip).bytes)
            .sum::<usize>()
}
