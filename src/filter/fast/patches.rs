//! Words of a block that stand beside it: those that its base and width do not reach.

use paginum_wrapped::Latent;

use crate::error::Result;
use crate::filter::cursor::{Cursor, word_at};

/// Places in a block, ascending, and the words that belong there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patches<'a> {
    places: &'a [u8],
    words: &'a [u8],
}

impl<'a> Patches<'a> {
    /// Reads `n` patches of a block of `block_n` words: `n` places of 16 bits, then `n` words.
    pub(super) fn read<L: Latent>(
        n: usize,
        block_n: usize,
        cursor: &mut Cursor<'a>,
    ) -> Result<Self> {
        let places = cursor.take(2 * n)?;
        let mut next = 0;
        for i in 0..n {
            let place = usize::from(word_at::<u16>(places, i));
            if place < next || place >= block_n {
                return Err(cursor.corrupt("patches that do not ascend within their block"));
            }
            next = place + 1;
        }
        let words = cursor.take(size_of::<L>() * n)?;
        Ok(Self { places, words })
    }

    /// Puts the words into their places, as far as there is room.
    #[inline]
    pub(super) fn apply<L: Latent>(&self, block: &mut [L]) {
        for i in 0..self.places.len() / 2 {
            // Places ascend: what lies behind is not wanted.
            let Some(word) = block.get_mut(usize::from(word_at::<u16>(self.places, i))) else {
                break;
            };
            *word = word_at(self.words, i);
        }
    }

    /// The word that belongs to a place, if there is one.
    #[inline]
    pub(super) fn find<L: Latent>(&self, place: usize) -> Option<L> {
        let (mut low, mut high) = (0, self.places.len() / 2);
        while low < high {
            let middle = low + (high - low) / 2;
            let found = usize::from(word_at::<u16>(self.places, middle));
            if found == place {
                return Some(word_at(self.words, middle));
            }
            if found < place {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        None
    }
}
