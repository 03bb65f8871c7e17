//! Bytes as differences from the byte a pixel before, and of pictures from one another, all modulo 256.

use paginum_wrapped::{Isa, pixels};

/// Adds to each byte the one a pixel before it: the reverse of [`subtract_left`].
pub(crate) fn add_left(isa: Isa, bytes: &mut [u8], pixel_bytes: usize) {
    if pixel_bytes >= bytes.len() {
        return;
    }
    let mut last = vec![0; pixel_bytes];
    let whole = bytes.len() - bytes.len() % pixel_bytes;
    let (whole, rest) = bytes.split_at_mut(whole);
    pixels::add_left(isa, pixel_bytes, whole, &mut last);
    // An array may end within a pixel.
    add(rest, &last);
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

/// Appends the bytes of whole pixels, less those a pixel before, to `out`. What is before the first stands in `before`.
#[cfg(feature = "pzp")]
pub(crate) fn push_differences(pixels: &[u8], before: &[u8], out: &mut Vec<u8>) {
    let (first, _) = pixels.split_at(before.len().min(pixels.len()));
    let differences = |(pixel, before): (&u8, &u8)| pixel.wrapping_sub(*before);
    out.extend(first.iter().zip(before).map(differences));
    out.extend(pixels[first.len()..].iter().zip(pixels).map(differences));
}

/// Adds the bytes of another picture.
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
                #[cfg(feature = "pzp")]
                {
                    let mut pushed = Vec::new();
                    let first = vec![0; pixel_bytes];
                    push_differences(&bytes, &first, &mut pushed);
                    assert!(pushed == differences, "{pixel_bytes} {n}");
                }
                for isa in Isa::available() {
                    let mut pixels = differences.clone();
                    add_left(isa, &mut pixels, pixel_bytes);
                    assert!(pixels == bytes, "{isa:?} {pixel_bytes} {n}");
                }
            }
        }
    }
}
