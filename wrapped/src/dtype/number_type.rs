//! Number types by their run-time names, and from those back to Rust's types.

use std::fmt::Display;

use super::Number;

/// The eleven number types of the wire format, with the bytes that name them in standalone files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
#[expect(missing_docs, reason = "each names its Rust type")]
pub enum NumberType {
    U32 = 1,
    U64 = 2,
    I32 = 3,
    I64 = 4,
    F32 = 5,
    F64 = 6,
    U16 = 7,
    I16 = 8,
    F16 = 9,
    U8 = 10,
    I8 = 11,
}

impl NumberType {
    /// All of them, by width within kind.
    pub const ALL: [Self; 11] = [
        Self::U8,
        Self::U16,
        Self::U32,
        Self::U64,
        Self::I8,
        Self::I16,
        Self::I32,
        Self::I64,
        Self::F16,
        Self::F32,
        Self::F64,
    ];

    /// The type that a standalone file names by `byte`.
    #[must_use]
    pub fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|t| *t as u8 == byte)
    }

    /// The Rust name of the type: `"f64"`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::U8 => "u8",
            Self::U16 => "u16",
            Self::U32 => "u32",
            Self::U64 => "u64",
            Self::I8 => "i8",
            Self::I16 => "i16",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::F16 => "f16",
            Self::F32 => "f32",
            Self::F64 => "f64",
        }
    }

    /// The type with this Rust name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.name() == name)
    }

    /// Width in bytes.
    #[must_use]
    pub fn size_bytes(self) -> usize {
        crate::with_number_type!(self, |T| size_of::<T>())
    }

    /// What of it is written on the mantissa side: `Some(mantissa bits)` for floats.
    #[must_use]
    pub fn mantissa_bits(self) -> Option<u32> {
        crate::with_number_type!(self, |T| <T as Number>::MANTISSA_BITS)
    }
}

impl Display for NumberType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Evaluates `$body` with `$T` naming the Rust type of `$number_type`.
///
/// The one list of all types; no wildcard arm, so a new [`NumberType`] does not compile until it is added here.
/// ```
/// use paginum_wrapped::{NumberType, with_number_type};
/// let bytes = with_number_type!(NumberType::F16, |T| size_of::<T>());
/// assert_eq!(bytes, 2);
/// ```
#[macro_export]
macro_rules! with_number_type {
    ($number_type:expr, |$T:ident| $body:expr) => {
        match $number_type {
            $crate::NumberType::U8 => {
                type $T = u8;
                $body
            }
            $crate::NumberType::U16 => {
                type $T = u16;
                $body
            }
            $crate::NumberType::U32 => {
                type $T = u32;
                $body
            }
            $crate::NumberType::U64 => {
                type $T = u64;
                $body
            }
            $crate::NumberType::I8 => {
                type $T = i8;
                $body
            }
            $crate::NumberType::I16 => {
                type $T = i16;
                $body
            }
            $crate::NumberType::I32 => {
                type $T = i32;
                $body
            }
            $crate::NumberType::I64 => {
                type $T = i64;
                $body
            }
            $crate::NumberType::F16 => {
                type $T = $crate::f16;
                $body
            }
            $crate::NumberType::F32 => {
                type $T = f32;
                $body
            }
            $crate::NumberType::F64 => {
                type $T = f64;
                $body
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_types_have_unique_bytes_and_names() {
        for t in NumberType::ALL {
            assert_eq!(NumberType::from_byte(t as u8), Some(t));
            assert_eq!(NumberType::from_name(t.name()), Some(t));
        }
        assert_eq!(NumberType::from_byte(0), None);
        assert_eq!(NumberType::from_byte(12), None);
    }
}
