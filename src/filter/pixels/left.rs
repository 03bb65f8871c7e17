//! Bytes as differences from the byte a pixel before, and of pictures from one another, all modulo 256.

/// What looks at differences while they become pixels: what waits for one byte after another is done while others are added.
pub(crate) trait Watch: Copy {
    /// The next ones: a multiple of four, but for the last of all.
    fn see(&mut self, differences: &[u8]);

    /// So many of zero, a multiple of four.
    fn see_zeroes(&mut self, n: usize);
}

/// Nobody looks.
impl Watch for () {
    fn see(&mut self, _: &[u8]) {}

    fn see_zeroes(&mut self, _: usize) {}
}

/// Adds to each byte the one a pixel before it: the reverse of [`subtract_left`].
pub(crate) fn add_left(bytes: &mut [u8], pixel_bytes: usize) {
    match pixel_bytes {
        1 => add_left_of_one(bytes),
        _ => add_left_watched(bytes, pixel_bytes, &mut ()),
    }
}

/// [`add_left`], with somebody who looks at the differences before they are pixels.
pub(crate) fn add_left_watched(bytes: &mut [u8], pixel_bytes: usize, watch: &mut impl Watch) {
    match pixel_bytes {
        1 => add_left_of::<1>(bytes, watch),
        2 => add_left_of::<2>(bytes, watch),
        3 => add_left_of::<3>(bytes, watch),
        4 => add_left_of::<4>(bytes, watch),
        6 => add_left_of::<6>(bytes, watch),
        8 => add_left_of::<8>(bytes, watch),
        _ => {
            watch.see(bytes);
            for i in pixel_bytes..bytes.len() {
                bytes[i] = bytes[i].wrapping_add(bytes[i - pixel_bytes]);
            }
        }
    }
}

/// Pixels that are added, or passed over, at once.
const PIECE: usize = 16;

/// Where pixels are those to their left, differences are zero, and nothing is to be added. Looking for that costs what it
/// may save, so that the longer none was found, the longer none is looked for.
fn add_left_of<const N: usize>(bytes: &mut [u8], watch: &mut impl Watch) {
    const MAX_PIECES: usize = 64;
    let whole = bytes.len() - bytes.len() % (PIECE * N);
    let (mut pieces, rest) = bytes.split_at_mut(whole);
    let (mut sums, mut n_pieces) = ([0; N], 1);
    while !pieces.is_empty() {
        let n = zeroes::<N>(pieces);
        let (same, others) = pieces.split_at_mut(n);
        watch.see_zeroes(n);
        for piece in same.as_chunks_mut::<N>().0.as_chunks_mut::<PIECE>().0 {
            *piece = [sums; PIECE];
        }
        n_pieces = match n {
            0 => MAX_PIECES.min(2 * n_pieces),
            _ => 1,
        };
        let n = others.len().min(n_pieces * PIECE * N);
        let (now, later) = others.split_at_mut(n);
        add_pixels(now, &mut sums, watch);
        pieces = later;
    }
    watch.see(rest);
    for pixel in rest.chunks_mut(N) {
        for (sum, byte) in sums.iter_mut().zip(pixel) {
            *sum = sum.wrapping_add(*byte);
            *byte = *sum;
        }
    }
}

/// How many bytes at the start are zero, in whole pieces. A function of its own, or the loop over what is not zero would take its
/// bytes out of the words that were compared here, which is slower than to load them again.
#[inline(never)]
fn zeroes<const N: usize>(bytes: &[u8]) -> usize {
    let is_zero = |piece: &&[[u8; N]; PIECE]| {
        let words = piece.as_flattened().as_chunks::<16>().0;
        let any = words
            .iter()
            .fold(0, |any, &word| any | u128::from_ne_bytes(word));
        any == 0
    };
    let pieces = bytes.as_chunks::<N>().0.as_chunks::<PIECE>().0;
    pieces.iter().take_while(is_zero).count() * PIECE * N
}

/// The sums stay in registers, and so does what looks. Four pixels at a time, loaded before the first of them is stored: 1.3
/// times as fast as one by one.
#[inline(never)]
fn add_pixels<const N: usize>(bytes: &mut [u8], sums: &mut [u8; N], watch: &mut impl Watch) {
    let (mut to_left, mut looking) = (*sums, *watch);
    for group in bytes.as_chunks_mut::<N>().0.as_chunks_mut::<4>().0 {
        let differences = *group;
        looking.see(differences.as_flattened());
        for (pixel, difference) in group.iter_mut().zip(differences) {
            for i in 0..N {
                to_left[i] = to_left[i].wrapping_add(difference[i]);
                pixel[i] = to_left[i];
            }
        }
    }
    (*sums, *watch) = (to_left, looking);
}

/// Sums within eight words at once, and from word to word: 1.3 times as fast as byte by byte.
fn add_left_of_one(bytes: &mut [u8]) {
    const HIGHEST_BITS: u64 = 0x8080_8080_8080_8080;
    const ONES: u64 = 0x0101_0101_0101_0101;
    /// Adds byte to byte: the highest bits apart, so that none carries over.
    fn add(a: u64, b: u64) -> u64 {
        (a & !HIGHEST_BITS).wrapping_add(b & !HIGHEST_BITS) ^ ((a ^ b) & HIGHEST_BITS)
    }
    let mut sum = 0_u8;
    let (groups, rest) = bytes.as_chunks_mut::<64>();
    for group in groups {
        let group = group.as_chunks_mut::<8>().0;
        let mut words = [0; 8];
        for (word, bytes) in words.iter_mut().zip(&*group) {
            *word = u64::from_le_bytes(*bytes);
        }
        for shift in [8, 16, 32] {
            words
                .iter_mut()
                .for_each(|word| *word = add(*word, *word << shift));
        }
        for (word, bytes) in words.iter().zip(group) {
            *bytes = add(*word, u64::from(sum).wrapping_mul(ONES)).to_le_bytes();
            sum = sum.wrapping_add((word >> 56) as u8);
        }
    }
    for byte in rest {
        sum = sum.wrapping_add(*byte);
        *byte = sum;
    }
}

/// Takes the byte a pixel before off each byte, over the whole raster.
pub(crate) fn subtract_left(bytes: &mut [u8], pixel_bytes: usize) {
    /// Pieces from the end on, so that what is subtracted is still there; each is one loop without dependencies.
    const PIECE_BYTES: usize = 4096;
    let mut scratch = [0_u8; PIECE_BYTES];
    let mut end = bytes.len();
    while end > pixel_bytes {
        let start = end.saturating_sub(PIECE_BYTES).max(pixel_bytes);
        let before = &mut scratch[..end - start];
        before.copy_from_slice(&bytes[start - pixel_bytes..end - pixel_bytes]);
        subtract(&mut bytes[start..end], before);
        end = start;
    }
}

/// Adds the bytes of another picture.
#[cfg(feature = "pzp")]
pub(crate) fn add(bytes: &mut [u8], others: &[u8]) {
    for (byte, other) in bytes.iter_mut().zip(others) {
        *byte = byte.wrapping_add(*other);
    }
}

/// Takes the bytes of another picture off.
pub(crate) fn subtract(bytes: &mut [u8], others: &[u8]) {
    for (byte, other) in bytes.iter_mut().zip(others) {
        *byte = byte.wrapping_sub(*other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every difference, zeroes put in where they were passed over.
    #[derive(Clone, Copy)]
    struct Seen<'a>(&'a std::cell::RefCell<Vec<u8>>);

    impl Watch for Seen<'_> {
        fn see(&mut self, differences: &[u8]) {
            self.0.borrow_mut().extend_from_slice(differences);
        }

        fn see_zeroes(&mut self, n: usize) {
            assert_eq!(n % 4, 0);
            self.0.borrow_mut().extend(vec![0; n]);
        }
    }

    #[test]
    fn runs_of_equal_pixels_are_passed_over_and_seen() {
        for pixel_bytes in 1..=9 {
            // Runs of all lengths around those of pieces, and between them pixels of all numbers.
            let mut bytes = Vec::new();
            for run in (0..70).chain([500, 5_000]) {
                for i in 0..run % 7 {
                    bytes.extend((0..pixel_bytes).map(|byte| (run * 5 + i * 3 + byte) as u8));
                }
                let pixel: Vec<u8> = (0..pixel_bytes).map(|byte| (run + byte) as u8).collect();
                bytes.extend(pixel.repeat(run));
            }
            for n in [bytes.len(), bytes.len() - 1, 40 * pixel_bytes, 7] {
                let mut differences = bytes[..n].to_vec();
                subtract_left(&mut differences, pixel_bytes);
                let seen = std::cell::RefCell::default();
                let mut pixels = differences.clone();
                add_left_watched(&mut pixels, pixel_bytes, &mut Seen(&seen));
                assert!(pixels == bytes[..n], "{pixel_bytes} {n}");
                assert!(*seen.borrow() == differences, "{pixel_bytes} {n}");
            }
        }
    }

    #[test]
    fn what_was_taken_off_is_added() {
        for pixel_bytes in 1..=17 {
            for n in [0, 1, pixel_bytes, 3 * pixel_bytes + 1, 20_000] {
                let bytes: Vec<u8> = (0..n).map(|i| ((i * i) >> 3) as u8).collect();
                let mut differences = bytes.clone();
                subtract_left(&mut differences, pixel_bytes);
                let expected = |i: usize| match i.checked_sub(pixel_bytes) {
                    Some(before) => bytes[i].wrapping_sub(bytes[before]),
                    None => bytes[i],
                };
                assert!(
                    (0..n).all(|i| differences[i] == expected(i)),
                    "{pixel_bytes} {n}"
                );
                add_left(&mut differences, pixel_bytes);
                assert!(differences == bytes, "{pixel_bytes} {n}");
            }
        }
    }
}
