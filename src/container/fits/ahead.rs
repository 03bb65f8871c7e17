//! Headers of a distant file that are fetched before they are asked for.
//!
//! A header says where the next one begins, so that headers are read one after another. Where a request is dear, each brings what
//! lies behind it, too; and HDUs that were as long as those before them are taken for a row of such, of which many headers come
//! at once. One among them that is longer or shorter ends no row: what follows it is expected to be as before.
//!
//! What a wrong guess costs is bounded by what came true: a few headers for each that did. Where HDUs are so short that one
//! request brings a row of them, many more are guessed, up to [`MAX_BOLD_BYTES`], until a file has proven that guess wrong once.

use std::ops::Range;

use super::BLOCK_BYTES;
use super::hdu::Hdu;
use crate::error::Result;
use crate::storage::{Access, ReadAt};

/// Headers that are guessed at once, at most, and their bytes.
const MAX_HEADERS: u64 = 256;
const MAX_BYTES: u64 = 1 << 20;

/// Headers that are guessed for each that was where it was expected; and where one request brings them all.
const CAREFUL: u64 = 4;
const BOLD: u64 = 32;
/// The most bytes that a bold guess brings, with what lies between the headers: what a file may cost that is no row of HDUs.
const MAX_BOLD_BYTES: u64 = 2 << 20;

/// What was announced so far.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    /// Where the last HDU ended.
    last_end: u64,
    /// How long HDUs are: the last one, or those before it.
    usual_bytes: u64,
    /// So many were as long as the one before.
    n_alike: u64,
    /// The last one was not.
    is_odd: bool,
    /// A bold guess failed.
    is_careful: bool,
    /// What was announced last, in order, and how many of these headers were there.
    announced: Vec<Range<u64>>,
    n_met: usize,
}

impl Ahead {
    /// Announces what follows an HDU.
    ///
    /// # Errors
    /// Those of the storage.
    pub(super) fn announce(&mut self, store: &dyn ReadAt, hdu: &Hdu) -> Result<()> {
        let n_bytes = hdu.end() - hdu.start;
        if let Some(ranges) = self.after(hdu.end(), n_bytes, hdu.header.n_bytes, store) {
            store.prefetch(ranges)?;
        }
        Ok(())
    }

    /// What is to be fetched after an HDU that ends here, if anything.
    fn after(
        &mut self,
        end: u64,
        n_bytes: u64,
        header_bytes: u64,
        store: &dyn ReadAt,
    ) -> Option<&[Range<u64>]> {
        let access = store.access();
        self.learn(n_bytes);
        self.last_end = end;
        if !access.is_distant() || end >= store.len() {
            return None;
        }
        if self.is_announced(end) {
            self.n_met += 1;
            return None;
        }
        let n_guessed = self.announced.len();
        self.is_careful |= n_guessed > 1 && self.n_met < n_guessed / 2;
        self.announced = self.next(header_bytes, &access, store.len());
        // The first is where it was said to be.
        self.n_met = 1;
        Some(&self.announced)
    }

    /// Takes in how long an HDU was.
    fn learn(&mut self, n_bytes: u64) {
        if n_bytes == self.usual_bytes {
            self.n_alike += 1;
            self.is_odd = false;
        } else if self.n_alike > 0 && !self.is_odd {
            self.is_odd = true;
        } else {
            (self.usual_bytes, self.n_alike, self.is_odd) = (n_bytes, 0, false);
        }
    }

    /// Whether the header that begins here is there, or its first block is.
    fn is_announced(&self, start: u64) -> bool {
        let before = self.announced.partition_point(|range| range.start <= start);
        let last = before.checked_sub(1).map(|last| &self.announced[last]);
        last.is_some_and(|range| start + BLOCK_BYTES <= range.end)
    }

    /// Where the next headers are: what costs as much as a request, and more of those that are likely.
    fn next(&self, header_bytes: u64, access: &Access, len: u64) -> Vec<Range<u64>> {
        let n = self.n_guessed(header_bytes, access);
        let start = |i: u64| self.last_end.checked_add(i.checked_mul(self.usual_bytes)?);
        let starts = (0..n).map_while(start).take_while(|&start| start < len);
        let most = access.first_read.max(header_bytes);
        let behind = |start: u64| {
            let bytes = if n == 1 { most } else { header_bytes };
            start..start.saturating_add(bytes).min(len)
        };
        starts.map(behind).collect()
    }

    fn n_guessed(&self, header_bytes: u64, access: &Access) -> u64 {
        let careful = (CAREFUL * self.n_alike).min(MAX_BYTES / header_bytes.max(BLOCK_BYTES));
        let is_one_request = self.usual_bytes <= header_bytes.saturating_add(access.merge_gap);
        let bold = match is_one_request && !self.is_careful {
            true => (BOLD * self.n_alike).min(MAX_BOLD_BYTES / self.usual_bytes.max(BLOCK_BYTES)),
            false => 0,
        };
        careful.max(bold).clamp(1, MAX_HEADERS)
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::storage::Part;

    /// So many bytes behind a network.
    #[derive(Debug)]
    struct Far(u64);

    impl ReadAt for Far {
        fn len(&self) -> u64 {
            self.0
        }
        fn read_many(&self, _: &mut [Part<'_>]) -> io::Result<()> {
            Ok(())
        }
        fn access(&self) -> Access {
            Access::REMOTE
        }
    }

    /// Round trips and bytes that headers of one block cost in a file of HDUs of so many blocks.
    fn cost(blocks: &[u64], mut ahead: Ahead) -> (usize, u64) {
        let lens: Vec<u64> = blocks.iter().map(|n| n * BLOCK_BYTES).collect();
        let store = Far(lens.iter().sum());
        let (mut end, mut n_trips, mut n_bytes) = (0, 0, 0);
        for len in lens {
            end += len;
            let Some(ranges) = ahead.after(end, len, BLOCK_BYTES, &store) else {
                continue;
            };
            n_trips += 1;
            let merged = crate::storage::requests(ranges, &Access::REMOTE);
            n_bytes += merged
                .iter()
                .map(|range| range.end - range.start)
                .sum::<u64>();
        }
        (n_trips, n_bytes)
    }

    #[test]
    fn one_hdu_of_another_length_does_not_end_a_row() {
        let mut blocks = vec![2; 300];
        // The first trip brings as many bytes as a trip is worth, the second the row.
        let (n_trips, _) = cost(&blocks, Ahead::default());
        assert!(n_trips <= 3, "{n_trips}");
        blocks[200] = 3000;
        let (n_trips, _) = cost(&blocks, Ahead::default());
        assert!(n_trips <= 4, "{n_trips}");
    }

    #[test]
    fn a_file_that_is_no_row_costs_one_bold_guess() {
        let careful = || Ahead {
            is_careful: true,
            ..Ahead::default()
        };
        let mut state = 1_u64;
        let mut random = || {
            state = state
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            state >> 40
        };
        for period in 1..12 {
            for most in [2, 5, 20, 100] {
                // Runs of some HDUs of equal length, of any lengths.
                let mut blocks = Vec::new();
                while blocks.len() < 500 {
                    let n = 1 + random() % period;
                    let len = 1 + random() % most;
                    blocks.extend((0..n).map(|_| len));
                }
                let (bold, careful) = (cost(&blocks, Ahead::default()), cost(&blocks, careful()));
                let what = format!("runs of {period}, up to {most} blocks: {bold:?}, {careful:?}");
                assert!(bold.1 <= careful.1 + MAX_BOLD_BYTES, "{what}");
                assert!(bold.0 <= careful.0 + 1, "{what}");
            }
        }
    }
}
