//! Lanes of a checksum: byte `i` goes to lane `i % 4`, which becomes `(lane ^ byte) * factor` modulo 2^32.
//!
//! Each byte waits for the one before it, four cycles long. But the low bits of a lane never depend on higher ones, and
//! flipping bit `k` of a lane flips bit `k` of what follows, as factors are odd. So a piece is cut into segments that are
//! followed side by side, each from a guess of the bits that it starts with: once they agree on what stands below, the guess
//! tells by which bits it was wrong. When all low bytes are known, what exclusive or adds is known, too, and the rest of a
//! lane is linear. It is not part of pco's format: the checksum of `.pzp` needs it.

#[cfg(target_arch = "x86_64")]
mod avx512;
mod scalar;

use super::isa::Isa;
#[cfg(target_arch = "x86_64")]
use super::isa::Known;

/// Calls with a multiple of so many bytes are the fastest.
pub const PIECE_BYTES: usize = 16 << 10;

/// Takes whole groups of four bytes into the lanes.
///
/// # Panics
/// If `bytes` are no whole groups, or a factor is even.
pub fn take(isa: Isa, factors: [u32; 4], bytes: &[u8], lanes: &mut [u32; 4]) {
    assert!(
        bytes.len().is_multiple_of(4) && factors.iter().all(|factor| factor % 2 == 1),
        "{} bytes for four lanes of odd factors",
        bytes.len()
    );
    #[cfg(target_arch = "x86_64")]
    let done = match isa.known() {
        Known::Avx512(tier) => avx512::take(tier, factors, bytes, lanes),
        _ => 0,
    };
    #[cfg(not(target_arch = "x86_64"))]
    let done = 0;
    let bytes = &bytes[done..];
    isa.run(scalar::Take {
        factors,
        bytes,
        lanes,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_isa_follows_the_definition() {
        let mut state = 1_u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        let noise: Vec<u8> = (0..100_000).map(|_| noise()).collect();
        let few: Vec<u8> = noise.iter().map(|byte| u8::from(*byte > 250)).collect();
        for isa in Isa::available() {
            for bytes in [&noise, &few, &vec![255; 40_000], &vec![0; 40_000]] {
                for n in [0, 4, 2_044, 2_048, 8_196, 16_384, 16_388, 40_000] {
                    for factors in [[31, 37, 41, 43], [0x8000_0001, 1, 0xffff_ffff, 257]] {
                        let mut lanes = [0x1234_5678, 0x9abc_def0, 0xfedc_ba98, 0x8765_4321];
                        let mut expected = lanes;
                        take(isa, factors, &bytes[..n], &mut lanes);
                        for (i, &byte) in bytes[..n].iter().enumerate() {
                            let lane = &mut expected[i % 4];
                            *lane = (*lane ^ u32::from(byte)).wrapping_mul(factors[i % 4]);
                        }
                        assert_eq!(lanes, expected, "isa {isa:?}, {n} bytes, {factors:?}");
                    }
                }
            }
        }
    }

    #[test]
    #[should_panic(expected = "7 bytes")]
    fn parts_of_groups_are_refused() {
        take(Isa::SCALAR, [1; 4], &[0; 7], &mut [0; 4]);
    }
}
