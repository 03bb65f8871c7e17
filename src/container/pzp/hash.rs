//! The checksum of `.pzp`: four lanes of bytes, multiplied and exclusive-ored.
//!
//! A lane waits four cycles for each of its bytes; `paginum_wrapped::lanes` has ways around that. By zeroes a lane is only
//! multiplied, by all of a stretch at once.

use paginum_wrapped::{Isa, lanes};

/// Bytes that are looked at for zeroes at once.
const BLOCK_BYTES: usize = 64;
/// Blocks of zeroes that are passed over: what little of two pictures differs. Shorter ones, as labels have, cost more than they save,
/// as what is between them is no longer taken in vectors.
const MIN_BLOCKS: usize = 64;
const FACTORS: [u32; 4] = [31, 37, 41, 43];

/// A checksum of the bytes so far.
#[derive(Clone, Copy)]
pub(super) struct Lanes {
    lanes: [u32; 4],
    isa: Isa,
}

impl Lanes {
    pub(super) fn new(isa: Isa) -> Self {
        let lanes = [0x1234_5678, 0x9abc_def0, 0xfedc_ba98, 0x8765_4321];
        Self { lanes, isa }
    }

    /// Takes the next bytes: whole groups of four, but for the last of all.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let (n, n_zeroes) = before_zeroes(rest);
            let (others, behind) = rest.split_at(n);
            self.take_others(others);
            for (lane, factor) in self.lanes.iter_mut().zip(FACTORS) {
                *lane = lane.wrapping_mul(factor.wrapping_pow((n_zeroes / 4) as u32));
            }
            rest = &behind[n_zeroes..];
        }
    }

    fn take_others(&mut self, bytes: &[u8]) {
        let (groups, tail) = bytes.split_at(bytes.len() - bytes.len() % 4);
        lanes::take(self.isa, FACTORS, groups, &mut self.lanes);
        for (i, &byte) in tail.iter().enumerate() {
            self.lanes[i] = (self.lanes[i] ^ u32::from(byte)).wrapping_mul(FACTORS[i]);
        }
    }

    pub(super) fn value(self) -> u32 {
        let [a, b, c, d] = self.lanes;
        (a ^ (b >> 3)).wrapping_add(c ^ (d << 5))
    }
}

/// Bytes of pixels that go through several steps at once, and stay near the processor meanwhile: whole ones, and as the checksum
/// likes them.
pub(super) fn piece_bytes(pixel_bytes: usize) -> usize {
    const MAX_BYTES: usize = 128 << 10;
    match pixel_bytes * lanes::PIECE_BYTES {
        n if n <= MAX_BYTES => n,
        _ => 4 * pixel_bytes,
    }
}

/// How many bytes there are before a long stretch of zeroes, and how long that is: whole blocks.
fn before_zeroes(bytes: &[u8]) -> (usize, usize) {
    let blocks = bytes.as_chunks::<BLOCK_BYTES>().0;
    let mut run = 0;
    for (i, block) in blocks.iter().enumerate() {
        if block.iter().fold(0, |any, byte| any | byte) == 0 {
            run += 1;
        } else if run >= MIN_BLOCKS {
            return ((i - run) * BLOCK_BYTES, run * BLOCK_BYTES);
        } else {
            run = 0;
        }
    }
    match run >= MIN_BLOCKS {
        true => ((blocks.len() - run) * BLOCK_BYTES, run * BLOCK_BYTES),
        false => (bytes.len(), 0),
    }
}

/// The checksum of some bytes.
pub(super) fn hash(isa: Isa, bytes: &[u8]) -> u32 {
    let mut lanes = Lanes::new(isa);
    lanes.take(bytes);
    lanes.value()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_of_zeroes_are_passed_over_and_count() {
        for run in [0, 1, 64, 4_095, 4_096, 4_097, 5_000, 20_000] {
            for other in [0, 1, 64, 130, 20_000] {
                let mut bytes = vec![0; run];
                bytes.extend((0..other).map(|i| ((i * i) >> 3) as u8 | 1));
                bytes.extend(vec![0; run]);
                for n in bytes.len().saturating_sub(4)..=bytes.len() {
                    let mut lanes = Lanes::new(Isa::SCALAR);
                    for (i, &byte) in bytes[..n].iter().enumerate() {
                        let lane = &mut lanes.lanes[i % 4];
                        *lane = (*lane ^ u32::from(byte)).wrapping_mul(FACTORS[i % 4]);
                    }
                    for isa in Isa::available() {
                        assert_eq!(
                            hash(isa, &bytes[..n]),
                            lanes.value(),
                            "{isa:?} {run} {other} {n}"
                        );
                    }
                }
            }
        }
    }
}
