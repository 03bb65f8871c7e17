//! A stage or an update as a stream: bytes one after another from an offset on, gathered into larger writes.

use std::io::{self, Write};

use super::WriteAt;

/// Small writes are gathered up to so many bytes.
const BUFFER_BYTES: usize = 256 << 10;

/// Writes on from an offset. [`finish`](Self::finish) must be called: what is still gathered when it is dropped is
/// lost, as it should be where an error ended the writing.
#[derive(Debug)]
pub struct PositionedWriter<'a> {
    target: &'a dyn WriteAt,
    buffer: Vec<u8>,
    /// Where the buffer's first byte goes.
    offset: u64,
}

impl<'a> PositionedWriter<'a> {
    /// Writes from `offset` on.
    pub fn new(target: &'a dyn WriteAt, offset: u64) -> Self {
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
    use crate::storage::{Durability, MemoryStore, PositionedStage};

    #[test]
    fn small_and_large_writes_follow_one_another() {
        let store = MemoryStore::new();
        let stage = PositionedStage::new(&store).unwrap();
        let mut writer = PositionedWriter::new(&stage, 2);
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
