//! What a writer asks of a block before it packs it.

use super::BLOCK_N;
use crate::dtype::Latent;
use crate::kernels::isa::{Isa, Kernel, Tier};

/// The least and the greatest word, in the order that they have once `flip` is applied by exclusive or: 0 for unsigned
/// words, the top bit for signed ones. Without words, the greatest and the least there are.
#[must_use]
pub fn span<L: Latent>(isa: Isa, words: &[L], flip: L) -> (L, L) {
    isa.call(Span(words, flip))
}

struct Span<'a, L>(&'a [L], L);

impl<L: Latent> Kernel for Span<'_, L> {
    type Output = (L, L);
    #[inline(always)]
    fn run<S: Tier>(self, _: S) -> (L, L) {
        let Self(words, flip) = self;
        let (mut least, mut greatest) = ([L::max_value(); LANES], [L::zero(); LANES]);
        let (rows, rest) = words.as_chunks::<LANES>();
        for row in rows {
            for lane in 0..LANES {
                let word = row[lane] ^ flip;
                least[lane] = least[lane].min(word);
                greatest[lane] = greatest[lane].max(word);
            }
        }
        for (lane, word) in rest.iter().enumerate() {
            least[lane] = least[lane].min(*word ^ flip);
            greatest[lane] = greatest[lane].max(*word ^ flip);
        }
        let least = least.into_iter().min().unwrap_or(L::max_value());
        let greatest = greatest.into_iter().max().unwrap_or(L::zero());
        (least ^ flip, greatest ^ flip)
    }
}

/// Counts the words outside of `origin` and the `2^width - 1` words above it, modulo their range.
///
/// # Panics
/// If there are more than 1,024 words.
#[must_use]
pub fn count_outside<L: Latent>(isa: Isa, words: &[L], origin: L, width: u32) -> usize {
    assert!(words.len() <= BLOCK_N, "a block of {} words", words.len());
    if width >= L::BITS {
        return 0;
    }
    isa.call(CountOutside(words, origin, width))
}

struct CountOutside<'a, L>(&'a [L], L, u32);

impl<L: Latent> Kernel for CountOutside<'_, L> {
    type Output = usize;
    #[inline(always)]
    fn run<S: Tier>(self, _: S) -> usize {
        let Self(words, origin, width) = self;
        let inside = !(L::max_value() << width as usize);
        // Counted in words of the same width, so that whole vectors are added; as many at once as the narrowest can count.
        let at_once = if L::BITS == 8 { BLOCK_N / 8 } else { BLOCK_N };
        let count_of = |words: &[L]| {
            words.iter().fold(L::zero(), |count, word| {
                let is_outside = word.wrapping_sub(&origin) > inside;
                count.wrapping_add(&if is_outside { L::one() } else { L::zero() })
            })
        };
        let counts = words.chunks(at_once).map(count_of);
        counts.map(|count| Latent::to_u64(count) as usize).sum()
    }
}

/// Writes where the words are that [`count_outside`] counts to the start of `places`, ascending, and returns how many they are.
///
/// # Panics
/// If there are more words than places.
pub fn find_outside<L: Latent>(
    isa: Isa,
    words: &[L],
    origin: L,
    width: u32,
    places: &mut [u16; BLOCK_N],
) -> usize {
    assert!(words.len() <= BLOCK_N, "a block of {} words", words.len());
    if width >= L::BITS {
        return 0;
    }
    isa.call(FindOutside(words, origin, width, places))
}

struct FindOutside<'a, L>(&'a [L], L, u32, &'a mut [u16; BLOCK_N]);

impl<L: Latent> Kernel for FindOutside<'_, L> {
    type Output = usize;
    #[inline(always)]
    fn run<S: Tier>(self, _: S) -> usize {
        let Self(words, origin, width, places) = self;
        let inside = !(L::max_value() << width as usize);
        let is_outside = |word: &L| word.wrapping_sub(&origin) > inside;
        let mut n = 0;
        for (i, words) in words.chunks(LANES).enumerate() {
            // Most have none, which whole vectors tell.
            if !words.iter().fold(false, |any, word| any | is_outside(word)) {
                continue;
            }
            for (j, word) in words.iter().enumerate() {
                // No more places are taken than there are words.
                places[n] = (i * LANES + j) as u16;
                n += usize::from(is_outside(word));
                if n == BLOCK_N {
                    return n;
                }
            }
        }
        n
    }
}

/// Words that are taken at once: 32 to 256 bytes.
const LANES: usize = 32;
