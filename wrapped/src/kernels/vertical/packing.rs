//! Words into bits, and back.

use super::{BLOCK_N, ROW_BYTES};
use crate::dtype::Latent;
use crate::kernels::isa::{Isa, Kernel, Tier};

/// Bytes of a block of `n` words at `width` bits: whole words of every lane, as many as its rows need.
#[inline]
#[must_use]
pub fn packed_bytes<L: Latent>(n: usize, width: u32) -> usize {
    let rows = n.div_ceil(BLOCK_N / L::BITS as usize);
    (rows * width as usize).div_ceil(L::BITS as usize) * ROW_BYTES
}

/// Packs the low `width` bits of each word less `base`, modulo the word's range, into `packed`.
///
/// # Panics
/// If there are more than 1,024 words, `width` is more than they have bits, or `packed` is not of
/// [`packed_bytes`].
pub fn pack<L: Latent>(isa: Isa, words: &[L], base: L, width: u32, packed: &mut [u8]) {
    check::<L>(words.len(), width, packed.len());
    packed.fill(0);
    if width > 0 {
        isa.call(Pack {
            words,
            base,
            width,
            packed,
        });
    }
}

/// Unpacks the first words of a block, as many as `out` has, each `width` bits of `packed` plus `base`, modulo the word's range.
///
/// # Panics
/// If `out` has room for more than 1,024 words, `width` is more than they have bits, or `packed` does not hold them.
pub fn unpack<L: Latent>(isa: Isa, packed: &[u8], width: u32, base: L, out: &mut [L]) {
    let n_bytes = packed_bytes::<L>(out.len(), width);
    check::<L>(out.len(), width, packed.len().min(n_bytes));
    if width == 0 {
        out.fill(base);
    } else {
        isa.call(Unpack {
            packed,
            width,
            base,
            out,
        });
    }
}

/// Word `i` of a packed block, without the others and without its base.
///
/// # Panics
/// If `packed` does not hold it.
#[inline]
#[must_use]
pub fn get<L: Latent>(packed: &[u8], width: u32, i: usize) -> L {
    if width == 0 {
        return L::zero();
    }
    let bits = L::BITS as usize;
    let lanes = BLOCK_N / bits;
    let bit = i / lanes * width as usize;
    let (at, shift) = (
        bit / bits * ROW_BYTES + i % lanes * size_of::<L>(),
        bit % bits,
    );
    let mut word = load::<L>(&packed[at..]) >> shift;
    if shift + width as usize > bits {
        word = word | load::<L>(&packed[at + ROW_BYTES..]) << (bits - shift);
    }
    word & mask(width)
}

fn check<L: Latent>(n: usize, width: u32, n_bytes: usize) {
    assert!(n <= BLOCK_N, "a block of {n} words");
    assert!(width <= L::BITS, "{width} of {} bits", L::BITS);
    assert_eq!(n_bytes, packed_bytes::<L>(n, width), "a packed block");
}

#[inline(always)]
fn mask<L: Latent>(width: u32) -> L {
    L::max_value() >> (L::BITS - width) as usize
}

#[inline(always)]
fn load<L: Latent>(bytes: &[u8]) -> L {
    L::from_le(bytemuck::pod_read_unaligned(&bytes[..size_of::<L>()]))
}

#[inline(always)]
fn store<L: Latent>(bytes: &mut [u8], word: L) {
    bytes.copy_from_slice(bytemuck::bytes_of(&word.to_le()));
}

struct Unpack<'a, L> {
    packed: &'a [u8],
    width: u32,
    base: L,
    out: &'a mut [L],
}

impl<L: Latent> Kernel for Unpack<'_, L> {
    type Output = ();

    #[inline(always)]
    fn run<S: Tier>(self, _: S) {
        let bits = L::BITS as usize;
        let width = self.width as usize;
        let mask = mask::<L>(self.width);
        let (packed, _) = self.packed.as_chunks::<ROW_BYTES>();
        let mut bit = 0;
        for row in self.out.chunks_mut(BLOCK_N / bits) {
            let (low, shift) = (&packed[bit / bits], bit % bits);
            // The high part has no bits of its own where a row ends with its words; the mask drops what is loaded then.
            let high = (shift + width > bits).then(|| &packed[bit / bits + 1]);
            unpack_row(low, high, shift, mask, self.base, row);
            bit += width;
        }
    }
}

#[inline(always)]
fn unpack_row<L: Latent>(
    low: &[u8; ROW_BYTES],
    high: Option<&[u8; ROW_BYTES]>,
    shift: usize,
    mask: L,
    base: L,
    row: &mut [L],
) {
    let size = size_of::<L>();
    let low = low.chunks_exact(size);
    match high {
        None => {
            for (out, low) in row.iter_mut().zip(low) {
                *out = ((load::<L>(low) >> shift) & mask).wrapping_add(&base);
            }
        }
        Some(high) => {
            let up = L::BITS as usize - shift;
            for ((out, low), high) in row.iter_mut().zip(low).zip(high.chunks_exact(size)) {
                let word = load::<L>(low) >> shift | load::<L>(high) << up;
                *out = (word & mask).wrapping_add(&base);
            }
        }
    }
}

struct Pack<'a, L> {
    words: &'a [L],
    base: L,
    width: u32,
    packed: &'a mut [u8],
}

impl<L: Latent> Kernel for Pack<'_, L> {
    type Output = ();

    #[inline(always)]
    fn run<S: Tier>(self, _: S) {
        let bits = L::BITS as usize;
        let size = size_of::<L>();
        let width = self.width as usize;
        let mask = mask::<L>(self.width);
        let (packed, _) = self.packed.as_chunks_mut::<ROW_BYTES>();
        let mut bit = 0;
        for row in self.words.chunks(BLOCK_N / bits) {
            let (at, shift) = (bit / bits, bit % bits);
            for (word, low) in row.iter().zip(packed[at].chunks_exact_mut(size)) {
                let word = word.wrapping_sub(&self.base) & mask;
                let low_word = load::<L>(low) | word << shift;
                store(low, low_word);
            }
            if shift + width > bits {
                for (word, high) in row.iter().zip(packed[at + 1].chunks_exact_mut(size)) {
                    let word = word.wrapping_sub(&self.base) & mask;
                    store(high, word >> (bits - shift));
                }
            }
            bit += width;
        }
    }
}
