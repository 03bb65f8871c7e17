//! Where values were seen last.

use std::mem;

/// Ways in which a value was seen last: by all its bits, and by its high ones, plus 0, minus 1 and plus 1.
pub(super) const N_SEEN: usize = 4;
/// The largest table of places where a value was seen last, as a power of two.
pub(super) const MAX_PLACES_LOG: u32 = 19;
/// Low bits that values may differ in and still be found.
const COARSE_SHIFT: u32 = 8;

/// Where values were seen last: places are counted from 1 and through all pages.
#[derive(Clone)]
pub(super) struct Places {
    /// By hashes of whole values.
    exact: Vec<u32>,
    /// By hashes of values without their low bits, of which neighbours lie together: in groups.
    coarse: Vec<u32>,
    log: u32,
}

impl Places {
    /// Neighbours that lie together, as a power of two: those of one cache line.
    const GROUP_LOG: u32 = 4;

    /// Tables of `2^log` places each.
    pub(super) fn new(log: u32) -> Self {
        let log = log.max(Self::GROUP_LOG + 1);
        Self {
            exact: vec![0; 1 << log],
            coarse: vec![0; 1 << log],
            log,
        }
    }

    pub(super) fn clear(&mut self) {
        self.exact.fill(0);
        self.coarse.fill(0);
    }

    /// Takes note of a value.
    #[inline(always)]
    pub(super) fn note(&mut self, bits: u64, place: u32) {
        self.swap(bits, place);
        self.swap_coarse(bits, place);
    }

    /// The last place of a value by all its bits; takes note of a new one.
    #[inline(always)]
    pub(super) fn swap(&mut self, bits: u64, place: u32) -> u32 {
        mem::replace(&mut self.exact[Self::hash(bits, self.log)], place)
    }

    /// The last place of a value by its high bits; takes note of a new one.
    #[inline(always)]
    pub(super) fn swap_coarse(&mut self, bits: u64, place: u32) -> u32 {
        let slot = self.coarse_slot(bits >> COARSE_SHIFT);
        mem::replace(&mut self.coarse[slot], place)
    }

    /// The last places of values whose high bits are those minus 1 and plus 1.
    #[inline(always)]
    pub(super) fn beside(&self, bits: u64) -> [u32; 2] {
        let high = bits >> COARSE_SHIFT;
        [high.wrapping_sub(1), high + 1].map(|high| self.coarse[self.coarse_slot(high)])
    }

    #[inline(always)]
    fn coarse_slot(&self, high: u64) -> usize {
        let group = Self::hash(high >> Self::GROUP_LOG, self.log - Self::GROUP_LOG);
        (group << Self::GROUP_LOG) | (high as usize % (1 << Self::GROUP_LOG))
    }

    #[inline(always)]
    fn hash(bits: u64, log: u32) -> usize {
        (bits.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - log)) as usize
    }
}
