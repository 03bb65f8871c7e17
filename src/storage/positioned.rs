//! Any stage, written by position: what goes from start to end alone gets its bytes once they are whole.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::atomic::{AtomicU64, Ordering};

use super::file::write_all_at;
use super::{Durability, Stage, Store, WriteAt};

/// Bytes are copied in pieces of this size.
const PIECE_BYTES: usize = 1 << 20;

/// A stage that is written by position, for formats that go back: they write an index last and its place first.
///
/// ```
/// use paginum::storage::{Durability, MemoryStore, PositionedStage, WriteAt};
/// let store = MemoryStore::new();
/// let stage = PositionedStage::new(&store)?;
/// stage.write_all_at(b"tail", 4)?;
/// stage.write_all_at(b"head", 0)?;
/// stage.commit(Durability::Synced)?;
/// assert_eq!(*store.bytes().unwrap(), b"headtail");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct PositionedStage {
    stage: Box<dyn Stage>,
    /// Where the bytes wait, if the stage takes them in order alone: a file without a name.
    waiting: Option<File>,
    len: AtomicU64,
}

impl PositionedStage {
    /// Starts a replacement for the bytes of a store.
    ///
    /// # Errors
    /// Those of [`Store::stage`], and of a temporary file.
    pub fn new(store: &dyn Store) -> io::Result<Self> {
        Self::of(store.stage()?)
    }

    /// Lets a stage be written by position.
    ///
    /// # Errors
    /// Those of a temporary file.
    pub fn of(stage: Box<dyn Stage>) -> io::Result<Self> {
        let waiting = match stage.at() {
            Some(_) => None,
            None => Some(tempfile::tempfile()?),
        };
        Ok(Self {
            stage,
            waiting,
            len: AtomicU64::new(0),
        })
    }

    /// Bytes so far: the end of the furthest write.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len.load(Ordering::Acquire)
    }

    /// Whether nothing was written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes the place of the old bytes.
    ///
    /// # Errors
    /// Those of [`Stage::commit`].
    pub fn commit(mut self, durability: Durability) -> io::Result<()> {
        if let Some(file) = &mut self.waiting {
            file.seek(SeekFrom::Start(0))?;
            let mut piece = vec![0; PIECE_BYTES];
            loop {
                match file.read(&mut piece) {
                    Ok(0) => break,
                    Ok(n) => self.stage.write_all(&piece[..n])?,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
            self.stage.flush()?;
        }
        self.stage.commit(durability)
    }
}

impl WriteAt for PositionedStage {
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        match (&self.waiting, self.stage.at()) {
            (Some(file), _) => write_all_at(file, bytes, offset)?,
            (None, Some(at)) => at.write_all_at(bytes, offset)?,
            (None, None) => return Err(io::ErrorKind::Unsupported.into()),
        }
        self.len
            .fetch_max(offset + bytes.len() as u64, Ordering::AcqRel);
        Ok(())
    }
}
