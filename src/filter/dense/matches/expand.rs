//! Literals and sequences back into words.

use paginum_wrapped::Latent;

use super::Recent;
use crate::error::{Error, Result};

/// Sequences that are made ready together, and copied then.
const BLOCK_N: usize = 128;
/// Words that are repeated one by one.
const FEW: usize = 16;

/// What sequences may ask for is checked before it is copied: each takes literals that there are, a match starts in the page, and
/// all of them fill `out` exactly. `lengths` are less by one, as they are stored.
pub(in super::super) fn expand<W: Latent>(
    literals: &[W],
    sequences: [&[u32]; 3],
    out: &mut [W],
) -> Result<()> {
    match size_of::<W>() {
        8 => expand_by::<W, 4>(literals, sequences, out),
        4 => expand_by::<W, 8>(literals, sequences, out),
        _ => expand_by::<W, 16>(literals, sequences, out),
    }
}

/// So many literals, and then so many words from so far back.
#[derive(Clone, Copy, Debug, Default)]
struct Sequence {
    run: u32,
    length: u32,
    distance: u32,
}

/// Most runs and matches are of at most `SHORT` words, which are copied at once: a few instructions, whatever their number.
fn expand_by<W: Latent, const SHORT: usize>(
    literals: &[W],
    [runs, lengths, symbols]: [&[u32]; 3],
    out: &mut [W],
) -> Result<()> {
    let mut recent = Recent::new();
    let mut block = [Sequence::default(); BLOCK_N];
    let (mut at, mut rest) = (0, literals);
    let blocks = runs.chunks(BLOCK_N).zip(lengths.chunks(BLOCK_N));
    for ((runs, lengths), symbols) in blocks.zip(symbols.chunks(BLOCK_N)) {
        // Distances and sums apart from copies, which leave no registers for them.
        let parts = [runs, lengths, symbols];
        let (n_literals, end) = make_ready(&mut block, &mut recent, at as u64, parts)?;
        if n_literals > rest.len() as u64 {
            return Err(Error::corrupt("a sequence of more literals than there are"));
        }
        if end > out.len() as u64 {
            return Err(Error::corrupt("sequences of more words than the page has"));
        }
        for sequence in &block[..runs.len()] {
            let (run, length) = (sequence.run as usize, sequence.length as usize);
            let distance = sequence.distance as usize;
            let (own, after) = rest.split_at(run);
            let (start, end) = (at + run, at + run + length);
            match rest.first_chunk::<SHORT>() {
                Some(short)
                    if (run <= SHORT) & (length <= SHORT) & (at + 2 * SHORT <= out.len()) =>
                {
                    out[at..at + SHORT].copy_from_slice(short);
                    // One by one, so that each is there for the next one, and none waits for a vector that is half written.
                    let window = &mut out[start - distance..start + SHORT];
                    for i in 0..SHORT {
                        window[i + distance] = window[i];
                    }
                }
                _ => {
                    out[at..start].copy_from_slice(own);
                    repeat(out, start, distance, length);
                }
            }
            (rest, at) = (after, end);
        }
    }
    if rest.len() != out.len() - at {
        return Err(Error::corrupt("literals that do not fill the page"));
    }
    out[at..].copy_from_slice(rest);
    Ok(())
}

/// Fills a block with sequences that begin at word `at` of the page: how many literals they take, and where the last one ends.
fn make_ready(
    block: &mut [Sequence; BLOCK_N],
    recent: &mut Recent,
    at: u64,
    [runs, lengths, symbols]: [&[u32]; 3],
) -> Result<(u64, u64)> {
    let parts = runs.iter().zip(lengths).zip(symbols);
    let (mut n_literals, mut end) = (0, at);
    for (sequence, ((run, length), symbol)) in block.iter_mut().zip(parts) {
        let distance = recent.distance(*symbol);
        end += u64::from(*run);
        n_literals += u64::from(*run);
        if u64::from(distance) > end {
            return Err(Error::corrupt("a match that starts before its page"));
        }
        end += u64::from(*length) + 1;
        *sequence = Sequence {
            run: *run,
            length: length.wrapping_add(1),
            distance,
        };
    }
    Ok((n_literals, end))
}

/// Writes `length` words at `at`, each as the one `distance` before it.
fn repeat<W: Latent>(out: &mut [W], at: usize, distance: usize, length: usize) {
    if distance == 1 {
        let word = out[at - 1];
        return out[at..at + length].fill(word);
    }
    if length <= FEW {
        for at in at..at + length {
            out[at] = out[at - distance];
        }
        return;
    }
    // What was written is the source of twice as much.
    let start = at - distance;
    let mut done = 0;
    while done < length {
        let n = (length - done).min(distance + done);
        out.copy_within(start..start + n, at + done);
        done += n;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::laws::Random;

    #[test]
    fn matches_may_overlap_what_they_write() {
        let literals = [1_u16, 2, 3, 9, 8];
        let mut out = [0; 16];
        // Three literals and 7 from 3 back; one literal and 4 from 1 back, which is the second of the distances at hand by then.
        expand(&literals, [&[3, 1], &[6, 3], &[2, 1]], &mut out).unwrap();
        assert_eq!(out, [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 9, 9, 9, 9, 9, 8]);
    }

    #[test]
    fn every_length_from_every_distance_is_right() {
        for distance in 1..20 {
            for length in 0..50 {
                let mut out: Vec<u32> = (0..100).collect();
                let mut expected = out.clone();
                for i in 30..30 + length {
                    expected[i] = expected[i - distance];
                }
                repeat(&mut out, 30, distance, length);
                assert_eq!(
                    out[..30 + length],
                    expected[..30 + length],
                    "{length} from {distance}"
                );
            }
        }
    }

    /// Sequences as the format says them, one word after the other.
    fn expected<W: Latent>(literals: &[W], parts: [&[u32]; 3]) -> Vec<W> {
        let (mut out, mut literals, mut recent) = (Vec::new(), literals.iter(), Recent::new());
        let [runs, lengths, symbols] = parts;
        for ((run, length), symbol) in runs.iter().zip(lengths).zip(symbols) {
            out.extend(literals.by_ref().take(*run as usize));
            let distance = recent.distance(*symbol) as usize;
            for _ in 0..=*length {
                out.push(out[out.len() - distance]);
            }
        }
        out.extend(literals);
        out
    }

    fn expands<W: Latent>() {
        let mut random = Random(5);
        let mut random = |below| random.below(below) as u32;
        for most in [1, 4, 9, 40] {
            let (mut parts, mut n_literals) = ([vec![3], vec![0], vec![2]], 3);
            for _ in 0..500 {
                let run = random(most);
                n_literals += run as usize;
                parts[0].push(run);
                parts[1].push(random(most));
                parts[2].push(random(5));
            }
            let literals: Vec<W> = (0..n_literals as u64 + 7)
                .map(|i| W::from_u64(i.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
                .collect();
            let parts = [&parts[0][..], &parts[1], &parts[2]];
            let expected = expected(&literals, parts);
            let mut out = vec![W::zero(); expected.len()];
            expand(&literals, parts, &mut out).unwrap();
            assert!(out == expected, "{} bits, {most}", W::BITS);
            // One word less, or more, than there are.
            assert!(expand(&literals, parts, &mut out[1..]).is_err());
            out.push(W::zero());
            assert!(expand(&literals, parts, &mut out).is_err());
        }
    }

    #[test]
    fn words_of_every_size_expand() {
        expands::<u8>();
        expands::<u16>();
        expands::<u32>();
        expands::<u64>();
    }

    #[test]
    fn sequences_that_cannot_be_are_refused() {
        let literals = [1_u8, 2, 3];
        for (runs, lengths, distances, n) in [
            (&[4][..], &[0][..], &[0][..], 5),
            (&[1], &[9], &[0], 5),
            (&[1], &[1], &[1], 5),
            (&[1], &[0], &[u32::MAX], 4),
            (&[0], &[0], &[0], 4),
            (&[1], &[0], &[0], 5),
            (&[3], &[u32::MAX], &[0], 5),
            (&[u32::MAX], &[u32::MAX], &[0], 5),
        ] {
            let mut out = vec![0; n];
            assert!(expand(&literals, [runs, lengths, distances], &mut out).is_err());
        }
    }
}
