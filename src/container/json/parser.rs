//! Parsing JSON of any origin: depth and the number of values are bounded.

use super::{Json, Object, Text};
use crate::error::{Error, Result};

/// Deep enough for any document of a writer (four levels), shallow enough for any stack.
const MAX_DEPTH: usize = 64;
/// A value takes up to 40 bytes of memory and as little as 2 of the document: 2^22 of them are 160 MiB at worst.
const MAX_VALUES: usize = 1 << 22;

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
        let mut parser = Parser::new(text);
        let value = parser.value(0)?;
        parser.skip_space();
        match parser.peek() {
            None => Ok(value),
            Some(_) => Err(parser.corrupt("text behind the end of a JSON document")),
        }
    }

    /// Parses the start of a document whose end is lost: members of objects that are whole come, the first that is not
    /// ends all objects around it.
    ///
    /// # Errors
    /// Those of [`parse`](Self::parse), where not even an object begins.
    pub(crate) fn parse_start(document: &[u8]) -> Result<Self> {
        let text = match std::str::from_utf8(document) {
            Ok(text) => text,
            Err(error) => {
                std::str::from_utf8(&document[..error.valid_up_to()]).expect("valid up to here")
            }
        };
        let mut parser = Parser::new(text);
        parser.may_be_cut = true;
        parser.value(0)
    }
}

struct Parser<'a> {
    text: &'a str,
    position: usize,
    n_values: usize,
    /// Strings met before, by a few bits of what they are: documents say `shape`, `dtype` and `float64` of each array.
    recent: [Option<Text>; N_RECENT],
    /// Whether objects without an end are taken for what they have.
    may_be_cut: bool,
    /// Whether one was met.
    is_cut: bool,
}

/// As many as a document's own words need to be apart, mostly.
const N_RECENT: usize = 32;

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            position: 0,
            n_values: 0,
            recent: [const { None }; N_RECENT],
            may_be_cut: false,
            is_cut: false,
        }
    }

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
            match self.member(depth) {
                Ok((name, value, is_last)) => {
                    members.push((name, value));
                    if is_last || self.is_cut {
                        return Ok(Json::Object(Object::of(members)));
                    }
                }
                Err(error) if self.may_be_cut && error.kind().is_damage() => {
                    self.is_cut = true;
                    return Ok(Json::Object(Object::of(members)));
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// A member of an object, and whether it is the last one.
    fn member(&mut self, depth: usize) -> Result<(Text, Json, bool)> {
        self.skip_space();
        let name = self.string()?;
        self.skip_space();
        self.expect(":", "expected a colon in a JSON object")?;
        let value = self.value(depth + 1)?;
        let is_last =
            self.is_cut || self.ends(b'}', "expected a comma or a brace in a JSON object")?;
        Ok((name, value, is_last))
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
            Some(known) if known.is_spelled(text) => known.clone(),
            _ => recent.insert(Text::as_spelled(text)).clone(),
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
        let is_token = matches!(rest.as_bytes(), [b'N' | b'I', ..] | [b'-', b'I', ..]);
        for token in ["NaN", "Infinity", "-Infinity"] {
            if is_token && rest.starts_with(token) {
                self.position += token.len();
                return Ok(Json::Number(token.into()));
            }
        }
        let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
        let end = rest.bytes().take_while(is_part).count();
        if !is_number(&rest[..end]) {
            return Err(self.corrupt("expected a JSON number"));
        }
        self.position += end;
        Ok(Json::Number(rest[..end].into()))
    }
}

/// Whether a text of digits, signs, points and exponents is a number of JSON: Rust reads some more.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    // Most are whole numbers, which nothing need be made of to see that.
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return digits.len() == 1 || !digits.is_empty() && !digits.starts_with('0');
    }
    let mantissa = digits
        .split_once(['e', 'E'])
        .map_or(digits, |(mantissa, _)| mantissa);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let has_zeroes_before = whole.len() > 1 && whole.starts_with('0');
    !whole.is_empty() && !fraction.is_empty() && !has_zeroes_before && text.parse::<f64>().is_ok()
}
