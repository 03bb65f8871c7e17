//! What a store is called: a path, or an address with a scheme.
//!
//! An address may carry secrets: a user and a password, or a signature in its query. They are kept apart from the name that
//! messages show, so that no message can hold them.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// The name of a store: what messages show, and what a driver opens it by.
///
/// ```
/// use paginum::storage::Url;
/// let url = Url::parse("https://ann:p%40ss@host:8443/a/x.pv?token=1")?;
/// assert_eq!(url.to_string(), "https://host:8443/a/x.pv?…");
/// assert_eq!(url.credentials(), Some(("ann", "p@ss")));
/// assert_eq!(Url::parse("data/x.pv")?.path(), Some("data/x.pv".as_ref()));
/// # Ok::<(), paginum::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Url {
    place: Place,
    /// What messages show.
    name: String,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Place {
    Path(PathBuf),
    Address(Address),
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Address {
    scheme: String,
    credentials: Option<(String, String)>,
    /// Host and port.
    authority: String,
    /// From the slash behind the authority on, as it was given.
    path: String,
    query: Option<String>,
}

impl Url {
    /// Takes an address apart; what has no scheme is a path, and `-` is the standard streams.
    ///
    /// # Errors
    /// `InvalidArgument` for an address that is malformed.
    pub fn parse(text: &str) -> Result<Self> {
        if text == "-" {
            return Ok(Self::of_stream());
        }
        match text.split_once("://") {
            Some((scheme, rest)) if is_scheme(scheme) => {
                Self::of_address(&scheme.to_ascii_lowercase(), rest)
            }
            _ => Ok(Self::of_path(text)),
        }
    }

    /// The name of the file at a path, which is shown as it is.
    #[must_use]
    pub fn of_path(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self {
            name: path.display().to_string(),
            place: Place::Path(path),
        }
    }

    /// A name in words, of what has neither path nor address.
    #[must_use]
    pub fn of_words(words: &str) -> Self {
        Self {
            name: words.to_owned(),
            ..Self::of_parts("words", "", "")
        }
    }

    fn of_stream() -> Self {
        Self {
            name: "-".to_owned(),
            ..Self::of_parts("stream", "", "")
        }
    }

    fn of_parts(scheme: &str, authority: &str, path: &str) -> Self {
        Self {
            name: format!("{scheme}://{authority}{path}"),
            place: Place::Address(Address {
                scheme: scheme.to_owned(),
                credentials: None,
                authority: authority.to_owned(),
                path: path.to_owned(),
                query: None,
            }),
        }
    }

    fn of_address(scheme: &str, rest: &str) -> Result<Self> {
        if scheme == "file" {
            let path = rest
                .strip_prefix("localhost/")
                .map_or(rest.to_owned(), |p| format!("/{p}"));
            return Ok(Self::of_path(decoded(&path)?));
        }
        if scheme == "stream" {
            return Ok(Self::of_stream());
        }
        let rest = rest.split_once('#').map_or(rest, |(rest, _)| rest);
        let (rest, query) = match rest.split_once('?') {
            Some((rest, query)) => (rest, Some(query.to_owned())),
            None => (rest, None),
        };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (credentials, authority) = match authority.rsplit_once('@') {
            Some((secrets, authority)) => {
                let (user, password) = secrets.split_once(':').unwrap_or((secrets, ""));
                (Some((decoded(user)?, decoded(password)?)), authority)
            }
            None => (None, authority),
        };
        // Whatever a header or a request line could be broken with.
        let is_bad = |c: char| c.is_control() || c == ' ';
        if authority.contains(is_bad) || path.contains(is_bad) {
            return Err(Error::invalid(
                "an address with blanks or control characters",
            ));
        }
        let mut url = Self::of_parts(scheme, authority, path);
        if query.is_some() {
            url.name.push_str("?…");
        }
        if let Place::Address(address) = &mut url.place {
            address.credentials = credentials;
            address.query = query;
        }
        Ok(url)
    }

    /// The scheme: `file` for a path.
    #[must_use]
    pub fn scheme(&self) -> &str {
        match &self.place {
            Place::Path(_) => "file",
            Place::Address(address) => &address.scheme,
        }
    }

    /// The path, where it is a file of this machine.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &self.place {
            Place::Path(path) => Some(path),
            Place::Address(_) => None,
        }
    }

    /// Host and port, or what stands in their place: the name of a bucket.
    #[must_use]
    pub fn authority(&self) -> &str {
        match &self.place {
            Place::Path(_) => "",
            Place::Address(address) => &address.authority,
        }
    }

    /// What follows the authority, without the query, as it was given: percent-encoded.
    #[must_use]
    pub fn remote_path(&self) -> &str {
        match &self.place {
            Place::Path(_) => "",
            Place::Address(address) => &address.path,
        }
    }

    /// User and password, decoded. They are secrets.
    #[must_use]
    pub fn credentials(&self) -> Option<(&str, &str)> {
        match &self.place {
            Place::Path(_) => None,
            Place::Address(address) => {
                let (user, password) = address.credentials.as_ref()?;
                Some((user, password))
            }
        }
    }

    /// The address to ask for, with its query and without user and password. The query may hold secrets.
    #[must_use]
    pub fn request_text(&self) -> String {
        match &self.place {
            Place::Path(path) => path.display().to_string(),
            Place::Address(address) => {
                let query = address
                    .query
                    .as_ref()
                    .map_or(String::new(), |query| format!("?{query}"));
                format!(
                    "{}://{}{}{query}",
                    address.scheme, address.authority, address.path
                )
            }
        }
    }

    /// What lies in the folder that this names, by its name: percent-encoded in an address.
    #[must_use]
    pub fn child(&self, name: &str) -> Self {
        let mut child = match &self.place {
            Place::Path(path) => return Self::of_path(path.join(name)),
            Place::Address(_) => self.clone(),
        };
        if let Place::Address(address) = &mut child.place {
            if !address.path.ends_with('/') {
                address.path.push('/');
            }
            address.path.push_str(name);
            let query = if address.query.is_some() { "?…" } else { "" };
            child.name = format!(
                "{}://{}{}{query}",
                address.scheme, address.authority, address.path
            );
        }
        child
    }

    /// Whether the path ends in an extension, in letters of either case.
    #[must_use]
    pub fn has_extension(&self, extension: &str) -> bool {
        let path = match &self.place {
            Place::Path(path) => path.as_os_str().as_encoded_bytes(),
            Place::Address(address) if address.path.is_empty() => address.authority.as_bytes(),
            Place::Address(address) => address.path.as_bytes(),
        };
        let end = extension.as_bytes();
        path.len() > end.len()
            && path[path.len() - end.len()..].eq_ignore_ascii_case(end)
            && path[path.len() - end.len() - 1] == b'.'
    }
}

/// Letters, digits, `+`, `-` and `.`, a letter first.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

/// Text without its percent signs.
///
/// # Errors
/// `InvalidArgument` where one is not followed by two digits, or what comes out is no UTF-8.
pub(super) fn decoded(text: &str) -> Result<String> {
    let bad = || Error::invalid("an address with a percent sign that stands for no byte");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let (high, low) = (digit(rest.next()), digit(rest.next()));
        bytes.push((high.ok_or_else(bad)? * 16 + low.ok_or_else(bad)?) as u8);
    }
    String::from_utf8(bytes).map_err(|_| bad())
}

/// A name as it stands in an address: bytes that mean something there, or that no address holds, as percent signs.
#[cfg(any(feature = "cli", feature = "cloud", test))]
pub(crate) fn encoded(name: impl AsRef<[u8]>) -> String {
    let bytes = name.as_ref().iter().copied();
    bytes
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.name, f)
    }
}

impl AsRef<std::ffi::OsStr> for Url {
    fn as_ref(&self) -> &std::ffi::OsStr {
        self.name.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_shows_a_secret() {
        for text in [
            "http://user:secret@host/a",
            "ftp://secret@host/a",
            "https://host/a?X-Signature=secret",
            "s3://k:se%63ret@bucket/a#secret",
            "http://a@secret:b@host/",
        ] {
            let url = Url::parse(text).unwrap();
            let error = Error::corrupt("x").in_file(&url);
            for shown in [
                url.to_string(),
                format!("{url:?}"),
                error.to_string(),
                format!("{error:?}"),
            ] {
                assert!(!shown.contains("secret"), "{shown}");
            }
        }
    }

    #[test]
    fn addresses_come_apart() {
        let url = Url::parse("HTTP://a%3Ab:c%2Fd@[::1]:80/x%20y.GZ?q=1#f").unwrap();
        assert_eq!(url.scheme(), "http");
        assert_eq!(url.credentials(), Some(("a:b", "c/d")));
        assert_eq!(
            (url.authority(), url.remote_path()),
            ("[::1]:80", "/x%20y.GZ")
        );
        assert_eq!(url.request_text(), "http://[::1]:80/x%20y.GZ?q=1");
        assert!(url.has_extension("gz") && !url.has_extension("z"));
        let named = Url::parse("mem://x.gz").unwrap();
        assert!(named.has_extension("GZ"), "a name alone has one, too");
        assert!(!Url::parse("gz").unwrap().has_extension("gz"));
        for bad in [
            "http://a%4@h/",
            "http://a%zz@h/",
            "ftp://%ff@h/",
            "http://h/a b",
            "http://h\r\nX: y/",
        ] {
            let error = Url::parse(bad).unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::InvalidArgument, "{bad}");
        }
    }

    #[test]
    fn names_that_are_encoded_come_back() {
        let all: String = ('\0'..='\u{2ff}').collect();
        assert_eq!(decoded(&encoded(&all)).unwrap(), all);
        let folder = Url::parse("s3://key:secret@bucket/folder/").unwrap();
        let file = folder.child(&encoded("a b#1?.pv"));
        assert_eq!(file.remote_path(), "/folder/a%20b%231%3F.pv");
        assert_eq!(file.credentials(), folder.credentials());
        assert_eq!(file.to_string(), "s3://bucket/folder/a%20b%231%3F.pv");
    }

    #[test]
    fn what_has_no_scheme_is_a_path() {
        for text in [
            "a.pv", "/x/a://b", "://x", "1a://x", "a b://c", "C:\\x", "http:/x",
        ] {
            assert_eq!(
                Url::parse(text).unwrap().path(),
                Some(Path::new(text)),
                "{text}"
            );
        }
        for (text, path) in [
            ("file:///a%20b", "/a b"),
            ("file://localhost/a", "/a"),
            ("FILE://a/b", "a/b"),
        ] {
            assert_eq!(Url::parse(text).unwrap().path(), Some(Path::new(path)));
        }
        for text in ["-", "stream://"] {
            let url = Url::parse(text).unwrap();
            assert_eq!((url.scheme(), url.to_string().as_str()), ("stream", "-"));
        }
        assert_eq!(Url::of_words("some bytes").to_string(), "some bytes");
    }
}
