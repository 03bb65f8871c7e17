//! What a file is beside its bytes: mode bits, owner, extended attributes. A replacement takes them over.

use std::fs::{File, Metadata};
use std::io;
use std::path::Path;

/// Gives `new` what `old` has, as far as the system permits. Where the owner or the group cannot be kept, nobody gains
/// rights: set-user-ID bits go, and a strange group may do no more than everybody.
///
/// # Errors
/// Those of the file system if the mode bits cannot be set.
#[cfg(unix)]
pub(super) fn keep(old: &Path, metadata: &Metadata, new: &File) -> io::Result<()> {
    use std::fs::Permissions;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};

    // Before the mode bits, which may forbid it.
    keep_extended(old, new);
    let current = new.metadata()?;
    let has_owner =
        current.uid() == metadata.uid() || fchown(new, Some(metadata.uid()), None).is_ok();
    let has_group =
        current.gid() == metadata.gid() || fchown(new, None, Some(metadata.gid())).is_ok();
    let mode = mode_for(metadata.mode() & 0o7777, has_owner, has_group);
    new.set_permissions(Permissions::from_mode(mode))
}

#[cfg(unix)]
fn mode_for(mode: u32, has_owner: bool, has_group: bool) -> u32 {
    const SET_IDS: u32 = 0o6000;
    const GROUP: u32 = 0o070;
    match (has_owner, has_group) {
        (true, true) => mode,
        (false, true) => mode & !SET_IDS,
        (_, false) => {
            let others_as_group = (mode << 3) & GROUP;
            mode & !SET_IDS & (!GROUP | others_as_group)
        }
    }
}

#[cfg(not(unix))]
pub(super) fn keep(_old: &Path, metadata: &Metadata, new: &File) -> io::Result<()> {
    new.set_permissions(metadata.permissions())
}

/// Copies the extended attributes that can be read and set; access control lists are among them.
#[cfg(target_os = "linux")]
fn keep_extended(old: &Path, new: &File) {
    use rustix::fs::{XattrFlags, fsetxattr, getxattr, listxattr};

    /// The most that Linux lets a list of names, or a value, be.
    const MAX_BYTES: usize = 64 << 10;
    let mut names = vec![0; MAX_BYTES];
    // A file system without attributes, or one that shows none.
    let Ok(n) = listxattr(old, &mut names[..]) else {
        return;
    };
    let mut value = vec![0; MAX_BYTES];
    for name in names[..n].split(|&byte| byte == 0) {
        if name.is_empty() {
            continue;
        }
        if let Ok(n) = getxattr(old, name, &mut value[..]) {
            // Those that only the system may set are its own affair.
            let _ = fsetxattr(new, name, &value[..n], XattrFlags::empty());
        }
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
fn keep_extended(_old: &Path, _new: &File) {}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn nobody_gains_rights_where_owner_or_group_are_lost() {
        assert_eq!(mode_for(0o6754, true, true), 0o6754);
        assert_eq!(mode_for(0o6754, false, true), 0o754);
        assert_eq!(mode_for(0o6754, true, false), 0o744);
        assert_eq!(mode_for(0o640, false, false), 0o600);
        assert_eq!(mode_for(0o666, false, false), 0o666);
    }
}
