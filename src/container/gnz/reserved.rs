//! A file that several processes fill.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::filling::{Room, WritableArray};
use super::header::Header;
use super::{MAGIC, UNFINISHED};
use crate::container::fault::Fault;
use crate::error::{Error, Result, ResultExt};
use crate::limits::Limits;
use crate::storage::{FileStore, Store, WriteAt, sync_folder, write_all_at};

/// A file that waits beside its place, under the name with `.part` behind it, until all of its room is filled.
///
/// One process reserves it ([`GnzWriter::reserve`](super::GnzWriter::reserve)). Others [`open`](Self::open) it by the path
/// that it will have; each fills rows of its own, which nobody checks across processes. The one that knows that all are done
/// says so ([`finalize`](Self::finalize)): until then the file has no magic number, and readers refuse it as unfinished.
///
/// ```
/// use paginum::ArraySpec;
/// use paginum::container::gnz::{GnzWriter, Reserved};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("rows.gnz");
/// let mut writer = GnzWriter::new();
/// writer.init_streaming_array("rows", ArraySpec::new("|u1".parse()?, [4])?)?;
/// let reserved = writer.reserve(&path)?;
/// // In another process:
/// Reserved::open(&path)?.get_array_writable("rows")?.rows(2..4)?.write(&[3, 4])?;
/// // And in this one:
/// reserved.get_array_writable("rows")?.rows(0..2)?.write(&[1, 2])?;
/// reserved.finalize()?;
/// let file = paginum::open(path.to_str().unwrap())?;
/// assert_eq!(file.read("rows")?.bytes(), [1, 2, 3, 4]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Reserved {
    path: PathBuf,
    file: Positioned,
    rooms: HashMap<String, Room>,
}

/// A file that is written by position.
#[derive(Debug)]
struct Positioned(File);

impl WriteAt for Positioned {
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        write_all_at(&self.0, bytes, offset)
    }
}

fn part_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

impl Reserved {
    /// Makes the file.
    pub(super) fn create(path: &Path, write: &dyn Fn(&dyn WriteAt) -> Result<()>) -> Result<()> {
        let part = part_of(path);
        let mut options = OpenOptions::new();
        let file = options
            .write(true)
            .create_new(true)
            .open(&part)
            .in_file(&part)?;
        let file = Positioned(file);
        let written = write(&file).and_then(|()| Ok(file.write_all_at(UNFINISHED, 0)?));
        written.in_file(&part).inspect_err(|_| {
            // Nobody can fill what is not whole.
            let _ = std::fs::remove_file(&part);
        })
    }

    /// Opens the file that waits to become `path`.
    ///
    /// # Errors
    /// `NotFound` where none waits; `Corrupt` and `Truncated` where it is no such file; those of the file system.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let part = part_of(path.as_ref());
        let bytes = FileStore::new(&part).open().in_file(&part)?;
        let header = Header::read_unfinished(&*bytes, &Limits::default()).in_file(&part)?;
        let mut rooms = HashMap::new();
        for array in &header.arrays {
            let place = array.place.as_ref().map_err(Fault::to_error);
            let (spec, offset) = place.in_array(&array.name).in_file(&part)?;
            rooms.insert(array.name.clone(), Room::new(spec, *offset));
        }
        let file = OpenOptions::new().write(true).open(&part).in_file(&part)?;
        Ok(Self {
            path: path.as_ref().to_owned(),
            file: Positioned(file),
            rooms,
        })
    }

    /// An array to be filled, one that came with its elements included.
    ///
    /// # Errors
    /// `InvalidArgument` where there is none of this name.
    pub fn get_array_writable(&self, name: &str) -> Result<WritableArray<'_>> {
        WritableArray::of(&self.rooms, name, &self.file).in_file(part_of(&self.path))
    }

    /// Where the elements of an array begin, in the file that waits: a map of it can be filled, too.
    ///
    /// # Errors
    /// `InvalidArgument` where there is none of this name.
    pub fn offset(&self, name: &str) -> Result<u64> {
        let room = self.rooms.get(name);
        let none = || Error::invalid(format!("no array {name:?} was reserved"));
        room.map(Room::offset).ok_or_else(none)
    }

    /// Says that all is filled: the file gets its magic number, is on the medium, and takes the place of what was there.
    ///
    /// # Errors
    /// Those of the file system. The file waits on, until the last step succeeded.
    pub fn finalize(self) -> Result<()> {
        let part = part_of(&self.path);
        // All that others wrote first, so that a loss of power leaves no magic number before it.
        self.file.0.sync_all().in_file(&part)?;
        self.file.write_all_at(MAGIC, 0).in_file(&part)?;
        self.file.0.sync_all().in_file(&part)?;
        std::fs::rename(&part, &self.path).in_file(&self.path)?;
        sync_folder(&self.path).in_file(&self.path)
    }
}
