//! The system calls that make a file appear or lock it, in one place: a test sees that each is made and when, and lets one fail.
//!
//! What only Linux has (files without a name, renames that never replace) has a fallback here that every system takes.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;

use super::destination::folder_of;

/// Waits until the bytes of a file are on the medium.
pub(super) fn sync_file(file: &File) -> io::Result<()> {
    seam::call(Call::SyncFile)?;
    file.sync_all()
}

/// Waits until the name of a file is on the medium.
#[cfg_attr(
    not(unix),
    expect(unused_variables, reason = "folders cannot be opened there")
)]
pub(crate) fn sync_folder(file: &Path) -> io::Result<()> {
    seam::call(Call::SyncFolder)?;
    // Elsewhere the file system orders renames by itself.
    #[cfg(unix)]
    File::open(folder_of(file))?.sync_all()?;
    Ok(())
}

/// Takes the lock of a file, which keeps others that ask for it from it while the file is open.
pub(super) fn try_lock(file: &File) -> Result<(), TryLockError> {
    seam::call(Call::Lock).map_err(TryLockError::Error)?;
    file.try_lock()
}

/// Gives a file another name, which stops meaning the file that had it.
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    seam::call(Call::Rename)?;
    fs::rename(from, to)
}

/// Gives a file another name that no file has: `AlreadyExists` if one does.
pub(super) fn rename_to_new(from: &Path, to: &Path) -> io::Result<()> {
    seam::call(Call::RenameToNew)?;
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
            // Not every file system has it.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
            result => return Ok(result?),
        }
    }
    // A link never replaces either.
    fs::hard_link(from, to)?;
    fs::remove_file(from)
}

/// Creates a file that has no name yet: nothing is left of it if the program is killed. `Unsupported` where there are
/// none.
#[cfg_attr(
    not(target_os = "linux"),
    expect(unused_variables, reason = "no other system has them")
)]
pub(super) fn create_unnamed(folder: &Path) -> io::Result<File> {
    seam::call(Call::CreateUnnamed)?;
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let flags = rustix::fs::OFlags::TMPFILE.bits();
        let flags = i32::try_from(flags).map_err(io::Error::other)?;
        let file = fs::OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(flags)
            .open(folder)?;
        // Names are given through this folder of links, which a bare container may lack.
        fs::symlink_metadata(link_to(&file))?;
        Ok(file)
    }
    #[cfg(not(target_os = "linux"))]
    Err(io::ErrorKind::Unsupported.into())
}

/// Gives a file without a name one that no file has: `AlreadyExists` if one does.
#[cfg_attr(
    not(target_os = "linux"),
    expect(unused_variables, reason = "no other system has them")
)]
pub(super) fn link_unnamed(file: &File, to: &Path) -> io::Result<()> {
    seam::call(Call::LinkUnnamed)?;
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{AtFlags, CWD, linkat};
        Ok(linkat(
            CWD,
            link_to(file),
            CWD,
            to,
            AtFlags::SYMLINK_FOLLOW,
        )?)
    }
    #[cfg(not(target_os = "linux"))]
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(target_os = "linux")]
fn link_to(file: &File) -> std::path::PathBuf {
    use std::os::fd::AsRawFd;
    format!("/proc/self/fd/{}", file.as_raw_fd()).into()
}

/// What is asked of the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Lock,
    SyncFile,
    SyncFolder,
    Rename,
    RenameToNew,
    CreateUnnamed,
    LinkUnnamed,
}

#[cfg(not(test))]
mod seam {
    pub(super) fn call(_call: super::Call) -> std::io::Result<()> {
        Ok(())
    }
}

/// Under test, the calls of each thread are written down, and those that the test chose fail.
#[cfg(test)]
pub(super) mod seam {
    use std::cell::RefCell;
    use std::io;

    use super::Call;

    thread_local! {
        static CALLS: RefCell<Vec<Call>> = const { RefCell::new(Vec::new()) };
        static FAILING: RefCell<Vec<Call>> = const { RefCell::new(Vec::new()) };
    }

    pub(super) fn call(call: Call) -> io::Result<()> {
        CALLS.with_borrow_mut(|calls| calls.push(call));
        match FAILING.with_borrow(|failing| failing.contains(&call)) {
            true => Err(io::Error::other("input/output error")),
            false => Ok(()),
        }
    }

    /// Runs `work` with `failing` calls failing; returns what it returned, and all calls that it made.
    pub(in crate::storage) fn watch<T>(
        failing: &[Call],
        work: impl FnOnce() -> T,
    ) -> (T, Vec<Call>) {
        CALLS.take();
        FAILING.replace(failing.to_vec());
        let result = work();
        FAILING.take();
        (result, CALLS.take())
    }
}
