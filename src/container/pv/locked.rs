//! The bytes of a file that is locked by whoever reads them: what changes in them is his own doing.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use crate::storage::{Access, Part, ReadAt, Store, Version};

/// Bytes that never say that another program changed them. A store would, by the lock that is our own: damage would be
/// taken for a change.
#[derive(Debug)]
pub(super) struct Locked(Arc<dyn ReadAt>);

impl Locked {
    /// Opens the bytes of a store whose lock is held.
    ///
    /// # Errors
    /// Those of the store.
    pub(super) fn open(store: &dyn Store) -> io::Result<Arc<dyn ReadAt>> {
        Ok(Arc::new(Self(store.open()?)))
    }
}

impl ReadAt for Locked {
    fn len(&self) -> u64 {
        self.0.len()
    }
    fn read_many(&self, parts: &mut [Part<'_>]) -> io::Result<()> {
        self.0.read_many(parts)
    }
    fn prefetch(&self, ranges: &[Range<u64>]) -> io::Result<bool> {
        self.0.prefetch(ranges)
    }
    fn holds(&self, range: &Range<u64>) -> bool {
        self.0.holds(range)
    }
    fn access(&self) -> Access {
        self.0.access()
    }
    fn version(&self) -> Option<Version> {
        self.0.version()
    }
    fn as_slice(&self) -> Option<&[u8]> {
        self.0.as_slice()
    }
}
