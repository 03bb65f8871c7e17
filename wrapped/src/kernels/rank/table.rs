//! Ranks by a table of keys.
//!
//! A key is a few bits of a latent that keep the order of latents. For each key, a table has the rank that latents of
//! it have at least; the few starts that share the key are compared. There are two kinds of keys: the high bits of what
//! latents are above the first start, for starts that lie about evenly; and the logarithm of how far they are from the
//! middle start, for starts that lie around it, with some far away. Where too many starts share a key, there is no table.

#![expect(unsafe_code, reason = "starts are loaded by ranks of the table's own")]

use std::array;

use crate::dtype::Latent;

/// So many keys that starts which lie close together have some each: what the caches hold of the table is what these use.
const KEY_BITS: u32 = 14;
const N_KEYS: usize = 1 << KEY_BITS;
/// Starts that are compared with each latent, at most.
const MAX_TRIED: usize = 4;
/// Latents whose keys are found before they are looked up: in vectors.
const BLOCK_N: usize = 64;

/// Starts with the ranks of keys.
pub(super) struct Table<L> {
    key: Key<L>,
    ranks: Box<[u16; N_KEYS]>,
    /// With as many of the largest latent behind them as are compared at once.
    starts: Vec<L>,
    /// Starts that are compared: 1, 2 or 4.
    n_tried: usize,
    last: u16,
}

impl<L: Latent> Table<L> {
    /// Takes sorted starts, at least one; `None` where too many share a key.
    pub(super) fn new(starts: &[L]) -> Option<Self> {
        let last = u16::try_from(starts.len() - 1).ok()?;
        let by_bits = Key::bits(starts);
        let by_distance = Key::distance(starts);
        let (n_by_bits, n_by_distance) = (by_bits.most(starts), by_distance.most(starts));
        let (key, n_tried) = if n_by_bits <= n_by_distance + 1 {
            (by_bits, n_by_bits)
        } else {
            (by_distance, n_by_distance)
        };
        if n_tried > MAX_TRIED {
            return None;
        }
        let mut ranks = vec![0u16; N_KEYS];
        // The first start is at or below all latents.
        for &start in &starts[1..] {
            // None behind the last key asks for more.
            if let Some(count) = ranks.get_mut(usize::from(key.of(start)) + 1) {
                *count += 1;
            }
        }
        let mut rank = 0;
        for count in &mut ranks {
            rank += *count;
            *count = rank;
        }
        let mut starts = starts.to_vec();
        starts.extend([L::max_value(); MAX_TRIED]);
        Some(Self {
            key,
            ranks: ranks.into_boxed_slice().try_into().ok()?,
            starts,
            n_tried: n_tried.next_power_of_two(),
            last,
        })
    }

    /// How many starts are compared with each latent.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn n_tried(&self) -> usize {
        self.n_tried
    }

    /// Writes the place of the last start at or below each latent.
    #[inline(always)]
    pub(super) fn ranks(&self, latents: &[L], ranks: &mut [u16]) {
        match self.n_tried {
            1 => self.ranks_of::<1>(latents, ranks),
            2 => self.ranks_of::<2>(latents, ranks),
            _ => self.ranks_of::<MAX_TRIED>(latents, ranks),
        }
    }

    #[inline(always)]
    fn ranks_of<const N_TRIED: usize>(&self, latents: &[L], ranks: &mut [u16]) {
        let (blocks, rest) = latents.as_chunks::<BLOCK_N>();
        let (rank_blocks, rank_rest) = ranks.as_chunks_mut::<BLOCK_N>();
        for (block, ranks) in blocks.iter().zip(rank_blocks) {
            *ranks = self.ranks_of_block::<N_TRIED>(block);
        }
        if !rest.is_empty() {
            let mut block = [self.starts[0]; BLOCK_N];
            block[..rest.len()].copy_from_slice(rest);
            let found = self.ranks_of_block::<N_TRIED>(&block);
            rank_rest.copy_from_slice(&found[..rest.len()]);
        }
    }

    #[inline(always)]
    fn ranks_of_block<const N_TRIED: usize>(&self, block: &[L; BLOCK_N]) -> [u16; BLOCK_N] {
        let keys = self.key.of_block(block);
        array::from_fn(|i| {
            let least = self.ranks[usize::from(keys[i]) % N_KEYS];
            let mut rank = least;
            for place in 1..=N_TRIED {
                // SAFETY: ranks of the table are those of starts, and behind the last there are `MAX_TRIED` more.
                let start = unsafe { *self.starts.get_unchecked(usize::from(least) + place) };
                rank += u16::from(start <= block[i]);
            }
            // The largest latent goes on to what is behind.
            rank.min(self.last)
        })
    }
}

/// What keys are made of.
#[derive(Clone, Copy)]
enum Key<L> {
    /// Bits from a place on of what latents are above the first start.
    Bits { first: L, shift: u32 },
    /// The logarithm of the distance from a middle start, with what is below a place left out.
    Distance { middle: L, shift: u32 },
}

impl<L: Latent> Key<L> {
    fn bits(starts: &[L]) -> Self {
        let (first, last) = (starts[0], starts[starts.len() - 1]);
        Self::Bits {
            first,
            shift: n_bits(last - first).saturating_sub(KEY_BITS),
        }
    }

    fn distance(starts: &[L]) -> Self {
        /// Bits of a distance that fit into 32 with a sign.
        const MOST: u32 = i32::BITS - 1;
        let (first, last) = (starts[0], starts[starts.len() - 1]);
        let middle = starts[starts.len() / 2];
        let farthest = (last - middle).max(middle - first);
        Self::Distance {
            middle,
            shift: n_bits(farthest).saturating_sub(MOST),
        }
    }

    /// How many starts share a key, at most.
    fn most(self, starts: &[L]) -> usize {
        let alike = starts[1..].chunk_by(|&a, &b| self.of(a) == self.of(b));
        alike.map(<[L]>::len).max().unwrap_or(1)
    }

    fn of(self, latent: L) -> u16 {
        self.of_block(&[latent])[0]
    }

    /// The keys of latents that are not below the first start.
    #[inline(always)]
    fn of_block<const N: usize>(self, latents: &[L; N]) -> [u16; N] {
        match self {
            Self::Bits { first, shift } => {
                let most = L::from_u64((N_KEYS as u64 - 1) & L::max_value().to_u64());
                array::from_fn(|i| {
                    let bits = (latents[i] - first) >> shift as usize;
                    bits.min(most).to_u64() as u16
                })
            }
            Self::Distance { middle, shift } => array::from_fn(|i| {
                let is_below = latents[i] < middle;
                let distance = if is_below {
                    middle - latents[i]
                } else {
                    latents[i] - middle
                };
                // Those behind the last start may be farther away than any start.
                let distance = (distance >> shift as usize).to_u64().min(i32::MAX as u64);
                logarithm(distance as i32, is_below)
            }),
        }
    }
}

fn n_bits<L: Latent>(latent: L) -> u32 {
    L::BITS - latent.leading_zeros()
}

/// About the logarithm of a distance that is not negative, as a key: below the middle key where it is one down.
#[inline(always)]
fn logarithm(distance: i32, is_below: bool) -> u16 {
    /// Bits of the mantissa that are kept: with 32 exponents, half of all keys.
    const FINE_BITS: u32 = KEY_BITS - 1 - 5;
    /// The exponent of one, shifted.
    const ONE: i32 = 127 << FINE_BITS;
    // The bits of a float are a logarithm; zero has those of nothing, and goes with one.
    let bits = (distance.max(1) as f32).to_bits() >> (f32::MANTISSA_DIGITS - 1 - FINE_BITS);
    let log = (bits as i32 - ONE).min(N_KEYS as i32 / 2 - 1);
    let middle = N_KEYS as i32 / 2;
    (if is_below {
        middle - 1 - log
    } else {
        middle + log
    }) as u16
}
