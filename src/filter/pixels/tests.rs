use super::*;
use crate::array::ArraySpec;
use crate::error::ErrorKind;
use crate::filter::frames::FrameWriter;
use crate::filter::laws::{self, spec, walk_bytes};
use crate::filter::skippable::HEADER_BYTES;
use crate::filter::{EncodeContext, Filter, FrameLayout, checksum, compress};

fn all() -> [Box<dyn Filter>; 3] {
    [
        Box::new(ByteDelta::default()),
        Box::new(Palette::default()),
        Box::new(Gradient::default()),
    ]
}

#[test]
fn pictures_of_every_kind_round_trip() {
    let context = EncodeContext::default().with_identity(*b"name");
    for (dtype, shape) in [
        ("|u1", &[480, 640][..]),
        ("|u1", &[700, 800, 3]),
        ("|u1", &[5, 60, 70, 4]),
        ("|b1", &[33, 7]),
        ("|i1", &[1000]),
        ("<u2", &[480, 641]),
        (">u2", &[400, 700, 3]),
        ("<i2", &[3, 30, 50, 2]),
        ("<u2", &[700_001]),
        (">i2", &[]),
        ("<u2", &[0]),
        ("<u2", &[3, 0]),
        ("<u2", &[1, 1]),
        ("|u1", &[2, 600_000]),
    ] {
        let spec = spec(dtype, shape);
        for filter in all().iter().filter(|filter| filter.accepts(&spec)) {
            let filter = &**filter;
            laws::check_round_trip(filter, &spec, &context, &walk_bytes(&spec));
        }
    }
}

#[test]
fn what_is_no_picture_is_not_accepted() {
    for dtype in ["<f4", "<i4", "<f2", "<M8[s]", "|S1", "<c8", "<U1"] {
        let spec = spec(dtype, &[5, 4]);
        for filter in all() {
            assert!(!filter.accepts(&spec), "{dtype}");
            let refused = filter.encoder(&spec, &EncodeContext::default());
            let error = refused.err().expect("no picture");
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
            let words = format!(
                "the filter {} does not take {spec}; none does",
                filter.name()
            );
            assert_eq!(error.message(), words);
        }
    }
    assert!(!Gradient::default().accepts(&spec("|u1", &[5, 4])));
}

#[test]
fn damage_is_noticed() {
    let context = EncodeContext::default().with_identity(*b"name");
    for (dtype, shape) in [("<u2", &[30, 15][..]), ("|u1", &[20, 10, 3])] {
        let spec = spec(dtype, shape);
        for filter in all().iter().filter(|filter| filter.accepts(&spec)) {
            let filter = &**filter;
            laws::check_hostile(filter, &spec, &context, &walk_bytes(&spec));
            let payload = laws::encode(filter, &spec, &context, &walk_bytes(&spec), 30);
            assert!(laws::decode(filter, &spec, b"game", &payload).is_err());
        }
    }
}

/// A payload of one block whose parameters say something else, with the checksum that they then have.
fn with_parameter(payload: &[u8], at: usize, value: u32) -> Vec<u8> {
    let mut payload = payload.to_vec();
    let body = &mut payload[HEADER_BYTES..HEADER_BYTES + 20];
    body[at..at + 4].copy_from_slice(&value.to_le_bytes());
    let crc = checksum::crc_of(b"", 0, &body[..16]);
    body[16..].copy_from_slice(&crc.to_le_bytes());
    payload
}

#[test]
fn parameters_that_make_no_sense_are_refused() {
    let spec = spec("<u2", &[30, 14, 2]);
    let bytes = walk_bytes(&spec);
    for filter in all() {
        let payload = laws::encode(&*filter, &spec, &EncodeContext::default(), &bytes, 30);
        assert!(laws::decode(&*filter, &spec, b"", &payload).unwrap() == bytes);
        for (at, values) in [
            (0, &[0x0200, 0x0101_0000, 1][..]),
            (4, &[0, 1, 3, 34, 1 << 20, u32::MAX]),
            (8, &[u32::MAX, 1 << 30]),
            (12, &[0, 1, 1 << 27, u32::MAX]),
        ] {
            for &value in values {
                let read = laws::decode(&*filter, &spec, b"", &with_parameter(&payload, at, value));
                let name = filter.name();
                let error = read.err();
                let error = error.unwrap_or_else(|| panic!("{name}: {value:#x} at {at} is read"));
                assert!(
                    error.kind().is_damage() || error.kind() == ErrorKind::Unsupported,
                    "{error}"
                );
            }
        }
        // Other numbers that do make sense lead to other values, within bounds.
        for (at, value) in [(4, 2), (4, 8), (8, 7), (8, 1), (12, 56), (12, 1 << 25)] {
            drop(laws::decode(
                &*filter,
                &spec,
                b"",
                &with_parameter(&payload, at, value),
            ));
        }
    }
}

/// A palette whose places go beyond it has right checksums all the same.
#[test]
fn places_that_no_palette_has_are_noticed_by_verify() {
    let spec = spec("|u1", &[2, 8]);
    let payload = laws::encode(
        &Palette::default(),
        &spec,
        &EncodeContext::default(),
        &[7; 16],
        2,
    );
    let mut decoded = vec![0; 257];
    decoded[1] = 7;
    for (places, is_read) in [([0; 16], true), ([1; 16], false)] {
        let block = [&decoded[..], &places].concat();
        let layout = FrameLayout::SEEKABLE;
        let head = &payload[..HEADER_BYTES + 20];
        let mut hostile = head.to_vec();
        let mut frames = FrameWriter::new(3, layout, block.len() as u64).unwrap();
        frames.count_skippable(head.len() as u32);
        let frame = compress(3, &layout, &block).unwrap();
        frames
            .push_frame(&frame, block.len(), &mut hostile)
            .unwrap();
        frames.finish(&mut hostile).unwrap();
        let reader = laws::open(&Palette::default(), &spec, b"", &hostile).unwrap();
        let verified = reader.verify();
        assert_eq!(verified.is_ok(), is_read, "{verified:?}");
        assert_eq!(
            laws::decode(&Palette::default(), &spec, b"", &hostile).is_ok(),
            is_read
        );
    }
}

/// Smooth rows, whose first differences are not small but whose second ones are.
fn slope(spec: &ArraySpec) -> Vec<u8> {
    let width = spec.shape()[1];
    let number = |i: u64| ((i % width).pow(2) / 9 + (i / width) * 37) as u16;
    (0..spec.elements())
        .flat_map(|i| number(i).to_le_bytes())
        .collect()
}

#[test]
fn each_is_smallest_on_what_it_is_for() {
    let size = |filter: &dyn Filter, spec: &ArraySpec, bytes: &[u8]| {
        laws::encode(
            filter,
            spec,
            &EncodeContext::default(),
            bytes,
            spec.rows() as usize,
        )
        .len()
    };
    let depth = spec("<u2", &[300, 400]);
    let bytes = slope(&depth);
    let [gradient, shuffle] = [
        &Gradient::default() as &dyn Filter,
        &crate::filter::Shuffle::default(),
    ]
    .map(|f| size(f, &depth, &bytes));
    assert!(2 * gradient < shuffle, "{gradient} against {shuffle} bytes");
    let photo = spec("|u1", &[200, 300, 3]);
    let bytes: Vec<u8> = (0..photo.bytes())
        .map(|i| ((i / 3 % 300) * 2 / 3 + i / 900 + i % 3 * 50 + (i * i / 7) % 3) as u8)
        .collect();
    let [delta, none] = [
        &ByteDelta::default() as &dyn Filter,
        &crate::filter::NoFilter::default(),
    ]
    .map(|f| size(f, &photo, &bytes));
    assert!(5 * delta < 4 * none, "{delta} against {none} bytes");
}
