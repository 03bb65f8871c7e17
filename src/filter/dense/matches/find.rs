//! The search for matches: by a hash of a few words, back through those that have the same.

use paginum_wrapped::Latent;

use super::Recent;

/// What a sequence costs beside its distance, in bits: its run, its length, and a symbol for the distance.
const SEQUENCE_BITS: f32 = 11.0;
/// The most words in a hash.
const MAX_HASHED: usize = 8;
/// Bits of a distance that is not near.
const FAR_BITS: f32 = 9.0;
/// After so many words without a match, steps grow.
const PATIENCE_LOG: u32 = 8;
const MAX_STEP: usize = 8;
/// A match of so many words is taken without a look one word later, and one of so many without looks farther back.
const LONG: usize = 64;
const ENOUGH: usize = 1024;
/// Of a long match, so many words are entered at its front, and then each so many.
const ENTERED_FRONT: usize = 32;
const ENTERED_STEP: usize = 7;

/// Words that are compared at once.
const BLOCK_N: usize = 8;
/// The part of the places of a page where all words that are hashed together stood before, at least: matches at fewer places save
/// less than they must to be priced.
const MIN_REPEATED: f32 = 0.0075;

/// How matches are searched for.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Finder {
    /// What a word costs as a literal.
    pub(in super::super) bits_per_literal: f32,
    /// Places that are looked at for each word.
    pub(in super::super) probes: usize,
}

/// Literals and sequences of pages, one behind the other.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Found<W> {
    pub(in super::super) literals: Vec<W>,
    pub(in super::super) runs: Vec<u32>,
    /// Less by one.
    pub(in super::super) lengths: Vec<u32>,
    /// As symbols.
    pub(in super::super) distances: Vec<u32>,
    /// Literals and sequences of each page.
    pub(in super::super) n_literals: Vec<usize>,
    pub(in super::super) n_sequences: Vec<usize>,
    /// Words that are in matches.
    pub(in super::super) n_matched: usize,
    /// What the matches are thought to save, in bits.
    pub(in super::super) saved_bits: f64,
}

/// A stretch that stood there before.
#[derive(Clone, Copy, Debug, Default)]
struct Match {
    length: usize,
    distance: usize,
    saved_bits: f32,
}

/// The words of one page, and where those before a place stand.
struct Page<'a, W> {
    words: &'a [W],
    finder: Finder,
    places: &'a mut Places,
    entered: usize,
}

/// Where words stand that may come again, by a hash of the few from there on. Memory that pages share.
#[derive(Default)]
struct Places {
    /// The hash of each place, and all bits of it.
    hashes: Vec<u32>,
    wide: Vec<u64>,
    /// The last place of each hash, plus one.
    heads: Vec<u32>,
    /// For each place, the one before that has its hash, plus one.
    before: Vec<u32>,
}

impl Places {
    /// Hashes `hashed` words from each place on, and tells at how many places they are as at one before.
    fn fill<W: Latent>(&mut self, words: &[W], hashed: usize) -> usize {
        let len_log = (words.len().max(16).ilog2() + 1).min(17);
        self.hash(words, hashed, u64::BITS - len_log);
        self.forget(1 << len_log);
        let mut n_repeats = 0;
        for (at, hash) in self.hashes.iter().enumerate() {
            let head = &mut self.heads[*hash as usize];
            if let Some(from) = head.checked_sub(1) {
                // As good as equal words: of so many pairs none has one hash of 64 bits by chance.
                n_repeats += usize::from(self.wide[from as usize] == self.wide[at]);
            }
            *head = at as u32 + 1;
        }
        n_repeats
    }

    /// The hash of one word at each place, then of twice as many until those that are left overlap.
    fn hash<W: Latent>(&mut self, words: &[W], hashed: usize, shift: u32) {
        let mix = |bits: u64| {
            let hash = bits.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            hash ^ (hash >> 29)
        };
        let wide = &mut self.wide;
        wide.clear();
        wide.extend(words.iter().map(|word| mix(Latent::to_u64(*word))));
        let mut n = 1;
        while n < hashed {
            let step = n.min(hashed - n);
            for at in 0..wide.len().saturating_sub(step) {
                wide[at] = mix(wide[at].rotate_left(23) ^ wide[at + step]);
            }
            wide.truncate(wide.len().saturating_sub(step));
            n += step;
        }
        self.hashes.clear();
        let short = |hash: &u64| (hash.wrapping_mul(0xbf58_476d_1ce4_e5b9) >> shift) as u32;
        self.hashes.extend(wide.iter().map(short));
    }

    fn forget(&mut self, n: usize) {
        self.heads.clear();
        self.heads.resize(n, 0);
    }
}

impl Finder {
    /// Finds the matches of pages that hold so many words each.
    pub(in super::super) fn find<W: Latent>(self, words: &[W], n_per_page: &[usize]) -> Found<W> {
        self.find_while(words, n_per_page, |_| true)
    }

    /// The same, as long as what was found so far `is_enough`.
    pub(in super::super) fn find_while<W: Latent>(
        self,
        words: &[W],
        n_per_page: &[usize],
        is_enough: impl Fn(&Found<W>) -> bool,
    ) -> Found<W> {
        let mut found = Found::default();
        let mut places = Places::default();
        let mut rest = words;
        for n in n_per_page {
            let (page, after) = rest.split_at(*n);
            rest = after;
            let (literals, sequences) = (found.literals.len(), found.runs.len());
            match Page::new(page, self, &mut places) {
                Some(page) => page.find(&mut found),
                None => found.literals.extend_from_slice(page),
            }
            found.n_literals.push(found.literals.len() - literals);
            found.n_sequences.push(found.runs.len() - sequences);
            if !is_enough(&found) {
                break;
            }
        }
        found
    }

    /// What is shorter than this does not pay, unless it is near, so its words may be hashed together.
    fn hashed(self) -> usize {
        let shortest = ((SEQUENCE_BITS + FAR_BITS) / self.bits_per_literal.max(0.1)) as usize;
        shortest.clamp(1, MAX_HASHED)
    }
}

impl<'a, W: Latent> Page<'a, W> {
    /// A page that may have matches.
    fn new(words: &'a [W], finder: Finder, places: &'a mut Places) -> Option<Self> {
        let hashed = finder.hashed();
        // Where words cost next to nothing a match of all of them saves nothing, and would be looked for at each.
        if words.len() as f32 * finder.bits_per_literal <= SEQUENCE_BITS {
            return None;
        }
        let n_repeats = places.fill(words, hashed);
        if (n_repeats as f32) < words.len() as f32 * MIN_REPEATED {
            return None;
        }
        places.forget(places.heads.len());
        places.before.resize(words.len(), 0);
        Some(Self {
            words,
            finder,
            places,
            entered: 0,
        })
    }

    /// Enters the places before `end`, `step` apart.
    fn enter(&mut self, end: usize, step: usize) {
        let Places {
            hashes,
            heads,
            before,
            ..
        } = &mut *self.places;
        let end = end.min(hashes.len());
        for at in (self.entered..end).step_by(step) {
            let head = &mut heads[hashes[at] as usize];
            before[at] = *head;
            *head = at as u32 + 1;
        }
        self.entered = self.entered.max(end);
    }

    /// How many words from `at` on are as those from `from` on.
    fn length(&self, from: usize, at: usize) -> usize {
        let (left, right) = (&self.words[from..], &self.words[at..]);
        let left = &left[..right.len()];
        // Most differ soon.
        let pairs = left.iter().zip(right).take(BLOCK_N);
        let n_equal = pairs.take_while(|(left, right)| left == right).count();
        if n_equal < BLOCK_N {
            return n_equal;
        }
        let (left_blocks, left_rest) = left.as_chunks::<BLOCK_N>();
        let (right_blocks, right_rest) = right.as_chunks::<BLOCK_N>();
        let blocks = left_blocks.iter().zip(right_blocks);
        let n_blocks = blocks.take_while(|(left, right)| left == right).count();
        let (left, right): (&[W], &[W]) = match left_blocks.get(n_blocks) {
            Some(block) => (block, &right_blocks[n_blocks]),
            None => (left_rest, right_rest),
        };
        let pairs = left.iter().zip(right);
        n_blocks * BLOCK_N + pairs.take_while(|(left, right)| left == right).count()
    }

    fn saved_bits(&self, length: usize, distance: usize, recent: &Recent) -> f32 {
        let is_recent = recent.0.contains(&(distance as u32));
        let of_distance = if is_recent {
            0.0
        } else {
            distance.ilog2() as f32
        };
        length as f32 * self.finder.bits_per_literal - SEQUENCE_BITS - of_distance
    }

    /// The match at a place that saves most, if any saves.
    fn best(&self, at: usize, recent: &Recent) -> Match {
        let mut best = Match::default();
        // Whether what was found is long enough to stop.
        let mut look = |from: usize| {
            let longest = best.length.min(self.words.len() - at - 1);
            if self.words[from + longest] != self.words[at + longest] {
                return false;
            }
            let length = self.length(from, at);
            if length <= best.length {
                return false;
            }
            let saved_bits = self.saved_bits(length, at - from, recent);
            if saved_bits > best.saved_bits {
                best = Match {
                    length,
                    distance: at - from,
                    saved_bits,
                };
            }
            length >= ENOUGH
        };
        for distance in recent.0 {
            if distance as usize <= at && look(at - distance as usize) {
                return best;
            }
        }
        let Some(hash) = self.places.hashes.get(at) else {
            return best;
        };
        let mut place = self.places.heads[*hash as usize];
        for _ in 0..self.finder.probes {
            let Some(from) = place.checked_sub(1) else {
                break;
            };
            if look(from as usize) {
                break;
            }
            place = self.places.before[from as usize];
        }
        best
    }

    fn find(mut self, found: &mut Found<W>) {
        let mut recent = Recent::new();
        let (mut at, mut start) = (0, 0);
        while at < self.words.len() {
            self.enter(at, 1);
            let mut best = self.best(at, &recent);
            if best.length == 0 {
                let misses = (at - start) >> PATIENCE_LOG;
                at += (1 + misses).min(MAX_STEP);
                continue;
            }
            // One word later there may be a better one.
            if self.finder.probes > 1 && best.length < LONG && at + 1 < self.words.len() {
                self.enter(at + 1, 1);
                let later = self.best(at + 1, &recent);
                if later.saved_bits > best.saved_bits {
                    best = later;
                    at += 1;
                }
            }
            // The steps may have passed over its front.
            while at > start
                && at > best.distance
                && self.words[at - 1] == self.words[at - 1 - best.distance]
            {
                at -= 1;
                best.length += 1;
                best.saved_bits += self.finder.bits_per_literal;
            }
            found.saved_bits += f64::from(best.saved_bits);
            found.n_matched += best.length;
            found.runs.push((at - start) as u32);
            found.lengths.push(best.length as u32 - 1);
            found.distances.push(recent.symbol(best.distance as u32));
            found.literals.extend_from_slice(&self.words[start..at]);
            let end = at + best.length;
            self.enter(end.min(at + ENTERED_FRONT), 1);
            self.enter(end, ENTERED_STEP);
            at = end;
            start = end;
        }
        found.literals.extend_from_slice(&self.words[start..]);
    }
}

#[cfg(test)]
mod tests {
    use super::super::expand;
    use super::*;
    use crate::filter::laws::Random;

    fn check(words: &[u32], n_per_page: &[usize], finder: Finder) -> Found<u32> {
        let found = finder.find(words, n_per_page);
        let (mut literal, mut sequence, mut start) = (0, 0, 0);
        for (page, n) in n_per_page.iter().enumerate() {
            let literals = &found.literals[literal..literal + found.n_literals[page]];
            let sequences = sequence..sequence + found.n_sequences[page];
            let parts = [&found.runs, &found.lengths, &found.distances];
            let parts = parts.map(|part| &part[sequences.clone()]);
            let mut out = vec![0; *n];
            expand(literals, parts, &mut out).unwrap();
            assert_eq!(out, words[start..start + n]);
            literal += literals.len();
            sequence = sequences.end;
            start += n;
        }
        found
    }

    #[test]
    fn what_was_found_expands_to_the_words() {
        let mut random = Random(1);
        for values in [1, 2, 5, 300, 100_000] {
            let words: Vec<u32> = (0..5000).map(|_| random.below(values) as u32).collect();
            let mut words = [&words[..], &words[700..2000], &words[..3]].concat();
            words.extend_from_within(10..1500);
            let n = words.len();
            for pages in [vec![n], vec![0, 1, 2, n - 4, 1], vec![n / 2, n - n / 2]] {
                for (bits_per_literal, probes) in [(0.5, 1), (4.0, 4), (20.0, 24)] {
                    let finder = Finder {
                        bits_per_literal,
                        probes,
                    };
                    check(&words, &pages, finder);
                }
            }
        }
    }

    #[test]
    fn periods_are_one_match_a_page() {
        let words: Vec<u32> = (0..10_000).map(|i| (i % 37) * 1_000_003).collect();
        let finder = Finder {
            bits_per_literal: 20.0,
            probes: 4,
        };
        let found = check(&words, &[5000, 5000], finder);
        assert_eq!(found.n_sequences, [1, 1]);
        assert_eq!(found.n_literals, [37, 37]);
    }
}
