//! `.fits` files: by every store, by parts, and hostile.

#![cfg(all(feature = "fits", feature = "zstd"))]
#![allow(clippy::unwrap_used, reason = "in the helpers of tests too")]

#[allow(dead_code, reason = "each test asks for a part of it")]
#[path = "../support/counting.rs"]
mod counting;
mod damage;
mod images;
mod replay;
mod requests;
mod tables;
mod tiles;
mod writing;

use std::sync::Arc;

use paginum::Result;
use paginum::container::fits::{FitsFormat, Values};
use paginum::container::{File, Format, OpenOptions};

use counting::Counting;

/// Everything fills blocks of so many bytes.
const BLOCK_BYTES: usize = 2880;

/// An HDU of these cards and data.
fn hdu(cards: &[&str], data: &[u8]) -> Vec<u8> {
    let mut bytes: Vec<u8> = cards
        .iter()
        .chain([&"END"])
        .flat_map(|card| format!("{card:80}").into_bytes())
        .collect();
    bytes.resize(bytes.len().next_multiple_of(BLOCK_BYTES), b' ');
    bytes.extend(data);
    bytes.resize(bytes.len().next_multiple_of(BLOCK_BYTES), 0);
    bytes
}

/// A card of a keyword and a value.
fn card(keyword: &str, value: impl std::fmt::Display) -> String {
    format!("{keyword:8}= {value}")
}

/// The cards of an image, the fastest axis first.
fn image_cards(first: &str, bitpix: i32, axes: &[usize], more: &[&str]) -> Vec<String> {
    let mut cards = vec![
        first.to_owned(),
        card("BITPIX", bitpix),
        card("NAXIS", axes.len()),
    ];
    for (i, n) in axes.iter().enumerate() {
        cards.push(card(&format!("NAXIS{}", i + 1), n));
    }
    cards.extend(more.iter().map(|&card| card.to_owned()));
    cards
}

/// The first HDU, an image.
fn primary(bitpix: i32, axes: &[usize], more: &[&str], data: &[u8]) -> Vec<u8> {
    let cards = image_cards("SIMPLE  = T", bitpix, axes, more);
    hdu(&cards.iter().map(String::as_str).collect::<Vec<_>>(), data)
}

/// A further HDU, an image.
fn image(bitpix: i32, axes: &[usize], more: &[&str], data: &[u8]) -> Vec<u8> {
    let cards = image_cards("XTENSION= 'IMAGE   '", bitpix, axes, more);
    hdu(&cards.iter().map(String::as_str).collect::<Vec<_>>(), data)
}

/// A further HDU, a table of rows of bytes.
fn table(row_bytes: usize, columns: &[&str], more: &[&str], rows: &[u8]) -> Vec<u8> {
    let n_rows = rows.len().checked_div(row_bytes).unwrap_or(0);
    let mut cards = image_cards("XTENSION= 'BINTABLE'", 8, &[row_bytes, n_rows], &[]);
    cards.extend([
        card("PCOUNT", 0),
        card("GCOUNT", 1),
        card("TFIELDS", columns.len()),
    ]);
    for (i, column) in columns.iter().enumerate() {
        for part in column.split(';') {
            let (keyword, value) = part.split_once('=').unwrap();
            cards.push(card(&format!("{keyword}{}", i + 1), value));
        }
    }
    cards.extend(more.iter().map(|&card| card.to_owned()));
    hdu(&cards.iter().map(String::as_str).collect::<Vec<_>>(), rows)
}

/// An empty first HDU, which files of extensions have.
fn nothing() -> Vec<u8> {
    primary(8, &[], &["EXTEND  = T"], &[])
}

fn open_as(bytes: Vec<u8>, values: Values) -> Result<File> {
    let format = FitsFormat::default().with_values(values);
    let container = format.open(Arc::new(bytes), &OpenOptions::default())?;
    Ok(File::of(container))
}

fn open(bytes: Vec<u8>) -> Result<File> {
    open_as(bytes, Values::Physical)
}

/// The paths of the arrays, and what they are.
fn listed(file: &File) -> Vec<(String, String)> {
    let entries = file.entries().unwrap().map(|entry| entry.unwrap());
    entries
        .map(|entry| match entry.spec() {
            Ok(spec) => (entry.path, spec.to_string()),
            Err(error) => (entry.path, error.message()),
        })
        .collect()
}

fn open_counting(bytes: Vec<u8>) -> (Arc<Counting>, File) {
    let store = Counting::new(bytes);
    let container = FitsFormat::default().open(store.clone(), &OpenOptions::default());
    (store, File::of(container.unwrap()))
}
