//! Exact counts of latents that lie close together: of all 8- and 16-bit ones, and of most deltas of wider ones.

use crate::dtype::Latent;
use crate::entropy::tally;

/// The widest range of latents that is counted one by one.
const MAX_RANGE: u64 = 1 << 16;

/// How often each latent of a range occurs.
#[derive(Clone, Debug)]
pub(crate) struct Counts<L> {
    pub(crate) min: L,
    /// From `min` on; the first and the last are positive.
    pub(crate) counts: Vec<u32>,
}

impl<L: Latent> Counts<L> {
    /// Counts latents of `min..=max`, if there are enough of them for a table of that range.
    pub(crate) fn of(latents: &[L], min: L, max: L) -> Option<Self> {
        let range = (max - min).to_u64().saturating_add(1);
        if range > MAX_RANGE || range > latents.len() as u64 * 2 + 64 {
            return None;
        }
        let counts = tally(latents, range as usize, |latent| {
            (latent - min).to_u64() as usize
        });
        Some(Self { min, counts })
    }

    /// Each latent that occurs, in order, with its count.
    pub(crate) fn runs(&self) -> impl Iterator<Item = (L, u32)> + Clone {
        let counted = self.counts.iter().enumerate();
        let present = counted.filter(|&(_, &count)| count > 0);
        present.map(|(i, &count)| (self.min + L::from_u64(i as u64), count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::isa::Isa;
    use crate::kernels::range::range_of;

    #[test]
    fn latents_are_counted_with_and_without_turns() {
        for n in [70u32, 10_000] {
            let latents: Vec<u32> = (0..n).map(|i| 1_000_000 + i * i % 101).collect();
            let (min, max) = range_of(Isa::SCALAR, &latents);
            assert_eq!(min, 1_000_000);
            let counts = Counts::of(&latents, min, max).unwrap();
            for (latent, count) in counts.runs() {
                let expected = latents.iter().filter(|&&l| l == latent).count();
                assert_eq!(count as usize, expected, "{latent}");
            }
            assert_eq!(counts.runs().map(|run| run.1).sum::<u32>(), n);
        }
        assert!(Counts::of(&[0u64, 1 << 40], 0, 1 << 40).is_none());
    }
}
