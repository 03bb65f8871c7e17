//! What comes or goes as a stream, kept until it is whole: in memory while it is small, else in a temporary file
//! without a name.
//!
//! Inputs that are pipes are spooled, because reading goes by position. Outputs that are pipes or devices are where a
//! writer goes by position.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::Arc;

use super::target::Target;
use crate::error::{Error, Result, ResultExt};
use crate::storage::{Durability, FileReader, ReadAt, Stage, Store, UpdateAt};

/// What stays in memory.
const MEMORY_BYTES: u64 = 32 << 20;
/// Bytes are copied in pieces of this size.
const PIECE_BYTES: usize = 1 << 20;

/// Takes in a stream to its end, at most `limit` bytes.
pub(super) fn read(input: impl Read, limit: u64, name: &str) -> Result<Arc<dyn ReadAt>> {
    // One byte more than allowed tells a long input from one of just that length.
    let mut input = input.take(limit.saturating_add(1));
    let mut start = Vec::new();
    let n = input.by_ref().take(MEMORY_BYTES).read_to_end(&mut start);
    let mut n_bytes = n.in_file(name)? as u64;
    let is_large = n_bytes == MEMORY_BYTES;
    let mut file = None;
    if is_large {
        let spooled = file.insert(tempfile::tempfile().in_file(FILE)?);
        spooled.write_all(&start).in_file(FILE)?;
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            let n = match input.read(&mut piece) {
                Ok(0) => break,
                Ok(n) => n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error).in_file(name),
            };
            spooled.write_all(&piece[..n]).in_file(FILE)?;
            n_bytes += n as u64;
        }
    }
    if n_bytes > limit {
        return Err(Error::limit("bytes of a stream", limit, n_bytes)).in_file(name);
    }
    Ok(match file {
        Some(file) => Arc::new(FileReader::new(file).in_file(FILE)?),
        None => Arc::new(start),
    })
}

/// What the file without a name is called in messages.
const FILE: &str = "temporary file";

/// A stream as a store that can be staged: what is committed is copied there.
#[derive(Debug)]
pub(super) struct SpooledStore(pub(super) Target);

impl Store for SpooledStore {
    fn open(&self) -> io::Result<Arc<dyn ReadAt>> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn stage(&self) -> io::Result<Box<dyn Stage>> {
        Ok(Box::new(SpooledStage {
            file: tempfile::tempfile().in_file(FILE)?,
            len: 0,
            target: self.0.clone(),
        }))
    }

    fn update(&self) -> io::Result<Option<Box<dyn UpdateAt>>> {
        Ok(None)
    }

    fn name(&self) -> String {
        self.0.name()
    }
}

#[derive(Debug)]
struct SpooledStage {
    file: File,
    len: u64,
    target: Target,
}

impl Stage for SpooledStage {
    fn write_all_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(offset)).in_file(FILE)?;
        self.file.write_all(bytes).in_file(FILE)?;
        self.len = self.len.max(offset + bytes.len() as u64);
        Ok(())
    }

    fn len(&self) -> u64 {
        self.len
    }

    fn commit(mut self: Box<Self>, _durability: Durability) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(0)).in_file(FILE)?;
        let mut stream = self.target.stream()?;
        io::copy(&mut self.file, &mut stream)?;
        stream.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(n_bytes: u64, limit: u64) -> Result<()> {
        let store = read(io::repeat(7).take(n_bytes), limit, "pipe")?;
        assert_eq!(store.len(), n_bytes);
        let mut end = [0; 3];
        if let Some(offset) = n_bytes.checked_sub(3) {
            store.read_exact_at(&mut end, offset)?;
            assert_eq!(end, [7; 3]);
        }
        Ok(())
    }

    #[test]
    fn streams_of_every_length_come_back() {
        for n_bytes in [0, 1, MEMORY_BYTES - 1, MEMORY_BYTES, MEMORY_BYTES + 12_345] {
            check(n_bytes, n_bytes).unwrap();
            if n_bytes > 0 {
                let error = check(n_bytes, n_bytes - 1).unwrap_err();
                assert_eq!(error.kind(), crate::ErrorKind::LimitExceeded, "{n_bytes}");
            }
        }
    }
}
