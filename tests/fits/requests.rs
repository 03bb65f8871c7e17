//! What is read of a store: its bytes.

use std::sync::Arc;

use paginum::Selection;
use paginum::container::File;

use super::counting::Counting;
use super::{nothing, open_counting, primary, table};

/// An image of 200 by 1000 numbers, and a table of 1000 rows of 500 bytes.
fn file() -> (Arc<Counting>, File) {
    let data: Vec<u8> = (0..200_000_i32)
        .flat_map(|i| (i as i16).to_be_bytes())
        .collect();
    let image = primary(16, &[1000, 200], &["BZERO   = 32768"], &data);
    let rows: Vec<u8> = (0..500_000_u32).map(|i| (i / 500) as u8).collect();
    let columns = [
        "TTYPE='a';TFORM='196B'",
        "TTYPE='b';TFORM='J'",
        "TTYPE='c';TFORM='300B'",
    ];
    let (store, file) =
        open_counting([image, table(500, &columns, &["EXTNAME = 'T'"], &rows)].concat());
    let n = store.taken();
    assert!(n <= 4 * 2880, "{n}: the headers alone");
    (store, file)
}

#[test]
fn rows_and_columns_cost_their_bytes() {
    let (store, file) = file();
    let image = file.array("hdu0").unwrap();
    image.read_rows(10..13).unwrap();
    assert_eq!(store.taken(), 3 * 2000);
    image.select(&Selection::from((5..9, 100..110))).unwrap();
    assert_eq!(store.taken(), 4 * 20);
    let column = file.array("T/b").unwrap();
    assert_eq!(column.read_rows(3..4).unwrap().bytes(), [3; 4]);
    assert_eq!(store.taken(), 4);
    column.read().unwrap();
    assert_eq!(store.taken(), 4000);
}

/// A mask is a walk over all rows of a table: whoever asks again is not made to wait again.
#[test]
fn a_mask_costs_its_column_once() {
    let rows: Vec<u8> = (0..3000_i16)
        .flat_map(|i| (i % 7 - 1).to_be_bytes())
        .collect();
    let columns = [
        "TTYPE='a';TFORM='I';TNULL=-1",
        "TTYPE='b';TFORM='I';TNULL=3",
    ];
    let (store, file) = open_counting([nothing(), table(4, &columns, &[], &rows)].concat());
    store.taken();
    for name in ["a", "b"] {
        let array = file.array(name).unwrap();
        let first = array.validity().unwrap().unwrap();
        assert_eq!(first.len(), 1500);
        assert!(store.taken() > 0);
        assert_eq!(array.validity().unwrap().unwrap(), first);
        assert_eq!(store.taken(), 0, "{name}");
    }
    file.array("a").unwrap().validity().unwrap();
    assert_eq!(store.taken(), 0);
}
