//! Chunk metadata that no encoder writes: what is illegal is refused by name, what is merely odd is read.

use paginum_wrapped::{Error, FileDecompressor};

use super::support::Tested;
use super::support::wire::meta::{WireBin, WireDelta, WireMeta, WireMode, WireVar};
use super::verdict;

fn bin(weight: u32, lower: u64, offset_bits: u32) -> WireBin {
    WireBin {
        weight,
        lower,
        offset_bits,
    }
}

fn var(bits: u32, ans_size_log: u32, bins: &[WireBin]) -> WireVar {
    WireVar {
        bits,
        ans_size_log,
        bins: bins.to_vec(),
    }
}

/// One bin that holds any latent.
fn any(bits: u32) -> WireVar {
    var(bits, 0, &[bin(1, 0, bits)])
}

fn meta<T: Tested>(mode: WireMode, delta: WireDelta, vars: &[WireVar]) -> WireMeta {
    WireMeta {
        number_bits: size_of::<T>() as u32 * 8,
        mode,
        delta,
        vars: vars.to_vec(),
    }
}

/// Both readers are given the metadata with a page of one bits, which satisfies any of it but padding.
fn is_read<T: Tested>(meta: &WireMeta, n: usize) -> bool {
    let page: Vec<u8> = (0..4096u32).map(|i| ((i * 37) >> 3) as u8).collect();
    let what = format!("{} {meta:?}", T::NUMBER_TYPE);
    verdict::on_page::<T>(&[4, 1], &meta.bytes(), &page, n, &what);
    let (file, _) = FileDecompressor::new(&[4, 1]).expect("a known version");
    match file.chunk_decompressor::<T>(&meta.bytes()) {
        Ok(_) => true,
        Err(Error::Corrupt { .. } | Error::Unsupported(_)) => false,
        Err(e) => panic!("{what}: {e}"),
    }
}

#[track_caller]
fn refused<T: Tested>(mode: WireMode, delta: WireDelta, vars: &[WireVar]) {
    assert!(!is_read::<T>(&meta::<T>(mode, delta, vars), 20));
}

#[track_caller]
fn accepted<T: Tested>(mode: WireMode, delta: WireDelta, vars: &[WireVar]) {
    assert!(is_read::<T>(&meta::<T>(mode, delta, vars), 20));
}

fn ordered<T: Tested>(x: T) -> u64 {
    paginum_wrapped::Latent::to_u64(paginum_wrapped::Number::to_latent(x))
}

#[test]
fn modes_outside_their_range_are_refused() {
    use WireMode::*;
    let none = || WireDelta::None;
    refused::<i32>(IntMult(0), none(), &[any(32), any(32)]);
    refused::<f32>(IntMult(3), none(), &[any(32), any(32)]);
    refused::<i32>(FloatMult(ordered(1f32)), none(), &[any(32), any(32)]);
    refused::<u64>(FloatQuant(3), none(), &[any(64), any(64)]);
    for base in [0.0, -0.0, f32::INFINITY, f32::NEG_INFINITY, f32::NAN] {
        refused::<f32>(FloatMult(ordered(base)), none(), &[any(32), any(32)]);
    }
    for base in [1e-40, -0.1, f32::MAX] {
        accepted::<f32>(FloatMult(ordered(base)), none(), &[any(32), any(32)]);
    }
    for k in [0, 24, 255] {
        refused::<f32>(FloatQuant(k), none(), &[any(32), any(32)]);
    }
    accepted::<f32>(FloatQuant(23), none(), &[any(32), any(32)]);
    for variant in 5..16 {
        refused::<u16>(Other(variant), none(), &[any(16)]);
    }
}

#[test]
fn dictionaries_are_checked_value_by_value() {
    let dict = WireMode::Dict;
    let index = |lower, offset_bits| var(32, 0, &[bin(1, lower, offset_bits)]);
    accepted::<u64>(dict(vec![7, 7, 7]), WireDelta::None, &[index(2, 0)]);
    // Legal as metadata; each index is checked when a page is read, by both readers.
    accepted::<u64>(dict(vec![7, 7, 7]), WireDelta::None, &[index(3, 0)]);
    accepted::<u64>(dict(vec![7, 7, 7]), WireDelta::None, &[index(0, 32)]);
    accepted::<u64>(dict(vec![]), WireDelta::None, &[index(0, 0)]);
}

#[test]
fn deltas_outside_their_range_are_refused() {
    let classic = || WireMode::Classic;
    let lookback = |window_n_log, state_n_log| WireDelta::Lookback {
        window_n_log,
        state_n_log,
        secondary: false,
    };
    let distances = |lower| var(32, 0, &[bin(1, lower, 0)]);
    for variant in 4..16 {
        refused::<u32>(classic(), WireDelta::Other(variant), &[any(32)]);
    }
    refused::<u32>(
        classic(),
        WireDelta::Consecutive {
            order: 0,
            secondary: false,
        },
        &[any(32)],
    );
    accepted::<u32>(
        classic(),
        WireDelta::Consecutive {
            order: 7,
            secondary: true,
        },
        &[any(32)],
    );
    accepted::<u32>(classic(), lookback(24, 0), &[distances(1), any(32)]);
    for window_n_log in 25..=32 {
        refused::<u32>(
            classic(),
            lookback(window_n_log, 0),
            &[distances(1), any(32)],
        );
    }
    refused::<u32>(classic(), lookback(3, 4), &[distances(1), any(32)]);
    accepted::<u32>(classic(), lookback(3, 3), &[distances(8), any(32)]);
    refused::<u32>(classic(), lookback(3, 3), &[distances(9), any(32)]);
    refused::<u32>(classic(), lookback(3, 3), &[distances(0), any(32)]);
}

fn conv1(quantization: u32, bias: i64, weights: &[i32]) -> WireDelta {
    WireDelta::Conv1 {
        quantization,
        bias,
        weights: weights.to_vec(),
    }
}

#[test]
fn predictions_that_could_overflow_are_refused() {
    let classic = || WireMode::Classic;
    refused::<u64>(classic(), conv1(0, 0, &[1]), &[any(64)]);
    refused::<f64>(classic(), conv1(0, 0, &[1]), &[any(64)]);
    accepted::<f64>(WireMode::Dict(vec![1, 2]), conv1(0, 0, &[1]), &[any(32)]);
    // Quantization: below the width of the sum, and at most 31.
    accepted::<u8>(classic(), conv1(15, 0, &[1]), &[any(8)]);
    refused::<u8>(classic(), conv1(16, 0, &[1]), &[any(8)]);
    accepted::<u16>(classic(), conv1(31, 0, &[1]), &[any(16)]);
    accepted::<u32>(classic(), conv1(31, 0, &[1]), &[any(32)]);
    // |bias| + 2^bits * sum of |weights| has to stay below half of the sum's range.
    accepted::<u8>(
        classic(),
        conv1(3, (1 << 15) - 1 - 256 * 5, &[-2, 3]),
        &[any(8)],
    );
    refused::<u8>(
        classic(),
        conv1(3, (1 << 15) - 256 * 5, &[-2, 3]),
        &[any(8)],
    );
    accepted::<u16>(
        classic(),
        conv1(3, -((1 << 31) - 1 - (5 << 16)), &[-2, 3]),
        &[any(16)],
    );
    refused::<u16>(
        classic(),
        conv1(3, -((1 << 31) - (5 << 16)), &[-2, 3]),
        &[any(16)],
    );
    refused::<u32>(classic(), conv1(3, i64::MAX, &[0]), &[any(32)]);
    refused::<u32>(classic(), conv1(3, i64::MIN, &[0]), &[any(32)]);
    accepted::<u32>(classic(), conv1(3, i64::MAX - 1024, &[0]), &[any(32)]);
    refused::<u32>(classic(), conv1(3, 0, &[i32::MIN]), &[any(32)]);
    refused::<u32>(classic(), conv1(3, 0, &[i32::MAX; 32]), &[any(32)]);
}

#[test]
fn bins_that_do_not_fit_their_table_are_refused() {
    let check = |is_legal: bool, var: WireVar| {
        let meta = meta::<u16>(WireMode::Classic, WireDelta::None, &[var]);
        assert_eq!(is_read::<u16>(&meta, 20), is_legal, "{meta:?}");
    };
    check(false, var(16, 0, &[bin(1, 0, 0), bin(1, 1, 0)]));
    check(false, var(16, 1, &[bin(2, 0, 16)]));
    check(false, var(16, 2, &[bin(2, 0, 0), bin(3, 1, 0)]));
    check(false, var(16, 2, &[bin(1, 0, 0), bin(2, 1, 0)]));
    check(true, var(16, 2, &[bin(1, 0, 0), bin(3, 1, 0)]));
    check(false, var(16, 1, &[bin(1, 0, 0), bin(1, 1, 17)]));
    check(false, var(16, 1, &[bin(1, 0, 31), bin(1, 1, 0)]));
    check(
        false,
        var(16, 15, &[bin(1 << 14, 0, 0), bin(1 << 14, 1, 0)]),
    );
    check(true, var(16, 14, &[bin(1 << 13, 0, 0), bin(1 << 13, 1, 0)]));
    // Unsorted, overlapping, wrapping around, and the same twice: all legal.
    check(
        true,
        var(
            16,
            2,
            &[
                bin(1, 900, 16),
                bin(1, 65_000, 15),
                bin(1, 7, 0),
                bin(1, 7, 0),
            ],
        ),
    );
    // No bins: legal as metadata, and refused by the page that needs one.
    check(true, var(16, 0, &[]));
    check(false, var(16, 3, &[]));
}

#[test]
fn padding_has_to_be_zero() {
    let bytes = meta::<u16>(WireMode::Classic, WireDelta::None, &[any(16)]).bytes();
    // 4 + 4 + 4 + 15 bits, then 16 + 5 of the bin: 48 bits, no padding. A dictionary has some.
    assert_eq!(bytes.len(), 6);
    let dict = meta::<u16>(WireMode::Dict(vec![1, 2]), WireDelta::None, &[any(32)]).bytes();
    for bit in [29, 30, 31] {
        let mut damaged = dict.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        assert!(!verdict::on_page::<u16>(
            &[4, 1],
            &damaged,
            &[0; 100],
            10,
            "padding of a dictionary"
        ));
    }
}

#[test]
fn versions_that_are_not_known_are_refused() {
    let bytes = meta::<u16>(WireMode::Classic, WireDelta::None, &[any(16)]).bytes();
    let read = |header: &[u8]| verdict::on_page::<u16>(header, &bytes, &[0; 20], 10, "a version");
    assert!(read(&[4, 0]) && read(&[4, 1]));
    // A later minor version may say nothing new.
    assert!(read(&[4, 2]) && read(&[4, 255]));
    for major in 5..=255 {
        assert!(!read(&[major]) && !read(&[major, 0]));
    }
    assert!(!read(&[]) && !read(&[4]));
    // Mode 1 was another mode in version 0.
    let mult = meta::<u16>(WireMode::IntMult(3), WireDelta::None, &[any(16), any(16)]);
    let mut bits = super::support::wire::bits::Bits::default();
    mult.write(0, &mut bits);
    assert!(!verdict::on_page::<u16>(
        &[0],
        &bits.into_bytes(),
        &[0; 200],
        10,
        "mode 1 of version 0"
    ));
}
