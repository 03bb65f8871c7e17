//! `.pco`: one array in pco's standalone format, with a trailer of ours behind pco's terminator.
//!
//! pco's bytes are an array of one axis in chunks whose ends only decoding tells. The trailer, which pco never reads,
//! restores dtype and shape, finds chunks, checks them, and may hold their row indexes. A foreign file, which has none, is
//! decoded once when it is opened, to find its chunks; from then on both are the same.

mod chunk;
mod create;
mod format;
mod reader;
mod scan;
mod threads;
mod trailer;
mod writer;

pub use format::PcoFormat;
pub use reader::Pco;
pub use writer::{PcoOptions, PcoWriter};

use std::sync::Arc;

use super::single::Single;
use crate::error::Result;
use crate::limits::Limits;
use crate::storage::ReadAt;
use crate::text::counted;

/// Opens a `.pco` file as a container of one array.
///
/// # Errors
/// Those of [`Pco::open`].
pub fn open(store: Arc<dyn ReadAt>, limits: &Limits) -> Result<Single<Pco>> {
    let pco = Pco::open(store, limits)?;
    let file_bytes = pco.file_bytes();
    let checked = match (pco.has_trailer(), pco.unknown_bytes()) {
        (true, _) => "structure, checksums and numbers".to_owned(),
        (false, 0) => "structure and numbers; the file has no checksums".to_owned(),
        (false, n) => format!(
            "structure and numbers; the file has no checksums, and what stands behind its end, {}, is not understood",
            counted(n, "byte")
        ),
    };
    let single = Single::new(&format::INFO, "pco", pco, file_bytes, limits);
    Ok(single.with_checked(checked))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::array::{Array, ArraySpec};
    use crate::error::ErrorKind;
    use crate::filter::ArrayReader;

    fn array(dtype: &str, shape: &[u64]) -> Array {
        let spec = ArraySpec::new(dtype.parse().unwrap(), shape).unwrap();
        let bytes: Vec<u8> = (0..spec.bytes()).map(|i| (i * i / 7) as u8).collect();
        Array::from_bytes(spec, &bytes).unwrap()
    }

    fn file(array: &Array, change: impl FnOnce(&mut PcoOptions)) -> Vec<u8> {
        let mut options = PcoOptions {
            chunk_n: 700,
            ..PcoOptions::default()
        };
        change(&mut options);
        let mut file = Vec::new();
        let mut writer = PcoWriter::new(array.spec().clone(), options, &mut file).unwrap();
        for bytes in array.bytes().chunks(999) {
            writer.push(bytes).unwrap();
        }
        let n_bytes = writer.finish().unwrap();
        assert_eq!(n_bytes, file.len() as u64);
        file
    }

    fn open(file: Vec<u8>) -> Result<Pco> {
        Pco::open(Arc::new(file), &Limits::default())
    }

    fn rows(pco: &Pco, rows: std::ops::Range<u64>) -> Result<Array> {
        pco.spec().check_rows(&rows)?;
        let spec = match pco.spec().shape() {
            [] => pco.spec().clone(),
            _ => pco.spec().with_rows(rows.end - rows.start)?,
        };
        let mut array = Array::zeroed(spec, &Limits::default())?;
        pco.read_rows_into(rows, array.bytes_mut())?;
        Ok(array)
    }

    #[test]
    fn arrays_of_every_dtype_come_back() {
        let dtypes = [
            "|b1", "|u1", "<u2", ">u4", "<u8", "|i1", ">i2", "<i4", "<i8", "<f2", ">f4", "<f8",
            "<c8", ">c16", "<M8[ns]", ">m8[s]",
        ];
        for dtype in dtypes {
            for shape in [&[][..], &[0], &[3, 0], &[1500], &[40, 7, 5]] {
                let array = array(dtype, shape);
                let pco = open(file(&array, |_| ())).unwrap();
                assert_eq!(
                    rows(&pco, 0..array.spec().rows()).unwrap(),
                    array,
                    "{}",
                    array.spec()
                );
                pco.verify().unwrap();
            }
        }
    }

    #[test]
    fn any_rows_are_those_of_the_whole() {
        let array = array("<u2", &[1000, 3]);
        let row_bytes = array.spec().row_bytes() as usize;
        for has_row_indexes in [false, true] {
            let pco = open(file(&array, |options| {
                options.has_row_indexes = has_row_indexes
            }))
            .unwrap();
            for (start, end) in [
                (0, 1000),
                (0, 1),
                (999, 1000),
                (233, 234),
                (200, 700),
                (5, 5),
                (1000, 1000),
            ] {
                let part = rows(&pco, start..end).unwrap();
                let expected = &array.bytes()[start as usize * row_bytes..end as usize * row_bytes];
                assert_eq!(part.bytes(), expected, "{start}..{end}");
            }
            assert!(rows(&pco, 0..1001).is_err());
        }
    }

    #[test]
    fn a_row_needs_its_chunk_and_no_other() {
        let pco = open(file(&array("<u2", &[1000, 3]), |_| ())).unwrap();
        let ranges = pco.ranges(500..501);
        assert_eq!(ranges.len(), 1);
        assert!(ranges[0].end - ranges[0].start < pco.file_bytes() / 3);
    }

    #[test]
    fn row_indexes_hold_what_a_scan_of_the_chunk_finds() {
        let array = array("<f8", &[20_000]);
        let pco = open(file(&array, |options| {
            options.has_row_indexes = true;
            options.chunk_n = 10_000;
        }))
        .unwrap();
        pco.verify().unwrap();
        assert_eq!(
            rows(&pco, 9_000..9_100).unwrap().bytes(),
            &array.bytes()[72_000..72_800]
        );
    }

    #[test]
    fn without_a_trailer_the_numbers_are_the_same() {
        let array = array("<f4", &[50, 60]);
        let plain = file(&array, |options| options.has_trailer = false);
        let pco = open(plain.clone()).unwrap();
        assert!(!pco.has_trailer());
        assert_eq!(pco.spec().shape(), [3000]);
        assert_eq!(rows(&pco, 0..3000).unwrap().bytes(), array.bytes());
        // Only the trailer differs.
        assert_eq!(file(&array, |_| ())[..plain.len()], plain);
    }

    #[test]
    fn bytes_behind_a_foreign_file_are_counted() {
        let mut plain = file(&array("<f4", &[10]), |options| options.has_trailer = false);
        plain.extend([7; 5]);
        assert_eq!(open(plain).unwrap().unknown_bytes(), 5);
    }

    #[test]
    fn every_flip_is_refused_or_harmless() {
        let array = array("<i4", &[300, 2]);
        let file = file(&array, |options| {
            options.chunk_n = 200;
            options.has_row_indexes = true;
        });
        let magic = 8 * (file.len() - 8);
        for bit in 0..magic {
            let mut file = file.clone();
            file[bit / 8] ^= 1 << (bit % 8);
            let read = open(file).and_then(|pco| {
                pco.verify()?;
                rows(&pco, 0..300)
            });
            assert!(read.is_err(), "bit {bit} of {magic}");
        }
        // Without the magic it is a foreign file, with bytes behind it.
        for bit in magic..8 * file.len() {
            let mut file = file.clone();
            file[bit / 8] ^= 1 << (bit % 8);
            let pco = open(file).unwrap();
            assert!(!pco.has_trailer() && pco.unknown_bytes() > 0);
            assert_eq!(rows(&pco, 0..600).unwrap().bytes(), array.bytes());
        }
    }

    #[test]
    fn every_truncation_is_refused_or_foreign() {
        let array = array("<i4", &[300, 2]);
        let file = file(&array, |_| ());
        for len in 0..file.len() {
            if let Ok(pco) = open(file[..len].to_vec()) {
                assert!(!pco.has_trailer(), "{len} bytes");
                assert_eq!(rows(&pco, 0..600).unwrap().bytes(), array.bytes());
            }
        }
    }

    #[test]
    fn errors_name_the_chunk_and_the_byte() {
        let array = array("<i4", &[300, 2]);
        let mut file = file(&array, |options| options.chunk_n = 200);
        let pco = open(file.clone()).unwrap();
        let second = pco.ranges(101..102)[0].clone();
        file[second.start as usize + 20] ^= 1;
        let error = rows(&open(file).unwrap(), 101..102).unwrap_err();
        let place = error.place().unwrap();
        assert_eq!((place.page, place.offset), (Some(1), Some(second.start)));
        assert_eq!(error.kind(), ErrorKind::Checksum);
    }

    #[test]
    fn too_few_and_too_many_bytes_are_refused() {
        let spec = ArraySpec::new("<i4".parse().unwrap(), [3]).unwrap();
        let mut out = Vec::new();
        let mut writer = PcoWriter::new(spec.clone(), PcoOptions::default(), &mut out).unwrap();
        writer.push(&[0; 11]).unwrap();
        assert!(writer.finish().is_err());
        let mut out = Vec::new();
        let mut writer = PcoWriter::new(spec, PcoOptions::default(), &mut out).unwrap();
        writer.push(&[0; 12]).unwrap();
        assert!(writer.push(&[0]).is_err());
    }

    #[test]
    fn a_dtype_that_pco_cannot_hold_is_refused() {
        let spec = ArraySpec::new("<U3".parse().unwrap(), [3]).unwrap();
        let error = PcoWriter::new(spec, PcoOptions::default(), &mut Vec::new())
            .err()
            .unwrap();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    }

    #[test]
    fn a_foreign_bomb_stops_at_the_limit() {
        let zeroes = array("|b1", &[2_000_000]);
        let zeroes = Array::from_bytes(zeroes.spec().clone(), &vec![0; 2_000_000]).unwrap();
        let file = file(&zeroes, |options| {
            options.chunk_n = 1 << 24;
            options.has_trailer = false;
        });
        assert!(file.len() < 100);
        let limits = Limits::default().with_max_bytes(1_000_000);
        let error = Pco::open(Arc::new(file), &limits).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::LimitExceeded);
    }
}
