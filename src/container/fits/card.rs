//! One card of a header: eighty bytes with a keyword, a value and a comment.

use crate::container::json::Json;

/// Bytes of a card.
pub(super) const CARD_BYTES: usize = 80;

/// What a card says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Card {
    /// The keyword; of a `HIERARCH` card its words, of one without a keyword nothing.
    pub(super) keyword: String,
    pub(super) value: Value,
    /// The comment behind the value, or the text of a card without one.
    pub(super) comment: String,
}

/// The value of a card.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// The card has none: `COMMENT`, `HISTORY`, and what does not follow the rules of a value.
    None,
    Logical(bool),
    Integer(i128),
    Float(f64),
    Text(String),
}

impl Card {
    /// Reads a card. What is no value by the rules is text: a header has many, and few of them matter here.
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let text: String = bytes.iter().map(|&byte| printable(byte)).collect();
        let keyword = text[..8.min(text.len())].trim_end().to_owned();
        let rest = &text[8.min(text.len())..];
        if keyword == "HIERARCH"
            && let Some((words, value)) = rest.split_once('=')
        {
            let (value, comment) = value_and_comment(value);
            let keyword = words.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
            return Self {
                keyword,
                value,
                comment,
            };
        }
        let is_remark = matches!(keyword.as_str(), "COMMENT" | "HISTORY" | "");
        match rest.strip_prefix("= ") {
            Some(value) if !is_remark => {
                let (value, comment) = value_and_comment(value);
                Self {
                    keyword,
                    value,
                    comment,
                }
            }
            _ => Self {
                keyword,
                value: Value::None,
                comment: rest.trim_end().to_owned(),
            },
        }
    }

    /// The text of a `CONTINUE` card, and its comment.
    pub(super) fn continued(bytes: &[u8]) -> Option<(String, String)> {
        let rest = bytes.strip_prefix(b"CONTINUE")?;
        let text: String = rest.iter().map(|&byte| printable(byte)).collect();
        match value_and_comment(&text) {
            (Value::Text(text), comment) => Some((text, comment)),
            _ => None,
        }
    }

    pub(super) fn to_json(&self) -> Json {
        let value = match &self.value {
            Value::None => Json::Null,
            Value::Logical(value) => Json::Bool(*value),
            Value::Integer(value) => match u64::try_from(*value) {
                Ok(value) => Json::number(value),
                Err(_) => Json::Number(value.to_string().into()),
            },
            Value::Float(value) => Json::float(*value),
            Value::Text(value) => Json::string(value),
        };
        Json::Array(vec![
            Json::string(&self.keyword),
            value,
            Json::string(&self.comment),
        ])
    }
}

/// Headers are ASCII; what is not is shown as a question mark.
fn printable(byte: u8) -> char {
    match byte {
        b' '..=b'~' => byte.into(),
        _ => '?',
    }
}

fn value_and_comment(text: &str) -> (Value, String) {
    let text = text.trim_start();
    if let Some(quoted) = text.strip_prefix('\'') {
        let (value, rest) = unquoted(quoted);
        return (Value::Text(value), comment(rest));
    }
    let (value, rest) = text.split_at(text.find('/').unwrap_or(text.len()));
    (number(value.trim_end()), comment(rest))
}

/// A string up to its closing quote, two quotes being one, without the spaces at its end; and what is behind it.
fn unquoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut rest = text;
    loop {
        let (part, behind) = rest.split_at(rest.find('\'').unwrap_or(rest.len()));
        value.push_str(part);
        let behind = behind.strip_prefix('\'').unwrap_or("");
        match behind.strip_prefix('\'') {
            Some(more) => {
                value.push('\'');
                rest = more;
            }
            None => {
                // A string of spaces alone is one space, which no one tells from none.
                value.truncate(value.trim_end_matches(' ').len());
                return (value, behind);
            }
        }
    }
}

fn comment(text: &str) -> String {
    let text = text.trim_start();
    text.strip_prefix('/').unwrap_or(text).trim().to_owned()
}

fn number(text: &str) -> Value {
    match text {
        "T" => return Value::Logical(true),
        "F" => return Value::Logical(false),
        _ => {}
    }
    let digits = text.strip_prefix('+').unwrap_or(text);
    if let Ok(value) = digits.parse() {
        return Value::Integer(value);
    }
    let is_number = |byte: u8| byte.is_ascii_digit() || b"+-.EDed".contains(&byte);
    match digits.bytes().all(is_number) && digits.bytes().any(|byte| byte.is_ascii_digit()) {
        true => match digits.replace(['D', 'd'], "E").parse() {
            Ok(value) => Value::Float(value),
            Err(_) => Value::None,
        },
        false => Value::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(text: &str) -> (String, Value, String) {
        let Card {
            keyword,
            value,
            comment,
        } = Card::parse(format!("{text:80}").as_bytes());
        (keyword, value, comment)
    }

    #[test]
    fn values_are_what_the_standard_calls_them() {
        let text = |text: &str| Value::Text(text.to_owned());
        for (written, value, comment) in [
            (
                "NAXIS   =                    2 / axes",
                Value::Integer(2),
                "axes",
            ),
            ("SIMPLE  =                    T", Value::Logical(true), ""),
            (
                "BZERO   =    9223372036854775808",
                Value::Integer(1 << 63),
                "",
            ),
            (
                "BSCALE  =               1.5D-03 /x",
                Value::Float(0.0015),
                "x",
            ),
            (
                "OBJECT  = 'it''s / here  ' / a name",
                text("it's / here"),
                "a name",
            ),
            ("EMPTY   = ''", text(""), ""),
            ("OPEN    = 'no end", text("no end"), ""),
            ("BLANKED =", Value::None, ""),
            ("X       = (1, 2)", Value::None, ""),
            ("X       = +7", Value::Integer(7), ""),
            ("X       = inf", Value::None, ""),
            ("X       = E", Value::None, ""),
        ] {
            let (_, found, said) = card(written);
            assert_eq!((found, said.as_str()), (value, comment), "{written}");
        }
        let (keyword, value, comment) = card("HIERARCH ESO  DET DIT = 1.5 / seconds");
        assert_eq!(
            (keyword.as_str(), value),
            ("ESO DET DIT", Value::Float(1.5))
        );
        assert_eq!(comment, "seconds");
        let (keyword, value, comment) = card("COMMENT = no value");
        assert_eq!((keyword.as_str(), value), ("COMMENT", Value::None));
        assert_eq!(comment, "= no value");
        let (_, value, comment) = card("HISTORY it was so");
        assert_eq!((value, comment.as_str()), (Value::None, "it was so"));
    }
}
