//! Numbers as text: a row a line, elements with spaces between them, as short as they can be and still be read back.

use std::io::Write;

use super::time;
use crate::array::ArraySpec;
use crate::dtype::{DType, Kind};
use crate::error::Result;
use crate::wrapped::f16;

/// Writes rows, whose bytes are `bytes`, one a line.
pub(super) fn write_rows(spec: &ArraySpec, bytes: &[u8], out: &mut dyn Write) -> Result<()> {
    let item_bytes = spec.dtype().item_bytes() as usize;
    let Some(row_bytes) = usize::try_from(spec.row_bytes()).ok().filter(|&n| n > 0) else {
        return Ok(());
    };
    let mut line = String::new();
    for row in bytes.chunks_exact(row_bytes) {
        line.clear();
        for (i, item) in row.chunks_exact(item_bytes).enumerate() {
            if i > 0 {
                line.push(' ');
            }
            push_element(spec.dtype(), item, &mut line);
        }
        line.push('\n');
        out.write_all(line.as_bytes())?;
    }
    Ok(())
}

/// One element as text.
pub(super) fn element(dtype: DType, item: &[u8]) -> String {
    let mut text = String::new();
    push_element(dtype, item, &mut text);
    text
}

fn push_element(dtype: DType, item: &[u8], text: &mut String) {
    let mut item = item.to_vec();
    if dtype.is_swapped() {
        let word_bytes = dtype.word_bytes().max(1) as usize;
        item.chunks_exact_mut(word_bytes).for_each(<[u8]>::reverse);
    }
    *text += &match dtype.kind() {
        Kind::Bool => (item[0] != 0).to_string(),
        Kind::Int => integer(&item).to_string(),
        Kind::DateTime | Kind::TimeDelta => {
            let value = integer(&item);
            match (dtype.kind(), dtype.time_unit()) {
                (Kind::DateTime, Some((count, base))) => time::date_time(value, count, base),
                (_, Some((count, base))) => time::time_delta(value, count, base),
                // Of no unit: a number is all that it is.
                (_, None) => value.to_string(),
            }
        }
        Kind::UInt => unsigned(&item).to_string(),
        Kind::Float => float(&item),
        Kind::Complex => {
            let (re, im) = item.split_at(item.len() / 2);
            let im = float(im);
            let sign = if im.starts_with('-') { "" } else { "+" };
            format!("{}{sign}{im}j", float(re))
        }
        Kind::Str => quoted(item.chunks_exact(4).map(|c| {
            let code_point = u32::from_ne_bytes(c.try_into().expect("chunks of four"));
            char::from_u32(code_point).unwrap_or(char::REPLACEMENT_CHARACTER)
        })),
        Kind::Bytes => quoted(item.iter().map(|&byte| char::from(byte))),
        Kind::Void => hexadecimal(&item),
    };
}

fn integer(item: &[u8]) -> i64 {
    match *item {
        [a] => i8::from_ne_bytes([a]).into(),
        [a, b] => i16::from_ne_bytes([a, b]).into(),
        [a, b, c, d] => i32::from_ne_bytes([a, b, c, d]).into(),
        _ => i64::from_ne_bytes(item.try_into().expect("integers have 1, 2, 4 or 8 bytes")),
    }
}

fn unsigned(item: &[u8]) -> u64 {
    match *item {
        [a] => a.into(),
        [a, b] => u16::from_ne_bytes([a, b]).into(),
        [a, b, c, d] => u32::from_ne_bytes([a, b, c, d]).into(),
        _ => u64::from_ne_bytes(item.try_into().expect("integers have 1, 2, 4 or 8 bytes")),
    }
}

fn float(item: &[u8]) -> String {
    match *item {
        [a, b] => f16::from_ne_bytes([a, b]).to_string(),
        [a, b, c, d] => shortest(f32::from_ne_bytes([a, b, c, d]), f32::abs),
        [a, b, c, d, e, f, g, h] => {
            shortest(f64::from_ne_bytes([a, b, c, d, e, f, g, h]), f64::abs)
        }
        // Long doubles, which this machine may not have.
        _ => hexadecimal(item),
    }
}

/// Digits that read back as the same number: with an exponent where there would be many zeroes.
fn shortest<F>(x: F, abs: fn(F) -> F) -> String
where
    F: std::fmt::Display + std::fmt::LowerExp + Copy + Into<f64>,
{
    let magnitude: f64 = abs(x).into();
    let is_plain = magnitude == 0.0 || (1e-5..1e16).contains(&magnitude) || !magnitude.is_finite();
    if is_plain {
        x.to_string()
    } else {
        format!("{x:e}")
    }
}

/// Text in quotes, its NUL padding left out, with what a terminal could take for a command escaped.
fn quoted(characters: impl Iterator<Item = char>) -> String {
    let text: String = characters.collect();
    format!("{:?}", text.trim_end_matches('\0'))
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

    #[test]
    fn a_row_is_a_line() {
        let spec = ArraySpec::new("|u1".parse().unwrap(), [2, 3]).unwrap();
        let mut out = Vec::new();
        write_rows(&spec, &[1, 2, 3, 4, 5, 6], &mut out).unwrap();
        assert_eq!(out, b"1 2 3\n4 5 6\n");
    }
}
