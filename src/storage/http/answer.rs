//! What the head of an answer to a request for a range means.

use std::ops::Range;

/// What a server tells of a version of a file. Equal ones are the same bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pin {
    /// Bytes in all.
    pub(crate) len: u64,
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
}

impl Pin {
    /// Whether an answer may be of another version. The tag decides where both have one, the time where both have that; what
    /// only one of the two has says nothing.
    fn differs(&self, head: &Head<'_>) -> bool {
        let pinned = (self.etag.as_deref(), self.last_modified.as_deref());
        match (pinned, (head.etag, head.last_modified)) {
            ((Some(pinned), _), (Some(now), _)) => pinned != now,
            ((_, Some(pinned)), (_, Some(now))) => pinned != now,
            _ => false,
        }
    }

    /// The header that holds a request against this version, and its value: a tag that tells versions apart byte by byte, or
    /// the time where there is no tag at all. An answer need not repeat the time.
    pub(crate) fn condition(&self) -> Option<(&'static str, &str)> {
        match (self.etag.as_deref(), self.last_modified.as_deref()) {
            (Some(tag), _) => tag.starts_with('"').then_some(("If-Range", tag)),
            (None, Some(time)) => Some(("If-Unmodified-Since", time)),
            (None, None) => None,
        }
    }
}

/// What of the head of an answer matters to ranges.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Head<'a> {
    pub(crate) status: u16,
    pub(crate) content_range: Option<&'a str>,
    pub(crate) content_length: Option<u64>,
    pub(crate) content_encoding: Option<&'a str>,
    pub(crate) etag: Option<&'a str>,
    pub(crate) last_modified: Option<&'a str>,
}

/// What an answer means to whoever asked for a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The body is these bytes of this version.
    Part(Range<u64>, Pin),
    /// The body is the whole file: the server serves no ranges, or the file is another by now.
    Whole,
    /// The file has no bytes.
    Empty,
    /// The file is another than the one that was pinned.
    Changed,
    /// There is no such file.
    Missing,
    /// It may go well the next time.
    Passing,
    /// It will not.
    Refused(&'static str),
}

impl Head<'_> {
    /// What it means to whoever asked for `asked`, of the version `pin` if one was seen before. The first range that is asked
    /// for may reach behind the end of the file.
    pub(crate) fn meaning(&self, asked: &Range<u64>, pin: Option<&Pin>) -> Meaning {
        if pin.is_some_and(|pin| (200..300).contains(&self.status) && pin.differs(self)) {
            return Meaning::Changed;
        }
        match self.status {
            200 | 206 if self.is_encoded() => {
                Meaning::Refused("it encodes what should be sent as it is")
            }
            206 => self.part(asked, pin),
            200 => Meaning::Whole,
            412 if pin.is_some() => Meaning::Changed,
            416 if pin.is_some() => Meaning::Changed,
            416 if self.content_range.and_then(unsatisfied) == Some(0) => Meaning::Empty,
            404 | 410 => Meaning::Missing,
            408 | 425 | 429 | 500 | 502 | 503 | 504 => Meaning::Passing,
            401 => Meaning::Refused("it asks for credentials"),
            403 => Meaning::Refused("it does not allow this"),
            _ => Meaning::Refused("no answer to a request for bytes"),
        }
    }

    fn is_encoded(&self) -> bool {
        self.content_encoding.is_some_and(|encoding| {
            !matches!(
                encoding.trim().to_ascii_lowercase().as_str(),
                "" | "identity"
            )
        })
    }

    fn part(&self, asked: &Range<u64>, pin: Option<&Pin>) -> Meaning {
        let Some((range, len)) = self.content_range.and_then(content_range) else {
            return Meaning::Refused("a part without a range that makes sense");
        };
        // A server that does not know the length may still serve parts of a file whose length is known.
        let len = match (len, pin) {
            (Some(len), Some(pin)) if len != pin.len => return Meaning::Changed,
            (Some(len), _) => len,
            (None, Some(pin)) => pin.len,
            (None, None) => return Meaning::Refused("a part of a file of unknown length"),
        };
        let n_bytes = range.end - range.start;
        let is_asked = range.start == asked.start && range.end == asked.end.min(len);
        if !is_asked || self.content_length.is_some_and(|n| n != n_bytes) {
            return Meaning::Refused("other bytes than those that were asked for");
        }
        let pin = Pin {
            len,
            etag: self.etag.map(str::to_owned),
            last_modified: self.last_modified.map(str::to_owned),
        };
        Meaning::Part(range, pin)
    }
}

/// `bytes 0-9/100`, or `bytes 0-9/*` where the length is not known.
fn content_range(text: &str) -> Option<(Range<u64>, Option<u64>)> {
    let (range, len) = unit(text)?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last) = (number(first)?, number(last)?);
    let len = match len.trim() {
        "*" => None,
        len => Some(number(len)?),
    };
    let is_sound = first <= last && last < len.unwrap_or(u64::MAX);
    is_sound.then(|| (first..last + 1, len))
}

/// `bytes */100`: the length of a file that does not have the bytes that were asked for.
fn unsatisfied(text: &str) -> Option<u64> {
    number(unit(text)?.strip_prefix("*/")?)
}

fn unit(text: &str) -> Option<&str> {
    let (unit, rest) = text.trim().split_once(' ')?;
    unit.eq_ignore_ascii_case("bytes").then_some(rest.trim())
}

/// Digits alone: `parse` would take a sign.
fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pin() -> Pin {
        Pin {
            len: 100,
            etag: Some("\"a\"".to_owned()),
            last_modified: Some("Mon".to_owned()),
        }
    }

    fn part(content_range: &'static str) -> Head<'static> {
        Head {
            status: 206,
            content_range: Some(content_range),
            etag: Some("\"a\""),
            last_modified: Some("Mon"),
            ..Head::default()
        }
    }

    #[test]
    fn the_range_must_be_the_one_that_was_asked_for() {
        let asked = 10..20;
        for text in ["bytes 10-19/100", "BYTES 10-19/100", " bytes  10-19/100 "] {
            let meaning = part(text).meaning(&asked, Some(&pin()));
            assert_eq!(meaning, Meaning::Part(10..20, pin()), "{text}");
        }
        for text in [
            "bytes 0-9/100",
            "bytes 10-18/100",
            "bytes 10-20/100",
            "bytes 19-10/100",
            "bytes 10-19",
            "10-19/100",
            "items 10-19/100",
            "bytes -10-19/100",
            "bytes +10-19/100",
            "bytes 10-19/x",
            "bytes 10-99999999999999999999/100",
            "",
            "bytes */100",
            "bytes 10-18446744073709551615/*",
        ] {
            let meaning = part(text).meaning(&asked, Some(&pin()));
            assert!(
                matches!(meaning, Meaning::Refused(_)),
                "{text}: {meaning:?}"
            );
        }
        let mut wrong = part("bytes 10-19/100");
        wrong.content_length = Some(9);
        assert!(matches!(wrong.meaning(&asked, None), Meaning::Refused(_)));
        assert_eq!(
            part("bytes 0-99/100").meaning(&(0..4096), None),
            Meaning::Part(0..100, pin())
        );
        assert_eq!(
            part("bytes 10-19/*").meaning(&asked, Some(&pin())),
            Meaning::Part(10..20, pin())
        );
        assert!(matches!(
            part("bytes 10-19/*").meaning(&asked, None),
            Meaning::Refused(_)
        ));
    }

    #[test]
    fn another_version_is_a_change() {
        let asked = 10..20;
        assert_eq!(
            part("bytes 10-19/101").meaning(&asked, Some(&pin())),
            Meaning::Changed
        );
        let mut other = part("bytes 10-19/100");
        other.etag = Some("\"b\"");
        assert_eq!(other.meaning(&asked, Some(&pin())), Meaning::Changed);
        other.etag = None;
        assert!(matches!(
            other.meaning(&asked, Some(&pin())),
            Meaning::Part(..)
        ));
        let dated = Pin {
            etag: None,
            ..pin()
        };
        other.last_modified = Some("Tue");
        assert_eq!(other.meaning(&asked, Some(&dated)), Meaning::Changed);
        // It counts as well where the tag is not sent again.
        assert_eq!(other.meaning(&asked, Some(&pin())), Meaning::Changed);
        assert_eq!(dated.condition(), Some(("If-Unmodified-Since", "Mon")));
        assert_eq!(pin().condition(), Some(("If-Range", "\"a\"")));
        let weak = Pin {
            etag: Some("W/\"a\"".to_owned()),
            ..pin()
        };
        assert_eq!(weak.condition(), None);
        // The tag decides where there is one.
        other.etag = Some("\"a\"");
        assert!(matches!(
            other.meaning(&asked, Some(&pin())),
            Meaning::Part(..)
        ));
        for status in [412, 416] {
            let head = Head {
                status,
                ..Head::default()
            };
            assert_eq!(head.meaning(&asked, Some(&pin())), Meaning::Changed);
        }
    }

    #[test]
    fn statuses_mean_what_they_say() {
        let head = |status| Head {
            status,
            content_range: Some("bytes */0"),
            ..Head::default()
        };
        for (status, meaning) in [
            (200, Meaning::Whole),
            (416, Meaning::Empty),
            (404, Meaning::Missing),
            (503, Meaning::Passing),
        ] {
            assert_eq!(head(status).meaning(&(0..10), None), meaning);
        }
        let mut not_empty = head(416);
        not_empty.content_range = Some("bytes */100");
        assert!(matches!(
            not_empty.meaning(&(0..10), None),
            Meaning::Refused(_)
        ));
        for (status, words) in [(401, "credentials"), (403, "not allow")] {
            let meaning = head(status).meaning(&(0..10), None);
            assert!(
                matches!(meaning, Meaning::Refused(why) if why.contains(words)),
                "{status}: {meaning:?}"
            );
        }
        for status in [100, 204, 300, 304, 400, 412, 501] {
            assert!(
                matches!(head(status).meaning(&(0..10), None), Meaning::Refused(_)),
                "{status}"
            );
        }
        let mut encoded = part("bytes 10-19/100");
        encoded.content_encoding = Some("gzip");
        assert!(matches!(
            encoded.meaning(&(10..20), None),
            Meaning::Refused(_)
        ));
        encoded.content_encoding = Some("Identity");
        assert!(matches!(
            encoded.meaning(&(10..20), None),
            Meaning::Part(..)
        ));
    }
}
