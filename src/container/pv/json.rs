//! JSON documents that are read, edited and written back without losing a character of what was not edited.
//!
//! A general parser would not do: pyvista-zstd writes bare `NaN` and `Infinity` tokens, mixes `\u00e9` with raw UTF-8
//! in one document, and can hold lone surrogates; and members that this library has never heard of must come back as
//! they were. So numbers and strings keep their text, objects keep their order and their duplicates, and only white
//! space is made uniform. Recursion and the number of values are bounded: input is hostile.

use crate::error::{Error, Result};
use std::fmt::Write;
use std::sync::Arc;

/// Deep enough for any document of a writer (four levels), shallow enough for any stack.
const MAX_DEPTH: usize = 64;
/// A value takes up to 40 bytes of memory and as little as 2 of the document: 2^22 of them are 160 MiB at worst.
const MAX_VALUES: usize = 1 << 22;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number or one of `NaN`, `Infinity`, `-Infinity`, as spelled.
    Number(Box<str>),
    /// A string.
    String(Text),
    /// An array.
    Array(Vec<Json>),
    /// An object.
    Object(Object),
}

/// A JSON string as it stands between its quotes, escapes included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(Arc<str>);

/// A JSON object: members in their order, equal names kept. A clone shares them until one of the two is edited, so that
/// editing one of thousands of arrays does not copy what the document says of the others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object {
    members: Arc<Vec<(Text, Json)>>,
}

impl Json {
    /// Parses a whole document.
    ///
    /// # Errors
    /// `Corrupt` where the text is not JSON (tokens of the module comment excepted); `LimitExceeded` where it nests
    /// deeper than 64 levels or holds more than 2^22 values.
    pub fn parse(document: &[u8]) -> Result<Self> {
        let text = std::str::from_utf8(document).map_err(|e| {
            Error::corrupt("a JSON document is not UTF-8").at(e.valid_up_to() as u64)
        })?;
        let mut parser = Parser {
            text,
            position: 0,
            n_values: 0,
            recent: [const { None }; N_RECENT],
        };
        let value = parser.value(0)?;
        parser.skip_space();
        match parser.peek() {
            None => Ok(value),
            Some(_) => Err(parser.corrupt("text behind the end of a JSON document")),
        }
    }

    /// A number.
    pub(crate) fn number(n: u64) -> Self {
        Self::Number(n.to_string().into())
    }

    /// A float, spelled so that it reads back as the same one.
    pub(crate) fn float(x: f64) -> Self {
        let text = match x {
            x if x.is_nan() => "NaN".to_owned(),
            f64::INFINITY => "Infinity".to_owned(),
            f64::NEG_INFINITY => "-Infinity".to_owned(),
            x => format!("{x:?}"),
        };
        Self::Number(text.into())
    }

    /// A string, escaped to ASCII.
    pub(crate) fn string(text: &str) -> Self {
        Self::String(Text::escaped(text))
    }

    /// The value as an unsigned integer, where it is one.
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Number(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// The value as an integer, where it is one.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Number(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// The value as a float, where it is a number or one of the three tokens.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Number(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// The value as a string, where it is one.
    pub fn as_text(&self) -> Option<String> {
        match self {
            Self::String(text) => Some(text.decode()),
            _ => None,
        }
    }

    /// The elements of an array; none for anything else.
    pub fn elements(&self) -> &[Json] {
        match self {
            Self::Array(elements) => elements,
            _ => &[],
        }
    }

    /// The object, where the value is one.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(text) => out.push_str(text),
            Self::String(text) => text.write(out),
            Self::Array(elements) => {
                out.push('[');
                for (i, element) in elements.iter().enumerate() {
                    out.push_str(if i == 0 { "" } else { "," });
                    element.write(out);
                }
                out.push(']');
            }
            Self::Object(object) => object.write(out),
        }
    }
}

impl std::fmt::Display for Json {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut document = String::new();
        self.write(&mut document);
        f.write_str(&document)
    }
}

impl Text {
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

    fn is(&self, name: &str) -> bool {
        if self.0.contains('\\') {
            self.decode() == name
        } else {
            *self.0 == *name
        }
    }

    fn write(&self, out: &mut String) {
        out.push('"');
        out.push_str(&self.0);
        out.push('"');
    }
}

impl Object {
    fn of(members: Vec<(Text, Json)>) -> Self {
        Self {
            members: Arc::new(members),
        }
    }

    /// The first member of this name.
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.members
            .iter()
            .find(|(text, _)| text.is(name))
            .map(|(_, value)| value)
    }

    /// The first member of this name, to be edited.
    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut Json> {
        Arc::make_mut(&mut self.members)
            .iter_mut()
            .find(|(text, _)| text.is(name))
            .map(|(_, value)| value)
    }

    /// Names and values in their order.
    pub fn members(&self) -> impl Iterator<Item = (String, &Json)> {
        self.members
            .iter()
            .map(|(name, value)| (name.decode(), value))
    }

    /// The values, to be edited.
    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut Json> {
        Arc::make_mut(&mut self.members)
            .iter_mut()
            .map(|(_, value)| value)
    }

    /// Replaces the member of this name in its place, or adds it last.
    pub(crate) fn set(&mut self, name: &str, value: Json) {
        match self.get_mut(name) {
            Some(old) => *old = value,
            None => Arc::make_mut(&mut self.members).push((Text::escaped(name), value)),
        }
    }

    /// Adds a member last, without a look at the names already there.
    pub(crate) fn push(&mut self, name: &str, value: Json) {
        Arc::make_mut(&mut self.members).push((Text::escaped(name), value));
    }

    /// The document as a file holds it: without white space, as every writer spells it.
    pub(crate) fn to_document(&self) -> String {
        let mut document = String::new();
        self.write(&mut document);
        document
    }

    fn write(&self, out: &mut String) {
        out.push('{');
        for (i, (name, value)) in self.members.iter().enumerate() {
            out.push_str(if i == 0 { "" } else { "," });
            name.write(out);
            out.push(':');
            value.write(out);
        }
        out.push('}');
    }

    /// Removes every member of this name.
    pub(crate) fn remove(&mut self, name: &str) {
        Arc::make_mut(&mut self.members).retain(|(text, _)| !text.is(name));
    }
}

struct Parser<'a> {
    text: &'a str,
    position: usize,
    n_values: usize,
    /// Strings met before, by a few bits of what they are: documents say `shape`, `dtype` and `float64` of each array.
    recent: [Option<Text>; N_RECENT],
}

/// As many as a document's own words need to be apart, mostly.
const N_RECENT: usize = 32;

impl<'a> Parser<'a> {
    fn corrupt(&self, what: &'static str) -> Error {
        Error::corrupt(what).at(self.position as u64)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.position).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.position += 1;
        }
    }

    fn expect(&mut self, token: &'static str, what: &'static str) -> Result<()> {
        if !self.text[self.position..].starts_with(token) {
            return Err(self.corrupt(what));
        }
        self.position += token.len();
        Ok(())
    }

    fn value(&mut self, depth: usize) -> Result<Json> {
        self.n_values += 1;
        for (what, limit, asked) in [
            ("levels of a JSON document", MAX_DEPTH, depth),
            ("values of a JSON document", MAX_VALUES, self.n_values),
        ] {
            if asked > limit {
                return Err(Error::limit(what, limit as u64, asked as u64));
            }
        }
        self.skip_space();
        const WHAT: &str = "expected a JSON value";
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => Ok(Json::String(self.string()?)),
            Some(b'n') => self.expect("null", WHAT).map(|()| Json::Null),
            Some(b't') => self.expect("true", WHAT).map(|()| Json::Bool(true)),
            Some(b'f') => self.expect("false", WHAT).map(|()| Json::Bool(false)),
            Some(b'N' | b'I' | b'-' | b'0'..=b'9') => self.number(),
            _ => Err(self.corrupt(WHAT)),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json> {
        self.position += 1;
        let mut members = Vec::new();
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.position += 1;
            return Ok(Json::Object(Object::of(members)));
        }
        loop {
            self.skip_space();
            let name = self.string()?;
            self.skip_space();
            self.expect(":", "expected a colon in a JSON object")?;
            members.push((name, self.value(depth + 1)?));
            if self.ends(b'}', "expected a comma or a brace in a JSON object")? {
                return Ok(Json::Object(Object::of(members)));
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Json> {
        self.position += 1;
        let mut elements = Vec::new();
        self.skip_space();
        if self.peek() == Some(b']') {
            self.position += 1;
            return Ok(Json::Array(elements));
        }
        loop {
            elements.push(self.value(depth + 1)?);
            if self.ends(b']', "expected a comma or a bracket in a JSON array")? {
                return Ok(Json::Array(elements));
            }
        }
    }

    /// Takes a comma (false) or the closing byte (true).
    fn ends(&mut self, closing: u8, what: &'static str) -> Result<bool> {
        self.skip_space();
        let is_end = match self.peek() {
            Some(b',') => false,
            Some(byte) if byte == closing => true,
            _ => return Err(self.corrupt(what)),
        };
        self.position += 1;
        Ok(is_end)
    }

    fn string(&mut self) -> Result<Text> {
        self.expect("\"", "expected a JSON string")?;
        let start = self.position;
        loop {
            match self.peek() {
                None => return Err(self.corrupt("a JSON string has no end")),
                Some(b'"') => break,
                Some(b'\\') => self.escape()?,
                Some(0..=0x1F) => return Err(self.corrupt("a control character in a JSON string")),
                Some(_) => self.position += 1,
            }
        }
        let text = self.shared(&self.text[start..self.position]);
        self.position += 1;
        Ok(text)
    }

    fn shared(&mut self, text: &str) -> Text {
        let first = text.bytes().next().unwrap_or(0);
        let recent = &mut self.recent[(text.len() * 7 + usize::from(first)) % N_RECENT];
        match recent {
            Some(known) if *known.0 == *text => known.clone(),
            _ => recent.insert(Text(text.into())).clone(),
        }
    }

    fn escape(&mut self) -> Result<()> {
        let bytes = &self.text.as_bytes()[self.position..];
        let len_bytes = match bytes.get(1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
            Some(b'u') if bytes.len() >= 6 && bytes[2..6].iter().all(u8::is_ascii_hexdigit) => 6,
            _ => return Err(self.corrupt("a bad escape in a JSON string")),
        };
        self.position += len_bytes;
        Ok(())
    }

    fn number(&mut self) -> Result<Json> {
        let rest = &self.text[self.position..];
        for token in ["NaN", "Infinity", "-Infinity"] {
            if rest.starts_with(token) {
                self.position += token.len();
                return Ok(Json::Number(token.into()));
            }
        }
        let end = rest
            .find(|c| !matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E'))
            .unwrap_or(rest.len());
        if rest[..end].parse::<f64>().is_err() {
            return Err(self.corrupt("expected a JSON number"));
        }
        self.position += end;
        Ok(Json::Number(rest[..end].into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_edited_comes_back_as_spelled() {
        let text = r#"{"a":[1e+16,NaN,-Infinity,0.10],"\u00e9":"\ud800 ü","a":null,"z":{}}"#;
        let json = Json::parse(text.as_bytes()).unwrap();
        assert_eq!(json.to_string(), text);
        let object = json.as_object().unwrap();
        assert_eq!(object.get("é").unwrap().as_text().unwrap(), "\u{fffd} ü");
        assert!(
            object.get("a").unwrap().elements()[1]
                .as_f64()
                .unwrap()
                .is_nan()
        );
    }

    #[test]
    fn every_truncation_of_a_document_is_an_error() {
        let text = r#"{"a":[1,"\u00e9\n",true,null],"b":{"c":-1.5}}"#;
        assert!(Json::parse(text.as_bytes()).is_ok());
        for end in 0..text.len() {
            assert!(
                Json::parse(&text.as_bytes()[..end]).is_err(),
                "{}",
                &text[..end]
            );
        }
    }

    #[test]
    fn depth_is_bounded() {
        let text = "[".repeat(100_000);
        assert!(matches!(Json::parse(text.as_bytes()), Err(e) if e.to_string().contains("levels")));
    }

    #[test]
    fn a_name_survives_both_spellings() {
        for name in ["a\"b\\c\nd", "日本", "🙂", "\u{1}", "\u{7f}"] {
            for text in [Text::escaped(name), Text::raw_utf8(name)] {
                let mut document = String::new();
                text.write(&mut document);
                assert_eq!(
                    Json::parse(document.as_bytes()).unwrap().as_text().unwrap(),
                    name
                );
            }
        }
    }
}
