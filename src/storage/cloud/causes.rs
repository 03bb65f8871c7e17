//! Why a request failed, in the words of the library beneath and of those beneath that: the whole chain of causes.
//!
//! Of addresses hosts alone are shown, since they may be signed, and of documents that a service answers its code and its
//! message. What a cause repeats of the one behind it is left out.

use std::error::Error as StdError;

/// The most characters of one cause: a service may answer anything.
const MAX_CHARACTERS: usize = 300;

/// The causes of an error, each behind a colon; nothing where it has none.
pub(super) fn of(error: &dyn StdError) -> String {
    let mut words = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        words.push(shown(&cause.to_string()));
        next = cause.source();
    }
    let mut causes = String::new();
    let mut last = "";
    for (i, cause) in words.iter().enumerate() {
        let behind = words.get(i + 1).map_or("", String::as_str);
        let own = cause.strip_suffix(behind).unwrap_or(cause);
        let own = own.trim_end_matches([' ', ':', '-', ',']);
        if !own.is_empty() && own != last {
            causes += ": ";
            causes += own;
            last = own;
        }
    }
    causes
}

/// The code and the message of a document that a service answers, behind a colon each.
pub(super) fn answered(text: &str) -> String {
    let part = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        let (part, _) = rest.split_once(&format!("</{name}>"))?;
        // Azure's go on with the number of the request and the time.
        part.trim().lines().next().filter(|part| !part.is_empty())
    };
    let parts = [part("Code"), part("Message")].into_iter().flatten();
    parts.map(|part| format!(": {part}")).collect()
}

/// What is shown of the words of one cause.
fn shown(text: &str) -> String {
    let (words, document) = text.split_at(text.find(['<', '{']).unwrap_or(text.len()));
    let words = words.trim_end_matches([' ', ':', '\u{feff}', '\n', '\r']);
    let words = format!("{}{}", by_hosts(words), answered(document));
    words.chars().take(MAX_CHARACTERS).collect()
}

/// Addresses without all that is behind their hosts, and without what stands before them.
fn by_hosts(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("://") {
        let is_end = |c: char| c.is_whitespace() || "\"'<>()".contains(c);
        let (address, after) = behind.split_at(behind.find(is_end).unwrap_or(behind.len()));
        let host = address.split(['/', '?', '#']).next().unwrap_or_default();
        let host = host.rsplit('@').next().unwrap_or_default();
        shown.extend([before, "://", host]);
        rest = after;
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    use std::fmt;

    use super::*;

    #[derive(Debug)]
    struct Chain(Vec<&'static str>);

    impl fmt::Display for Chain {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0[0])
        }
    }

    impl StdError for Chain {
        fn source(&self) -> Option<&(dyn StdError + 'static)> {
            // A cause is leaked: there are a few in a test.
            let rest = self.0.get(1..).filter(|rest| !rest.is_empty())?;
            Some(Box::leak(Box::new(Self(rest.to_vec()))))
        }
    }

    fn of_chain(causes: &[&'static str]) -> String {
        of(&Chain([&["top"], causes].concat()))
    }

    #[test]
    fn each_cause_says_what_the_next_does_not() {
        assert_eq!(of_chain(&[]), "");
        assert_eq!(
            of_chain(&[
                "Error performing GET http://h:9/bucket/key?sig=secret in 1ms - HTTP error: sending",
                "HTTP error: sending",
                "HTTP error: sending",
                "sending",
                "tcp connect error",
                "Connection refused (os error 111)",
            ]),
            ": Error performing GET http://h:9 in 1ms: HTTP error: sending: tcp connect error: \
             Connection refused (os error 111)"
        );
    }

    #[test]
    fn secrets_of_addresses_and_documents_stay_where_they_are() {
        assert_eq!(
            of_chain(&["at (https://me:secret@h/secret) and s3://secret2@b?secret"]),
            ": at (https://h) and s3://b"
        );
        let denied = "403 Forbidden: \u{feff}<?xml version=\"1.0\"?>\n<Error><Code>AccessDenied</Code>\
                      <Message>Not you.\nTime: now</Message><Signature>secret</Signature></Error>";
        assert_eq!(
            of_chain(&[denied]),
            ": 403 Forbidden: AccessDenied: Not you."
        );
        assert_eq!(of_chain(&["500: {\"secret\": 1}"]), ": 500");
        assert_eq!(of_chain(&["x"]).len(), 3);
        let long: &'static str = Box::leak("x".repeat(9_999).into_boxed_str());
        assert_eq!(of_chain(&[long]).len(), 2 + MAX_CHARACTERS);
    }
}
