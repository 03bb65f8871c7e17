//! `.csv` and `.tsv`: columns of text as arrays, all in memory.
//!
//! The first line has the names, unless all of it are numbers without quotes; then columns are named `0`, `1` and so on.
//! Neighbours named `points[0]`, `points[1]` are one array of rows of two, as this program writes them. Types are what the
//! cells are: bool, 64-bit integers, doubles, dates, spans of time, or text; or one type for all, where the caller knows it. A column
//! with a cell in quotes is text, unless all cells of the file are in quotes. Integers that a double would round are no doubles: beside
//! fractions they are text. An empty cell is a row without a value.
//! What separates the cells of a `.csv` is said by a line before the names, or told by the lines ([`separator`]).
//!
//! What is in memory is a small multiple of the file, whatever stands in it.

mod cells;
mod column;
mod date;
mod format;
mod groups;
mod losses;
mod separator;
mod span;
mod table;
mod text;
mod waiting;
mod writer;

use std::sync::Arc;

use super::{Container, Entry, FormatInfo};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::filter::ArrayReader;
use crate::limits::Limits;
use crate::storage::ReadAt;
use crate::validity::Validity;
use separator::Found;
use table::{Column, Read};

pub use format::CsvFormat;
#[cfg(feature = "cli")]
pub(crate) use writer::{no_cells, unequal_lengths};

/// An open `.csv` or `.tsv` file.
#[derive(Debug)]
pub struct Csv {
    info: &'static FormatInfo,
    arrays: Vec<Read>,
    notes: Vec<String>,
    stored_bytes: u64,
    limits: Limits,
}

/// Reads a `.csv` file. `dtype` is the type of all columns, where it is known.
///
/// # Errors
/// `Corrupt` for lines of different lengths and cells that are not of the type; `Unsupported` for types that are not read
/// from text; `LimitExceeded`.
pub fn open(store: &Arc<dyn ReadAt>, dtype: Option<DType>, limits: &Limits) -> Result<Csv> {
    open_as(&format::CSV, None, store, dtype, limits)
}

/// The same of a format whose files have this separator, if they always have the same.
fn open_as(
    info: &'static FormatInfo,
    separator: Option<char>,
    store: &Arc<dyn ReadAt>,
    dtype: Option<DType>,
    limits: &Limits,
) -> Result<Csv> {
    limits.check_total_bytes(store.len())?;
    let len = usize::try_from(store.len())
        .map_err(|_| Error::limit("bytes of memory", isize::MAX as u64, store.len()))?;
    let mut bytes = vec![0; len];
    store.read_exact_at(&mut bytes, 0)?;
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        // The mark by which such a text begins.
        let is_utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
        let what = match is_utf16 {
            true => "text in UTF-16, which has to be saved in UTF-8",
            false => "text that is not UTF-8",
        };
        Error::corrupt(what).at(error.valid_up_to() as u64)
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text.trim_end_matches('\r');
    if lines.contains('\r') && !text.contains(['\n', '"']) {
        let what = "lines that end by a carriage return alone";
        return Err(Error::unsupported(what));
    }
    let (text, stated) = separator::stated(text);
    if text.trim().is_empty() {
        return Err(Error::truncated("an empty file").at(store.len()));
    }
    let Found { separator, note } = match stated.or(separator) {
        Some(separator) => Found::known(separator),
        None => separator::of(text)?,
    };
    let (arrays, notes) = table::read(text, separator, dtype, limits)?;
    let notes = note.into_iter().chain(notes).collect();
    Ok(Csv {
        info,
        arrays,
        notes,
        stored_bytes: store.len(),
        limits: *limits,
    })
}

impl Container for Csv {
    fn format(&self) -> &'static FormatInfo {
        self.info
    }

    fn n_arrays(&self) -> usize {
        self.arrays.len()
    }

    fn path(&self, index: usize) -> &str {
        &self.arrays[index].name
    }

    fn find(&self, name: &str) -> Result<usize> {
        let found = self.arrays.iter().position(|array| array.name == name);
        found.ok_or_else(|| Error::invalid(format!("there is no array {name:?}")))
    }

    fn entry(&self, index: usize) -> Result<Entry> {
        let array = &self.arrays[index];
        let spec = array.elements.spec();
        Ok(Entry {
            dtype: spec.dtype().to_string(),
            shape: spec.shape().to_vec(),
            decoded_bytes: spec.bytes(),
            has_nulls: array.validity.is_some(),
            ..Entry::new(
                array.name.clone(),
                "text",
                self.stored_bytes / self.arrays.len() as u64,
            )
        })
    }

    fn open_array(&self, index: usize) -> Result<Box<dyn ArrayReader>> {
        let elements = &self.arrays[index].elements;
        self.limits.check_array_bytes(elements.spec().bytes())?;
        Ok(match elements {
            Column::Numbers(numbers) => Box::new(numbers.clone()),
            Column::Text(text) => Box::new(text.clone()),
        })
    }

    fn validity(&self, index: usize) -> Result<Option<Arc<Validity>>> {
        Ok(self.arrays[index].validity.clone())
    }

    fn limits(&self) -> &Limits {
        &self.limits
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::File;
    use crate::error::ErrorKind;

    fn open(text: &str) -> Result<File> {
        open_typed(text, None)
    }

    fn open_typed(text: &str, dtype: Option<DType>) -> Result<File> {
        let store: Arc<dyn ReadAt> = Arc::new(text.as_bytes().to_vec());
        let csv = super::open(&store, dtype, &Limits::default())?;
        Ok(File::of(Box::new(csv)))
    }

    fn listed(text: &str) -> Vec<(String, String, Vec<u64>)> {
        let csv = open(text).unwrap();
        let entries = (0..csv.n_arrays()).map(|i| csv.entry(i).unwrap());
        entries
            .map(|entry| (entry.path, entry.dtype, entry.shape))
            .collect()
    }

    #[test]
    fn types_are_what_the_cells_are() {
        let text = "a,b,c,d,e,f\n1,18446744073709551615,1.5,true,x,-1\n-2,0,3,false,1,2e3\n";
        let dtypes: Vec<String> = listed(text)
            .into_iter()
            .map(|(_, dtype, _)| dtype)
            .collect();
        assert_eq!(dtypes, ["<i8", "<u8", "<f8", "|b1", "<U1", "<f8"]);
        let array = open(text).unwrap().read("c").unwrap();
        assert_eq!(array.numbers::<f64>().unwrap(), [1.5, 3.0]);
    }

    #[test]
    fn labels_are_axes() {
        let text = "p[0],p[1],q[1],r[0][0],r[0][1],r[1][0],r[1][1]\n1,2,3,4,5,6,7\n";
        let names: Vec<(String, Vec<u64>)> = listed(text)
            .into_iter()
            .map(|(name, _, shape)| (name, shape))
            .collect();
        let expected = [("p", vec![1, 2]), ("q[1]", vec![1]), ("r", vec![1, 2, 2])];
        assert_eq!(
            names,
            expected.map(|(name, shape)| (name.to_owned(), shape))
        );
        let huge = "p[18446744073709551615],p[99999999999999999999]\n1,2\n";
        assert_eq!(listed(huge).len(), 2);
    }

    #[test]
    fn numbers_alone_need_no_names() {
        assert_eq!(
            listed("1,2.5\n3,4\n")[1],
            ("1".to_owned(), "<f8".to_owned(), vec![2])
        );
    }

    #[test]
    fn empty_cells_are_rows_without_a_value() {
        let csv = open("a,b\n1,\n,\"\"\n").unwrap();
        let validity = |i| csv.validity(i).unwrap().unwrap();
        assert_eq!(
            (validity(0).is_valid(0), validity(0).is_valid(1)),
            (true, false)
        );
        assert_eq!(
            (validity(1).is_valid(0), validity(1).is_valid(1)),
            (false, true)
        );
    }

    #[test]
    fn a_type_that_is_known_is_that_of_all() {
        let read = |text: &str, dtype: &str| open_typed(text, Some(dtype.parse()?))?.read("a");
        assert_eq!(
            read("a\n0.1\n", "<f4").unwrap().numbers::<f32>().unwrap(),
            [0.1]
        );
        assert_eq!(read("a\n258\n", ">i2").unwrap().bytes(), [1, 2]);
        for (cell, dtype, kind) in [
            ("256", "|u1", ErrorKind::Corrupt),
            ("-129", "|i1", ErrorKind::Corrupt),
            ("x", "<f8", ErrorKind::Corrupt),
            ("1", "<c8", ErrorKind::Unsupported),
        ] {
            assert_eq!(
                read(&format!("a\n{cell}\n"), dtype).unwrap_err().kind(),
                kind,
                "{cell}"
            );
        }
    }

    #[test]
    fn lines_of_other_lengths_and_names_twice_are_errors() {
        for text in ["a,b\n1\n", "a\n1,2\n", "a,a\n1,2\n", "a\n\"x\n"] {
            let error = open(text).expect_err(text);
            assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
        }
        for text in ["\n", "sep=;", "\u{feff}sep=;\r\n\r\n"] {
            assert_eq!(open(text).expect_err(text).kind(), ErrorKind::Truncated);
        }
    }

    /// 4 TB if each element were as wide as the longest.
    #[test]
    fn one_long_cell_does_not_make_all_others_large() {
        let text = format!(
            "a,b\n{},1\n{}",
            "x".repeat(1 << 20),
            "y,2\n".repeat(1 << 20)
        );
        let csv = open(&text).unwrap();
        assert_eq!(csv.entry(0).unwrap().dtype, "<U1048576");
        let refused = csv.open_array(0).map(|_| ()).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::LimitExceeded);
        assert_eq!(csv.read("b").unwrap().spec().rows(), 1 + (1 << 20));
        // A row alone that is large.
        let labels: Vec<String> = (0..1000).map(|i| format!("p[{i}]")).collect();
        let text = format!(
            "{}\n{}{}\n",
            labels.join(","),
            "x".repeat(100_000),
            ",".repeat(999)
        );
        let refused = open(&text).map(|_| ()).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::LimitExceeded);
    }

    #[test]
    fn columns_must_be_earned() {
        let row = "1,".repeat((1 << 20) - 1) + "1\n";
        let refused = open(&row).map(|_| ()).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::LimitExceeded);
        assert_eq!(
            open(&"1,".repeat(1 << 15)).unwrap().n_arrays(),
            (1 << 15) + 1
        );
    }

    #[test]
    fn integers_that_a_double_would_round_stay_as_they_are() {
        for (cells, dtype, has_note) in [
            ("9007199254740993,0.5", "<U16", true),
            ("18446744073709551615,-1", "<U20", true),
            ("18446744073709551616,1", "<f8", false),
            ("18446744073709551617,1", "<U20", true),
            ("-9007199254740993,1e3", "<U17", true),
            ("100000000000000000000,0.5", "<f8", false),
            ("9007199254740992,0.5", "<f8", false),
            ("0000000000000000001,0.5", "<f8", false),
            ("0.12345678901234567890,1", "<f8", false),
            ("9007199254740993,1", "<i8", false),
            ("9007199254740993,x", "<U16", false),
        ] {
            let csv = open(&format!("a\n{}\n", cells.replace(',', "\n"))).unwrap();
            assert_eq!(csv.entry(0).unwrap().dtype, dtype, "{cells}");
            assert_eq!(
                !csv.notes().is_empty(),
                has_note,
                "{cells}: {:?}",
                csv.notes()
            );
        }
    }

    #[test]
    fn columns_without_rows_say_why_they_are_text() {
        let csv = open("a,b\n").unwrap();
        assert_eq!(
            csv.notes(),
            [
                "without rows nothing tells the types of its columns: they are text; --dtype sets one"
            ]
        );
        assert_eq!(csv.entry(0).unwrap().shape, [0]);
        let typed = open_typed("a,b\n", Some("<f4".parse().unwrap())).unwrap();
        assert_eq!(typed.notes().len(), 0);
        assert_eq!(typed.entry(0).unwrap().dtype, "<f4");
        assert_eq!(open("a\n1\n").unwrap().notes().len(), 0);
    }

    #[test]
    fn a_column_of_numbers_but_for_some_says_which() {
        for (cells, words) in [
            ("1,NA,3", Some("\"NA\" is no number")),
            ("1.5,2e3,-", Some("\"-\" is no number")),
            ("1,2,3 km", Some("\"3 km\" is no number")),
            ("1,a,b", None),
            ("1,a", None),
            ("1,,2", None),
            ("1,2,\"a\"", None),
            ("2024-05-01,2024-05-02,x", None),
        ] {
            let csv = open(&format!("a\n{}\n", cells.replace(',', "\n"))).unwrap();
            let note = csv.notes().first().map(String::as_str).unwrap_or_default();
            assert!(note.contains(words.unwrap_or_default()), "{cells}: {note}");
            assert_eq!(
                csv.notes().len(),
                usize::from(words.is_some()),
                "{cells}: {note}"
            );
        }
        let csv = open(&format!("a,b\n1,2\n{},y\n3,4\n", "x".repeat(1000))).unwrap();
        let words = format!(
            "since \"{}…\" is no number, and so is another",
            "x".repeat(40)
        );
        assert!(csv.notes()[0].ends_with(&words), "{:?}", csv.notes());
    }

    #[test]
    fn text_that_is_none_of_ours_says_what_it_is() {
        let utf16: Vec<u8> = "\u{feff}a;b\r\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let store: Arc<dyn ReadAt> = Arc::new(utf16);
        let error = super::open(&store, None, &Limits::default()).unwrap_err();
        assert!(error.to_string().contains("UTF-16"), "{error}");
        let error = open("a,b\r1,2\r").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
        assert_eq!(open("a,b\r").unwrap().n_arrays(), 2);
    }

    #[test]
    fn dates_of_one_unit_are_dates() {
        for (cells, dtype) in [
            ("2024-05-01,1969-12-31", "<M8[D]"),
            ("2024-05-01T00:00:00.000000001,NaT", "<M8[ns]"),
            ("2024-05-01,2024-05", "<U10"),
            ("2024-05-01,x", "<U10"),
            ("2024,1970", "<i8"),
            ("NaT,NaT", "<U3"),
            ("90s,-5s", "<m8[s]"),
            ("NaT,0ns", "<m8[ns]"),
            ("2024-05-01 10:00:00,2024-05-02 11:00:00", "<M8[s]"),
            ("2024-05-01 10:00:00.000001,NaT", "<M8[us]"),
            ("2024-05-01 10,2024-05-01T11", "<M8[h]"),
            ("90s,5ms", "<U3"),
            ("90s,2024-05-01", "<U10"),
            ("90s,90", "<U3"),
        ] {
            let csv = open(&format!("a\n{}\n", cells.replace(',', "\n"))).unwrap();
            assert_eq!(csv.entry(0).unwrap().dtype, dtype, "{cells}");
        }
        let array = open("a\n2000-02-29\n\n").unwrap().read("a").unwrap();
        assert_eq!(array.bytes(), 11_016_i64.to_le_bytes());
        let spans = open_typed("a\n75s\n", Some("<m8[25s]".parse().unwrap()));
        assert_eq!(
            spans.unwrap().read("a").unwrap().bytes(),
            3_i64.to_le_bytes()
        );
        let broken = open_typed("a\n76s\n", Some("<m8[25s]".parse().unwrap()));
        assert_eq!(broken.unwrap_err().kind(), ErrorKind::Corrupt);
    }
}
