//! How many differences have which width: what they take, about, without a sort or bins.

use crate::dtype::Latent;
use crate::entropy::entropy_bits;
use crate::kernels::weigh::difference_bits;

/// Widths of 0 to 64 bits.
const N_WIDTHS: usize = 65;
/// Places of a table, a power of two: no index is checked.
const N_PLACES: usize = N_WIDTHS.next_power_of_two();
/// Tables that take turns: equal widths, one behind the other, would wait for each other.
const N_TURNS: usize = 4;
/// Latents whose widths are known before they are counted.
const BLOCK_N: usize = 128;

/// Counts of differences by their width.
pub(super) struct Widths {
    turns: [[u32; N_PLACES]; N_TURNS],
}

impl Widths {
    /// Of no differences.
    #[inline(always)]
    pub(super) fn new() -> Self {
        Self {
            turns: [[0; N_PLACES]; N_TURNS],
        }
    }

    /// Those of latents around a centre.
    #[inline(always)]
    pub(super) fn around<L: Latent>(latents: &[L], centre: L) -> Self {
        let mut widths = Self::new();
        widths.add(latents, centre);
        widths
    }

    /// Adds the differences of latents to a centre.
    #[inline(always)]
    pub(super) fn add<L: Latent>(&mut self, latents: &[L], centre: L) {
        let mut widths = [0u8; BLOCK_N];
        for block in latents.chunks(BLOCK_N) {
            for (width, &latent) in widths.iter_mut().zip(block) {
                *width = difference_bits(latent, centre) as u8;
            }
            let (quads, rest) = widths[..block.len()].as_chunks::<N_TURNS>();
            for quad in quads {
                for (turn, &width) in self.turns.iter_mut().zip(quad) {
                    turn[usize::from(width) % N_PLACES] += 1;
                }
            }
            for &width in rest {
                self.turns[0][usize::from(width) % N_PLACES] += 1;
            }
        }
    }

    /// About what the differences take in all.
    pub(super) fn bits(&self) -> f64 {
        let mut counts = [0; N_WIDTHS];
        for turn in &self.turns {
            counts.iter_mut().zip(turn).for_each(|(sum, of)| *sum += of);
        }
        bits_of_widths(&counts)
    }
}

/// What differences of these widths take, so many of each: their bits, and the entropy of the widths.
pub(super) fn bits_of_widths(counts: &[u32; N_WIDTHS]) -> f64 {
    let of_widths = (0u32..).zip(*counts);
    let offsets: f64 = of_widths
        .map(|(width, count)| f64::from(count) * f64::from(width))
        .sum();
    offsets + entropy_bits(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_count_what_one_table_does() {
        for n in [0, 1, 3, 64, 127, 1000] {
            let latents: Vec<u64> = (0..n).map(|i| (i * i * i) << (i % 40)).collect();
            let (first, second) = latents.split_at(latents.len() / 3);
            let mut widths = Widths::around(first, 7);
            widths.add(second, 900);
            let mut counts = [0; N_WIDTHS];
            for (part, centre) in [(first, 7), (second, 900)] {
                for &latent in part {
                    counts[difference_bits(latent, centre) as usize] += 1;
                }
            }
            assert_eq!(widths.bits(), bits_of_widths(&counts));
        }
    }
}
