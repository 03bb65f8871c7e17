//! `RICE_1`: differences of neighbours, folded to numbers without sign, in blocks with a split of their own each.
//!
//! The first value stands whole before the blocks. A block states its split plus one: zero says that all differences are, the
//! largest one that they stand whole; else the upper part of each is a run of zeroes and a one, and the lower part follows.

use super::codec::room;
use crate::error::{Error, Result};

/// The widths of the parts of a stream, by the bytes of a value.
struct Widths {
    value: u32,
    split: u32,
    /// The split of differences that stand whole.
    whole: u32,
}

/// Decodes `n` values of one, two or four bytes.
///
/// # Errors
/// `Corrupt` for a stream that ends early, or states a split that there is not.
pub(super) fn decode(stream: &[u8], n: usize, block: usize, value_bytes: u64) -> Result<Vec<i64>> {
    let widths = match value_bytes {
        1 => Widths {
            value: 8,
            split: 3,
            whole: 6,
        },
        2 => Widths {
            value: 16,
            split: 4,
            whole: 14,
        },
        _ => Widths {
            value: 32,
            split: 5,
            whole: 25,
        },
    };
    let unused = 64 - widths.value;
    let mut bits = Bits {
        stream,
        word: 0,
        n_bits: 0,
    };
    let mut values = room(n)?;
    let mut last = bits.take(widths.value)?;
    while values.len() < n {
        let split = bits.take(widths.split)?;
        let n_block = block.min(n - values.len());
        let mut step = |folded: u64| {
            let difference = (folded >> 1) ^ (folded & 1).wrapping_neg();
            last = last.wrapping_add(difference);
            values.push(((last << unused) as i64) >> unused);
        };
        match split {
            0 => (0..n_block).for_each(|_| step(0)),
            split if u64::from(widths.whole) + 1 == split => {
                for _ in 0..n_block {
                    step(bits.take(widths.value)?);
                }
            }
            split if split <= u64::from(widths.whole) => {
                let split = split as u32 - 1;
                for _ in 0..n_block {
                    let upper = bits.zeroes()?;
                    step(upper << split | bits.take(split)?);
                }
            }
            split => return Err(Error::corrupt(format!("a Rice split of {split}"))),
        }
    }
    Ok(values)
}

/// Bits, the highest of each byte first.
struct Bits<'a> {
    stream: &'a [u8],
    /// The bits that come next, at the upper end; below them zeroes.
    word: u64,
    n_bits: u32,
}

impl Bits<'_> {
    fn refill(&mut self) {
        if let Some((next, rest)) = self.stream.split_first_chunk::<4>()
            && self.n_bits <= 32
        {
            self.word |= u64::from(u32::from_be_bytes(*next)) << (32 - self.n_bits);
            self.n_bits += 32;
            self.stream = rest;
        }
        while self.n_bits <= 56
            && let Some((&next, rest)) = self.stream.split_first()
        {
            self.word |= u64::from(next) << (56 - self.n_bits);
            self.n_bits += 8;
            self.stream = rest;
        }
    }

    /// Up to 32 bits as a number.
    fn take(&mut self, n: u32) -> Result<u64> {
        if n == 0 {
            return Ok(0);
        }
        if self.n_bits < n {
            self.refill();
            if self.n_bits < n {
                return Err(ended());
            }
        }
        let value = self.word >> (64 - n);
        self.word <<= n;
        self.n_bits -= n;
        Ok(value)
    }

    /// Zeroes up to a one, which is taken, too.
    fn zeroes(&mut self) -> Result<u64> {
        let mut n = 0;
        loop {
            let run = self.word.leading_zeros();
            if run < self.n_bits {
                self.word = self.word << run << 1;
                self.n_bits -= run + 1;
                return Ok(n + u64::from(run));
            }
            n += u64::from(self.n_bits);
            (self.word, self.n_bits) = (0, 0);
            self.refill();
            if self.n_bits == 0 {
                return Err(ended());
            }
        }
    }
}

fn ended() -> Error {
    Error::corrupt("a Rice stream that ends early")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_of_another_encoder_are_read() {
        for block in [16, 32] {
            let values: Vec<i32> = (0..1000_i32)
                .map(|i| i * i % 977 * if i % 50 == 0 { 999_999 } else { 1 })
                .collect();
            let expected: Vec<i64> = values.iter().map(|&value| value.into()).collect();
            let stream = fitskit::tile_compress::rice_compress_i32(&values, block);
            assert_eq!(decode(&stream, 1000, block, 4).unwrap(), expected);
            assert!(decode(&stream[..stream.len() / 2], 1000, block, 4).is_err());
            let values: Vec<i16> = values.iter().map(|&value| value as i16).collect();
            let expected: Vec<i64> = values.iter().map(|&value| value.into()).collect();
            let stream = fitskit::tile_compress::rice_compress_i16(&values, block);
            assert_eq!(decode(&stream, 1000, block, 2).unwrap(), expected);
            let values: Vec<u8> = values.iter().map(|&value| value as u8).collect();
            let stream = fitskit::tile_compress::rice_compress_i8(&values, block);
            let found = decode(&stream, 1000, block, 1).unwrap();
            assert!(found.iter().zip(&values).all(|(&a, &b)| a as u8 == b));
        }
        assert_eq!(decode(&[0, 0, 0, 5, 0], 5, 32, 4).unwrap(), [5; 5]);
        assert!(decode(&[], 1, 32, 4).is_err());
    }
}
