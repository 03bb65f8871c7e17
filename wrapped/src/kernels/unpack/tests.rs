use super::*;
use crate::dtype::Latent;
use crate::kernels::LOAD_BYTES;
use crate::kernels::isa::{Isa, Kernel};
use crate::kernels::tans::Entry;

fn random_bytes(n: usize) -> Vec<u8> {
    let mut random = 1u64;
    let next = |_| {
        random = random
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (random >> 56) as u8
    };
    (0..n).map(next).collect()
}

/// Bits `start..start + width`, one by one.
fn bits_at(src: &[u8], start: u64, width: u32) -> u64 {
    (0..u64::from(width)).fold(0, |value, k| {
        let at = start + k;
        value | u64::from(src[(at / 8) as usize] >> (at % 8) & 1) << k
    })
}

struct Add<'a, L: Latent>(&'a [u8], OffsetJob<'a, L>);

impl<L: Latent> Kernel for Add<'_, L> {
    type Output = u64;
    #[inline(always)]
    fn run<S: Tier>(self, tier: S) -> u64 {
        add_offsets(tier, self.0, self.1)
    }
}

struct Unpack<'a, L> {
    src: &'a [u8],
    bit: &'a mut u64,
    width: u32,
    lower: L,
    out: &'a mut [L],
}

impl<L: Latent> Kernel for Unpack<'_, L> {
    type Output = ();
    #[inline(always)]
    fn run<S: Tier>(self, tier: S) {
        unpack(tier, self.src, self.bit, self.width, self.lower, self.out);
    }
}

fn every_tier_reads_the_same<L: Latent>() {
    const MAX_N: usize = 35;
    let src = random_bytes(MAX_N * 8 + 8 + LOAD_BYTES);
    for max in 0..=L::BITS {
        for n in 0..=MAX_N {
            let start = u64::from(max * 7 + n as u32) % 61;
            // All widths up to the maximum, and the maximum itself, alternating.
            let width = |i: usize| {
                if i.is_multiple_of(3) {
                    max
                } else {
                    (i as u32 * 13) % (max + 1)
                }
            };
            let lower = |i: usize| L::from_u64(u64::MAX / (i as u64 + 1));
            let entries: Vec<Entry<L>> = (0..n)
                .map(|i| Entry::new(lower(i), width(i), 9, 3))
                .collect();
            let mut end = start;
            let mut expected = Vec::new();
            for i in 0..n {
                expected.push(lower(i).wrapping_add(&L::from_u64(bits_at(&src, end, width(i)))));
                end += u64::from(width(i));
            }
            let fixed = |i: usize| bits_at(&src, start + i as u64 * u64::from(max), max);
            let expected_fixed: Vec<L> = (0..n)
                .map(|i| lower(3).wrapping_add(&L::from_u64(fixed(i))))
                .collect();
            for isa in Isa::available() {
                let mut out = vec![L::zero(); n];
                let src = &src[..];
                let job = OffsetJob {
                    bit: start,
                    max_offset_bits: max,
                    entries: &entries,
                    latents: &mut out,
                };
                let found_end = isa.run(Add(src, job));
                assert_eq!(
                    (&out, found_end),
                    (&expected, end),
                    "isa {isa:?}, max {max}, n {n}"
                );
                let mut bit = start;
                isa.run(Unpack {
                    src,
                    bit: &mut bit,
                    width: max,
                    lower: lower(3),
                    out: &mut out,
                });
                assert_eq!(out, expected_fixed, "isa {isa:?}, width {max}, n {n}");
                assert_eq!(bit, start + n as u64 * u64::from(max));
            }
        }
    }
}

#[test]
fn every_tier_reads_offsets_of_all_widths() {
    every_tier_reads_the_same::<u8>();
    every_tier_reads_the_same::<u16>();
    every_tier_reads_the_same::<u32>();
    every_tier_reads_the_same::<u64>();
}
