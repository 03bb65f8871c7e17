//! `ls`: the arrays of files.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::address;
use super::called;
use super::failure::{self, Failure, Outcome};
use super::listing;
use super::opening;
use super::session::Session;
use super::size;
use super::stdio;
use super::table::Table;
use super::walk::{self, Folders, Input};
use crate::array::Order;
use crate::container::{Entry, Formats, LeftOut};
use crate::error::{ErrorKind, ResultExt};
use crate::record::Column;
use crate::text::counted;

/// List the arrays of files
///
/// An array is called by its path in the file. The array of a .npy, .pco or raw file is called like the file, without the
/// extension. The path field_data/NAME of a .pv is shown as NAME, unless another array has that name. All verbs take the
/// names that are shown here. Long ones are cut in their middle; --json has them whole.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  paginum ls mesh.pv
  paginum ls *.npy
  paginum ls -r results/
  paginum ls arrays.npz --json | jq -r '.arrays[].path'")]
pub(super) struct Ls {
    /// Files of arrays, folders of them, or addresses of a store that end with a slash; - for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The files in all folders below, too
    #[arg(short, long)]
    recursive: bool,
    /// One JSON document, for programs: of one file an object, of several a list of them
    #[arg(long)]
    json: bool,
    /// The empty mesh, too, that a .pv of plain arrays has for other programs
    #[arg(long)]
    all: bool,
}

impl Ls {
    pub(super) fn run(&self, session: &Session) -> Outcome {
        let folders = match self.recursive {
            true => Folders::WithAllBelow,
            false => Folders::Alone,
        };
        let formats = Formats::default();
        let is_wanted = |path: &Path| formats.promised(&address::without_gz(path)).is_some();
        let (inputs, found) = walk::find(&self.files, folders, &is_wanted);
        let mut listings = Vec::new();
        // A file that is bad does not keep the others from being listed.
        let listed = failure::each(&inputs, |Input { path: file, .. }| {
            let listing = Listing::of(session, file, self.all)?;
            if listing.dead_bytes > 0 {
                session.say(format_args!(
                    "{}: compact would give back {}",
                    file.display(),
                    counted(listing.dead_bytes, "byte")
                ));
            }
            listings.push(listing);
            Ok(())
        });
        let outcome = failure::each([found, listed], |outcome| outcome);
        let is_one_file = matches!(&self.files[..], [only] if !walk::is_folder(only));
        if self.json {
            print_documents(is_one_file, listings.iter().map(Listing::json).collect());
        } else if !listings.is_empty() {
            stdio::write(|out| write!(out, "{}", table_of(&listings, is_one_file)));
            listings.iter().for_each(Listing::print_faults);
        }
        // What this build does not have is listed as such; damage is damage.
        let is_damaged = listings.iter().any(Listing::is_damaged);
        match is_damaged {
            true => failure::each([outcome, Err(Failure::Said(failure::CORRUPT))], |outcome| {
                outcome
            }),
            false => outcome,
        }
    }
}

/// The arrays, one a line; but for one file alone, each behind the name of its own.
fn table_of(listings: &[Listing], is_one_file: bool) -> Table {
    match listings {
        [only] if is_one_file => table(&only.names, &only.entries),
        _ => {
            let mut table = Table::new(["file"].into_iter().chain(COLUMNS));
            for listing in listings {
                for (name, entry) in listing.names.iter().zip(&listing.entries) {
                    let file = std::iter::once(listing.file.clone());
                    table.push(file.chain(cells(name, entry)));
                }
            }
            table
        }
    }
}

/// What a file holds.
struct Listing {
    file: String,
    format: &'static str,
    entries: Vec<Entry>,
    /// What each is shown as.
    names: Vec<String>,
    /// What compact would give back.
    dead_bytes: u64,
    left_out: Vec<LeftOut>,
}

impl Listing {
    fn of(session: &Session, file: &Path, all: bool) -> Result<Self, Failure> {
        let container = opening::open(session, file)?;
        container.prefetch_entries().in_file(file)?;
        let entries = listing::indices(&*container, all).map(|i| container.entry(i));
        let names = called::shown_with(&*container, all);
        Ok(Self {
            names,
            file: file.display().to_string(),
            format: container.format().name,
            entries: entries.collect::<crate::Result<_>>().in_file(file)?,
            dead_bytes: container.dead_bytes().in_file(file)?,
            left_out: container.left_out().to_vec(),
        })
    }

    /// Whether an array of it is not what it was.
    fn is_damaged(&self) -> bool {
        let mut faults = self.entries.iter().filter_map(|entry| entry.fault.as_ref());
        faults.any(|fault| fault.kind() != ErrorKind::Unsupported)
    }

    /// A line for each array that cannot be read, and for each thing that is none.
    fn print_faults(&self) {
        for (name, entry) in self.names.iter().zip(&self.entries) {
            if let Some(fault) = &entry.fault {
                stdio::line(format_args!("{name}: {fault}"));
            }
        }
        for other in &self.left_out {
            stdio::line(format_args!("{}: left out: {}", other.path, other.why));
        }
    }

    fn json(&self) -> Value {
        let others = self.left_out.iter().map(|other| {
            json!({"path": other.path, "dtype": null, "shape": null, "unsupported": other.why})
        });
        let arrays = self.names.iter().zip(&self.entries);
        let arrays = arrays.map(|(name, entry)| entry_json(name, entry));
        let arrays: Vec<Value> = arrays.chain(others).collect();
        json!({"file": self.file, "format": self.format, "arrays": arrays})
    }
}

/// Prints what programs are told of files: of one file its document, of several a list of those that could be read.
pub(super) fn print_documents(is_one_file: bool, mut documents: Vec<Value>) {
    match (is_one_file, documents.pop()) {
        (true, None) => (),
        (true, Some(only)) => stdio::json(&only),
        (_, last) => {
            documents.extend(last);
            stdio::json(&Value::Array(documents));
        }
    }
}

const COLUMNS: [&str; 7] = [
    "array", "dtype", "shape", "filter", "#bytes", "#stored", "#ratio",
];

/// The arrays, one a line, under the names that they are shown as.
pub(super) fn table(names: &[String], entries: &[Entry]) -> Table {
    let mut table = Table::new(COLUMNS);
    for (name, entry) in names.iter().zip(entries) {
        table.push(cells(name, entry));
    }
    table
}

/// A name, where there is something to see of it.
fn visible(name: &str) -> String {
    match name {
        "" => "\"\"".to_owned(),
        name => name.to_owned(),
    }
}

fn cells(name: &str, entry: &Entry) -> [String; COLUMNS.len()] {
    if entry.fault.is_some() && entry.dtype.is_empty() {
        let mut cells = COLUMNS.map(|_| "-".to_owned());
        cells[0] = visible(name);
        cells[3].clone_from(&entry.filter);
        cells[5] = entry.stored_bytes.to_string();
        return cells;
    }
    let axes: Vec<String> = entry.shape.iter().map(u64::to_string).collect();
    [
        visible(name),
        match &entry.record {
            Some(record) => record.to_string(),
            None => entry.dtype.clone(),
        },
        if axes.is_empty() {
            "scalar".to_owned()
        } else {
            axes.join("x")
        },
        entry.filter.clone(),
        entry.decoded_bytes.to_string(),
        entry.stored_bytes.to_string(),
        format!(
            "{:.2}",
            size::ratio(entry.decoded_bytes, entry.stored_bytes)
        ),
    ]
}

/// The order of an array, as numpy spells it.
pub(super) fn order_name(order: Order) -> &'static str {
    match order {
        Order::C => "C",
        Order::F => "F",
    }
}

/// An array, for programs.
pub(super) fn entry_json(name: &str, entry: &Entry) -> Value {
    let mut value = json!({
        "name": name,
        "path": entry.path,
        "dtype": entry.dtype,
        "shape": entry.shape,
        "order": order_name(entry.order),
        "filter": entry.filter,
        "bytes": entry.decoded_bytes,
        "stored_bytes": entry.stored_bytes,
        "has_nulls": entry.has_nulls,
    });
    if let Some(record) = &entry.record {
        let fields = record.columns();
        let field =
            |column: &Column| json!({"name": column.name(), "dtype": column.dtype().to_string()});
        value["fields"] = fields.iter().map(field).collect();
    }
    if let Some(fault) = &entry.fault {
        // "unsupported", "corrupt" or "truncated": why the array cannot be read.
        value[fault.kind().to_string()] = fault.what().into();
    }
    value
}
