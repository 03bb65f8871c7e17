//! The bytes of one tile, decoded to its numbers.

use std::io::Read;

use super::rice;
use crate::error::{Error, Result};
use crate::text::counted;

/// How the tiles of an image are compressed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Codec {
    Rice {
        block: usize,
        value_bytes: u64,
    },
    Gzip,
    /// The bytes of the same significance together, in gzip.
    ShuffledGzip,
    Hcompress {
        smooth: bool,
    },
    /// Lists of runs, of numbers that are not negative: what is to be added makes them those that an image stores.
    Plio {
        offset: i64,
    },
    None,
}

/// A tile, decoded: whole numbers, or the bytes of numbers as images hold them.
pub(super) enum Decoded {
    Numbers(Vec<i64>),
    /// With the length of one.
    Bytes(Vec<u8>, usize),
}

impl Decoded {
    /// The whole numbers.
    ///
    /// # Errors
    /// `LimitExceeded` where memory cannot hold them.
    pub(super) fn into_numbers(self) -> Result<Vec<i64>> {
        let (bytes, item) = match self {
            Self::Numbers(numbers) => return Ok(numbers),
            Self::Bytes(bytes, item) => (bytes, item),
        };
        let mut numbers = room(bytes.len() / item)?;
        numbers.extend(bytes.chunks_exact(item).map(|bytes| {
            match *bytes {
                [a] => a.into(),
                [a, b] => i16::from_be_bytes([a, b]).into(),
                [a, b, c, d] => i32::from_be_bytes([a, b, c, d]).into(),
                _ => bytes
                    .iter()
                    .fold(0, |number, &byte| number << 8 | i64::from(byte)),
            }
        }));
        Ok(numbers)
    }
}

/// Room for what a tile decodes to.
///
/// # Errors
/// `LimitExceeded` where memory cannot hold it.
pub(super) fn room<T>(n: usize) -> Result<Vec<T>> {
    let mut items = Vec::new();
    let reserved = items.try_reserve_exact(n);
    let n_bytes = n.saturating_mul(size_of::<T>());
    reserved.map_err(|_| Error::limit("bytes of memory", isize::MAX as u64, n_bytes as u64))?;
    Ok(items)
}

impl Codec {
    /// What listings call it: the header's word in lower case, `none` for NOCOMPRESS.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Rice { .. } => "rice_1",
            Self::Gzip => "gzip_1",
            Self::ShuffledGzip => "gzip_2",
            Self::Hcompress { .. } => "hcompress_1",
            Self::Plio { .. } => "plio_1",
            Self::None => "none",
        }
    }

    /// Decodes a tile of `width` by `n / width` numbers. `is_wide` says that they may have more than sixteen bits.
    ///
    /// # Errors
    /// `Corrupt` for bytes that are no such tile, `Unsupported` for variants that are not read.
    pub(super) fn decode(
        self,
        bytes: &[u8],
        n: usize,
        width: usize,
        is_wide: bool,
    ) -> Result<Decoded> {
        match self {
            Self::Rice { block, value_bytes } => {
                rice::decode(bytes, n, block, value_bytes).map(Decoded::Numbers)
            }
            Self::Gzip => gunzip(bytes, n).map(|(bytes, item)| Decoded::Bytes(bytes, item)),
            Self::ShuffledGzip => {
                let (bytes, item) = gunzip(bytes, n)?;
                Ok(Decoded::Bytes(unshuffled(&bytes, item), item))
            }
            Self::None => {
                let item = item_bytes(bytes.len(), n)?;
                Ok(Decoded::Bytes(bytes.to_vec(), item))
            }
            Self::Hcompress { smooth } => hcompress(bytes, n, width, is_wide, smooth),
            Self::Plio { offset } => plio(bytes, n, offset),
        }
    }
}

/// Inflates a tile of `n` numbers, and tells the length of one from what there is.
pub(super) fn gunzip(bytes: &[u8], n: usize) -> Result<(Vec<u8>, usize)> {
    let most = 8 * n as u64 + 1;
    let mut inflated = Vec::new();
    let mut stream = flate2::read::MultiGzDecoder::new(bytes).take(most);
    stream
        .read_to_end(&mut inflated)
        .map_err(|error| Error::corrupt(format!("a tile in gzip: {error}")))?;
    let item = item_bytes(inflated.len(), n)?;
    Ok((inflated, item))
}

fn item_bytes(n_bytes: usize, n: usize) -> Result<usize> {
    let found = [1, 2, 4, 8].into_iter().find(|item| item * n == n_bytes);
    found.ok_or_else(|| {
        let (bytes, numbers) = (counted(n_bytes, "byte"), counted(n, "number"));
        Error::corrupt(format!("{bytes} for a tile of {numbers}"))
    })
}

fn unshuffled(bytes: &[u8], item: usize) -> Vec<u8> {
    let n = bytes.len() / item;
    let mut numbers = vec![0; bytes.len()];
    for (i, plane) in bytes.chunks_exact(n.max(1)).enumerate() {
        for (number, &byte) in numbers.chunks_exact_mut(item).zip(plane) {
            number[i] = byte;
        }
    }
    numbers
}

/// Checked here, since the crate makes room by it: the size that the tile states, and its bit planes.
fn hcompress(bytes: &[u8], n: usize, width: usize, is_wide: bool, smooth: bool) -> Result<Decoded> {
    /// Both axes have so many numbers: what is smaller no writer makes, and the crate has no way of.
    const MIN_AXIS: usize = 4;
    if smooth {
        return Err(Error::unsupported("HCOMPRESS_1 with smoothing"));
    }
    let height = n / width.max(1);
    if width < MIN_AXIS || height < MIN_AXIS {
        return Err(Error::unsupported(format!(
            "HCOMPRESS_1 of a tile of {width} by {height}"
        )));
    }
    let bad = |what: &str| Error::corrupt(format!("an HCOMPRESS_1 tile {what}"));
    let head = bytes
        .first_chunk::<25>()
        .ok_or_else(|| bad("that ends early"))?;
    let axis = |at: usize| {
        u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]) as usize
    };
    if (axis(2), axis(6)) != (height, width) {
        return Err(bad(&format!(
            "of {} by {}, not {width} by {height}",
            axis(6),
            axis(2)
        )));
    }
    let most = if is_wide { 62 } else { 30 };
    if head[22..25].iter().any(|&planes| planes > most) {
        return Err(bad("of more bits than numbers have"));
    }
    // The crate takes it without asking.
    drop(room::<i64>(n)?);
    let decoded = fitskit::tile_compress::hcompress_decompress(bytes, is_wide, 0);
    let (numbers, ..) = decoded.map_err(|error| bad(&format!("({error})")))?;
    match numbers.len() == n {
        true => Ok(Decoded::Numbers(numbers)),
        false => Err(bad("of another size")),
    }
}

fn plio(bytes: &[u8], n: usize, offset: i64) -> Result<Decoded> {
    let (words, _) = bytes.as_chunks::<2>();
    let words: Vec<i16> = words.iter().map(|word| i16::from_be_bytes(*word)).collect();
    check_plio(&words)?;
    // The crate takes it without asking.
    let mut room = room(n)?;
    let numbers = fitskit::tile_compress::plio_decompress(&words, n)
        .map_err(|error| Error::corrupt(format!("a PLIO_1 tile ({error})")))?;
    room.extend(numbers.into_iter().map(|number| i64::from(number) + offset));
    Ok(Decoded::Numbers(room))
}

/// Checked here, since the crate takes words that are missing for zeroes: the length that a list states, which stands in its
/// third word, or in its fourth and fifth where that is zero or less; its runs begin behind them, where the second word says.
fn check_plio(words: &[i16]) -> Result<()> {
    /// Words before the runs of a list that states its length in one.
    const SHORT_HEAD: i64 = 3;
    let ended = || Error::corrupt("a PLIO_1 tile that ends early");
    let word = |i: usize| words.get(i).map(|&word| i64::from(word)).ok_or_else(ended);
    let (start, end) = match word(2)? {
        end if end > 0 => (SHORT_HEAD, end),
        _ => (word(1)?, (word(4)? << 15) + word(3)?),
    };
    match (start..=words.len() as i64).contains(&end) {
        true => Ok(()),
        false if end > words.len() as i64 => Err(ended()),
        false => Err(Error::corrupt(format!("a PLIO_1 tile of {end} words"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three zeroes, a high value of 5 and two numbers of it, in the short form and in the long one.
    #[test]
    fn a_cut_list_is_an_error() {
        let runs = [3, 0x2004, 0x4002];
        let short = [&[0, 0, 6][..], &runs].concat();
        let long = [&[0, 7, -100, 10, 0, 0, 0][..], &runs].concat();
        for list in [short, long] {
            let bytes: Vec<u8> = list
                .iter()
                .flat_map(|word: &i16| word.to_be_bytes())
                .collect();
            let Decoded::Numbers(numbers) = plio(&bytes, 5, 0).unwrap() else {
                panic!("numbers");
            };
            assert_eq!(numbers, [0, 0, 0, 5, 5]);
            for n in 0..bytes.len() {
                assert!(plio(&bytes[..n], 5, 0).is_err(), "{n} bytes");
            }
        }
        let backwards = [0, 9, 0, 7, 0, 0, 0];
        let bytes: Vec<u8> = backwards
            .iter()
            .flat_map(|word: &i16| word.to_be_bytes())
            .collect();
        assert!(plio(&bytes, 5, 0).is_err());
    }
}
