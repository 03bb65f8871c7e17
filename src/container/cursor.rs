//! A store as a stream that can be sought: for readers that know only those.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use super::read_ahead::ReadAhead;
use crate::error::ResultExt;
use crate::storage::ReadAt;

/// What is read first behind a jump in a distant store: readers ask for whole buffers and need a header. Each further
/// read may be twice as long.
const FIRST_BYTES: u64 = 512;

/// A position in a store.
#[derive(Clone, Debug)]
pub(super) struct Cursor {
    store: Arc<dyn ReadAt>,
    position: u64,
    /// The most that is read at once.
    window: u64,
    /// Where all is read in its order, as a whole.
    ahead: Option<ReadAhead>,
}

impl Cursor {
    /// At a position.
    pub(super) fn new(store: Arc<dyn ReadAt>, position: u64) -> Self {
        let window = first_window(&*store);
        Self {
            store,
            position,
            window,
            ahead: None,
        }
    }

    /// At the start of a store that is read to its end.
    #[cfg(feature = "png")]
    pub(super) fn in_order(store: Arc<dyn ReadAt>) -> Self {
        Self {
            store,
            position: 0,
            window: u64::MAX,
            ahead: Some(ReadAhead::default()),
        }
    }
}

fn first_window(store: &dyn ReadAt) -> u64 {
    match store.access().is_distant() {
        true => FIRST_BYTES,
        false => u64::MAX,
    }
}

impl Read for Cursor {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let rest = self.store.len().saturating_sub(self.position);
        let n = rest.min(self.window).min(buf.len() as u64) as usize;
        if n == 0 {
            return Ok(0);
        }
        if let Some(ahead) = &mut self.ahead {
            ahead.want(&*self.store, self.position..self.position + n as u64)?;
        }
        // With its place an error of storage crosses decoders as what it is, and is not taken for theirs.
        self.store
            .read_exact_at(&mut buf[..n], self.position)
            .at(self.position)?;
        self.position += n as u64;
        self.window = self.window.saturating_mul(2);
        Ok(n)
    }
}

impl Seek for Cursor {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(offset) => self.store.len().checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        let position = position.ok_or(io::ErrorKind::InvalidInput)?;
        if position != self.position {
            self.window = first_window(&*self.store);
        }
        self.position = position;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_and_seeks_like_a_file() {
        let mut cursor = Cursor::new(Arc::new((0..10).collect::<Vec<u8>>()), 0);
        let mut buf = [0; 4];
        assert_eq!(cursor.seek(SeekFrom::End(-3)).unwrap(), 7);
        assert_eq!(cursor.read(&mut buf).unwrap(), 3);
        assert_eq!(buf[..3], [7, 8, 9]);
        assert_eq!(cursor.read(&mut buf).unwrap(), 0);
        assert_eq!(cursor.seek(SeekFrom::Current(-10)).unwrap(), 0);
        assert!(cursor.seek(SeekFrom::Current(-1)).is_err());
        assert_eq!(cursor.seek(SeekFrom::Start(100)).unwrap(), 100);
        assert_eq!(cursor.read(&mut buf).unwrap(), 0);
    }
}
