//! The examples of the library do what they say.

#![cfg(feature = "npz")]

#[path = "../examples/custom_format.rs"]
mod custom_format;
#[path = "../examples/rows.rs"]
mod rows;
#[path = "../examples/store.rs"]
mod store;

use std::sync::Arc;

use paginum::ErrorKind;
use paginum::container::{Formats, OpenOptions};

#[test]
fn a_format_of_ones_own_is_one_among_others() {
    custom_format::run().unwrap();
}

#[test]
fn a_store_of_ones_own_holds_files() {
    store::run().unwrap();
}

#[test]
fn rows_come_without_the_rest() {
    rows::run().unwrap();
}

#[test]
fn what_a_format_of_ones_own_finds_bad_is_an_error() {
    let formats = Formats::default().with(Arc::new(custom_format::Pgm));
    let kind = |bytes: &[u8]| {
        let bytes = Arc::new(bytes.to_vec());
        let opened = formats.open(bytes, &OpenOptions::default());
        opened.expect_err("no picture").kind()
    };
    assert_eq!(kind(b"P5\n2 1\n255\nab."), ErrorKind::Corrupt);
    assert_eq!(kind(b"P5\n2 1\n65535\nab"), ErrorKind::Unsupported);
    assert_eq!(kind(b"P5\n2"), ErrorKind::Unsupported);
    assert_eq!(kind(b"P5"), ErrorKind::Truncated);
}
