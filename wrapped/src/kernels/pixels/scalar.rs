//! Pixel by pixel.

/// [`super::add_left`] of whole pixels, as long as `last`.
pub(super) fn add_left(bytes: &mut [u8], last: &mut [u8]) {
    match last.len() {
        1 => add_pixels::<1>(bytes, last),
        2 => add_pixels::<2>(bytes, last),
        3 => add_pixels::<3>(bytes, last),
        4 => add_pixels::<4>(bytes, last),
        6 => add_pixels::<6>(bytes, last),
        8 => add_pixels::<8>(bytes, last),
        n => {
            for pixel in bytes.chunks_exact_mut(n) {
                for (sum, byte) in last.iter_mut().zip(pixel) {
                    *sum = sum.wrapping_add(*byte);
                    *byte = *sum;
                }
            }
        }
    }
}

/// The sums stay in registers. Four pixels at a time, loaded before the first of them is stored: 1.3 times as fast as one by
/// one.
#[inline(never)]
fn add_pixels<const N: usize>(bytes: &mut [u8], last: &mut [u8]) {
    let Some(last) = last.first_chunk_mut::<N>() else {
        return;
    };
    let mut sums = *last;
    let (groups, rest) = bytes.as_chunks_mut::<N>().0.as_chunks_mut::<4>();
    for group in groups {
        let differences = *group;
        for (pixel, difference) in group.iter_mut().zip(differences) {
            for i in 0..N {
                sums[i] = sums[i].wrapping_add(difference[i]);
                pixel[i] = sums[i];
            }
        }
    }
    for pixel in rest {
        for i in 0..N {
            sums[i] = sums[i].wrapping_add(pixel[i]);
            pixel[i] = sums[i];
        }
    }
    *last = sums;
}
