//! Starts in vector registers: a binary search whose steps are permutations, of as many latents at once as fit a register.
//!
//! Starts stand in the order in which a binary search meets them (Eytzinger's: the children of node `k` are `2 k` and
//! `2 k + 1`), so that the starts of one level are one after another. Of a level in a pair of registers, one instruction
//! takes those that all latents ask for. The last levels are several pairs each: all are asked, and the bits of a node's
//! number tell which of them knew.
#![expect(
    unsafe_code,
    reason = "intrinsics, which the tier proves, and unaligned loads of whole registers"
)]

use std::arch::x86_64::*;
use std::hint::black_box;

use bytemuck::cast_slice;

use crate::dtype::Latent;
use crate::kernels::isa::Avx512;

/// Pairs of registers that starts fill, at most.
const MAX_PAIRS: usize = 32;
/// Bytes of a pair.
const PAIR_BYTES: usize = 2 * size_of::<__m512i>();

/// Latents that fill registers of either width.
const GROUP_N: usize = 16;

/// Starts of 32 or 64 bits, in registers.
pub(super) struct Registers<L> {
    /// The CPU has the instructions.
    _isa: Avx512,
    /// In the order of the search: the first node of each level at a power of two. What is missing is the largest latent.
    nodes: Vec<L>,
    /// The place of the last start.
    last: u16,
}

impl<L: Latent> Registers<L> {
    /// Starts of a pair.
    const PAIR_N: usize = PAIR_BYTES / size_of::<L>();

    /// Takes sorted starts, at least one; `None` where there are too many, or they are of less than 32 bits.
    pub(super) fn new(isa: Avx512, starts: &[L]) -> Option<Self> {
        let n_nodes = starts.len().next_power_of_two().max(Self::PAIR_N);
        if L::BITS < u32::BITS || n_nodes > MAX_PAIRS * Self::PAIR_N {
            return None;
        }
        let mut nodes = vec![L::max_value(); n_nodes];
        for level in 0..n_nodes.ilog2() {
            let step = n_nodes >> level;
            let of_level = starts.iter().skip(step / 2).step_by(step);
            for (node, &start) in nodes[1 << level..].iter_mut().zip(of_level) {
                *node = start;
            }
        }
        Some(Self {
            _isa: isa,
            nodes,
            last: (starts.len() - 1) as u16,
        })
    }

    /// Writes the place of the last start at or below each latent; the first one is.
    #[inline(always)]
    pub(super) fn ranks(&self, latents: &[L], ranks: &mut [u16]) {
        let n_whole = latents.len() - latents.len() % GROUP_N;
        let (whole, rest) = latents.split_at(n_whole);
        let (whole_ranks, rest_ranks) = ranks.split_at_mut(n_whole);
        self.ranks_of_groups(whole, whole_ranks);
        if !rest.is_empty() {
            let (mut group, mut found) = ([L::max_value(); GROUP_N], [0; GROUP_N]);
            group[..rest.len()].copy_from_slice(rest);
            self.ranks_of_groups(&group, &mut found);
            rest_ranks.copy_from_slice(&found[..rest.len()]);
        }
    }

    /// The same of whole groups.
    #[inline(always)]
    fn ranks_of_groups(&self, latents: &[L], ranks: &mut [u16]) {
        if L::BITS == u32::BITS {
            // SAFETY: an `Avx512` exists only where the CPU has these features.
            unsafe { words::ranks(cast_slice(&self.nodes), cast_slice(latents), ranks) };
        } else {
            // SAFETY: as above.
            unsafe { long_words::ranks(cast_slice(&self.nodes), cast_slice(latents), ranks) };
        }
        // The largest latent goes on to what is missing.
        ranks
            .iter_mut()
            .for_each(|rank| *rank = (*rank).min(self.last));
    }
}

/// The search of latents of a type, of which `$n` are a register: the instructions differ in their width alone.
macro_rules! search {
    (
        $name:ident: $word:ty, $n:literal,
        $set1:ident, $cmple:ident, $add:ident, $mask_add:ident, $sub:ident,
        $permute:ident, $permute_pair:ident, $test:ident, $blend:ident,
        $narrow:ident, $store:ident
    ) => {
        mod $name {
            use super::*;

            /// Writes the rank of each latent, whole registers of them: what is missing has ranks, too.
            #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
            #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi")]
            pub(super) fn ranks(nodes: &[$word], latents: &[$word], ranks: &mut [u16]) {
                let pairs = nodes.as_chunks().0;
                let (latents, ranks) = (latents.as_chunks().0, ranks.as_chunks_mut().0);
                match pairs.len() {
                    1 => search::<1>(pairs, latents, ranks),
                    2 => search::<2>(pairs, latents, ranks),
                    4 => search::<4>(pairs, latents, ranks),
                    8 => search::<8>(pairs, latents, ranks),
                    16 => search::<16>(pairs, latents, ranks),
                    n => {
                        assert!(n == MAX_PAIRS);
                        search::<MAX_PAIRS>(pairs, latents, ranks);
                    }
                }
            }

            /// The same with so many pairs, a constant, so that each level is a known number of registers.
            #[inline]
            #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt")]
            #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi")]
            fn search<const N_PAIRS: usize>(
                pairs: &[[$word; 2 * $n]],
                latents: &[[$word; $n]],
                ranks: &mut [[u16; $n]],
            ) {
                let pairs: &[_; N_PAIRS] = pairs.try_into().expect("so many pairs");
                let [above, level] = halves(&pairs[0]);
                // The compiler does not know it: else it makes words of masks, to add these.
                let one = $set1(black_box(1));
                for (latents, ranks) in latents.iter().zip(ranks) {
                    let latents = load(latents);
                    let next = |place, node| {
                        let is_right = $cmple(node, latents);
                        let left = $add(place, place);
                        $mask_add(left, is_right, left, one)
                    };
                    // The root is node 1, in one register with all levels above the one that fills the next.
                    let mut place = one;
                    for _ in 0..usize::ilog2($n) {
                        place = next(place, $permute(place, above));
                    }
                    place = next(place, $permute(place, level));
                    if N_PAIRS > 1 {
                        place = next(place, nodes_at::<1>(pairs, place));
                    }
                    if N_PAIRS > 2 {
                        place = next(place, nodes_at::<2>(pairs, place));
                    }
                    if N_PAIRS > 4 {
                        place = next(place, nodes_at::<4>(pairs, place));
                    }
                    if N_PAIRS > 8 {
                        place = next(place, nodes_at::<8>(pairs, place));
                    }
                    if N_PAIRS > 16 {
                        place = next(place, nodes_at::<16>(pairs, place));
                    }
                    let rank = $narrow($sub(place, $set1((N_PAIRS * 2 * $n) as _)));
                    // SAFETY: so many ranks are what is stored.
                    unsafe { $store(ranks.as_mut_ptr().cast(), rank) };
                }
            }

            /// The nodes at these places, of the level of `N` pairs.
            #[inline]
            #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi")]
            fn nodes_at<const N: usize>(pairs: &[[$word; 2 * $n]], place: __m512i) -> __m512i {
                let mut nodes = [_mm512_setzero_si512(); N];
                for (nodes, pair) in nodes.iter_mut().zip(&pairs[N..2 * N]) {
                    let [first, second] = halves(pair);
                    *nodes = $permute_pair(first, place, second);
                }
                for level in 0..N.ilog2() {
                    let is_second = $test(place, $set1((2 * $n) << level));
                    for k in 0..N >> (level + 1) {
                        nodes[k] = $blend(is_second, nodes[2 * k], nodes[2 * k + 1]);
                    }
                }
                nodes[0]
            }

            #[inline]
            #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi")]
            fn halves(pair: &[$word; 2 * $n]) -> [__m512i; 2] {
                let halves: &[[$word; $n]; 2] = pair.as_chunks().0.try_into().expect("two halves");
                [load(&halves[0]), load(&halves[1])]
            }

            #[inline]
            #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi")]
            fn load(register: &[$word; $n]) -> __m512i {
                // SAFETY: so many words are a register.
                unsafe { _mm512_loadu_si512(register.as_ptr().cast()) }
            }
        }
    };
}

search!(
    words: u32, 16,
    _mm512_set1_epi32, _mm512_cmple_epu32_mask, _mm512_add_epi32, _mm512_mask_add_epi32, _mm512_sub_epi32,
    _mm512_permutexvar_epi32, _mm512_permutex2var_epi32, _mm512_test_epi32_mask, _mm512_mask_blend_epi32,
    _mm512_cvtepi32_epi16, _mm256_storeu_si256
);
search!(
    long_words: u64, 8,
    _mm512_set1_epi64, _mm512_cmple_epu64_mask, _mm512_add_epi64, _mm512_mask_add_epi64, _mm512_sub_epi64,
    _mm512_permutexvar_epi64, _mm512_permutex2var_epi64, _mm512_test_epi64_mask, _mm512_mask_blend_epi64,
    _mm512_cvtepi64_epi16, _mm_storeu_si128
);
