//! What errors of reading a file say of it.

use crate::error::{Result, ResultExt};
use crate::storage::ReadAt;

/// Where a file lies, and what it is called, if it has a name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin<'a> {
    pub(super) store: &'a dyn ReadAt,
    pub(super) name: Option<&'a str>,
}

impl Origin<'_> {
    /// Lets an error name the file, and say so where it was changed meanwhile.
    pub(super) fn told<T>(self, result: Result<T>) -> Result<T> {
        let result = result.map_err(|error| error.unless_changed(|| self.store.has_changed()));
        match self.name {
            Some(name) => result.in_file(name),
            None => result,
        }
    }

    /// The same of an array, which the error names, too.
    pub(super) fn told_of<T>(self, array: &str, result: Result<T>) -> Result<T> {
        self.told(result.in_array(array))
    }
}
