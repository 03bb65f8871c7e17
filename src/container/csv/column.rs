//! What the cells of a column are: the narrowest of bool, integer, float and text that all of them read back from.

use super::cells::Cell;
use crate::dtype::{DType, Kind};
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::validity::Validity;
use crate::wrapped::f16;

/// What a column may be, by the cells so far.
#[derive(Clone, Debug)]
pub(super) struct Guess {
    is_bool: bool,
    is_i64: bool,
    is_u64: bool,
    is_f64: bool,
    /// The characters of the longest cell.
    longest: usize,
    n_empty: u64,
    n_rows: u64,
}

impl Guess {
    /// Of no cell.
    pub(super) fn new() -> Self {
        Self {
            is_bool: true,
            is_i64: true,
            is_u64: true,
            is_f64: true,
            longest: 0,
            n_empty: 0,
            n_rows: 0,
        }
    }

    /// Takes a cell in.
    pub(super) fn add(&mut self, cell: &Cell<'_>) {
        let text = &*cell.text;
        self.n_rows += 1;
        self.longest = self.longest.max(text.chars().count());
        if text.is_empty() {
            self.n_empty += 1;
            return;
        }
        self.is_bool &= boolean(text).is_some();
        self.is_i64 &= text.parse::<i64>().is_ok();
        self.is_u64 &= text.parse::<u64>().is_ok();
        self.is_f64 &= text.parse::<f64>().is_ok();
    }

    /// The type that fits. Columns of nothing are text.
    pub(super) fn dtype(&self) -> Result<DType> {
        let is_empty = self.n_empty == self.n_rows;
        match () {
            () if is_empty => format!("<U{}", self.longest).parse(),
            () if self.is_bool => "|b1".parse(),
            () if self.is_i64 => "<i8".parse(),
            () if self.is_u64 => "<u8".parse(),
            () if self.is_f64 => "<f8".parse(),
            () => format!("<U{}", self.longest).parse(),
        }
    }

    /// Whether all cells are numbers, so that the line is none of names.
    pub(super) fn is_number(&self) -> bool {
        self.is_f64 && self.n_empty < self.n_rows
    }
}

/// The elements of one or, where a row of it has several cells, of many columns.
pub(super) struct Elements {
    dtype: DType,
    pub(super) bytes: Vec<u8>,
    pub(super) validity: Validity,
    has_nulls: bool,
}

impl Elements {
    pub(super) fn new(dtype: DType) -> Self {
        Self {
            dtype,
            bytes: Vec::new(),
            validity: Validity::repeat(true, 0),
            has_nulls: false,
        }
    }

    pub(super) fn dtype(&self) -> DType {
        self.dtype
    }

    /// Which rows have a value, if not all.
    pub(super) fn into_parts(self) -> (Vec<u8>, Option<Validity>) {
        (self.bytes, self.has_nulls.then_some(self.validity))
    }

    /// Adds a row of cells. A row without a value is empty in all of them.
    pub(super) fn push(&mut self, cells: &[Cell<'_>], limits: &Limits) -> Result<()> {
        let is_text = self.dtype.kind() == Kind::Str;
        let is_empty = |cell: &Cell<'_>| cell.text.is_empty() && !(is_text && cell.is_quoted);
        let is_null = !cells.is_empty() && cells.iter().all(is_empty);
        self.validity.push(!is_null);
        self.has_nulls |= is_null;
        for cell in cells {
            if is_null {
                let zeroes = self.bytes.len() + self.dtype.item_bytes() as usize;
                self.bytes.resize(zeroes, 0);
            } else {
                push_cell(self.dtype, &cell.text, &mut self.bytes)?;
            }
        }
        limits.check_array_bytes(self.bytes.len() as u64)
    }
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// Adds the bytes of an element of this type, little-endian or as the type says.
fn push_cell(dtype: DType, text: &str, bytes: &mut Vec<u8>) -> Result<()> {
    let misfit = || Error::corrupt(format!("{text:?} is no {dtype}"));
    let start = bytes.len();
    let size = dtype.item_bytes() as usize;
    match dtype.kind() {
        Kind::Bool => bytes.push(u8::from(
            boolean(text)
                .or(match text {
                    "1" => Some(true),
                    "0" => Some(false),
                    _ => None,
                })
                .ok_or_else(misfit)?,
        )),
        Kind::Int | Kind::UInt => {
            let value: i128 = text.parse().map_err(|_| misfit())?;
            let bits = 8 * size as u32;
            let range = match dtype.kind() {
                Kind::Int => -(1_i128 << (bits - 1))..=(1_i128 << (bits - 1)) - 1,
                _ => 0..=(1_i128 << bits) - 1,
            };
            if !range.contains(&value) {
                return Err(misfit());
            }
            bytes.extend_from_slice(&value.to_le_bytes()[..size]);
        }
        Kind::Float => match size {
            2 => {
                let value: f64 = text.parse().map_err(|_| misfit())?;
                bytes.extend_from_slice(&f16::from_f64(value).to_le_bytes());
            }
            4 => {
                let value: f32 = text.parse().map_err(|_| misfit())?;
                bytes.extend_from_slice(&value.to_le_bytes());
            }
            8 => {
                let value: f64 = text.parse().map_err(|_| misfit())?;
                bytes.extend_from_slice(&value.to_le_bytes());
            }
            _ => return Err(unreadable(dtype)),
        },
        Kind::Str => {
            for character in text.chars() {
                bytes.extend_from_slice(&u32::from(character).to_le_bytes());
            }
            if bytes.len() - start > size {
                return Err(misfit());
            }
            bytes.resize(start + size, 0);
        }
        _ => return Err(unreadable(dtype)),
    }
    if dtype.byte_order() == crate::dtype::ByteOrder::Big {
        let word_bytes = dtype.word_bytes().max(1) as usize;
        bytes[start..]
            .chunks_exact_mut(word_bytes)
            .for_each(<[u8]>::reverse);
    }
    Ok(())
}

fn unreadable(dtype: DType) -> Error {
    Error::unsupported(format!("{dtype} is not read from text"))
}
