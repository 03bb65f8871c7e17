//! The lock that pyvista-zstd puts beside a file while it appends.
//!
//! Releases since 0.7.0 create `<path>.append.lock` and refuse to append while it is there, so one of ours stands there
//! while we change a file in place. Unlike theirs it carries the operating system's lock, which dies with its process:
//! one of ours that is not locked was left by a process that was killed, and is taken over; one of theirs when it is
//! older than ten minutes, which is longer than they take.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Longer than any append of a release that holds no lock on its lock file takes.
const STALE_AFTER: Duration = Duration::from_secs(600);
/// What our lock files begin with.
const OURS: &str = "paginum ";

/// The lock, until it is dropped.
#[derive(Debug)]
pub(crate) struct AppendLock {
    path: PathBuf,
    _file: File,
}

impl AppendLock {
    /// Takes the lock beside the file at `path`.
    ///
    /// # Errors
    /// `WouldBlock` while another program has it; otherwise those of the file system.
    pub(crate) fn take(path: &Path) -> io::Result<Self> {
        // Beside the file itself, not beside a link to it: that is what every other program locks.
        let mut name = OsString::from(fs::canonicalize(path)?);
        name.push(".append.lock");
        let path = PathBuf::from(name);
        match Self::create(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Self::remove_stale(&path)?;
                Self::create(&path)
            }
            result => result,
        }
    }

    fn create(path: &Path) -> io::Result<Self> {
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        let lock = Self {
            path: path.to_owned(),
            _file: file.try_clone()?,
        };
        file.try_lock()?;
        // Behind the lock: whoever finds this text and no lock knows that we are gone.
        writeln!(file, "{OURS}{}", std::process::id())?;
        Ok(lock)
    }

    /// Removes a lock whose owner is gone.
    fn remove_stale(path: &Path) -> io::Result<()> {
        let busy = || {
            io::Error::new(
                io::ErrorKind::WouldBlock,
                format!("{}: another program is appending", path.display()),
            )
        };
        let file = match File::open(path) {
            Ok(file) => file,
            // Its owner has just removed it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        let is_locked = file.try_lock().is_err();
        let is_ours = fs::read(path)?.starts_with(OURS.as_bytes());
        let modified = file.metadata()?.modified()?;
        let age = SystemTime::now()
            .duration_since(modified)
            .unwrap_or_default();
        if is_locked || (age < STALE_AFTER && !is_ours) {
            return Err(busy());
        }
        fs::remove_file(path)
    }
}

impl Drop for AppendLock {
    fn drop(&mut self) {
        // Nobody is left to tell; a lock that stays is taken over after ten minutes.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.pv");
        fs::write(&path, "").unwrap();
        (folder, path)
    }

    fn set_age(path: &Path, age: Duration) {
        File::options()
            .write(true)
            .open(path)
            .unwrap()
            .set_modified(SystemTime::now() - age)
            .unwrap();
    }

    #[test]
    fn one_at_a_time() {
        let (_folder, path) = file();
        let lock = AppendLock::take(&path).unwrap();
        assert_eq!(
            AppendLock::take(&path).unwrap_err().kind(),
            io::ErrorKind::WouldBlock
        );
        drop(lock);
        assert!(AppendLock::take(&path).is_ok());
    }

    #[test]
    fn one_of_ours_whose_owner_was_killed_is_taken_over_at_once() {
        let (_folder, path) = file();
        fs::write(path.with_extension("pv.append.lock"), "paginum 1\n").unwrap();
        assert!(AppendLock::take(&path).is_ok());
    }

    #[test]
    fn what_a_killed_program_left_is_taken_over_when_it_is_old() {
        let (_folder, path) = file();
        let left = path.with_extension("pv.append.lock");
        fs::write(&left, "").unwrap();
        assert!(AppendLock::take(&path).is_err());
        set_age(&left, STALE_AFTER + Duration::from_secs(1));
        let lock = AppendLock::take(&path).unwrap();
        // However old: its owner lives.
        set_age(&left, 2 * STALE_AFTER);
        assert!(AppendLock::take(&path).is_err());
        drop(lock);
        assert!(!left.exists());
    }
}
