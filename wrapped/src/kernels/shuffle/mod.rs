//! Byte shuffle: from items one after another to *planes*, of which plane `p` holds byte `p` of each item, and back.
//!
//! `planes[p * n + i] == items[i * item_bytes + p]` for `n` items. Bytes of the same significance change slowly from
//! item to item, which general-purpose compressors can use once these stand together. It is not part of pco's format:
//! filters around the engine need it.

#[cfg(target_arch = "x86_64")]
mod avx2;
mod scalar;

use super::isa::{Isa, Known};

/// Writes the planes of `items` to `planes`.
///
/// # Panics
/// If the lengths differ, or are no multiple of `item_bytes`, which is at least 1.
pub fn shuffle(isa: Isa, item_bytes: usize, items: &[u8], planes: &mut [u8]) {
    assert_whole(item_bytes, items, planes);
    let done = match isa.known() {
        #[cfg(target_arch = "x86_64")]
        Known::Avx2(tier) => avx2::shuffle(tier, item_bytes, items, planes),
        #[cfg(target_arch = "x86_64")]
        Known::Avx512(tier) => avx2::shuffle(tier.avx2(), item_bytes, items, planes),
        Known::Scalar(_) => 0,
    };
    scalar::shuffle(item_bytes, done, items, planes);
}

/// Writes the items of `planes` to `items`: the inverse of [`shuffle`].
///
/// # Panics
/// If the lengths differ, or are no multiple of `item_bytes`, which is at least 1.
pub fn unshuffle(isa: Isa, item_bytes: usize, planes: &[u8], items: &mut [u8]) {
    assert_whole(item_bytes, planes, items);
    let done = match isa.known() {
        #[cfg(target_arch = "x86_64")]
        Known::Avx2(tier) => avx2::unshuffle(tier, item_bytes, planes, items),
        #[cfg(target_arch = "x86_64")]
        Known::Avx512(tier) => avx2::unshuffle(tier.avx2(), item_bytes, planes, items),
        Known::Scalar(_) => 0,
    };
    scalar::unshuffle(item_bytes, done, planes, items);
}

fn assert_whole(item_bytes: usize, src: &[u8], dst: &[u8]) {
    assert_eq!(src.len(), dst.len(), "bytes to shuffle and their place");
    assert!(
        item_bytes > 0 && src.len().is_multiple_of(item_bytes),
        "{} bytes are no items of {item_bytes}",
        src.len()
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: [usize; 13] = [1, 2, 3, 4, 5, 7, 8, 12, 16, 17, 32, 80, 1000];
    const COUNTS: [usize; 13] = [0, 1, 2, 15, 16, 31, 32, 33, 63, 64, 65, 100, 1025];

    #[test]
    fn every_isa_follows_the_definition() {
        for isa in Isa::available() {
            for item_bytes in SIZES {
                for n in COUNTS {
                    let items: Vec<u8> =
                        (0..n * item_bytes).map(|i| ((i * i) >> 3) as u8).collect();
                    let mut planes = vec![0; items.len()];
                    shuffle(isa, item_bytes, &items, &mut planes);
                    for (i, item) in items.chunks(item_bytes).enumerate() {
                        for (p, &byte) in item.iter().enumerate() {
                            assert_eq!(
                                planes[p * n + i],
                                byte,
                                "isa {isa:?}, {n} items of {item_bytes}, byte {p} of item {i}"
                            );
                        }
                    }
                    let mut back = vec![0; items.len()];
                    unshuffle(isa, item_bytes, &planes, &mut back);
                    assert!(back == items, "isa {isa:?}, {n} items of {item_bytes}");
                }
            }
        }
    }

    #[test]
    #[should_panic(expected = "no items of 4")]
    fn parts_of_items_are_refused() {
        shuffle(Isa::SCALAR, 4, &[0; 7], &mut [0; 7]);
    }
}
