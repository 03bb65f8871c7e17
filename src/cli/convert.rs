//! `convert`: from one format to another.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::failure::{Failure, Outcome};
use super::format::{self as promise, Format as Promise};
use super::pv_options::PvOptions;
use super::raw_options::RawOptions;
use super::session::Session;
use super::target::Target;
use super::{address, called, inputs, listing, opening};
use crate::container::pzp::{PzpFormat, PzpOptions};
use crate::container::{
    ArrayHandle, ConvertOptions, File, Format, FormatInfo, Formats, OpenOptions, Trait, convert,
};
use crate::error::{Error, ErrorKind, ResultExt};
use crate::storage::ReadAt;
use crate::text::counted;

/// Convert arrays from one format into another
///
/// The extension of OUTPUT decides its format. A mesh stays a mesh from .pv to .pv; plain arrays become field data of a .pv.
/// An array that the format cannot hold is an error, and --select leaves it out. What the format has no place for beside
/// arrays is said in a line.
///
/// A .csv holds arrays of equal length side by side, under a line of names. Numbers are written so that they read back
/// exactly. When a .csv is read, each column becomes int64, uint64, float64, bool, datetime64 (2024-05-01T12:00:00, or with a
/// space for the T), timedelta64 (90s) or text, whichever fits all of its cells; --dtype sets one type for all columns. A column
/// with a cell in quotes is text, unless everything is in quotes. Integers beyond 2^53 in a column that also has fractions are
/// read as text: float64 would round them. A .csv whose first line has no comma may be separated by semicolons or tabs, and a line sep=;
/// before the names, as Excel writes it, says what separates. A .tsv is the same with tabs.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  paginum convert arrays.npz arrays.pv
  paginum convert mesh.pv arrays.npz
  paginum convert mesh.pv points.npy --array points
  paginum convert arrays.gnz few.npz --select time,temperature
  paginum convert points.npy points.csv
  paginum convert samples.csv samples.npz --dtype f32
  paginum convert frames.npy clip.pzp --best
  paginum convert old.pv new.pv --compat 0.2")]
pub(super) struct Convert {
    #[arg(help = promise::inputs("File to convert"))]
    input: PathBuf,
    #[arg(help = promise::outputs("File to write"))]
    output: PathBuf,
    /// Convert only this array
    #[arg(long, value_name = "NAME", conflicts_with = "select")]
    array: Option<String>,
    /// Convert only these arrays, in this order
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    select: Vec<String>,
    /// Replace a file that exists
    #[arg(short, long)]
    force: bool,
    /// Make a .pzp as small as its settings can; slow
    #[arg(long)]
    best: bool,
    #[command(flatten)]
    raw: RawOptions,
    #[command(flatten)]
    pv: PvOptions,
}

impl Convert {
    pub(super) fn run(&self, session: &Session) -> Outcome {
        let pictures = PzpOptions::default().with_best(self.best);
        let formats = self.pv.formats()?.with(Arc::new(PzpFormat::new(pictures)));
        let format = self.promised(&formats)?;
        let info = format.info();
        self.pv.check_format(info, &self.output)?;
        if self.best && PzpFormat::new(pictures).info() != info {
            let output = self.output.display();
            return Err(Failure::usage(format!(
                "--best is for .pzp files, and {output} is none"
            )));
        }
        let target = Target::new(&self.output, self.force)?;
        // Opened once: standard input cannot be read twice.
        let store = session.open(&self.input)?;
        let file = opening::open_store_or_raw(session, &self.input, store.clone(), &self.raw)?;
        let is_whole = self.array.is_none() && self.select.is_empty();
        if file.format() == info && info.has(Trait::Documents) && is_whole {
            return self.copy(session, &file, store, &*format, &target);
        }
        let arrays = self.arrays(session, &file, info)?;
        if info.has(Trait::OneArray) && arrays.len() != 1 {
            let n = arrays.len();
            return Err(Failure::usage(format!(
                "the input holds {n} arrays, and a .{} holds one: name it by --array",
                info.name
            )));
        }
        let n_arrays = arrays.len();
        self.write(session, &file, arrays, &*format, &target)?;
        listing::say_left_behind(session, &*file, &self.input, info.name);
        self.say_done(session, n_arrays, &target)
    }

    fn say_done(&self, session: &Session, n_arrays: usize, target: &Target) -> Outcome {
        let (input, output) = (self.input.display(), self.output.display());
        let arrays = counted(n_arrays, "array");
        let size = target
            .n_bytes()
            .map_or_else(String::new, |n| format!(", {}", counted(n, "byte")));
        session.say(format_args!("{input} -> {output}: {arrays}{size}"));
        Ok(())
    }

    /// The format that the name of the output promises, of those that say themselves what they hold.
    fn promised(&self, formats: &Formats) -> Result<Arc<dyn Format>, Failure> {
        let output = &self.output;
        let say = |format: &&Arc<dyn Format>| !format.info().has(Trait::Bare);
        let known = formats.iter().filter(say);
        let known: Vec<_> = known.map(|format| Promise::Arrays(format.info())).collect();
        if let Err(refused) = Promise::promised(output, &known) {
            return Err(match is_of_cat(output) {
                true => {
                    let (input, output) = (self.input.display(), output.display());
                    let words = format!("{refused}; cat {input} -o {output} writes rows there");
                    Failure::usage(words)
                }
                false => refused,
            });
        }
        let format = formats.promised(&address::without_gz(output));
        let unknown = || Failure::usage(format!("{}: an unknown extension", output.display()));
        format.cloned().ok_or_else(unknown)
    }

    /// Copies a file with all that it is.
    fn copy(
        &self,
        session: &Session,
        file: &File,
        bytes: Arc<dyn ReadAt>,
        format: &dyn Format,
        target: &Target,
    ) -> Outcome {
        let paths = file.arrays().map(|array| array.path().to_owned());
        let names: Vec<String> = paths.chain(called::shown(&**file)).collect();
        let folder = format.info().plain_folder;
        self.pv
            .check_filters(folder, names.iter().map(String::as_str))?;
        let options = OpenOptions::default()
            .with_limits(session.limits())
            .with_name(self.input.display().to_string());
        // What fails at the output names that itself.
        let report = format.copy(bytes, &options, &*target.store()?);
        let report = report.in_file(&self.input)?;
        let notes = report.unwrap_or_default().notes;
        notes.iter().for_each(|note| session.say(note));
        self.say_done(session, file.n_arrays(), target)
    }

    /// The arrays that are asked for, and the names that they are to have.
    fn arrays(
        &self,
        session: &Session,
        file: &File,
        info: &FormatInfo,
    ) -> Result<Vec<(ArrayHandle, String)>, Failure> {
        let named: Vec<&String> = self.array.iter().chain(&self.select).collect();
        let indices = match named.as_slice() {
            [_, ..] => self.find_all(file, &named)?,
            [] => {
                let plain = listing::plain_arrays(&**file).in_file(&self.input)?;
                listing::readable(session, &**file, plain, &self.input)?
            }
        };
        let names = called::shown(&**file);
        let mut arrays = Vec::new();
        for index in indices {
            if !info.has(Trait::Nulls) {
                inputs::check_has_no_nulls(&**file, index).in_file(&self.input)?;
            }
            let name = called::shown_one(&**file, &names, index);
            arrays.push((file.array_at(index), name));
        }
        Ok(arrays)
    }

    /// The numbers of the arrays of these names, each once.
    fn find_all(&self, file: &File, names: &[&String]) -> Result<Vec<usize>, Failure> {
        let mut indices = Vec::new();
        for name in names {
            let index = file.find(name).in_file(&self.input)?;
            if indices.contains(&index) {
                return Err(Failure::usage(format!("--select names {name:?} twice")));
            }
            indices.push(index);
        }
        Ok(indices)
    }

    fn write(
        &self,
        session: &Session,
        file: &File,
        arrays: Vec<(ArrayHandle, String)>,
        format: &dyn Format,
        target: &Target,
    ) -> Outcome {
        let info = format.info();
        if info.has(Trait::Filters) {
            let names = arrays.iter().map(|(_, name)| name.as_str());
            self.pv.check_filters(info.plain_folder, names)?;
        }
        let mut n_bytes = 0;
        for (array, name) in &arrays {
            let entry = array.entry().in_file(&self.input)?;
            n_bytes += entry.decoded_bytes;
            let keeps_fields = info.has(Trait::Records) || info.has(Trait::Columns);
            if !keeps_fields && !info.has(Trait::OneArray) {
                inputs::say_opaque(session, &self.input, name, &entry);
            }
        }
        let (n_arrays, progress) = (arrays.len(), session.progress(n_bytes));
        let mut writer = format.create(&*target.store()?)?;
        let done = |n| progress.inc(n);
        let options = ConvertOptions::default()
            .with_arrays(arrays)
            .with_progress(&done);
        let refused = |error: Error| match error.kind() {
            // It is the array that does not fit, and not the output.
            ErrorKind::Unsupported | ErrorKind::InvalidArgument if n_arrays > 1 => {
                let hint = "convert --select NAME,... leaves out what the format cannot hold";
                Failure::Hinted(error.in_file(&self.input), hint.to_owned())
            }
            ErrorKind::Unsupported if Promise::Arrays(info) == Promise::png() => {
                let (input, output) = (self.input.display(), self.output.display());
                let hint = format!("view {input} -o {output} draws numbers");
                Failure::Hinted(error.in_file(&self.input), hint)
            }
            ErrorKind::Unsupported | ErrorKind::InvalidArgument => {
                error.in_file(&self.input).into()
            }
            _ => error.into(),
        };
        convert(file, &mut *writer, &options).map_err(refused)?;
        let report = writer.commit().map_err(refused)?;
        progress.finish_and_clear();
        report.notes.iter().for_each(|note| session.say(note));
        Ok(())
    }
}

/// Whether `cat` writes outputs of this name, and `convert` does not.
fn is_of_cat(output: &Path) -> bool {
    let written = [Promise::raw(), Promise::Text, Promise::Json];
    promise::is_stream(output) || Promise::promised(output, &written).is_ok()
}
