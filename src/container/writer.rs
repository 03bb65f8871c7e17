//! Writing a file array by array, whatever its format.
//!
//! [`Format::create`](super::Format::create) starts a file, [`ContainerWriter::begin`] an array of it, whose rows go into an
//! [`ArraySink`]. Nothing is at the file's place before [`ContainerWriter::commit`], and then the whole file is.

use crate::array::ArraySpec;
use crate::error::{Error, Result};
use crate::record::Record;
use crate::validity::Validity;

/// An array that is to be written.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct NewArray<'a> {
    /// Its name. A format without names leaves it out.
    pub name: &'a str,
    /// Its type and shape.
    pub spec: &'a ArraySpec,
    /// The fields of its records, where it has such; `spec` is that of opaque bytes then.
    pub record: Option<&'a Record>,
    /// Whether the name is the array's own, and not made up for one that comes from where arrays have none.
    pub has_own_name: bool,
}

impl<'a> NewArray<'a> {
    /// An array of a name, a type and a shape.
    #[must_use]
    pub fn new(name: &'a str, spec: &'a ArraySpec) -> Self {
        Self {
            name,
            spec,
            record: None,
            has_own_name: true,
        }
    }

    /// Sets whether the name is the array's own: that one which was made up is left out is not said.
    #[must_use]
    pub fn with_own_name(mut self, has_own_name: bool) -> Self {
        self.has_own_name = has_own_name;
        self
    }

    /// Sets the fields of its records. A format that does not keep them writes opaque bytes.
    #[must_use]
    pub fn with_record(mut self, record: Option<&'a Record>) -> Self {
        self.record = record;
        self
    }
}

/// What became of a file that was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WriteReport {
    /// Its bytes.
    pub n_bytes: u64,
    /// What a user should know of it: arrays that got another filter than the one asked for.
    pub notes: Vec<String>,
}

impl WriteReport {
    /// A file of so many bytes, of which there is nothing to say.
    #[must_use]
    pub fn new(n_bytes: u64) -> Self {
        Self {
            n_bytes,
            notes: Vec::new(),
        }
    }

    /// Sets what a user should know of it.
    #[must_use]
    pub fn with_notes(mut self, notes: Vec<String>) -> Self {
        self.notes = notes;
        self
    }
}

/// Writes a file. One that is dropped before [`commit`](Self::commit) was never there.
pub trait ContainerWriter {
    /// Starts an array, behind those that were finished.
    ///
    /// # Errors
    /// `InvalidArgument` and `Unsupported` for an array that the format cannot hold, or not beside those that it has; those
    /// of the store.
    fn begin(&mut self, array: NewArray<'_>) -> Result<Box<dyn ArraySink + '_>>;

    /// Ends the file, and lets it take the place of what was there.
    ///
    /// # Errors
    /// `InvalidArgument` where an array was begun and not finished, or the format cannot hold what was written; those of the
    /// store. The old file stays.
    fn commit(self: Box<Self>) -> Result<WriteReport>;
}

/// Takes the rows of one array. One that is dropped before [`finish`](Self::finish) makes its file unwritable.
pub trait ArraySink {
    /// Takes some rows: any number of whole ones, in C order.
    ///
    /// # Errors
    /// `InvalidArgument` for more rows than the array has; those of the store.
    fn push_rows(&mut self, rows: &[u8]) -> Result<()>;

    /// Takes some rows of which only those that `validity` marks have a value.
    ///
    /// # Errors
    /// Those of [`push_rows`](Self::push_rows); `InvalidArgument` where `validity` is not one bit a row, and where the format
    /// has no place for rows without a value.
    fn push_rows_with_nulls(&mut self, rows: &[u8], validity: &Validity) -> Result<()> {
        match validity.count_valid(0..validity.len()) {
            n if n == validity.len() => self.push_rows(rows),
            _ => Err(Error::invalid(
                "rows without a value, for which the format has no place",
            )),
        }
    }

    /// Ends the array, once all of its rows are there.
    ///
    /// # Errors
    /// `InvalidArgument` if rows are missing; those of the store.
    fn finish(self: Box<Self>) -> Result<()>;
}

/// Refuses what has to wait until the array that was begun is finished.
///
/// # Errors
/// `InvalidArgument` while one `is_open`.
pub(super) fn check_is_closed(is_open: bool) -> Result<()> {
    match is_open {
        true => Err(Error::invalid("an array was not finished")),
        false => Ok(()),
    }
}

/// How far the only array of a file is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Only {
    #[default]
    NotBegun,
    Begun,
    Whole,
}

impl Only {
    /// Starts the array.
    ///
    /// # Errors
    /// `InvalidArgument` for a second one.
    pub(super) fn begin(&mut self) -> Result<()> {
        match std::mem::replace(self, Self::Begun) {
            Self::NotBegun => Ok(()),
            _ => Err(Error::invalid("files of this format hold one array")),
        }
    }

    /// Refuses to end a file without its array.
    ///
    /// # Errors
    /// `InvalidArgument`.
    pub(super) fn check_is_whole(self) -> Result<()> {
        match self {
            Self::Whole => Ok(()),
            Self::Begun => check_is_closed(true),
            Self::NotBegun => Err(Error::invalid("a file of this format holds an array")),
        }
    }
}
