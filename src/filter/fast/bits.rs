//! Short numbers of one width, one after another: low bits first.

use crate::error::Result;
use crate::filter::cursor::Cursor;

/// The most bits of a number.
const MAX_WIDTH: u8 = 16;

/// Numbers of up to 16 bits, read at their places.
#[derive(Debug)]
pub(super) struct Bits<'a> {
    width: u32,
    bytes: &'a [u8],
}

impl<'a> Bits<'a> {
    /// Reads `n` numbers: u8 width, then so many bits each.
    pub(super) fn read(n: usize, cursor: &mut Cursor<'a>) -> Result<Self> {
        let width = cursor.word::<u8>()?;
        if width > MAX_WIDTH {
            return Err(cursor.corrupt("numbers of impossible width"));
        }
        let bits = n.saturating_mul(usize::from(width));
        Ok(Self {
            width: width.into(),
            bytes: cursor.take(bits.div_ceil(8))?,
        })
    }

    /// Number `i`, which must be there.
    #[inline]
    pub(super) fn get(&self, i: usize) -> usize {
        let bit = i * self.width as usize;
        let at = bit / 8;
        let word = match self.bytes.get(at..at + 4) {
            Some(bytes) => u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]),
            None => {
                let rest = self.bytes.get(at..).unwrap_or_default();
                let all = rest.iter().rev();
                all.fold(0, |word, byte| word << 8 | u32::from(*byte))
            }
        };
        (word >> (bit % 8) & ((1 << self.width) - 1)) as usize
    }
}

/// Appends numbers as [`Bits::read`] takes them.
pub(super) fn write(numbers: &[u16], out: &mut Vec<u8>) {
    let most = numbers.iter().copied().max().unwrap_or(0);
    let width = u16::BITS - most.leading_zeros();
    out.push(width as u8);
    let (mut word, mut bits) = (0_u64, 0);
    for number in numbers {
        word |= u64::from(*number) << bits;
        bits += width;
        while bits >= 8 {
            out.push(word as u8);
            word >>= 8;
            bits -= 8;
        }
    }
    if bits > 0 {
        out.push(word as u8);
    }
}
