//! Where a result goes: a file that appears whole or not at all, or standard output.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::failure::{Failure, Outcome};
use super::interrupt::Guarded;
use super::stdio;
use crate::error::ResultExt;
use crate::storage::{Durability, FileStore, PositionedWriter, Store};

/// A destination named on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// `-`
    Stdout,
    /// A path.
    File(PathBuf),
}

impl Target {
    /// What an argument means; refuses a file that is there already, unless `force`.
    pub(super) fn new(path: &Path, force: bool) -> Result<Self, Failure> {
        if path.as_os_str() == OsStr::new("-") {
            return Ok(Self::Stdout);
        }
        // Links that lead nowhere are something too: `exists` would follow them.
        if !force && path.symlink_metadata().is_ok() {
            let path = path.display();
            return Err(Failure::usage(format!(
                "{path} exists; --force replaces it"
            )));
        }
        Ok(Self::File(path.to_owned()))
    }

    /// Lets `write` write the whole of it, and returns how many bytes it wrote.
    pub(super) fn write(
        &self,
        write: impl FnOnce(&mut dyn Write) -> Outcome,
    ) -> Result<u64, Failure> {
        match self {
            Self::Stdout => {
                let mut counted = Counted {
                    inner: io::BufWriter::with_capacity(1 << 16, stdio::data()),
                    n_bytes: 0,
                };
                write(&mut counted)?;
                counted.flush()?;
                Ok(counted.n_bytes)
            }
            Self::File(path) => {
                let mut stage = Guarded(FileStore::new(path)).stage().in_file(path)?;
                let mut writer = PositionedWriter::on_stage(&mut *stage, 0);
                write(&mut writer)?;
                let n_bytes = writer.finish().in_file(path)?;
                stage.commit(Durability::Synced).in_file(path)?;
                Ok(n_bytes)
            }
        }
    }

    /// The name for messages.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Stdout => stdio::STDOUT.to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }
}

/// Refuses inputs that would be written to one and the same place.
pub(super) fn check_distinct(inputs: &[PathBuf], outputs: &[PathBuf]) -> Outcome {
    let mut seen = HashMap::new();
    for (input, output) in inputs.iter().zip(outputs) {
        if let Some(other) = seen.insert(output, input) {
            let (other, input, output) = (other.display(), input.display(), output.display());
            return Err(Failure::usage(format!(
                "{other} and {input} would both be {output}"
            )));
        }
    }
    Ok(())
}

/// Counts bytes, and lets errors name standard output: whoever passes them on would name what is read.
struct Counted<W> {
    inner: W,
    n_bytes: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.inner.write(bytes).in_file(stdio::STDOUT)?;
        self.n_bytes += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(self.inner.flush().in_file(stdio::STDOUT)?)
    }
}
