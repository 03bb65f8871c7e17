//! What replacing a file does to its other names.

use std::path::Path;

use super::stdio;
use crate::text::counted;

/// Says that the other hard links of a file that is about to be replaced keep the old bytes.
pub(super) fn say_other_names(path: &Path) {
    let n = other_names(path);
    if n > 0 {
        let (path, names) = (path.display(), counted(n, "hard link"));
        stdio::note(format_args!(
            "{path}: {names} elsewhere will keep the old version: a new file takes this name"
        ));
    }
}

#[cfg(unix)]
fn other_names(path: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt;
    let metadata = path.metadata().ok().filter(std::fs::Metadata::is_file);
    metadata.map_or(0, |metadata| metadata.nlink().saturating_sub(1))
}

#[cfg(not(unix))]
fn other_names(_path: &Path) -> u64 {
    // There links are rare, and counting them needs the file open.
    0
}
