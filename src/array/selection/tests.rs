//! Selections: what they take of each axis, and how they are spelled.

use super::*;
use crate::ErrorKind;

fn shape(selection: impl Into<Selection>, shape: &[u64]) -> Result<Vec<u64>> {
    let array = ArraySpec::new("<f8".parse().unwrap(), shape).unwrap();
    Ok(selection.into().spec(&array)?.shape().to_vec())
}

#[test]
fn ranges_keep_axes_and_indices_drop_them() {
    assert_eq!(shape((2..5, .., 0), &[9, 4, 3]).unwrap(), [3, 4]);
    assert_eq!(shape((.., ..=2), &[9, 4, 3]).unwrap(), [9, 3, 3]);
    assert_eq!(shape((1..).step(4), &[9, 4]).unwrap(), [2, 4]);
    assert_eq!(shape((3, 3), &[9, 4]).unwrap(), [0_u64; 0]);
    assert_eq!(shape(Selection::default(), &[]).unwrap(), [0_u64; 0]);
    assert_eq!(shape((9.., 4..4), &[9, 4]).unwrap(), [0, 0]);
    assert_eq!(shape(.., &[0]).unwrap(), [0]);
    assert_eq!(shape((0..9).step(u64::MAX), &[9]).unwrap(), [1]);
    assert_eq!(shape((0..9).step(2).step(2), &[9]).unwrap(), [3]);
}

#[test]
fn selections_read_back_as_they_are_spelled() {
    for text in [":100, ::2, 5", "3:", ":", "7", "2:9:4, :0"] {
        let selection: Selection = text.parse().unwrap();
        assert_eq!(selection.to_string(), text);
    }
    for text in [
        "",
        "1,",
        "-1",
        "a",
        "1:2:3:4",
        "1..2",
        "1:-2",
        "99999999999999999999",
    ] {
        let error = text.parse::<Selection>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{text:?}");
    }
}

#[test]
fn what_is_not_there_is_named_with_its_axis() {
    for (selection, words) in [
        (
            Selection::from((.., 4)),
            "index 4 of axis 1, whose length is 4",
        ),
        (Selection::from(3..10), "3..10 of axis 0, whose length is 9"),
        (Selection::from(10..), "10..10 of axis 0, whose length is 9"),
        (
            Selection::from(0..=u64::MAX),
            "0..18446744073709551615 of axis 0, whose length is 9",
        ),
        (
            Selection::from((.., (..).step(0))),
            "a step of 0 of axis 1, whose length is 4",
        ),
        (
            Selection::from((.., .., 0)),
            "a selection of 3 axes of an array of 2",
        ),
    ] {
        let array = ArraySpec::new("<f8".parse().unwrap(), [9, 4]).unwrap();
        let error = selection.spec(&array).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert_eq!(error.to_string(), words);
    }
    #[expect(clippy::reversed_empty_ranges, reason = "it is what is refused")]
    let backwards = shape(5..3, &[9]).unwrap_err();
    assert!(backwards.to_string().contains("5..3 of axis 0"));
}
