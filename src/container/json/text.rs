//! A string of JSON, whose spelling is kept.

use std::fmt::Write;
use std::sync::Arc;

/// A JSON string as it stands between its quotes, escapes included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(Arc<str>);

impl Text {
    /// What stands between the quotes of a string, which is known to be well formed.
    pub(super) fn as_spelled(text: &str) -> Self {
        Self(text.into())
    }

    /// Whether it is spelled so.
    pub(super) fn is_spelled(&self, text: &str) -> bool {
        *self.0 == *text
    }

    /// Escapes everything but printable ASCII, as Python's `json.dumps` does: readable by every release.
    pub fn escaped(text: &str) -> Self {
        Self::escape(text, true)
    }

    /// Escapes only what must be, as the 0.7.0 core does in the document at the end of a file.
    pub(crate) fn raw_utf8(text: &str) -> Self {
        Self::escape(text, false)
    }

    fn escape(text: &str, ascii: bool) -> Self {
        let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
        if text.bytes().all(is_plain) {
            return Self(text.into());
        }
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                '\u{8}' => out.push_str("\\b"),
                '\u{c}' => out.push_str("\\f"),
                c if c < ' ' || (ascii && c > '~') => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        write!(out, "\\u{unit:04x}").expect("writing to a string does not fail");
                    }
                }
                c => out.push(c),
            }
        }
        Self(out.into())
    }

    /// The text with its escapes resolved; a lone surrogate, which UTF-8 cannot hold, becomes U+FFFD.
    #[expect(
        clippy::missing_panics_doc,
        reason = "a backslash is never last: the parser saw to it"
    )]
    pub fn decode(&self) -> String {
        if !self.0.contains('\\') {
            return self.0.to_string();
        }
        let mut units: Vec<u16> = Vec::with_capacity(self.0.len());
        let mut chars = self.0.chars();
        while let Some(c) = chars.next() {
            let c = match c {
                '\\' => match chars.next().expect("the parser saw what is escaped") {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    'u' => {
                        let digits = (0..4).filter_map(|_| chars.next()?.to_digit(16));
                        units.push(digits.fold(0, |unit, digit| (unit << 4) | digit as u16));
                        continue;
                    }
                    other => other,
                },
                c => c,
            };
            units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
        }
        String::from_utf16_lossy(&units)
    }

    /// Whether it is this text, whatever its spelling. What is spelled as it reads is most of what there is.
    pub(crate) fn is(&self, name: &str) -> bool {
        *self.0 == *name && !name.contains('\\') || self.0.contains('\\') && self.decode() == name
    }

    pub(super) fn write(&self, out: &mut String) {
        out.push('"');
        out.push_str(&self.0);
        out.push('"');
    }
}
