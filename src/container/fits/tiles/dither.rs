//! Numbers that were rounded to whole ones: `zero + scale * number`, less the noise that was added before the rounding.
//!
//! The noise is the standard's sequence of ten thousand numbers, by the generator of Park and Miller (16807 modulo 2^31 - 1).

use std::sync::OnceLock;

/// Numbers of the sequence.
const N_RANDOM: usize = 10_000;
/// What stands for zero, which noise would have moved.
const ZERO: i64 = -2_147_483_646;

/// How a tile was rounded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rounding {
    pub(super) scale: f64,
    pub(super) zero: f64,
    pub(super) blank: Option<i64>,
    pub(super) noise: Noise,
    /// The number of the tile plus that of the file's own start in the sequence, both from zero on.
    pub(super) seed: u64,
}

/// The noise of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Noise {
    None,
    Subtractive,
    /// The same, but zero stays what it is.
    SubtractiveButZero,
}

fn sequence() -> &'static [f32] {
    static SEQUENCE: OnceLock<Vec<f32>> = OnceLock::new();
    SEQUENCE.get_or_init(|| {
        const MODULUS: u64 = (1 << 31) - 1;
        let mut seed = 1;
        let mut next = || {
            seed = seed * 16_807 % MODULUS;
            (seed as f64 / MODULUS as f64) as f32
        };
        (0..N_RANDOM).map(|_| next()).collect()
    })
}

impl Rounding {
    /// What each number was before it was rounded, in order.
    pub(super) fn undo(&self, numbers: &[i64], mut take: impl FnMut(f64)) {
        let sequence = sequence();
        let mut start = (self.seed % N_RANDOM as u64) as usize;
        let first = |start: usize| (sequence[start] * 500.0) as usize;
        let mut at = first(start);
        for &number in numbers {
            let noise = match self.noise {
                Noise::None => 0.0,
                _ => f64::from(sequence[at]) - 0.5,
            };
            take(match number {
                number if Some(number) == self.blank => f64::NAN,
                ZERO if self.noise == Noise::SubtractiveButZero => 0.0,
                number => (number as f64 - noise) * self.scale + self.zero,
            });
            at += 1;
            if at == N_RANDOM {
                start = (start + 1) % N_RANDOM;
                at = first(start);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The standard gives the last seed of the sequence.
    #[test]
    fn the_sequence_is_the_standards() {
        let last = sequence()[N_RANDOM - 1];
        assert_eq!(last, (1_043_618_065_f64 / 2_147_483_647.0) as f32);
    }
}
