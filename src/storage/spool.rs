//! What comes as a stream, kept until it is whole, because reading goes by position: in memory while it is small, else in a
//! temporary file without a name.

use std::io::{self, Read, Write};
use std::sync::Arc;

use super::{FileReader, ReadAt};
use crate::error::{Error, Result, ResultExt};

/// What stays in memory.
const MEMORY_BYTES: u64 = 32 << 20;
/// Bytes are copied in pieces of this size.
const PIECE_BYTES: usize = 1 << 20;
/// What the file without a name is called in messages.
const FILE: &str = "temporary file";

/// Takes in a stream to its end, at most `limit` bytes: up to 32 MiB in memory, more in a temporary file that has no name.
///
/// # Errors
/// `LimitExceeded`; those of the stream and of the temporary file.
pub fn spool(input: impl Read, limit: u64) -> Result<Arc<dyn ReadAt>> {
    // One byte more than allowed tells a long input from one of just that length.
    let mut input = input.take(limit.saturating_add(1));
    let mut start = Vec::new();
    let mut n_bytes = input.by_ref().take(MEMORY_BYTES).read_to_end(&mut start)? as u64;
    let mut file = None;
    if n_bytes == MEMORY_BYTES {
        let spooled = file.insert(tempfile::tempfile().in_file(FILE)?);
        spooled.write_all(&start).in_file(FILE)?;
        start = vec![0; PIECE_BYTES];
        loop {
            let n = match input.read(&mut start) {
                Ok(0) => break,
                Ok(n) => n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
            spooled.write_all(&start[..n]).in_file(FILE)?;
            n_bytes += n as u64;
        }
    }
    if n_bytes > limit {
        return Err(Error::limit("bytes of a stream", limit, n_bytes));
    }
    Ok(match file {
        Some(file) => Arc::new(FileReader::new(file).in_file(FILE)?),
        None => Arc::new(start),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(n_bytes: u64, limit: u64) -> Result<()> {
        let store = spool(io::repeat(7).take(n_bytes), limit)?;
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
    /// A long stream whose reading fails once, and then goes on.
    struct FailsOnce {
        n_left: usize,
        error: Option<io::ErrorKind>,
    }

    impl Read for FailsOnce {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            if self.n_left <= 1000
                && let Some(error) = self.error.take()
            {
                return Err(error.into());
            }
            let n = self.n_left.min(buf.len()).min(1 << 20);
            self.n_left -= n;
            Ok(n)
        }
    }

    #[test]
    fn a_read_that_was_interrupted_is_made_again_and_others_are_errors() {
        let n_left = MEMORY_BYTES as usize + 1000;
        let stream = |error| FailsOnce {
            n_left,
            error: Some(error),
        };
        let spooled = spool(stream(io::ErrorKind::Interrupted), u64::MAX).unwrap();
        assert_eq!(spooled.len(), n_left as u64);
        assert!(spool(stream(io::ErrorKind::BrokenPipe), u64::MAX).is_err());
    }
}
