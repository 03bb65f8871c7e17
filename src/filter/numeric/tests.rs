//! The laws of filters on numeric pages, and what is their own: components, nulls, row indexes, dead tails.

use std::sync::Arc;

use super::*;
use crate::ErrorKind;
use crate::filter::laws::{self, spec, walk_bytes};
use crate::filter::{Filter, Payload, paged};
use crate::limits::Limits;
use crate::validity::Validity;

fn context() -> EncodeContext {
    EncodeContext::default().with_identity(*b"0000000000000000pressure__point_data")
}

#[test]
fn arrays_of_every_dtype_round_trip() {
    laws::check_every_number(&Numeric::default(), &context());
}

#[test]
fn pages_of_every_size_round_trip() {
    let in_pages_of = |n| Numeric::default().with_page_numbers(n);
    laws::check_pages(in_pages_of, &context());
}

#[test]
fn several_chunks_and_rows_larger_than_a_chunk_round_trip() {
    for (dtype, shape) in [
        ("<f4", &[600_000][..]),
        ("<i2", &[3, 300_000]),
        ("<i2", &[2, 200_000, 2]),
        ("|u1", &[300_000, 3]),
    ] {
        let spec = spec(dtype, shape);
        laws::check_round_trip(&Numeric::default(), &spec, &context(), &walk_bytes(&spec));
    }
}

#[test]
fn numbers_of_any_alignment_come_back() {
    let spec = spec("<f8", &[10_000]);
    let bytes = walk_bytes(&spec);
    let payload = laws::encode(&Numeric::default(), &spec, &context(), &bytes, 10_000);
    let reader = laws::open(&Numeric::default(), &spec, &context().identity, &payload).unwrap();
    for shift in 0..8 {
        let mut out = vec![0; bytes.len() + 8];
        reader
            .read_rows_into(0..10_000, &mut out[shift..shift + bytes.len()])
            .unwrap();
        assert!(
            out[shift..shift + bytes.len()] == bytes,
            "{shift} bytes off"
        );
    }
}

/// Points whose components have nothing in common but a count of their own.
fn points(n: u64) -> (ArraySpec, Vec<u8>) {
    let mut bytes = Vec::new();
    for i in 0..n {
        for x in [
            i as f32 * 0.5,
            1e6 - (i / 7) as f32,
            (i.wrapping_mul(6364136223846793005)
                .rotate_left(31)
                .wrapping_mul(i | 1)
                >> 50) as f32,
        ] {
            bytes.extend(x.to_le_bytes());
        }
    }
    (spec("<f4", &[n, 3]), bytes)
}

#[test]
fn components_get_chunks_of_their_own_where_that_is_smaller() {
    let (spec, bytes) = points(100_000);
    let payload = laws::encode(&Numeric::default(), &spec, &context(), &bytes, 100_000);
    let store: Arc<dyn crate::storage::ReadAt> = Arc::new(payload);
    let n = store.len();
    let payload = Payload::new(store, 0..n)
        .unwrap()
        .with_identity(&context().identity);
    let (parameters, _) = paged::Parameters::read(&payload, "numeric").unwrap();
    assert_eq!(parameters.geometry.components, 3);
    laws::check_round_trip(&Numeric::default(), &spec, &context(), &bytes);
}

#[test]
fn a_row_needs_one_page_and_its_chunk() {
    let spec = spec("<f8", &[300_000]);
    let payload = laws::encode(
        &Numeric::default(),
        &spec,
        &context(),
        &walk_bytes(&spec),
        300_000,
    );
    let reader = laws::open(&Numeric::default(), &spec, &context().identity, &payload).unwrap();
    let ranges = reader.ranges(200_000..200_001);
    assert!(ranges.len() <= 2, "{ranges:?}");
    let n: u64 = ranges.iter().map(|range| range.end - range.start).sum();
    assert!(
        (n as usize) < payload.len() / 20,
        "{n} of {} bytes",
        payload.len()
    );
}

#[test]
fn large_pages_have_row_indexes() {
    let numeric = Numeric::default().with_page_numbers(1 << 17);
    let spec = spec("<i4", &[200_000]);
    let bytes = walk_bytes(&spec);
    let payload = laws::encode(&numeric, &spec, &context(), &bytes, 200_000);
    let whole = payload.clone();
    let n = whole.len() as u64;
    let whole = Payload::new(Arc::new(whole), 0..n)
        .unwrap()
        .with_identity(&context().identity);
    let (directory, _) = paged::Directory::find(&whole, "numeric").unwrap();
    assert!(directory.index_of(0).is_some() && directory.index_of(1).is_some());
    laws::check_round_trip(&numeric, &spec, &context(), &bytes);
}

#[test]
fn values_under_nulls_are_left_out_and_read_as_zero() {
    for (shape, page_numbers) in [(&[30_000u64][..], 8192), (&[900, 5], 64), (&[30, 50], 20)] {
        let spec = spec("<i4", shape);
        let bytes: Vec<u8> = (0..spec.elements() as u32)
            .flat_map(|i| (i + 1).to_le_bytes())
            .collect();
        let n = spec.rows() as usize;
        let validity: Validity = (0..n)
            .map(|row| row % 7 != 3 && !(n / 3..n / 2).contains(&row))
            .collect();
        let numeric = Numeric::default().with_page_numbers(page_numbers);
        let mut payload = Vec::new();
        let mut encoder = numeric.encoder(&spec, &context()).unwrap();
        encoder
            .push_rows_with_nulls(&bytes, &validity, &mut payload)
            .unwrap();
        encoder.finish(&mut payload).unwrap();
        let expected = crate::filter::payload::with_zeroes(&bytes, &validity).unwrap();

        let len = payload.len() as u64;
        let payload = Payload::new(Arc::new(payload), 0..len)
            .unwrap()
            .with_identity(&context().identity);
        let without = Numeric::default()
            .open(&spec, payload.clone(), &Limits::default())
            .unwrap();
        let mut out = vec![1; bytes.len()];
        assert!(without.read_rows_into(0..spec.rows(), &mut out).is_err());
        let payload = payload.with_validity(Arc::new(validity));
        let reader = Numeric::default()
            .open(&spec, payload, &Limits::default())
            .unwrap();
        reader.verify().unwrap();
        let row_bytes = spec.row_bytes();
        for rows in [
            0..spec.rows(),
            1..5,
            spec.rows() / 3 - 2..spec.rows() / 2 + 2,
        ] {
            let part = (rows.start * row_bytes) as usize..(rows.end * row_bytes) as usize;
            let mut out = vec![1; part.len()];
            reader.read_rows_into(rows.clone(), &mut out).unwrap();
            assert!(out == expected[part], "{spec}: rows {rows:?}");
        }
    }
}

#[test]
fn damage_is_noticed() {
    let (spec, bytes) = points(60);
    let numeric = Numeric::default().with_page_numbers(50);
    laws::check_hostile(&numeric, &spec, &context(), &bytes);
    let spec = laws::spec("<u2", &[40_000]);
    let bytes: Vec<u8> = (0..40_000u16)
        .flat_map(|i| (i / 100).to_le_bytes())
        .collect();
    let numeric = Numeric::default().with_page_numbers(20_000);
    laws::check_hostile(&numeric, &spec, &context(), &bytes);
}

#[test]
fn pages_of_another_place_are_refused() {
    let spec = spec("<i4", &[900]);
    let payload = laws::encode(
        &Numeric::default(),
        &spec,
        &context(),
        &walk_bytes(&spec),
        900,
    );
    let error = laws::decode(&Numeric::default(), &spec, b"another name", &payload).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Checksum);
}

#[test]
fn an_append_s_dead_tail_is_looked_through() {
    let spec = spec("<i4", &[900]);
    let bytes = walk_bytes(&spec);
    let mut payload = laws::encode(&Numeric::default(), &spec, &context(), &bytes, 900);
    // Without an index of the file in it, the frames are walked.
    payload.extend(0x184D_2A5Au32.to_le_bytes());
    payload.extend(100u32.to_le_bytes());
    payload.extend([0x5A; 100]);
    assert_eq!(
        laws::decode(&Numeric::default(), &spec, &context().identity, &payload).unwrap(),
        bytes
    );
}

#[test]
fn what_is_no_number_is_an_invalid_argument() {
    for dtype in ["<U3", "|S4", "|V8", "<f16"] {
        let spec = spec(dtype, &[4]);
        assert!(!Numeric::default().accepts(&spec));
        let error = Numeric::default().encoder(&spec, &context()).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    }
}
