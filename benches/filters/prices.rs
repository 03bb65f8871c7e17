//! What decoding a byte takes, by filter and width of words.

use std::sync::Arc;

use paginum::filter::Registry;

use super::{Input, mean};

const WIDTHS: [usize; 4] = [1, 2, 4, 8];

pub(super) fn print(inputs: impl Iterator<Item = Input>) {
    let filters = Registry::default();
    let mut measured: Vec<(&str, usize, f64)> = Vec::new();
    for input in inputs {
        let mut out = vec![0; input.rows.len()];
        for filter in filters.iter().filter(|filter| filter.accepts(&input.spec)) {
            let payload = Arc::new(input.encode(&**filter));
            let reader = input.open(&**filter, &payload);
            let picoseconds = input.read_seconds(&*reader, &mut out) * 1e12;
            let price = picoseconds / input.rows.len() as f64;
            println!("{} {}: {price:.0}", input.name, filter.name());
            measured.push((filter.name(), input.number_type.size_bytes(), price));
        }
    }
    println!("\n| picoseconds a byte of words of | 1 | 2 | 4 | 8 bytes |");
    println!("|---|---|---|---|---|");
    for filter in filters.iter().map(|filter| filter.name()) {
        let cells = WIDTHS.map(|width| {
            let own = measured
                .iter()
                .filter(|(name, own, _)| *name == filter && *own == width);
            mean(own.map(|(_, _, price)| *price))
                .map_or_else(String::new, |price| format!("{price:.0}"))
        });
        println!("| {filter} | {} |", cells.join(" | "));
    }
}
