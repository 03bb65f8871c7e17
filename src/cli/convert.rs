//! `convert`: from one format to another.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use super::columns::Columns;
use super::csv::Lines;
use super::failure::{Failure, Outcome};
use super::format::Format;
use super::inputs::{self, Named};
use super::listing;
use super::opening;
use super::pack::{FIELD_DATA, field_path, push};
use super::pv_options::PvOptions;
use super::raw_options::RawOptions;
use super::rows::Selection;
use super::session::Session;
use super::size;
use super::source::Source;
use super::target::Target;
use super::{append, called, cat, unpack, windows};
use crate::container::npz::NpzWriter;
use crate::container::pco::{PcoOptions, PcoWriter};
use crate::container::pv::{self, PvFormat, Reader, Writer};
use crate::container::{Container, File, Format as _, OpenOptions};
use crate::error::ResultExt;
use crate::storage::ReadAt;
use crate::wrapped::ChunkConfig;

/// Convert between .pv, .npz, .npy, .pco and .csv
///
/// The extension of OUTPUT decides its format. A mesh stays a mesh from .pv to .pv; plain arrays become field data of a .pv.
/// An array that the format cannot hold is an error.
///
/// A .csv holds arrays of equal length side by side, under a line of names. Numbers are written so that they read back
/// exactly. When a .csv is read, each column becomes int64, uint64, float64, bool, datetime64 (2024-05-01T12:00:00) or text,
/// whichever fits all of its cells; --dtype sets one type for all columns. Spans of time are read as text. So are integers
/// beyond 2^53 in a column that also has fractions: float64 would round them.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  paginum convert arrays.npz arrays.pv
  paginum convert mesh.pv arrays.npz
  paginum convert mesh.pv points.npy --array points
  paginum convert points.npy points.csv
  paginum convert samples.csv samples.npz --dtype f32
  paginum convert old.pv new.pv --compat 0.2")]
pub(super) struct Convert {
    /// File to convert; - for standard input
    input: PathBuf,
    /// File to write
    output: PathBuf,
    /// Convert only this array
    #[arg(long, value_name = "NAME")]
    array: Option<String>,
    /// Replace a file that exists
    #[arg(short, long)]
    force: bool,
    #[command(flatten)]
    raw: RawOptions,
    #[command(flatten)]
    pv: PvOptions,
}

impl Convert {
    pub(super) fn run(&self, session: &Session) -> Outcome {
        let formats = [
            Format::Pv,
            Format::Npz,
            Format::Npy,
            Format::Pco,
            Format::Csv,
        ];
        let format = Format::promised(&self.output, &formats)?;
        let target = Target::new(&self.output, self.force)?;
        // Opened once: standard input cannot be read twice.
        let store = session.open(&self.input)?;
        let container = opening::open_store_or_raw(session, &self.input, store.clone(), &self.raw)?;
        if format == Format::Pv && container.format() == PvFormat.info() && self.array.is_none() {
            return self.copy_pv(session, store, &target);
        }
        let arrays = self.arrays(session, &container, format)?;
        match format {
            Format::Csv => write_csv(&container, &arrays, &target),
            Format::Pv => self.write_pv(session, &arrays, &target),
            Format::Npz => self.write_npz(&arrays, &target),
            Format::Npy => unpack::save(session, &only(&arrays)?, &target),
            _ => self.write_pco(&only(&arrays)?, &target),
        }?;
        self.say_done(session, arrays.len(), &target)
    }

    fn say_done(&self, session: &Session, n_arrays: usize, target: &Target) -> Outcome {
        let (input, output) = (self.input.display(), self.output.display());
        let arrays = size::counted(n_arrays, "array");
        let size = target
            .n_bytes()
            .map_or_else(String::new, |n| format!(", {n} bytes"));
        session.say(format_args!("{input} -> {output}: {arrays}{size}"));
        Ok(())
    }

    /// Copies a `.pv` with all that it is.
    fn copy_pv(&self, session: &Session, store: Arc<dyn ReadAt>, target: &Target) -> Outcome {
        let options = OpenOptions::default()
            .with_limits(session.limits())
            .with_name(self.input.display().to_string());
        let reader = Reader::open(store, &options).in_file(&self.input)?;
        let paths = (0..reader.n_arrays()).map(|index| reader.path(index));
        let bare = called::shown(&reader);
        let names: Vec<&str> = paths.chain(bare.iter().map(String::as_str)).collect();
        self.pv.check_filters(FIELD_DATA, names)?;
        append::say(
            session,
            &pv::copy(&reader, &*target.store()?, self.pv.copy_options(&reader)?)?,
        );
        self.say_done(session, reader.n_arrays(), target)
    }

    /// The arrays that are asked for, under the names that they are to have.
    fn arrays<'a>(
        &self,
        session: &'a Session,
        container: &File,
        format: Format,
    ) -> Result<Vec<Named<'a>>, Failure> {
        let indices = match &self.array {
            Some(name) => vec![container.find(name).in_file(&self.input)?],
            None => {
                let plain = listing::plain_arrays(&**container).in_file(&self.input)?;
                listing::readable(session, &**container, plain, &self.input)?
            }
        };
        let names = called::shown(&**container);
        // A .csv has a place for them, the empty cell; a .pv says for itself what it can hold.
        if !matches!(format, Format::Csv | Format::Pv) {
            for &index in &indices {
                inputs::check_has_no_nulls(&**container, index).in_file(&self.input)?;
            }
        }
        let named = |index| (index, called::shown_one(&**container, &names, index));
        let arrays = indices.into_iter().map(named);
        Ok(inputs::of_file(session, &self.input, container, arrays)?)
    }

    fn write_pv(&self, session: &Session, arrays: &[Named], target: &Target) -> Outcome {
        let names = arrays.iter().map(|named| named.name.as_str());
        self.pv.check_filters(FIELD_DATA, names)?;
        let store = target.store()?;
        let mut writer = Writer::create(&*store, self.pv.write_options()?)?;
        for named in arrays {
            named.say_opaque();
            let mut array = writer.begin_array(&field_path(&named.name), named.spec.clone())?;
            push(named, &mut array, |_| ())?;
            array.finish().in_file(store.url())?;
        }
        writer.notes().iter().for_each(|note| session.say(note));
        writer.commit()?;
        Ok(())
    }

    fn write_npz(&self, arrays: &[Named], target: &Target) -> Outcome {
        target.write(|out| {
            let mut writer = NpzWriter::new(out);
            for named in arrays {
                let mut array = match &named.record {
                    Some(record) => writer.begin_records(&named.name, record, &named.spec)?,
                    None => writer.begin_array(&named.name, &named.spec)?,
                };
                windows::for_each(&named.open()?, 0..named.spec.rows(), |bytes| {
                    Ok::<_, Failure>(array.write_all(bytes)?)
                })?;
            }
            Ok(writer.finish()?)
        })?;
        Ok(())
    }

    fn write_pco(&self, source: &Source, target: &Target) -> Outcome {
        let options = PcoOptions {
            config: ChunkConfig::default().with_level(self.pv.numeric_level()),
            ..PcoOptions::default()
        };
        target.write(|out| {
            let mut writer =
                PcoWriter::new(source.spec().clone(), options, out).in_file(source.file())?;
            windows::for_each(source, 0..source.spec().rows(), |bytes| writer.push(bytes))?;
            writer.finish()?;
            Ok(())
        })?;
        Ok(())
    }
}

/// Writes arrays of equal length side by side, those of records by their fields.
fn write_csv(container: &File, arrays: &[Named], target: &Target) -> Outcome {
    let mut columns = Vec::new();
    for named in arrays {
        columns.extend(cat::columns_of(
            &**container,
            named.index(),
            named.file(),
            &named.name,
            true,
        )?);
    }
    let columns = Columns::new(columns)?;
    Lines::Csv.check(&columns)?;
    let rows = Selection::all(0..columns.n_rows());
    target.write(|out| {
        out.write_all(Lines::Csv.header(&columns).as_bytes())?;
        columns.for_each(&rows, |piece| Ok(Lines::Csv.write(piece, out)?))
    })?;
    Ok(())
}

fn only(arrays: &[Named]) -> Result<Source, Failure> {
    match arrays {
        [named] => Ok(named.open()?),
        _ => {
            let n = arrays.len();
            Err(Failure::usage(format!(
                "the input holds {n} arrays: name one by --array"
            )))
        }
    }
}
