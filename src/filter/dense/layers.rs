//! What stands between the numbers of a column and the engine, and its bytes in the metadata of a chunk.

use crate::error::Result;
use crate::filter::cursor::{Cursor, push_varint};
use crate::filter::steps::Step;

const DICTIONARY: u8 = 1 << 4;
const MATCHES: u8 = 1 << 3;
const STEP_BITS: u8 = 0b111;
const NO_STEP: u8 = 0;
const LAG: u8 = 1;
const GRAD: u8 = 2;

/// The layers of a column, in the order in which numbers pass them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Layers {
    /// Ranks among the distinct numbers instead of numbers.
    pub(super) dictionary: bool,
    pub(super) tail: Tail,
}

/// Those that know words only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tail {
    pub(super) step: Step,
    pub(super) matches: bool,
}

impl Layers {
    /// Whether numbers go to the engine as they are.
    pub(super) fn is_none(self) -> bool {
        self == Self::default()
    }

    pub(super) fn write(self, out: &mut Vec<u8>) {
        let (step, distances) = match self.tail.step {
            Step::None => (NO_STEP, vec![]),
            Step::Lag { far } => (LAG, vec![far]),
            Step::Grad { near, far } => (GRAD, vec![near, far]),
        };
        let matches = if self.tail.matches { MATCHES } else { 0 };
        let dictionary = if self.dictionary { DICTIONARY } else { 0 };
        out.push(step | matches | dictionary);
        // Chunks have at most 2^24 numbers.
        distances
            .into_iter()
            .for_each(|distance| push_varint(distance as u32, out));
    }

    pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Self> {
        let start = cursor.clone();
        let byte: u8 = cursor.word()?;
        if byte & !(DICTIONARY | MATCHES | STEP_BITS) != 0 {
            return Err(start.corrupt("layers that there are not"));
        }
        let mut distance = || cursor.varint().map(|distance| distance as usize);
        let step = match byte & STEP_BITS {
            NO_STEP => Step::None,
            LAG => Step::Lag { far: distance()? },
            GRAD => Step::Grad {
                near: distance()?,
                far: distance()?,
            },
            _ => return Err(start.corrupt("a step that there is not")),
        };
        let is_possible = match step {
            Step::None => true,
            Step::Lag { far } => far > 0,
            Step::Grad { near, far } => 0 < near && near < far,
        };
        if !is_possible {
            return Err(start.corrupt("a step from no earlier word"));
        }
        Ok(Self {
            dictionary: byte & DICTIONARY != 0,
            tail: Tail {
                step,
                matches: byte & MATCHES != 0,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_come_back() {
        let steps = [
            Step::None,
            Step::Lag { far: 1 },
            Step::Lag { far: 1 << 23 },
            Step::Grad { near: 3, far: 900 },
        ];
        for step in steps {
            for (dictionary, matches) in
                [(false, false), (false, true), (true, false), (true, true)]
            {
                let tail = Tail { step, matches };
                let layers = Layers { dictionary, tail };
                let mut bytes = Vec::new();
                layers.write(&mut bytes);
                let mut cursor = Cursor::new(&bytes);
                assert_eq!(Layers::read(&mut cursor).unwrap(), layers);
                cursor.finish().unwrap();
            }
        }
    }

    #[test]
    fn layers_that_cannot_be_are_refused() {
        for bytes in [
            &[][..],
            &[0x20],
            &[0x80],
            &[3],
            &[7],
            &[1],
            &[1, 0],
            &[2, 1],
            &[2, 0, 5],
            &[2, 5, 5],
        ] {
            assert!(Layers::read(&mut Cursor::new(bytes)).is_err(), "{bytes:?}");
        }
    }
}
