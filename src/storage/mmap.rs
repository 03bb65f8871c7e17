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

use super::memory::read_slice;
use super::{Part, ReadAt};

/// A file that is mapped into memory.
#[derive(Debug)]
pub struct MappedFile {
    map: Mmap,
}

impl MappedFile {
    /// Maps the file at `path`.
    ///
    /// # Safety
    /// While the value lives, nobody may change, cut or overwrite the file: no other program, and no safe function of this
    /// crate either, as [`Store::update`](super::Store::update) and with it every edit in place does. The bytes are handed out as
    /// `&[u8]`, and such bytes must not change. A file that takes the name of this one by a rename is harmless.
    ///
    /// # Errors
    /// Those of the file system.
    pub unsafe fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let file = File::open(path)?;
        // SAFETY: the file does not change while it is mapped: the caller's duty, said above.
        let map = unsafe { Mmap::map(&file)? };
        Ok(Self { map })
    }
}

impl ReadAt for MappedFile {
    fn read_many(&self, parts: &mut [Part<'_>]) -> io::Result<()> {
        read_slice(&self.map, parts)
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
            // SAFETY: the folder is this test's own, and a file in it is written before it is mapped and then removed.
            let map = Arc::new(unsafe { MappedFile::open(&path)? });
            assert_eq!(map.as_slice(), Some(bytes), "a map is in memory");
            Ok(map)
        });
    }
}
