//! Bytes in memory, at an address that suits every number type.

use std::fmt;

use crate::error::{Error, Result};

/// Bytes at an address that suits every number type.
///
/// ```
/// use paginum::AlignedBytes;
/// let mut bytes = AlignedBytes::zeroed(16)?;
/// bytes[..3].copy_from_slice(b"any");
/// assert_eq!(bytes.len(), 16);
/// assert_eq!(bytes.as_ptr().align_offset(8), 0);
/// # Ok::<(), paginum::Error>(())
/// ```
pub struct AlignedBytes {
    words: Box<[u64]>,
    len: usize,
}

impl AlignedBytes {
    /// Zeroes. The pages of large ones cost nothing until they are written.
    ///
    /// # Errors
    /// `LimitExceeded` if memory cannot hold them.
    pub fn zeroed(len: u64) -> Result<Self> {
        let out_of_memory = || Error::limit("bytes of memory", isize::MAX as u64, len);
        let len = usize::try_from(len).map_err(|_| out_of_memory())?;
        let words = bytemuck::allocation::try_zeroed_slice_box(len.div_ceil(8))
            .map_err(|()| out_of_memory())?;
        Ok(Self { words, len })
    }

    /// A copy of `bytes`.
    ///
    /// # Errors
    /// `LimitExceeded` if memory cannot hold them.
    pub fn copy_of(bytes: &[u8]) -> Result<Self> {
        let mut copy = Self::zeroed(bytes.len() as u64)?;
        copy.copy_from_slice(bytes);
        Ok(copy)
    }
}

impl From<Box<[u64]>> for AlignedBytes {
    fn from(words: Box<[u64]>) -> Self {
        let len = size_of_val(&*words);
        Self { words, len }
    }
}

impl std::ops::Deref for AlignedBytes {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &bytemuck::cast_slice(&self.words)[..self.len]
    }
}

impl std::ops::DerefMut for AlignedBytes {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut bytemuck::cast_slice_mut(&mut self.words)[..self.len]
    }
}

impl fmt::Debug for AlignedBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.len)
    }
}

impl Clone for AlignedBytes {
    fn clone(&self) -> Self {
        Self {
            words: self.words.clone(),
            len: self.len,
        }
    }
}
