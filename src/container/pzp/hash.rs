//! The checksum of `.pzp`: four lanes of bytes, multiplied and exclusive-ored.
//!
//! A lane waits four cycles for each of its bytes, so that no reader checks more than a byte a cycle. Who has other work to do on
//! the same bytes does it meanwhile. Zeroes are the exception: a lane is only multiplied by them, by all of a stretch at once.

use crate::filter::pixels::left::Watch;

const FACTORS: [u32; 4] = [31, 37, 41, 43];

/// A checksum of the bytes so far.
#[derive(Clone, Copy)]
pub(super) struct Lanes([u32; 4]);

impl Lanes {
    pub(super) fn new() -> Self {
        Self([0x1234_5678, 0x9abc_def0, 0xfedc_ba98, 0x8765_4321])
    }

    pub(super) fn value(self) -> u32 {
        let [a, b, c, d] = self.0;
        (a ^ (b >> 3)).wrapping_add(c ^ (d << 5))
    }
}

impl Watch for Lanes {
    #[inline]
    fn see(&mut self, bytes: &[u8]) {
        let lanes = &mut self.0;
        let (groups, tail) = bytes.as_chunks::<4>();
        for group in groups {
            for lane in 0..4 {
                lanes[lane] = (lanes[lane] ^ u32::from(group[lane])).wrapping_mul(FACTORS[lane]);
            }
        }
        for (lane, &byte) in tail.iter().enumerate() {
            lanes[lane] = (lanes[lane] ^ u32::from(byte)).wrapping_mul(FACTORS[lane]);
        }
    }

    #[inline]
    fn see_zeroes(&mut self, n: usize) {
        // Stretches in memory are shorter than 2^32 groups: a frame has at most 100 MB.
        for (lane, factor) in self.0.iter_mut().zip(FACTORS) {
            *lane = lane.wrapping_mul(factor.wrapping_pow((n / 4) as u32));
        }
    }
}

/// The checksum of some bytes.
pub(super) fn hash(bytes: &[u8]) -> u32 {
    let mut lanes = Lanes::new();
    lanes.see(bytes);
    lanes.value()
}
