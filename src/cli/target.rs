//! Where a result goes: a file that appears whole or not at all, or a stream, which is written through.
//!
//! Streams are standard output and what is no plain file: pipes and devices. Nothing ever takes their place.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::address;
use super::failure::{Failure, Outcome};
use super::format::is_stream;
use super::stdio;
use super::streams::StreamStore;
use crate::error::{Error, ResultExt};
use crate::storage::{Durability, Store};

/// A destination named on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// `-`
    Stdout,
    /// The path of a pipe or a device.
    Stream(PathBuf),
    /// The path of a plain file, or of none yet.
    File {
        /// Where it is to be.
        path: PathBuf,
        /// Whether it may take the place of another.
        may_replace: bool,
    },
    /// An address.
    Address {
        /// What is shown of it.
        path: PathBuf,
        /// Whether it may take the place of another.
        may_replace: bool,
    },
}

impl Target {
    /// What an argument means. Without `force`, a file that is there already is refused, and so is a disk.
    pub(super) fn new(path: &Path, force: bool) -> Result<Self, Failure> {
        if is_stdout(path) {
            return Ok(Self::Stdout);
        }
        let shown = path.display();
        let exists = || {
            Err(Failure::usage(format!(
                "{shown} exists; --force replaces it"
            )))
        };
        if address::is_address(path) {
            let is_there = || match address::store(path, true)?.open() {
                Ok(_) => Ok(true),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
                Err(error) => Err(error).in_file(path),
            };
            return match !force && is_there()? {
                true => exists(),
                false => Ok(Self::Address {
                    path: path.to_owned(),
                    may_replace: force,
                }),
            };
        }
        match fs::metadata(path) {
            Ok(metadata) if is_stream(path) => {
                if !force && is_disk(&metadata) {
                    let words = format!("{shown} is a disk; --force writes over it");
                    return Err(Failure::usage(words));
                }
                return Ok(Self::Stream(path.to_owned()));
            }
            Ok(_) if !force => return exists(),
            // Links that lead nowhere are something, too.
            Err(_) if !force && path.symlink_metadata().is_ok() => return exists(),
            _ => {}
        }
        Ok(Self::File {
            path: path.to_owned(),
            may_replace: force,
        })
    }

    /// Refuses a terminal, unless `force`: it would take bytes that are no text for commands.
    pub(super) fn check_takes_bytes(&self, force: bool) -> Outcome {
        if !force && self.is_terminal() {
            return Err(Failure::usage(format!(
                "{} is a terminal, and this is no text; --force writes it nevertheless",
                self.name()
            )));
        }
        Ok(())
    }

    fn is_terminal(&self) -> bool {
        match self {
            Self::Stdout => stdio::has_reader(),
            Self::Stream(path) if is_device(path) => OpenOptions::new()
                .write(true)
                .open(path)
                .is_ok_and(|file| file.is_terminal()),
            _ => false,
        }
    }

    /// Lets `write` write the whole of it, and returns how many bytes it wrote.
    pub(super) fn write(
        &self,
        write: impl FnOnce(&mut dyn Write) -> Outcome,
    ) -> Result<u64, Failure> {
        let (Self::File { path, .. } | Self::Address { path, .. }) = self else {
            let mut stream = self.stream()?;
            write(&mut stream)?;
            stream.flush()?;
            return Ok(stream.n_bytes);
        };
        let mut stage = self.store()?.stage().in_file(path)?;
        let mut stream = Stream::new(Box::new(&mut stage), self.name());
        write(&mut stream)?;
        stream.flush()?;
        let n_bytes = stream.n_bytes;
        drop(stream);
        stage.commit(Durability::Synced).in_file(path)?;
        Ok(n_bytes)
    }

    /// The same for writers that go by position: a store whose stage becomes the output. A stream gets the bytes once
    /// they are whole.
    pub(super) fn store(&self) -> Result<Arc<dyn Store>, Error> {
        match self {
            Self::File { path, may_replace } => address::store(path, *may_replace),
            Self::Address { path, may_replace } => {
                let store = address::store(path, true)?;
                if !may_replace {
                    // It was not there. A store that has looked itself can hold what is written against that.
                    let _ = store.open();
                }
                Ok(store)
            }
            // Not guarded: nothing of it stays that must be removed, so that a signal may end the program wherever it is.
            // Waiting for the reader of a pipe is where it would not get on otherwise.
            _ => Ok(Arc::new(StreamStore::new(self.clone()))),
        }
    }

    /// The stream that this is. A file is none.
    pub(super) fn stream(&self) -> Result<Stream<'static>, Error> {
        let inner: Box<dyn Write + Send> = match self {
            Self::Stdout => Box::new(stdio::data()),
            Self::Stream(path) | Self::File { path, .. } | Self::Address { path, .. } => {
                Box::new(open_stream(path).in_file(path)?)
            }
        };
        Ok(Stream::new(inner, self.name()))
    }

    /// The size of what was written, where it stays.
    pub(super) fn n_bytes(&self) -> Option<u64> {
        match self {
            Self::File { path, .. } => Some(path.metadata().ok()?.len()),
            _ => None,
        }
    }

    /// The name for messages.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Stdout => stdio::STDOUT.to_owned(),
            Self::Stream(path) | Self::File { path, .. } | Self::Address { path, .. } => {
                path.display().to_string()
            }
        }
    }
}

/// Whether this is standard output, under one of its names.
fn is_stdout(path: &Path) -> bool {
    let names: &[&str] = match cfg!(unix) {
        true => &["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"],
        false => &["-"],
    };
    names
        .iter()
        .any(|name| path.as_os_str() == OsStr::new(name))
}

#[cfg(unix)]
fn is_disk(metadata: &fs::Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_block_device(&metadata.file_type())
}

#[cfg(not(unix))]
fn is_disk(_metadata: &fs::Metadata) -> bool {
    false
}

/// Whether it is worth opening, to see whether it is a terminal. Opening a pipe would wait for its reader.
#[cfg(unix)]
fn is_device(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;
    fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_char_device())
}

#[cfg(not(unix))]
fn is_device(_path: &Path) -> bool {
    false
}

fn open_stream(path: &Path) -> io::Result<File> {
    // A plain file that is open under a number starts anew, as it does for every program.
    let is_file = fs::metadata(path)?.is_file();
    OpenOptions::new().write(true).truncate(is_file).open(path)
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

/// Small writes are gathered up to so many bytes.
const BUFFER_BYTES: usize = 256 << 10;

/// Counts bytes, and lets errors name the output: whoever passes them on would name what is read.
pub(super) struct Stream<'a> {
    inner: BufWriter<Box<dyn Write + Send + 'a>>,
    name: String,
    n_bytes: u64,
}

impl<'a> Stream<'a> {
    fn new(inner: Box<dyn Write + Send + 'a>, name: String) -> Self {
        Self {
            inner: BufWriter::with_capacity(BUFFER_BYTES, inner),
            name,
            n_bytes: 0,
        }
    }
}

impl Write for Stream<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.inner.write(bytes).in_file(&self.name)?;
        self.n_bytes += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(self.inner.flush().in_file(&self.name)?)
    }
}
