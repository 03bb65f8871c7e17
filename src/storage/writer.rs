//! A stage or an update as a stream: bytes one after another from an offset on, gathered into larger writes.

use std::io::{self, Write};

use super::{Stage, UpdateAt};

/// Small writes are gathered up to so many bytes.
const BUFFER_BYTES: usize = 256 << 10;

/// What bytes can be written to by position.
trait WriteAt {
    fn write_all_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()>;
}

impl WriteAt for &mut dyn Stage {
    fn write_all_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        (**self).write_all_at(bytes, offset)
    }
}

impl WriteAt for &mut dyn UpdateAt {
    fn write_all_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        (**self).write_all_at(bytes, offset)
    }
}

/// Writes on from an offset. [`finish`](Self::finish) must be called: what is still gathered when it is dropped is
/// lost, as it should be where an error ended the writing.
pub struct PositionedWriter<'a> {
    target: Box<dyn WriteAt + Send + 'a>,
    buffer: Vec<u8>,
    /// Where the buffer's first byte goes.
    offset: u64,
}

impl<'a> PositionedWriter<'a> {
    /// Writes into a stage, from `offset` on.
    pub fn on_stage(stage: &'a mut dyn Stage, offset: u64) -> Self {
        Self::new(Box::new(stage), offset)
    }

    /// Writes into a store in place, from `offset` on.
    pub fn on_update(update: &'a mut dyn UpdateAt, offset: u64) -> Self {
        Self::new(Box::new(update), offset)
    }

    fn new(target: Box<dyn WriteAt + Send + 'a>, offset: u64) -> Self {
        Self {
            target,
            buffer: Vec::new(),
            offset,
        }
    }

    /// Where the next byte goes.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.offset + self.buffer.len() as u64
    }

    /// Writes what is gathered, and returns where the next byte would go.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn finish(mut self) -> io::Result<u64> {
        self.flush()?;
        Ok(self.offset)
    }
}

impl Write for PositionedWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.buffer.len() + bytes.len() > BUFFER_BYTES {
            self.flush()?;
        }
        if bytes.len() >= BUFFER_BYTES {
            self.target.write_all_at(bytes, self.offset)?;
            self.offset += bytes.len() as u64;
        } else {
            self.buffer.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if !self.buffer.is_empty() {
            self.target.write_all_at(&self.buffer, self.offset)?;
            self.offset += self.buffer.len() as u64;
            self.buffer.clear();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::{Durability, MemoryStore, Store};

    #[test]
    fn small_and_large_writes_follow_one_another() {
        let store = MemoryStore::new();
        let mut stage = store.stage().unwrap();
        let mut writer = PositionedWriter::on_stage(&mut *stage, 2);
        let mut expected = vec![0, 0];
        for (i, len) in [1, BUFFER_BYTES - 1, 1, 2 * BUFFER_BYTES, 7]
            .into_iter()
            .enumerate()
        {
            let part = vec![i as u8 + 1; len];
            writer.write_all(&part).unwrap();
            expected.extend(part);
            assert_eq!(writer.position(), expected.len() as u64);
        }
        assert_eq!(writer.finish().unwrap(), expected.len() as u64);
        stage.commit(Durability::Synced).unwrap();
        assert_eq!(*store.bytes().unwrap(), expected);
    }
}
