//! A store that fails on purpose: for tests of whoever writes files through stores.
//!
//! It counts each write, truncate, fsync and rename as a *call*, and injects a fault at the one it is told to. What a
//! crash would leave is kept apart from what the process saw: [`after_kill`](FaultyStore::after_kill) has every call
//! before the fault, [`after_power_loss`](FaultyStore::after_power_loss) only what was synced, and of the rest what
//! the test chooses, in no particular order, as disks do.
//! ```
//! use paginum::storage::{Durability, Store, faulty::{Fault, FaultyStore}};
//! let store = FaultyStore::new(b"old".to_vec());
//! store.inject(Fault::Kill, 2); // calls: 0 write, 1 fsync, 2 rename, 3 fsync of the folder
//! let mut stage = store.stage()?;
//! std::io::Write::write_all(&mut stage, b"new")?;
//! assert!(stage.commit(Durability::Synced).is_err());
//! assert_eq!(*store.after_kill().bytes().unwrap(), b"old");
//! # Ok::<(), std::io::Error>(())
//! ```

use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::memory::{read_slice, write_slice_at};
use super::{Durability, MemoryStore, Part, ReadAt, Stage, Store, UpdateAt, Url, WriteAt};

/// What happens at the chosen call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The process is killed before the call: it and all later ones do nothing.
    Kill,
    /// The process is killed in the middle of a write, half of which is done.
    KillTorn,
    /// The disk is full: nothing is written, later calls work.
    NoSpace,
    /// The disk failed (EIO): nothing is written, later calls work.
    Io,
    /// A signal came (EINTR): nothing is written, later calls work.
    Interrupted,
    /// Half of a write is done, and the rest refused; later calls work.
    ShortWrite,
}

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// Bytes are written into a stage or in place.
    Write,
    /// A file is cut or filled up.
    Truncate,
    /// A file is synced.
    Sync,
    /// A stage takes the place of the file.
    Rename,
    /// The folder is synced after a rename.
    SyncFolder,
}

/// The bytes of one file on a simulated disk; clones share them.
#[derive(Clone, Debug)]
pub struct FaultyStore {
    url: Url,
    disk: Arc<Mutex<Disk>>,
}

#[derive(Debug, Default)]
struct Disk {
    file: Option<File>,
    /// What the name meant before a rename that is not on the medium yet.
    before_rename: Option<Option<File>>,
    calls: Vec<Call>,
    plan: Option<(Fault, usize)>,
    is_dead: bool,
    is_locked: bool,
}

/// A file as the process sees it, and how it got there from what the medium holds.
#[derive(Clone, Debug, Default)]
struct File {
    visible: Vec<u8>,
    synced: Vec<u8>,
    pending: Vec<Change>,
}

#[derive(Clone, Debug)]
enum Change {
    Write(u64, Vec<u8>),
    SetLen(u64),
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Self::Write(offset, part) => write_slice_at(bytes, part, *offset),
            Self::SetLen(len) => {
                let len = usize::try_from(*len).map_err(|_| io::ErrorKind::FileTooLarge)?;
                bytes.resize(len, 0);
                Ok(())
            }
        }
    }
}

impl File {
    fn change(&mut self, change: Change) -> io::Result<()> {
        change.apply(&mut self.visible)?;
        self.pending.push(change);
        Ok(())
    }

    fn sync(&mut self) {
        self.synced.clone_from(&self.visible);
        self.pending.clear();
    }
}

impl Disk {
    /// Counts a call; `Err` is what it returns, after `torn` was done if only half of it is.
    fn call(&mut self, call: Call, torn: impl FnOnce(&mut Self)) -> io::Result<()> {
        if self.is_dead {
            return Err(killed());
        }
        let number = self.calls.len();
        self.calls.push(call);
        let fault = match self.plan {
            Some((fault, at)) if at == number => fault,
            _ => return Ok(()),
        };
        match fault {
            Fault::Kill => self.is_dead = true,
            Fault::KillTorn => {
                self.is_dead = true;
                torn(self);
            }
            Fault::ShortWrite => torn(self),
            Fault::NoSpace | Fault::Io | Fault::Interrupted => {}
        }
        Err(match fault {
            Fault::Kill | Fault::KillTorn => killed(),
            Fault::NoSpace => io::ErrorKind::StorageFull.into(),
            Fault::Io => io::Error::other("input/output error"),
            Fault::Interrupted => io::ErrorKind::Interrupted.into(),
            Fault::ShortWrite => io::ErrorKind::WriteZero.into(),
        })
    }
}

fn killed() -> io::Error {
    io::Error::other("the process was killed")
}

impl FaultyStore {
    /// A disk that holds `bytes`, all on the medium.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        let store = Self::empty();
        store.disk().file = Some(File {
            synced: bytes.clone(),
            visible: bytes,
            pending: Vec::new(),
        });
        store
    }

    /// A disk without the file.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            url: Url::of_words("(faulty)"),
            disk: Arc::default(),
        }
    }

    /// Makes call number `at`, counted from 0 since the store was made, fail.
    pub fn inject(&self, fault: Fault, at: usize) {
        self.disk().plan = Some((fault, at));
    }

    /// The calls so far, in order: a run without a fault tells a test how many there are to fail.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.disk().calls.clone()
    }

    /// What the next process finds if this one is killed: every call that was made, synced or not.
    #[must_use]
    pub fn after_kill(&self) -> MemoryStore {
        let file = self.disk().file.as_ref().map(|file| file.visible.clone());
        file.map_or_else(MemoryStore::new, MemoryStore::with_bytes)
    }

    /// What is found after a loss of power: what was synced, and those of the other changes, counted from 0 since the
    /// last sync, that `survives`. A rename that was not synced is change `usize::MAX`.
    #[must_use]
    pub fn after_power_loss(&self, survives: impl Fn(usize) -> bool) -> MemoryStore {
        let disk = self.disk();
        let file = match &disk.before_rename {
            Some(before) if !survives(usize::MAX) => before,
            _ => &disk.file,
        };
        let Some(file) = file else {
            return MemoryStore::new();
        };
        let mut bytes = file.synced.clone();
        for (_, change) in file
            .pending
            .iter()
            .enumerate()
            .filter(|(i, _)| survives(*i))
        {
            // It was applied to the visible bytes before, so it fits.
            let _ = change.apply(&mut bytes);
        }
        MemoryStore::with_bytes(bytes)
    }

    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.disk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for FaultyStore {
    fn open(&self) -> io::Result<Arc<dyn ReadAt>> {
        let disk = self.disk();
        let file = disk.file.as_ref().ok_or(io::ErrorKind::NotFound)?;
        Ok(Arc::new(file.visible.clone()))
    }

    fn stage(&self) -> io::Result<Box<dyn Stage>> {
        Ok(Box::new(FaultyStage {
            store: self.clone(),
            file: Mutex::default(),
        }))
    }

    fn update(&self) -> io::Result<Option<Box<dyn UpdateAt>>> {
        let mut disk = self.disk();
        if disk.is_locked {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let file = disk.file.clone().ok_or(io::ErrorKind::NotFound)?;
        disk.is_locked = true;
        Ok(Some(Box::new(FaultyUpdate {
            store: self.clone(),
            file: Mutex::new(file),
        })))
    }

    fn url(&self) -> &Url {
        &self.url
    }
}

#[derive(Debug)]
struct FaultyStage {
    store: FaultyStore,
    file: Mutex<File>,
}

impl Write for FaultyStage {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let end = locked(&self.file).visible.len() as u64;
        self.write_all_at(bytes, end)?;
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl WriteAt for FaultyStage {
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        // What a stage that is not committed holds is of no interest to anyone: nothing to tear.
        self.store.disk().call(Call::Write, |_| {})?;
        locked(&self.file).change(Change::Write(offset, bytes.to_vec()))
    }
}

impl Stage for FaultyStage {
    fn at(&self) -> Option<&dyn WriteAt> {
        Some(self)
    }

    fn commit(self: Box<Self>, durability: Durability) -> io::Result<()> {
        let mut disk = self.store.disk();
        let mut file = std::mem::take(&mut *locked(&self.file));
        if durability == Durability::Synced {
            disk.call(Call::Sync, |_| {})?;
            file.sync();
        }
        disk.call(Call::Rename, |_| {})?;
        let before = disk.file.replace(file);
        disk.before_rename.get_or_insert(before);
        if durability == Durability::Synced {
            disk.call(Call::SyncFolder, |_| {})?;
            disk.before_rename = None;
        }
        Ok(())
    }
}

/// Changes its own copy of the file, and lets the disk see each change.
#[derive(Debug)]
struct FaultyUpdate {
    store: FaultyStore,
    file: Mutex<File>,
}

fn locked(file: &Mutex<File>) -> MutexGuard<'_, File> {
    file.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ReadAt for FaultyUpdate {
    fn len(&self) -> u64 {
        locked(&self.file).visible.len() as u64
    }
    fn read_many(&self, parts: &mut [Part<'_>]) -> io::Result<()> {
        read_slice(&locked(&self.file).visible, parts)
    }
}

impl FaultyUpdate {
    fn change(&self, call: Call, change: Change) -> io::Result<()> {
        let mut disk = self.store.disk();
        let mut file = locked(&self.file);
        let result = disk.call(call, |_| {
            if let Change::Write(offset, bytes) = &change {
                let half = bytes[..bytes.len() / 2].to_vec();
                // It fails as the whole would, which is reported already.
                let _ = file.change(Change::Write(*offset, half));
            }
        });
        let result = result.and_then(|()| file.change(change));
        disk.file = Some(file.clone());
        result
    }
}

impl WriteAt for FaultyUpdate {
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.change(Call::Write, Change::Write(offset, bytes.to_vec()))
    }
}

impl UpdateAt for FaultyUpdate {
    fn set_len(&self, len: u64) -> io::Result<()> {
        self.change(Call::Truncate, Change::SetLen(len))
    }
    fn sync(&self) -> io::Result<()> {
        let mut disk = self.store.disk();
        disk.call(Call::Sync, |_| {})?;
        let mut file = locked(&self.file);
        file.sync();
        disk.file = Some(file.clone());
        Ok(())
    }
}

impl Drop for FaultyUpdate {
    fn drop(&mut self) {
        self.store.disk().is_locked = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::conformance;

    #[test]
    fn a_faulty_store_without_a_fault_conforms() {
        conformance::check_read(&|bytes| FaultyStore::new(bytes.to_vec()).open());
        conformance::check_stage(&FaultyStore::empty());
        conformance::check_update(&FaultyStore::empty());
    }

    /// Appends in place as careful programs do: bytes, sync, then the eight bytes that make them count.
    fn append(store: &FaultyStore) -> io::Result<()> {
        let update = store.update()?.expect("changes in place");
        update.write_all_at(b"tail", 4)?;
        update.sync()?;
        update.write_all_at(b"HE", 0)?;
        update.sync()
    }

    #[test]
    fn each_call_is_a_kill_point() {
        let calm = FaultyStore::new(b"head".to_vec());
        append(&calm).unwrap();
        assert_eq!(
            calm.calls(),
            [Call::Write, Call::Sync, Call::Write, Call::Sync]
        );
        let expected: [(&[u8], &[u8]); 4] = [
            (b"head", b"head"),
            (b"headtail", b"head"),
            (b"headtail", b"headtail"),
            (b"HEadtail", b"headtail"),
        ];
        for (at, (killed, unpowered)) in expected.into_iter().enumerate() {
            let store = FaultyStore::new(b"head".to_vec());
            store.inject(Fault::Kill, at);
            append(&store).unwrap_err();
            assert_eq!(*store.after_kill().bytes().unwrap(), killed, "call {at}");
            let after = store.after_power_loss(|_| false);
            assert_eq!(*after.bytes().unwrap(), unpowered, "call {at}");
        }
    }

    #[test]
    fn a_torn_write_leaves_its_first_half() {
        let store = FaultyStore::new(b"head".to_vec());
        store.inject(Fault::KillTorn, 0);
        append(&store).unwrap_err();
        assert_eq!(*store.after_kill().bytes().unwrap(), b"headta");
    }

    #[test]
    fn a_rename_that_was_not_synced_may_be_lost() {
        let store = FaultyStore::new(b"old".to_vec());
        let mut stage = store.stage().unwrap();
        stage.write_all(b"new").unwrap();
        stage.commit(Durability::None).unwrap();
        assert_eq!(*store.after_kill().bytes().unwrap(), b"new");
        assert_eq!(*store.after_power_loss(|_| false).bytes().unwrap(), b"old");
        let renamed_only = store.after_power_loss(|i| i == usize::MAX);
        assert_eq!(*renamed_only.bytes().unwrap(), b"");
    }

    #[test]
    fn after_other_faults_the_store_works_again() {
        for (fault, kind) in [
            (Fault::NoSpace, io::ErrorKind::StorageFull),
            (Fault::Io, io::ErrorKind::Other),
            (Fault::Interrupted, io::ErrorKind::Interrupted),
            (Fault::ShortWrite, io::ErrorKind::WriteZero),
        ] {
            let store = FaultyStore::new(b"head".to_vec());
            store.inject(fault, 0);
            assert_eq!(append(&store).unwrap_err().kind(), kind);
            append(&store).unwrap();
            assert_eq!(*store.after_kill().bytes().unwrap(), b"HEadtail");
        }
    }
}
