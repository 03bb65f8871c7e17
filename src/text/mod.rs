//! Elements as text: numbers as short as they can be and still be read back.

mod counted;
mod lines;
pub(crate) mod short_float;
mod time;

pub(crate) use counted::counted;
pub(crate) use lines::{Lines, check_cells};

use std::borrow::Cow;
use std::fmt::Write;

use crate::dtype::{DType, Kind};
use crate::wrapped::f16;

/// Who is to read an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notation {
    /// A person, at a terminal: nothing in it is a command to that.
    Text,
    /// A field of CSV.
    Csv,
    /// A value of JSON.
    Json,
}

/// One element as text.
#[cfg(any(feature = "cli", test))]
pub(crate) fn element(dtype: DType, item: &[u8]) -> String {
    let mut text = String::new();
    push(Notation::Text, dtype, item, &mut text);
    text
}

/// Adds an element, whose bytes are `item`, to a line.
pub(crate) fn push(notation: Notation, dtype: DType, item: &[u8], line: &mut String) {
    let item = in_native_order(dtype, item);
    match dtype.kind() {
        Kind::Bool => *line += if item[0] != 0 { "true" } else { "false" },
        Kind::Int => push_integer(notation, integer(&item), line),
        Kind::UInt => push_integer(notation, unsigned(&item), line),
        Kind::DateTime | Kind::TimeDelta => {
            let value = integer(&item);
            match (dtype.kind(), dtype.time_unit()) {
                (Kind::DateTime, Some((count, base))) => {
                    push_words(notation, &time::date_time(value, count, base), line);
                }
                (_, Some((count, base))) => {
                    push_words(notation, &time::time_delta(value, count, base), line);
                }
                // Of no unit: a number is all that it is.
                (_, None) => push_integer(notation, value, line),
            }
        }
        Kind::Float => push_float(notation, &item, line),
        Kind::Complex => push_complex(notation, &item, line),
        Kind::Str => push_string(
            notation,
            item.chunks_exact(4).map(|c| {
                let code_point = u32::from_ne_bytes(c.try_into().expect("chunks of four"));
                char::from_u32(code_point).unwrap_or(char::REPLACEMENT_CHARACTER)
            }),
            line,
        ),
        Kind::Bytes => push_string(notation, item.iter().map(|&byte| char::from(byte)), line),
        Kind::Void => push_words(notation, &hexadecimal(&item), line),
    }
}

/// The bytes of an element in this machine's order.
pub(crate) fn in_native_order(dtype: DType, item: &[u8]) -> Cow<'_, [u8]> {
    let mut item = Cow::Borrowed(item);
    if dtype.is_swapped() {
        let word_bytes = dtype.word_bytes().max(1) as usize;
        let words = item.to_mut().chunks_exact_mut(word_bytes);
        words.for_each(<[u8]>::reverse);
    }
    item
}

/// A signed integer in this machine's order.
pub(crate) fn integer(item: &[u8]) -> i64 {
    match *item {
        [a] => i8::from_ne_bytes([a]).into(),
        [a, b] => i16::from_ne_bytes([a, b]).into(),
        [a, b, c, d] => i32::from_ne_bytes([a, b, c, d]).into(),
        _ => i64::from_ne_bytes(item.try_into().expect("integers have 1, 2, 4 or 8 bytes")),
    }
}

/// An unsigned integer in this machine's order.
pub(crate) fn unsigned(item: &[u8]) -> u64 {
    match *item {
        [a] => a.into(),
        [a, b] => u16::from_ne_bytes([a, b]).into(),
        [a, b, c, d] => u32::from_ne_bytes([a, b, c, d]).into(),
        _ => u64::from_ne_bytes(item.try_into().expect("integers have 1, 2, 4 or 8 bytes")),
    }
}

/// Words of ours without quotes, commas or spaces in them.
fn push_words(notation: Notation, words: &str, line: &mut String) {
    match notation {
        Notation::Json => push_json_string(words, line),
        Notation::Text | Notation::Csv => *line += words,
    }
}

fn push_integer<I: std::fmt::Display + Into<i128> + Copy>(
    notation: Notation,
    value: I,
    line: &mut String,
) {
    /// Up to here every integer is a float of its own; readers of JSON may know no other numbers.
    const EXACT: u128 = 1 << 53;
    if notation == Notation::Json && value.into().unsigned_abs() > EXACT {
        push_json_string(&value.to_string(), line);
    } else {
        write!(line, "{value}").expect("strings take all text");
    }
}

fn push_float(notation: Notation, item: &[u8], line: &mut String) {
    let Some((digits, value)) = float(item) else {
        // Long doubles, which this machine may not have.
        return push_words(notation, &hexadecimal(item), line);
    };
    match notation {
        Notation::Json if value.is_nan() => *line += "\"NaN\"",
        Notation::Json if value == f64::INFINITY => *line += "\"Infinity\"",
        Notation::Json if value == f64::NEG_INFINITY => *line += "\"-Infinity\"",
        Notation::Json | Notation::Csv => {
            *line += &digits;
            // Without a point it would be read as an integer, and -0 as 0.
            if digits.bytes().all(|c| c.is_ascii_digit() || c == b'-') {
                *line += ".0";
            }
        }
        Notation::Text => *line += &digits,
    }
}

fn push_complex(notation: Notation, item: &[u8], line: &mut String) {
    let (re, im) = item.split_at(item.len() / 2);
    if notation == Notation::Json {
        line.push('[');
        push_float(notation, re, line);
        line.push(',');
        push_float(notation, im, line);
        line.push(']');
        return;
    }
    push_float(notation, re, line);
    let start = line.len();
    push_float(notation, im, line);
    if !line[start..].starts_with('-') {
        line.insert(start, '+');
    }
    line.push('j');
}

/// Digits that read back as the same number, and the number.
fn float(item: &[u8]) -> Option<(String, f64)> {
    Some(match *item {
        [a, b] => {
            let value = f16::from_ne_bytes([a, b]);
            (short_float::half(value), value.into())
        }
        [a, b, c, d] => {
            let value = f32::from_ne_bytes([a, b, c, d]);
            (short_float::digits(value), value.into())
        }
        [a, b, c, d, e, f, g, h] => {
            let value = f64::from_ne_bytes([a, b, c, d, e, f, g, h]);
            (short_float::digits(value), value)
        }
        _ => return None,
    })
}

/// Text without its NUL padding.
fn push_string(notation: Notation, characters: impl Iterator<Item = char>, line: &mut String) {
    let text: String = characters.collect();
    let text = text.trim_end_matches('\0');
    match notation {
        Notation::Text => write!(line, "{text:?}").expect("strings take all text"),
        Notation::Csv => push_csv_text(text, line),
        Notation::Json => push_json_string(text, line),
    }
}

/// Text as a field of CSV. What would be read as a number, a truth value or a time stands in quotes: those tell that it is
/// text.
fn push_csv_text(text: &str, line: &mut String) {
    let starts_as_number = || {
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        let digits = digits.strip_prefix('.').unwrap_or(digits);
        digits.starts_with(|c: char| c.is_ascii_digit())
    };
    let words = ["nan", "inf", "infinity", "nat", "true", "false"];
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_word = words.iter().any(|word| word.eq_ignore_ascii_case(unsigned));
    push_csv_field(text, starts_as_number() || is_word, line);
}

/// A name as a field of CSV, whatever separates cells.
pub(crate) fn push_csv_name(name: &str, line: &mut String) {
    push_csv_field(name, !is_bare_csv_name(name), line);
}

/// Whether a name in the first line of a CSV needs no quotes. One that reads as a number is told from one by them, and what
/// may separate cells, a semicolon or a tab, from a separator.
pub(crate) fn is_bare_csv_name(name: &str) -> bool {
    is_bare_csv_field(name) && !name.contains(';') && name.parse::<f64>().is_err()
}

/// A field of CSV, in quotes where it would be taken for something else without.
fn push_csv_field(text: &str, is_quoted: bool, line: &mut String) {
    if !is_quoted && is_bare_csv_field(text) {
        *line += text;
    } else {
        line.push('"');
        *line += &text.replace('"', "\"\"");
        line.push('"');
    }
}

fn is_bare_csv_field(text: &str) -> bool {
    !text.is_empty()
        // The last of these is taken for a mark of the file's encoding.
        && !text.starts_with([' ', '#', '\u{feff}'])
        && !text.ends_with(' ')
        && !text.contains([',', '\t', '"', '\n', '\r'])
        // A first line of that says what separates cells.
        && !text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("sep="))
}

/// A string of JSON, all control characters escaped.
pub(crate) fn push_json_string(text: &str, line: &mut String) {
    line.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => line.extend(['\\', c]),
            _ if c.is_control() => {
                write!(line, "\\u{:04x}", u32::from(c)).expect("strings take all text");
            }
            _ => line.push(c),
        }
    }
    line.push('"');
}

fn hexadecimal(item: &[u8]) -> String {
    let digits: Vec<String> = item.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("0x{}", digits.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(dtype: &str, item: &[u8]) -> String {
        element(dtype.parse().unwrap(), item)
    }

    #[test]
    fn every_kind_has_its_text() {
        assert_eq!(show("|b1", &[1]), "true");
        assert_eq!(show("|i1", &[0xff]), "-1");
        assert_eq!(show(">i2", &[0xff, 0xfe]), "-2");
        assert_eq!(show("<u8", &u64::MAX.to_le_bytes()), "18446744073709551615");
        assert_eq!(show("<f2", &f16::from_f32(1.5).to_le_bytes()), "1.5");
        assert_eq!(show("<f4", &0.1f32.to_le_bytes()), "0.1");
        assert_eq!(show(">f8", &(-0.0f64).to_be_bytes()), "-0");
        assert_eq!(show("<f8", &1e300f64.to_le_bytes()), "1e300");
        assert_eq!(show("<f8", &f64::NAN.to_le_bytes()), "NaN");
        assert_eq!(
            show("<c8", &[1f32, -2.5].map(f32::to_le_bytes).concat()),
            "1-2.5j"
        );
        assert_eq!(show("<U2", &[0x61, 0, 0, 0, 0, 0, 0, 0]), "\"a\"");
        assert_eq!(show("|S3", b"\x1b[m"), "\"\\u{1b}[m\"");
        assert_eq!(show("|V2", &[1, 0xab]), "0x01ab");
        assert_eq!(show("<M8[s]", &5i64.to_le_bytes()), "1970-01-01T00:00:05");
        assert_eq!(show(">m8[2h]", &5i64.to_be_bytes()), "10h");
        assert_eq!(show("<M8", &5i64.to_le_bytes()), "5");
    }

    fn show_as(notation: Notation, dtype: &str, item: &[u8]) -> String {
        let mut line = String::new();
        push(notation, dtype.parse().unwrap(), item, &mut line);
        line
    }

    #[test]
    fn json_has_strings_for_what_it_has_no_number_for() {
        let json = |dtype: &str, item: &[u8]| show_as(Notation::Json, dtype, item);
        assert_eq!(json("<i8", &(1i64 << 53).to_le_bytes()), "9007199254740992");
        assert_eq!(
            json("<i8", &(-(1i64 << 53) - 1).to_le_bytes()),
            "\"-9007199254740993\""
        );
        assert_eq!(
            json("<u8", &u64::MAX.to_le_bytes()),
            "\"18446744073709551615\""
        );
        assert_eq!(json("<f8", &1f64.to_le_bytes()), "1.0");
        assert_eq!(json("<f8", &(-0f64).to_le_bytes()), "-0.0");
        assert_eq!(json("<f8", &1e300f64.to_le_bytes()), "1e300");
        assert_eq!(json("<f4", &f32::NAN.to_le_bytes()), "\"NaN\"");
        assert_eq!(
            json("<f4", &f32::NEG_INFINITY.to_le_bytes()),
            "\"-Infinity\""
        );
        assert_eq!(
            json("<M8[s]", &0i64.to_le_bytes()),
            "\"1970-01-01T00:00:00\""
        );
        assert_eq!(
            json("<c8", &[1f32, -2.5].map(f32::to_le_bytes).concat()),
            "[1.0,-2.5]"
        );
        assert_eq!(json("|S4", b"\x1b\"\\\x9b"), r#""\u001b\"\\\u009b""#);
    }

    #[test]
    fn csv_quotes_what_would_be_taken_for_something_else() {
        let csv = |dtype: &str, item: &[u8]| show_as(Notation::Csv, dtype, item);
        assert_eq!(csv("<f8", &(-2f64).to_le_bytes()), "-2.0");
        assert_eq!(csv("<f8", &f64::INFINITY.to_le_bytes()), "inf");
        assert_eq!(csv("<u8", &u64::MAX.to_le_bytes()), "18446744073709551615");
        assert_eq!(csv("|S4", b"a,b"), "\"a,b\"");
        assert_eq!(csv("|S4", b"a\tb"), "\"a\tb\"");
        assert_eq!(csv("|S5", b"sep=;"), "\"sep=;\"");
        assert_eq!(csv("|S4", b"a\"b"), "\"a\"\"b\"");
        assert_eq!(csv("|S4", b"\0\0\0\0"), "\"\"");
        assert_eq!(csv("|S4", b"ab"), "ab");
        for text in [
            "007", "1e5", "-.5", "+1", "NaN", "-inf", "TRUE", "NaT", "90s", "3M x",
        ] {
            assert_eq!(csv("|S4", text.as_bytes()), format!("\"{text}\""));
        }
        for text in ["-", ".", "e5", "truth", "x7"] {
            assert_eq!(csv("|S4", text.as_bytes()), text);
        }
        assert_eq!(
            csv("<c8", &[1f32, -2.5].map(f32::to_le_bytes).concat()),
            "1.0-2.5j"
        );
    }
}
