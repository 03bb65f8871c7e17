//! Bytes that are read one behind the other, of a store where each request is dear: a little more is fetched than is asked for,
//! and more each time.

use std::ops::Range;

use crate::storage::ReadAt;

/// The most that is fetched before it is asked for.
const MAX_BYTES: u64 = 1 << 20;

/// How far the store was told to fetch.
#[derive(Clone, Debug, Default)]
pub(super) struct ReadAhead {
    fetched: Range<u64>,
}

impl ReadAhead {
    /// Says that these bytes are wanted now, and those behind them soon. Stores that are near are told nothing.
    ///
    /// # Errors
    /// Those of the storage.
    pub(super) fn want(&mut self, store: &dyn ReadAt, range: Range<u64>) -> std::io::Result<()> {
        let first = store.access().first_read;
        let is_there = self.fetched.start <= range.start && range.end <= self.fetched.end;
        if first == 0 || is_there {
            return Ok(());
        }
        // Whoever jumped begins anew.
        let goes_on = (self.fetched.start..=self.fetched.end).contains(&range.start);
        let window = match goes_on {
            true => (2 * (self.fetched.end - self.fetched.start)).clamp(first, MAX_BYTES),
            false => first,
        };
        // Ends at round places: another pass, from another start, finds all that this one fetched.
        let end = range.end.max(range.start.saturating_add(window));
        let end = end.checked_next_multiple_of(first).unwrap_or(end);
        self.fetched = range.start..end.min(store.len().max(range.end));
        store.prefetch(std::slice::from_ref(&self.fetched))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::storage::{Access, Part};

    /// A store that notes what it is told of.
    #[derive(Debug)]
    struct Told {
        access: Access,
        ranges: Mutex<Vec<Range<u64>>>,
    }

    impl ReadAt for Told {
        fn len(&self) -> u64 {
            10 << 20
        }
        fn read_many(&self, _: &mut [Part<'_>]) -> io::Result<()> {
            Ok(())
        }
        fn prefetch(&self, ranges: &[Range<u64>]) -> io::Result<bool> {
            self.ranges.lock().unwrap().extend_from_slice(ranges);
            Ok(true)
        }
        fn access(&self) -> Access {
            self.access
        }
    }

    fn told(access: Access, wanted: &[Range<u64>]) -> Vec<Range<u64>> {
        let store = Arc::new(Told {
            access,
            ranges: Mutex::default(),
        });
        let mut ahead = ReadAhead::default();
        for range in wanted {
            ahead.want(&*store, range.clone()).unwrap();
        }
        let ranges = store.ranges.lock().unwrap();
        ranges.clone()
    }

    #[test]
    fn windows_grow_while_reads_go_on() {
        const KIB: u64 = 1 << 10;
        let steps: Vec<Range<u64>> = (0..1000).map(|i| i * 8 * KIB..(i + 1) * 8 * KIB).collect();
        assert!(told(Access::FILE, &steps).is_empty());
        let ranges = told(Access::REMOTE, &steps);
        assert!(ranges.len() < 14, "{ranges:?}");
        assert_eq!(ranges[0], 0..64 * KIB);
        assert!(
            ranges
                .iter()
                .all(|range| range.end - range.start <= MAX_BYTES)
        );
        let jumps = [0..8, 5 << 20..(5 << 20) + 8, 9 << 20..(9 << 20) + 8];
        let ranges = told(Access::REMOTE, &jumps);
        assert_eq!(ranges.len(), 3);
        assert!(
            ranges
                .iter()
                .all(|range| range.end - range.start == 64 * KIB)
        );
        // A second pass from a little farther on wants nothing that the first did not fetch but what begins there.
        let ranges = told(Access::REMOTE, &[8..20, 64 * KIB - 4..64 * KIB]);
        assert_eq!((ranges.len(), ranges[0].end), (1, 128 * KIB));
        let end = (10 << 20) - 8..10 << 20;
        let ranges = told(Access::REMOTE, std::slice::from_ref(&end));
        assert_eq!((ranges.len(), &ranges[0]), (1, &end));
    }
}
