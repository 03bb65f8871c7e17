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
    opened: Mutex<Option<Arc<Inflated>>>,
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

    fn opened(&self) -> Option<Arc<Inflated>> {
        self.opened
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn remember(&self, opened: Option<Arc<Inflated>>) {
        *self.opened.lock().unwrap_or_else(PoisonError::into_inner) = opened;
    }
}

impl Store for GzipStore {
    fn url(&self) -> &Url {
        self.store.url()
    }

    fn open(&self) -> io::Result<Arc<dyn ReadAt>> {
        let source = self.store.open()?;
        if !is_gzip(&*source)? {
            // What another program put there uncompressed stays so.
            self.remember(None);
            return Ok(source);
        }
        let opened = Arc::new(Inflated::new(source, self.max_bytes)?);
        self.remember(Some(opened.clone()));
        Ok(opened)
    }

    fn stage(&self) -> io::Result<Box<dyn Stage>> {
        let old = self.opened();
        // What was inflated is what will be replaced: an edit that another program came before would undo that one.
        let stage = match &old {
            Some(old) => self.store.stage_over(&old.source)?,
            None => self.store.stage()?,
        };
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
        // What may not be changed in place may not be replaced either, compressed or not.
        let update = match self.store.update() {
            // A file system without locks, which a compressed file does without. No other store is asked for bytes.
            Err(error)
                if error.kind() == io::ErrorKind::Unsupported
                    && self.url().path().is_some()
                    && is_gzip(&*self.store.open()?)? =>
            {
                return Ok(None);
            }
            update => update?,
        };
        let Some(update) = update else {
            return Ok(None);
        };
        // Nothing within a compressed file can be changed: it is staged instead.
        Ok((!is_gzip(&*update)?).then_some(update))
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
    Ok(Arc::new(Inflated::new(source, max_bytes)?))
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

impl Inflated {
    fn new(source: Arc<dyn ReadAt>, max_bytes: u64) -> io::Result<Self> {
        let bytes = spool(Members::of(&*source), max_bytes)?;
        Ok(Self { bytes, source })
    }
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
    old: Option<Arc<Inflated>>,
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
mod tests;
