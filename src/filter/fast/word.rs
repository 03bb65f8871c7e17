//! The words that a payload is made of: the bits of the array's numbers.

use paginum_wrapped::vertical::{self, Decimal};
use paginum_wrapped::{Isa, Latent, NumberType};

/// A word of 8 to 64 bits.
pub(super) trait Word: Latent {
    /// How floats of this width become whole numbers, where they may.
    const DECIMALS: Option<Decimals<Self>>;
}

/// The steps of [`Decimal`] for one width.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decimals<L> {
    pub(super) max_exponent: u8,
    pub(super) from_whole: fn(Isa, &mut [L], u8, u8),
    pub(super) to_whole: fn(Isa, &[L], u8, u8, &mut [L]) -> usize,
}

impl<L: Decimal> Decimals<L> {
    const SOME: Option<Self> = Some(Self {
        max_exponent: L::MAX_EXPONENT,
        from_whole: L::from_whole,
        to_whole: L::to_whole,
    });
}

impl Word for u8 {
    const DECIMALS: Option<Decimals<Self>> = None;
}
impl Word for u16 {
    const DECIMALS: Option<Decimals<Self>> = None;
}
impl Word for u32 {
    const DECIMALS: Option<Decimals<Self>> = Decimals::SOME;
}
impl Word for u64 {
    const DECIMALS: Option<Decimals<Self>> = Decimals::SOME;
}

/// What order words have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Unsigned,
    Signed,
    /// Bits of floats: small differences of words are small differences of numbers only where both have one sign.
    Float,
}

impl Order {
    /// That of the numbers of an array.
    pub(super) fn of(number_type: NumberType) -> Self {
        match number_type {
            NumberType::U8 | NumberType::U16 | NumberType::U32 | NumberType::U64 => Self::Unsigned,
            NumberType::I8 | NumberType::I16 | NumberType::I32 | NumberType::I64 => Self::Signed,
            NumberType::F16 | NumberType::F32 | NumberType::F64 => Self::Float,
        }
    }

    /// What sorts words as what they stand for.
    pub(super) fn key<L: Latent>(self, word: L) -> L {
        match self {
            Self::Float => vertical::ordered(word),
            Self::Signed => word ^ L::MID,
            Self::Unsigned => word,
        }
    }

    /// What exclusive or puts words into the order of unsigned ones.
    pub(super) fn flip<L: Latent>(self) -> L {
        match self {
            Self::Signed => L::MID,
            Self::Unsigned | Self::Float => L::zero(),
        }
    }
}
