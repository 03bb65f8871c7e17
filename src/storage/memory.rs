//! A store in memory: for tests, for callers that hold a file's bytes, and as the model of what a store is.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Durability, ReadAt, Stage, Store, UpdateAt};

/// Fills `buf` from `bytes` at `offset`.
pub(super) fn read_slice_at(bytes: &[u8], buf: &mut [u8], offset: u64) -> io::Result<()> {
    let part = usize::try_from(offset)
        .ok()
        .and_then(|start| bytes.get(start..start.checked_add(buf.len())?))
        .ok_or(io::ErrorKind::UnexpectedEof)?;
    buf.copy_from_slice(part);
    Ok(())
}

/// Writes `bytes` into `target` at `offset`, after zeroes if that lies behind its end.
pub(super) fn write_slice_at(target: &mut Vec<u8>, bytes: &[u8], offset: u64) -> io::Result<()> {
    let start = usize::try_from(offset).map_err(|_| io::ErrorKind::FileTooLarge)?;
    let end = start
        .checked_add(bytes.len())
        .ok_or(io::ErrorKind::FileTooLarge)?;
    if end > target.len() {
        target
            .try_reserve(end - target.len())
            .map_err(|_| io::ErrorKind::OutOfMemory)?;
        target.resize(end, 0);
    }
    target[start..end].copy_from_slice(bytes);
    Ok(())
}

/// The bytes of one file in memory; clones share them.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    file: Arc<Mutex<File>>,
}

#[derive(Debug, Default)]
struct File {
    /// Shared with readers: a write copies the bytes if one still looks at them.
    bytes: Option<Arc<Vec<u8>>>,
    is_locked: bool,
}

impl MemoryStore {
    /// A store that holds nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A store that holds `bytes`.
    #[must_use]
    pub fn with_bytes(bytes: Vec<u8>) -> Self {
        let store = Self::default();
        store.file().bytes = Some(Arc::new(bytes));
        store
    }

    /// The bytes as they are now, if there are any.
    #[must_use]
    pub fn bytes(&self) -> Option<Arc<Vec<u8>>> {
        self.file().bytes.clone()
    }

    fn file(&self) -> MutexGuard<'_, File> {
        // A panic elsewhere cannot leave the file half changed: each change is one assignment.
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    fn open(&self) -> io::Result<Arc<dyn ReadAt>> {
        let bytes = self.bytes().ok_or(io::ErrorKind::NotFound)?;
        Ok(Arc::new(Snapshot(bytes)))
    }

    fn stage(&self) -> io::Result<Box<dyn Stage>> {
        Ok(Box::new(MemoryStage {
            store: self.clone(),
            bytes: Vec::new(),
        }))
    }

    fn update(&self) -> io::Result<Option<Box<dyn UpdateAt>>> {
        let mut file = self.file();
        if file.is_locked {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let bytes = file.bytes.clone().ok_or(io::ErrorKind::NotFound)?;
        file.is_locked = true;
        Ok(Some(Box::new(MemoryUpdate {
            store: self.clone(),
            bytes,
        })))
    }

    fn name(&self) -> String {
        "(memory)".to_owned()
    }
}

/// The bytes as they were when a reader came.
#[derive(Debug)]
struct Snapshot(Arc<Vec<u8>>);

impl ReadAt for Snapshot {
    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        read_slice_at(&self.0, buf, offset)
    }
    fn len(&self) -> u64 {
        self.0.len() as u64
    }
    fn as_slice(&self) -> Option<&[u8]> {
        Some(&self.0)
    }
}

#[derive(Debug)]
struct MemoryStage {
    store: MemoryStore,
    bytes: Vec<u8>,
}

impl Stage for MemoryStage {
    fn write_all_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        write_slice_at(&mut self.bytes, bytes, offset)
    }
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }
    fn commit(self: Box<Self>, _durability: Durability) -> io::Result<()> {
        self.store.file().bytes = Some(Arc::new(self.bytes));
        Ok(())
    }
}

/// Holds the lock; keeps no reference to the bytes while they are written, so that nothing is copied in vain.
#[derive(Debug)]
struct MemoryUpdate {
    store: MemoryStore,
    bytes: Arc<Vec<u8>>,
}

impl MemoryUpdate {
    fn change(&mut self, change: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> io::Result<()> {
        let mut file = self.store.file();
        file.bytes = None;
        let result = change(Arc::make_mut(&mut self.bytes));
        file.bytes = Some(self.bytes.clone());
        result
    }
}

impl ReadAt for MemoryUpdate {
    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        read_slice_at(&self.bytes, buf, offset)
    }
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }
    fn as_slice(&self) -> Option<&[u8]> {
        Some(&self.bytes)
    }
}

impl UpdateAt for MemoryUpdate {
    fn write_all_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.change(|target| write_slice_at(target, bytes, offset))
    }
    fn set_len(&mut self, len: u64) -> io::Result<()> {
        let len = usize::try_from(len).map_err(|_| io::ErrorKind::FileTooLarge)?;
        self.change(|target| {
            target.resize(len, 0);
            Ok(())
        })
    }
    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for MemoryUpdate {
    fn drop(&mut self) {
        self.store.file().is_locked = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::conformance;

    #[test]
    fn memory_conforms() {
        conformance::check_read(&|bytes| MemoryStore::with_bytes(bytes.to_vec()).open());
        conformance::check_stage(&MemoryStore::new());
        conformance::check_update(&MemoryStore::new());
    }
}
