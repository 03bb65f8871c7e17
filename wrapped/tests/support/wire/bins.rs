//! Bins that cover some latents: not the best ones, but odd ones, with weights that fit badly.

use super::meta::{WireBin, WireVar};
use crate::support::random::Random;

/// At most `max_bins` bins over groups of about as many latents each, weights at random.
pub fn cover(mut latents: Vec<u64>, bits: u32, max_bins: usize, random: &mut Random) -> WireVar {
    latents.sort_unstable();
    let n_groups = max_bins.min(latents.len()).max(1);
    let mut bins: Vec<WireBin> = latents
        .chunks(latents.len().div_ceil(n_groups).max(1))
        .map(|group| {
            let (lower, upper) = (group[0], group[group.len() - 1]);
            WireBin {
                weight: 1,
                lower,
                offset_bits: u64::BITS - (upper - lower).leading_zeros(),
            }
        })
        .collect();
    bins.dedup();
    if bins.len() <= 1 {
        return WireVar {
            bits,
            ans_size_log: 0,
            bins,
        };
    }
    let least = bins.len().next_power_of_two().ilog2();
    let ans_size_log = (least + random.below(4) as u32).min(14);
    for _ in bins.len()..1 << ans_size_log {
        let heavier = random.index(bins.len());
        bins[heavier].weight += 1;
    }
    WireVar {
        bits,
        ans_size_log,
        bins,
    }
}

impl WireVar {
    /// The first bin that can hold `latent`, and the offset in it.
    pub fn bin_of(&self, latent: u64) -> (usize, u64) {
        let offset = |bin: &WireBin| latent.wrapping_sub(bin.lower) & super::mask(self.bits);
        let fits = |bin: &WireBin| offset(bin) & !super::mask(bin.offset_bits) == 0;
        let index = self
            .bins
            .iter()
            .position(fits)
            .expect("every latent is covered");
        (index, offset(&self.bins[index]))
    }
}
