//! The wrapped header: the version of the format (wire format section 1.2).

use crate::error::{Error, Result};

/// The version of the wire format that wrote some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FormatVersion {
    /// Readers refuse one above theirs.
    pub major: u8,
    /// Zero before 4, where it is not stored.
    pub minor: u8,
}

impl FormatVersion {
    /// What this engine writes.
    pub const CURRENT: Self = Self { major: 4, minor: 1 };

    /// Whether the minor version is stored.
    fn has_minor(major: u8) -> bool {
        major >= 4
    }

    /// Delta encodings before major 3 were an order of three bits.
    pub(crate) fn has_delta_variants(self) -> bool {
        self.major >= 3
    }

    /// In major 0, mode 1 was something else.
    pub(crate) fn has_int_mult(self) -> bool {
        self.major >= 1
    }

    /// Reads it, and the number of bytes it took.
    pub(crate) fn read(src: &[u8]) -> Result<(Self, usize)> {
        let truncated = || Error::truncated("header").at(src.len() as u64);
        let major = *src.first().ok_or_else(truncated)?;
        if major > Self::CURRENT.major {
            return Err(Error::unsupported(format!(
                "format version {major}; this reader knows up to {}",
                Self::CURRENT.major
            )));
        }
        if !Self::has_minor(major) {
            return Ok((Self { major, minor: 0 }, 1));
        }
        let minor = *src.get(1).ok_or_else(truncated)?;
        Ok((Self { major, minor }, 2))
    }

    /// Appends it.
    pub(crate) fn write(self, dst: &mut Vec<u8>) {
        dst.push(self.major);
        if Self::has_minor(self.major) {
            dst.push(self.minor);
        }
    }
}
