//! Images in tiles, as cfitsio writes them (`fixtures/make.py`).

use std::fs;
use std::path::Path;

use paginum::{ErrorKind, Selection, Step};

use super::{open, open_counting};

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fits/fixtures");
    fs::read(folder.join(name)).unwrap()
}

/// The numbers of the images.
fn expected(modulus: i64) -> Vec<i64> {
    let numbers = (0..24).flat_map(|i| (0..20).map(move |j| 1000 + 7 * i * j % 50 + i));
    numbers.map(|number| number % modulus).collect()
}

#[test]
fn every_codec_is_read() {
    for (name, dtype) in [
        ("rice_u1", "|u1"),
        ("rice_i2", "<i2"),
        ("rice_i4", "<i4"),
        ("gzip1_i4", "<i4"),
        ("gzip2_f4", "<f4"),
        ("hcompress_i2", "<i2"),
        ("hcompress_i4", "<i4"),
        ("plio_i2", "<i2"),
    ] {
        let file = open(fixture(&format!("{name}.fits"))).unwrap();
        let array = file.array_at(0);
        assert_eq!(
            array.spec().unwrap().to_string(),
            format!("{dtype} [24, 20]"),
            "{name}"
        );

        let numbers: Vec<i64> = match dtype {
            "|u1" => array
                .read_numbers::<u8>()
                .unwrap()
                .into_iter()
                .map(i64::from)
                .collect(),
            "<i2" => array
                .read_numbers::<i16>()
                .unwrap()
                .into_iter()
                .map(i64::from)
                .collect(),
            "<i4" => array
                .read_numbers::<i32>()
                .unwrap()
                .into_iter()
                .map(i64::from)
                .collect(),
            _ => array
                .read_numbers::<f32>()
                .unwrap()
                .into_iter()
                .map(|x| x as i64)
                .collect(),
        };
        let modulus = if dtype == "|u1" { 200 } else { 1 << 40 };
        assert_eq!(numbers, expected(modulus), "{name}");
        array.verify().unwrap();
        assert!(array.reader().unwrap().has_checksums().unwrap(), "{name}");
    }
}

#[test]
fn rounded_floats_are_those_of_cfitsio() {
    for name in ["rice_dither1_f4", "gzip_dither2_f8", "rice_none_f4"] {
        let file = open(fixture(&format!("{name}.fits"))).unwrap();
        let found = file.array_at(0).read().unwrap();
        assert!(found.bytes() == fixture(&format!("{name}.bin")), "{name}");
    }
}

#[test]
fn parts_are_those_of_the_whole() {
    let file = open(fixture("rice_i2.fits")).unwrap();
    let whole = file.array_at(0).read().unwrap();
    let number = |i: usize, j: usize| &whole.bytes()[2 * (20 * i + j)..][..2];
    for rows in [0..1, 7..9, 5..24, 23..24, 3..3] {
        let found = file.array_at(0).read_rows(rows.clone()).unwrap();
        let expected = &whole.bytes()[rows.start as usize * 40..rows.end as usize * 40];
        assert_eq!(found.bytes(), expected, "{rows:?}");
    }
    for (rows, columns) in [
        ((2..23).step(9), (1..20).step(5)),
        ((..).step(1), (11..13).step(1)),
        ((0..24).step(23), (0..20).step(19)),
    ] {
        let selection = Selection::from((rows, columns));
        let found = file.array_at(0).select(&selection).unwrap();
        let list = |axis: usize, n: usize| -> Vec<usize> {
            match selection.axes()[axis] {
                paginum::AxisRange::Range { start, end, step } => (start as usize
                    ..end.unwrap_or(n as u64) as usize)
                    .step_by(step as usize)
                    .collect(),
                paginum::AxisRange::Index(index) => vec![index as usize],
            }
        };
        let expected: Vec<u8> = list(0, 24)
            .into_iter()
            .flat_map(|i| list(1, 20).into_iter().map(move |j| (i, j)))
            .flat_map(|(i, j)| number(i, j).to_vec())
            .collect();
        assert_eq!(found.bytes(), expected, "{selection}");
    }
}

#[test]
fn a_selection_costs_the_tiles_that_it_touches() {
    let (store, file) = open_counting(fixture("rice_i2.fits"));
    let read = |selection: Selection| {
        store.taken();
        // Opened anew, so that no tile is there.
        let reader = paginum::container::Container::open_array(&*file, 0).unwrap();
        reader
            .select(&selection, &paginum::Limits::default())
            .unwrap();
        store.taken()
    };
    let whole = read(Selection::from(..));
    let one = read(Selection::from((3, 5)));
    let band = read(Selection::from(8..9));
    assert!(
        one < whole / 4 && band < whole / 2 && one < band,
        "{one} {band} {whole}"
    );
    // Tiles that were decoded last are not decoded again.
    file.array_at(0).read_rows(0..1).unwrap();
    store.taken();
    file.array_at(0).read_rows(1..8).unwrap();
    assert_eq!(store.taken(), 0);
}

#[test]
fn damaged_tiles_are_errors() {
    for name in [
        "rice_i2",
        "gzip1_i4",
        "hcompress_i4",
        "plio_i2",
        "rice_dither1_f4",
    ] {
        let bytes = fixture(&format!("{name}.fits"));
        let data = bytes.len() - 2880;
        // The place of the first tile.
        let mut far = bytes.clone();
        far[data + 4..data + 8].copy_from_slice(&[0x7f; 4]);
        let error = open(far).unwrap().array_at(0).read().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt, "{name}: {error}");
        let mut empty = bytes.clone();
        empty[data..data + 4].copy_from_slice(&[0; 4]);
        assert!(open(empty).unwrap().array_at(0).read().is_err(), "{name}");
        let mut changed = bytes.clone();
        for byte in &mut changed[data + 48..] {
            *byte ^= 0x55;
        }
        let _ = open(changed.clone()).unwrap().array_at(0).read();
        assert_eq!(
            open(changed)
                .unwrap()
                .array_at(0)
                .verify()
                .unwrap_err()
                .kind(),
            ErrorKind::Checksum
        );
    }
}
