//! Columns of tables as arrays.

use paginum::container::fits::Values;

use super::{listed, nothing, open, open_as, table};

const ROWS: [u8; 3 * 15] = [
    b'T',
    0,
    1,
    0x80,
    0,
    b'a',
    b' ',
    0b1010_0000,
    0,
    0,
    0,
    7,
    0,
    0,
    0, //
    b'F',
    0xff,
    0xff,
    0,
    0,
    b'b',
    b'c',
    0b0100_0000,
    0,
    0,
    0,
    8,
    0,
    0,
    0, //
    0,
    0,
    3,
    0x80,
    9,
    b'd',
    0,
    0,
    0,
    0,
    0,
    9,
    0,
    0,
    0,
];

fn file() -> Vec<u8> {
    let columns = [
        "TTYPE='flag';TFORM='L'",
        "TTYPE='n';TFORM='I';TNULL=-1",
        "TTYPE='u';TFORM='1I';TZERO=32768",
        "TTYPE='text';TFORM='2A'",
        "TTYPE='bits';TFORM='3X'",
    ];
    [nothing(), table(15, &columns, &["EXTNAME = 'T'"], &ROWS)].concat()
}

#[test]
fn columns_are_arrays() {
    let file = open(file()).unwrap();
    let expected = [
        ("T/flag", "|b1 [3]"),
        ("T/n", "<i2 [3]"),
        ("T/u", "<u2 [3]"),
        ("T/text", "|S2 [3]"),
        ("T/bits", "|b1 [3, 3]"),
    ];
    assert_eq!(
        listed(&file),
        expected.map(|(a, b)| (a.to_owned(), b.to_owned()))
    );
    assert_eq!(file.read("flag").unwrap().bytes(), [1, 0, 0]);
    assert_eq!(
        file.array("u").unwrap().read_numbers::<u16>().unwrap(),
        [0, 32768, 9]
    );
    assert_eq!(file.read("T/text").unwrap().bytes(), b"a bcd\0");
    assert_eq!(
        file.read("bits").unwrap().bytes(),
        [1, 0, 1, 0, 1, 0, 0, 0, 0]
    );
    let column = file.array("bits").unwrap();
    let part = column.select(&paginum::Selection::from((.., 1))).unwrap();
    assert_eq!(part.bytes(), [0, 1, 0]);
    assert_eq!(file.read_rows("u", 1..2).unwrap().bytes(), [0, 0x80]);
}

#[test]
fn a_number_that_stands_for_none_is_a_row_without_a_value() {
    let file = open(file()).unwrap();
    let array = file.array("n").unwrap();
    assert!(array.entry().unwrap().has_nulls);
    let validity = array.validity().unwrap().unwrap();
    assert_eq!(validity.as_bytes(), [0b101]);
    assert!(file.array("u").unwrap().validity().unwrap().is_none());
    let stored = open_as(super::tables::file(), Values::Stored).unwrap();
    assert!(stored.array("n").unwrap().validity().unwrap().is_none());
    assert_eq!(stored.read("flag").unwrap().bytes(), [b'T', b'F', 0]);
    assert_eq!(stored.entry(4).unwrap().shape, [3, 1]);
}

#[test]
fn a_column_that_cannot_be_read_costs_itself_alone() {
    let columns = [
        "TTYPE='a';TFORM='PB(3)'",
        "TTYPE='a';TFORM='J'",
        "TTYPE='s';TFORM='C';TSCAL=2.0",
        "TFORM='J'",
    ];
    let rows = [
        0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 5, 6, 7, 8,
    ];
    let file = open([nothing(), table(24, &columns, &[], &rows)].concat()).unwrap();
    let names: Vec<String> = listed(&file).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["hdu1/a", "hdu1/a_2", "hdu1/s", "hdu1/col4"]);
    assert_eq!(file.read("hdu1/a_2").unwrap().bytes(), [4, 3, 2, 1]);
    assert_eq!(file.read("col4").unwrap().bytes(), [8, 7, 6, 5]);
    for path in ["hdu1/a", "hdu1/s"] {
        let error = file.read(path).unwrap_err();
        assert_eq!(error.kind(), paginum::ErrorKind::Unsupported, "{error}");
        assert!(error.to_string().contains(path), "{error}");
    }
    // Of two columns of one name neither is found by it.
    assert!(file.array("a").is_err());
}
