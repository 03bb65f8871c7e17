//! A file on its way to a name: without one where the system has such files, else under a temporary one beside it.
//!
//! A file without a name vanishes with its process, however that ends. A named one would stay behind a kill. So it is
//! locked while its process lives, its name follows from that of the target, and whoever writes to the same target next
//! removes what nobody holds:
//!
//! ```text
//! .NAME.0.paginum    .NAME.1.paginum, while another process writes to NAME under the first    …
//! ```

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::destination::folder_of;
use super::file::is_same_file;
use super::system;

/// Numbers that are looked at for leftovers: more processes seldom write to one target at a time.
const N_SWEPT: u32 = 4;

/// A file that has no name of its own yet.
#[derive(Debug)]
pub(super) struct Temporary {
    pub(super) file: File,
    /// Its temporary name, if it has one.
    name: Option<PathBuf>,
}

impl Temporary {
    /// Creates a file that can become `target`, and removes what killed processes have left of theirs.
    pub(super) fn create(target: &Path) -> io::Result<Self> {
        for number in 0..N_SWEPT {
            remove_if_dead(&name_beside(target, number)?);
        }
        if let Ok(file) = system::create_unnamed(folder_of(target)) {
            // Nobody else can have opened it. Locked now, it is locked from the first moment that it has a name.
            let _ = file.try_lock();
            return Ok(Self { file, name: None });
        }
        let (name, file) = claim(target, |name| {
            let file = OpenOptions::new()
                .read(true)
                .write(true)
                .create_new(true)
                .open(name)?;
            let is_ours = match file.try_lock() {
                Ok(()) => is_named(&file, name),
                // It was taken for a leftover before it was locked, and is being removed.
                Err(TryLockError::WouldBlock) => false,
                // No locks there: then nobody takes it for a leftover either.
                Err(TryLockError::Error(_)) => true,
            };
            match is_ours {
                true => Ok(file),
                false => Err(io::ErrorKind::AlreadyExists.into()),
            }
        })?;
        Ok(Self {
            file,
            name: Some(name),
        })
    }

    /// Becomes `target`, in place of the file that has this name, if one has.
    pub(super) fn replace(mut self, target: &Path) -> io::Result<()> {
        let name = match self.name.take() {
            Some(name) => name,
            None => match system::link_unnamed(&self.file, target) {
                // A link never replaces: one more name is needed, to rename.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    claim(target, |name| system::link_unnamed(&self.file, name))?.0
                }
                result => return self.done(result),
            },
        };
        let name = self.name.insert(name);
        let result = system::rename(name, target);
        self.done(result)
    }

    /// Becomes `target`; `AlreadyExists` if something has this name.
    pub(super) fn appear(mut self, target: &Path) -> io::Result<()> {
        let result = match &self.name {
            Some(name) => system::rename_to_new(name, target),
            None => system::link_unnamed(&self.file, target),
        };
        self.done(result)
    }

    fn done(&mut self, result: io::Result<()>) -> io::Result<()> {
        if result.is_ok() {
            self.name = None;
            // A child process that was started meanwhile may still have the file open, and would keep it locked.
            let _ = self.file.unlock();
        }
        result
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Some(name) = &self.name {
            // Nobody is left to tell if even this fails.
            let _ = fs::remove_file(name);
        }
    }
}

/// Makes a file under the first temporary name that can be had.
fn claim<T>(
    target: &Path,
    mut make: impl FnMut(&Path) -> io::Result<T>,
) -> io::Result<(PathBuf, T)> {
    let mut number = 0;
    loop {
        let name = name_beside(target, number)?;
        match make(&name) {
            Ok(made) => return Ok((name, made)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                // What cannot be removed has its number for good.
                if !remove_if_dead(&name) {
                    number += 1;
                }
            }
            Err(error) => return Err(error),
        }
    }
}

/// The temporary name of a number: hidden, in the folder of `target`. A long name is cut and told from others by its
/// checksum, so that a temporary name fits wherever the name itself fits.
fn name_beside(target: &Path, number: u32) -> io::Result<PathBuf> {
    /// Far below what any file system allows.
    const MAX_BYTES: usize = 100;
    let full = target.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut name = OsString::from(".");
    if full.len() <= MAX_BYTES {
        name.push(full);
    } else {
        let text = full.to_string_lossy();
        let ends = text.char_indices().map(|(start, c)| start + c.len_utf8());
        let end = ends.take_while(|&end| end <= MAX_BYTES).last();
        name.push(&text[..end.unwrap_or(0)]);
        name.push(format!("~{:08x}", crc32c::crc32c(full.as_encoded_bytes())));
    }
    name.push(format!(".{number}.paginum"));
    Ok(folder_of(target).join(name))
}

/// Removes a temporary file whose process has ended; whether it did.
fn remove_if_dead(name: &Path) -> bool {
    // Only plain files are ours; opening others could hang or have effects.
    let Ok(metadata) = fs::symlink_metadata(name) else {
        return false;
    };
    let Some(file) = metadata.is_file().then(|| File::open(name).ok()).flatten() else {
        return false;
    };
    if file.try_lock().is_err() {
        return false;
    }
    // Whoever else wanted to remove it would need the lock: the name means this file until it is gone.
    is_named(&file, name) && fs::remove_file(name).is_ok()
}

fn is_named(file: &File, name: &Path) -> bool {
    match (file.metadata(), fs::symlink_metadata(name)) {
        (Ok(file), Ok(named)) => is_same_file(&file, &named),
        _ => false,
    }
}
