//! JSON as Python spells it: `json.dumps(value, sort_keys=True)`.

use std::collections::BTreeMap;

use crate::container::json::{Json, Text};

/// Appends the text of a value. Members of objects are sorted by name, of several of one name the last counts; floats have
/// the fewest digits that read back as the same number; all is ASCII.
pub(super) fn dumps(value: &Json, out: &mut String) {
    match value {
        Json::Null => out.push_str("null"),
        Json::Bool(true) => out.push_str("true"),
        Json::Bool(false) => out.push_str("false"),
        Json::Number(text) => number(text, out),
        Json::String(text) => string(text, out),
        Json::Array(elements) => {
            out.push('[');
            for (i, element) in elements.iter().enumerate() {
                out.push_str(if i == 0 { "" } else { ", " });
                dumps(element, out);
            }
            out.push(']');
        }
        Json::Object(object) => {
            let members: BTreeMap<String, &Json> = object.members().collect();
            out.push('{');
            for (i, (name, value)) in members.iter().enumerate() {
                out.push_str(if i == 0 { "" } else { ", " });
                name_of(name, out);
                dumps(value, out);
            }
            out.push('}');
        }
    }
}

/// Appends the name of a member and what stands before its value.
pub(super) fn name_of(name: &str, out: &mut String) {
    out.push_str(&Json::string(name).to_string());
    out.push_str(": ");
}

fn string(text: &Text, out: &mut String) {
    let decoded = text.decode();
    let spelled = Json::String(text.clone()).to_string();
    // Half of a pair of surrogates has no place in the text, and keeps its spelling.
    match decoded.contains('\u{fffd}') && spelled.is_ascii() {
        true => out.push_str(&spelled),
        false => out.push_str(&Json::string(&decoded).to_string()),
    }
}

fn number(text: &str, out: &mut String) {
    let is_integer = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'-');
    match text.parse::<f64>() {
        Ok(x) if !is_integer => out.push_str(&float(x)),
        _ => out.push_str(text),
    }
}

/// A float as `repr` of Python has it.
fn float(x: f64) -> String {
    if !x.is_finite() {
        let name = if x.is_nan() { "NaN" } else { "Infinity" };
        let sign = if x < 0.0 { "-" } else { "" };
        return format!("{sign}{name}");
    }
    let scientific = format!("{x:e}");
    let (digits, exponent) = scientific
        .split_once('e')
        .expect("this notation has an exponent");
    let exponent: i32 = exponent.parse().expect("and it is a number");
    match exponent {
        -4..16 => format!("{x:?}"),
        _ => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", exponent.abs())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_spelled_as_python_does() {
        for (text, expected) in [
            ("1e16", "1e+16"),
            ("0.00001", "1e-05"),
            ("1.25E-7", "1.25e-07"),
            ("123456789012345680.0", "1.2345678901234568e+17"),
            ("9999999999999998.0", "9999999999999998.0"),
            ("0.0001", "0.0001"),
            ("-0.0", "-0.0"),
            ("5e-324", "5e-324"),
            ("1e400", "Infinity"),
            ("-Infinity", "-Infinity"),
            ("NaN", "NaN"),
            (
                "123456789012345678901234567890",
                "123456789012345678901234567890",
            ),
            ("[1,2.50,null,true]", "[1, 2.5, null, true]"),
            (
                r#"{"b":1,"a":{"d":[],"c":{}},"b":2}"#,
                r#"{"a": {"c": {}, "d": []}, "b": 2}"#,
            ),
            ("\"é\\/\u{7f}☃🙂\"", r#""\u00e9/\u007f\u2603\ud83d\ude42""#),
            (r#""\ud800""#, r#""\ud800""#),
        ] {
            let mut out = String::new();
            dumps(&Json::parse(text.as_bytes()).unwrap(), &mut out);
            assert_eq!(out, expected, "{text}");
        }
    }
}
