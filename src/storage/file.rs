//! Files, by positional reads and writes: no shared cursor, no signal if another program cuts the file.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use super::destination::follow_links;
use super::plan::check_parts;
use super::stage::FileStage;
use super::{Access, Part, ReadAt, Stage, Store, UpdateAt, Url, Version, WriteAt, system};
use crate::error::Error;

/// A file, by its path.
#[derive(Clone, Debug)]
pub struct FileStore {
    url: Url,
    path: PathBuf,
    may_replace: bool,
}

impl FileStore {
    /// The file at `path`, which need not exist yet. Symbolic links are followed, by writers as well.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self {
            url: Url::of_path(&path),
            path,
            may_replace: true,
        }
    }

    /// Lets stages make a new file and never replace one: their commit fails with `AlreadyExists` if there is something
    /// by this name, even if it appeared a moment ago.
    #[must_use]
    pub fn without_replacing(mut self) -> Self {
        self.may_replace = false;
        self
    }
}

impl Store for FileStore {
    fn open(&self) -> io::Result<Arc<dyn ReadAt>> {
        Ok(Arc::new(FileReader::open(&self.path)?))
    }

    fn stage(&self) -> io::Result<Box<dyn Stage>> {
        Ok(Box::new(FileStage::create(&self.path, self.may_replace)?))
    }

    fn stage_over(&self, old: &Arc<dyn ReadAt>) -> io::Result<Box<dyn Stage>> {
        let stage = FileStage::create(&self.path, self.may_replace)?;
        Ok(Box::new(stage.over(old.version())))
    }

    fn update(&self) -> io::Result<Option<Box<dyn UpdateAt>>> {
        Ok(Some(Box::new(FileUpdate::open(&self.path)?)))
    }

    fn url(&self) -> &Url {
        &self.url
    }

    fn sibling(&self, suffix: &str) -> Option<Arc<dyn Store>> {
        // Beside the file itself, not beside a link to it: that is where every other program looks.
        let path = fs::canonicalize(&self.path).or_else(|_| follow_links(&self.path));
        let mut name = path.ok()?.into_os_string();
        name.push(suffix);
        Some(Arc::new(Self::new(name)))
    }
}

/// A file opened for reading. Its length is fixed when it is opened: what others append later is not seen.
#[derive(Debug)]
pub struct FileReader {
    file: File,
    len: u64,
    modified: Option<SystemTime>,
}

impl FileReader {
    /// Opens the file at `path`.
    ///
    /// # Errors
    /// Those of the file system; `IsADirectory` for a folder.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        Self::new(File::open(path)?)
    }

    /// Reads a file that is open already.
    ///
    /// # Errors
    /// Those of the file system; `IsADirectory` for a folder.
    pub fn new(file: File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        Ok(Self {
            len: metadata.len(),
            modified: metadata.modified().ok(),
            file,
        })
    }
}

impl ReadAt for FileReader {
    fn len(&self) -> u64 {
        self.len
    }
    fn read_many(&self, parts: &mut [Part<'_>]) -> io::Result<()> {
        read_parts(&self.file, self.len, parts)
    }
    fn access(&self) -> Access {
        Access::FILE
    }
    fn version(&self) -> Option<Version> {
        version_of(&self.file, self.modified, self.len)
    }
    fn has_changed(&self) -> bool {
        let Ok(metadata) = self.file.metadata() else {
            return false;
        };
        metadata.len() != self.len
            || metadata.modified().ok() != self.modified
            || is_being_written(&self.file)
    }
}

/// Which file this is, and which bytes it had when it was modified last and had this length.
fn version_of(file: &File, modified: Option<SystemTime>, len: u64) -> Option<Version> {
    let (device, number) = number_of(&file.metadata().ok()?);
    let modified = modified?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let nanos = modified.as_nanos();
    Some(Version::new(format!("{device}-{number}-{nanos}-{len}")))
}

/// Keeps all other writers from the file at `path` while the value lives, if it still is this version. Where there are no
/// locks it is compared alone.
///
/// # Errors
/// `Changed` if it is not, or there is none any more; `WouldBlock` if a writer has the lock; `PermissionDenied` if it may not
/// be written.
pub(super) fn lock_version(path: &Path, version: &Version) -> io::Result<impl Sized + use<>> {
    let opened = FileUpdate::open(path).or_else(|error| match error.kind() {
        io::ErrorKind::Unsupported => FileUpdate::without_lock(path),
        _ => Err(error),
    });
    let update = match opened {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(replaced()),
        opened => opened?,
    };
    let metadata = update.file.metadata()?;
    let now = version_of(&update.file, metadata.modified().ok(), metadata.len());
    match now.as_ref() == Some(version) {
        true => Ok(update),
        false => Err(replaced()),
    }
}

fn replaced() -> io::Error {
    Error::changed("another program has written this file since it was opened").into()
}

/// Whether a writer has the lock of a file. It is asked for and given back: only so can it be known.
fn is_being_written(file: &File) -> bool {
    match file.try_lock_shared() {
        Ok(()) => {
            let _ = file.unlock();
            false
        }
        Err(TryLockError::WouldBlock) => true,
        Err(TryLockError::Error(_)) => false,
    }
}

/// A file that is changed in place, under the operating system's lock, which dies with the process.
#[derive(Debug)]
struct FileUpdate {
    file: File,
    len: AtomicU64,
}

impl FileUpdate {
    /// Opens and locks the file at `path`: `Unsupported` on a file system without locks.
    fn open(path: &Path) -> io::Result<Self> {
        // Whoever had the lock may have replaced the file: then the lock is on a file that has no name any more.
        loop {
            let update = Self::without_lock(path)?;
            system::try_lock(&update.file).map_err(|error| match error {
                TryLockError::WouldBlock => io::Error::new(
                    io::ErrorKind::WouldBlock,
                    "another program is writing this file",
                ),
                TryLockError::Error(error) => io::Error::new(
                    io::ErrorKind::Unsupported,
                    format!("its file system has no locks: {error}"),
                ),
            })?;
            let metadata = update.file.metadata()?;
            if is_same_file(&metadata, &fs::metadata(path)?) {
                update.len.store(metadata.len(), Ordering::Release);
                return Ok(update);
            }
        }
    }

    fn without_lock(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        let len = file.metadata()?.len().into();
        Ok(Self { file, len })
    }
}

impl ReadAt for FileUpdate {
    fn len(&self) -> u64 {
        self.len.load(Ordering::Acquire)
    }
    fn read_many(&self, parts: &mut [Part<'_>]) -> io::Result<()> {
        read_parts(&self.file, self.len(), parts)
    }
}

impl Drop for FileUpdate {
    fn drop(&mut self) {
        // A child process that was started meanwhile may still have the file open: closing ours would leave it locked.
        let _ = self.file.unlock();
    }
}

impl WriteAt for FileUpdate {
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        write_all_at(&self.file, bytes, offset)?;
        self.len
            .fetch_max(offset + bytes.len() as u64, Ordering::AcqRel);
        Ok(())
    }
}

impl UpdateAt for FileUpdate {
    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)?;
        self.len.store(len, Ordering::Release);
        Ok(())
    }
    fn sync(&self) -> io::Result<()> {
        system::sync_file(&self.file)
    }
}

fn read_parts(file: &File, len: u64, parts: &mut [Part<'_>]) -> io::Result<()> {
    check_parts(parts, len)?;
    parts
        .iter_mut()
        .try_for_each(|part| read_exact_at(file, part.buf, part.offset))
}

#[cfg(unix)]
pub(super) fn is_same_file(a: &fs::Metadata, b: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

/// What tells a file from all others of this machine.
#[cfg(unix)]
fn number_of(metadata: &fs::Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
fn number_of(_metadata: &fs::Metadata) -> (u64, u64) {
    (0, 0)
}

#[cfg(not(unix))]
pub(super) fn is_same_file(_a: &fs::Metadata, _b: &fs::Metadata) -> bool {
    // No number there tells files apart for good.
    true
}

#[cfg(unix)]
fn read_exact_at(file: &File, buf: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buf, offset)
}

#[cfg(unix)]
pub(crate) fn write_all_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut buf: &mut [u8], mut offset: u64) -> io::Result<()> {
    use std::os::windows::fs::FileExt;
    while !buf.is_empty() {
        match file.seek_read(buf, offset) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(n) => {
                buf = &mut buf[n..];
                offset += n as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(windows)]
pub(crate) fn write_all_at(file: &File, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    use std::os::windows::fs::FileExt;
    while !bytes.is_empty() {
        match file.seek_write(bytes, offset) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => {
                bytes = &bytes[n..];
                offset += n as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::conformance;

    #[test]
    fn files_conform() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        conformance::check_read(&|bytes| {
            fs::write(&path, bytes)?;
            FileStore::new(&path).open()
        });
        conformance::check_stage(&FileStore::new(folder.path().join("b")));
        conformance::check_update(&FileStore::new(folder.path().join("c")));
    }

    #[test]
    fn a_change_in_place_can_be_synced() {
        use system::{Call, seam};
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "old").unwrap();
        let update = FileUpdate::open(&path).unwrap();
        let (result, calls) = seam::watch(&[], || update.sync());
        result.unwrap();
        assert_eq!(calls, [Call::SyncFile]);
    }

    #[test]
    fn a_reader_knows_that_its_file_was_changed() {
        let folder = tempfile::tempdir().unwrap();
        let store = FileStore::new(folder.path().join("a"));
        fs::write(folder.path().join("a"), "0123").unwrap();
        let reader = store.open().unwrap();
        assert!(!reader.has_changed());
        let update = store.update().unwrap().unwrap();
        assert!(reader.has_changed(), "a writer has the lock");
        update.write_all_at(b"45", 4).unwrap();
        drop(update);
        assert!(reader.has_changed(), "it has grown");
        assert!(!store.open().unwrap().has_changed());
        assert_ne!(store.open().unwrap().version(), reader.version());
        assert_eq!(
            store.open().unwrap().version(),
            store.open().unwrap().version()
        );
        // Replaced as a whole, the old file stays what it was.
        let reader = store.open().unwrap();
        let stage = store.stage().unwrap();
        stage.commit(super::super::Durability::None).unwrap();
        assert!(!reader.has_changed());
    }

    #[test]
    fn a_folder_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        assert!(FileStore::new(folder.path()).open().is_err());
    }

    #[test]
    fn a_file_that_was_cut_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, [1; 100]).unwrap();
        let reader = FileReader::open(&path).unwrap();
        fs::write(&path, [1; 10]).unwrap();
        let error = reader.read_exact_at(&mut [0; 20], 0).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }
}
