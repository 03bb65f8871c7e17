//! Replacing a file whole: a temporary file, then fsync, a name, fsync of the folder.
//!
//! A rename within a folder is the one operation that file systems make atomic. What replaces a file takes over its mode
//! bits, owner and extended attributes; a symbolic link stays a link, and its target is what is replaced. Other hard
//! links keep the old bytes.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::destination::follow_links;
use super::file::{lock_version, write_all_at};
use super::temporary::Temporary;
use super::{Durability, Stage, Version, WriteAt, attributes, system};

/// A temporary file that may become the file at `target`.
#[derive(Debug)]
pub(super) struct FileStage {
    temporary: Temporary,
    /// What came in order.
    written: u64,
    target: PathBuf,
    may_replace: bool,
    /// The only version that it may replace.
    over: Option<Version>,
}

impl FileStage {
    /// Starts the file that `path` is to be. Only plain files can be replaced.
    pub(super) fn create(path: &Path, may_replace: bool) -> io::Result<Self> {
        let target = follow_links(path)?;
        let old = match fs::metadata(&target) {
            Ok(metadata) if metadata.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            Ok(metadata) if !metadata.is_file() => {
                let what = "a device or a pipe, which no file may replace";
                return Err(io::Error::new(io::ErrorKind::Unsupported, what));
            }
            Ok(_) if !may_replace => return Err(io::ErrorKind::AlreadyExists.into()),
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let temporary = Temporary::create(&target)?;
        if let Some(metadata) = old {
            attributes::keep(&target, &metadata, &temporary.file)?;
        }
        Ok(Self {
            temporary,
            written: 0,
            target,
            may_replace,
            over: None,
        })
    }

    /// Lets it replace this version alone, where there is one to tell others by.
    pub(super) fn over(mut self, version: Option<Version>) -> Self {
        self.over = version;
        self
    }
}

impl Write for FileStage {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        write_all_at(&self.temporary.file, bytes, self.written)?;
        self.written += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl WriteAt for FileStage {
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        write_all_at(&self.temporary.file, bytes, offset)
    }
}

impl Stage for FileStage {
    fn at(&self) -> Option<&dyn WriteAt> {
        Some(self)
    }

    fn commit(self: Box<Self>, durability: Durability) -> io::Result<()> {
        let Self {
            temporary,
            target,
            may_replace,
            over,
            ..
        } = *self;
        if durability == Durability::Synced {
            system::sync_file(&temporary.file)?;
        }
        // Until it has another name: of two that replace one version at once the second finds the first.
        let lock = over.as_ref().map(|version| lock_version(&target, version));
        let lock = lock.transpose()?;
        if cfg!(not(unix)) {
            // There a file that is open may not be replaced, and one that was would not be told from the new one.
            drop(lock);
        }
        match may_replace {
            true => temporary.replace(&target)?,
            false => temporary.appear(&target)?,
        }
        if durability == Durability::Synced {
            system::sync_folder(&target).map_err(|error| {
                let what = "the new version is in force, but a loss of power may still undo it";
                io::Error::new(error.kind(), format!("{what}: {error}"))
            })?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::system::Call::{
        CreateUnnamed, LinkUnnamed, Rename, RenameToNew, SyncFile, SyncFolder,
    };
    use super::system::{Call, seam};
    use super::*;

    fn stage(path: &Path, may_replace: bool, bytes: &[u8]) -> io::Result<Box<FileStage>> {
        let stage = Box::new(FileStage::create(path, may_replace)?);
        stage.write_all_at(bytes, 0)?;
        Ok(stage)
    }

    fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
        stage(path, true, bytes)?.commit(Durability::Synced)
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Tries files without a name, where the system has them, and then files with one.
    fn for_both_kinds(mut test: impl FnMut(&Path, &[Call])) {
        for failing in [&[][..], &[CreateUnnamed]] {
            let folder = tempfile::tempdir().unwrap();
            seam::watch(failing, || test(folder.path(), failing));
        }
    }

    /// The calls that make a file appear, in their order.
    fn calls(may_replace: bool, path: &Path, failing: &[Call]) -> Vec<Call> {
        let (result, calls) = seam::watch(failing, || {
            stage(path, may_replace, b"new")?.commit(Durability::Synced)
        });
        result.unwrap();
        calls.into_iter().filter(|&c| c != CreateUnnamed).collect()
    }

    #[test]
    fn bytes_are_synced_before_the_name_and_the_folder_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let named = [CreateUnnamed];
        assert_eq!(calls(true, &path, &named), [SyncFile, Rename, SyncFolder]);
        assert_eq!(
            calls(false, &folder.path().join("b"), &named),
            [SyncFile, RenameToNew, SyncFolder]
        );
        let (unnamed, _) = seam::watch(&[], || system::create_unnamed(folder.path()).is_ok());
        if unnamed {
            let new = [SyncFile, LinkUnnamed, SyncFolder];
            assert_eq!(calls(false, &folder.path().join("c"), &[]), new);
            assert_eq!(calls(true, &folder.path().join("d"), &[]), new);
            assert_eq!(
                calls(true, &path, &[]),
                [SyncFile, LinkUnnamed, LinkUnnamed, Rename, SyncFolder]
            );
        }
    }

    #[test]
    fn without_durability_nothing_is_synced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let (result, calls) =
            seam::watch(&[], || stage(&path, true, b"new")?.commit(Durability::None));
        result.unwrap();
        assert!(!calls.contains(&SyncFile) && !calls.contains(&SyncFolder));
    }

    #[test]
    fn what_fails_before_the_name_leaves_the_old_file_and_what_fails_after_it_says_so() {
        for (call, expected) in [(SyncFile, "old"), (Rename, "old"), (SyncFolder, "new")] {
            for unnamed in [&[][..], &[CreateUnnamed]] {
                let folder = tempfile::tempdir().unwrap();
                let path = folder.path().join("a");
                fs::write(&path, "old").unwrap();
                let failing = [unnamed, &[call]].concat();
                let (result, _) = seam::watch(&failing, || replace(&path, b"new"));
                let words = result.unwrap_err().to_string();
                assert_eq!(fs::read_to_string(&path).unwrap(), expected, "{call:?}");
                assert_eq!(names(folder.path()), ["a"], "{call:?}");
                let is_in_force = words.contains("the new version is in force");
                assert_eq!(is_in_force, expected == "new", "{words}");
            }
        }
    }

    #[test]
    fn what_appeared_meanwhile_is_kept() {
        for_both_kinds(|folder, failing| {
            let path = folder.join("a");
            let [one, other] = [b"one", b"two"].map(|bytes| stage(&path, false, bytes).unwrap());
            one.commit(Durability::Synced).unwrap();
            let error = other.commit(Durability::Synced).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists, "{failing:?}");
            assert_eq!(fs::read(&path).unwrap(), b"one");
            let error = stage(&path, false, b"three").unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
            // Links that lead nowhere are something, too.
            let link = folder.join("link");
            let late = stage(&link, false, b"late").unwrap();
            symlink("nowhere", &link).unwrap();
            assert!(late.commit(Durability::Synced).is_err());
            assert_eq!(names(folder), ["a", "link"]);
        });
    }

    #[test]
    fn two_that_replace_do_not_meet() {
        for_both_kinds(|folder, _| {
            let path = folder.join("a");
            fs::write(&path, "old").unwrap();
            let stages: Vec<_> = (0..6)
                .map(|i| stage(&path, true, &[i; 3]).unwrap())
                .collect();
            for (i, stage) in stages.into_iter().enumerate() {
                stage.commit(Durability::None).unwrap();
                assert_eq!(fs::read(&path).unwrap(), [i as u8; 3]);
            }
            assert_eq!(names(folder), ["a"]);
        });
    }

    #[test]
    fn what_a_killed_process_left_is_removed_and_what_a_living_one_holds_is_not() {
        for_both_kinds(|folder, _| {
            let path = folder.join("a");
            let [dead, alive] = [".a.0.paginum", ".a.1.paginum"].map(|name| folder.join(name));
            fs::write(&dead, "left").unwrap();
            let file = fs::File::create(&alive).unwrap();
            file.try_lock().unwrap();
            replace(&path, b"new").unwrap();
            assert_eq!(names(folder), [".a.1.paginum", "a"]);
            drop(file);
            replace(&path, b"new").unwrap();
            assert_eq!(names(folder), ["a"]);
        });
    }

    #[test]
    fn every_name_that_fits_can_be_written() {
        for_both_kinds(|folder, _| {
            for n in [100, 101, 235, 240, 255] {
                let names = ["x".repeat(n), format!("x{}", "\u{e9}".repeat(n / 2 - 1))];
                for name in names {
                    let path = folder.join(name);
                    replace(&path, b"old").unwrap();
                    replace(&path, b"new").unwrap();
                    assert_eq!(fs::read(&path).unwrap(), b"new");
                }
            }
        });
    }

    #[test]
    fn a_link_stays_and_its_target_changes() {
        for_both_kinds(|folder, _| {
            let (link, target) = (folder.join("link"), folder.join("target"));
            fs::write(&target, "old").unwrap();
            symlink("target", &link).unwrap();
            replace(&link, b"new").unwrap();
            assert_eq!(fs::read_link(&link).unwrap(), Path::new("target"));
            assert_eq!(fs::read(&target).unwrap(), b"new");
            assert_eq!(names(folder), ["link", "target"]);
        });
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
        for_both_kinds(|folder, _| {
            for mode in [0o640, 0o400, 0o4755] {
                let path = folder.join("a");
                fs::write(&path, "old").unwrap();
                fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
                replace(&path, b"new").unwrap();
                let new = fs::metadata(&path).unwrap().permissions().mode();
                assert_eq!(new & 0o7777, mode);
                fs::remove_file(&path).unwrap();
            }
        });
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn owner_and_extended_attributes_are_kept() {
        use std::os::unix::fs::{MetadataExt, chown};

        use rustix::fs::{XattrFlags, getxattr, setxattr};

        for_both_kinds(|folder, _| {
            let path = folder.join("a");
            fs::write(&path, "old").unwrap();
            // Who may not give files away, or set attributes here, has nothing to keep.
            let _ = chown(&path, Some(1234), Some(4321));
            let has = setxattr(&path, "user.origin", b"here", XattrFlags::empty()).is_ok();
            let old = fs::metadata(&path).unwrap();
            replace(&path, b"new").unwrap();
            let new = fs::metadata(&path).unwrap();
            assert_eq!((new.uid(), new.gid()), (old.uid(), old.gid()));
            assert_ne!(new.ino(), old.ino());
            if has {
                let mut value = [0; 8];
                let n = getxattr(&path, "user.origin", &mut value[..]).unwrap();
                assert_eq!(&value[..n], b"here");
            }
        });
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_pipe_is_no_file_to_replace() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        mknodat(CWD, &path, FileType::Fifo, Mode::RWXU, 0).unwrap();
        let error = replace(&path, b"new").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::Unsupported);
        assert!(!fs::metadata(&path).unwrap().is_file());
    }

    #[test]
    fn nothing_is_left_of_a_stage_that_is_dropped() {
        for_both_kinds(|folder, _| {
            let path = folder.join("a");
            fs::write(&path, "old").unwrap();
            drop(stage(&path, true, b"new").unwrap());
            assert_eq!(fs::read(&path).unwrap(), b"old");
            assert_eq!(names(folder), ["a"]);
        });
    }
}
