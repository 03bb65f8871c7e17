//! Filters, and which of them a goal favours.

use super::{Row, cells};
use crate::array::ArraySpec;
use crate::cli::table::Table;
use crate::filter::{Goal, auto};

/// The table that [`push_rows`] fills.
pub(super) fn table(goal: Goal) -> Table {
    Table::new([
        "array",
        "dtype",
        "#bytes",
        "filter",
        "#ratio",
        "#encode MB/s",
        "#decode MB/s",
        "#stored",
        "#decode ps/B",
        match goal {
            Goal::Speed => "#price ns",
            Goal::Size | Goal::Balanced => "#price bytes",
        },
        "best",
    ])
}

/// Adds what each filter did to an array, and its price.
pub(super) fn push_rows(
    table: &mut Table,
    goal: Goal,
    name: &str,
    spec: &ArraySpec,
    rows: Vec<Row>,
) {
    let trials: Vec<auto::Trial> = rows
        .iter()
        .filter_map(|row| {
            let filter = row.filter.clone()?;
            Some(auto::Trial::new(filter, spec, spec.bytes(), row.n_bytes))
        })
        .collect();
    let best = goal.best(trials.iter().map(|trial| trial.price(goal)));
    for (i, (row, trial)) in rows.into_iter().zip(&trials).enumerate() {
        let price = match goal {
            Goal::Speed => trial.price(goal) / 1000,
            Goal::Size | Goal::Balanced => trial.price(goal),
        };
        let star = if best == Some(i) { "*" } else { "" };
        let [array, dtype, bytes, filter, ratio, encode, decode] = cells(name, spec, row);
        table.push([
            array,
            dtype,
            bytes,
            filter,
            ratio,
            encode,
            decode,
            trial.payload_bytes.to_string(),
            trial.decode_picoseconds.to_string(),
            match trial.filter.serves(goal) {
                true => price.to_string(),
                false => "-".to_owned(),
            },
            star.to_owned(),
        ]);
    }
}
