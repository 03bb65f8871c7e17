//! Components, one after another, side by side.

use crate::dtype::Latent;
use crate::kernels::isa::{Isa, Kernel, Tier};

/// Writes word `i` of component `c` of `k` to `out[k * i + c]`. Components stand one after another in `words`, each with room
/// for as many words as the longest one.
///
/// # Panics
/// If `words` are not `k` times as many as the longest component.
pub fn interleave<L: Latent>(isa: Isa, words: &[L], k: usize, out: &mut [L]) {
    assert_eq!(words.len(), k * out.len().div_ceil(k), "components");
    if out.is_empty() {
        return;
    }
    match k {
        2 => isa.call(Interleave::<L, 2>(words, out)),
        3 => isa.call(Interleave::<L, 3>(words, out)),
        4 => isa.call(Interleave::<L, 4>(words, out)),
        6 => isa.call(Interleave::<L, 6>(words, out)),
        7 => isa.call(Interleave::<L, 7>(words, out)),
        _ => {
            for (i, component) in words.chunks_exact(words.len() / k).enumerate() {
                for (out, word) in out.iter_mut().skip(i).step_by(k).zip(component) {
                    *out = *word;
                }
            }
        }
    }
}

/// With the number of components as a constant, the compiler makes permutations of whole vectors of it.
struct Interleave<'a, L, const K: usize>(&'a [L], &'a mut [L]);

impl<L: Latent, const K: usize> Kernel for Interleave<'_, L, K> {
    type Output = ();
    #[inline(always)]
    fn run<S: Tier>(self, _: S) {
        let Self(words, out) = self;
        let room = words.len() / K;
        let (whole, rest) = out.as_chunks_mut::<K>();
        let n = whole.len();
        let components: [&[L]; K] = std::array::from_fn(|c| &words[c * room..][..n]);
        for (i, whole) in whole.iter_mut().enumerate() {
            for c in 0..K {
                whole[c] = components[c][i];
            }
        }
        for (c, out) in rest.iter_mut().enumerate() {
            *out = words[c * room + n];
        }
    }
}
