//! `unpack`: every array of a file into a `.npy` file of its own.

use std::path::PathBuf;

use super::address;
use super::called;
use super::failure::{self, Failure, Outcome};
use super::listing;
use super::opening;
use super::records::{self, Numbered, Records, Saved};
use super::safe_path::SafePaths;
use super::session::Session;
use super::source::{self, Source};
use super::target::Target;
use crate::array::{Array, ArraySpec};
use crate::container::npy::NpyFormat;
use crate::container::{Container, Format as _, NewArray, push_all};
use crate::error::ResultExt;
use crate::validity::Validity;

/// Bytes of another kind are copied in pieces of this size.
const PIECE_BYTES: usize = 1 << 20;

/// Unpack the arrays of a file into .npy files
///
/// Each array becomes DIR/NAME.npy, with the name that ls shows. A slash in a name makes a folder; what could lead out of
/// DIR is percent-encoded. Bytes of another kind, such as the sound of an animation, become a file of that kind. Where some rows have no value, NAME.valid.npy says which have one.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  paginum unpack weather.pv -o weather/
  paginum unpack arrays.npz temperature -o .
  paginum unpack fields.pv --records -o .")]
pub(super) struct Unpack {
    /// File of arrays; - for standard input
    file: PathBuf,
    /// Arrays to unpack; without any, all
    #[arg(value_name = "ARRAY")]
    arrays: Vec<String>,
    /// Also unpack the empty mesh that a .pv of plain arrays has for other programs
    #[arg(long, conflicts_with = "arrays")]
    all: bool,
    /// Join arrays NAME/FIELD of equal length to one structured array NAME: the reverse of pack --fields
    #[arg(long)]
    records: bool,
    /// Folder to write to; it is created if necessary
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// Replace files that exist
    #[arg(short, long)]
    force: bool,
}

impl Unpack {
    pub(super) fn run(&self, session: &Session) -> Outcome {
        if self.output.as_os_str() == "-" {
            return Err(Failure::usage(
                "-o - is no folder; cat FILE ARRAY --format npy writes an array to standard output",
            ));
        }
        let container = opening::open(session, &self.file)?;
        let all = self.chosen(session, &*container)?;
        let mut paths = SafePaths::default();
        let mut planned = Vec::new();
        for saved in all {
            let blob = blob_extension(&*container, &saved).in_file(&self.file)?;
            let extension = blob.unwrap_or(NpyFormat.info().extension());
            let path = address::join(&self.output, &paths.path(saved.name(), extension), false);
            let target = Target::new(&path, self.force);
            planned.push((saved, path, target, blob.is_some()));
        }
        // One that is there already, is damaged, or does not fit on the disk, keeps no other from being written.
        failure::each(planned, |(saved, path, target, is_blob)| {
            let target = target?;
            if let (Target::File { .. }, Some(folder)) = (&target, path.parent()) {
                std::fs::create_dir_all(folder).in_file(folder)?;
            }
            let (index, name) = match &saved {
                Saved::Plain(numbered) => numbered,
                Saved::Records { fields, .. } => {
                    self.save_records(session, &*container, fields, &target)?;
                    session.say(path.display());
                    return Ok(());
                }
            };
            let source = source::array_of(&*container, *index, &self.file)?;
            if is_blob {
                save_bytes(&source, &target)?;
                session.say(path.display());
                return Ok(());
            }
            save(session, &source, &target)?;
            session.say(path.display());
            let validity = container.validity(*index).in_array(name);
            if let Some(validity) = validity.in_file(&self.file)? {
                let name = format!("{name}.valid");
                let path = paths.path(&name, NpyFormat.info().extension());
                let path = address::join(&self.output, &path, false);
                save_mask(&mask(&validity)?, &Target::new(&path, self.force)?)?;
                session.say(path.display());
            }
            Ok(())
        })
    }

    /// The arrays that are to be written, and records where their fields are to be one.
    fn chosen(&self, session: &Session, container: &dyn Container) -> Result<Vec<Saved>, Failure> {
        let indices: Vec<usize> = match self.arrays.as_slice() {
            [] => {
                let all = listing::indices(container, self.all);
                listing::readable(session, container, all, &self.file)?
            }
            names => {
                let find = |name: &String| container.find(name).in_file(&self.file);
                names.iter().map(find).collect::<crate::Result<_>>()?
            }
        };
        let names = called::shown_with(container, self.all);
        let name = |index: usize| (index, called::shown_one(container, &names, index));
        let named = indices.into_iter().map(name).collect();
        Ok(match self.records {
            true => records::gather(container, named).in_file(&self.file)?,
            false => named.into_iter().map(Saved::Plain).collect(),
        })
    }

    /// Writes fields as one array of records.
    fn save_records(
        &self,
        session: &Session,
        container: &dyn Container,
        fields: &[Numbered],
        target: &Target,
    ) -> Outcome {
        let open = |(index, field): &Numbered| {
            let source = source::array_of(container, *index, &self.file)?;
            Ok::<_, Failure>((field.clone(), source))
        };
        let fields = fields.iter().map(open).collect::<Result<_, _>>()?;
        let records = Records::new(fields).in_file(&self.file)?;
        let progress = session.progress(records.bytes()?);
        let write = || {
            let mut writer = NpyFormat.create(&*target.store()?)?;
            records.write(&mut *writer, |n| progress.inc(n))?;
            writer.commit()
        };
        let written = write();
        progress.finish_and_clear();
        written?.notes.iter().for_each(|note| session.say(note));
        Ok(())
    }
}

/// The extension of the file that an array is, where it is the bytes of one.
fn blob_extension(container: &dyn Container, saved: &Saved) -> crate::Result<Option<&'static str>> {
    match saved {
        Saved::Plain((index, _)) => Ok(container.entry(*index)?.file_extension),
        Saved::Records { .. } => Ok(None),
    }
}

/// Writes bytes as they are.
fn save_bytes(source: &Source, target: &Target) -> Outcome {
    target.write(|out| {
        let rows = source.spec().rows();
        for start in (0..rows).step_by(PIECE_BYTES) {
            let end = rows.min(start + PIECE_BYTES as u64);
            let mut piece = vec![0; (end - start) as usize];
            source.reader().read_rows_into(start..end, &mut piece)?;
            out.write_all(&piece)?;
        }
        Ok(())
    })?;
    Ok(())
}

/// Writes a mask as an array.
fn save_mask(mask: &Array, target: &Target) -> Outcome {
    let mut writer = NpyFormat.create(&*target.store()?)?;
    let mut sink = writer.begin(NewArray::new("", mask.spec()))?;
    sink.push_rows(mask.bytes())?;
    sink.finish()?;
    writer.commit()?;
    Ok(())
}

/// Writes an array as a `.npy` file, its rows without a value as zeroes.
fn save(session: &Session, source: &Source, target: &Target) -> Outcome {
    let progress = session.progress(source.spec().bytes());
    let write = || {
        let mut writer = NpyFormat.create(&*target.store()?)?;
        let array = NewArray::new("", source.spec()).with_record(source.record());
        let mut sink = writer.begin(array)?;
        push_all(source.reader(), None, &mut *sink, &|n| progress.inc(n))?;
        sink.finish()?;
        writer.commit()
    };
    let written = write();
    progress.finish_and_clear();
    written?.notes.iter().for_each(|note| session.say(note));
    Ok(())
}

/// Which rows have a value, as bools.
fn mask(validity: &Validity) -> crate::Result<Array> {
    let mut bytes = vec![0; validity.len()];
    for run in validity.valid_runs(0..validity.len()) {
        bytes[run].fill(1);
    }
    let spec = ArraySpec::new("|b1".parse()?, [bytes.len() as u64])?;
    Array::from_bytes(spec, &bytes)
}
