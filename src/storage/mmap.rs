//! A file as a slice. Fastest to read many small parts of; if another program cuts the file meanwhile, the operating
//! system kills the reader (SIGBUS), which is why [`FileReader`](super::FileReader) is the default.
#![expect(
    unsafe_code,
    reason = "a memory map is only as constant as the file beneath it"
)]

use std::fs::File;
use std::io;
use std::path::Path;

use memmap2::Mmap;

use super::ReadAt;
use super::memory::read_slice_at;

/// A file that is mapped into memory. Nobody may change it while it is: not even an append of ours, which writes
/// eight bytes in the middle.
#[derive(Debug)]
pub struct MappedFile {
    map: Mmap,
}

impl MappedFile {
    /// Maps the file at `path`.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let file = File::open(path)?;
        // SAFETY: the documented duty of the caller is that the file does not change. What this crate decodes from it is
        // hostile input to begin with, so that a change makes wrong values or an error, not wrong memory accesses.
        let map = unsafe { Mmap::map(&file)? };
        Ok(Self { map })
    }
}

impl ReadAt for MappedFile {
    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        read_slice_at(&self.map, buf, offset)
    }
    fn len(&self) -> u64 {
        self.map.len() as u64
    }
    fn as_slice(&self) -> Option<&[u8]> {
        Some(&self.map)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::storage::conformance;

    #[test]
    fn maps_conform() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        conformance::check_read(&|bytes| {
            // A new file each time: one that is mapped must not change.
            let _ = std::fs::remove_file(&path);
            std::fs::write(&path, bytes)?;
            Ok(Arc::new(MappedFile::open(&path)?))
        });
    }
}
