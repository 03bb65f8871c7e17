//! A store in memory: for tests, for callers that hold a file's bytes, and as the model of what a store is.

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::plan::check_parts;
use super::{Durability, Part, ReadAt, Stage, Store, UpdateAt, Url, WriteAt};
use crate::error::Error;

/// Fills parts from `bytes`.
pub(super) fn read_slice(bytes: &[u8], parts: &mut [Part<'_>]) -> io::Result<()> {
    check_parts(parts, bytes.len() as u64)?;
    for part in parts {
        let start = part.offset as usize;
        part.buf
            .copy_from_slice(&bytes[start..start + part.buf.len()]);
    }
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
///
/// ```
/// use paginum::storage::{MemoryStore, Store};
/// let store = MemoryStore::from_bytes(&[1, 2, 3]);
/// assert_eq!(store.open()?.len(), 3);
/// assert!(store.stage().is_err(), "it is for reading alone");
/// assert_eq!(store.to_bytes(), Some(vec![1, 2, 3]));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct MemoryStore {
    url: Url,
    file: Arc<Mutex<File>>,
    may_write: bool,
}

/// Files that have a name in this process.
static NAMED: Mutex<Option<HashMap<String, MemoryStore>>> = Mutex::new(None);

impl Default for MemoryStore {
    fn default() -> Self {
        Self {
            url: Url::of_words("(memory)"),
            file: Arc::default(),
            may_write: true,
        }
    }
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

    /// A copy of `bytes`, for reading alone.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self::with_bytes(bytes.to_vec()).read_only()
    }

    /// The file that has a name in this process, for all that ask for it: `mem://name`. It stays until it is
    /// [forgotten](Self::forget). No name is a new file each time.
    #[must_use]
    pub fn named(name: &str) -> Self {
        if name.is_empty() {
            return Self::default();
        }
        let mut named = NAMED.lock().unwrap_or_else(PoisonError::into_inner);
        let files = named.get_or_insert_default();
        let address = format!("mem://{name}");
        let store = files.entry(name.to_owned()).or_insert_with(|| Self {
            url: Url::parse(&address).unwrap_or_else(|_| Url::of_words(&address)),
            ..Self::default()
        });
        store.clone()
    }

    /// Takes the name from a file. It lives on where it is in use.
    pub fn forget(name: &str) {
        let mut named = NAMED.lock().unwrap_or_else(PoisonError::into_inner);
        named.get_or_insert_default().remove(name);
    }

    /// The same file, which this value and its clones cannot change.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.may_write = false;
        self
    }

    /// A copy of the bytes as they are now, if there are any.
    #[must_use]
    pub fn to_bytes(&self) -> Option<Vec<u8>> {
        self.bytes().map(|bytes| bytes.to_vec())
    }

    fn check_may_write(&self) -> io::Result<()> {
        match self.may_write {
            true => Ok(()),
            false => Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                "this memory is for reading alone",
            )),
        }
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
        self.check_may_write()?;
        Ok(Box::new(MemoryStage::new(self)))
    }

    fn stage_over(&self, old: &Arc<dyn ReadAt>) -> io::Result<Box<dyn Stage>> {
        self.check_may_write()?;
        Ok(Box::new(MemoryStage {
            over: Some(old.clone()),
            ..MemoryStage::new(self)
        }))
    }

    fn update(&self) -> io::Result<Option<Box<dyn UpdateAt>>> {
        self.check_may_write()?;
        let mut file = self.file();
        if file.is_locked {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        if file.bytes.is_none() {
            return Err(io::ErrorKind::NotFound.into());
        }
        file.is_locked = true;
        Ok(Some(Box::new(MemoryUpdate {
            store: self.clone(),
        })))
    }

    fn url(&self) -> &Url {
        &self.url
    }

    fn sibling(&self, suffix: &str) -> Option<Arc<dyn Store>> {
        let name = self.url.to_string();
        let name = name.strip_prefix("mem://")?;
        Some(Arc::new(Self::named(&format!("{name}{suffix}"))))
    }
}

/// The bytes as they were when a reader came.
#[derive(Debug)]
struct Snapshot(Arc<Vec<u8>>);

impl ReadAt for Snapshot {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }
    fn read_many(&self, parts: &mut [Part<'_>]) -> io::Result<()> {
        read_slice(&self.0, parts)
    }
    fn as_slice(&self) -> Option<&[u8]> {
        Some(&self.0)
    }
}

#[derive(Debug)]
struct MemoryStage {
    store: MemoryStore,
    bytes: Mutex<Vec<u8>>,
    /// The only bytes that it may replace. While they are held here no others can lie where they do.
    over: Option<Arc<dyn ReadAt>>,
}

impl MemoryStage {
    fn new(store: &MemoryStore) -> Self {
        Self {
            store: store.clone(),
            bytes: Mutex::default(),
            over: None,
        }
    }
}

impl Write for MemoryStage {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let target = self.bytes.get_mut().unwrap_or_else(PoisonError::into_inner);
        let end = target.len() as u64;
        write_slice_at(target, bytes, end)?;
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl WriteAt for MemoryStage {
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut target = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        write_slice_at(&mut target, bytes, offset)
    }
}

impl Stage for MemoryStage {
    fn at(&self) -> Option<&dyn WriteAt> {
        Some(self)
    }
    fn commit(self: Box<Self>, _durability: Durability) -> io::Result<()> {
        let bytes = self
            .bytes
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let mut file = self.store.file();
        if let Some(old) = self.over.as_ref().and_then(|old| old.as_slice()) {
            let is_same = |now: &Arc<Vec<u8>>| std::ptr::eq(now.as_slice(), old);
            if !file.bytes.as_ref().is_some_and(is_same) {
                let words = "another writer has replaced these bytes since they were opened";
                return Err(Error::changed(words).into());
            }
        }
        file.bytes = Some(Arc::new(bytes));
        Ok(())
    }
}

/// Holds the lock; the bytes are the file's, so that nothing is copied unless a reader looks at them.
#[derive(Debug)]
struct MemoryUpdate {
    store: MemoryStore,
}

impl MemoryUpdate {
    fn change(&self, change: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> io::Result<()> {
        let mut file = self.store.file();
        change(Arc::make_mut(file.bytes.get_or_insert_default()))
    }
}

impl ReadAt for MemoryUpdate {
    fn len(&self) -> u64 {
        self.store
            .file()
            .bytes
            .as_ref()
            .map_or(0, |bytes| bytes.len() as u64)
    }
    fn read_many(&self, parts: &mut [Part<'_>]) -> io::Result<()> {
        read_slice(&self.store.bytes().unwrap_or_default(), parts)
    }
}

impl WriteAt for MemoryUpdate {
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.change(|target| write_slice_at(target, bytes, offset))
    }
}

impl UpdateAt for MemoryUpdate {
    fn set_len(&self, len: u64) -> io::Result<()> {
        let len = usize::try_from(len).map_err(|_| io::ErrorKind::FileTooLarge)?;
        self.change(|target| {
            target.resize(len, 0);
            Ok(())
        })
    }
    fn sync(&self) -> io::Result<()> {
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

    #[test]
    fn memory_for_reading_alone_is_read_and_not_written() {
        let store = MemoryStore::from_bytes(b"here");
        assert_eq!(store.to_bytes().unwrap(), b"here");
        for error in [store.stage().unwrap_err(), store.update().unwrap_err()] {
            assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
        }
    }

    #[test]
    fn a_name_is_for_one_file_until_it_is_forgotten() {
        let name = "a_name_is_for_one_file";
        let store = MemoryStore::named(name);
        store.file().bytes = Some(Arc::new(vec![7]));
        assert_eq!(MemoryStore::named(name).to_bytes(), Some(vec![7]));
        let beside = store.sibling(".lock").unwrap();
        assert_eq!(beside.url().to_string(), format!("mem://{name}.lock"));
        MemoryStore::forget(name);
        assert_eq!(MemoryStore::named(name).to_bytes(), None);
        assert_eq!(store.to_bytes(), Some(vec![7]), "it lives on");
    }
}
