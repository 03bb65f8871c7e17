//! Which bits of a file may flip without anybody's notice, by where they stand: read from the file with a parser of the
//! test's own, from the end as docs/FORMAT.md and RFC 8878 describe it.

use std::ops::Range;

/// Why a flip may go unnoticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spare {
    /// The body of a sealed dead region.
    Dead,
    /// The bit of a zstd frame's header that is to be ignored.
    UnusedBit,
    /// In a compressed block: its content has a checksum, and several codings of it exist.
    Coding,
}

/// The places of a file that may flip, byte ranges with a mask of bits.
pub(crate) struct Spares(Vec<(Range<usize>, u8, Spare)>);

impl Spares {
    /// Those of a sound file.
    pub(crate) fn of(file: &[u8]) -> Self {
        let word = |at: usize| u64::from_le_bytes(file[at..at + 8].try_into().unwrap()) as usize;
        let n_ranges = word(file.len() - 8);
        let index = file.len() - 8 - 16 * n_ranges;
        let (mut spares, mut start) = (Self(Vec::new()), 0);
        for i in 0..n_ranges {
            let end = word(index + 16 * i);
            while start < end {
                start = spares.add_frame(file, start);
            }
            assert_eq!(start, end, "range {i} is not whole frames");
        }
        spares
    }

    /// Why bit `bit` may flip; `None` where it may not.
    pub(crate) fn reason(&self, bit: usize) -> Option<Spare> {
        let holds = |(range, mask, _): &&(Range<usize>, u8, _)| {
            range.contains(&(bit / 8)) && mask >> (bit % 8) & 1 == 1
        };
        self.0.iter().find(holds).map(|(.., spare)| *spare)
    }

    /// Adds those of a frame, and returns where it ends.
    fn add_frame(&mut self, file: &[u8], start: usize) -> usize {
        let long = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap()) as usize;
        if long(start) & !0xF == 0x184D_2A50 {
            let end = start + 8 + long(start + 4);
            if long(start) == 0x184D_2A5A {
                self.0.push((start + 8..end, 0xFF, Spare::Dead));
            }
            return end;
        }
        assert_eq!(long(start), 0xFD2F_B528, "a frame at {start}");
        self.0.push((start + 4..start + 5, 0x10, Spare::UnusedBit));
        let descriptor = file[start + 4];
        let is_single = descriptor >> 5 & 1 == 1;
        assert_eq!(descriptor & 3, 0, "a dictionary");
        let size_bytes = [usize::from(is_single), 2, 4, 8][usize::from(descriptor >> 6)];
        let mut at = start + 5 + usize::from(!is_single) + size_bytes;
        loop {
            let block = long(at - 1) >> 8;
            let (is_last, kind, size) = (block & 1 == 1, block >> 1 & 3, block >> 3);
            let stored = if kind == 1 { 1 } else { size };
            if kind == 2 {
                self.0.push((at + 3..at + 3 + stored, 0xFF, Spare::Coding));
            }
            at += 3 + stored;
            if is_last {
                break;
            }
        }
        at + if descriptor & 4 != 0 { 4 } else { 0 }
    }
}
