//! Writing a header: cards in the fixed format, strings of any length, and the checksums of the HDU.

use super::BLOCK_BYTES;
use super::card::CARD_BYTES;
use super::checksum::{Sum, added, encoded};
use crate::error::{Error, Result};

/// A header that is being written.
#[derive(Clone, Debug, Default)]
pub(super) struct Cards {
    bytes: Vec<u8>,
}

impl Cards {
    /// The card that an HDU begins with: the first of a file, or an extension of a kind.
    pub(super) fn of(kind: &str, is_first: bool) -> Self {
        let mut cards = Self::default();
        match is_first {
            true => cards.value("SIMPLE", 'T'),
            false => cards.text("XTENSION", kind),
        }
        cards
    }

    fn push(&mut self, card: &str) {
        self.bytes.extend(card.as_bytes());
        let n = self.bytes.len().next_multiple_of(CARD_BYTES);
        self.bytes.resize(n, b' ');
    }

    /// Adds a truth or a number.
    pub(super) fn value(&mut self, keyword: &str, value: impl std::fmt::Display) {
        self.push(&format!("{keyword:8}= {value:>20}"));
    }

    /// Adds a text, on several cards where it is long. It is one that [`check_text`] passed.
    pub(super) fn text(&mut self, keyword: &str, text: &str) {
        /// Characters between the quotes, one of them for the sign that more follows.
        const MOST: usize = 67;
        let (mut lead, mut part) = (format!("{keyword:8}= "), String::new());
        for character in text.chars() {
            let quoted = match character {
                '\'' => "''".to_owned(),
                other => other.to_string(),
            };
            if part.len() + quoted.len() > MOST {
                self.push(&format!("{lead}'{part}&'"));
                "CONTINUE  ".clone_into(&mut lead);
                part.clear();
            }
            part.push_str(&quoted);
        }
        self.push(&format!("{lead}'{part:8}'"));
    }

    /// Its bytes in the file, with checksums and blanks to the end of the block.
    pub(super) fn n_bytes(&self) -> u64 {
        // Two sums, and END.
        ((self.bytes.len() + 3 * CARD_BYTES) as u64).next_multiple_of(BLOCK_BYTES)
    }

    /// The header of data of this sum.
    pub(super) fn finish(mut self, data: u32) -> Vec<u8> {
        let n_bytes = self.n_bytes() as usize;
        let at = self.bytes.len() + "CHECKSUM= '".len();
        self.text("CHECKSUM", "0000000000000000");
        self.text("DATASUM", &data.to_string());
        self.push("END");
        self.bytes.resize(n_bytes, b' ');
        let mut sum = Sum::default();
        sum.add(&self.bytes);
        let letters = encoded(added(sum.value(), data));
        self.bytes[at..at + letters.len()].copy_from_slice(&letters);
        self.bytes
    }
}

/// Refuses a name that a header cannot hold, or that would come back as another one.
///
/// # Errors
/// `Unsupported`.
pub(super) fn check_text(text: &str) -> Result<()> {
    let is_held = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    match is_held && !text.is_empty() && !text.ends_with(' ') {
        true => Ok(()),
        false => Err(Error::unsupported(format!(
            "the name {text:?}: headers of .fits hold printable ASCII, and no space at its end"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::fits::header::Header;
    use crate::limits::Limits;

    #[test]
    fn what_is_written_is_read() {
        let long = "it's ".repeat(60) + "&'";
        let mut cards = Cards::default();
        cards.value("NAXIS", 2);
        cards.value("SIMPLE", 'T');
        cards.text("EXTNAME", &long);
        cards.text("TTYPE1", "&");
        let n_bytes = cards.n_bytes();
        let bytes = cards.finish(7);
        assert_eq!((bytes.len() as u64, bytes.len() % 2880), (n_bytes, 0));
        let header = Header::read(&bytes, 0, 0, &Limits::default()).unwrap();
        assert_eq!(header.text("EXTNAME"), Some(long.as_str()));
        assert_eq!(header.text("TTYPE1"), Some("&"));
        assert_eq!(header.count("NAXIS").unwrap(), 2);
        let mut sum = Sum::default();
        sum.add(&bytes);
        assert_eq!(added(sum.value(), 7), u32::MAX);
        for name in ["", "a ", "é", "a\n"] {
            assert!(check_text(name).is_err(), "{name:?}");
        }
    }
}
