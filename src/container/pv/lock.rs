//! The lock that pyvista-zstd puts beside a file while it appends.
//!
//! Releases since 0.7.0 create `<path>.append.lock` and refuse to append while it is there, so one of ours stands there
//! while we change a file in place. Unlike theirs it carries the operating system's lock, which dies with its process:
//! one of ours that is not locked was left by a process that was killed, and is taken over; one of theirs when it is
//! older than ten minutes, which is longer than they take.
//!
//! The name appears at once with all that says whose it is: the file is locked and filled under a name of its own, and then
//! linked to the lock's. A kill before that leaves a file that nobody waits for, and that the next writer replaces; a kill
//! after it leaves a lock whose owner is seen to be gone. Whoever takes this lock has locked the file itself before, so
//! two processes of ours never meet here.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::storage::Store;

/// Longer than any append of a release that holds no lock on its lock file takes.
const STALE_AFTER: Duration = Duration::from_secs(600);
/// What our lock files begin with.
const OURS: &str = "paginum ";
/// Behind the path of the file.
const LOCK: &str = ".append.lock";
/// Where the lock is made: shorter than [`LOCK`], so that it fits wherever that does.
const PRIVATE: &str = ".append.new";

/// The lock, until it is dropped.
#[derive(Debug)]
pub(crate) struct AppendLock {
    /// Nothing where the store is no file, or the file system has no room for the lock's name: then no other program waits on it either.
    _held: Option<Held>,
}

#[derive(Debug)]
struct Held {
    path: PathBuf,
    _file: File,
}

impl AppendLock {
    /// Takes the lock beside the file of a store, which the caller has locked. Other programs know files alone: stores that
    /// are none have no such lock.
    ///
    /// # Errors
    /// `WouldBlock` while another program has it; `AlreadyExists` where something else has its name; otherwise those of the
    /// file system.
    pub(crate) fn take(store: &dyn Store) -> io::Result<Self> {
        let path = |suffix| store.sibling(suffix)?.url().path().map(Path::to_owned);
        let (Some(lock), Some(private)) = (path(LOCK), path(PRIVATE)) else {
            return Ok(Self { _held: None });
        };
        if let Err(error) = lock.symlink_metadata()
            && error.kind() == io::ErrorKind::InvalidFilename
        {
            return Ok(Self { _held: None });
        }
        let private = Private::create(private)?;
        let held = match private.publish(&lock) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                remove_stale(&lock)?;
                private.publish(&lock)
            }
            published => published,
        };
        held.map_err(|error| match error.kind() {
            // Another program was quicker.
            io::ErrorKind::AlreadyExists => busy(&lock),
            _ => error,
        })?;
        Ok(Self {
            _held: Some(private.into_held(lock)),
        })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // Nobody is left to tell; a lock that stays is seen to have no owner.
        let _ = fs::remove_file(&self.path);
    }
}

/// The lock under a name that nobody waits on; dropped, it is gone.
#[derive(Debug)]
struct Private {
    path: PathBuf,
    file: Option<File>,
}

impl Private {
    /// Makes it: locked and filled.
    fn create(path: PathBuf) -> io::Result<Self> {
        // What a killed process left; whatever else it is, it is not opened.
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)?;
        let private = Self {
            path,
            file: Some(file),
        };
        let mut file = private.file.as_ref().expect("it was just made");
        file.try_lock()?;
        writeln!(file, "{OURS}{}", std::process::id())?;
        Ok(private)
    }

    /// Gives it the name of the lock, which must be free.
    fn publish(&self, lock: &Path) -> io::Result<()> {
        match fs::hard_link(&self.path, lock) {
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied
                ) =>
            {
                self.publish_without_links(lock)
            }
            linked => linked,
        }
    }

    /// For file systems without links. Nobody else of ours is here, and others look before they create.
    fn publish_without_links(&self, lock: &Path) -> io::Result<()> {
        match lock.symlink_metadata() {
            Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => fs::rename(&self.path, lock),
            Err(error) => Err(error),
        }
    }

    /// Goes on under the name of the lock alone.
    fn into_held(mut self, lock: PathBuf) -> Held {
        let file = self.file.take().expect("it is taken once");
        Held {
            path: lock,
            _file: file,
        }
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        // The next writer replaces one that stays.
        let _ = fs::remove_file(&self.path);
    }
}

fn busy(lock: &Path) -> io::Error {
    io::Error::new(
        io::ErrorKind::WouldBlock,
        format!("{}: another program is appending", lock.display()),
    )
}

/// Removes a lock whose owner is gone.
fn remove_stale(lock: &Path) -> io::Result<()> {
    let metadata = match lock.symlink_metadata() {
        Ok(metadata) => metadata,
        // Its owner has just removed it.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    // To open a fifo would be to wait for its other end.
    if !metadata.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            format!(
                "{} is no lock file, and must go before the file beside it can change",
                lock.display()
            ),
        ));
    }
    let file = match File::open(lock) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let is_locked = file.try_lock().is_err();
    let mut start = Vec::new();
    (&file).take(OURS.len() as u64).read_to_end(&mut start)?;
    let age = SystemTime::now()
        .duration_since(file.metadata()?.modified()?)
        .unwrap_or_default();
    if is_locked || (age < STALE_AFTER && start != OURS.as_bytes()) {
        return Err(busy(lock));
    }
    fs::remove_file(lock)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;
    use crate::storage::FileStore;

    fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
        let mut name = OsString::from(path);
        name.push(suffix);
        PathBuf::from(name)
    }

    fn take(path: &Path) -> io::Result<AppendLock> {
        AppendLock::take(&FileStore::new(path))
    }

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
        let lock = take(&path).unwrap();
        assert_eq!(take(&path).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        drop(lock);
        assert!(take(&path).is_ok());
    }

    #[test]
    fn one_of_ours_whose_owner_was_killed_is_taken_over_at_once() {
        let (_folder, path) = file();
        fs::write(path.with_extension("pv.append.lock"), "paginum 1\n").unwrap();
        assert!(take(&path).is_ok());
    }

    #[test]
    fn what_a_killed_program_left_is_taken_over_when_it_is_old() {
        let (_folder, path) = file();
        let left = path.with_extension("pv.append.lock");
        fs::write(&left, "").unwrap();
        assert!(take(&path).is_err());
        set_age(&left, STALE_AFTER + Duration::from_secs(1));
        let lock = take(&path).unwrap();
        // However old: its owner lives.
        set_age(&left, 2 * STALE_AFTER);
        assert!(take(&path).is_err());
        drop(lock);
        assert!(!left.exists());
    }

    fn names(folder: &Path) -> Vec<OsString> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        names
    }

    /// What a kill leaves: the names stay, the operating system's lock goes.
    fn kill(mut private: Private) {
        private.file = None;
        std::mem::forget(private);
    }

    #[test]
    fn a_kill_before_the_link_is_waited_for_by_nobody() {
        let (folder, path) = file();
        // Created, and neither locked nor filled; then all of it.
        fs::write(with_suffix(&path, PRIVATE), "").unwrap();
        drop(take(&path).unwrap());
        kill(Private::create(with_suffix(&path, PRIVATE)).unwrap());
        assert_eq!(names(folder.path()), ["a.pv", "a.pv.append.new"]);
        let lock = take(&path).unwrap();
        assert_eq!(names(folder.path()), ["a.pv", "a.pv.append.lock"]);
        drop(lock);
        assert_eq!(names(folder.path()), ["a.pv"]);
    }

    #[test]
    fn a_kill_after_the_link_is_seen_at_once() {
        let (folder, path) = file();
        let private = Private::create(with_suffix(&path, PRIVATE)).unwrap();
        private.publish(&with_suffix(&path, LOCK)).unwrap();
        kill(private);
        assert_eq!(names(folder.path()).len(), 3);
        let lock = take(&path).unwrap();
        assert_eq!(names(folder.path()), ["a.pv", "a.pv.append.lock"]);
        drop(lock);
        assert_eq!(names(folder.path()), ["a.pv"]);
    }

    #[test]
    fn the_lock_is_locked_and_filled_when_it_appears() {
        let (_folder, path) = file();
        let lock = take(&path).unwrap();
        let path = with_suffix(&path, LOCK);
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text, format!("paginum {}\n", std::process::id()));
        assert!(File::open(&path).unwrap().try_lock().is_err());
        drop(lock);
    }

    #[test]
    fn one_of_theirs_that_is_locked_or_young_is_waited_for() {
        let (folder, path) = file();
        let left = with_suffix(&path, LOCK);
        fs::write(&left, "4711").unwrap();
        let error = take(&path).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
        assert_eq!(fs::read_to_string(&left).unwrap(), "4711");
        // Nothing of ours stays beside it.
        assert_eq!(names(folder.path()), ["a.pv", "a.pv.append.lock"]);
    }

    #[test]
    fn without_links_the_lock_is_renamed_into_place() {
        let (folder, path) = file();
        let lock = with_suffix(&path, LOCK);
        let private = Private::create(with_suffix(&path, PRIVATE)).unwrap();
        fs::write(&lock, "").unwrap();
        let error = private.publish_without_links(&lock).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        fs::remove_file(&lock).unwrap();
        private.publish_without_links(&lock).unwrap();
        drop(private.into_held(lock));
        assert_eq!(names(folder.path()), ["a.pv"]);
    }

    #[test]
    fn what_cannot_go_from_the_private_name_is_said_as_it_is() {
        let (folder, path) = file();
        fs::create_dir(with_suffix(&path, PRIVATE)).unwrap();
        let expected = fs::remove_file(with_suffix(&path, PRIVATE)).unwrap_err();
        let error = take(&path).unwrap_err();
        assert_eq!(error.kind(), expected.kind());
        assert_eq!(names(folder.path()), ["a.pv", "a.pv.append.new"]);
    }

    #[test]
    fn a_name_that_leaves_no_room_for_a_lock_needs_none() {
        let folder = tempfile::tempdir().unwrap();
        for n in [243, 244, 255] {
            let path = folder.path().join("n".repeat(n));
            fs::write(&path, "").unwrap();
            let lock = take(&path).unwrap();
            assert_eq!(lock._held.is_some(), n == 243);
            drop(lock);
            fs::remove_file(&path).unwrap();
        }
        assert!(names(folder.path()).is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn whatever_else_has_the_name_of_the_lock_is_refused_and_stays() {
        let make: [fn(&Path); 3] = [
            |path| fs::create_dir(path).unwrap(),
            |path| std::os::unix::fs::symlink("a.pv", path).unwrap(),
            |path| {
                let status = std::process::Command::new("mkfifo").arg(path).status();
                assert!(status.unwrap().success());
            },
        ];
        for make in make {
            let (folder, path) = file();
            let lock = with_suffix(&path, LOCK);
            make(&lock);
            let error = take(&path).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
            assert!(error.to_string().contains("no lock file"), "{error}");
            assert!(lock.symlink_metadata().is_ok());
            assert_eq!(names(folder.path()), ["a.pv", "a.pv.append.lock"]);
        }
        // Under the private name as well: a fifo goes without being opened.
        let (folder, path) = file();
        make[2](&with_suffix(&path, PRIVATE));
        drop(take(&path).unwrap());
        assert_eq!(names(folder.path()), ["a.pv"]);
    }
}
