//! Where the columns of a table lie in its rows, by their forms.

use std::ops::Range;

use super::header::Header;
use crate::dtype::DType;
use crate::error::{Error, Result};

/// The most columns, by the standard.
const MAX_COLUMNS: u64 = 999;

/// The form of a column: so many elements of a letter.
pub(super) struct Form<'a> {
    pub(super) repeat: u64,
    pub(super) letter: u8,
    pub(super) rest: &'a str,
}

impl<'a> Form<'a> {
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let n_digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = text.split_at(n_digits);
        let repeat = if digits.is_empty() {
            1
        } else {
            digits.parse().ok()?
        };
        let letter = *rest.as_bytes().first()?;
        Some(Self {
            repeat,
            letter,
            rest: rest.get(1..)?,
        })
    }

    /// The type of an element as it is stored; bits are bytes.
    pub(super) fn dtype(&self) -> Result<DType> {
        match self.letter {
            b'L' | b'X' | b'B' => "|u1",
            b'I' => ">i2",
            b'J' => ">i4",
            b'K' => ">i8",
            b'E' => ">f4",
            b'D' => ">f8",
            b'C' => ">c8",
            b'M' => ">c16",
            b'A' => "|S1",
            b'P' => ">i4",
            b'Q' => ">i8",
            letter => {
                let letter = char::from(letter);
                return Err(Error::corrupt(format!("a column of the form {letter:?}")));
            }
        }
        .parse()
    }

    /// Bytes of a row.
    fn bytes(&self) -> Result<u64> {
        let bytes = match self.letter {
            b'X' => Some(self.repeat.div_ceil(8)),
            // An array somewhere else: its length and its place.
            b'P' | b'Q' => self.repeat.checked_mul(2 * self.dtype()?.item_bytes()),
            _ => self.repeat.checked_mul(self.dtype()?.item_bytes()),
        };
        bytes.ok_or_else(|| Error::corrupt(format!("{} elements a row", self.repeat)))
    }
}

/// Where the bytes of a column lie in a row, and its form.
pub(super) struct Room {
    pub(super) bytes: Range<u64>,
    pub(super) repeat: u64,
}

/// Finds the room of every column.
///
/// # Errors
/// `Corrupt` where that cannot be told, or is not what the rows have.
pub(super) fn rooms(header: &Header) -> Result<Vec<Room>> {
    let n_columns = header.count("TFIELDS")?;
    if n_columns > MAX_COLUMNS {
        return Err(Error::corrupt(format!("a table of {n_columns} columns")));
    }
    let mut rooms = Vec::new();
    let mut end = 0_u64;
    for i in 1..=n_columns {
        let bad = |what: &str| Error::corrupt(format!("column {i} {what}"));
        let text = header.text(&format!("TFORM{i}"));
        let text = text.ok_or_else(|| bad("without a form"))?;
        let form = Form::parse(text.trim()).ok_or_else(|| bad("without a form"))?;
        let start = end;
        end = end
            .checked_add(form.bytes()?)
            .ok_or_else(|| bad("behind 2^64"))?;
        rooms.push(Room {
            bytes: start..end,
            repeat: form.repeat,
        });
    }
    match header.count("NAXIS1")? {
        row_bytes if end <= row_bytes => Ok(rooms),
        row_bytes => Err(Error::corrupt(format!(
            "columns of {end} bytes in rows of {row_bytes}"
        ))),
    }
}
