//! What the engine refuses to do, and that it says so.

use paginum_wrapped::{
    ChunkConfig, DeltaSpec, FileCompressor, ModeSpec, Number, NumberType, PagingSpec, guarantee,
    standalone, with_number_type,
};

use crate::support::bitwise::assert_same_bits;
use crate::support::case::is_invalid_argument;
use crate::support::oracle;

fn is_refused<T: Number>(nums: &[T], config: &ChunkConfig) -> bool {
    let file = FileCompressor::new().expect("a tier");
    is_invalid_argument(&file.chunk_compressor(nums, config))
}

#[test]
fn impossible_configurations_are_invalid_arguments() {
    let config = ChunkConfig::default;
    let exact = |sizes: &[usize]| config().with_paging_spec(PagingSpec::Exact(sizes.to_vec()));
    assert!(is_refused::<i32>(&[], &config()), "an empty chunk");
    assert!(
        is_refused(&[1i32; 10], &config().with_level(14)),
        "level 14"
    );
    assert!(
        is_refused(&[1i32; 10], &exact(&[5, 4])),
        "pages that do not add up"
    );
    assert!(is_refused(&[1i32; 10], &exact(&[10, 0])), "an empty page");
    assert!(is_refused(
        &[1i32; 10],
        &config().with_paging_spec(PagingSpec::EqualPagesUpTo(0))
    ));
    assert!(is_refused(
        &[1i32; 10],
        &config().with_delta_spec(DeltaSpec::TryConsecutive(8))
    ));
    assert!(is_refused(
        &[1i32; 10],
        &config().with_delta_spec(DeltaSpec::TryConv1(33))
    ));
    assert!(is_refused(
        &[1i32; 10],
        &config().with_mode_spec(ModeSpec::TryIntMult(0))
    ));
    assert!(
        is_refused(
            &[1i32; 10],
            &config().with_mode_spec(ModeSpec::TryFloatMult(0.1))
        ),
        "floats only"
    );
    assert!(
        is_refused(
            &[1i32; 10],
            &config().with_mode_spec(ModeSpec::TryFloatQuant(3))
        ),
        "floats only"
    );
    assert!(
        is_refused(
            &[1f32; 10],
            &config().with_mode_spec(ModeSpec::TryIntMult(3))
        ),
        "integers only"
    );
    for base in [0.0, f64::NAN, f64::INFINITY] {
        assert!(
            is_refused(
                &[1f32; 10],
                &config().with_mode_spec(ModeSpec::TryFloatMult(base))
            ),
            "{base}"
        );
    }
    for k in [0, 24] {
        assert!(
            is_refused(
                &[1f32; 10],
                &config().with_mode_spec(ModeSpec::TryFloatQuant(k))
            ),
            "{k} bits"
        );
    }
}

#[test]
fn an_empty_array_round_trips_standalone() {
    for number_type in NumberType::ALL {
        with_number_type!(number_type, |T| {
            let file =
                standalone::compress::<T>(&[], &ChunkConfig::default()).expect("an empty array");
            assert_same_bits(
                &standalone::decompress::<T>(&file).expect("our file"),
                &[],
                number_type,
            );
            assert_same_bits(
                &oracle::decompress_standalone::<T>(&file).expect("our file"),
                &[],
                number_type,
            );
            let promised = guarantee::file_size::<T>(0, &PagingSpec::default()).expect("pages fit");
            assert!(file.len() <= promised, "{number_type}");
        });
    }
}
