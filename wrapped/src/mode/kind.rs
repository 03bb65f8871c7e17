//! Kinds of numbers: what is left of a number type once its width is known.

use crate::dtype::{Latent, Number, NumberType};

/// How the ordered latent of a number becomes its bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NumberKind {
    Unsigned,
    Signed,
    Float,
}

impl NumberKind {
    pub(crate) fn of<T: Number>() -> Self {
        use NumberType::{F16, F32, F64, I8, I16, I32, I64, U8, U16, U32, U64};
        match T::NUMBER_TYPE {
            U8 | U16 | U32 | U64 => Self::Unsigned,
            I8 | I16 | I32 | I64 => Self::Signed,
            F16 | F32 | F64 => Self::Float,
        }
    }

    /// The bits of the number with this ordered latent.
    #[inline(always)]
    pub(crate) fn bits<L: Latent>(self, latent: L) -> L {
        match self {
            Self::Unsigned => latent,
            Self::Signed => latent.toggled(),
            Self::Float if latent & L::MID != L::zero() => latent.toggled(),
            Self::Float => !latent,
        }
    }

    /// Turns what stands in `numbers` into their bits: each by `latent`, with what goes with it, into its ordered latent,
    /// and that into bits. One loop a kind, without branches inside.
    #[inline(always)]
    pub(crate) fn finish<L: Latent, S>(
        self,
        numbers: &mut [L],
        others: impl Iterator<Item = S>,
        latent: impl Fn(L, S) -> L,
    ) {
        let pairs = numbers.iter_mut().zip(others);
        match self {
            Self::Unsigned => pairs.for_each(|(n, other)| *n = latent(*n, other)),
            Self::Signed => pairs.for_each(|(n, other)| *n = Self::Signed.bits(latent(*n, other))),
            Self::Float => pairs.for_each(|(n, other)| *n = Self::Float.bits(latent(*n, other))),
        }
    }
}
