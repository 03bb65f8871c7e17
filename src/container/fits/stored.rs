//! How arrays of each type are stored.

use crate::array::ArraySpec;
use crate::dtype::{ByteOrder, DType, Kind};

/// The stored form of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stored {
    /// The letter of a column.
    pub(super) letter: char,
    /// BITPIX of an image, where images can have the type.
    pub(super) bitpix: Option<i32>,
    /// What is added to what is stored, where that has another sign.
    pub(super) zero: Option<i128>,
    word_bytes: usize,
    /// Words come with their lowest byte first.
    is_little: bool,
}

impl Stored {
    /// The form of a type; none for those that the standard does not have.
    pub(super) fn of(dtype: DType) -> Option<Self> {
        let (letter, bitpix, zero) = match (dtype.kind(), dtype.item_bytes()) {
            (Kind::Bool, 1) => ('L', None, None),
            (Kind::UInt, 1) => ('B', Some(8), None),
            (Kind::Int, 1) => ('B', Some(8), Some(-128)),
            (Kind::Int, 2) => ('I', Some(16), None),
            (Kind::UInt, 2) => ('I', Some(16), Some(1 << 15)),
            (Kind::Int, 4) => ('J', Some(32), None),
            (Kind::UInt, 4) => ('J', Some(32), Some(1 << 31)),
            (Kind::Int, 8) => ('K', Some(64), None),
            (Kind::UInt, 8) => ('K', Some(64), Some(1 << 63)),
            (Kind::Float, 4) => ('E', Some(-32), None),
            (Kind::Float, 8) => ('D', Some(-64), None),
            (Kind::Complex, 8) => ('C', None, None),
            (Kind::Complex, 16) => ('M', None, None),
            (Kind::Bytes, _) => ('A', None, None),
            _ => return None,
        };
        Some(Self {
            letter,
            bitpix,
            zero,
            word_bytes: dtype.word_bytes() as usize,
            is_little: dtype.byte_order() == ByteOrder::Little,
        })
    }

    /// Turns elements into what is stored of them.
    pub(super) fn apply(&self, elements: &mut [u8]) {
        if self.letter == 'L' {
            for truth in elements {
                *truth = if *truth == 0 { b'F' } else { b'T' };
            }
            return;
        }
        if self.is_little && self.word_bytes > 1 {
            match self.word_bytes {
                2 => reverse::<2>(elements),
                4 => reverse::<4>(elements),
                8 => reverse::<8>(elements),
                n => elements.chunks_exact_mut(n).for_each(<[u8]>::reverse),
            }
        }
        if self.zero.is_some() {
            for word in elements.chunks_exact_mut(self.word_bytes) {
                word[0] ^= 0x80;
            }
        }
    }

    /// The form of a column of such rows, and its axes where one number does not say them.
    pub(super) fn form(&self, spec: &ArraySpec) -> (String, Option<String>) {
        let mut axes: Vec<u64> = spec.shape().iter().skip(1).rev().copied().collect();
        let n_axes = axes.len();
        let mut repeat = spec.row_elements();
        if self.letter == 'A' {
            axes.insert(0, spec.dtype().item_bytes());
            repeat = spec.row_bytes();
        }
        let is_plain = match self.letter {
            'A' => n_axes == 0,
            _ => n_axes == 0 || (n_axes == 1 && repeat != 1),
        };
        let axes: Vec<String> = axes.iter().map(u64::to_string).collect();
        let dimensions = (!is_plain).then(|| format!("({})", axes.join(",")));
        (format!("{repeat}{}", self.letter), dimensions)
    }
}

fn reverse<const N: usize>(elements: &mut [u8]) {
    let (words, _) = elements.as_chunks_mut::<N>();
    for word in words {
        word.reverse();
    }
}
