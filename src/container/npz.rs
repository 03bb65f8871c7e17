//! `.npz`: a zip archive of `.npy` files, as numpy saves several arrays.
//!
//! Members are stored or deflated; each is taken into memory whole when its array is opened, since its checksum stands for
//! the whole of it. The sizes that an archive claims are believed only as far as the limits go, and never reserved for.
//! Member names are names of arrays and nothing more: no path is made of them here.

use std::collections::HashSet;
use std::fmt;
use std::io::{self, Read, Write};
use std::sync::Arc;

use zip::result::ZipError;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::abandonable::{Abandonable, Owner};
use super::cursor::Cursor;
use super::npy::{self, Npy};
use super::{Container, Entry};
use crate::array::ArraySpec;
use crate::error::{Error, Result, ResultExt};
use crate::filter::ArrayReader;
use crate::limits::Limits;
use crate::storage::ReadAt;
use crate::validity::Validity;

/// What members that hold an array end in.
const SUFFIX: &str = ".npy";
/// A `.npy` header is at most so much longer than its array.
const HEADER_ALLOWANCE: u64 = 1 << 17;

/// An open `.npz` file.
pub struct Npz {
    archive: ZipArchive<Cursor>,
    /// The names of the arrays, in the order of the directory.
    names: Vec<String>,
    notes: Vec<String>,
    limits: Limits,
}

/// Whether a file starts as a zip archive does, be it an empty one.
#[must_use]
pub fn is_npz(start: &[u8]) -> bool {
    start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06")
}

impl Npz {
    /// Reads the directory of the archive.
    ///
    /// # Errors
    /// `Corrupt` for what is no archive and for two members of one name, `LimitExceeded` for too many members.
    pub fn open(store: Arc<dyn ReadAt>, limits: &Limits) -> Result<Self> {
        let archive = ZipArchive::new(Cursor::new(store)).map_err(from_zip)?;
        limits.check_arrays(archive.len() as u64)?;
        let members: Vec<String> = archive
            .file_names()
            .map(|name| name.map(Into::into).map_err(from_zip))
            .collect::<Result<_>>()?;
        let mut seen = HashSet::new();
        if let Some(name) = members.iter().find(|name| !seen.insert(*name)) {
            return Err(Error::corrupt(format!("two members named {name:?}")));
        }
        let others = members.iter().filter(|name| !name.ends_with(SUFFIX));
        let notes = others.map(|name| format!("member {name:?} is no .npy file, and left out"));
        let names = members.iter().filter_map(|name| name.strip_suffix(SUFFIX));
        Ok(Self {
            archive,
            notes: notes.collect(),
            names: names.map(str::to_owned).collect(),
            limits: *limits,
        })
    }

    /// Lets `read` read the member of an array.
    fn member<R>(&self, name: &str, read: impl FnOnce(&mut Member<'_>) -> Result<R>) -> Result<R> {
        // A clone shares the directory, and has a position of its own.
        let mut archive = self.archive.clone();
        let member = archive.by_name(&format!("{name}{SUFFIX}"));
        let read = member
            .map_err(from_zip)
            .and_then(|mut member| read(&mut member));
        read.in_array(name)
    }

    /// Takes an array into memory.
    fn load(&self, name: &str) -> Result<Npy> {
        let limits = &self.limits;
        let bytes = self.member(name, |member| {
            let limit = limits.max_array_bytes.saturating_add(HEADER_ALLOWANCE);
            let mut bytes = Vec::new();
            member
                .take(limit.saturating_add(1))
                .read_to_end(&mut bytes)
                .map_err(from_io)?;
            match bytes.len() as u64 {
                n if n > limit => Err(Error::limit("bytes of an array", limits.max_array_bytes, n)),
                _ => Ok(bytes),
            }
        })?;
        let npy = npy::open(Arc::new(bytes), limits).in_array(name)?;
        limits
            .check_array_bytes(npy.reader().spec().bytes())
            .in_array(name)?;
        Ok(npy)
    }
}

type Member<'a> = zip::read::ZipFile<'a, Cursor>;

impl Container for Npz {
    fn format(&self) -> &'static str {
        "npz"
    }

    fn n_arrays(&self) -> usize {
        self.names.len()
    }

    fn path(&self, index: usize) -> &str {
        &self.names[index]
    }

    fn find(&self, name: &str) -> Result<usize> {
        let found = self.names.iter().position(|known| known == name);
        found.ok_or_else(|| Error::invalid(format!("there is no array {name:?}")))
    }

    fn entry(&self, index: usize) -> Result<Entry> {
        let path = self.path(index);
        self.member(path, |member| {
            let (spec, _) = npy::read_header(member)?;
            Ok(Entry {
                path: path.to_owned(),
                dtype: spec.dtype().to_string(),
                shape: spec.shape().to_vec(),
                filter: member.compression().to_string().to_lowercase(),
                stored_bytes: member.compressed_size(),
                decoded_bytes: spec.bytes(),
                has_nulls: false,
            })
        })
    }

    fn array(&self, index: usize) -> Result<Box<dyn ArrayReader>> {
        self.load(self.path(index))?.array(0)
    }

    fn validity(&self, _index: usize) -> Result<Option<Arc<Validity>>> {
        Ok(None)
    }

    fn limits(&self) -> &Limits {
        &self.limits
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl fmt::Debug for Npz {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Npz {{ {} arrays }}", self.names.len())
    }
}

/// Writes the arrays of a `.npz` file, one after another.
pub struct NpzWriter<W: Write> {
    // Dropped first: an archive that was not finished must not get a directory that makes it look whole.
    output: Owner,
    archive: ZipWriter<StreamWriter<Abandonable<W>>>,
}

impl<W: Write> NpzWriter<W> {
    /// Starts an archive, to be deflated.
    pub fn new(out: W) -> Self {
        let (out, output) = Abandonable::new(out);
        Self {
            output,
            archive: ZipWriter::new_stream(out),
        }
    }

    /// Starts an array, whose bytes in C order are then written to what is returned: just as many as it has.
    ///
    /// # Errors
    /// `InvalidArgument` for a name that is taken or too long; those of writing.
    pub fn begin_array(&mut self, name: &str, spec: &ArraySpec) -> Result<&mut dyn Write> {
        let header = npy::header(spec);
        let is_large = spec.bytes() + header.len() as u64 > u64::from(u32::MAX);
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .large_file(is_large);
        let refused = |error| match error {
            ZipError::Io(error) => error.into(),
            error => Error::invalid(format!("array {name:?}: {error}")),
        };
        self.archive
            .start_file(format!("{name}{SUFFIX}"), options)
            .map_err(refused)?;
        self.archive.write_all(&header)?;
        Ok(&mut self.archive)
    }

    /// Writes the directory.
    ///
    /// # Errors
    /// Those of writing.
    pub fn finish(self) -> Result<()> {
        let archive = self.archive.finish().map_err(from_zip)?;
        archive.into_inner().flush()?;
        drop(self.output);
        Ok(())
    }
}

fn from_zip(error: ZipError) -> Error {
    match error {
        ZipError::Io(error) => from_io(error),
        ZipError::UnsupportedArchive(what) => Error::unsupported(format!("zip: {what}")),
        ZipError::CompressionMethodNotSupported(method) => {
            Error::unsupported(format!("zip: compression method {method}"))
        }
        ZipError::InvalidPassword => Error::unsupported("zip: an encrypted member"),
        error => Error::corrupt(format!("zip: {error}")),
    }
}

/// Decoders report broken data through `io::Error`.
fn from_io(error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            Error::corrupt(format!("zip: {error}"))
        }
        _ => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn archive() -> Vec<u8> {
        let mut file = Vec::new();
        let mut writer = NpzWriter::new(&mut file);
        for (name, dtype, shape) in [
            ("a", "<f8", &[3, 2][..]),
            ("b/é", ">i2", &[500]),
            ("empty", "|u1", &[0]),
        ] {
            let spec = ArraySpec::new(dtype.parse().unwrap(), shape).unwrap();
            let bytes: Vec<u8> = (0..spec.bytes()).map(|i| i as u8).collect();
            writer
                .begin_array(name, &spec)
                .unwrap()
                .write_all(&bytes)
                .unwrap();
        }
        writer.finish().unwrap();
        file
    }

    fn open(file: Vec<u8>) -> Result<Npz> {
        Npz::open(Arc::new(file), &Limits::default())
    }

    #[test]
    fn arrays_come_back_in_order() {
        let npz = open(archive()).unwrap();
        let names: Vec<&str> = (0..npz.n_arrays()).map(|i| npz.path(i)).collect();
        assert_eq!(names, ["a", "b/é", "empty"]);
        let entry = npz.entry(1).unwrap();
        assert_eq!((entry.dtype.as_str(), entry.shape), (">i2", vec![500]));
        assert_eq!(npz.read_rows("b/é", 3..4).unwrap().bytes(), [6, 7]);
        assert!(npz.read("c").is_err());
    }

    #[test]
    fn a_flip_in_a_member_is_found() {
        let file = archive();
        let mut refused = 0;
        for bit in 0..8 * file.len() {
            let mut file = file.clone();
            file[bit / 8] ^= 1 << (bit % 8);
            let Ok(npz) = open(file) else {
                refused += 1;
                continue;
            };
            // Names and sizes may change with the directory; values must not.
            for (name, n_bytes) in [("a", 48), ("b/é", 1000)] {
                let Ok(array) = npz.read(name) else {
                    refused += 1;
                    continue;
                };
                let expected: Vec<u8> = (0..n_bytes).map(|i| i as u8).collect();
                assert_eq!(array.bytes(), expected, "bit {bit} of {name}");
            }
        }
        assert!(refused > 0);
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        let spec = ArraySpec::new("|u1".parse().unwrap(), [10 << 20]).unwrap();
        let mut file = Vec::new();
        let mut writer = NpzWriter::new(&mut file);
        writer
            .begin_array("a", &spec)
            .unwrap()
            .write_all(&vec![0; 10 << 20])
            .unwrap();
        writer.finish().unwrap();
        assert!(file.len() < 20_000);
        let npz = Npz::open(Arc::new(file), &Limits::default().with_max_bytes(1 << 20)).unwrap();
        let error = npz.read("a").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LimitExceeded);
    }

    #[test]
    fn truncated_archives_are_errors() {
        let file = archive();
        for len in 0..file.len() {
            assert!(open(file[..len].to_vec()).is_err(), "{len} bytes");
        }
    }
}
