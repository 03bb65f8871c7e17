//! Changes in place that happen to nothing: a view of a file as it would be after them.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::storage::{Access, Part, ReadAt, UpdateAt, Version, WriteAt, check_parts};

/// The bytes of a store with changes that the store never sees. Meant for few and small ones.
#[derive(Debug)]
pub(crate) struct Trial {
    store: Arc<dyn ReadAt>,
    changes: Mutex<Changes>,
}

#[derive(Debug)]
struct Changes {
    len: u64,
    /// By offset. Of two that overlap, none begins where the other does.
    writes: BTreeMap<u64, Vec<u8>>,
    longest: u64,
}

impl Trial {
    /// The bytes of `store`, unchanged so far.
    pub(crate) fn of(store: Arc<dyn ReadAt>) -> Self {
        Self {
            changes: Mutex::new(Changes {
                len: store.len(),
                writes: BTreeMap::new(),
                longest: 0,
            }),
            store,
        }
    }

    fn changes(&self) -> MutexGuard<'_, Changes> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Changes {
    /// What was written of the bytes from `offset` on.
    fn show_in(&self, buf: &mut [u8], offset: u64) {
        let end = offset + buf.len() as u64;
        for (start, bytes) in self.writes.range(offset.saturating_sub(self.longest)..end) {
            let written = *start..start + bytes.len() as u64;
            let part = written.start.max(offset)..written.end.min(end);
            if part.start < part.end {
                let from = (part.start - start) as usize..(part.end - start) as usize;
                let to = (part.start - offset) as usize..(part.end - offset) as usize;
                buf[to].copy_from_slice(&bytes[from]);
            }
        }
    }
}

impl ReadAt for Trial {
    fn len(&self) -> u64 {
        self.changes().len
    }

    fn read_many(&self, parts: &mut [Part<'_>]) -> io::Result<()> {
        check_parts(parts, self.len())?;
        // Not under the lock: many threads may read.
        self.store.read_many(parts)?;
        let changes = self.changes();
        for part in parts {
            changes.show_in(part.buf, part.offset);
        }
        Ok(())
    }

    fn prefetch(&self, ranges: &[Range<u64>]) -> io::Result<bool> {
        self.store.prefetch(ranges)
    }

    fn holds(&self, range: &Range<u64>) -> bool {
        self.store.holds(range)
    }

    fn access(&self) -> Access {
        self.store.access()
    }

    fn version(&self) -> Option<Version> {
        self.store.version()
    }

    fn has_changed(&self) -> bool {
        self.store.has_changed()
    }
}

impl WriteAt for Trial {
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut changes = self.changes();
        if offset.saturating_add(bytes.len() as u64) > changes.len {
            return Err(io::Error::other("a trial does not make a file longer"));
        }
        changes.longest = changes.longest.max(bytes.len() as u64);
        changes.writes.insert(offset, bytes.to_vec());
        Ok(())
    }
}

impl UpdateAt for Trial {
    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut changes = self.changes();
        if len > changes.len {
            return Err(io::Error::other("a trial does not make a file longer"));
        }
        changes.len = len;
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_show_and_the_store_stays() {
        let store: Arc<dyn ReadAt> = Arc::new(vec![7_u8; 20]);
        let trial = Trial::of(store.clone());
        trial.write_all_at(&[1, 2, 3], 4).unwrap();
        trial.write_all_at(&[9], 12).unwrap();
        trial.set_len(13).unwrap();
        let mut buf = [0; 13];
        trial.read_exact_at(&mut buf, 0).unwrap();
        assert_eq!(buf, [7, 7, 7, 7, 1, 2, 3, 7, 7, 7, 7, 7, 9]);
        for start in 0..13 {
            for end in start..=13 {
                let mut part = vec![0; end - start];
                trial.read_exact_at(&mut part, start as u64).unwrap();
                assert_eq!(part, buf[start..end], "{start}..{end}");
            }
        }
        assert!(trial.read_exact_at(&mut [0; 2], 12).is_err());
        assert!(trial.write_all_at(&[0; 2], 12).is_err());
        assert!(trial.set_len(14).is_err());
        assert_eq!(store.as_slice().unwrap(), [7; 20]);
    }
}
