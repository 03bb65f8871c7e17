//! Element types, by numpy's descriptors: `<f8`, `|u1`, `<U20`, `<M8[ns]`.
//!
//! A descriptor is a byte order, a kind, a size and, for times, a unit. Parsed once at the edge; printing gives numpy's
//! own spelling (`|` where byte order means nothing). Other spellings that numpy reads (`d`, `float64`) are read, too.
//! Object arrays are refused: their bytes are pointers.

mod spelling;

use std::fmt;
use std::str::FromStr;

use paginum_wrapped::NumberType;

use crate::error::{Error, Result};

/// What the bytes of an element mean.
///
/// ```
/// use paginum::{DType, Kind};
/// let times: DType = "<M8[ns]".parse()?;
/// assert_eq!((times.kind(), times.kind().letter()), (Kind::DateTime, 'M'));
/// # Ok::<(), paginum::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `b`: one byte, 0 or 1.
    Bool,
    /// `i`: two's complement, 1 to 8 bytes.
    Int,
    /// `u`: 1 to 8 bytes.
    UInt,
    /// `f`: IEEE 754 of 2, 4, 8 bytes, or the machine's long double of 12 or 16.
    Float,
    /// `c`: real and imaginary part, 8 or 16 bytes (24 and 32 for long doubles).
    Complex,
    /// `S`: bytes, NUL padded.
    Bytes,
    /// `U`: UTF-32, 4 bytes a character, NUL padded.
    Str,
    /// `V`: opaque.
    Void,
    /// `M`: a point in time, 8 bytes.
    DateTime,
    /// `m`: a span of time, 8 bytes.
    TimeDelta,
}

impl Kind {
    /// Numpy's letter.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::Bool => 'b',
            Self::Int => 'i',
            Self::UInt => 'u',
            Self::Float => 'f',
            Self::Complex => 'c',
            Self::Bytes => 'S',
            Self::Str => 'U',
            Self::Void => 'V',
            Self::DateTime => 'M',
            Self::TimeDelta => 'm',
        }
    }

    fn from_letter(letter: u8) -> Option<Self> {
        Some(match letter {
            b'b' => Self::Bool,
            b'i' => Self::Int,
            b'u' => Self::UInt,
            b'f' => Self::Float,
            b'c' => Self::Complex,
            b'S' => Self::Bytes,
            b'U' => Self::Str,
            b'V' => Self::Void,
            b'M' => Self::DateTime,
            b'm' => Self::TimeDelta,
            _ => return None,
        })
    }

    /// Whether numpy has this kind in this size, in the units of the descriptor.
    fn has_size(self, size: u64) -> bool {
        match self {
            Self::Bool => size == 1,
            Self::Int | Self::UInt => matches!(size, 1 | 2 | 4 | 8),
            Self::Float => matches!(size, 2 | 4 | 8 | 12 | 16),
            Self::Complex => matches!(size, 8 | 16 | 24 | 32),
            Self::DateTime | Self::TimeDelta => size == 8,
            Self::Bytes | Self::Str | Self::Void => size <= MAX_ITEM_BYTES / 4,
        }
    }
}

/// Numpy's own bound: item sizes are a C int.
const MAX_ITEM_BYTES: u64 = i32::MAX as u64;

/// The order of the bytes of a number.
///
/// ```
/// use paginum::{ByteOrder, DType};
/// for (text, order) in [("<f4", ByteOrder::Little), (">f4", ByteOrder::Big), ("|u1", ByteOrder::None)] {
///     assert_eq!(text.parse::<DType>()?.byte_order(), order);
/// }
/// # Ok::<(), paginum::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ByteOrder {
    /// `<`
    Little,
    /// `>`
    Big,
    /// `|`: there is nothing to order.
    None,
}

impl ByteOrder {
    const NATIVE: Self = if cfg!(target_endian = "big") {
        Self::Big
    } else {
        Self::Little
    };

    fn symbol(self) -> char {
        match self {
            Self::Little => '<',
            Self::Big => '>',
            Self::None => '|',
        }
    }
}

/// The unit of a time: `count` of `base`, as in `[25s]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct TimeUnit {
    count: u32,
    base: &'static str,
}

const TIME_BASES: [&str; 13] = [
    "Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as",
];

/// numpy's bound of the count of a unit: a C int.
const MAX_UNIT_COUNT: u32 = i32::MAX as u32;

impl TimeUnit {
    fn parse(text: &str) -> Option<Self> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (count, base) = text.split_at(digits);
        let count = if digits == 0 { 1 } else { count.parse().ok()? };
        let base = TIME_BASES.into_iter().find(|known| *known == base)?;
        (1..=MAX_UNIT_COUNT)
            .contains(&count)
            .then_some(Self { count, base })
    }
}

/// The type of an array's elements.
///
/// ```
/// use paginum::DType;
/// let dtype: DType = "<f8".parse()?;
/// assert_eq!(dtype.item_bytes(), 8);
/// assert_eq!(dtype.to_string(), "<f8");
/// # Ok::<(), paginum::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DType {
    kind: Kind,
    order: ByteOrder,
    item_bytes: u32,
    unit: Option<TimeUnit>,
}

impl DType {
    /// The little-endian dtype of the engine's number type.
    #[must_use]
    pub fn of(number_type: NumberType) -> Self {
        let kind = match number_type {
            NumberType::U8 | NumberType::U16 | NumberType::U32 | NumberType::U64 => Kind::UInt,
            NumberType::I8 | NumberType::I16 | NumberType::I32 | NumberType::I64 => Kind::Int,
            NumberType::F16 | NumberType::F32 | NumberType::F64 => Kind::Float,
        };
        let item_bytes = number_type.size_bytes() as u32;
        let order = if item_bytes == 1 {
            ByteOrder::None
        } else {
            ByteOrder::Little
        };
        Self {
            kind,
            order,
            item_bytes,
            unit: None,
        }
    }

    /// What the bytes of an element mean.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The order of the bytes of a number.
    #[must_use]
    pub fn byte_order(&self) -> ByteOrder {
        self.order
    }

    /// Whether numbers must be swapped to be read on this machine.
    #[must_use]
    pub fn is_swapped(&self) -> bool {
        self.order != ByteOrder::None && self.order != ByteOrder::NATIVE
    }

    /// Bytes of one element: 80 for `<U20`; 0 for the empty strings `<U0`.
    #[must_use]
    pub fn item_bytes(&self) -> u64 {
        self.item_bytes.into()
    }

    /// The unit of a time, where it has one: `(25, "s")` for `<M8[25s]`.
    #[must_use]
    pub fn time_unit(&self) -> Option<(u32, &'static str)> {
        self.unit.map(|unit| (unit.count, unit.base))
    }

    /// The engine's type of the numbers that an element consists of (see [`components`](Self::components)): bool as
    /// `u8`, times as `i64`, complex as pairs of floats; none for strings, bytes, void and long doubles.
    #[must_use]
    pub fn number_type(&self) -> Option<NumberType> {
        Some(match (self.kind, self.item_bytes) {
            (Kind::Bool, 1) | (Kind::UInt, 1) => NumberType::U8,
            (Kind::UInt, 2) => NumberType::U16,
            (Kind::UInt, 4) => NumberType::U32,
            (Kind::UInt, 8) => NumberType::U64,
            (Kind::Int, 1) => NumberType::I8,
            (Kind::Int, 2) => NumberType::I16,
            (Kind::Int, 4) => NumberType::I32,
            (Kind::Int | Kind::DateTime | Kind::TimeDelta, 8) => NumberType::I64,
            (Kind::Float, 2) => NumberType::F16,
            (Kind::Float, 4) | (Kind::Complex, 8) => NumberType::F32,
            (Kind::Float, 8) | (Kind::Complex, 16) => NumberType::F64,
            _ => return None,
        })
    }

    /// Numbers in an element: 2 for complex, 1 for all else.
    #[must_use]
    pub fn components(&self) -> u64 {
        if self.kind == Kind::Complex { 2 } else { 1 }
    }

    /// Bytes that are swapped as one: half of a complex, a character of a string, otherwise the element.
    #[must_use]
    pub fn word_bytes(&self) -> u64 {
        match self.kind {
            Kind::Str => 4,
            Kind::Complex => self.item_bytes() / 2,
            Kind::Bytes | Kind::Void => 1,
            _ => self.item_bytes(),
        }
    }
}

impl FromStr for DType {
    type Err = Error;

    /// Parses a descriptor; spaces at the end, with which `.pv` pads, are ignored.
    fn from_str(text: &str) -> Result<Self> {
        parse(text.trim_end_matches(' '))
    }
}

fn parse(text: &str) -> Result<DType> {
    let unknown = || Error::unsupported(format!("dtype {text:?}"));
    let (order, rest) = match text.as_bytes().first() {
        Some(b'<') => (ByteOrder::Little, &text[1..]),
        Some(b'>') => (ByteOrder::Big, &text[1..]),
        Some(b'|') => (ByteOrder::None, &text[1..]),
        Some(b'=') => (ByteOrder::NATIVE, &text[1..]),
        _ => (ByteOrder::NATIVE, text),
    };
    let canonical = spelling::canonical(rest, rest.len() < text.len());
    let rest = canonical.as_deref().unwrap_or(rest);
    let letter = *rest.as_bytes().first().ok_or_else(unknown)?;
    if letter == b'O' {
        return Err(Error::unsupported(
            "dtype object: its elements are pointers, not data",
        ));
    }
    let kind = Kind::from_letter(letter).ok_or_else(unknown)?;
    let rest = &rest[1..];
    let n_digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = rest.split_at(n_digits);
    let size: u64 = digits.parse().map_err(|_| unknown())?;
    if !kind.has_size(size) {
        return Err(unknown());
    }
    let unit = match rest {
        "" => None,
        _ if matches!(kind, Kind::DateTime | Kind::TimeDelta) => {
            let inner = rest.strip_prefix('[').and_then(|r| r.strip_suffix(']'));
            match inner.ok_or_else(unknown)? {
                "generic" => None,
                unit => Some(TimeUnit::parse(unit).ok_or_else(unknown)?),
            }
        }
        _ => return Err(unknown()),
    };
    let item_bytes = if kind == Kind::Str { 4 * size } else { size };
    let is_orderless = matches!(kind, Kind::Bytes | Kind::Void) || item_bytes == 1;
    let order = match order {
        _ if is_orderless => ByteOrder::None,
        // Numpy writes no such thing, and takes `|` for the machine's order.
        ByteOrder::None => ByteOrder::NATIVE,
        order => order,
    };
    let item_bytes = u32::try_from(item_bytes).map_err(|_| unknown())?;
    Ok(DType {
        kind,
        order,
        item_bytes,
        unit,
    })
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = match self.kind {
            Kind::Str => self.item_bytes / 4,
            _ => self.item_bytes,
        };
        write!(f, "{}{}{size}", self.order.symbol(), self.kind.letter())?;
        match self.unit {
            None => Ok(()),
            Some(TimeUnit { count: 1, base }) => write!(f, "[{base}]"),
            Some(TimeUnit { count, base }) => write!(f, "[{count}{base}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn numpy_spellings_come_back_as_they_went_in() {
        for text in [
            "<f8", "|u1", "|b1", "<U20", "|S5", "|V8", "<M8[ns]", "<m8[25s]", "<M8", ">i2", "<c16",
            "<f16", "<f2", ">U3", "<c32", "<U0", "|S0", "|i1",
        ] {
            let dtype: DType = text.parse().unwrap();
            assert_eq!(dtype.to_string(), text);
        }
    }

    #[test]
    fn other_spellings_become_numpys() {
        for (text, canonical) in [
            ("=f8", "<f8"),
            ("i4", "<i4"),
            ("<u1", "|u1"),
            ("<f4    ", "<f4"),
            ("d", "<f8"),
            (">d", ">f8"),
            ("?", "|b1"),
            ("|b", "|i1"),
            ("b1", "|b1"),
            ("<B", "|u1"),
            ("float64", "<f8"),
            ("int16", "<i2"),
            ("bool", "|b1"),
            ("half", "<f2"),
            ("c", "|S1"),
            ("a5", "|S5"),
            ("S05", "|S5"),
            ("datetime64[ns]", "<M8[ns]"),
            (">timedelta64[25s]", ">m8[25s]"),
            ("M8[generic]", "<M8"),
            ("U", "<U0"),
        ] {
            assert_eq!(text.parse::<DType>().unwrap().to_string(), canonical);
        }
    }

    #[test]
    fn sizes_and_number_types() {
        for (text, item_bytes, number_type) in [
            ("<U20", 80, None),
            ("|b1", 1, Some(NumberType::U8)),
            ("<M8[D]", 8, Some(NumberType::I64)),
            (">c8", 8, Some(NumberType::F32)),
            ("<c16", 16, Some(NumberType::F64)),
            ("<f2", 2, Some(NumberType::F16)),
            ("<f16", 16, None),
            ("|V4", 4, None),
        ] {
            let dtype: DType = text.parse().unwrap();
            assert_eq!(dtype.item_bytes(), item_bytes, "{text}");
            assert_eq!(dtype.number_type(), number_type, "{text}");
        }
    }

    #[test]
    fn every_number_type_has_a_dtype() {
        for number_type in NumberType::ALL {
            let dtype = DType::of(number_type);
            assert_eq!(dtype.number_type(), Some(number_type));
            assert_eq!(dtype.to_string().parse::<DType>().unwrap(), dtype);
        }
    }

    #[test]
    fn what_is_no_dtype_of_bytes_is_unsupported() {
        for text in [
            "",
            "<",
            "|O",
            "|O8",
            "<f3",
            "<i16",
            "object",
            "T",
            "x",
            "<float64",
            "<ubyte",
            "f8,i4",
            "(2,)f8",
            "B1",
            "<M8[2147483648s]",
            "<f8x",
            "<M8[",
            "<M8[xs]",
            "<M8[0s]",
            "<i4[s]",
            "<U4294967296",
            "<U99999999999999999999",
            "|S2147483648",
            "é8",
            "<é",
        ] {
            let error = text.parse::<DType>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{text:?}");
        }
    }
}
