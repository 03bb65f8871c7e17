//! JSON documents that are read, edited and written back without losing a character of what was not edited.
//!
//! A general parser would not do: pyvista-zstd writes bare `NaN` and `Infinity` tokens, mixes `\u00e9` with raw UTF-8
//! in one document, and can hold lone surrogates; and members that this library has never heard of must come back as
//! they were. So numbers and strings keep their text, objects keep their order and their duplicates, and only white
//! space is made uniform. Recursion and the number of values are bounded: input is hostile.

mod parser;
mod text;

use std::sync::Arc;

pub use text::Text;

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

/// A JSON object: members in their order, equal names kept. A clone shares them until one of the two is edited, so that
/// editing one of thousands of arrays does not copy what the document says of the others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object {
    members: Arc<Vec<(Text, Json)>>,
}

impl Json {
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

    /// Names, as they are spelled, and values in their order.
    pub(crate) fn spelled_members(&self) -> impl Iterator<Item = (&Text, &Json)> {
        self.members.iter().map(|(name, value)| (name, value))
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
    fn numbers_are_those_of_json() {
        for good in [
            "0",
            "-0",
            "10",
            "0.5",
            "-1.25e+7",
            "1E5",
            "0e0",
            "NaN",
            "-Infinity",
        ] {
            assert!(Json::parse(good.as_bytes()).is_ok(), "{good}");
        }
        for bad in [
            "007", "-01", "1.", "1.e5", "00.5", "-", "1e", "--1", "1.2.3", ".5", "+1",
        ] {
            assert!(Json::parse(bad.as_bytes()).is_err(), "{bad}");
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
