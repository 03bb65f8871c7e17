//! Errors gain their places on the way up, on results.

use std::ffi::OsStr;

use super::{Error, Result};

/// The methods of [`Error`] that add to its place, on results.
///
/// ```
/// use paginum::{Result, ResultExt};
/// fn size(path: &str) -> Result<u64> {
///     Ok(std::fs::metadata(path).in_file(path)?.len())
/// }
/// assert!(size("no/such/file").unwrap_err().to_string().starts_with("no/such/file: "));
/// ```
pub trait ResultExt<T> {
    /// Names the file, if no layer below did.
    ///
    /// # Errors
    /// Those of `self`.
    fn in_file(self, file: impl AsRef<OsStr>) -> Result<T>;
    /// Names the array, if no layer below did.
    ///
    /// # Errors
    /// Those of `self`.
    fn in_array(self, array: &str) -> Result<T>;
    /// Names the page, if no layer below did.
    ///
    /// # Errors
    /// Those of `self`.
    fn on_page(self, page: u64) -> Result<T>;
    /// Sets the byte offset, if no layer below did.
    ///
    /// # Errors
    /// Those of `self`.
    fn at(self, offset: u64) -> Result<T>;
    /// Adds `base` to the byte offset.
    ///
    /// # Errors
    /// Those of `self`.
    fn shifted(self, base: u64) -> Result<T>;
}

impl<T, E: Into<Error>> ResultExt<T> for std::result::Result<T, E> {
    fn in_file(self, file: impl AsRef<OsStr>) -> Result<T> {
        self.map_err(|e| e.into().in_file(file))
    }
    fn in_array(self, array: &str) -> Result<T> {
        self.map_err(|e| e.into().in_array(array))
    }
    fn on_page(self, page: u64) -> Result<T> {
        self.map_err(|e| e.into().on_page(page))
    }
    fn at(self, offset: u64) -> Result<T> {
        self.map_err(|e| e.into().at(offset))
    }
    fn shifted(self, base: u64) -> Result<T> {
        self.map_err(|e| e.into().shifted(base))
    }
}
