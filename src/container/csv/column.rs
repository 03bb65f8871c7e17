//! What the cells of a column are: the narrowest of bool, integer, float, date, span of time and text that all of them read
//! back from.

use super::cells::Cell;
use super::text;
use super::{date, span};
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
    /// Whether each cell is a number, were a comma in it a point, and whether one has a comma.
    is_comma_float: bool,
    has_comma: bool,
    /// An integer that a double would round.
    inexact: Option<Box<str>>,
    date: Time,
    span: Time,
    /// Whether a cell that is not empty stands in quotes, and whether one does not.
    has_quoted: bool,
    has_bare: bool,
    /// The characters of the longest cell.
    longest: usize,
    n_empty: u64,
    n_rows: u64,
    n_numbers: u64,
    /// The first cell that has a value and is no number.
    other: Option<Box<str>>,
}

/// Whether a column may be dates, or spans of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Time {
    /// No cell tells a unit yet.
    Unknown,
    /// All cells do, the same: its number among the units.
    Unit(usize),
    None,
}

impl Time {
    fn and(self, cell: &str, parse: fn(&str) -> Option<(usize, i64)>) -> Self {
        if self == Self::None || cell == date::NOT_A_TIME.0 {
            return self;
        }
        match (parse(cell), self) {
            (Some((unit, _)), Self::Unit(known)) if unit != known => Self::None,
            (Some((unit, _)), _) => Self::Unit(unit),
            (None, _) => Self::None,
        }
    }
}

impl Guess {
    /// Of no cell.
    pub(super) fn new() -> Self {
        Self {
            is_bool: true,
            is_i64: true,
            is_u64: true,
            is_f64: true,
            is_comma_float: true,
            has_comma: false,
            inexact: None,
            date: Time::Unknown,
            span: Time::Unknown,
            has_quoted: false,
            has_bare: false,
            longest: 0,
            n_empty: 0,
            n_rows: 0,
            n_numbers: 0,
            other: None,
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
        self.has_quoted |= cell.is_quoted;
        self.has_bare |= !cell.is_quoted;
        self.is_bool = self.is_bool && boolean(text).is_some();
        self.is_i64 = self.is_i64 && text.parse::<i64>().is_ok();
        self.is_u64 = self.is_u64 && text.parse::<u64>().is_ok();
        let is_f64 = text.parse::<f64>().is_ok();
        self.is_f64 &= is_f64;
        self.n_numbers += u64::from(is_f64);
        if !is_f64 && self.other.is_none() {
            self.other = Some(text.into());
        }
        if !is_f64 && self.is_comma_float {
            self.is_comma_float = text.replacen(',', ".", 1).parse::<f64>().is_ok();
            self.has_comma |= self.is_comma_float;
        }
        self.date = self.date.and(text, date::parse);
        self.span = self.span.and(text, span::parse);
        if self.is_f64 && self.inexact.is_none() && is_rounded(text) {
            self.inexact = Some(text.into());
        }
    }

    /// Whether there is a cell without quotes, so that those of others may tell something.
    pub(super) fn has_bare(&self) -> bool {
        self.has_bare
    }

    /// Whether no cell has a value.
    pub(super) fn is_empty(&self) -> bool {
        self.n_empty == self.n_rows
    }

    /// The same column where quotes tell text.
    pub(super) fn by_quotes(self) -> Self {
        match self.has_quoted {
            false => self,
            true => Self {
                is_bool: false,
                is_i64: false,
                is_u64: false,
                is_f64: false,
                is_comma_float: false,
                date: Time::None,
                span: Time::None,
                ..self
            },
        }
    }

    /// The type that fits. Columns of nothing are text.
    pub(super) fn dtype(&self) -> Result<DType> {
        match (self.date, self.span) {
            _ if self.is_empty() => (),
            _ if self.is_bool => return "|b1".parse(),
            _ if self.is_i64 => return "<i8".parse(),
            _ if self.is_u64 => return "<u8".parse(),
            _ if self.is_f64 && self.inexact.is_none() => return "<f8".parse(),
            (Time::Unit(unit), _) => return format!("<M8[{}]", date::UNITS[unit]).parse(),
            (_, Time::Unit(unit)) => return format!("<m8[{}]", span::UNITS[unit]).parse(),
            _ => (),
        }
        format!("<U{}", self.longest).parse()
    }

    /// Whether all cells are numbers, so that the line is none of names.
    pub(super) fn is_number(&self) -> bool {
        self.is_f64 && self.n_empty < self.n_rows
    }

    /// The cell for whose sake a column is read as text most of whose cells are numbers.
    pub(super) fn other_than_numbers(&self) -> Option<&str> {
        let n_others = self.n_rows - self.n_empty - self.n_numbers;
        let is_most = !self.has_quoted && self.n_numbers > n_others;
        self.other
            .as_deref()
            .filter(|_| is_most && !self.has_comma_floats())
    }

    /// Whether the cells are numbers with commas for points, which are read as text.
    fn has_comma_floats(&self) -> bool {
        self.is_comma_float && self.has_comma
    }

    /// The same as a reason.
    pub(super) fn comma_floats(&self) -> Option<()> {
        self.has_comma_floats().then_some(())
    }

    /// The integer for whose sake a column of numbers is read as text.
    pub(super) fn kept_as_text(&self) -> Option<&str> {
        let is_integer = self.is_i64 || self.is_u64;
        let inexact = self.inexact.as_deref();
        inexact.filter(|_| self.is_f64 && !is_integer && !self.is_bool)
    }
}

/// Whether this is an integer that no double is.
fn is_rounded(text: &str) -> bool {
    /// So many digits are always exact.
    const EXACT_DIGITS: usize = 15;
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = unsigned.trim_start_matches('0');
    if digits.len() <= EXACT_DIGITS || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    // A double has 309 digits before its point at most, all of which are printed.
    digits
        .parse::<f64>()
        .is_ok_and(|value| format!("{value:.0}") != digits)
}

/// The elements of one or, where a row of it has several cells, of many columns.
pub(super) struct Elements {
    dtype: DType,
    values: Values,
    validity: Validity,
    has_nulls: bool,
}

/// What cells become.
pub(super) enum Values {
    /// Numbers, one behind another.
    Bytes(Vec<u8>),
    /// Text stays as it is.
    Text(text::Cells),
}

impl Elements {
    /// None yet.
    pub(super) fn new(dtype: DType) -> Self {
        Self {
            dtype,
            values: match dtype.kind() {
                Kind::Str => Values::Text(text::Cells::default()),
                _ => Values::Bytes(Vec::new()),
            },
            validity: Validity::repeat(true, 0),
            has_nulls: false,
        }
    }

    pub(super) fn dtype(&self) -> DType {
        self.dtype
    }

    /// The values, and which rows have one, if not all.
    pub(super) fn into_parts(self) -> (Values, Option<Validity>) {
        (self.values, self.has_nulls.then_some(self.validity))
    }

    /// Adds a row of cells. A row without a value is empty in all of them.
    pub(super) fn push(&mut self, cells: &[Cell<'_>], limits: &Limits) -> Result<()> {
        let is_text = self.dtype.kind() == Kind::Str;
        let is_empty = |cell: &Cell<'_>| cell.text.is_empty() && !(is_text && cell.is_quoted);
        let is_null = !cells.is_empty() && cells.iter().all(is_empty);
        self.validity.push(!is_null);
        self.has_nulls |= is_null;
        for cell in cells {
            match &mut self.values {
                Values::Text(cells) => cells.push(self.dtype, &cell.text)?,
                Values::Bytes(bytes) if is_null => {
                    // Before the first value that is none of the type, that has not been refused yet.
                    check_is_read(self.dtype)?;
                    bytes.resize(bytes.len() + self.dtype.item_bytes() as usize, 0);
                }
                Values::Bytes(bytes) => push_cell(self.dtype, &cell.text, bytes)?,
            }
        }
        match &self.values {
            Values::Bytes(bytes) => limits.check_array_bytes(bytes.len() as u64),
            // Held against the limits when it is made an array.
            Values::Text(_) => Ok(()),
        }
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
        Kind::DateTime | Kind::TimeDelta => {
            let value = match text {
                _ if text == date::NOT_A_TIME.0 => date::NOT_A_TIME.1,
                _ => time_of(dtype, text).ok_or_else(misfit)?,
            };
            bytes.extend_from_slice(&value.to_le_bytes());
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

/// The number that a date or a span is in the unit of the type, which it says itself.
fn time_of(dtype: DType, text: &str) -> Option<i64> {
    let (unit, value) = match dtype.kind() {
        Kind::DateTime => match dtype.time_unit()? {
            // Digits alone would be a number, and a day.
            (_, "Y") => ("Y", date::years(text)?),
            (_, "W") => ("W", date::weeks(text)?),
            _ => date::parse(text).map(|(unit, value)| (date::UNITS[unit], value))?,
        },
        _ => span::parse(text).map(|(unit, value)| (span::UNITS[unit], value))?,
    };
    let (count, base) = dtype.time_unit()?;
    let is_whole = base == unit && value % i64::from(count) == 0;
    // A date of several units would be told by more digits than it has.
    let is_one = count == 1 || dtype.kind() == Kind::TimeDelta;
    (is_whole && is_one).then(|| value / i64::from(count))
}

/// Refuses types whose elements are not read from text.
fn check_is_read(dtype: DType) -> Result<()> {
    match dtype.kind() {
        Kind::Float if dtype.item_bytes() > 8 => Err(unreadable(dtype)),
        Kind::Bool | Kind::Int | Kind::UInt | Kind::Float => Ok(()),
        Kind::DateTime | Kind::TimeDelta => Ok(()),
        _ => Err(unreadable(dtype)),
    }
}

fn unreadable(dtype: DType) -> Error {
    Error::unsupported(format!("{dtype} is not read from text"))
}
