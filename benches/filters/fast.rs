//! The filter `fast` beside pco, the filter `numeric` and a memcpy.

use std::hint::black_box;
use std::sync::Arc;

use paginum::filter::{Fast, Numeric};
use paginum::wrapped::with_number_type;

use super::{Input, mean, seconds};

/// What is printed of an array, and goes into the means.
struct Row {
    ratio: f64,
    of_pco: f64,
    write: f64,
    read: f64,
    of_copy: f64,
    numeric: f64,
    row: f64,
}

pub(super) fn pco_bytes(input: &Input) -> usize {
    with_number_type!(input.number_type, |T| {
        let numbers: Vec<T> = bytemuck::pod_collect_to_vec(&input.rows);
        let config = pco::ChunkConfig::default().with_enable_8_bit(true);
        pco::standalone::simple_compress(&numbers, &config)
            .unwrap()
            .len()
    })
}

fn measure(input: &Input) -> Row {
    let bytes = input.rows.len() as f64;
    let (fast, numeric) = (Fast::default(), Numeric::default());
    let payload = Arc::new(input.encode(&fast));
    let write = seconds(|| drop(black_box(input.encode(&fast))));
    let mut out = vec![0; input.rows.len()];
    let reader = input.open(&fast, &payload);
    let read = input.read_seconds(&*reader, &mut out);
    let other = input.open(&numeric, &Arc::new(input.encode(&numeric)));
    let numeric = input.read_seconds(&*other, &mut out);
    let copy = seconds(|| black_box(&mut out).copy_from_slice(black_box(&input.rows)));
    let n = input.spec.rows();
    let mut one = [0; 8];
    let one = &mut one[..input.number_type.size_bytes()];
    let mut row = 0;
    let row = seconds(|| {
        for _ in 0..100 {
            row = (row + 7_919) % n;
            reader.read_rows_into(row..row + 1, black_box(one)).unwrap();
        }
    });
    Row {
        ratio: bytes / payload.len() as f64,
        of_pco: pco_bytes(input) as f64 / payload.len() as f64,
        write: bytes / write / 1e9,
        read: bytes / read / 1e9,
        of_copy: copy / read,
        numeric: bytes / numeric / 1e9,
        row: row / 100.0 * 1e6,
    }
}

fn line(name: &str, row: &Row) {
    println!(
        "| {name} | {:.2} | {:.3} | {:.2} | {:.1} | {:.2} | {:.2} | {:.2} |",
        row.ratio, row.of_pco, row.write, row.read, row.of_copy, row.numeric, row.row
    );
}

pub(super) fn print(inputs: impl Iterator<Item = Input>) {
    println!(
        "| array | ratio | of pco 8's | write GB/s | read GB/s | of memcpy | numeric reads GB/s | one row us |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let mut rows = Vec::new();
    for input in inputs {
        let row = measure(&input);
        line(&input.name, &row);
        rows.push(row);
    }
    let of = |field: fn(&Row) -> f64| mean(rows.iter().map(field)).unwrap_or(f64::NAN);
    let means = Row {
        ratio: of(|row| row.ratio),
        of_pco: of(|row| row.of_pco),
        write: of(|row| row.write),
        read: of(|row| row.read),
        of_copy: of(|row| row.of_copy),
        numeric: of(|row| row.numeric),
        row: of(|row| row.row),
    };
    line("geometric mean", &means);
}
