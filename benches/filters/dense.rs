//! The filter `dense` beside pco and the filter `numeric`: whole payloads in pages of 8,192 and of 65,536 numbers.

use std::hint::black_box;
use std::sync::Arc;

use paginum::filter::{Dense, Filter, Numeric};

use super::fast::pco_bytes;
use super::{Input, mean, seconds};

/// Of an array: sizes are parts of pco's, speeds are those of `numeric` in the same pages of 8,192 numbers.
struct Row {
    numeric: f64,
    dense: f64,
    archive: f64,
    write: f64,
    read: f64,
}

fn measure(input: &Input) -> Row {
    let pco = pco_bytes(input) as f64;
    let (dense, numeric) = (Dense::default(), Numeric::default());
    let read = |filter: &dyn Filter| {
        let payload = Arc::new(input.encode(filter));
        let reader = input.open(filter, &payload);
        let mut out = vec![0; input.rows.len()];
        let time = input.read_seconds(&*reader, &mut out);
        (payload.len() as f64, time)
    };
    let write = |filter: &dyn Filter| seconds(|| drop(black_box(input.encode(filter))));
    let ((numeric_bytes, numeric_read), (dense_bytes, dense_read)) = (read(&numeric), read(&dense));
    let archive = input.encode(&dense.with_page_numbers(1 << 16));
    Row {
        numeric: numeric_bytes / pco,
        dense: dense_bytes / pco,
        archive: archive.len() as f64 / pco,
        write: write(&numeric) / write(&dense),
        read: numeric_read / dense_read,
    }
}

fn line(name: &str, row: &Row) {
    println!(
        "| {name} | {:.3} | {:.3} | {:.3} | {:.2} | {:.2} |",
        row.numeric, row.dense, row.archive, row.write, row.read
    );
}

pub(super) fn print(inputs: impl Iterator<Item = Input>) {
    println!(
        "| array | numeric, of pco 8 | dense | in pages of 65,536 | write, of numeric's speed | read |"
    );
    println!("|---|---|---|---|---|---|");
    let mut rows = Vec::new();
    for input in inputs {
        let row = measure(&input);
        line(&input.name, &row);
        rows.push(row);
    }
    let of = |field: fn(&Row) -> f64| mean(rows.iter().map(field)).unwrap_or(f64::NAN);
    let means = Row {
        numeric: of(|row| row.numeric),
        dense: of(|row| row.dense),
        archive: of(|row| row.archive),
        write: of(|row| row.write),
        read: of(|row| row.read),
    };
    line("geometric mean", &means);
}
