//! `pack`: arrays of several files into one `.pv`.

use std::ops::Range;
use std::path::PathBuf;

use super::failure::Outcome;
use super::format::Format;
use super::inputs::{self, Named};
use super::pv_options::{PvOptions, readers};
use super::raw_options::RawOptions;
use super::session::Session;
use super::target::Target;
use super::{size, windows};
use crate::container::pv::{ArrayWriter, Writer};
use crate::error::{Error, ResultExt};
use crate::validity::Validity;

/// Pack arrays of several files into one .pv file
///
/// Arrays are named after their files, or as they are named in .npz and .pv files, and become field data. Each gets the
/// filter that makes it smallest, and those of this project's own are read by this program alone. With --compat 0.7
/// pyvista-zstd reads the file, too: as an empty mesh that carries the arrays.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  paginum pack temperature.npy station.npy -o weather.pv
  paginum pack temperature.npy station.npy -o weather.pv --compat 0.7
  paginum pack *.npy -o weather.pv --filter numeric --filter rain=shuffle
  paginum pack arrays.npz samples.bin --dtype f32 -o all.pv")]
pub(super) struct Pack {
    /// Files to pack: .npy, .npz, .pco, .pv, or raw with --dtype
    #[arg(required = true, value_name = "IN")]
    inputs: Vec<PathBuf>,
    /// The file to write
    #[arg(short, long, value_name = "OUT.pv")]
    output: PathBuf,
    /// Replace a file that exists
    #[arg(short, long)]
    force: bool,
    #[command(flatten)]
    raw: RawOptions,
    #[command(flatten)]
    pv: PvOptions,
}

impl Pack {
    pub(super) fn run(&self, session: &Session) -> Outcome {
        Format::of_output(&self.output, &[Format::Pv])?;
        let arrays = inputs::find(session, &self.inputs, &self.raw)?;
        let names = arrays.iter().map(|named| named.name.as_str());
        self.pv.check_filters(FIELD_DATA, names)?;
        let options = self.pv.write_options()?;
        let readers = readers(options.target);
        let target = Target::new(&self.output, self.force)?;
        target.check_takes_bytes(self.force)?;
        let store = target.store()?;
        let total: u64 = arrays.iter().map(|array| array.spec.bytes()).sum();
        let progress = session.progress(total);
        let mut writer = Writer::create(&*store, options)?;
        for named in &arrays {
            let mut array = writer.begin_array(&field_path(&named.name), named.spec.clone())?;
            push(named, &mut array, |n| progress.inc(n))?;
            array.finish().in_file(target.name())?;
        }
        let notes = writer.notes().to_vec();
        writer.commit()?;
        progress.finish_and_clear();
        notes.iter().for_each(|note| session.say(note));
        let (name, arrays) = (target.name(), size::counted(arrays.len(), "array"));
        let size = target.n_bytes().map_or_else(String::new, |n_bytes| {
            let ratio = size::ratio(total, n_bytes);
            format!(", {total} -> {n_bytes} bytes, ratio {ratio:.3}")
        });
        session.say(format_args!("{name}: {arrays}{size}; {readers}"));
        Ok(())
    }
}

/// Where plain arrays go.
pub(super) const FIELD_DATA: &str = "field_data";

/// The path of a plain array: a bare `points` would be the points of a mesh.
pub(super) fn field_path(name: &str) -> String {
    format!("{FIELD_DATA}/{name}")
}

/// Pushes all rows of an array, those without a value as such, and says how many bytes each piece had.
pub(super) fn push(
    named: &Named,
    array: &mut ArrayWriter<'_>,
    mut done: impl FnMut(u64),
) -> Result<(), Error> {
    let source = named.open()?;
    let validity = named.validity()?;
    let row_bytes = source.spec().row_bytes() as usize;
    let mut n_pushed = 0;
    windows::for_each(&source, 0..source.spec().rows(), |bytes| {
        // Whole rows, in pieces that let the bar move.
        for piece in bytes.chunks(((4 << 20) / row_bytes).max(1) * row_bytes) {
            let rows = n_pushed..n_pushed + piece.len() / row_bytes;
            n_pushed = rows.end;
            match &validity {
                None => array.push_rows(piece)?,
                Some(validity) => array.push_rows_with_nulls(piece, &part(validity, rows))?,
            }
            done(piece.len() as u64);
        }
        Ok(())
    })
}

/// Which of some rows have a value.
fn part(validity: &Validity, rows: Range<usize>) -> Validity {
    let mut part = Validity::repeat(false, 0);
    rows.for_each(|row| part.push(validity.is_valid(row)));
    part
}
