//! The members of an archive: which of them are arrays, and reading one.
//!
//! The directory at the end of an archive says where each member lies; what stands there must agree with it, as Python's
//! `zipfile` demands: a local header, of the same name, and data that end before the next member starts.

use std::collections::HashMap;
use std::io::{self, Read};
use std::sync::Arc;

use zip::read::{ZipFile, ZipFileEntry};
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::SUFFIX;
use crate::container::cursor::Cursor;
use crate::container::npy;
use crate::error::{Error, Result};
use crate::storage::ReadAt;

/// Of the local header before a member's name.
const LOCAL_HEADER_BYTES: usize = 30;
const LOCAL_MAGIC: [u8; 4] = *b"PK\x03\x04";
/// Where macOS puts what it knows of files, in archives that it makes.
const MACOS: &str = "__MACOSX/";
/// What its leftovers start with.
const APPLE_DOUBLE: [u8; 4] = [0, 5, 0x16, 7];

/// A member that is an array, by its name or by its bytes.
#[derive(Clone, Debug)]
pub(super) struct Member {
    /// The name of the array.
    pub(super) name: String,
    /// Its number in the archive.
    index: usize,
}

/// A member that is no array.
#[derive(Clone, Debug)]
pub(super) struct Other {
    pub(super) name: String,
    pub(super) why: String,
}

/// The members of an archive.
#[derive(Clone)]
pub(super) struct Members {
    archive: ZipArchive<Cursor>,
    store: Arc<dyn ReadAt>,
    /// Where members start, and the directory: what no member reaches over.
    starts: Vec<u64>,
}

impl Members {
    /// Reads the directory.
    pub(super) fn open(store: Arc<dyn ReadAt>) -> Result<Self> {
        let archive = ZipArchive::new(Cursor::new(store.clone(), 0)).map_err(from_zip)?;
        let mut starts = vec![archive.central_directory_start()];
        for index in 0..archive.len() {
            starts.push(
                archive
                    .by_index_data(index)
                    .map_err(from_zip)?
                    .header_start(),
            );
        }
        starts.sort_unstable();
        Ok(Self {
            archive,
            store,
            starts,
        })
    }

    /// The number of members.
    pub(super) fn len(&self) -> usize {
        self.archive.len()
    }

    /// Whether several members have one name, of which only the last can be reached.
    pub(super) fn has_duplicates(&self) -> bool {
        self.archive.has_duplicate_names()
    }

    /// Parts the members into arrays and others. What has the suffix of an array is one, but for the leftovers of macOS;
    /// what has not is one if it starts as one. Folders are neither.
    pub(super) fn sorted(&self) -> Result<(Vec<Member>, Vec<Other>)> {
        let (mut arrays, mut others) = (Vec::new(), Vec::new());
        for index in 0..self.len() {
            let entry = self.entry(index)?;
            if entry.is_dir() {
                continue;
            }
            let name = entry.name().map_err(from_zip)?.into_owned();
            let is_named = name.ends_with(SUFFIX);
            if is_named && !name.starts_with(MACOS) {
                arrays.push(Member { name, index });
                continue;
            }
            match self.start_of(index) {
                Ok(start) if npy::is_npy(&start) => arrays.push(Member { name, index }),
                Ok(start) => {
                    let why = match start.starts_with(&APPLE_DOUBLE) {
                        true => "no array, but what macOS knows of a file",
                        false => "no array",
                    };
                    others.push(Other {
                        name,
                        why: why.to_owned(),
                    });
                }
                Err(error) if error.kind().is_of_storage() => return Err(error),
                Err(error) => others.push(Other {
                    name,
                    why: format!(
                        "no array by its name, and not to be read: {}",
                        error.message()
                    ),
                }),
            }
        }
        without_suffixes(&mut arrays);
        Ok((arrays, others))
    }

    /// What the directory says of a member.
    pub(super) fn entry(&self, index: usize) -> Result<ZipFileEntry<'_>> {
        self.archive.by_index_data(index).map_err(from_zip)
    }

    /// What the directory says of the member of an array.
    pub(super) fn entry_of(&self, member: &Member) -> Result<ZipFileEntry<'_>> {
        self.entry(member.index)
    }

    /// Where the next member starts, or the directory: no member reaches over that.
    fn next_start(&self, start: u64) -> u64 {
        let next = self.starts.partition_point(|&other| other <= start);
        self.starts.get(next).copied().unwrap_or(u64::MAX)
    }

    /// Fetches at once where members begin: their headers, and those of the arrays in them.
    pub(super) fn prefetch_starts(&self) -> Result<()> {
        /// Fields of the archive, and the header of most arrays.
        const BYTES: u64 = LOCAL_HEADER_BYTES as u64 + 64 + 1024;
        let mut starts = Vec::with_capacity(self.len());
        for index in 0..self.len() {
            let entry = self.entry(index)?;
            let start = entry.header_start();
            let end = start.saturating_add(BYTES + entry.name_raw().len() as u64);
            starts.push(start..end.min(self.next_start(start)));
        }
        self.store.prefetch(&starts)?;
        Ok(())
    }

    /// Fetches a member at once, if it is not too long for that.
    pub(super) fn prefetch(&self, member: &Member) -> Result<()> {
        let entry = self.entry_of(member)?;
        let start = entry.header_start();
        let next = self.next_start(start);
        self.store.prefetch(std::slice::from_ref(&(start..next)))?;
        Ok(())
    }

    /// Lets `read` read the member of an array.
    pub(super) fn read<R>(
        &self,
        member: &Member,
        read: impl FnOnce(&mut dyn Read) -> Result<R>,
    ) -> Result<R> {
        self.read_index(member.index, read)
    }

    fn read_index<R>(
        &self,
        index: usize,
        read: impl FnOnce(&mut dyn Read) -> Result<R>,
    ) -> Result<R> {
        self.check(&self.entry(index)?)?;
        // A clone shares the directory, and has a position of its own.
        let mut archive = self.archive.clone();
        let file: ZipFile<'_, Cursor> = archive.by_index(index).map_err(from_zip)?;
        read(&mut Decoded(file))
    }

    /// The first bytes of a member, as many as tell what it is.
    fn start_of(&self, index: usize) -> Result<Vec<u8>> {
        self.read_index(index, |file| {
            let mut start = Vec::new();
            file.take(npy::MAGIC.len() as u64).read_to_end(&mut start)?;
            Ok(start)
        })
    }

    /// Refuses a member that is not where or not what the directory says, or that needs what this build has not.
    fn check(&self, entry: &ZipFileEntry<'_>) -> Result<()> {
        let start = entry.header_start();
        let mut header = [0; LOCAL_HEADER_BYTES];
        self.store.read_exact_at(&mut header, start)?;
        if !header.starts_with(&LOCAL_MAGIC) {
            return Err(Error::corrupt("zip: no member where the directory says").at(start));
        }
        let length = |at: usize| u64::from(u16::from_le_bytes([header[at], header[at + 1]]));
        let (name_bytes, extra_bytes) = (length(26), length(28));
        let mut name = vec![0; name_bytes as usize];
        self.store
            .read_exact_at(&mut name, start + LOCAL_HEADER_BYTES as u64)?;
        if name != entry.name_raw() {
            let what = format!(
                "zip: the member is called {:?} where it lies",
                String::from_utf8_lossy(&name)
            );
            return Err(Error::corrupt(what).at(start));
        }
        let data = start + LOCAL_HEADER_BYTES as u64 + name_bytes + extra_bytes;
        let end = data.saturating_add(entry.compressed_size());
        if end > self.next_start(start) {
            return Err(Error::corrupt("zip: members that overlap").at(start));
        }
        if entry.encrypted() {
            return Err(Error::unsupported("zip: an encrypted member"));
        }
        match entry.compression() {
            CompressionMethod::Stored | CompressionMethod::Deflated => Ok(()),
            method => Err(Error::unsupported(format!(
                "zip: a member compressed by {}",
                name_of(method)
            ))),
        }
    }
}

/// Takes the suffix off the names, where no other array has the rest for its name.
fn without_suffixes(arrays: &mut [Member]) {
    let mut counts: HashMap<String, usize> = HashMap::new();
    let bare = |name: &str| name.strip_suffix(SUFFIX).unwrap_or(name).to_owned();
    for member in arrays.iter() {
        *counts.entry(bare(&member.name)).or_default() += 1;
    }
    for member in arrays {
        let bare = bare(&member.name);
        if counts[&bare] == 1 {
            member.name = bare;
        }
    }
}

/// What a compression method of zip is called, if it is one of those that are met.
pub(super) fn name_of(method: CompressionMethod) -> String {
    match method {
        CompressionMethod::BZIP2 => "bz2".to_owned(),
        CompressionMethod::LZMA => "lzma".to_owned(),
        CompressionMethod::XZ => "xz".to_owned(),
        CompressionMethod::ZSTD => "zstd".to_owned(),
        CompressionMethod::DEFLATE64 => "deflate64".to_owned(),
        method => method.to_string().to_lowercase(),
    }
}

/// A member whose failures are ours.
struct Decoded<'a>(ZipFile<'a, Cursor>);

impl Read for Decoded<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.read(buf).map_err(|error| from_decoder(error).into())
    }
}

pub(super) fn from_zip(error: ZipError) -> Error {
    match error {
        ZipError::Io(error) => from_decoder(error),
        ZipError::UnsupportedArchive(what) => Error::unsupported(format!("zip: {what}")),
        ZipError::CompressionMethodNotSupported(method) => {
            Error::unsupported(format!("zip: compression method {method}"))
        }
        ZipError::InvalidPassword => Error::unsupported("zip: an encrypted member"),
        ZipError::InvalidArchive(what) => Error::corrupt(format!("zip: {what}")),
        error => Error::corrupt(format!("zip: {error}")),
    }
}

/// Decoders report broken data by any kind of `io::Error`. What storage reports is marked as such where it is read.
fn from_decoder(error: io::Error) -> Error {
    if error.get_ref().is_some_and(|inner| inner.is::<Error>()) {
        return error.into();
    }
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Error::truncated("zip: a member ends too early"),
        io::ErrorKind::Unsupported => Error::unsupported(format!("zip: {error}")),
        _ => Error::corrupt(format!("zip: {error}")),
    }
}
