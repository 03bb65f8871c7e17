//! Writing `.npz` files: members one after another, to any `Write`.

use std::collections::HashSet;
use std::fmt;
use std::io::Write;

use zip::result::ZipError;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

use super::SUFFIX;
use super::members::from_zip;
use crate::array::ArraySpec;
use crate::container::abandonable::{Abandonable, Owner};
use crate::container::npy;
use crate::error::{Error, Result};
use crate::record::Record;

/// Writes the arrays of a `.npz` file, one after another.
pub struct NpzWriter<W: Write> {
    // Dropped first: an archive that was not finished must not get a directory that makes it look whole.
    output: Owner,
    archive: ZipWriter<StreamWriter<Abandonable<W>>>,
    names: HashSet<String>,
}

impl<W: Write> fmt::Debug for NpzWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NpzWriter").finish_non_exhaustive()
    }
}

impl<W: Write> NpzWriter<W> {
    /// Starts an archive, to be deflated.
    pub fn new(out: W) -> Self {
        let (out, output) = Abandonable::new(out);
        Self {
            output,
            archive: ZipWriter::new_stream(out),
            names: HashSet::new(),
        }
    }

    /// Starts an array, whose bytes in C order are then written to what is returned: just as many as it has. They are laid
    /// out in the order of the array.
    ///
    /// # Errors
    /// `InvalidArgument` for a name that is taken or too long; those of writing.
    pub fn begin_array(&mut self, name: &str, spec: &ArraySpec) -> Result<npy::Elements<'_>> {
        self.begin(name, &npy::header(spec), spec)
    }

    /// The same for an array of records, of which each field is to be known; `spec` is that of opaque bytes.
    ///
    /// # Errors
    /// Those of [`begin_array`](Self::begin_array).
    pub fn begin_records(
        &mut self,
        name: &str,
        record: &Record,
        spec: &ArraySpec,
    ) -> Result<npy::Elements<'_>> {
        self.begin(name, &npy::record_header(record, spec), spec)
    }

    fn begin(&mut self, name: &str, header: &[u8], spec: &ArraySpec) -> Result<npy::Elements<'_>> {
        let is_large = may_be_large(spec.bytes().saturating_add(header.len() as u64));
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .large_file(is_large);
        if !self.names.insert(name.to_owned()) {
            return Err(Error::invalid("another array has this name").in_array(name));
        }
        let refused = |error| match error {
            ZipError::Io(error) => error.into(),
            error => Error::invalid(error.to_string()).in_array(name),
        };
        self.archive
            .start_file(format!("{name}{SUFFIX}"), options)
            .map_err(refused)?;
        self.archive.write_all(header)?;
        Ok(npy::Elements::new(spec, &mut self.archive))
    }

    /// Writes the directory.
    ///
    /// # Errors
    /// Those of writing.
    pub fn finish(self) -> Result<()> {
        self.into_output().map(|_| ())
    }

    /// The same, and gives the output back.
    ///
    /// # Errors
    /// Those of writing.
    pub(super) fn into_output(self) -> Result<W> {
        let archive = self.archive.finish().map_err(from_zip)?;
        let mut out = archive.into_inner();
        out.flush()?;
        drop(self.output);
        Ok(out.into_inner())
    }
}

/// Whether a member of so many bytes may need lengths of 64 bits, which are announced before it is written: what does not
/// deflate becomes longer.
fn may_be_large(n_bytes: u64) -> bool {
    /// Blocks that are stored as they are have headers of five bytes, at least one in 8 KiB, and two bytes end the last.
    const BLOCK_BYTES: u64 = 1 << 13;
    const HEADER_BYTES: u64 = 5;
    let headers = (n_bytes / BLOCK_BYTES + 2).saturating_mul(HEADER_BYTES);
    n_bytes.saturating_add(headers) > u64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_64_bits_are_announced_for_what_may_grow_beyond_32() {
        let limit = u64::from(u32::MAX);
        for (n_bytes, is_large) in [
            (0, false),
            (4_000_000_000, false),
            // 4 GiB less 64 KiB of noise deflate to 4 GiB and 200 KiB.
            (limit - (1 << 16), true),
            (limit, true),
            (limit + 1, true),
            (u64::MAX, true),
        ] {
            assert_eq!(may_be_large(n_bytes), is_large, "{n_bytes}");
        }
    }
}
