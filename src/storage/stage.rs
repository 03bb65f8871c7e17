//! Replacing a file whole: a temporary file in the same folder, then fsync, rename, fsync of the folder.
//!
//! A rename within a folder is the one operation that file systems make atomic. The temporary file carries the old
//! one's mode bits; a symbolic link stays a link, and its target is what is replaced.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::file::write_all_at;
use super::{Durability, Stage};

/// A temporary file that may become the file at `target`.
#[derive(Debug)]
pub(super) struct FileStage {
    file: File,
    len: u64,
    temporary: PathBuf,
    target: PathBuf,
    is_committed: bool,
}

impl FileStage {
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        let target = follow_links(path)?;
        let permissions = match fs::metadata(&target) {
            Ok(metadata) if metadata.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            Ok(metadata) => Some(metadata.permissions()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let (file, temporary) = create_beside(&target)?;
        let stage = Self {
            file,
            len: 0,
            temporary,
            target,
            is_committed: false,
        };
        if let Some(permissions) = permissions {
            stage.file.set_permissions(permissions)?;
        }
        Ok(stage)
    }
}

impl Stage for FileStage {
    fn write_all_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        write_all_at(&self.file, bytes, offset)?;
        self.len = self.len.max(offset + bytes.len() as u64);
        Ok(())
    }

    fn len(&self) -> u64 {
        self.len
    }

    fn commit(mut self: Box<Self>, durability: Durability) -> io::Result<()> {
        if durability == Durability::Synced {
            self.file.sync_all()?;
        }
        fs::rename(&self.temporary, &self.target)?;
        self.is_committed = true;
        if durability == Durability::Synced {
            sync_folder(&self.target)?;
        }
        Ok(())
    }
}

impl Drop for FileStage {
    fn drop(&mut self) {
        if !self.is_committed {
            // Nobody is left to tell if even this fails.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// The file that `path` means in the end, which need not exist.
fn follow_links(path: &Path) -> io::Result<PathBuf> {
    /// As many as Linux follows.
    const MAX_LINKS: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::read_link(&path) {
            Ok(target) => path = folder_of(&path).join(target),
            // Not a link, or not there.
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("too many symbolic links"))
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Creates a file in the folder of `target` under a name that nobody has: hidden, with the process and a counter in it.
fn create_beside(target: &Path) -> io::Result<(File, PathBuf)> {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let name = target.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    loop {
        let unique = COUNTER.fetch_add(1, Ordering::Relaxed);
        let mut temporary_name = std::ffi::OsString::from(".");
        temporary_name.push(name);
        temporary_name.push(format!(".{}-{unique}.paginum", std::process::id()));
        let temporary = folder_of(target).join(temporary_name);
        match OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .open(&temporary)
        {
            Ok(file) => return Ok((file, temporary)),
            // Left by a process of the same number that was killed.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(unix)]
fn sync_folder(file: &Path) -> io::Result<()> {
    File::open(folder_of(file))?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_file: &Path) -> io::Result<()> {
    // Folders cannot be opened there; the file system orders renames by itself.
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut stage = Box::new(FileStage::create(path)?);
        stage.write_all_at(bytes, 0)?;
        stage.commit(Durability::Synced)
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_link_stays_and_its_target_changes() {
        let folder = tempfile::tempdir().unwrap();
        let (link, target) = (folder.path().join("link"), folder.path().join("target"));
        fs::write(&target, "old").unwrap();
        symlink("target", &link).unwrap();
        replace(&link, b"new").unwrap();
        assert_eq!(fs::read_link(&link).unwrap(), Path::new("target"));
        assert_eq!(fs::read(&target).unwrap(), b"new");
        assert_eq!(names(folder.path()), ["link", "target"]);
    }

    #[test]
    fn a_circle_of_links_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        symlink("b", folder.path().join("a")).unwrap();
        symlink("a", folder.path().join("b")).unwrap();
        assert!(replace(&folder.path().join("a"), b"new").is_err());
    }

    #[test]
    fn mode_bits_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        replace(&path, b"new").unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
    }

    #[test]
    fn nothing_is_left_of_a_stage_that_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "old").unwrap();
        let mut stage = FileStage::create(&path).unwrap();
        stage.write_all_at(b"new", 0).unwrap();
        drop(stage);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names(folder.path()), ["a"]);
    }
}
