//! `DATASUM` and `CHECKSUM`: sums of 32-bit words whose carries are added again at the low end, as the standard has them.

use super::BLOCK_BYTES;
use crate::error::{Error, Result};
use crate::storage::ReadAt;

/// A sum that bytes are added to, any number at a time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sum {
    sum: u64,
    /// Bytes so far, modulo the four of a word.
    phase: usize,
}

impl Sum {
    pub(super) fn add(&mut self, mut bytes: &[u8]) {
        while self.phase != 0
            && let Some((&byte, rest)) = bytes.split_first()
        {
            self.add_byte(byte);
            bytes = rest;
        }
        let (words, rest) = bytes.split_at(bytes.len() / 4 * 4);
        // Carries wait in the upper half of the sum, which so many words cannot fill.
        for piece in words.chunks(1 << 20) {
            let words = piece.chunks_exact(4);
            let words = words.map(|word| u32::from_be_bytes([word[0], word[1], word[2], word[3]]));
            self.sum = folded(self.sum + words.map(u64::from).sum::<u64>());
        }
        for &byte in rest {
            self.add_byte(byte);
        }
    }

    fn add_byte(&mut self, byte: u8) {
        self.sum = folded(self.sum + (u64::from(byte) << (8 * (3 - self.phase))));
        self.phase = (self.phase + 1) % 4;
    }

    /// The sum, with the last word filled up by zeroes.
    pub(super) fn value(self) -> u32 {
        self.sum as u32
    }
}

fn folded(mut sum: u64) -> u64 {
    while sum > u64::from(u32::MAX) {
        sum = (sum & u64::from(u32::MAX)) + (sum >> 32);
    }
    sum
}

/// The sum of some bytes of a store.
///
/// # Errors
/// Those of the storage.
pub(super) fn of_store(store: &dyn ReadAt, offset: u64, n_bytes: u64) -> Result<u32> {
    const PIECE_BYTES: u64 = 1 << 20;
    let mut sum = Sum::default();
    let mut piece = Vec::new();
    let mut done = 0;
    while done < n_bytes {
        let n = PIECE_BYTES.min(n_bytes - done);
        piece.resize(n as usize, 0);
        store.read_exact_at(&mut piece, offset + done)?;
        sum.add(&piece);
        done += n;
    }
    Ok(sum.value())
}

/// The sum of two sums.
pub(super) fn added(a: u32, b: u32) -> u32 {
    folded(u64::from(a) + u64::from(b)) as u32
}

/// The sixteen letters and digits of a `CHECKSUM` that make the sum of an HDU all ones, where `sum` is its sum with sixteen
/// zeroes (the character) in their place. By the recipe of the standard's appendix J: each byte of the complement is cut into
/// four that add up to it, which are moved off punctuation in pairs.
pub(super) fn encoded(sum: u32) -> [u8; 16] {
    const FIRST: u8 = b'0';
    let is_punctuation = |byte: u8| matches!(byte, 0x3a..=0x40 | 0x5b..=0x60);
    let mut letters = [0_u8; 16];
    for (i, byte) in (!sum).to_be_bytes().into_iter().enumerate() {
        let (quotient, remainder) = (byte / 4 + FIRST, byte % 4);
        let mut parts = [quotient + remainder, quotient, quotient, quotient];
        while parts.iter().any(|&part| is_punctuation(part)) {
            for pair in parts.chunks_exact_mut(2) {
                if pair.iter().any(|&part| is_punctuation(part)) {
                    pair[0] += 1;
                    pair[1] -= 1;
                }
            }
        }
        for (j, part) in parts.into_iter().enumerate() {
            // The value stands one byte right of where words begin.
            letters[(4 * j + i + 1) % 16] = part;
        }
    }
    letters
}

/// Holds a sum against the one that a header states, which is a number in text.
///
/// # Errors
/// `Checksum` where they differ; `Corrupt` for a text that is no number.
pub(super) fn check_data(stated: &str, found: u32, offset: u64) -> Result<()> {
    match stated.trim().parse::<u32>() {
        Ok(stated) if stated == found => Ok(()),
        Ok(stated) => {
            let what = format!("the data sum up to {found}, DATASUM is {stated}");
            Err(Error::checksum(what).at(offset))
        }
        Err(_) => Err(Error::corrupt("DATASUM is no number").at(offset)),
    }
}

/// Bytes of data with what fills their last block.
pub(super) fn padded(n_bytes: u64) -> u64 {
    n_bytes.next_multiple_of(BLOCK_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_do_not_depend_on_pieces() {
        let bytes: Vec<u8> = (0..1003_u32).map(|i| (i * i / 3) as u8 | 0x80).collect();
        let mut whole = Sum::default();
        whole.add(&bytes);
        for size in 1..9 {
            let mut sum = Sum::default();
            bytes.chunks(size).for_each(|piece| sum.add(piece));
            assert_eq!(sum.value(), whole.value(), "{size}");
        }
        assert_eq!(of_store(&bytes, 0, 1003).unwrap(), whole.value());
    }

    #[test]
    fn an_encoded_sum_makes_the_whole_all_ones() {
        for sum in [0, 1, 0x3a3f_4060, u32::MAX, 868_229_149, 0x1234_5678] {
            let letters = encoded(sum);
            assert!(letters.iter().all(u8::is_ascii_alphanumeric), "{letters:?}");
            // A header whose rest makes up for what sixteen zeroes add.
            let at = |text: &[u8]| {
                let mut sum = Sum::default();
                sum.add(&[0; 3]);
                sum.add(text);
                sum.add(&[0; 1]);
                sum.value()
            };
            let rest = added(sum, !at(b"0000000000000000"));
            assert_eq!(added(rest, at(&letters)), u32::MAX, "{sum}");
        }
    }
}
