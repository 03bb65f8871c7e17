//! Bytes that count how often they are asked for, and for how much.

use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use paginum::storage::{Access, Part, ReadAt, requests};

/// A file of this machine, or, to a reader, one behind a network, where a request is a round trip: what is asked for at once
/// comes at once.
#[derive(Debug)]
pub(crate) struct Counting {
    bytes: Arc<dyn ReadAt>,
    access: Access,
    n_trips: AtomicU64,
    n_requests: AtomicU64,
    n_bytes: AtomicU64,
}

impl Counting {
    /// Bytes that are near.
    pub(crate) fn new(bytes: Vec<u8>) -> Arc<Self> {
        Self::with_access(Arc::new(bytes), Access::LOCAL)
    }

    /// Bytes that are far.
    pub(crate) fn distant(bytes: Vec<u8>) -> Arc<Self> {
        Self::over(Arc::new(bytes))
    }

    /// What is far of a store.
    pub(crate) fn over(bytes: Arc<dyn ReadAt>) -> Arc<Self> {
        Self::with_access(bytes, Access::REMOTE)
    }

    fn with_access(bytes: Arc<dyn ReadAt>, access: Access) -> Arc<Self> {
        Arc::new(Self {
            bytes,
            access,
            n_trips: AtomicU64::new(0),
            n_requests: AtomicU64::new(0),
            n_bytes: AtomicU64::new(0),
        })
    }

    /// Round trips and bytes since the last question.
    pub(crate) fn cost(&self) -> (u64, u64) {
        let [n_trips, _, n_bytes] = self.costs();
        (n_trips, n_bytes)
    }

    /// Round trips, requests that they were made of, and bytes since the last question.
    pub(crate) fn costs(&self) -> [u64; 3] {
        [&self.n_trips, &self.n_requests, &self.n_bytes].map(|n| n.swap(0, Ordering::Relaxed))
    }

    /// Bytes since the last question.
    pub(crate) fn taken(&self) -> u64 {
        self.cost().1
    }
}

impl ReadAt for Counting {
    fn len(&self) -> u64 {
        self.bytes.len()
    }
    fn read_many(&self, parts: &mut [Part<'_>]) -> io::Result<()> {
        let range = |part: &Part<'_>| part.offset..part.offset + part.buf.len() as u64;
        let ranges: Vec<Range<u64>> = parts.iter().map(range).collect();
        let fetched = match self.access.is_distant() {
            // The gaps that are fetched with them count.
            true => requests(&ranges, &self.access),
            false => ranges,
        };
        let n_bytes: u64 = fetched.iter().map(|range| range.end - range.start).sum();
        self.n_trips.fetch_add(1, Ordering::Relaxed);
        self.n_requests
            .fetch_add(fetched.len() as u64, Ordering::Relaxed);
        self.n_bytes.fetch_add(n_bytes, Ordering::Relaxed);
        self.bytes.read_many(parts)
    }
    fn access(&self) -> Access {
        self.access
    }
}
