//! Laws of filters over generated arrays: any rows come back as they went in, however they were pushed, and no damage
//! makes a reader panic or return other values.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::sync::Arc;

use paginum::filter::{EncodeContext, Filter, FrameLayout, Payload, Registry};
use paginum::storage::ReadAt;
use paginum::{ArraySpec, ErrorKind, Limits, Result, Validity};
use proptest::prelude::*;

const DTYPES: [&str; 18] = [
    "|u1", "|i1", "|b1", "<u2", ">i2", "<f2", "<i4", ">u4", "<f4", "<i8", "<f8", ">f8", "<c8",
    "<c16", "<M8[us]", "<U3", "|S5", "<f16",
];

/// What values look like, from easy to hard.
#[derive(Clone, Copy, Debug)]
enum Values {
    Same,
    Steps,
    Few,
    Random,
}

fn bytes_of(spec: &ArraySpec, values: Values, seed: u64) -> Vec<u8> {
    let word_bytes = spec.dtype().word_bytes() as usize;
    let mut state = seed | 1;
    let mut bytes = Vec::new();
    for i in 0..spec.bytes() as usize / word_bytes {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        let value = match values {
            Values::Same => seed,
            Values::Steps => seed.wrapping_add((i / 3) as u64),
            Values::Few => seed.wrapping_mul(state >> 62),
            Values::Random => state,
        };
        let mut word = value.to_le_bytes().to_vec();
        word.resize(word_bytes, 0);
        if spec.dtype().kind() == paginum::Kind::Bool {
            word[0] &= 1;
        }
        bytes.extend(word);
    }
    bytes
}

fn array() -> impl Strategy<Value = (ArraySpec, Vec<u8>)> {
    let shape = prop_oneof![
        (0u64..3000).prop_map(|n| vec![n]),
        (0u64..300, 1u64..6).prop_map(|(n, m)| vec![n, m]),
        (1u64..4, 1u64..900).prop_map(|(n, m)| vec![n, m]),
        (0u64..20, 0u64..9, 1u64..5).prop_map(|(n, m, k)| vec![n, m, k]),
        Just(vec![]),
    ];
    let values = prop_oneof![
        Just(Values::Same),
        Just(Values::Steps),
        Just(Values::Few),
        Just(Values::Random)
    ];
    (
        prop::sample::select(&DTYPES[..]),
        shape,
        values,
        any::<u64>(),
    )
        .prop_map(|(dtype, shape, values, seed)| {
            let spec = ArraySpec::new(dtype.parse().unwrap(), shape).unwrap();
            let bytes = bytes_of(&spec, values, seed);
            (spec, bytes)
        })
}

fn context() -> impl Strategy<Value = EncodeContext> {
    let layout = prop::sample::select(vec![
        FrameLayout::SINGLE,
        FrameLayout::SEEKABLE,
        FrameLayout::PYVISTA_0_7,
        FrameLayout::SEEKABLE.with_frame_bytes(Some(257)),
        FrameLayout::PYVISTA_0_7.with_frame_bytes(Some(300)),
    ]);
    (layout, "[a-z]{0,9}").prop_map(|(layout, name)| {
        EncodeContext::default()
            .with_frames(layout)
            .with_identity(name)
    })
}

/// All filters, with context of their own.
fn filters() -> impl Strategy<Value = Registry> {
    let page_numbers = prop::sample::select(vec![1usize, 10, 256, 1000, 8192, 1 << 17]);
    (page_numbers, 0u32..=8, 1i32..=3).prop_map(|(n, level, zstd_level)| {
        Registry::default()
            .with_zstd_level(zstd_level)
            .with_pages(level, n)
    })
}

fn encode(
    filter: &dyn Filter,
    spec: &ArraySpec,
    context: &EncodeContext,
    pieces: &[&[u8]],
) -> Result<Vec<u8>> {
    let mut payload = Vec::new();
    let mut encoder = filter.encoder(spec, context)?;
    for piece in pieces {
        encoder.push_rows(piece, &mut payload)?;
    }
    encoder.finish(&mut payload)?;
    Ok(payload)
}

fn payload_of(bytes: Vec<u8>, context: &EncodeContext) -> Payload {
    let store: Arc<dyn ReadAt> = Arc::new(bytes);
    let n = store.len();
    Payload::new(store, 0..n)
        .unwrap()
        .with_identity(&context.identity)
}

fn decode(
    filter: &dyn Filter,
    spec: &ArraySpec,
    context: &EncodeContext,
    payload: Vec<u8>,
) -> Result<Vec<u8>> {
    let reader = filter.open(spec, payload_of(payload, context), &Limits::default())?;
    let mut out = vec![0; spec.bytes() as usize];
    reader.read_rows_into(0..spec.rows(), &mut out)?;
    Ok(out)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn rows_come_back_as_they_went_in(
        (spec, bytes) in array(),
        context in context(),
        filters in filters(),
        (cut, from, to) in (0.0f64..1.0, 0.0f64..1.0, 0.0f64..1.0),
    ) {
        let row_of = |x: f64| (x * spec.rows() as f64) as u64;
        let (pushed, rest) = bytes.split_at((row_of(cut) * spec.row_bytes()) as usize);
        for filter in filters.iter().filter(|filter| filter.accepts(&spec)) {
            let payload = encode(&**filter, &spec, &context, &[pushed, rest]).unwrap();
            let whole = encode(&**filter, &spec, &context, &[&bytes]).unwrap();
            prop_assert!(payload == whole, "{} depends on how rows are pushed", filter.name());
            let reader = filter.open(&spec, payload_of(payload, &context), &Limits::default()).unwrap();
            reader.verify().unwrap();
            let (from, to) = (row_of(from.min(to)), row_of(from.max(to)));
            for rows in [0..spec.rows(), from..to] {
                let part = (rows.start * spec.row_bytes()) as usize..(rows.end * spec.row_bytes()) as usize;
                let mut out = vec![0xEE; part.len()];
                reader.read_rows_into(rows.clone(), &mut out).unwrap();
                prop_assert!(out == bytes[part], "{}: rows {rows:?} of {spec}", filter.name());
            }
        }
    }

    #[test]
    fn nulls_read_as_zero_and_values_as_they_were(
        (spec, bytes) in array(),
        context in context(),
        filters in filters(),
        (seed, cut) in (any::<u64>(), 0.0f64..1.0),
    ) {
        prop_assume!(spec.row_bytes() > 0);
        let n = spec.rows() as usize;
        let mask: Vec<bool> = (0..n as u64).map(|row| (seed ^ row.wrapping_mul(seed | 1)) >> 61 != 0).collect();
        let row_bytes = spec.row_bytes() as usize;
        let mut expected = bytes.clone();
        for (row, _) in mask.iter().enumerate().filter(|(_, valid)| !**valid) {
            expected[row * row_bytes..(row + 1) * row_bytes].fill(0);
        }
        let cut = (cut * n as f64) as usize;
        for filter in filters.iter().filter(|filter| filter.accepts(&spec)) {
            let mut payload = Vec::new();
            let mut encoder = filter.encoder(&spec, &context).unwrap();
            for rows in [0..cut, cut..n] {
                let part = &bytes[rows.start * row_bytes..rows.end * row_bytes];
                let part_mask: Validity = mask[rows].iter().copied().collect();
                encoder.push_rows_with_nulls(part, &part_mask, &mut payload).unwrap();
            }
            encoder.finish(&mut payload).unwrap();
            let all: Validity = mask.iter().copied().collect();
            let payload = payload_of(payload, &context).with_validity(Arc::new(all));
            let reader = filter.open(&spec, payload, &Limits::default()).unwrap();
            let mut out = vec![0xEE; bytes.len()];
            reader.read_rows_into(0..spec.rows(), &mut out).unwrap();
            prop_assert!(out == expected, "{} of {spec}", filter.name());
        }
    }

    #[test]
    fn damage_is_an_error_or_changes_nothing(
        (spec, bytes) in array(),
        context in context(),
        filters in filters(),
        (place, change) in (0.0f64..1.0, 1u8..),
    ) {
        // Frames without checksums are what other programs write: all that can be asked is that nobody panics.
        let has_checksums = context.frames.has_checksums;
        for filter in filters.iter().filter(|filter| filter.accepts(&spec)) {
            let mut payload = encode(&**filter, &spec, &context, &[&bytes]).unwrap();
            let place = (place * payload.len() as f64) as usize;
            payload[place] ^= change;
            let read = decode(&**filter, &spec, &context, payload);
            if let Ok(read) = read && has_checksums {
                prop_assert!(read == bytes, "{} of {spec}: other values", filter.name());
            }
        }
    }

    #[test]
    fn any_bytes_are_no_reason_to_panic(
        (spec, _) in array(),
        context in context(),
        filters in filters(),
        mut payload in prop::collection::vec(any::<u8>(), 0..300),
        magic in prop::sample::select(vec![0x184D_2A5Bu32, 0xFD2F_B528, 0x184D_2A5E, 0]),
    ) {
        if payload.len() >= 4 {
            payload[..4].copy_from_slice(&magic.to_le_bytes());
        }
        for filter in filters.iter().filter(|filter| filter.accepts(&spec)) {
            let _ = decode(&**filter, &spec, &context, payload.clone());
        }
    }
}

#[test]
fn a_filter_refuses_what_it_does_not_take() {
    let mut n_refused = 0;
    for filter in Registry::default().iter() {
        for dtype in DTYPES {
            let spec = ArraySpec::new(dtype.parse().unwrap(), [40, 3]).unwrap();
            if filter.accepts(&spec) {
                continue;
            }
            let refused = filter.encoder(&spec, &EncodeContext::default());
            let error = refused.err().expect("an array that it does not take");
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
            assert!(error.message().contains(dtype), "{error}");
            n_refused += 1;
        }
    }
    assert!(n_refused > 20, "{n_refused}");
}
