//! Two locks of a file that is changed: its own, and the one beside it that other programs wait on.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use paginum::container::pv::{Edit, EditOptions, Target, compact, repair};
use paginum::storage::{FileStore, Part, ReadAt, Stage, Store, UpdateAt, Url, WriteAt};

use crate::files::{base, numbers, options};

/// A file that counts how often its own lock is let go while the other one is still there.
#[derive(Debug)]
struct Watched {
    file: FileStore,
    beside: PathBuf,
    n_early: Arc<AtomicUsize>,
    n_dropped: Arc<AtomicUsize>,
}

impl Store for Watched {
    fn url(&self) -> &Url {
        self.file.url()
    }
    fn open(&self) -> io::Result<Arc<dyn ReadAt>> {
        self.file.open()
    }
    fn stage(&self) -> io::Result<Box<dyn Stage>> {
        self.file.stage()
    }
    fn update(&self) -> io::Result<Option<Box<dyn UpdateAt>>> {
        Ok(self.file.update()?.map(|update| {
            Box::new(WatchedUpdate {
                update,
                beside: self.beside.clone(),
                n_early: self.n_early.clone(),
                n_dropped: self.n_dropped.clone(),
            }) as Box<dyn UpdateAt>
        }))
    }
    fn sibling(&self, suffix: &str) -> Option<Arc<dyn Store>> {
        self.file.sibling(suffix)
    }
}

#[derive(Debug)]
struct WatchedUpdate {
    update: Box<dyn UpdateAt>,
    beside: PathBuf,
    n_early: Arc<AtomicUsize>,
    n_dropped: Arc<AtomicUsize>,
}

impl Drop for WatchedUpdate {
    fn drop(&mut self) {
        self.n_dropped.fetch_add(1, Ordering::Relaxed);
        let is_early = self.beside.exists();
        self.n_early
            .fetch_add(usize::from(is_early), Ordering::Relaxed);
    }
}

impl ReadAt for WatchedUpdate {
    fn len(&self) -> u64 {
        self.update.len()
    }
    fn read_many(&self, parts: &mut [Part<'_>]) -> io::Result<()> {
        self.update.read_many(parts)
    }
}

impl WriteAt for WatchedUpdate {
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        assert!(self.beside.exists(), "written without the lock beside it");
        self.update.write_all_at(bytes, offset)
    }
}

impl UpdateAt for WatchedUpdate {
    fn set_len(&self, len: u64) -> io::Result<()> {
        self.update.set_len(len)
    }
    fn sync(&self) -> io::Result<()> {
        self.update.sync()
    }
}

#[test]
fn the_lock_beside_a_file_is_gone_before_the_file_is_free() {
    let folder = tempfile::tempdir().unwrap();
    let file = FileStore::new(folder.path().join("a.pv"));
    base(&file, options(Target::V0_7));
    let watched = Watched {
        file,
        beside: folder.path().join("a.pv.append.lock"),
        n_early: Arc::default(),
        n_dropped: Arc::default(),
    };
    for is_staged in [false, true] {
        let mut edit = Edit::new();
        edit.add(format!("new{is_staged}"), numbers(3, 3));
        let mut options = EditOptions::default();
        options.is_staged = is_staged;
        let report = edit.apply(&watched, &options).unwrap();
        assert_eq!(report.is_in_place, !is_staged);
    }
    compact(&watched, &EditOptions::default()).unwrap();
    repair(&watched, &EditOptions::default()).unwrap();
    assert_eq!(watched.n_dropped.load(Ordering::Relaxed), 4);
    assert_eq!(watched.n_early.load(Ordering::Relaxed), 0);
}
