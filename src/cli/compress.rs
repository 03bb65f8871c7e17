//! `compress`: arrays into `.pco` files.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::failure::{self, Failure, Outcome, Tally};
use super::format::{self, Format};
use super::inputs;
use super::listing;
use super::opening;
use super::outputs::{Job, Place};
use super::raw_options::RawOptions;
use super::safe_path::SafePaths;
use super::session::Session;
use super::source;
use super::spelled::Spelled;
use super::target::Target;
use super::walk::{self, Input};
use super::{called, size};
use crate::container::pco::{PcoFormat, PcoOptions};
use crate::container::{Format as _, NewArray, push_all};
use crate::error::ResultExt;
use crate::text::counted;
use crate::wrapped::{self, ChunkConfig, DeltaSpec, ModeSpec};

/// The wire format has no larger number.
const MAX_CHUNK_N: i64 = wrapped::config::MAX_CHUNK_N as i64;

/// Compress arrays into .pco files, which every pco can read
///
/// x.npy becomes x.pco beside it. Of a file of several arrays, such as x.npz, each becomes x/NAME.pco. A .pco file keeps
/// dtype, shape, order and checksums where other programs do not look for them; these see the numbers in C order.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  paginum compress temperature.npy
  paginum compress *.npy --level 12 -o compressed/
  paginum compress -r measurements/
  paginum compress samples.bin --dtype float32
  generate | paginum compress - --dtype int64 > numbers.pco")]
pub(super) struct Compress {
    #[arg(required = true, value_name = "IN", help = format::inputs("Files to compress"))]
    inputs: Vec<PathBuf>,
    /// The file to write, or a folder for several; - for standard output; default: beside the input
    #[arg(short, long, value_name = "OUT.pco")]
    output: Option<PathBuf>,
    /// For each IN that is a folder, compress all .npy, .npz and NAME.TYPE.bin files in it and in its subfolders
    #[arg(short, long)]
    recursive: bool,
    /// From 0 (fastest) to 12 (smallest); 13 is smaller at times, and slow to read
    #[arg(short, long, default_value_t = wrapped::config::DEFAULT_LEVEL)]
    level: u32,
    /// How numbers are split into parts that compress better
    #[arg(long, default_value = "auto", value_parser = Spelled::<ModeSpec>::new(&ModeSpec::SPELLINGS))]
    mode: ModeSpec,
    /// How neighbours are subtracted from one another
    #[arg(long, default_value = "auto", value_parser = Spelled::<DeltaSpec>::new(&DeltaSpec::SPELLINGS))]
    delta: DeltaSpec,
    /// Numbers in a chunk, the unit of compression and of reading
    #[arg(long, default_value_t = 1 << 18, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=MAX_CHUNK_N))]
    chunk_n: u32,
    /// Write what pco writes and nothing else: without shape, checksums, and dtypes that pco does not know
    #[arg(long)]
    plain: bool,
    /// Store where rows lie within chunks: single rows are read faster, files are up to 1.5 % larger
    #[arg(long, conflicts_with = "plain")]
    row_index: bool,
    /// Replace files that exist
    #[arg(short, long)]
    force: bool,
    #[command(flatten)]
    raw: RawOptions,
}

impl Compress {
    pub(super) fn run(&self, session: &Session) -> Outcome {
        let (inputs, found) = walk::find(
            &self.inputs,
            walk::Folders::if_recursive(self.recursive),
            &|path| self.takes(path),
        );
        let mut tally = Tally::default();
        tally.add(found);
        let mut jobs = Vec::new();
        tally.add(failure::each(&inputs, |input| {
            jobs.extend(self.jobs(session, input)?);
            Ok(())
        }));
        if !jobs.is_empty() {
            let place = Place::of(self.output.as_deref(), &jobs)?;
            let by_name = |path: &Path| Format::of_output(path, &[Format::pco()]);
            let format = place.decide(by_name, Format::pco())?;
            let targets = place.targets(&jobs, format.extension(), self.force)?;
            tally.add(failure::each(jobs.iter().zip(targets), |(job, target)| {
                let target = &target?;
                target.check_takes_bytes(self.force)?;
                place.make_folder_of(target)?;
                self.compress(session, job, target)
            }));
        }
        tally.outcome()
    }

    /// Whether a file in a folder is one to compress.
    fn takes(&self, path: &Path) -> bool {
        match Format::of(path) {
            Some(format) if format == Format::raw() => self.raw.is_given(path),
            Some(format) => format == Format::npy() || format == Format::npz(),
            None => false,
        }
    }

    /// What becomes of an input: its array, or each of its arrays.
    fn jobs(&self, session: &Session, input: &Input) -> Result<Vec<Job>, Failure> {
        let path = &input.path;
        let whole = |member| Job {
            input: input.clone(),
            member,
        };
        // What these names promise may hold several; of all else there is one array, or an error when it is its turn.
        let holds_several = Format::of(path).is_some_and(Format::may_hold_several);
        if self.raw.is_given(path) || !holds_several {
            return Ok(vec![whole(None)]);
        }
        let container = match opening::open_or_raw(session, path, &self.raw) {
            Ok(container) => container,
            // It is bad when it is its turn.
            Err(_) if Format::of(path) == Some(Format::npy()) => return Ok(vec![whole(None)]),
            Err(failure) => return Err(failure),
        };
        let names = called::shown(&*container);
        let plain = listing::plain_arrays(&*container).in_file(path)?;
        if plain.len() == 1 {
            return Ok(vec![whole(None)]);
        }
        listing::say_left_behind(session, &*container, path, Format::pco().extension());
        let indices = listing::readable(session, &*container, plain, path)?;
        let mut paths = SafePaths::default();
        let member = |index: usize| (index, paths.path(&names[index], Format::pco().extension()));
        Ok(indices
            .into_iter()
            .map(member)
            .map(Some)
            .map(whole)
            .collect())
    }

    fn compress(&self, session: &Session, job: &Job, target: &Target) -> Outcome {
        let input = &job.input.path;
        let container = opening::open_or_raw(session, input, &self.raw)?;
        let index = match &job.member {
            Some((index, _)) => *index,
            None => {
                let output = Format::pco().extension();
                listing::say_left_behind(session, &*container, input, output);
                inputs::only(&*container, input)?
            }
        };
        inputs::check_has_no_nulls(&*container, index).in_file(input)?;
        let source = source::array_of(&*container, index, input)?;
        let spec = source.spec().clone();
        let progress = session.progress(spec.bytes());
        let name = called::shown_one(&*container, &called::shown(&*container), index);
        let format = PcoFormat::default().with_options(self.options());
        let mut writer = format.create(&*target.store()?)?;
        let started = Instant::now();
        let mut sink = writer.begin(NewArray::new(&name, &spec)).in_file(input)?;
        push_all(source.reader(), None, &mut *sink, &|n| progress.inc(n))?;
        sink.finish()?;
        // Without the wait for the disk, which says nothing of compression.
        let seconds = started.elapsed().as_secs_f64();
        let n_bytes = writer.commit()?.n_bytes;
        progress.finish_and_clear();
        session.say(format_args!(
            "{} -> {}: {} -> {}, ratio {:.3}, {:.0} MB/s",
            input.display(),
            target.name(),
            spec.bytes(),
            counted(n_bytes, "byte"),
            size::ratio(spec.bytes(), n_bytes),
            size::megabytes_per_second(spec.bytes(), seconds),
        ));
        Ok(())
    }

    fn options(&self) -> PcoOptions {
        PcoOptions {
            config: ChunkConfig::default()
                .with_level(self.level)
                .with_mode_spec(self.mode)
                .with_delta_spec(self.delta),
            chunk_n: self.chunk_n as usize,
            has_trailer: !self.plain,
            has_row_indexes: self.row_index,
        }
    }
}
