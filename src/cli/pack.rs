//! `pack`: arrays of several files into one `.pv`.

use std::path::PathBuf;

use super::failure::Outcome;
use super::format::{self, Format};
use super::inputs;
use super::pv_options::PvOptions;
use super::raw_options::RawOptions;
use super::session::Session;
use super::size;
use super::target::Target;
use crate::container::{Format as _, write_array};
use crate::text::counted;

/// Pack arrays of several files into one .pv file
///
/// Arrays are named after their files, or as their files name them, and become field data. Each gets the
/// filter that --goal favours; the filters of this project's own are read by this program alone. With --compat 0.7
/// pyvista-zstd reads the file, too: as an empty mesh that carries the arrays.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  paginum pack temperature.npy station.npy -o weather.pv
  paginum pack temperature.npy station.npy -o weather.pv --compat 0.7
  paginum pack *.npy -o weather.pv --filter numeric --filter station=shuffle
  paginum pack arrays.npz samples.bin --dtype f32 -o all.pv")]
pub(super) struct Pack {
    #[arg(required = true, value_name = "IN", help = format::inputs("Files to pack"))]
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
        let pv = self.pv.format()?;
        Format::of_output(&self.output, &[Format::Arrays(pv.info())])?;
        let arrays = inputs::find(session, &self.inputs, &self.raw, Some(pv.info().name))?;
        let names = arrays.iter().map(|named| named.name.as_str());
        self.pv.check_filters(pv.info().plain_folder, names)?;
        let target = Target::new(&self.output, self.force)?;
        target.check_takes_bytes(self.force)?;
        let store = target.store()?;
        let total: u64 = arrays.iter().map(|array| array.spec.bytes()).sum();
        let progress = session.progress(total);
        let mut writer = pv.create(&*store)?;
        for named in &arrays {
            let array = named.open()?;
            write_array(&array, &named.name, &mut *writer, &|n| progress.inc(n))?;
        }
        let report = writer.commit()?;
        progress.finish_and_clear();
        report.notes.iter().for_each(|note| session.say(note));
        let (name, arrays) = (target.name(), counted(arrays.len(), "array"));
        let size = target.n_bytes().map_or_else(String::new, |n_bytes| {
            let ratio = size::ratio(total, n_bytes);
            format!(", {total} -> {n_bytes} bytes, ratio {ratio:.3}")
        });
        session.say(format_args!(
            "{name}: {arrays}{size}; {}",
            self.pv.readers()
        ));
        Ok(())
    }
}
