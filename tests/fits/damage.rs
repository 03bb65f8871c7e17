//! Files that are cut off, changed, or lie.

use paginum::ErrorKind;

use super::{BLOCK_BYTES, card, hdu, image, listed, nothing, open, primary, table};

#[test]
fn a_file_that_is_cut_off_gives_what_is_there() {
    let whole = [
        nothing(),
        image(8, &[3000], &["EXTNAME = 'A'"], &[7; 3000]),
        image(8, &[3000], &["EXTNAME = 'B'"], &[8; 3000]),
    ]
    .concat();
    // What fills the last block is missed by nobody.
    let cut = |n: usize| open(whole[..n].to_vec()).unwrap();
    let file = cut(whole.len() - BLOCK_BYTES + 120);
    assert_eq!(file.read("B").unwrap().bytes(), [8; 3000]);
    file.array("B").unwrap().verify().unwrap();
    let file = cut(whole.len() - BLOCK_BYTES + 119);
    assert_eq!(file.read("B").unwrap_err().kind(), ErrorKind::Truncated);
    assert_eq!(file.read("A").unwrap().bytes(), [7; 3000]);
    // In the header of B, which then has no name.
    let file = cut(4 * BLOCK_BYTES + 400);
    assert_eq!(file.n_arrays(), 2);
    assert_eq!(
        file.array_at(1).read().unwrap_err().kind(),
        ErrorKind::Truncated
    );
    for n in [0, 10, 80, BLOCK_BYTES - 1] {
        let error = open(whole[..n].to_vec()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Truncated, "{n}: {error}");
    }
}

#[test]
fn what_stands_behind_the_last_hdu_is_left_out() {
    let mut bytes = primary(8, &[2], &[], &[1, 2]);
    bytes.extend(b"something else");
    let file = open(bytes).unwrap();
    assert_eq!((file.n_arrays(), file.left_out().len()), (1, 1));
    assert!(file.notes()[0].contains("14 bytes"), "{:?}", file.notes());
}

/// Sizes that no file has, of which nothing is allocated.
#[test]
fn headers_that_lie_are_errors() {
    let huge = 3_037_000_499_usize;
    for (bitpix, axes) in [
        (64, vec![huge, huge]),
        (-64, vec![1 << 59]),
        (8, vec![1 << 62]),
    ] {
        let result = open(primary(bitpix, &axes, &[], &[0; 100]));
        if let Ok(file) = result {
            assert!(file.array_at(0).read().is_err());
        }
    }
    assert_eq!(
        open(primary(17, &[1], &[], &[])).unwrap_err().kind(),
        ErrorKind::Corrupt
    );
    let error = open(hdu(&["SIMPLE  = F", "BITPIX  = 8", "NAXIS   = 0"], &[])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    // A table whose rows have no bytes may state any number of them.
    let mut bytes = table(0, &["TFORM='0A'"], &[], &[]);
    let at = bytes
        .windows(8)
        .position(|bytes| bytes == b"NAXIS2  ")
        .unwrap();
    bytes[at + 10..at + 29].copy_from_slice(b"4611686018427387904");
    let file = open([nothing(), bytes].concat()).unwrap();
    assert_eq!(file.entry(0).unwrap().shape, [1 << 62]);
    file.array_at(0).verify().unwrap();
}

#[test]
fn sums_tell_damage_of_data_and_of_headers() {
    // Sums of a header and data that are words of nothing but these.
    let cards = ["EXTNAME = 'A'", "DATASUM = '16909060'"];
    let bytes = [nothing(), image(8, &[4], &cards, &[1, 2, 3, 4])].concat();
    let file = open(bytes.clone()).unwrap();
    let reader = file.array("A").unwrap().reader().unwrap();
    assert!(reader.has_checksums().unwrap());
    file.array("A").unwrap().verify().unwrap();
    let mut changed = bytes.clone();
    changed[2 * BLOCK_BYTES + 1] ^= 1;
    let error = open(changed)
        .unwrap()
        .array("A")
        .unwrap()
        .verify()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Checksum, "{error}");
    let text = error.to_string();
    assert!(
        text.contains("DATASUM is 16909060") && text.contains('A'),
        "{text}"
    );
}

/// What one HDU cannot hold, the next ones do not.
#[test]
fn arrays_larger_than_their_data_are_errors() {
    let bytes = [
        nothing(),
        image(8, &[30_000], &["PCOUNT  = 0", "GCOUNT  = 0"], &[]),
        image(8, &[3], &["EXTNAME = 'A'"], &[1, 2, 3]),
    ]
    .concat();
    let file = open(bytes).unwrap();
    let error = file.array_at(0).read().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
    assert_eq!(file.read("A").unwrap().bytes(), [1, 2, 3]);
}

/// Cards without a keyword say nothing of columns without a blank.
#[test]
fn cards_without_a_keyword_give_nothing_a_value() {
    let rows = [0, 5, 0, 6];
    let columns = ["TTYPE='x';TFORM='I'"];
    let bytes = [nothing(), table(2, &columns, &["HIERARCH = 5"], &rows)].concat();
    let file = open(bytes).unwrap();
    let numbers: Vec<i16> = file.array_at(0).read_numbers().unwrap();
    assert_eq!(numbers, [5, 6]);
}

/// Each column has the name of its table again: thousands of a long one are refused before they are made.
#[test]
fn long_names_of_tables_are_metadata() {
    let name = "n".repeat(60);
    let mut cards = vec![card("EXTNAME", format!("'{name}&'"))];
    cards.extend(vec![format!("CONTINUE  '{name}&'"); 40_000]);
    let columns = ["TFORM='B'"; 999];
    let more: Vec<&str> = cards.iter().map(String::as_str).collect();
    let bytes = [nothing(), table(999, &columns, &more, &[])].concat();
    assert_eq!(open(bytes).unwrap_err().kind(), ErrorKind::LimitExceeded);
}

/// Thousands of one name are numbered in a moment: counting from the first each time took minutes.
#[test]
fn many_of_one_name_are_told_apart() {
    let one = image(8, &[0], &["EXTNAME = 'A'"], &[]);
    let bytes = [nothing(), one.repeat(20_000)].concat();
    let file = open(bytes).unwrap();
    assert_eq!(file.n_arrays(), 20_000);
    assert_eq!(listed(&file)[19_999].0, "A_20000");
}
