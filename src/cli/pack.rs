//! `pack`: arrays of several files into one `.pv`.

use std::path::PathBuf;

use super::failure::{Failure, Outcome};
use super::format::Format;
use super::inputs;
use super::interrupt::Guarded;
use super::pv_options::{PvOptions, readers};
use super::session::Session;
use super::source::{RawOptions, Source};
use super::target::Target;
use super::{size, windows};
use crate::container::pv::{ArrayWriter, Writer};
use crate::error::{Error, ResultExt};
use crate::storage::FileStore;

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
        if self.output.as_os_str() != "-" {
            Format::promised(&self.output, &[Format::Pv])?;
        }
        let arrays = inputs::find(session, &self.inputs, &self.raw)?;
        let options = self.pv.write_options()?;
        let readers = readers(options.target);
        let Target::File(path) = Target::new(&self.output, self.force)? else {
            return Err(Failure::usage(
                "a .pv file cannot be written to standard output",
            ));
        };
        let store = Guarded(FileStore::new(&path));
        let total: u64 = arrays.iter().map(|array| array.spec.bytes()).sum();
        let progress = session.progress(total);
        let mut writer = Writer::create(&store, options)?;
        for named in &arrays {
            let mut array = writer.begin_array(&field_path(&named.name), named.spec.clone())?;
            push(&named.open()?, &mut array, |n| progress.inc(n))?;
            array.finish().in_file(&path)?;
        }
        let notes = writer.notes().to_vec();
        writer.commit()?;
        progress.finish_and_clear();
        notes.iter().for_each(|note| session.say(note));
        let n_bytes = path.metadata().in_file(&path)?.len();
        session.say(format_args!(
            "{}: {} arrays, {total} -> {n_bytes} bytes, ratio {:.3}; {readers}",
            path.display(),
            arrays.len(),
            size::ratio(total, n_bytes)
        ));
        Ok(())
    }
}

/// Where a plain array goes: a bare `points` would be the points of a mesh.
pub(super) fn field_path(name: &str) -> String {
    format!("field_data/{name}")
}

/// Pushes all rows of an array, and says how many bytes each piece had.
pub(super) fn push(
    source: &Source,
    array: &mut ArrayWriter<'_>,
    mut done: impl FnMut(u64),
) -> Result<(), Error> {
    windows::for_each(source, 0..source.spec().rows(), |bytes| {
        // Whole rows, in pieces that let the bar move.
        let row_bytes = source.spec().row_bytes() as usize;
        for piece in bytes.chunks(((4 << 20) / row_bytes).max(1) * row_bytes) {
            array.push_rows(piece)?;
            done(piece.len() as u64);
        }
        Ok(())
    })
}
