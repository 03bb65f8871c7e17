//! Literals and sequences back into words.

use paginum_wrapped::Latent;

use super::Recent;
use crate::error::{Error, Result};

/// What sequences may ask for is checked before it is copied: each takes literals that there are, a match starts in the page, and
/// all of them fill `out` exactly. `lengths` are less by one, as they are stored.
pub(in super::super) fn expand<W: Latent>(
    literals: &[W],
    sequences: [&[u32]; 3],
    out: &mut [W],
) -> Result<()> {
    match size_of::<W>() {
        8 => expand_by::<W, 8>(literals, sequences, out),
        _ => expand_by::<W, 16>(literals, sequences, out),
    }
}

/// Most runs and matches are of at most `SHORT` words, which are copied at once: a few instructions, whatever their number.
fn expand_by<W: Latent, const SHORT: usize>(
    literals: &[W],
    [runs, lengths, distances]: [&[u32]; 3],
    out: &mut [W],
) -> Result<()> {
    let mut recent = Recent::new();
    let (mut at, mut used) = (0_usize, 0_usize);
    for ((run, length), symbol) in runs.iter().zip(lengths).zip(distances) {
        let (run, length) = (*run as usize, *length as usize + 1);
        let distance = recent.distance(*symbol) as usize;
        if run > literals.len() - used {
            return Err(Error::corrupt("a sequence of more literals than there are"));
        }
        if run + length > out.len() - at {
            return Err(Error::corrupt("sequences of more words than the page has"));
        }
        copy::<W, SHORT>(&literals[used..], &mut out[at..], run);
        at += run;
        used += run;
        if distance > at {
            return Err(Error::corrupt("a match that starts before its page"));
        }
        repeat::<W, SHORT>(out, at, distance, length);
        at += length;
    }
    let rest = &literals[used..];
    if rest.len() != out.len() - at {
        return Err(Error::corrupt("literals that do not fill the page"));
    }
    out[at..].copy_from_slice(rest);
    Ok(())
}

/// Copies the first `n` words; what follows them in `to` may be overwritten, too.
#[inline(always)]
fn copy<W: Latent, const SHORT: usize>(from: &[W], to: &mut [W], n: usize) {
    if n <= SHORT
        && let (Some(from), Some(to)) = (from.first_chunk::<SHORT>(), to.first_chunk_mut::<SHORT>())
    {
        *to = *from;
        return;
    }
    to[..n].copy_from_slice(&from[..n]);
}

/// Writes `length` words at `at`, each as the one `distance` before it; what follows may be overwritten, too.
#[inline(always)]
fn repeat<W: Latent, const SHORT: usize>(out: &mut [W], at: usize, distance: usize, length: usize) {
    if distance >= SHORT && length <= SHORT {
        let (before, after) = out.split_at_mut(at);
        return copy::<W, SHORT>(&before[at - distance..], after, length);
    }
    if length <= SHORT {
        return repeat_short(&mut out[at - distance..at + length], distance);
    }
    repeat_long(out, at, distance, length);
}

/// Fills what follows the first words, which are to be repeated: one by one, since few are.
#[inline(always)]
fn repeat_short<W: Latent>(out: &mut [W], distance: usize) {
    for at in distance..out.len() {
        out[at] = out[at - distance];
    }
}

fn repeat_long<W: Latent>(out: &mut [W], at: usize, distance: usize, length: usize) {
    if distance == 1 {
        let word = out[at - 1];
        return out[at..at + length].fill(word);
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
                repeat::<u32, 16>(&mut out, 30, distance, length);
                assert_eq!(
                    out[..30 + length],
                    expected[..30 + length],
                    "{length} from {distance}"
                );
            }
        }
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
