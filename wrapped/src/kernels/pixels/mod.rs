//! Running sums of pixels: to each byte the one a pixel before it is added, modulo 256. It undoes differences of pixels.
//!
//! Within a vector, sums of 2, 4, 8 ... pixels need only a logarithm of steps, as in [`scan`](super::scan); from one vector
//! to the next only the last pixel is carried. It is not part of pco's format: filters around the engine need it.

#[cfg(target_arch = "x86_64")]
mod avx2;
mod scalar;

use super::isa::{Isa, Known};

/// Adds to each byte the one `pixel_bytes` before it; what is before the first pixel stands in `last`, which is the last
/// pixel afterwards.
///
/// # Panics
/// If `last` is not as long as a pixel, or `bytes` are no whole pixels.
pub fn add_left(isa: Isa, pixel_bytes: usize, bytes: &mut [u8], last: &mut [u8]) {
    assert!(
        last.len() == pixel_bytes && pixel_bytes > 0 && bytes.len().is_multiple_of(pixel_bytes),
        "{} bytes are no pixels of {pixel_bytes}",
        bytes.len()
    );
    let done = match isa.known() {
        #[cfg(target_arch = "x86_64")]
        Known::Avx2(tier) => avx2::add_left(tier, bytes, last),
        #[cfg(target_arch = "x86_64")]
        Known::Avx512(tier) => avx2::add_left(tier.avx2(), bytes, last),
        Known::Scalar(_) => 0,
    };
    scalar::add_left(&mut bytes[done..], last);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_isa_follows_the_definition() {
        for isa in Isa::available() {
            for pixel_bytes in 1..=9 {
                for n in (0..40).chain([100, 1000]) {
                    let mut bytes: Vec<u8> =
                        (0..n * pixel_bytes).map(|i| ((i * i) >> 2) as u8).collect();
                    let mut last: Vec<u8> = (0..pixel_bytes).map(|i| 200 + i as u8).collect();
                    let mut expected = [&last[..], &bytes].concat();
                    for i in pixel_bytes..expected.len() {
                        expected[i] = expected[i].wrapping_add(expected[i - pixel_bytes]);
                    }
                    add_left(isa, pixel_bytes, &mut bytes, &mut last);
                    let what = format!("isa {isa:?}, {n} pixels of {pixel_bytes}");
                    assert!(bytes == expected[pixel_bytes..], "{what}");
                    assert!(expected.ends_with(&last), "{what}");
                }
            }
        }
    }

    #[test]
    #[should_panic(expected = "no pixels of 3")]
    fn parts_of_pixels_are_refused() {
        add_left(Isa::SCALAR, 3, &mut [0; 7], &mut [0; 3]);
    }
}
