//! Steps between the words of a block and the numbers of an array.

use crate::dtype::{Latent, bits_from_ordered, ordered_from_bits};
use crate::kernels::isa::{Isa, Kernel, Tier};
use crate::kernels::scan;

use super::BLOCK_N;

/// Replaces each word by `start` plus all words before it, modulo their range.
pub fn sum<L: Latent>(isa: Isa, words: &mut [L], start: L) {
    isa.call(Sum(words, start));
}

struct Sum<'a, L>(&'a mut [L], L);

impl<L: Latent> Kernel for Sum<'_, L> {
    type Output = ();
    #[inline(always)]
    fn run<S: Tier>(self, tier: S) {
        scan::exclusive_sum(tier, self.0, L::zero(), self.1);
    }
}

/// Replaces each word by `start` plus all words up to it, itself among them, modulo their range.
pub fn running_sum<L: Latent>(isa: Isa, words: &mut [L], start: L) {
    isa.call(RunningSum(words, start));
}

struct RunningSum<'a, L>(&'a mut [L], L);

impl<L: Latent> Kernel for RunningSum<'_, L> {
    type Output = ();
    #[inline(always)]
    fn run<S: Tier>(self, tier: S) {
        let Self(words, mut start) = self;
        if L::BITS == 64 {
            // A vector holds so few of them that one addition a word is as fast, and needs no second pass.
            for word in words {
                start = start.wrapping_add(word);
                *word = start;
            }
            return;
        }
        // What stands before a word is the sum up to the one before it: a few at a time, moved while they are near.
        for block in words.chunks_mut(BLOCK_N) {
            start = scan::exclusive_sum(tier, block, L::zero(), start);
            block.copy_within(1.., 0);
            *block.last_mut().expect("chunks are not empty") = start;
        }
    }
}

/// Writes to `out` what each word lacks to the next one; the last, which has no next one, repeats what stands before it.
///
/// # Panics
/// If the lengths differ.
pub fn differences<L: Latent>(isa: Isa, words: &[L], out: &mut [L]) {
    assert_eq!(words.len(), out.len(), "words and their differences");
    isa.call(Differences(words, out));
}

struct Differences<'a, L>(&'a [L], &'a mut [L]);

impl<L: Latent> Kernel for Differences<'_, L> {
    type Output = ();
    #[inline(always)]
    fn run<S: Tier>(self, _: S) {
        let Self(words, out) = self;
        let Some((last, out)) = out.split_last_mut() else {
            return;
        };
        for ((out, word), next) in out.iter_mut().zip(words).zip(&words[1..]) {
            *out = next.wrapping_sub(word);
        }
        *last = out.last().copied().unwrap_or(L::zero());
    }
}

/// The word of one float's bits in the order of floats: see [`to_ordered`].
#[must_use]
#[inline]
pub fn ordered<L: Latent>(bits: L) -> L {
    ordered_from_bits(bits)
}

/// Turns the bits of floats into words of the same order: the top bit flips, or all bits of what is negative.
///
/// # Panics
/// If the lengths differ.
pub fn to_ordered<L: Latent>(isa: Isa, words: &[L], out: &mut [L]) {
    assert_eq!(words.len(), out.len(), "words and their order");
    isa.call(ToOrdered(words, out));
}

struct ToOrdered<'a, L>(&'a [L], &'a mut [L]);

impl<L: Latent> Kernel for ToOrdered<'_, L> {
    type Output = ();
    #[inline(always)]
    fn run<S: Tier>(self, _: S) {
        for (out, word) in self.1.iter_mut().zip(self.0) {
            *out = ordered_from_bits(*word);
        }
    }
}

/// The inverse of [`to_ordered`], in place.
pub fn from_ordered<L: Latent>(isa: Isa, words: &mut [L]) {
    isa.call(FromOrdered(words));
}

struct FromOrdered<'a, L>(&'a mut [L]);

impl<L: Latent> Kernel for FromOrdered<'_, L> {
    type Output = ();
    #[inline(always)]
    fn run<S: Tier>(self, _: S) {
        for word in self.0 {
            *word = bits_from_ordered(*word);
        }
    }
}
