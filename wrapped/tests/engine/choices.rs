//! That the engine does what it is asked for: a test of a mode that is never chosen would prove nothing.

use paginum_wrapped::{
    ChunkConfig, Delta, DeltaSpec, FileCompressor, Mode, ModeSpec, NumberType, with_number_type,
};

use crate::support::Tested;
use crate::support::numbers::{Kind, numbers};
use crate::support::random::Random;
use crate::support::specs::{delta_specs, mode_specs};

/// An array that has something to gain from the mode.
fn kind_for(mode_spec: ModeSpec) -> Kind {
    match mode_spec {
        ModeSpec::TryIntMult(_) | ModeSpec::TryFloatMult(_) => Kind::Decimals,
        ModeSpec::TryFloatQuant(_) => Kind::Quantized,
        ModeSpec::TryDict => Kind::Dictionary,
        _ => Kind::Normal,
    }
}

/// The same for types in which a rare exception costs as much as the mode saves: multiples without one, and few of them,
/// since halves tell no more apart.
fn small_array_for<T: Tested>(mode_spec: ModeSpec) -> Vec<T> {
    let random = &mut Random::new(4);
    let mut multiples = |base: f64, n: u64| {
        let multiple = |_| T::from_f64(random.below(n) as f64 * base);
        (0..5000).map(multiple).collect()
    };
    match mode_spec {
        ModeSpec::TryIntMult(base) => multiples(base as f64, 127 / base),
        ModeSpec::TryFloatMult(base) => multiples(base, 400),
        _ => numbers(kind_for(mode_spec), 5000, 4),
    }
}

fn modes_are_used<T: Tested>() {
    for mode_spec in mode_specs(T::NUMBER_TYPE) {
        let nums = match T::NUMBER_TYPE.size_bytes() {
            1 | 2 => small_array_for::<T>(mode_spec),
            _ => numbers::<T>(kind_for(mode_spec), 5000, 4),
        };
        let config = ChunkConfig::default().with_mode_spec(mode_spec);
        let file = FileCompressor::new().expect("a tier");
        let chunk = file.chunk_compressor(&nums, &config).expect("legal");
        let mode = &chunk.meta().mode;
        let is_used = match mode_spec {
            ModeSpec::Classic => matches!(mode, Mode::Classic),
            ModeSpec::TryIntMult(_) => matches!(mode, Mode::IntMult { .. }),
            ModeSpec::TryFloatMult(_) => matches!(mode, Mode::FloatMult { .. }),
            ModeSpec::TryFloatQuant(_) => matches!(mode, Mode::FloatQuant { .. }),
            ModeSpec::TryDict => matches!(mode, Mode::Dict { .. }),
            _ => true,
        };
        assert!(is_used, "{}: {mode_spec:?} became {mode:?}", T::NUMBER_TYPE);
    }
}

#[test]
fn a_mode_that_is_asked_for_is_used() {
    for number_type in NumberType::ALL {
        with_number_type!(number_type, |T| modes_are_used::<T>());
    }
}

fn deltas_are_used<T: Tested>() {
    for delta_spec in delta_specs(T::NUMBER_TYPE) {
        let kind = if delta_spec == DeltaSpec::TryLookback {
            Kind::Repeats
        } else {
            Kind::Walk
        };
        let nums = numbers::<T>(kind, 5000, 4);
        let config = ChunkConfig::default()
            .with_mode_spec(ModeSpec::Classic)
            .with_delta_spec(delta_spec);
        let file = FileCompressor::new().expect("a tier");
        let chunk = file.chunk_compressor(&nums, &config).expect("legal");
        let delta = &chunk.meta().delta;
        let is_used = match delta_spec {
            DeltaSpec::NoOp => matches!(delta, Delta::None),
            DeltaSpec::TryConsecutive(asked) => {
                matches!(delta, Delta::Consecutive { order, .. } if *order as usize == asked)
            }
            DeltaSpec::TryLookback => matches!(delta, Delta::Lookback { .. }),
            DeltaSpec::TryConv1(_) => matches!(delta, Delta::Conv1(_)),
            _ => !matches!(delta, Delta::None),
        };
        // High orders make noise of noise: in few bits raw is smaller.
        let is_hard = T::NUMBER_TYPE.size_bytes() == 1;
        assert!(
            is_used || is_hard,
            "{}: {delta_spec:?} became {delta:?}",
            T::NUMBER_TYPE
        );
    }
}

#[test]
fn a_delta_encoding_that_is_asked_for_is_used() {
    for number_type in NumberType::ALL {
        with_number_type!(number_type, |T| deltas_are_used::<T>());
    }
}

#[test]
fn what_looks_like_noise_is_known_by_its_differences() {
    // Squares that wrap around: neighbours are no more alike than any two, their differences neither.
    let squares: Vec<u16> = (0..1000u32).map(|i| (i * i * 4099) as u16).collect();
    let config = ChunkConfig::default();
    let file = FileCompressor::new().expect("a tier");
    let chunk = file.chunk_compressor(&squares, &config).expect("legal");
    let delta = &chunk.meta().delta;
    assert!(
        matches!(delta, Delta::Consecutive { order: 2, .. }),
        "{delta:?}"
    );
}

#[test]
fn ids_that_a_sample_shows_once_get_a_dictionary() {
    let random = &mut Random::new(1);
    let few: Vec<u64> = (0..2000).map(|_| random.bits()).collect();
    let ids: Vec<u64> = (0..100_000).map(|_| random.pick(&few)).collect();
    let file = FileCompressor::new().expect("a tier");
    let chunk = file
        .chunk_compressor(&ids, &ChunkConfig::default())
        .expect("legal");
    let mode = &chunk.meta().mode;
    assert!(matches!(mode, Mode::Dict { .. }), "{mode:?}");
}
