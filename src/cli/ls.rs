//! `ls`: the arrays of a file.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::failure::Outcome;
use super::session::Session;
use super::size;
use super::source;
use super::stdio;
use super::table::{Table, printable};
use crate::container::Entry;
use crate::error::ResultExt;

/// List the arrays of a file
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  paginum ls mesh.pv
  paginum ls arrays.npz --json | jq -r '.arrays[].path'")]
pub(super) struct Ls {
    /// File of arrays; - for standard input
    file: PathBuf,
    /// One JSON document, for programs
    #[arg(long)]
    json: bool,
}

impl Ls {
    pub(super) fn run(&self, session: &Session) -> Outcome {
        let container = source::open(session, &self.file)?;
        let entries: Vec<Entry> = (0..container.n_arrays())
            .map(|i| container.entry(i))
            .collect::<crate::Result<_>>()
            .in_file(&self.file)?;
        if self.json {
            let arrays: Vec<Value> = entries.iter().map(entry_json).collect();
            let value = json!({"format": container.format(), "arrays": arrays});
            stdio::line(format_args!("{value:#}"));
        } else {
            stdio::write(|out| write!(out, "{}", table(&entries)));
        }
        Ok(())
    }
}

/// The arrays, one a line.
pub(super) fn table(entries: &[Entry]) -> Table {
    let mut table = Table::new([
        "array", "dtype", "shape", "filter", "#bytes", "#stored", "#ratio",
    ]);
    for entry in entries {
        let axes: Vec<String> = entry.shape.iter().map(u64::to_string).collect();
        table.push([
            printable(&entry.path),
            printable(&entry.dtype),
            if axes.is_empty() {
                "scalar".to_owned()
            } else {
                axes.join("x")
            },
            printable(&entry.filter),
            entry.decoded_bytes.to_string(),
            entry.stored_bytes.to_string(),
            format!(
                "{:.2}",
                size::ratio(entry.decoded_bytes, entry.stored_bytes)
            ),
        ]);
    }
    table
}

/// An array, for programs.
pub(super) fn entry_json(entry: &Entry) -> Value {
    json!({
        "path": entry.path,
        "dtype": entry.dtype,
        "shape": entry.shape,
        "filter": entry.filter,
        "bytes": entry.decoded_bytes,
        "stored_bytes": entry.stored_bytes,
        "has_nulls": entry.has_nulls,
    })
}
