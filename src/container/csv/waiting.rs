//! Rows of arrays that wait until all arrays of a file are there: in memory, and beyond some megabytes in a file without a name.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};

use crate::error::Result;

/// Bytes that wait.
#[derive(Default)]
pub(super) struct Rows {
    memory: Vec<u8>,
    /// Where all of them are, once they are many.
    file: Option<File>,
    len: u64,
}

impl Rows {
    /// Adds bytes behind those that are there.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<()> {
        const MEMORY_BYTES: usize = 64 << 20;
        if self.file.is_none() && self.memory.len() + bytes.len() > MEMORY_BYTES {
            let mut file = tempfile::tempfile()?;
            file.write_all(&std::mem::take(&mut self.memory))?;
            self.file = Some(file);
        }
        match &mut self.file {
            Some(file) => file.write_all(bytes)?,
            None => self.memory.extend_from_slice(bytes),
        }
        self.len += bytes.len() as u64;
        Ok(())
    }

    /// How many there are.
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// Fills `out` from an offset on, once all bytes are there.
    pub(super) fn read(&mut self, offset: u64, out: &mut [u8]) -> Result<()> {
        match &mut self.file {
            Some(file) => {
                file.seek(SeekFrom::Start(offset))?;
                file.read_exact(out)?;
            }
            None => out.copy_from_slice(&self.memory[offset as usize..][..out.len()]),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_bytes_wait_in_a_file() {
        let mut rows = Rows::default();
        let piece: Vec<u8> = (0..1 << 20).map(|i: u32| i as u8).collect();
        (0..70).for_each(|_| rows.push(&piece).unwrap());
        assert!(rows.file.is_some() && rows.memory.is_empty());
        let mut out = [0; 3];
        rows.read((65 << 20) + 7, &mut out).unwrap();
        assert_eq!(out, [7, 8, 9]);
    }
}
