//! The steps of a frame over its bytes, and their reverses.

use crate::error::{Error, Result};

/// Adds to each byte the one a pixel before it: the reverse of [`subtract_left`].
pub(super) fn add_left(bytes: &mut [u8], pixel_bytes: usize) {
    match pixel_bytes {
        1 => add_left_of::<1>(bytes),
        2 => add_left_of::<2>(bytes),
        3 => add_left_of::<3>(bytes),
        4 => add_left_of::<4>(bytes),
        6 => add_left_of::<6>(bytes),
        8 => add_left_of::<8>(bytes),
        _ => {
            for i in pixel_bytes..bytes.len() {
                bytes[i] = bytes[i].wrapping_add(bytes[i - pixel_bytes]);
            }
        }
    }
}

/// The sums stay in registers, one for each byte of a pixel.
fn add_left_of<const N: usize>(bytes: &mut [u8]) {
    let mut sums = [0_u8; N];
    for pixel in bytes.as_chunks_mut::<N>().0 {
        for (sum, byte) in sums.iter_mut().zip(pixel) {
            *sum = sum.wrapping_add(*byte);
            *byte = *sum;
        }
    }
}

/// Replaces bytes that are places in a palette by what stands there, channel by channel. Returns what is wrong with it.
pub(super) fn look_up(bytes: &mut [u8], palette: &[u8], pixel_bytes: usize) -> Result<()> {
    let mut rest = palette;
    let mut tables = Vec::with_capacity(pixel_bytes.min(palette.len()));
    for _ in 0..pixel_bytes {
        let short = || Error::corrupt("a palette that ends too early");
        let (&last, behind) = rest.split_first().ok_or_else(short)?;
        let n = usize::from(last) + 1;
        let (values, behind) = behind.split_at_checked(n).ok_or_else(short)?;
        // Other readers take values in any order, and so does this one.
        let mut table = [0_u8; 256];
        table[..n].copy_from_slice(values);
        tables.push((table, last));
        rest = behind;
    }
    if !rest.is_empty() {
        return Err(Error::corrupt("a palette of more than its channels"));
    }
    let mut is_bad = false;
    for pixel in bytes.chunks_exact_mut(pixel_bytes) {
        for (byte, (table, last)) in pixel.iter_mut().zip(&tables) {
            is_bad |= *byte > *last;
            *byte = table[usize::from(*byte)];
        }
    }
    match is_bad {
        true => Err(Error::corrupt("a colour that the palette does not have")),
        false => Ok(()),
    }
}

/// Adds the bytes of the frame before.
pub(super) fn add_frame(bytes: &mut [u8], before: &[u8]) {
    for (byte, before) in bytes.iter_mut().zip(before) {
        *byte = byte.wrapping_add(*before);
    }
}

/// Takes the bytes of the frame before off.
pub(super) fn subtract_frame(bytes: &mut [u8], before: &[u8]) {
    for (byte, before) in bytes.iter_mut().zip(before) {
        *byte = byte.wrapping_sub(*before);
    }
}

/// Takes the byte a pixel before off each byte, over the whole raster.
pub(super) fn subtract_left(bytes: &mut [u8], pixel_bytes: usize) {
    /// Pieces from the end on, so that what is subtracted is still there; each is one loop without dependencies.
    const PIECE_BYTES: usize = 4096;
    let mut scratch = [0_u8; PIECE_BYTES];
    let mut end = bytes.len();
    while end > pixel_bytes {
        let start = end.saturating_sub(PIECE_BYTES).max(pixel_bytes);
        let before = &mut scratch[..end - start];
        before.copy_from_slice(&bytes[start - pixel_bytes..end - pixel_bytes]);
        subtract_frame(&mut bytes[start..end], before);
        end = start;
    }
}

/// Replaces bytes by their places among those that their channel has, and returns these: of each channel how many there are
/// but one, then they, ascending.
pub(super) fn take_palette(bytes: &mut [u8], pixel_bytes: usize) -> Vec<u8> {
    let mut seen = vec![[false; 256]; pixel_bytes];
    for pixel in bytes.chunks_exact(pixel_bytes) {
        for (byte, seen) in pixel.iter().zip(&mut seen) {
            seen[usize::from(*byte)] = true;
        }
    }
    let mut palette = Vec::new();
    let mut places = vec![[0_u8; 256]; pixel_bytes];
    for (seen, places) in seen.iter().zip(&mut places) {
        let values: Vec<u8> = (0..=255)
            .filter(|&value| seen[usize::from(value)])
            .collect();
        palette.push(values.len().saturating_sub(1) as u8);
        for (place, &value) in values.iter().enumerate() {
            places[usize::from(value)] = place as u8;
        }
        palette.extend(values);
    }
    for pixel in bytes.chunks_exact_mut(pixel_bytes) {
        for (byte, places) in pixel.iter_mut().zip(&places) {
            *byte = places[usize::from(*byte)];
        }
    }
    palette
}
