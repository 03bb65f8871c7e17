//! Dict: numbers as indices into their distinct values.

use crate::dtype::{Latent, Number};
use crate::entropy::tally;
use crate::spare::Spare;

/// The distinct values of some latents, in the order in which they were first seen.
#[derive(Debug)]
pub(crate) struct Distinct<L> {
    pub(crate) values: Vec<L>,
    pub(crate) counts: Vec<u32>,
    /// The value of each latent.
    pub(crate) indices: Spare<u32>,
}

/// How a dictionary is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DictOrder {
    /// The most frequent value first: best where indices are coded as they are.
    Frequency,
    /// By value: keeps neighbours together, for delta encodings.
    Value,
}

impl<L: Latent> Distinct<L> {
    /// Collects them, unless there are more than `max_distinct`.
    pub(crate) fn collect(
        latents: impl ExactSizeIterator<Item = L>,
        max_distinct: usize,
    ) -> Option<Self> {
        let mut values: Vec<L> = Vec::new();
        let mut table = Table::new(latents.len(), L::BITS);
        let mut indices = Spare::new(latents.len());
        for (index_of, latent) in indices.iter_mut().zip(latents) {
            let mut place = table.place_of(latent);
            let index = loop {
                match table.entries[place] {
                    0 => {
                        if values.len() == max_distinct {
                            return None;
                        }
                        values.push(latent);
                        table.entries[place] = values.len() as u32;
                        table.make_room(&values);
                        break values.len() - 1;
                    }
                    entry if values[entry as usize - 1] == latent => break entry as usize - 1,
                    _ => place = table.after(place),
                }
            };
            *index_of = index as u32;
        }
        Some(Self {
            counts: tally(&indices, values.len(), |index| index as usize),
            values,
            indices,
        })
    }

    /// The values in some order, and the place of each there.
    pub(crate) fn ranks(&self, order: DictOrder) -> (Vec<L>, Vec<u32>) {
        let (values, counts) = (&self.values, &self.counts);
        // Keys beside the places that they sort: a look at each by its place would miss the cache.
        let by_rank: Vec<u32> = match order {
            DictOrder::Frequency => {
                let keys = values
                    .iter()
                    .zip(counts)
                    .map(|(value, count)| (!count, *value));
                sorted_places(keys)
            }
            DictOrder::Value => sorted_places(values.iter().copied()),
        };
        let mut ranks = vec![0; values.len()];
        for (rank, &index) in by_rank.iter().enumerate() {
            ranks[index as usize] = rank as u32;
        }
        let sorted = by_rank
            .iter()
            .map(|&index| values[index as usize])
            .collect();
        (sorted, ranks)
    }

    /// The dictionary in some order, and the latents as indices into it.
    pub(crate) fn into_dict(mut self, order: DictOrder) -> (Vec<L>, Spare<u32>) {
        let (sorted, ranks) = self.ranks(order);
        for index in self.indices.iter_mut() {
            *index = ranks[*index as usize];
        }
        (sorted, self.indices)
    }
}

/// The places of keys, no two of which are equal, in their order.
fn sorted_places<K: Ord>(keys: impl Iterator<Item = K>) -> Vec<u32> {
    let mut keys: Vec<(K, u32)> = keys.zip(0..).collect();
    keys.sort_unstable();
    keys.into_iter().map(|(_, place)| place).collect()
}

/// The distinct values of numbers in the order of [`Number::to_latent`], and the rank of each number among them: nothing if
/// there are more than `max_distinct`.
///
/// ```
/// let numbers = [2.5, -1.0, 2.5, 0.25];
/// let (values, ranks) = paginum_wrapped::sorted_ranks(&numbers, 3).unwrap();
/// assert_eq!(values, [-1.0, 0.25, 2.5]);
/// assert_eq!(ranks, [2, 0, 2, 1]);
/// ```
#[must_use]
pub fn sorted_ranks<T: Number>(numbers: &[T], max_distinct: usize) -> Option<(Vec<T>, Vec<u32>)> {
    let latents = numbers.iter().map(|number| number.to_latent());
    let (values, ranks) = Distinct::collect(latents, max_distinct)?.into_dict(DictOrder::Value);
    let values = values.into_iter().map(T::from_latent).collect();
    Some((values, ranks.to_vec()))
}

/// Where values are: by open addressing, or of 16 bits each in a place of its own.
struct Table {
    /// 1 + an index into the values, 0 is free.
    entries: Vec<u32>,
    /// Hashes are shifted by so much to be places; none if each value has a place.
    shift: Option<u32>,
}

impl Table {
    /// Fewer latents do not pay for a place for each value.
    const MIN_PLAIN_N: usize = 1 << 14;
    /// Entries for each value: a value that is not in its first place costs a missed branch.
    const MIN_ROOM: usize = 4;

    fn new(n_latents: usize, latent_bits: u32) -> Self {
        if latent_bits <= 16 && n_latents >= Self::MIN_PLAIN_N {
            return Self {
                entries: vec![0; 1 << latent_bits],
                shift: None,
            };
        }
        Self::hashed(8)
    }

    fn hashed(len_log: u32) -> Self {
        Self {
            entries: vec![0; 1 << len_log],
            shift: Some(u64::BITS - len_log),
        }
    }

    /// Where a search for a value begins.
    #[inline(always)]
    fn place_of<L: Latent>(&self, latent: L) -> usize {
        let bits = latent.to_u64();
        match self.shift {
            // Floats have their zeros low, integers high: fold, then multiply, and take the bits that saw all others.
            Some(shift) => {
                ((bits ^ (bits >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> shift) as usize
            }
            None => bits as usize,
        }
    }

    /// Where it goes on.
    fn after(&self, place: usize) -> usize {
        (place + 1) & (self.entries.len() - 1)
    }

    /// Grows with the values.
    fn make_room<L: Latent>(&mut self, values: &[L]) {
        let Some(shift) = self.shift else { return };
        if values.len() * Self::MIN_ROOM <= self.entries.len() {
            return;
        }
        *self = Self::hashed(u64::BITS - shift + 2);
        for (&value, entry) in values.iter().zip(1..) {
            let mut place = self.place_of(value);
            while self.entries[place] != 0 {
                place = self.after(place);
            }
            self.entries[place] = entry;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_lead_back_to_the_values_in_either_order() {
        let latents: Vec<u64> = (0..5000).map(|i| (i * i % 1009) << 40).collect();
        for order in [DictOrder::Frequency, DictOrder::Value] {
            let distinct = Distinct::collect(latents.iter().copied(), 1009).unwrap();
            let (dict, indices) = distinct.into_dict(order);
            let back: Vec<u64> = indices.iter().map(|&index| dict[index as usize]).collect();
            assert_eq!(back, latents);
            assert!(order == DictOrder::Frequency || dict.is_sorted());
        }
    }

    #[test]
    fn tables_of_either_kind_find_the_same() {
        let latents: Vec<u16> = (0..40_000u32).map(|i| (i * i % 5003 * 13) as u16).collect();
        let plain = Distinct::collect(latents.iter().copied(), 5003).unwrap();
        let wide = latents.iter().map(|&latent| u32::from(latent));
        let hashed = Distinct::collect(wide, 5003).unwrap();
        assert_eq!(plain.indices[..], hashed.indices[..]);
        assert_eq!(plain.counts, hashed.counts);
    }

    #[test]
    fn too_many_values_are_none() {
        assert!(Distinct::collect(0..100u16, 99).is_none());
        assert!(Distinct::collect(0..100u16, 100).is_some());
    }
}
