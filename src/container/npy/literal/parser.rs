//! Parsing Python literals, as far as headers are written in them.

use super::{Broken, Literal};

/// Nothing that is written by hand or by numpy nests deeper.
const MAX_DEPTH: u32 = 64;

impl Literal {
    /// Parses text that is one literal. `has_longs` takes the suffix that Python 2 gave to long integers.
    pub(in crate::container::npy) fn parse(text: &str, has_longs: bool) -> Result<Self, Broken> {
        let mut parser = Parser {
            text,
            position: 0,
            depth: 0,
            has_longs,
        };
        let parsed = parser.value().and_then(|value| {
            let is_done = parser.rest().is_empty();
            is_done.then_some(value).ok_or("text behind the dictionary")
        });
        parsed.map_err(|what| Broken {
            what,
            position: parser.position,
        })
    }
}

type Parsed<T> = Result<T, &'static str>;

struct Parser<'a> {
    text: &'a str,
    position: usize,
    depth: u32,
    has_longs: bool,
}

impl<'a> Parser<'a> {
    /// What follows, white space and comments left out.
    fn rest(&mut self) -> &'a str {
        loop {
            let rest = &self.text[self.position..];
            // Some writers pad with NUL.
            let trimmed = rest.trim_start_matches([' ', '\t', '\n', '\r', '\x0c', '\0']);
            self.position += rest.len() - trimmed.len();
            if let Some(continued) = trimmed.strip_prefix("\\\n") {
                self.position += trimmed.len() - continued.len();
            } else if trimmed.starts_with('#') {
                self.position += trimmed.find('\n').unwrap_or(trimmed.len());
            } else {
                return trimmed;
            }
        }
    }

    fn accept(&mut self, expected: &str) -> bool {
        let found = self.rest().starts_with(expected);
        self.position += if found { expected.len() } else { 0 };
        found
    }

    fn value(&mut self) -> Parsed<Literal> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("values nested too deeply");
        }
        let value = self.value_here();
        self.depth -= 1;
        value
    }

    fn value_here(&mut self) -> Parsed<Literal> {
        let rest = self.rest();
        match rest.chars().next() {
            Some('{') => self.dictionary(),
            Some('(') => {
                self.position += 1;
                let (mut values, has_comma) = self.values(")")?;
                // Parentheses around one value are no tuple.
                match values.len() {
                    1 if !has_comma => Ok(values.remove(0)),
                    _ => Ok(Literal::Tuple(values)),
                }
            }
            Some('[') => {
                self.position += 1;
                Ok(Literal::List(self.values("]")?.0))
            }
            Some('+' | '-' | '0'..='9' | '.') => self.number(),
            Some('\'' | '"') => self.string(),
            Some(letter) if letter.is_ascii_alphabetic() => self.word(),
            _ => Err("a value was expected"),
        }
    }

    fn dictionary(&mut self) -> Parsed<Literal> {
        self.position += 1;
        let mut pairs = Vec::new();
        while !self.accept("}") {
            let key = self.value()?;
            if !self.accept(":") {
                return Err("a key without a value");
            }
            pairs.push((key, self.value()?));
            if !self.accept(",") {
                match self.accept("}") {
                    true => break,
                    false => return Err("values without a comma between them"),
                }
            }
        }
        Ok(Literal::Dict(pairs))
    }

    /// Values up to `end`, and whether a comma stands behind the last.
    fn values(&mut self, end: &str) -> Parsed<(Vec<Literal>, bool)> {
        let mut values = Vec::new();
        let mut has_comma = false;
        while !self.accept(end) {
            values.push(self.value()?);
            has_comma = self.accept(",");
            if !has_comma {
                match self.accept(end) {
                    true => break,
                    false => return Err("values without a comma between them"),
                }
            }
        }
        Ok((values, has_comma))
    }

    fn word(&mut self) -> Parsed<Literal> {
        let rest = self.rest();
        let len = rest
            .bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
            .count();
        let (word, behind) = rest.split_at(len);
        if behind.starts_with(['\'', '"']) {
            return self.string();
        }
        self.position += len;
        match word {
            "True" => Ok(Literal::Bool(true)),
            "False" => Ok(Literal::Bool(false)),
            "None" => Ok(Literal::Other("None")),
            _ => Err("a word that is no value"),
        }
    }

    /// A number with its signs.
    fn number(&mut self) -> Parsed<Literal> {
        let mut is_negative = false;
        loop {
            if self.accept("-") {
                is_negative = !is_negative;
            } else if !self.accept("+") {
                break;
            }
        }
        let rest = self.rest();
        let len = rest
            .bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'))
            .count();
        let text = &rest[..len];
        let number = match text.strip_suffix('L') {
            Some(long) if self.has_longs => long,
            _ => text,
        };
        let value = integer(number).ok_or("a number that is none");
        let value = match value {
            Err(_) if is_float(number) => Literal::Other("a float"),
            value => {
                let value = value?;
                Literal::Int(if is_negative { -value } else { value })
            }
        };
        self.position += len;
        // The suffix may stand apart.
        if self.has_longs && self.rest().starts_with('L') {
            self.position += 1;
        }
        Ok(value)
    }

    /// Strings, one after another, which are one.
    fn string(&mut self) -> Parsed<Literal> {
        let mut text = String::new();
        let mut is_bytes = false;
        loop {
            let rest = self.rest();
            let prefix_len = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
            if !rest[prefix_len..].starts_with(['\'', '"']) {
                break;
            }
            let prefix = rest[..prefix_len].to_ascii_lowercase();
            let is_raw = match prefix.as_str() {
                "" | "u" => false,
                "r" => true,
                "b" => {
                    is_bytes = true;
                    false
                }
                "br" | "rb" => {
                    is_bytes = true;
                    true
                }
                _ => return Err("text of an unknown prefix"),
            };
            self.position += prefix_len;
            self.quoted(is_raw, &mut text)?;
        }
        Ok(match is_bytes {
            true => Literal::Other("bytes"),
            false => Literal::Str(text),
        })
    }

    /// One string from quote to quote, pushed to `text`.
    fn quoted(&mut self, is_raw: bool, text: &mut String) -> Parsed<()> {
        let rest = &self.text[self.position..];
        let quote = ["'''", "\"\"\"", "'", "\""]
            .into_iter()
            .find(|quote| rest.starts_with(quote))
            .ok_or("text was expected")?;
        let mut characters = rest[quote.len()..].char_indices();
        while let Some((at, character)) = characters.next() {
            if rest[quote.len() + at..].starts_with(quote) {
                self.position += quote.len() + at + quote.len();
                return Ok(());
            }
            match character {
                '\n' if quote.len() == 1 => return Err("text that does not end"),
                '\\' if is_raw => {
                    text.push('\\');
                    text.push(characters.next().ok_or("text that does not end")?.1);
                }
                '\\' => escape(&mut characters, text)?,
                character => text.push(character),
            }
        }
        Err("text that does not end")
    }
}

/// What follows a backslash.
fn escape(characters: &mut std::str::CharIndices<'_>, text: &mut String) -> Parsed<()> {
    let (_, character) = characters.next().ok_or("text that does not end")?;
    let code = match character {
        '\n' => return Ok(()),
        'a' => 7,
        'b' => 8,
        't' => 9,
        'n' => 10,
        'v' => 11,
        'f' => 12,
        'r' => 13,
        '\\' | '\'' | '"' => u32::from(character),
        'x' => hexadecimal(characters, 2)?,
        'u' => hexadecimal(characters, 4)?,
        'U' => hexadecimal(characters, 8)?,
        '0'..='7' => {
            let mut code = u32::from(character) - u32::from('0');
            for _ in 0..2 {
                let Some(digit) = characters
                    .as_str()
                    .chars()
                    .next()
                    .and_then(|c| c.to_digit(8))
                else {
                    break;
                };
                characters.next();
                code = code * 8 + digit;
            }
            code
        }
        'N' => return Err("a character by its name"),
        // Python keeps the backslash before what it does not know.
        other => {
            text.push('\\');
            u32::from(other)
        }
    };
    // A lone surrogate is text to Python and to nothing else.
    text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
    Ok(())
}

fn hexadecimal(characters: &mut std::str::CharIndices<'_>, n_digits: u32) -> Parsed<u32> {
    let mut code = 0_u32;
    for _ in 0..n_digits {
        let digit = characters.next().and_then(|(_, c)| c.to_digit(16));
        code = (code << 4) | digit.ok_or("an escape that is none")?;
    }
    Ok(code)
}

/// The value of an integer, saturated; `None` for what is none.
fn integer(text: &str) -> Option<i128> {
    let (base, digits) = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &text[2..]),
        [b'0', b'o' | b'O', ..] => (8, &text[2..]),
        [b'0', b'b' | b'B', ..] => (2, &text[2..]),
        _ => (10, text),
    };
    // One underscore may stand between digits, and behind the base.
    let digits = match base {
        10 => digits,
        _ => digits.strip_prefix('_').unwrap_or(digits),
    };
    let groups = digits.split('_');
    if groups.clone().any(str::is_empty) {
        return None;
    }
    let is_padded = base == 10 && digits.len() > 1 && digits.starts_with('0');
    let mut value = 0_i128;
    for digit in groups.flat_map(str::chars) {
        let digit = digit.to_digit(base)?;
        // Octal in Python 2, an error in Python 3: nothing but zeroes may be padded with zeroes.
        if is_padded && digit != 0 {
            return None;
        }
        value = value
            .saturating_mul(base.into())
            .saturating_add(digit.into());
    }
    Some(value)
}

/// Whether a number is a float or an imaginary one.
fn is_float(text: &str) -> bool {
    let real = text.strip_suffix(['j', 'J']).unwrap_or(text);
    let is_integer = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'_');
    !is_integer
        && real.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && real.replace('_', "").parse::<f64>().is_ok()
}
