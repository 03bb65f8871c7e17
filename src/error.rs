//! What went wrong, and where.
//!
//! An [`Error`] is what went wrong, of a kind that says what a caller can do (the engine's kinds, and its errors become
//! these), and a [`Place`] to which each layer adds what it knows: the page decoder its page, the container the array, whoever opened the file its path. The first
//! layer to name a part of the place wins, because it stood nearest to the fault.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::path::Path;

/// The result of everything in this crate that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// What a caller can do about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Give up on the file: it is damaged or hostile.
    Corrupt,
    /// Fetch the rest of the file.
    Truncated,
    /// Upgrade, or bring the missing filter.
    Unsupported,
    /// Fix the call.
    InvalidArgument,
    /// Raise the limit.
    LimitExceeded,
    /// Retry: storage failed.
    Io,
    /// Open it again: another program changed the file while it was read.
    Changed,
}

impl ErrorKind {
    /// The exit code of the command line: 2 for a wrong call, 3 for bad bytes, 4 for what is not supported, 5 for a
    /// limit, 6 for all else.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::InvalidArgument => 2,
            Self::Corrupt | Self::Truncated => 3,
            Self::Unsupported => 4,
            Self::LimitExceeded => 5,
            Self::Io | Self::Changed => 6,
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Corrupt => "corrupt",
            Self::Truncated => "truncated",
            Self::Unsupported => "unsupported",
            Self::InvalidArgument => "invalid argument",
            Self::LimitExceeded => "limit exceeded",
            Self::Io => "storage",
            Self::Changed => "changed",
        })
    }
}

/// Where an error lies, as far as is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Place {
    /// Path or address of the file.
    pub file: Option<String>,
    /// Name or path of the array.
    pub array: Option<String>,
    /// Number of the page in its array.
    pub page: Option<u64>,
    /// Byte offset in the file.
    pub offset: Option<u64>,
}

/// An error of this crate: what, and where.
#[derive(Debug)]
pub struct Error {
    what: What,
    place: Option<Box<Place>>,
}

#[derive(Debug)]
enum What {
    Said(ErrorKind, Cow<'static, str>),
    Limit {
        what: &'static str,
        limit: u64,
        asked: u64,
    },
    Io(io::Error),
}

const _: () = assert!(size_of::<Error>() <= 48);

impl Error {
    /// The bytes are not valid: damaged or hostile.
    #[cold]
    pub fn corrupt(what: impl Into<Cow<'static, str>>) -> Self {
        Self::said(ErrorKind::Corrupt, what.into())
    }

    /// The bytes end before the data does.
    #[cold]
    pub fn truncated(what: impl Into<Cow<'static, str>>) -> Self {
        Self::said(ErrorKind::Truncated, what.into())
    }

    /// The bytes may be valid, and need a newer version or a missing filter.
    #[cold]
    pub fn unsupported(what: impl Into<Cow<'static, str>>) -> Self {
        Self::said(ErrorKind::Unsupported, what.into())
    }

    /// The caller asked for something that cannot be done.
    #[cold]
    pub fn invalid(what: impl Into<Cow<'static, str>>) -> Self {
        Self::said(ErrorKind::InvalidArgument, what.into())
    }

    /// A limit set by the caller was reached.
    #[cold]
    pub fn limit(what: &'static str, limit: u64, asked: u64) -> Self {
        What::Limit { what, limit, asked }.into()
    }

    fn said(kind: ErrorKind, what: Cow<'static, str>) -> Self {
        What::Said(kind, what).into()
    }

    /// The same of a file that was changed meanwhile, where the bytes were found to be bad: that is the reason then.
    #[cfg(feature = "zstd")]
    #[must_use]
    pub(crate) fn unless_changed(self, has_changed: impl FnOnce() -> bool) -> Self {
        let (kind, words) = match &self.what {
            What::Said(kind @ (ErrorKind::Corrupt | ErrorKind::Truncated), words) => (kind, words),
            _ => return self,
        };
        if !has_changed() {
            return self;
        }
        let words = format!("another program changed the file while it was read ({kind}: {words})");
        Self {
            what: What::Said(ErrorKind::Changed, words.into()),
            place: self.place,
        }
    }

    /// What a caller can do about it.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match &self.what {
            What::Said(kind, _) => *kind,
            What::Limit { .. } => ErrorKind::LimitExceeded,
            What::Io(_) => ErrorKind::Io,
        }
    }

    /// What went wrong, without its kind and its place.
    #[must_use]
    pub fn message(&self) -> String {
        match &self.what {
            What::Said(_, what) => what.clone().into_owned(),
            What::Limit { what, limit, asked } => format!("{what}: {asked} asked, {limit} allowed"),
            What::Io(source) => source.to_string(),
        }
    }

    /// Where it lies, as far as is known.
    #[must_use]
    pub fn place(&self) -> Option<&Place> {
        self.place.as_deref()
    }

    /// The failure of storage, if it is one.
    #[must_use]
    pub fn as_io(&self) -> Option<&io::Error> {
        match &self.what {
            What::Io(source) => Some(source),
            _ => None,
        }
    }

    /// Names the file, if no layer below did.
    #[must_use]
    pub fn in_file(mut self, file: impl AsRef<Path>) -> Self {
        let name = || file.as_ref().display().to_string();
        self.place_mut().file.get_or_insert_with(name);
        self
    }

    /// Names the array, if no layer below did.
    #[must_use]
    pub fn in_array(mut self, array: impl Into<String>) -> Self {
        self.place_mut().array.get_or_insert_with(|| array.into());
        self
    }

    /// Names the page, if no layer below did.
    #[must_use]
    pub fn on_page(mut self, page: u64) -> Self {
        self.place_mut().page.get_or_insert(page);
        self
    }

    /// Sets the byte offset, if no layer below did.
    #[must_use]
    pub fn at(mut self, offset: u64) -> Self {
        self.place_mut().offset.get_or_insert(offset);
        self
    }

    /// Adds `base` to the byte offset: for layers that passed a part of a larger whole down.
    #[must_use]
    pub fn shifted(mut self, base: u64) -> Self {
        let offset = &mut self.place_mut().offset;
        *offset = Some(offset.unwrap_or(0).saturating_add(base));
        self
    }

    /// Adds `base` to the byte offset, if there is one.
    #[must_use]
    pub(crate) fn shifted_from(self, base: u64) -> Self {
        match self.place().and_then(|place| place.offset) {
            Some(_) => self.shifted(base),
            None => self,
        }
    }

    fn place_mut(&mut self) -> &mut Place {
        self.place.get_or_insert_default()
    }
}

impl From<What> for Error {
    fn from(what: What) -> Self {
        Self { what, place: None }
    }
}

impl From<paginum_wrapped::Error> for Error {
    fn from(error: paginum_wrapped::Error) -> Self {
        use paginum_wrapped::Error as Engine;
        let (error, offset) = match error {
            Engine::Corrupt { what, offset } => (Self::corrupt(what), offset),
            Engine::Truncated { what, offset } => (Self::truncated(what), offset),
            Engine::Unsupported(what) => (Self::unsupported(what), None),
            Engine::InvalidArgument(what) => (Self::invalid(what), None),
            Engine::LimitExceeded { what, limit, asked } => (Self::limit(what, limit, asked), None),
            Engine::Io(source) => (source.into(), None),
            // A kind that the engine grew after this was written.
            other => (Self::unsupported(other.to_string()), None),
        };
        match offset {
            Some(offset) => error.at(offset),
            None => error,
        }
    }
}

impl From<io::Error> for Error {
    /// An `io::Error` that carries an `Error` of ours, as one does that crossed an `io::Write`, becomes that again; an
    /// unexpected end of file is `Truncated`.
    fn from(source: io::Error) -> Self {
        if source.get_ref().is_some_and(|inner| inner.is::<Self>()) {
            let inner = source.into_inner().expect("it was there a line ago");
            return *inner.downcast().expect("its type was checked");
        }
        if source.kind() == io::ErrorKind::UnexpectedEof {
            return Self::truncated("storage ends before the data does");
        }
        What::Io(source).into()
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        match error {
            Error {
                what: What::Io(source),
                place: None,
            } => source,
            error => Self::other(error),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.place.as_deref();
        if let Some(file) = place.and_then(|place| place.file.as_deref()) {
            write!(f, "{file}: ")?;
        }
        if let Some(array) = place.and_then(|place| place.array.as_deref()) {
            write!(f, "array {array:?}: ")?;
        }
        if let Some(page) = place.and_then(|place| place.page) {
            write!(f, "page {page}: ")?;
        }
        match &self.what {
            What::Said(kind, what) => write!(f, "{kind}: {what}")?,
            What::Limit { what, limit, asked } => {
                write!(f, "limit exceeded: {what}: {asked} asked, {limit} allowed")?;
            }
            What::Io(source) => write!(f, "{source}")?,
        }
        if let Some(offset) = place.and_then(|place| place.offset) {
            write!(f, " at byte {offset}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        // The failure of storage is shown in full by `Display`; only what it wraps in turn is news.
        self.as_io().and_then(std::error::Error::source)
    }
}

/// The methods of [`Error`] that add to its place, on results.
pub trait ResultExt<T> {
    /// Names the file, if no layer below did.
    ///
    /// # Errors
    /// Those of `self`.
    fn in_file(self, file: impl AsRef<Path>) -> Result<T>;
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
    fn in_file(self, file: impl AsRef<Path>) -> Result<T> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_names_every_part_of_the_place() {
        let error = Error::from(paginum_wrapped::Error::corrupt("crc differs").at(3))
            .shifted(100)
            .on_page(7)
            .on_page(8)
            .in_array("points")
            .in_file("a.pv");
        assert_eq!(
            error.to_string(),
            "a.pv: array \"points\": page 7: corrupt: crc differs at byte 103"
        );
        assert_eq!(error.kind(), ErrorKind::Corrupt);
    }

    #[test]
    fn an_error_survives_a_trip_through_io() {
        let there: io::Error = Error::unsupported("x").on_page(1).into();
        let back = Error::from(there);
        assert_eq!(back.kind(), ErrorKind::Unsupported);
        assert_eq!(back.place().unwrap().page, Some(1));
        let full: io::Error = io::ErrorKind::StorageFull.into();
        let there: io::Error = Error::from(full).into();
        assert_eq!(there.kind(), io::ErrorKind::StorageFull);
    }

    #[test]
    fn exit_codes_tell_what_to_do() {
        for (error, code) in [
            (Error::invalid("x"), 2),
            (Error::corrupt("x"), 3),
            (io::Error::from(io::ErrorKind::UnexpectedEof).into(), 3),
            (Error::unsupported("x"), 4),
            (Error::limit("x", 1, 2), 5),
            (io::Error::from(io::ErrorKind::NotFound).into(), 6),
        ] {
            assert_eq!(error.kind().exit_code(), code, "{error}");
        }
    }
}
