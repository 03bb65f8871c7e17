//! The values of an array that has few, ascending, and their ranks.

use paginum_wrapped::{Isa, Latent};

use super::page::{Page, write};
use super::scheme::Scheme;
use super::word::{Order, Word};
use crate::error::Result;
use crate::filter::cursor::Cursor;

/// Distinct words, in the order of what they stand for.
#[derive(Clone, Debug)]
pub(super) struct Dictionary<L> {
    values: Vec<L>,
    /// For writers.
    ranks: Ranks<L>,
}

impl<L> Dictionary<L> {
    pub(super) fn values(&self) -> &[L] {
        &self.values
    }

    pub(super) fn len(&self) -> usize {
        self.values.len()
    }
}

impl<L: Word> Dictionary<L> {
    /// That of all `words`, if there are at most `max` different ones.
    pub(super) fn of(words: &[L], order: Order, max: usize) -> Option<Self> {
        let mut ranks = Ranks::of(words, max)?;
        let mut values: Vec<L> = ranks.words().collect();
        values.sort_unstable_by_key(|word| order.key(*word));
        for (rank, value) in values.iter().enumerate() {
            let slot = ranks.slot_of(*value);
            ranks.slots[slot] = (*value, rank as u32 + 1);
        }
        Some(Self { values, ranks })
    }

    /// Reads `n` values: their differences, as a page.
    pub(super) fn read(isa: Isa, n: usize, order: Order, cursor: &mut Cursor<'_>) -> Result<Self> {
        let scheme = Self::scheme();
        let mut within = cursor.clone();
        let page = Page::read(&scheme, n, &mut within)?;
        let mut values = vec![L::zero(); n];
        page.decode(isa, 0..n, &mut values, &mut Vec::new())?;
        cursor.take((within.position() - cursor.position()) as usize)?;
        let ascends = |pair: &[L]| order.key(pair[0]) < order.key(pair[1]);
        if !values.windows(2).all(ascends) {
            return Err(cursor.corrupt("a dictionary that does not ascend"));
        }
        Ok(Self {
            values,
            ranks: Ranks::new(),
        })
    }

    pub(super) fn write(&self, isa: Isa, out: &mut Vec<u8>) {
        write(isa, &Self::scheme(), &self.values, Order::Unsigned, out);
    }

    fn scheme() -> Scheme<L> {
        Scheme::Delta(Box::new(Scheme::Packed))
    }

    /// The ranks of words that are all in the dictionary, which was made [`of`](Self::of) them.
    pub(super) fn ranks(&self, words: &[L]) -> Vec<u16> {
        words.iter().map(|word| self.ranks.get(*word)).collect()
    }

    /// How many different words there may be among `n`, of which a sample has these ranks in its dictionary, this one (A. Chao,
    /// "Nonparametric estimation of the number of classes in a population", 1984), but no more than if each further word were
    /// as often new as the last ones.
    pub(super) fn len_among(&self, ranks: &[u16], n: usize) -> usize {
        let mut counts = vec![0_u8; self.len()];
        for rank in ranks {
            let count = &mut counts[usize::from(*rank)];
            *count = count.saturating_add(1);
        }
        let seen = |times: u8| counts.iter().filter(|count| **count == times).count();
        let (once, twice) = (seen(1), seen(2));
        let more = n.saturating_sub(ranks.len()) as f64 / ranks.len().max(1) as f64;
        let straight = once as f64 * more;
        let unseen = (once * once) as f64 / (2 * (twice + 1)) as f64;
        self.len() + straight.min(unseen) as usize
    }
}

/// How many different words there are, if there are at most `max`.
pub(super) fn n_distinct<L: Latent>(words: &[L], max: usize) -> Option<usize> {
    Ranks::of(words, max).map(|ranks| ranks.n)
}

/// A hash table of words and their ranks plus one, by open addressing: at most half full.
#[derive(Clone, Debug)]
struct Ranks<L> {
    /// Without a rank where there is no word.
    slots: Vec<(L, u32)>,
    n: usize,
    /// Each word has a slot of its own, that of its number.
    is_direct: bool,
}

/// Slots of a table at first.
const FIRST_SLOTS: usize = 1 << 10;
/// More words of 16 bits than this are looked up in a table of all of them.
const DIRECT_N: usize = 1 << 15;

impl<L: Latent> Ranks<L> {
    fn new() -> Self {
        Self {
            slots: Vec::new(),
            n: 0,
            is_direct: false,
        }
    }

    /// All `words`, each with some rank, if there are at most `max` different ones.
    fn of(words: &[L], max: usize) -> Option<Self> {
        let mut ranks = Self::for_words(words.len());
        let mut last = None;
        for word in words {
            if last != Some(*word) {
                ranks.insert(*word);
                if ranks.n > max {
                    return None;
                }
            }
            last = Some(*word);
        }
        Some(ranks)
    }

    /// For `n` words, equal ones counted.
    fn for_words(n: usize) -> Self {
        let is_direct = L::BITS <= 16 && n > DIRECT_N;
        Self {
            slots: vec![(L::zero(), 0); if is_direct { 1 << L::BITS } else { FIRST_SLOTS }],
            n: 0,
            is_direct,
        }
    }

    /// Where a word is, or would be.
    #[inline]
    fn slot_of(&self, word: L) -> usize {
        let key = Latent::to_u64(word);
        if self.is_direct {
            return key as usize;
        }
        let mask = self.slots.len() - 1;
        // Fibonacci hashing: the top bits of the product depend on all bits of the word.
        let hash = key.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut slot = (hash >> (64 - mask.count_ones())) as usize;
        while self.slots[slot].1 != 0 && self.slots[slot].0 != word {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn insert(&mut self, word: L) {
        if 2 * self.n >= self.slots.len() && !self.is_direct {
            let n_slots = 4 * self.slots.len();
            let before = std::mem::replace(&mut self.slots, vec![(L::zero(), 0); n_slots]);
            for (word, rank) in before.into_iter().filter(|slot| slot.1 != 0) {
                let slot = self.slot_of(word);
                self.slots[slot] = (word, rank);
            }
        }
        let slot = self.slot_of(word);
        if self.slots[slot].1 == 0 {
            self.slots[slot] = (word, 1);
            self.n += 1;
        }
    }

    fn words(&self) -> impl Iterator<Item = L> {
        let taken = self.slots.iter().filter(|slot| slot.1 != 0);
        taken.map(|slot| slot.0)
    }

    #[inline]
    fn get(&self, word: L) -> u16 {
        self.slots[self.slot_of(word)].1.wrapping_sub(1) as u16
    }
}
