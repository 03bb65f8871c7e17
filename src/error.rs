//! What went wrong, and where.
//!
//! An [`Error`] is what went wrong, of a kind that says what a caller can do (the engine's kinds, and its errors become
//! these), and a [`Place`] to which each layer adds what it knows: the page decoder its page, the container the array,
//! whoever opened the file its name. The first layer to name a part of the place wins, because it stood nearest to the
//! fault. An error of another library is kept as the source.

mod result;
pub(crate) mod shown;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::ffi::OsStr;
use std::fmt;
use std::io;

pub use result::ResultExt;

/// The result of everything in this crate that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// What a caller can do about an error.
///
/// ```
/// use paginum::ErrorKind;
/// match paginum::open("no/such/file.pv") {
///     Err(error) if error.kind() == ErrorKind::NotFound => println!("{error}"),
///     Err(error) if error.kind().is_damage() => println!("the file is damaged: {error}"),
///     other => drop(other?),
/// }
/// # Ok::<(), paginum::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Give up on the file: it is damaged or hostile.
    Corrupt,
    /// Give up on the file, or fetch it again: bytes are not those that their checksum was made of.
    Checksum,
    /// Fetch the rest of the file.
    Truncated,
    /// Upgrade, or bring the missing filter.
    Unsupported,
    /// Fix the call.
    InvalidArgument,
    /// Raise the limit.
    LimitExceeded,
    /// Look for the name: there is no such file.
    NotFound,
    /// Retry: storage failed.
    Io,
    /// Open it again: another program changed the file while it was read.
    Changed,
    /// Stop: the person who runs the program asked for that.
    Interrupted,
}

impl ErrorKind {
    /// Whether the bytes are at fault: what another copy of the file, or the rest of it, would mend.
    #[must_use]
    pub fn is_damage(self) -> bool {
        matches!(self, Self::Corrupt | Self::Checksum | Self::Truncated)
    }

    /// Whether the fault lies with the storage, not with the bytes or the call: other bytes may well be readable.
    #[must_use]
    pub fn is_of_storage(self) -> bool {
        matches!(
            self,
            Self::NotFound | Self::Io | Self::Changed | Self::Interrupted
        )
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            // To people both are damage; programs have the kind.
            Self::Corrupt | Self::Checksum => "corrupt",
            Self::Truncated => "truncated",
            Self::Unsupported => "unsupported",
            Self::InvalidArgument => "invalid argument",
            Self::LimitExceeded => "limit exceeded",
            Self::NotFound => "not found",
            Self::Io => "storage",
            Self::Changed => "changed",
            Self::Interrupted => "interrupted",
        })
    }
}

/// Where an error lies, as far as is known.
///
/// ```
/// use paginum::Error;
/// let error = Error::corrupt("a page that ends early").at(4096).in_array("rain").in_file("weather.pv");
/// let place = error.place().unwrap();
/// assert_eq!((place.array.as_deref(), place.offset), (Some("rain"), Some(4096)));
/// assert_eq!(place.page, None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Place {
    /// What the file is called: a path, or an address without its secrets.
    pub file: Option<String>,
    /// Name or path of the array.
    pub array: Option<String>,
    /// Number of the page in its array.
    pub page: Option<u64>,
    /// Byte offset in the file.
    pub offset: Option<u64>,
}

/// An error of this crate: what, where, and the error of another library behind it, if there was one. Those of the engine
/// ([`wrapped::Error`](crate::wrapped::Error)) become one of these.
///
/// ```
/// use paginum::{Error, ErrorKind};
/// let error = Error::corrupt("no such delta").in_array("x").in_file("a.pv");
/// assert_eq!(error.kind(), ErrorKind::Corrupt);
/// assert_eq!(error.to_string(), r#"a.pv: array "x": corrupt: no such delta"#);
/// ```
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    what: What,
    place: Place,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

#[derive(Debug)]
enum What {
    Message(ErrorKind, Cow<'static, str>),
    Limit {
        what: &'static str,
        limit: u64,
        asked: u64,
    },
    Io(io::Error),
}

const _: () = assert!(size_of::<Error>() == size_of::<usize>());

impl Error {
    /// The bytes are not valid: damaged or hostile.
    #[cold]
    pub fn corrupt(what: impl Into<Cow<'static, str>>) -> Self {
        Self::message_of(ErrorKind::Corrupt, what)
    }

    /// The bytes are not those that their checksum was made of.
    #[cold]
    pub fn checksum(what: impl Into<Cow<'static, str>>) -> Self {
        Self::message_of(ErrorKind::Checksum, what)
    }

    /// The bytes end before the data does.
    #[cold]
    pub fn truncated(what: impl Into<Cow<'static, str>>) -> Self {
        Self::message_of(ErrorKind::Truncated, what)
    }

    /// The bytes may be valid, and need a newer version or a missing filter.
    #[cold]
    pub fn unsupported(what: impl Into<Cow<'static, str>>) -> Self {
        Self::message_of(ErrorKind::Unsupported, what)
    }

    /// The caller asked for something that cannot be done.
    #[cold]
    pub fn invalid(what: impl Into<Cow<'static, str>>) -> Self {
        Self::message_of(ErrorKind::InvalidArgument, what)
    }

    /// A limit set by the caller was reached.
    #[cold]
    pub fn limit(what: &'static str, limit: u64, asked: u64) -> Self {
        What::Limit { what, limit, asked }.into()
    }

    /// Another program changed the file while it was read.
    #[cold]
    pub fn changed(what: impl Into<Cow<'static, str>>) -> Self {
        Self::message_of(ErrorKind::Changed, what)
    }

    /// There is no such file.
    #[cold]
    pub fn not_found(what: impl Into<Cow<'static, str>>) -> Self {
        Self::message_of(ErrorKind::NotFound, what)
    }

    /// Storage failed.
    #[cold]
    pub fn storage(what: impl Into<Cow<'static, str>>) -> Self {
        Self::message_of(ErrorKind::Io, what)
    }

    /// The person who runs the program wants it to stop.
    #[cold]
    pub fn interrupted(what: impl Into<Cow<'static, str>>) -> Self {
        Self::message_of(ErrorKind::Interrupted, what)
    }

    fn message_of(kind: ErrorKind, what: impl Into<Cow<'static, str>>) -> Self {
        What::Message(kind, what.into()).into()
    }

    /// Keeps the error of another library that was the reason.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The same of a file that was changed meanwhile, where the bytes were found to be bad: that is the reason then.
    #[cfg(feature = "zstd")]
    #[must_use]
    pub(crate) fn unless_changed(self, has_changed: impl FnOnce() -> bool) -> Self {
        let words = match &self.0.what {
            What::Message(kind, words) if kind.is_damage() => {
                format!("another program changed the file while it was read ({kind}: {words})")
            }
            _ => return self,
        };
        if !has_changed() {
            return self;
        }
        let mut error = self;
        error.0.what = What::Message(ErrorKind::Changed, words.into());
        error
    }

    /// What a caller can do about it.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match &self.0.what {
            What::Message(kind, _) => *kind,
            What::Limit { .. } => ErrorKind::LimitExceeded,
            What::Io(source) if source.kind() == io::ErrorKind::NotFound => ErrorKind::NotFound,
            What::Io(_) => ErrorKind::Io,
        }
    }

    /// What went wrong, without its kind and its place.
    #[must_use]
    pub fn message(&self) -> String {
        match &self.0.what {
            What::Message(_, what) => what.clone().into_owned(),
            What::Limit { what, limit, asked } => format!("{what}: {asked} asked, {limit} allowed"),
            What::Io(source) => source.to_string(),
        }
    }

    /// Where it lies, as far as is known.
    #[must_use]
    pub fn place(&self) -> Option<&Place> {
        (self.0.place != Place::default()).then_some(&self.0.place)
    }

    /// The failure of storage, if it is one.
    #[must_use]
    pub fn as_io(&self) -> Option<&io::Error> {
        match &self.0.what {
            What::Io(source) => Some(source),
            _ => None,
        }
    }

    /// Names the file, if no layer below did: by its path, or by an address that shows no secrets.
    #[must_use]
    pub fn in_file(mut self, file: impl AsRef<OsStr>) -> Self {
        let name = || file.as_ref().to_string_lossy().into_owned();
        self.place_mut().file.get_or_insert_with(name);
        self
    }

    /// Names the array, if no layer below did.
    #[must_use]
    pub fn in_array(mut self, array: impl Into<String>) -> Self {
        self.place_mut().array.get_or_insert_with(|| array.into());
        self
    }

    /// Names the array as it is shown, also where a layer below named it by its path in the file.
    #[cfg(feature = "cli")]
    pub(crate) fn in_array_shown_as(mut self, path: &str, shown: &str) -> Self {
        let array = &mut self.place_mut().array;
        let rest = match array {
            Some(known) => known.strip_prefix(path),
            None => Some(""),
        };
        // A field of its records is named behind it.
        if let Some(rest) = rest.filter(|rest| rest.is_empty() || rest.starts_with('/')) {
            *array = Some(format!("{shown}{rest}"));
        }
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
        &mut self.0.place
    }
}

impl From<What> for Error {
    fn from(what: What) -> Self {
        Self(Box::new(Inner {
            what,
            place: Place::default(),
            source: None,
        }))
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
        match *error.0 {
            Inner {
                what: What::Io(source),
                place,
                source: None,
            } if place == Place::default() => source,
            inner => {
                let error = Error(Box::new(inner));
                let kind = match error.kind() {
                    ErrorKind::NotFound => io::ErrorKind::NotFound,
                    ErrorKind::Unsupported => io::ErrorKind::Unsupported,
                    _ => io::ErrorKind::Other,
                };
                Self::new(kind, error)
            }
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.place();
        if let Some(file) = place.and_then(|place| place.file.as_deref()) {
            write!(f, "{}: ", shown::name(file))?;
        }
        if let Some(array) = place.and_then(|place| place.array.as_deref()) {
            write!(f, "array {}: ", shown::quoted(array))?;
        }
        if let Some(page) = place.and_then(|place| place.page) {
            write!(f, "page {page}: ")?;
        }
        match &self.0.what {
            // That it is about an argument is plain to whoever gave it.
            What::Message(
                ErrorKind::InvalidArgument
                | ErrorKind::NotFound
                | ErrorKind::Io
                | ErrorKind::Interrupted,
                what,
            ) => f.write_str(&shown::line(what))?,
            What::Message(kind, what) => write!(f, "{kind}: {}", shown::line(what))?,
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

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0.source {
            Some(source) => Some(&**source),
            // The failure of storage is shown in full by `Display`; only what it wraps in turn is news.
            None => self.as_io().and_then(StdError::source),
        }
    }
}

#[cfg(test)]
mod tests;
