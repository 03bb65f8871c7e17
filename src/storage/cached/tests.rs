//! What is asked of the store beneath, and what is kept of the answers.

use std::slice;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::storage::conformance;

/// Counts what it is asked for.
#[derive(Debug)]
struct Counted {
    bytes: Vec<u8>,
    n_calls: AtomicUsize,
    n_bytes: AtomicUsize,
    merge_gap: u64,
}

impl ReadAt for Counted {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }
    fn read_many(&self, parts: &mut [Part<'_>]) -> io::Result<()> {
        self.n_calls.fetch_add(1, Ordering::Relaxed);
        let n: usize = parts.iter().map(|part| part.buf.len()).sum();
        self.n_bytes.fetch_add(n, Ordering::Relaxed);
        self.bytes.read_many(parts)
    }
    fn access(&self) -> Access {
        Access {
            merge_gap: self.merge_gap,
            ..Access::LOCAL
        }
    }
}

fn counted(len: usize, budget: u64) -> (Arc<Counted>, Cached) {
    counted_with_gap(len, budget, 0)
}

fn counted_with_gap(len: usize, budget: u64, merge_gap: u64) -> (Arc<Counted>, Cached) {
    let store = Arc::new(Counted {
        bytes: (0..len).map(|i| (i * 7) as u8).collect(),
        n_calls: AtomicUsize::new(0),
        n_bytes: AtomicUsize::new(0),
        merge_gap,
    });
    (store.clone(), Cached::new(store, budget))
}

#[test]
fn stores_that_keep_bytes_conform() {
    for budget in [0, 10, 1 << 12, 1 << 30] {
        conformance::check_read(&|bytes| {
            Ok(Arc::new(Cached::new(Arc::new(bytes.to_vec()), budget)))
        });
    }
}

#[test]
fn one_request_brings_all_that_was_announced() {
    let (store, cached) = counted(10_000, 1 << 20);
    cached
        .prefetch(&[0..100, 9_000..10_000, 50..200, 20_000..30_000])
        .unwrap();
    assert_eq!(store.n_calls.load(Ordering::Relaxed), 1);
    assert_eq!(store.n_bytes.load(Ordering::Relaxed), 1_200);
    assert!(cached.holds(&(0..200)) && cached.holds(&(9_500..10_000)));
    assert!(!cached.holds(&(0..201)) && !cached.holds(&(8_999..9_001)));
    let mut buf = [0; 150];
    cached.read_exact_at(&mut buf, 40).unwrap();
    assert_eq!(buf, store.bytes[40..190]);
    assert_eq!(store.n_calls.load(Ordering::Relaxed), 1);
    cached.prefetch(&[100..200, 150..300]).unwrap();
    assert_eq!(
        store.n_bytes.load(Ordering::Relaxed),
        1_300,
        "what is here is not fetched"
    );
    cached.prefetch(&[250..9_100, 9_500..9_501]).unwrap();
    assert_eq!(
        store.n_bytes.load(Ordering::Relaxed),
        10_000,
        "nor at the end of a range"
    );
    cached.read_exact_at(&mut buf, 150).unwrap();
    assert_eq!(buf, store.bytes[150..300], "over the seam of two runs");
    assert_eq!(store.n_calls.load(Ordering::Relaxed), 3);
}

#[test]
fn what_lies_between_two_parts_of_a_request_is_kept() {
    let (store, cached) = counted_with_gap(10_000, 1 << 20, 8);
    cached
        .prefetch(&[100..200, 208..300, 400..500, 509..600])
        .unwrap();
    let n_bytes = || store.n_bytes.load(Ordering::Relaxed);
    assert_eq!(n_bytes(), 200 + 100 + 91);
    let mut buf = [0; 200];
    cached.read_exact_at(&mut buf, 100).unwrap();
    assert_eq!((&buf[..], n_bytes()), (&store.bytes[100..300], 391));
    cached.read_exact_at(&mut buf, 400).unwrap();
    assert_eq!(n_bytes(), 591, "a wider gap is not");
}

#[test]
fn the_budget_is_kept_and_the_oldest_goes_first() {
    let (store, cached) = counted(10_000, 1_000);
    let mut buf = [0; 400];
    for (offset, n_calls) in [(0, 1), (1_000, 2), (0, 2), (2_000, 3), (0, 3), (1_000, 4)] {
        cached.read_exact_at(&mut buf, offset).unwrap();
        assert_eq!(buf, store.bytes[offset as usize..][..400]);
        assert_eq!(store.n_calls.load(Ordering::Relaxed), n_calls, "{offset}");
        assert!(cached.kept().n_bytes <= 1_000);
    }
    cached.prefetch(&[0..10, 5..10_000]).unwrap();
    assert_eq!(
        store.n_calls.load(Ordering::Relaxed),
        4,
        "more than fits is not announced"
    );
    cached.prefetch(slice::from_ref(&(4_000..4_500))).unwrap();
    assert_eq!(
        store.n_calls.load(Ordering::Relaxed),
        5,
        "half of the budget is"
    );
}

/// Reads without a look at what comes; how often the store was asked until then.
fn n_calls_after(store: &Counted, cached: &Cached, range: Range<u64>) -> usize {
    let mut buf = vec![0; (range.end - range.start) as usize];
    cached.read_exact_at(&mut buf, range.start).unwrap();
    let kept = cached.kept();
    let n_bytes: usize = kept.runs.values().map(|run| run.bytes.len()).sum();
    assert_eq!(kept.n_bytes, n_bytes as u64, "after {range:?}");
    store.n_calls.load(Ordering::Relaxed)
}

#[test]
fn what_is_larger_than_the_budget_pushes_nothing_out() {
    let (store, cached) = counted(10_000, 1_000);
    for (range, n_calls) in [
        (0..400, 1),
        (3_000..5_000, 2),
        (0..400, 2),
        (6_000..7_000, 3),
        (6_000..7_000, 3),
        (0..400, 4),
    ] {
        let after = n_calls_after(&store, &cached, range.clone());
        assert_eq!(after, n_calls, "{range:?}");
    }
}

#[test]
fn a_run_takes_the_place_of_those_within_it_alone() {
    let (store, cached) = counted(10_000, 1_000);
    for (range, n_calls, n_kept) in [
        (20..30, 1, 10),
        (120..220, 2, 110),
        (0..150, 3, 250),
        (150..220, 3, 250),
    ] {
        let after = n_calls_after(&store, &cached, range.clone());
        assert_eq!(
            (after, cached.kept().n_bytes),
            (n_calls, n_kept),
            "{range:?}"
        );
    }
}

#[test]
fn what_was_announced_last_is_not_the_first_to_go() {
    let (store, cached) = counted(10_000, 1_000);
    assert_eq!(n_calls_after(&store, &cached, 5_000..5_400), 1);
    cached.prefetch(slice::from_ref(&(0..400))).unwrap();
    assert_eq!(n_calls_after(&store, &cached, 7_000..7_400), 3);
    assert_eq!(n_calls_after(&store, &cached, 0..400), 3);
    assert_eq!(n_calls_after(&store, &cached, 5_000..5_400), 4);
}

#[test]
fn bytes_that_are_in_memory_are_so_behind_it() {
    assert_eq!(
        Cached::new(Arc::new(vec![7; 3]), 0).as_slice(),
        Some(&[7; 3][..])
    );
}
