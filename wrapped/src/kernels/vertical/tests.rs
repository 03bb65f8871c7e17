//! Every tier against the definition.

use super::*;
use crate::dtype::Latent;
use crate::kernels::isa::Isa;

fn words<L: Latent>(n: usize) -> Vec<L> {
    let word = |i: u64| (i + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 7 ^ i << 40;
    (0..n as u64).map(|i| L::from_u64(word(i))).collect()
}

fn low<L: Latent>(width: u32) -> L {
    match width {
        0 => L::zero(),
        _ => L::max_value() >> (L::BITS - width) as usize,
    }
}

const COUNTS: [usize; 9] = [0, 1, 15, 16, 33, 500, 1000, 1023, 1024];

/// Bit by bit, as the module says it.
fn expected_bytes<L: Latent>(words: &[L], width: u32) -> Vec<u8> {
    let (bits, lanes) = (L::BITS as usize, BLOCK_N / L::BITS as usize);
    let mut packed = vec![0; packed_bytes::<L>(words.len(), width)];
    for (i, word) in words.iter().enumerate() {
        for bit in 0..width as usize {
            if (*word >> bit) & L::one() == L::one() {
                let at = i / lanes * width as usize + bit;
                let place = (at / bits * lanes + i % lanes) * bits + at % bits;
                packed[place / 8] |= 1 << (place % 8);
            }
        }
    }
    packed
}

fn packs<L: Latent>() {
    for width in 0..=L::BITS {
        for n in COUNTS {
            let base = L::MID + L::one();
            let low_words: Vec<L> = words::<L>(n).iter().map(|x| *x & low(width)).collect();
            let words: Vec<L> = low_words.iter().map(|x| x.wrapping_add(&base)).collect();
            let expected = expected_bytes(&low_words, width);
            for isa in Isa::available() {
                let case = format!("isa {isa:?}, {} bits, width {width}, n {n}", L::BITS);
                let mut packed = vec![0xEE; expected.len()];
                pack(isa, &words, base, width, &mut packed);
                assert!(packed == expected, "{case}: packed");
                let mut out = vec![L::zero(); n];
                unpack(isa, &packed, width, base, &mut out);
                assert!(out == words, "{case}: unpacked");
            }
            let mut front = vec![L::zero(); n / 3];
            unpack(Isa::SCALAR, &expected, width, base, &mut front);
            assert!(front == words[..n / 3], "width {width}, the front of {n}");
            for (i, word) in low_words.iter().enumerate().step_by(7) {
                assert_eq!(
                    get::<L>(&expected, width, i),
                    *word,
                    "width {width}, {i} of {n}"
                );
            }
        }
    }
}

#[test]
fn every_tier_packs_every_width() {
    packs::<u8>();
    packs::<u16>();
    packs::<u32>();
    packs::<u64>();
}

fn steps<L: Latent>() {
    for n in COUNTS {
        let words = words::<L>(n);
        for isa in Isa::available() {
            let mut differences_of = vec![L::zero(); n];
            differences(isa, &words, &mut differences_of);
            for i in 1..n {
                assert_eq!(words[i].wrapping_sub(&words[i - 1]), differences_of[i - 1]);
            }
            if n > 1 {
                assert_eq!(differences_of[n - 1], differences_of[n - 2]);
            }
            sum(
                isa,
                &mut differences_of,
                words.first().copied().unwrap_or(L::zero()),
            );
            assert!(differences_of == words, "isa {isa:?}, n {n}");

            let mut ordered = vec![L::zero(); n];
            to_ordered(isa, &words, &mut ordered);
            for (word, ordered) in words.iter().zip(&ordered) {
                let is_negative = *word >= L::MID;
                assert_eq!(*ordered, if is_negative { !*word } else { *word ^ L::MID });
            }
            from_ordered(isa, &mut ordered);
            assert!(ordered == words, "isa {isa:?}, n {n}");
        }
    }
}

#[test]
fn steps_and_their_inverses_agree_at_every_tier() {
    steps::<u8>();
    steps::<u16>();
    steps::<u32>();
    steps::<u64>();
}

fn measures<L: Latent>() {
    for n in COUNTS {
        let words = words::<L>(n);
        for isa in Isa::available() {
            for flip in [L::zero(), L::MID] {
                let flipped = || words.iter().map(|word| *word ^ flip);
                let least = flipped().min().unwrap_or(L::max_value()) ^ flip;
                let greatest = flipped().max().unwrap_or(L::zero()) ^ flip;
                assert_eq!(
                    span(isa, &words, flip),
                    (least, greatest),
                    "isa {isa:?}, n {n}"
                );
            }
            for width in 0..=L::BITS {
                let origin = L::from_u64(77);
                let is_outside = |word: &&L| word.wrapping_sub(&origin) > low(width);
                let expected = words.iter().filter(is_outside).count();
                assert_eq!(
                    count_outside(isa, &words, origin, width),
                    expected,
                    "width {width}"
                );
            }
        }
    }
    // As many as a lane can count.
    assert_eq!(
        count_outside(Isa::SCALAR, &[L::MID; BLOCK_N], L::zero(), 0),
        BLOCK_N
    );
}

#[test]
fn measures_agree_at_every_tier() {
    measures::<u8>();
    measures::<u16>();
    measures::<u32>();
    measures::<u64>();
}

#[test]
fn places_outside_of_a_table_are_refused() {
    for isa in Isa::available() {
        let table: Vec<u32> = words(300);
        let places: Vec<u16> = (0..1000).map(|i| i * 7 % 300).collect();
        let mut out = vec![0; 1000];
        assert!(gather(isa, &table, &places, &mut out));
        assert!(
            out.iter()
                .zip(&places)
                .all(|(out, place)| *out == table[usize::from(*place)])
        );
        assert!(!gather(isa, &table[..299], &places, &mut out));
        assert!(!gather(isa, &[], &places, &mut out));
        assert!(gather::<u32, u16>(isa, &[], &[], &mut []));
        let bytes: Vec<u8> = places.iter().map(|place| *place as u8).collect();
        assert!(gather(isa, &table[..256], &bytes, &mut out));
        assert_eq!(out[999], table[usize::from(bytes[999])]);
        assert!(!gather(isa, &table[..255], &bytes, &mut out));
        assert!(!gather(isa, &table, &[0, u32::MAX], &mut out[..2]));
    }
}

fn sums_run_through<L: Latent>() {
    for n in [0, 1, 7, 64, 1023, 1024, 1025, 3000] {
        let steps: Vec<L> = words(n);
        let mut sum = L::MID;
        let sums = steps.iter().map(|step| {
            sum = sum.wrapping_add(step);
            sum
        });
        let expected: Vec<L> = sums.collect();
        for isa in Isa::available() {
            let mut out = steps.clone();
            running_sum(isa, &mut out, L::MID);
            assert!(out == expected, "isa {isa:?}, {} bits, n {n}", L::BITS);
        }
    }
}

#[test]
fn sums_are_of_all_words_up_to_each() {
    sums_run_through::<u8>();
    sums_run_through::<u16>();
    sums_run_through::<u32>();
    sums_run_through::<u64>();
}

#[test]
fn components_stand_side_by_side() {
    for isa in Isa::available() {
        for k in 2..=16 {
            for n in [0, 1, 5, 16, 100, 1001] {
                let room = usize::div_ceil(n, k);
                let components: Vec<u16> = words(k * room);
                let mut out = vec![0; n];
                interleave(isa, &components, k, &mut out);
                for (i, out) in out.iter().enumerate() {
                    assert_eq!(*out, components[i % k * room + i / k], "{i} of {n}, {k}");
                }
            }
        }
    }
}

#[test]
fn decimals_come_back() {
    for isa in Isa::available() {
        let floats: Vec<u64> = (0..1024)
            .map(|i| (f64::from(i - 500) / 100.0).to_bits())
            .collect();
        let mut whole = vec![0; 1024];
        let n = u64::to_whole(isa, &floats, 14, 12, &mut whole);
        u64::from_whole(isa, &mut whole, 14, 12);
        let others = whole
            .iter()
            .zip(&floats)
            .filter(|(again, float)| again != float);
        assert_eq!(others.count(), n);
        let floats: Vec<u32> = (0..1024).map(|i| ((i - 500) as f32).to_bits()).collect();
        let mut whole = vec![0; 1024];
        assert_eq!(u32::to_whole(isa, &floats, 0, 0, &mut whole), 0);
        u32::from_whole(isa, &mut whole, 0, 0);
        assert!(whole == floats);
        // What is no decimal is counted.
        let odd = [1.0 / 3.0, -0.0_f64].map(f64::to_bits);
        assert_eq!(u64::to_whole(isa, &odd, 2, 0, &mut [0; 2]), 2);
    }
}

/// Quiet, signalling, of both signs, with every bit and with few.
#[test]
fn no_nan_is_a_decimal() {
    let wide = [
        0x7FF8 << 48,
        (0x7FF << 52) | 1,
        u64::MAX,
        (0xFFF << 52) | 7,
        0x7FFC_0000_DEAD_BEEF,
    ];
    let narrow = [0x7FC0_0000, 0x7F80_0001, u32::MAX, 0xFF80_0007, 0x7FE0_BEEF];
    for isa in Isa::available() {
        for (e, f) in [(0, 0), (10, 7), (10, 10)] {
            let mut whole = [1; 5];
            assert_eq!(u64::to_whole(isa, &wide, e, f, &mut whole), 5);
            assert_eq!(whole, [0; 5]);
            let mut whole = [1; 5];
            assert_eq!(u32::to_whole(isa, &narrow, e, f, &mut whole), 5);
            assert_eq!(whole, [0; 5]);
        }
    }
}
