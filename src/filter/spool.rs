//! Bytes that are written later than they come: in memory up to a bound, then in a temporary file.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};

use crate::error::Result;

/// What stays in memory.
const MEMORY_BYTES: usize = 128 << 20;

/// Pieces of bytes in several queues.
#[derive(Debug)]
pub(super) struct Spool {
    queues: Vec<Vec<Piece>>,
    in_memory: usize,
    max_in_memory: usize,
    file: Option<File>,
    in_file: u64,
}

#[derive(Debug)]
enum Piece {
    Memory(Vec<u8>),
    File { offset: u64, len: usize },
}

impl Spool {
    pub(super) fn new(n_queues: usize) -> Self {
        Self {
            queues: (0..n_queues).map(|_| Vec::new()).collect(),
            in_memory: 0,
            max_in_memory: MEMORY_BYTES,
            file: None,
            in_file: 0,
        }
    }

    /// Adds a piece to the end of a queue.
    pub(super) fn push(&mut self, queue: usize, bytes: Vec<u8>) -> Result<()> {
        self.in_memory += bytes.len();
        self.queues[queue].push(Piece::Memory(bytes));
        if self.in_memory > self.max_in_memory {
            self.spill()?;
        }
        Ok(())
    }

    fn spill(&mut self) -> Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(tempfile::tempfile()?),
        };
        for piece in self.queues.iter_mut().flatten() {
            if let Piece::Memory(bytes) = piece {
                file.write_all(bytes)?;
                let (offset, len) = (self.in_file, bytes.len());
                self.in_file += len as u64;
                *piece = Piece::File { offset, len };
            }
        }
        self.in_memory = 0;
        Ok(())
    }

    /// Takes the pieces of a queue, in order.
    pub(super) fn drain(
        &mut self,
        queue: usize,
        mut take: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        for piece in std::mem::take(&mut self.queues[queue]) {
            match (piece, &mut self.file) {
                (Piece::Memory(bytes), _) => {
                    self.in_memory -= bytes.len();
                    take(&bytes)?;
                }
                (Piece::File { offset, len }, Some(file)) => {
                    let mut bytes = vec![0; len];
                    file.seek(SeekFrom::Start(offset))?;
                    file.read_exact(&mut bytes)?;
                    take(&bytes)?;
                }
                (Piece::File { .. }, None) => unreachable!("pieces go to a file that is kept"),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_come_back_in_order_from_memory_and_file() {
        let mut spool = Spool::new(2);
        spool.max_in_memory = 10;
        for i in 0..22u8 {
            spool.push(usize::from(i % 2), vec![i; 3]).unwrap();
        }
        assert!(spool.in_file > 0 && spool.in_memory > 0);
        for queue in 0..2u8 {
            let mut all = Vec::new();
            let take = |bytes: &[u8]| {
                all.extend_from_slice(bytes);
                Ok(())
            };
            spool.drain(queue.into(), take).unwrap();
            let expected: Vec<u8> = (0..22)
                .filter(|i| i % 2 == queue)
                .flat_map(|i| [i; 3])
                .collect();
            assert_eq!(all, expected);
        }
    }
}
