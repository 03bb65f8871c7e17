//! Files that are compressed whole by gzip, in any store: read as what they hold, and compressed again when written.
//!
//! Content decides for what is there, the name (`.gz`) for what is new. A file is inflated when it is opened, once and whole:
//! into memory up to 32 MiB, above it into a temporary file without a name. Checkpoints to inflate from would save the file,
//! and not the pass: only at the end of a member stands the checksum that its bytes must agree with before anyone may
//! believe them, and how long it is.

mod inflate;

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};

use self::inflate::Members;
use super::spool::spool;
use super::{Durability, Part, ReadAt, Stage, Store, StoreOptions, UpdateAt, Url, Version};

/// The shortest member: a header of ten bytes, an empty block of two, a trailer of eight; some write less than two.
const MIN_BYTES: u64 = 18;
/// What a member begins with: the number of the format, and that of its only method.
const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];
/// gzip's own default: levels below save little time and cost much size.
const LEVEL: u32 = 6;
/// A store whose files may be compressed by gzip.
///
/// ```
/// use std::io::Write;
/// use std::sync::Arc;
/// use paginum::storage::{Durability, FileStore, GzipStore, Store, StoreOptions};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("x.npy.gz");
/// let store = GzipStore::new(Arc::new(FileStore::new(&path)), &StoreOptions::default());
/// let mut stage = store.stage()?;
/// stage.write_all(&[7; 1000])?;
/// stage.commit(Durability::Synced)?;
/// assert!(std::fs::metadata(&path)?.len() < 100);
/// assert_eq!(store.open()?.len(), 1000);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct GzipStore {
    store: Arc<dyn Store>,
    max_bytes: u64,
    /// What was inflated last: whoever writes after that changes a compressed file.
    opened: Mutex<Option<Arc<dyn ReadAt>>>,
}

impl GzipStore {
    /// Looks through gzip in `store`.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, options: &StoreOptions) -> Self {
        Self {
            store,
            max_bytes: options.max_stream_bytes,
            opened: Mutex::new(None),
        }
    }

    fn opened(&self) -> Option<Arc<dyn ReadAt>> {
        self.opened
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Store for GzipStore {
    fn url(&self) -> &Url {
        self.store.url()
    }

    fn open(&self) -> io::Result<Arc<dyn ReadAt>> {
        let source = self.store.open()?;
        let opened = gunzip(source.clone(), self.max_bytes)?;
        if !Arc::ptr_eq(&opened, &source) {
            *self.opened.lock().unwrap_or_else(PoisonError::into_inner) = Some(opened.clone());
        }
        Ok(opened)
    }

    fn stage(&self) -> io::Result<Box<dyn Stage>> {
        let old = self.opened();
        let stage = self.store.stage()?;
        if old.is_none() && !self.url().has_extension("gz") {
            return Ok(stage);
        }
        // Neither time nor name nor system: equal bytes make equal files.
        let header = GzBuilder::new().mtime(0).operating_system(255);
        Ok(Box::new(GzipStage {
            encoder: header.write(stage, Compression::new(LEVEL)),
            n_bytes: 0,
            old,
        }))
    }

    fn update(&self) -> io::Result<Option<Box<dyn UpdateAt>>> {
        // Nothing within a compressed file can be changed: it is staged instead.
        match is_gzip(&*self.store.open()?)? {
            true => Ok(None),
            false => self.store.update(),
        }
    }

    fn sibling(&self, suffix: &str) -> Option<Arc<dyn Store>> {
        self.store.sibling(suffix)
    }
}

/// Looks through gzip in bytes that are open already: gives what they hold where they begin as a compressed file does, inflated
/// whole to at most `max_bytes`, and else the bytes themselves.
///
/// ```
/// use paginum::storage::{ReadAt, gunzip, spool};
/// // A stream that gzip compressed: the text "pages\n".
/// let stream: &[u8] = &[
///     0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff, 1, 6, 0, 0xf9, 0xff, b'p', b'a', b'g', b'e', b's', b'\n',
///     0xc5, 0xf7, 0x98, 0x12, 6, 0, 0, 0,
/// ];
/// let opened = gunzip(spool(stream, 1 << 20)?, 1 << 20)?;
/// let mut text = [0; 6];
/// opened.read_exact_at(&mut text, 0)?;
/// assert_eq!(&text, b"pages\n");
/// # Ok::<(), paginum::Error>(())
/// ```
///
/// # Errors
/// `LimitExceeded`; `Corrupt`, `Truncated` and `Checksum` of what gzip did not write so; those of `source`.
pub fn gunzip(source: Arc<dyn ReadAt>, max_bytes: u64) -> io::Result<Arc<dyn ReadAt>> {
    if !is_gzip(&*source)? {
        return Ok(source);
    }
    let bytes = spool(Members::of(&*source), max_bytes)?;
    Ok(Arc::new(Inflated { bytes, source }))
}

/// Whether bytes begin as a member does. One in 2^27 files of noise does, too.
fn is_gzip(store: &dyn ReadAt) -> io::Result<bool> {
    if store.len() < MIN_BYTES {
        return Ok(false);
    }
    let mut start = [0; 4];
    store.read_exact_at(&mut start, 0)?;
    let [a, b, method, flags] = start;
    Ok([a, b, method] == MAGIC && flags & 0xe0 == 0)
}

/// What a compressed file holds, and the file.
#[derive(Debug)]
struct Inflated {
    bytes: Arc<dyn ReadAt>,
    source: Arc<dyn ReadAt>,
}

impl ReadAt for Inflated {
    fn len(&self) -> u64 {
        self.bytes.len()
    }
    fn read_many(&self, parts: &mut [Part<'_>]) -> io::Result<()> {
        self.bytes.read_many(parts)
    }
    fn version(&self) -> Option<Version> {
        self.source.version()
    }
    fn has_changed(&self) -> bool {
        self.source.has_changed()
    }
    fn as_slice(&self) -> Option<&[u8]> {
        self.bytes.as_slice()
    }
}

/// Compresses what is written. What turns out to be what was there already leaves the file as it is.
#[derive(Debug)]
struct GzipStage {
    encoder: GzEncoder<Box<dyn Stage>>,
    n_bytes: u64,
    /// What the file holds, as long as nothing else was written.
    old: Option<Arc<dyn ReadAt>>,
}

impl GzipStage {
    fn compare(&mut self, bytes: &[u8]) {
        if let Some(old) = &self.old {
            let mut before = vec![0; bytes.len()];
            let is_same = old.read_exact_at(&mut before, self.n_bytes).is_ok() && before == bytes;
            if !is_same {
                self.old = None;
            }
        }
    }
}

impl Write for GzipStage {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.encoder.write(bytes)?;
        self.compare(&bytes[..n]);
        self.n_bytes += n as u64;
        Ok(n)
    }
    fn flush(&mut self) -> io::Result<()> {
        // Flushing the encoder would cost size, and nobody reads a stage.
        Ok(())
    }
}

impl Stage for GzipStage {
    fn commit(self: Box<Self>, durability: Durability) -> io::Result<()> {
        let Self {
            encoder,
            n_bytes,
            old,
        } = *self;
        if old.is_some_and(|old| old.len() == n_bytes && !old.has_changed()) {
            return Ok(());
        }
        let mut stage = encoder.finish()?;
        stage.flush()?;
        stage.commit(durability)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::{FileStore, MemoryStore, PositionedStage, WriteAt, conformance};
    use crate::{Error, ErrorKind};

    fn compressed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::new(LEVEL));
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn over(store: impl Store + 'static) -> GzipStore {
        GzipStore::new(Arc::new(store), &StoreOptions::default())
    }

    fn contents(file: Vec<u8>) -> crate::Result<Vec<u8>> {
        let reader = over(MemoryStore::with_bytes(file)).open()?;
        let mut bytes = vec![0; reader.len() as usize];
        reader.read_exact_at(&mut bytes, 0)?;
        Ok(bytes)
    }

    #[test]
    fn compressed_files_conform() {
        conformance::check_read(&|bytes| over(MemoryStore::with_bytes(compressed(bytes))).open());
        let folder = tempfile::tempdir().unwrap();
        conformance::check_stage(&over(FileStore::new(folder.path().join("a.gz"))));
        // What is not compressed is not touched.
        conformance::check_stage(&over(FileStore::new(folder.path().join("a"))));
        conformance::check_update(&over(FileStore::new(folder.path().join("b"))));
    }

    #[test]
    fn members_follow_one_another_and_zeroes_end_them() {
        let members = [compressed(b"one "), compressed(b""), compressed(b"two")].concat();
        for padding in [0, 1, 511, 100_000] {
            let file = [members.clone(), vec![0; padding]].concat();
            assert_eq!(contents(file).unwrap(), b"one two", "{padding}");
        }
        for (rest, kind) in [
            (&b"junk"[..], ErrorKind::Corrupt),
            (b"\0\0junk", ErrorKind::Corrupt),
            (&[0x1f, 0x8b, 8], ErrorKind::Truncated),
        ] {
            let error = contents([&members[..], rest].concat()).unwrap_err();
            assert_eq!(error.kind(), kind, "{error}");
        }
    }

    #[test]
    fn damage_is_refused() {
        let plain: Vec<u8> = (0..1_500_u32).flat_map(u32::to_le_bytes).collect();
        let file = compressed(&plain);
        for cut in [18, 100, file.len() - 8, file.len() - 1] {
            let error = contents(file[..cut].to_vec()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Truncated, "{cut}: {error}");
        }
        let mut damaged = file.clone();
        let at = damaged.len() - 6;
        damaged[at] ^= 1;
        let error = contents(damaged).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Checksum, "{error}");
        let mut no_block = file.clone();
        no_block[10] = 7;
        let error = contents(no_block).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
        let mut n_harmless = 0;
        for at in 10..file.len() {
            let mut damaged = file.clone();
            damaged[at] ^= 0x10;
            if let Ok(bytes) = contents(damaged) {
                assert_eq!(bytes, plain, "byte {at}");
                n_harmless += 1;
            }
        }
        // The bits between the last block and the trailer mean nothing.
        assert!(n_harmless <= 1, "{n_harmless}");
    }

    #[test]
    fn a_bomb_ends_at_the_limit() {
        let options = StoreOptions {
            max_stream_bytes: 1 << 20,
            ..StoreOptions::default()
        };
        let bomb = MemoryStore::with_bytes(compressed(&vec![0; (1 << 20) + 1]));
        let error: Error = GzipStore::new(Arc::new(bomb), &options)
            .open()
            .unwrap_err()
            .into();
        assert_eq!(error.kind(), ErrorKind::LimitExceeded);
    }

    #[cfg(unix)]
    #[test]
    fn what_did_not_change_is_not_written_and_the_rest_keeps_mode_and_links() {
        use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("a.gz"), folder.path().join("link"));
        std::fs::write(&path, compressed(b"old")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        symlink("a.gz", &link).unwrap();
        let store = over(FileStore::new(&link));
        let before = std::fs::metadata(&path).unwrap();
        for (bytes, is_same) in [(&b"old"[..], true), (b"olds", false), (b"ol", false)] {
            assert!(store.update().unwrap().is_none(), "it is staged");
            store.open().unwrap();
            let stage = PositionedStage::new(&store).unwrap();
            stage.write_all_at(bytes, 0).unwrap();
            stage.commit(Durability::Synced).unwrap();
            let after = std::fs::metadata(&path).unwrap();
            assert_eq!(
                after.ino() == before.ino() && after.mtime_nsec() == before.mtime_nsec(),
                is_same
            );
            assert_eq!(after.mode() & 0o777, 0o640);
            assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
            let raw = std::fs::read(&path).unwrap();
            assert_eq!(contents(raw.clone()).unwrap(), bytes);
            if !is_same {
                // Flags, time, and system of a header that tells nothing but that it is one.
                assert_eq!(raw[3..10], [0, 0, 0, 0, 0, 0, 255], "{raw:?}");
            }
        }
    }

    #[test]
    fn what_another_program_put_there_is_replaced_even_by_what_was_there_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.gz");
        std::fs::write(&path, compressed(b"old")).unwrap();
        let store = over(FileStore::new(&path));
        let reader = store.open().unwrap();
        assert!(!reader.has_changed());
        let version = reader.version().unwrap();
        std::fs::write(&path, compressed(b"of another")).unwrap();
        assert!(reader.has_changed());
        assert_ne!(store.open().unwrap().version().unwrap(), version);
        let mut stage = GzipStage {
            old: Some(reader),
            ..stage_of(&store)
        };
        stage.write_all(b"old").unwrap();
        Box::new(stage).commit(Durability::Synced).unwrap();
        assert_eq!(contents(std::fs::read(&path).unwrap()).unwrap(), b"old");
    }

    fn stage_of(store: &GzipStore) -> GzipStage {
        GzipStage {
            encoder: GzEncoder::new(store.store.stage().unwrap(), Compression::new(LEVEL)),
            n_bytes: 0,
            old: None,
        }
    }

    #[test]
    fn what_stands_beside_a_file_and_in_memory_is_reached_through_gzip() {
        let store = over(FileStore::new("a.gz"));
        let beside = store.sibling(".lock").unwrap();
        assert_eq!(beside.url().path(), Some("a.gz.lock".as_ref()));
        let store = over(MemoryStore::with_bytes(compressed(b"small")));
        assert_eq!(store.open().unwrap().as_slice(), Some(&b"small"[..]));
    }

    #[test]
    fn a_commit_that_fails_leaves_the_old_file() {
        use crate::storage::faulty::{Fault, FaultyStore};
        let n_calls = {
            let calm = FaultyStore::new(compressed(b"old"));
            replace(&over(calm.clone()), b"new").unwrap();
            calm.calls().len()
        };
        for at in 0..n_calls {
            let disk = FaultyStore::new(compressed(b"old"));
            disk.inject(Fault::Kill, at);
            let _ = replace(&over(disk.clone()), b"new");
            let after = contents(disk.after_kill().bytes().unwrap().to_vec()).unwrap();
            assert!(after == b"old" || after == b"new", "call {at}");
        }
    }

    fn replace(store: &GzipStore, bytes: &[u8]) -> io::Result<()> {
        store.open()?;
        let stage = PositionedStage::new(store)?;
        stage.write_all_at(bytes, 0)?;
        stage.commit(Durability::Synced)
    }
}
