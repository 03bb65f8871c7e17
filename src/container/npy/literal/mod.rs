//! Python literals: what the header of a `.npy` file is written in.
//!
//! Strings with prefixes and escapes, integers in every base, booleans, tuples, lists, dictionaries and comments, as
//! `ast.literal_eval` takes them, and the suffix `L` of Python 2. Nothing is evaluated. What a header never means (floats,
//! bytes, `None`) is read as [`Literal::Other`], so that it is refused for what it is and not as damage.

mod parser;

use std::fmt;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Literal {
    Str(String),
    /// Saturated: no header means a number of more than 127 bits.
    Int(i128),
    Bool(bool),
    Tuple(Vec<Literal>),
    List(Vec<Literal>),
    Dict(Vec<(Literal, Literal)>),
    /// A value of another type, which is named.
    Other(&'static str),
}

/// Where text is no literal, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) what: &'static str,
    /// In bytes of the text.
    pub(super) position: usize,
}

impl fmt::Display for Literal {
    /// As Python shows it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, values: &[Self]| {
            for (i, value) in values.iter().enumerate() {
                let comma = if i > 0 { ", " } else { "" };
                write!(f, "{comma}{value}")?;
            }
            Ok(())
        };
        match self {
            Self::Str(text) => quote(text, f),
            Self::Int(value) => write!(f, "{value}"),
            Self::Bool(true) => f.write_str("True"),
            Self::Bool(false) => f.write_str("False"),
            Self::Tuple(values) => {
                f.write_str("(")?;
                list(f, values)?;
                f.write_str(if values.len() == 1 { ",)" } else { ")" })
            }
            Self::List(values) => {
                f.write_str("[")?;
                list(f, values)?;
                f.write_str("]")
            }
            Self::Dict(pairs) => {
                f.write_str("{")?;
                for (i, (key, value)) in pairs.iter().enumerate() {
                    let comma = if i > 0 { ", " } else { "" };
                    write!(f, "{comma}{key}: {value}")?;
                }
                f.write_str("}")
            }
            Self::Other(what) => f.write_str(what),
        }
    }
}

/// Text as Python's `repr` quotes it.
fn quote(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let quote = match text.contains('\'') && !text.contains('"') {
        true => '"',
        false => '\'',
    };
    write!(f, "{quote}")?;
    for character in text.chars() {
        match character {
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            c if c == quote => write!(f, "\\{c}")?,
            c if c.is_control() => write!(f, "\\x{:02x}", u32::from(c))?,
            c => write!(f, "{c}")?,
        }
    }
    write!(f, "{quote}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Literal {
        Literal::Str(text.to_owned())
    }

    fn parse(text: &str) -> Literal {
        Literal::parse(text, true).unwrap_or_else(|broken| panic!("{text}: {broken:?}"))
    }

    #[test]
    fn values_are_python_s() {
        for (source, value) in [
            ("'<f8'", text("<f8")),
            ("u'<f8'", text("<f8")),
            (r"'\x3cf8'", text("<f8")),
            (r"'\74\u0066\U00000038'", text("<f8")),
            (r"r'\n'", text("\\n")),
            (r"'\q\'\\'", text("\\q'\\")),
            ("'<' \"f8\" # why\n", text("<f8")),
            ("'''a\n\"b'''", text("a\n\"b")),
            ("0x1F", Literal::Int(31)),
            ("0b1_0", Literal::Int(2)),
            ("1_000", Literal::Int(1000)),
            ("-+-7L", Literal::Int(7)),
            ("00", Literal::Int(0)),
            ("-3", Literal::Int(-3)),
            ("1.5", Literal::Other("a float")),
            ("1e3", Literal::Other("a float")),
            ("2j", Literal::Other("a float")),
            ("b'x'", Literal::Other("bytes")),
            ("None", Literal::Other("None")),
            ("((True))", Literal::Bool(true)),
            ("(1,)", Literal::Tuple(vec![Literal::Int(1)])),
            ("()", Literal::Tuple(vec![])),
            (
                "[False,\\\n 2]",
                Literal::List(vec![Literal::Bool(false), Literal::Int(2)]),
            ),
            (
                "{'a': 1,}",
                Literal::Dict(vec![(text("a"), Literal::Int(1))]),
            ),
        ] {
            assert_eq!(parse(source), value, "{source}");
            // What is shown is read back.
            if !matches!(value, Literal::Other(_)) {
                assert_eq!(parse(&value.to_string()), value, "{value}");
            }
        }
        assert_eq!(parse(&"9".repeat(60)), Literal::Int(i128::MAX));
    }

    #[test]
    fn what_is_no_literal_is_refused_where_it_is() {
        for (source, position) in [
            ("", 0),
            ("x", 1),
            ("'a", 0),
            ("'a\nb'", 0),
            ("{'a' 1}", 5),
            ("(1 2)", 3),
            ("007", 0),
            ("1__0", 0),
            ("2LL", 0),
            ("f'a'", 0),
            ("1 1", 2),
            (r"'\xg0'", 0),
            ("open('a')", 4),
        ] {
            let broken = Literal::parse(source, true).expect_err(source);
            assert_eq!(broken.position, position, "{source}");
        }
        assert!(Literal::parse("2L", false).is_err());
        let deep = "(".repeat(100_000);
        assert!(Literal::parse(&deep, true).is_err());
    }
}
