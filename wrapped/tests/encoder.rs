//! What the encoder writes, read by pco 1.1.0: every number type, mode, delta encoding, level and paging, on values
//! that are easy and hard.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod support;

use paginum_wrapped::{
    ChunkConfig, DeltaSpec, FileCompressor, Isa, ModeSpec, Number, PagingSpec, f16, guarantee,
    standalone,
};
use support::bitwise::assert_same_bits;
use support::numbers::{Kind, numbers};
use support::{Tested, oracle};

/// Lengths around batches.
const LENGTHS: [usize; 10] = [1, 2, 7, 255, 256, 257, 511, 512, 513, 1000];

fn mode_specs<T: Number>() -> Vec<ModeSpec> {
    let mut specs = vec![ModeSpec::Auto, ModeSpec::Classic, ModeSpec::TryDict];
    match T::MANTISSA_BITS {
        None => specs.extend([ModeSpec::TryIntMult(1), ModeSpec::TryIntMult(7)]),
        Some(bits) => specs.extend([
            ModeSpec::TryFloatMult(0.01),
            ModeSpec::TryFloatMult(-3.0),
            ModeSpec::TryFloatQuant(1),
            ModeSpec::TryFloatQuant(bits),
        ]),
    }
    specs
}

fn delta_specs<T: Number>() -> Vec<DeltaSpec> {
    let mut specs = vec![DeltaSpec::Auto, DeltaSpec::NoOp, DeltaSpec::TryLookback];
    specs.extend([1, 2, 7].map(DeltaSpec::TryConsecutive));
    if size_of::<T>() < 8 {
        specs.extend([1, 4, 32].map(DeltaSpec::TryConv1));
    }
    specs
}

/// Compresses a chunk and lets the oracle read each page; returns the bytes of metadata and pages.
fn check_wrapped<T: Tested + Default>(nums: &[T], config: &ChunkConfig) -> Vec<u8> {
    let what = format!("{} x {}, {config:?}", nums.len(), T::NUMBER_TYPE);
    let file = FileCompressor::new().unwrap();
    let (mut header, mut meta, mut all) = (Vec::new(), Vec::new(), Vec::new());
    file.write_header(&mut header);
    assert_eq!(header.len(), guarantee::header_size());
    let chunk = file.chunk_compressor(nums, config).expect(&what);
    chunk.write_meta(&mut meta);
    all.extend_from_slice(&meta);
    let mut rest = nums;
    for (page, &n) in chunk.n_per_page().iter().enumerate() {
        let mut bytes = Vec::new();
        chunk.write_page(page, &mut bytes).unwrap();
        let (expected, after) = rest.split_at(n);
        rest = after;
        let (found, len) = oracle::decompress_page::<T>(&header, &meta, &bytes, n).expect(&what);
        assert_same_bits(&found, expected, &what);
        assert_eq!(len, bytes.len(), "{what}");
        all.extend_from_slice(&bytes);
    }
    assert!(
        all.len() <= guarantee::chunk_size::<T>(nums.len()),
        "{what}"
    );
    all
}

fn check_standalone<T: Tested>(nums: &[T], config: &ChunkConfig) {
    let what = format!("{} x {}, {config:?}", nums.len(), T::NUMBER_TYPE);
    let bytes = standalone::compress(nums, config).expect(&what);
    let most = guarantee::file_size::<T>(nums.len(), &config.paging_spec).unwrap();
    assert!(bytes.len() <= most, "{what}");
    let found = oracle::decompress_standalone::<T>(&bytes).expect(&what);
    assert_same_bits(&found, nums, &what);
}

/// Pairs of all choices: each combination of mode and delta meets several lengths, levels and kinds.
fn check_type<T: Tested + Default>() {
    let mut turn = 0;
    for mode_spec in mode_specs::<T>() {
        for delta_spec in delta_specs::<T>() {
            for n in LENGTHS {
                turn += 1;
                let level = turn as u32 * 5 % 14;
                let kind = Kind::ALL[turn * 7 % Kind::ALL.len()];
                let nums = numbers::<T>(kind, n, turn as u64);
                let paging_spec = match turn % 3 {
                    0 => PagingSpec::default(),
                    1 => PagingSpec::EqualPagesUpTo(300),
                    _ => PagingSpec::EqualPagesUpTo(n.div_ceil(2)),
                };
                let config = ChunkConfig::default()
                    .with_level(level)
                    .with_mode_spec(mode_spec)
                    .with_delta_spec(delta_spec)
                    .with_paging_spec(paging_spec);
                check_wrapped(&nums, &config);
                check_standalone(&nums, &config);
            }
        }
    }
    for kind in Kind::ALL {
        for level in 0..=13 {
            let nums = numbers::<T>(kind, 3000, 99);
            check_wrapped(&nums, &ChunkConfig::default().with_level(level));
        }
    }
}

macro_rules! each_type {
    ($($name:ident: $t:ty,)*) => { $(
        #[test]
        fn $name() { check_type::<$t>(); }
    )* };
}
each_type! {
    u8_is_read_by_the_oracle: u8,
    u16_is_read_by_the_oracle: u16,
    u32_is_read_by_the_oracle: u32,
    u64_is_read_by_the_oracle: u64,
    i8_is_read_by_the_oracle: i8,
    i16_is_read_by_the_oracle: i16,
    i32_is_read_by_the_oracle: i32,
    i64_is_read_by_the_oracle: i64,
    f16_is_read_by_the_oracle: f16,
    f32_is_read_by_the_oracle: f32,
    f64_is_read_by_the_oracle: f64,
}

#[test]
fn large_chunks_are_read_by_the_oracle() {
    let n = (1 << 18) + 1;
    let config = ChunkConfig::default();
    for kind in [
        Kind::Walk,
        Kind::Normal,
        Kind::Random,
        Kind::Dictionary,
        Kind::Repeats,
    ] {
        check_standalone(&numbers::<u16>(kind, n, 1), &config);
        check_standalone(&numbers::<i64>(kind, n, 1), &config);
        check_standalone(&numbers::<f32>(kind, n, 1), &config);
    }
}

#[test]
fn every_tier_writes_the_same_bytes() {
    for kind in Kind::ALL {
        let nums = numbers::<f64>(kind, 5000, 3);
        let mut files = Vec::new();
        for isa in Isa::available() {
            let file = FileCompressor::new().unwrap().with_isa(isa);
            let mut bytes = Vec::new();
            let config = ChunkConfig::default();
            standalone::Compressor::new(file)
                .compress(&nums, &config, &mut bytes)
                .unwrap();
            files.push(bytes);
        }
        assert!(files.windows(2).all(|pair| pair[0] == pair[1]), "{kind:?}");
    }
}

#[test]
fn a_refusal_speaks_as_specs_are_spelled() {
    fn words<T: Number>(numbers: &[T], config: &ChunkConfig) -> String {
        let compressor = FileCompressor::new().unwrap();
        compressor
            .chunk_compressor(numbers, config)
            .unwrap_err()
            .to_string()
    }
    for (mode, expected) in [
        ("int-mult:3", "mode int-mult:3 is for integers, not for f32"),
        (
            "float-mult:0",
            "mode float-mult:0: a base of f32 is finite and not 0",
        ),
        (
            "float-quant:24",
            "mode float-quant:24: f32 takes 1 to 23 bits",
        ),
    ] {
        let config = ChunkConfig::default().with_mode_spec(mode.parse().unwrap());
        assert!(words(&[1f32], &config).ends_with(expected), "{mode}");
    }
    for (mode, expected) in [
        (
            "float-quant:3",
            "mode float-quant:3 is for floats, not for u8",
        ),
        (
            "int-mult:256",
            "mode int-mult:256: a base of u8 is 1 to 255",
        ),
    ] {
        let config = ChunkConfig::default().with_mode_spec(mode.parse().unwrap());
        assert!(words(&[1u8], &config).ends_with(expected), "{mode}");
    }
    for (delta, expected) in [
        (
            "consecutive:8",
            "delta consecutive:8: the order is at most 7",
        ),
        ("conv1:1", "delta conv1 is for numbers of up to 32 bits"),
    ] {
        let config = ChunkConfig::default().with_delta_spec(delta.parse().unwrap());
        assert!(words(&[1u64], &config).ends_with(expected), "{delta}");
    }
}

#[test]
fn what_cannot_be_is_an_invalid_argument() {
    let invalid = |config: ChunkConfig| {
        let result = FileCompressor::new()
            .unwrap()
            .chunk_compressor(&[1u64, 2], &config);
        assert!(
            matches!(result, Err(paginum_wrapped::Error::InvalidArgument(_))),
            "{config:?}"
        );
    };
    let config = ChunkConfig::default;
    invalid(config().with_level(14));
    invalid(config().with_mode_spec(ModeSpec::TryIntMult(0)));
    invalid(config().with_mode_spec(ModeSpec::TryFloatMult(0.1)));
    invalid(config().with_mode_spec(ModeSpec::TryFloatQuant(3)));
    invalid(config().with_delta_spec(DeltaSpec::TryConsecutive(8)));
    invalid(config().with_delta_spec(DeltaSpec::TryConv1(1)));
    invalid(config().with_delta_spec(DeltaSpec::TryConv1(33)));
    invalid(config().with_paging_spec(PagingSpec::EqualPagesUpTo(0)));
    invalid(config().with_paging_spec(PagingSpec::Exact(vec![1])));
    let none: [f32; 0] = [];
    let file = FileCompressor::new().unwrap();
    assert!(file.chunk_compressor(&none, &config()).is_err());
    assert_eq!(
        oracle::decompress_standalone::<f32>(&standalone::compress(&none, &config()).unwrap()),
        Ok(vec![])
    );
}
