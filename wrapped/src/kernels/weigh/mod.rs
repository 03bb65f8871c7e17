//! Weighs what latents could be relative to: which of some others leaves a difference that costs least.
//!
//! What a difference costs depends on its width: leading zeros, or the exponent of a float where no instruction counts
//! them. Costs are looked up in registers, sixteen latents at once. One latent at a time, a search takes twice as many
//! instructions in all.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod scalar;

use std::array;

use super::isa::{Known, Tier};
use crate::dtype::Latent;

/// Latents that are weighed together.
pub(crate) const BLOCK_N: usize = 16;

/// Bits of the magnitude of a difference.
#[inline(always)]
pub(crate) fn difference_bits<L: Latent>(a: L, b: L) -> u32 {
    let difference = a.wrapping_sub(&b);
    let magnitude = difference.min(L::zero().wrapping_sub(&difference));
    L::BITS - magnitude.leading_zeros()
}

/// What differences cost, by their bits. One of 64 costs what one of 63 does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WidthCosts {
    words: [u16; Self::MOST as usize + 1],
    /// Low and high bytes of the costs of sixteen widths at a time.
    #[cfg(target_arch = "x86_64")]
    bytes: [[[u8; BLOCK_N]; 2]; (Self::MOST as usize + 1) / BLOCK_N],
}

impl WidthCosts {
    /// The widest difference that has a cost of its own.
    pub(crate) const MOST: u32 = 63;

    /// Takes the cost of each width.
    pub(crate) fn new(cost: impl Fn(u32) -> u16) -> Self {
        let words: [u16; Self::MOST as usize + 1] = array::from_fn(|n_bits| cost(n_bits as u32));
        #[cfg(target_arch = "x86_64")]
        let byte = |table: usize, n_bytes: usize, place: usize| {
            words[table * BLOCK_N + place].to_le_bytes()[n_bytes]
        };
        Self {
            words,
            #[cfg(target_arch = "x86_64")]
            bytes: array::from_fn(|table| {
                array::from_fn(|n_bytes| array::from_fn(|place| byte(table, n_bytes, place)))
            }),
        }
    }

    /// What a difference of so many bits costs.
    #[inline(always)]
    pub(crate) fn of(&self, n_bits: u32) -> u16 {
        self.words[n_bits.min(Self::MOST) as usize]
    }
}

/// The least that each latent of a block was found to cost, and which proposal that was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Least {
    pub(crate) costs: [u16; BLOCK_N],
    pub(crate) proposals: [u16; BLOCK_N],
}

impl Least {
    /// Before anything was weighed.
    pub(crate) const NONE: Self = Self {
        costs: [u16::MAX; BLOCK_N],
        proposals: [0; BLOCK_N],
    };

    /// What the first `n` latents cost in all.
    #[inline(always)]
    pub(crate) fn sum_of(&self, n: usize) -> u64 {
        let costs = self.costs[..n].iter().map(|&cost| u64::from(cost));
        costs.sum()
    }

    /// Weighs one proposal for each latent: relative to another one, at a cost that is added to that of the difference.
    /// The sum of both is below 2^16. Of equals, the first stays.
    #[inline(always)]
    pub(crate) fn weigh<S: Tier, L: Latent>(
        &mut self,
        tier: S,
        proposal: u16,
        latents: &[L; BLOCK_N],
        others: &[L; BLOCK_N],
        costs: &[u16; BLOCK_N],
        of_widths: &WidthCosts,
    ) {
        match tier.isa().known() {
            #[cfg(target_arch = "x86_64")]
            Known::Avx512(tier) => {
                avx512::weigh(tier, self, proposal, latents, others, costs, of_widths);
            }
            #[cfg(target_arch = "x86_64")]
            Known::Avx2(tier) => {
                avx2::weigh(tier, self, proposal, latents, others, costs, of_widths)
            }
            Known::Scalar(_) => scalar::weigh(self, proposal, latents, others, costs, of_widths),
        }
    }
}

/// Adds up how wide the differences of blocks are.
pub(crate) struct Weigher {
    of_widths: WidthCosts,
}

impl Weigher {
    /// Of any blocks.
    pub(crate) fn new() -> Self {
        Self {
            of_widths: WidthCosts::new(|n_bits| n_bits as u16),
        }
    }

    /// The bits of the differences of a block to another one in all; one of 64 counts as 63.
    #[inline(always)]
    pub(crate) fn bits<S: Tier, L: Latent>(
        &self,
        tier: S,
        block: &[L; BLOCK_N],
        others: &[L; BLOCK_N],
    ) -> u64 {
        let mut least = Least::NONE;
        least.weigh(tier, 0, block, others, &[0; BLOCK_N], &self.of_widths);
        least.sum_of(BLOCK_N)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::isa::{Isa, Kernel};

    struct Weigh<'a, L>(
        &'a mut Least,
        &'a [L; BLOCK_N],
        &'a [[L; BLOCK_N]; 3],
        &'a WidthCosts,
    );

    impl<L: Latent> Kernel for Weigh<'_, L> {
        type Output = ();
        #[inline(always)]
        fn run<S: Tier>(self, tier: S) {
            for (k, others) in (0..).zip(self.2) {
                let costs = array::from_fn(|j| costs_of(k)[j]);
                self.0.weigh(tier, k, self.1, others, &costs, self.3);
            }
        }
    }

    fn costs_of(proposal: u16) -> [u16; BLOCK_N] {
        array::from_fn(|j| proposal * 300 + (j as u16 * 37) % 11)
    }

    fn every_tier_finds_the_least<L: Latent>() {
        let edges = (0..L::BITS).flat_map(|bit| {
            let power = L::from_u64(1 << bit);
            [
                power.wrapping_sub(&L::one()),
                power,
                power.wrapping_add(&L::one()),
            ]
        });
        let edges: Vec<L> = edges.chain([L::max_value(), L::MID]).collect();
        let pick = |i: usize| edges[i * i % edges.len()];
        let of_widths = WidthCosts::new(|n_bits| (n_bits * 256 + n_bits % 7 * 100) as u16);
        for round in 0..400 {
            let latents: [L; BLOCK_N] = array::from_fn(|j| pick(round + 3 * j));
            let others: [[L; BLOCK_N]; 3] =
                array::from_fn(|k| array::from_fn(|j| pick(round / 5 + 7 * k + 5 * j)));
            let cost = |k: usize, j: usize| {
                let n_bits = difference_bits(latents[j], others[k][j]);
                costs_of(k as u16)[j] + of_widths.of(n_bits)
            };
            let proposals: [usize; BLOCK_N] =
                array::from_fn(|j| (0..3).min_by_key(|&k| cost(k, j)).expect("three"));
            let expected = Least {
                costs: array::from_fn(|j| cost(proposals[j], j)),
                proposals: proposals.map(|k| k as u16),
            };
            for isa in Isa::available() {
                let mut least = Least::NONE;
                isa.run(Weigh(&mut least, &latents, &others, &of_widths));
                assert_eq!(least, expected, "{isa:?} {latents:?}");
            }
        }
    }

    #[test]
    fn the_least_is_found_at_every_tier() {
        every_tier_finds_the_least::<u8>();
        every_tier_finds_the_least::<u16>();
        every_tier_finds_the_least::<u32>();
        every_tier_finds_the_least::<u64>();
    }
}
