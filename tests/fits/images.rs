//! Images as arrays.

use paginum::Selection;
use paginum::container::fits::Values;

use super::{hdu, image, listed, nothing, open, open_as, primary};

#[test]
fn axes_come_in_the_order_of_arrays() {
    let data: Vec<u8> = (0..6_i16).flat_map(i16::to_be_bytes).collect();
    let file = open(primary(16, &[3, 2], &["EXTNAME = 'SKY'"], &data)).unwrap();
    assert_eq!(listed(&file), [("SKY".to_owned(), "<i2 [2, 3]".to_owned())]);
    let numbers: Vec<i16> = file.array("SKY").unwrap().read_numbers().unwrap();
    assert_eq!(numbers, [0, 1, 2, 3, 4, 5]);
    let part = file
        .array("SKY")
        .unwrap()
        .select(&Selection::from((.., 1)))
        .unwrap();
    assert_eq!(part.bytes(), [1, 0, 4, 0]);
}

#[test]
fn every_stored_type_is_read() {
    for (bitpix, n_bytes, dtype) in [
        (8, 1, "|u1"),
        (16, 2, "<i2"),
        (32, 4, "<i4"),
        (64, 8, "<i8"),
        (-32, 4, "<f4"),
        (-64, 8, "<f8"),
    ] {
        let data: Vec<u8> = (1..=2 * n_bytes).collect();
        let file = open(primary(bitpix, &[2], &[], &data)).unwrap();
        assert_eq!(listed(&file), [("hdu0".to_owned(), format!("{dtype} [2]"))]);
        let words = data.chunks(n_bytes.into());
        let swapped: Vec<u8> = words.flat_map(|word| word.iter().rev().copied()).collect();
        assert_eq!(file.read("hdu0").unwrap().bytes(), swapped);
    }
}

#[test]
fn numbers_without_sign_are_what_was_meant() {
    let data: Vec<u8> = [-32768_i16, -1, 0, 32767]
        .into_iter()
        .flat_map(i16::to_be_bytes)
        .collect();
    let bytes = primary(16, &[4], &["BZERO   = 32768", "BSCALE  = 1"], &data);
    let file = open(bytes.clone()).unwrap();
    assert_eq!(listed(&file)[0].1, "<u2 [4]");
    let numbers: Vec<u16> = file.array_at(0).read_numbers().unwrap();
    assert_eq!(numbers, [0, 32767, 32768, 65535]);
    let rows = file.array_at(0).read_rows(1..3).unwrap();
    assert_eq!(rows.bytes(), [0xff, 0x7f, 0, 0x80]);
    let stored = open_as(bytes, Values::Stored).unwrap();
    let numbers: Vec<i16> = stored.array_at(0).read_numbers().unwrap();
    assert_eq!(numbers, [-32768, -1, 0, 32767]);
}

#[test]
fn scaled_numbers_are_doubles_and_blanks_no_numbers() {
    let data: Vec<u8> = [2_i16, -1, 4, 6]
        .into_iter()
        .flat_map(i16::to_be_bytes)
        .collect();
    let cards = ["BZERO   = 100.", "BSCALE  = 0.5", "BLANK   = -1"];
    let file = open(primary(16, &[2, 2], &cards, &data)).unwrap();
    let array = file.array_at(0);
    let numbers: Vec<f64> = array.read_numbers().unwrap();
    assert!(numbers[1].is_nan());
    assert_eq!([numbers[0], numbers[2], numbers[3]], [101.0, 102.0, 103.0]);
    let column = array.select(&Selection::from((.., 0))).unwrap();
    assert_eq!(column.numbers::<f64>().unwrap(), [101.0, 102.0]);
    // Blanks alone make doubles, too.
    let file = open(primary(16, &[4], &["BLANK   = -1"], &data)).unwrap();
    let numbers: Vec<f64> = file.array_at(0).read_numbers().unwrap();
    assert_eq!(numbers[2], 4.0);
    assert!(numbers[1].is_nan());
}

#[test]
fn names_lead_to_one_array_each() {
    let more = ["EXTNAME = 'SCI'"];
    let bytes = [
        nothing(),
        image(8, &[1], &more, &[1]),
        image(8, &[1], &more, &[2]),
        image(8, &[1], &[], &[3]),
        image(8, &[0], &[], &[]),
    ]
    .concat();
    let file = open(bytes).unwrap();
    let names: Vec<String> = listed(&file).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["SCI", "SCI_2", "hdu3", "hdu4"]);
    assert_eq!(file.read("SCI_2").unwrap().bytes(), [2]);
    let documents = file.documents();
    let paths: Vec<&str> = documents
        .iter()
        .map(|document| document.path.as_str())
        .collect();
    assert_eq!(paths, ["hdu0", "SCI", "SCI_2", "hdu3", "hdu4"]);
    assert!(
        documents[1].json.contains(r#"["EXTNAME","SCI",""]"#),
        "{}",
        documents[1].json
    );
}

#[test]
fn what_is_not_read_is_said_and_costs_nothing_else() {
    let text = [
        "XTENSION= 'TABLE   '",
        "BITPIX  = 8",
        "NAXIS   = 2",
        "NAXIS1  = 4",
        "NAXIS2  = 1",
    ];
    let groups = ["GROUPS  = T", "PCOUNT  = 1", "GCOUNT  = 2"];
    let bytes = [
        primary(8, &[0, 3], &groups, &[0; 8]),
        hdu(&text, b"1234"),
        image(8, &[1], &[], &[9]),
    ]
    .concat();
    let file = open(bytes).unwrap();
    let said: Vec<String> = listed(&file).into_iter().map(|(_, what)| what).collect();
    assert_eq!(said, ["random groups", "a table of text", "|u1 [1]"]);
    assert_eq!(file.read("hdu2").unwrap().bytes(), [9]);
}
