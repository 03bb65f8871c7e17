//! The header of one HDU: cards up to `END`, in blocks of 2880 bytes.

use std::collections::HashMap;

use super::BLOCK_BYTES;
use super::card::{CARD_BYTES, Card, Value};
use crate::container::json::Json;
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::storage::ReadAt;

/// What a header says.
#[derive(Debug)]
pub(super) struct Header {
    cards: Vec<Card>,
    /// The first card of each keyword that has a value.
    numbers: HashMap<String, usize>,
    /// Its bytes in the file, with the blanks that fill the last block.
    pub(super) n_bytes: u64,
}

impl Header {
    /// Reads the header at an offset. `n_before` bytes of headers were read before: metadata have one budget.
    ///
    /// # Errors
    /// `Truncated` for one that does not end within the file; `LimitExceeded`; those of the storage.
    pub(super) fn read(
        store: &dyn ReadAt,
        offset: u64,
        n_before: u64,
        limits: &Limits,
    ) -> Result<Self> {
        let mut bytes = Vec::new();
        let mut n_cards = 0;
        loop {
            let start = bytes.len() as u64;
            let rest = store.len().saturating_sub(offset + start);
            // As much again as there was, so that a long header takes few reads and a short one no bytes of the data.
            let n = start.max(BLOCK_BYTES).min(rest / BLOCK_BYTES * BLOCK_BYTES);
            if n == 0 {
                let what =
                    format!("a header without END: {start} bytes, and then the end of the file");
                return Err(Error::truncated(what).at(offset + start));
            }
            limits.check_metadata_bytes(n_before + start + n)?;
            bytes.resize((start + n) as usize, 0);
            store.read_exact_at(&mut bytes[start as usize..], offset + start)?;
            let cards = bytes.chunks_exact(CARD_BYTES);
            if let Some(end) = cards.skip(n_cards).position(is_end) {
                let n_bytes =
                    (((n_cards + end + 1) * CARD_BYTES) as u64).next_multiple_of(BLOCK_BYTES);
                bytes.truncate((n_cards + end) * CARD_BYTES);
                return Ok(Self::of(&bytes, n_bytes));
            }
            n_cards = bytes.len() / CARD_BYTES;
        }
    }

    fn of(bytes: &[u8], n_bytes: u64) -> Self {
        let mut cards: Vec<Card> = Vec::new();
        for bytes in bytes.chunks_exact(CARD_BYTES) {
            if let Some(Card {
                value: Value::Text(text),
                comment,
                ..
            }) = cards.last_mut()
                && text.ends_with('&')
                && let Some((more, said)) = Card::continued(bytes)
            {
                text.pop();
                text.push_str(&more);
                comment.push_str(&said);
                continue;
            }
            if bytes.iter().any(|&byte| byte != b' ') {
                cards.push(Card::parse(bytes));
            }
        }
        let mut numbers = HashMap::new();
        for (i, card) in cards.iter().enumerate() {
            // A card without a keyword of its own gives none a value.
            if card.value != Value::None && !card.keyword.is_empty() {
                numbers.entry(card.keyword.clone()).or_insert(i);
            }
        }
        Self {
            cards,
            numbers,
            n_bytes,
        }
    }

    fn value(&self, keyword: &str) -> Option<&Value> {
        self.numbers.get(keyword).map(|&i| &self.cards[i].value)
    }

    /// The text of a keyword, where it has one that is not empty.
    pub(super) fn text(&self, keyword: &str) -> Option<&str> {
        match self.value(keyword) {
            Some(Value::Text(text)) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// The truth of a keyword.
    pub(super) fn logical(&self, keyword: &str) -> Option<bool> {
        match self.value(keyword) {
            Some(Value::Logical(value)) => Some(*value),
            _ => None,
        }
    }

    /// The whole number of a keyword.
    ///
    /// # Errors
    /// `Corrupt` where its value is none, or has more than 64 bits.
    pub(super) fn integer(&self, keyword: &str) -> Result<Option<i64>> {
        let bad = || Error::corrupt(format!("{keyword} is no whole number"));
        match self.value(keyword) {
            None => Ok(None),
            Some(Value::Integer(value)) => i64::try_from(*value).map(Some).map_err(|_| bad()),
            // Some writers give whole numbers a full stop.
            Some(Value::Float(value)) if value.fract() == 0.0 && value.abs() < 9e15 => {
                Ok(Some(*value as i64))
            }
            Some(_) => Err(bad()),
        }
    }

    /// The number of a keyword, whole or not.
    ///
    /// # Errors
    /// `Corrupt` where its value is none.
    pub(super) fn float(&self, keyword: &str) -> Result<Option<f64>> {
        match self.value(keyword) {
            None => Ok(None),
            Some(Value::Integer(value)) => Ok(Some(*value as f64)),
            Some(Value::Float(value)) => Ok(Some(*value)),
            Some(_) => Err(Error::corrupt(format!("{keyword} is no number"))),
        }
    }

    /// The length or number that a keyword states.
    ///
    /// # Errors
    /// `Corrupt` where it is missing, no whole number, or negative.
    pub(super) fn count(&self, keyword: &str) -> Result<u64> {
        let value = self.integer(keyword)?;
        let value = value.ok_or_else(|| Error::corrupt(format!("a header without {keyword}")))?;
        u64::try_from(value).map_err(|_| Error::corrupt(format!("{keyword} is {value}")))
    }

    /// The lengths of axes `{prefix}1`, `{prefix}2` and so on, the last and slowest first, as shapes have them.
    ///
    /// # Errors
    /// Those of [`count`](Self::count); `Unsupported` for more axes than arrays have.
    pub(super) fn shape(&self, prefix: &str) -> Result<Vec<u64>> {
        /// That of the standard.
        const MAX_AXES: u64 = 999;
        let n_axes = self.count(prefix)?;
        if n_axes > MAX_AXES {
            return Err(Error::corrupt(format!("{prefix} is {n_axes}")));
        }
        let axis = |i| self.count(&format!("{prefix}{i}"));
        (1..=n_axes).rev().map(axis).collect()
    }

    /// All cards, as an array of keyword, value and comment each.
    pub(super) fn to_json(&self) -> Json {
        Json::Array(self.cards.iter().map(Card::to_json).collect())
    }
}

fn is_end(card: &[u8]) -> bool {
    card.strip_prefix(b"END")
        .is_some_and(|rest| rest.iter().all(|&byte| byte == b' '))
}

#[cfg(test)]
impl Header {
    /// A header of these cards.
    pub(super) fn of_cards(cards: &[&str]) -> Self {
        let bytes: String = cards.iter().map(|card| format!("{card:80}")).collect();
        Self::of(bytes.as_bytes(), BLOCK_BYTES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn read(cards: &[&str]) -> Result<Header> {
        let mut bytes: Vec<u8> = cards
            .iter()
            .flat_map(|card| format!("{card:80}").into_bytes())
            .collect();
        bytes.resize(bytes.len().next_multiple_of(BLOCK_BYTES as usize), b' ');
        Header::read(&bytes, 0, 0, &Limits::default())
    }

    #[test]
    fn long_strings_go_on() {
        let header = read(&[
            "LONG    = 'one &'",
            "CONTINUE  'two &' / a",
            "CONTINUE  'three'",
            "CONTINUE  'lost'",
            "HIERARCH ESO TEL = 'VLT'",
            "LONG    = 'a second one'",
            "END",
        ])
        .unwrap();
        assert_eq!(header.text("LONG"), Some("one two three"));
        assert_eq!(header.text("ESO TEL"), Some("VLT"));
        assert_eq!(header.n_bytes, BLOCK_BYTES);
        let Json::Array(cards) = header.to_json() else {
            panic!("an array");
        };
        assert_eq!(cards.len(), 4, "{cards:?}");
    }

    #[test]
    fn a_header_must_end() {
        assert_eq!(read(&["A = 1"]).unwrap_err().kind(), ErrorKind::Truncated);
        assert_eq!(read(&["END OF"]).unwrap_err().kind(), ErrorKind::Truncated);
        assert_eq!(read(&[]).unwrap_err().kind(), ErrorKind::Truncated);
        let many: Vec<&str> = std::iter::repeat_n("HISTORY x", 200)
            .chain(["END"])
            .collect();
        assert_eq!(read(&many).unwrap().n_bytes, 6 * BLOCK_BYTES);
        let limits = Limits {
            max_metadata_bytes: 2 * BLOCK_BYTES,
            ..Limits::default()
        };
        let bytes = "HISTORY x".repeat(10_000).into_bytes();
        let refused = Header::read(&bytes, 0, 0, &limits).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::LimitExceeded);
    }

    #[test]
    fn numbers_of_the_wrong_kind_are_corrupt() {
        let header = Header::of_cards(&[
            "A       =  -1",
            "B       = 'x'",
            "C       = 99999999999999999999",
            "D       = 2.",
            "N       = 2",
            "N1      = 3",
            "N2      = 4",
        ]);
        for keyword in ["A", "B", "C", "E"] {
            let error = header.count(keyword).expect_err(keyword);
            assert_eq!(error.kind(), ErrorKind::Corrupt);
        }
        assert_eq!(header.count("D").unwrap(), 2);
        assert_eq!(header.shape("N").unwrap(), [4, 3]);
        assert_eq!(header.float("C").unwrap(), Some(1e20));
    }
}
