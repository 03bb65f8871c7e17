//! What is fetched ahead of a distant file: all that is about to be read, at once.

use std::ops::Range;

use super::index::{Frame, Index, Pair};
use super::tree::{Node, NodeId, Slot, Tree};
use crate::error::Result;
use crate::storage::ReadAt;

/// Fetches frames at once, where that pays.
pub(super) fn prefetch<'a>(
    store: &dyn ReadAt,
    frames: impl Iterator<Item = &'a Frame>,
) -> Result<()> {
    if store.access().is_distant() {
        let ranges: Vec<Range<u64>> = frames.map(|frame| frame.range.clone()).collect();
        store.prefetch(&ranges)?;
    }
    Ok(())
}

/// Steps that each read ranges whole, such as the check of an array, with what they read fetched ahead: as many of them at once
/// as the store keeps.
pub(super) struct Windows<'a, F> {
    store: &'a dyn ReadAt,
    n_steps: usize,
    /// What a step reads.
    ranges_of: F,
    /// Steps before this one were announced.
    next: usize,
}

impl<'a, F: Fn(usize) -> Vec<Range<u64>>> Windows<'a, F> {
    pub(super) fn new(store: &'a dyn ReadAt, n_steps: usize, ranges_of: F) -> Self {
        Self {
            store,
            n_steps,
            ranges_of,
            next: 0,
        }
    }

    /// Says that a step comes now, and those behind it soon.
    ///
    /// # Errors
    /// Those of the storage.
    pub(super) fn reach(&mut self, step: usize) -> Result<()> {
        if step >= self.next {
            self.next = prefetch_window(self.store, step..self.n_steps, &self.ranges_of)?;
        }
        Ok(())
    }
}

/// Fetches at once what steps read, as many of them as the store keeps. Returns the first step that was left for the next window.
pub(super) fn prefetch_window(
    store: &dyn ReadAt,
    steps: Range<usize>,
    ranges_of: &dyn Fn(usize) -> Vec<Range<u64>>,
) -> Result<usize> {
    /// More than a store keeps need not be listed.
    const MAX_BYTES: u64 = 64 << 20;
    if !store.access().is_distant() {
        return Ok(steps.end);
    }
    let mut window: Vec<Vec<Range<u64>>> = Vec::new();
    let (mut end, mut n_bytes) = (0, 0);
    for step in steps.clone() {
        let mut ranges = ranges_of(step);
        ranges.sort_by_key(|range| range.start);
        // A store that has no room for all takes what comes first in the file, which has to be what is read first.
        let goes_back = ranges.first().is_some_and(|first| first.start < end);
        if goes_back || n_bytes > MAX_BYTES {
            break;
        }
        for range in &ranges {
            end = end.max(range.end);
            n_bytes += range.end - range.start;
        }
        window.push(ranges);
    }
    store.prefetch(&window.concat())?;
    let is_here = |ranges: &&Vec<Range<u64>>| ranges.iter().all(|range| store.holds(range));
    let n_here = window.iter().take_while(is_here).count();
    // What is larger than a window is fetched piece by piece when it is read.
    Ok(steps.start + n_here.max(1))
}

/// All that is read of an array: its pair, and that of its mask.
pub(super) fn whole_array(index: &Index, slot: &Slot) -> Vec<Range<u64>> {
    let pairs = [Some(slot.pair), slot.validity].into_iter().flatten();
    pairs.map(|pair| index.pairs[pair].range()).collect()
}

/// What is read when an array is opened: headers, its own and those that it is held against, and both ends of payloads,
/// where filters keep their parameters and directories.
pub(super) fn wanted_to_open(
    index: &Index,
    tree: &Tree,
    slot: &Slot,
    node: Option<NodeId>,
) -> Vec<Range<u64>> {
    /// Smaller payloads are wanted whole.
    const WHOLE_BYTES: u64 = 32 << 10;
    const HEAD_BYTES: u64 = 512;
    const TAIL_BYTES: u64 = 8 << 10;
    let mut wanted = Vec::new();
    for pair in [Some(slot.pair), slot.validity].into_iter().flatten() {
        let Pair { header, payload } = &index.pairs[pair];
        let (header, payload) = (header.range.clone(), payload.range.clone());
        wanted.push(header);
        match payload.end - payload.start {
            0..=WHOLE_BYTES => wanted.push(payload),
            _ => wanted.extend([
                payload.start..payload.start + HEAD_BYTES,
                payload.end - TAIL_BYTES..payload.end,
            ]),
        }
    }
    if let Some(Node::Dataset(dataset)) = node.map(|id| tree.node(id)) {
        let geometry = dataset.geometry().map(|slot| slot.pair);
        wanted.extend(geometry.map(|pair| index.pairs[pair].header.range.clone()));
    }
    wanted
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;
    use crate::storage::{Access, Cached, Part};

    /// Distant bytes that count round trips, and the bytes that these bring.
    #[derive(Debug)]
    struct Distant {
        bytes: Vec<u8>,
        n_trips: AtomicU64,
        n_bytes: AtomicU64,
    }

    impl ReadAt for Distant {
        fn len(&self) -> u64 {
            self.bytes.len() as u64
        }
        fn read_many(&self, parts: &mut [Part<'_>]) -> io::Result<()> {
            let n_bytes: usize = parts.iter().map(|part| part.buf.len()).sum();
            self.n_trips.fetch_add(1, Ordering::Relaxed);
            self.n_bytes.fetch_add(n_bytes as u64, Ordering::Relaxed);
            self.bytes.read_many(parts)
        }
        fn access(&self) -> Access {
            Access::REMOTE
        }
    }

    const STEP_BYTES: u64 = 10_000;

    /// Round trips and bytes of 100 steps of 10,000 bytes each, of which each reads the place in the file that `place` says.
    fn cost_of_steps(budget: u64, place: impl Fn(u64) -> u64) -> (u64, u64) {
        let store = Arc::new(Distant {
            bytes: vec![7; 100 * STEP_BYTES as usize],
            n_trips: AtomicU64::new(0),
            n_bytes: AtomicU64::new(0),
        });
        let cached = Cached::new(store.clone(), budget);
        let range_of = |step: usize| {
            let start = place(step as u64) * STEP_BYTES;
            start..start + STEP_BYTES
        };
        let mut windows = Windows::new(&cached, 100, |step| vec![range_of(step)]);
        for step in 0..100 {
            windows.reach(step).unwrap();
            let mut bytes = [0; STEP_BYTES as usize];
            cached
                .read_exact_at(&mut bytes, range_of(step).start)
                .unwrap();
            assert!(bytes.iter().all(|byte| *byte == 7));
        }
        let [n_trips, n_bytes] =
            [&store.n_trips, &store.n_bytes].map(|count| count.load(Ordering::Relaxed));
        (n_trips, n_bytes)
    }

    #[test]
    fn a_window_holds_as_many_steps_as_half_the_budget() {
        let all = 100 * STEP_BYTES;
        for (budget, n_trips) in [
            (2 * all, 1),
            (all, 2),
            (20 * STEP_BYTES, 10),
            (19 * STEP_BYTES, 12),
            (2 * STEP_BYTES, 100),
            // Nothing fits a window: each step asks for its own bytes.
            (STEP_BYTES, 100),
            (0, 100),
        ] {
            let cost = cost_of_steps(budget, |step| step);
            assert_eq!(cost, (n_trips, all), "a budget of {budget}");
        }
    }

    #[test]
    fn nothing_is_fetched_twice_in_whatever_order_it_is_read() {
        let all = 100 * STEP_BYTES;
        let backwards = |step| 99 - step;
        assert_eq!(cost_of_steps(20 * STEP_BYTES, backwards), (100, all));
        // Three steps forwards, one far back.
        let (n_trips, n_bytes) = cost_of_steps(20 * STEP_BYTES, |step| step * 37 % 100);
        assert!(n_trips < 50, "{n_trips} round trips");
        assert_eq!(n_bytes, all);
    }

    #[test]
    fn stores_that_are_near_are_not_asked() {
        let near = vec![0; 10];
        let asked = |_: usize| -> Vec<Range<u64>> { unreachable!("no window is planned") };
        assert_eq!(prefetch_window(&near, 3..9, &asked).unwrap(), 9);
    }
}
