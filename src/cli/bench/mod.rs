//! `bench`: this project beside others, on the user's own arrays.
//!
//! One thread, everything in memory. Rounds go codec by codec, so that a machine that slows down slows all of them; a speed
//! is the median of the rounds, and every decompressed byte is compared.

mod codec;
mod files;
mod goals;
#[cfg(feature = "peers")]
mod rival;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use super::called;
use super::failure::{Failure, Outcome};
use super::interrupt;
use super::listing;
use super::opening;
use super::raw_options::{self, RawOptions};
use super::session::Session;
use super::source;
use super::spelled::Spelled;
use super::table::Table;
use super::{size, stdio};
use crate::array::{Array, ArraySpec};
use crate::container::Container;
use crate::error::Error;
use crate::filter::{Filter, Goal};
use codec::{Codec, codecs};

/// Measure sizes and speeds on your own arrays, beside zstd and byte shuffling + zstd
///
/// Takes the files that compress takes, .pv files, and folders of such files. Each codec runs in memory on one thread. A
/// speed is the median of all rounds, and what is decompressed is compared with the original. Arrays that are empty or
/// cannot be read are skipped with a message.
///
/// With --goal the filters of .pv files are measured instead, as they are stored, on as many threads as --threads says. decode
/// ps/B is the price that is charged for decoding a byte, in picoseconds: it comes from a table and not from this run, so that
/// the same array gets the same filter everywhere. price is what the goal compares: bytes, or nanoseconds of reading at 4 GB/s
/// and decoding; a filter without one is not considered for this goal. The star is the filter that it favours for the whole
/// array, where pack asks a sample of 1 MiB.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  paginum bench temperature.npy
  paginum bench arrays/ --levels 4,8,12,13 --rounds 9
  paginum bench arrays/ --goal speed")]
pub(super) struct Bench {
    /// Files or folders of arrays
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Levels of paginum to measure
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "4,8,12",
        value_name = "N,N"
    )]
    levels: Vec<u32>,
    /// Measure filters of .pv files and mark the one that pack --goal favours
    #[arg(long, value_name = "GOAL", conflicts_with = "levels", value_parser = Spelled::<Goal>::new(&["size", "balanced", "speed"]))]
    goal: Option<Goal>,
    /// How many times each codec compresses and decompresses each array
    #[arg(long, default_value = "5", value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    #[command(flatten)]
    raw: RawOptions,
}

/// What one codec did to one array.
struct Row {
    codec: String,
    filter: Option<Arc<dyn Filter>>,
    n_bytes: u64,
    compress_seconds: Vec<f64>,
    decompress_seconds: Vec<f64>,
}

impl Bench {
    pub(super) fn run(&self, session: &Session) -> Outcome {
        let inputs = files::find(&self.paths)?;
        let progress = session.progress(inputs.iter().map(|input| input.n_bytes).sum());
        let mut table = match self.goal {
            Some(goal) => goals::table(goal),
            None => Table::new([
                "array",
                "dtype",
                "#bytes",
                "codec",
                "#ratio",
                "#compress MB/s",
                "#decompress MB/s",
            ]),
        };
        for input in &inputs {
            // One file that cannot be read, or an array of it, keeps no other from its turn.
            if let Err(failure) = self.bench_file(session, &input.path, &mut table) {
                match failure {
                    failure if interrupt::is_requested() => return Err(failure),
                    Failure::Error(error) | Failure::Hinted(error, _) => {
                        session.skip(&error.in_file(&input.path))
                    }
                    Failure::Usage(what) => session.skip(&Error::invalid(what)),
                    failure @ Failure::Said(_) => return Err(failure),
                }
            }
            progress.inc(input.n_bytes);
        }
        progress.finish_and_clear();
        stdio::write(|out| write!(out, "{table}"));
        Ok(())
    }

    /// Adds the rows of all arrays of a file.
    fn bench_file(&self, session: &Session, path: &Path, table: &mut Table) -> Outcome {
        let container = opening::open_or_raw(session, path, &self.raw)?;
        let (all, names) = (0..container.n_arrays(), called::shown(&*container));
        for index in listing::readable(session, &*container, all, path)? {
            let name = match called::has_names(&*container) {
                true => format!("{}/{}", raw_options::stem(path).display(), names[index]),
                false => names[index].clone(),
            };
            if container.entry(index)?.decoded_bytes == 0 {
                session.say(format_args!(
                    "{}: array {:?} is empty: nothing to measure; skipped",
                    path.display(),
                    names[index]
                ));
                continue;
            }
            match self.bench_array(session, &*container, index, path) {
                Ok((spec, rows)) => self.push_rows(table, &name, &spec, rows),
                Err(error) if interrupt::is_requested() => return Err(error.into()),
                Err(error) => session.skip(&error),
            }
        }
        Ok(())
    }

    /// What each codec does to an array.
    fn bench_array(
        &self,
        session: &Session,
        container: &dyn Container,
        index: usize,
        path: &Path,
    ) -> Result<(ArraySpec, Vec<Row>), Error> {
        let place = |error: Error| called::in_array(container, index, error).in_file(path);
        let source = source::array_of(container, index, path)?;
        let mut array = Array::zeroed(source.spec().clone(), &session.limits()).map_err(place)?;
        source.read_rows_into(0..source.spec().rows(), array.bytes_mut())?;
        let array = codec::in_native_order(array).map_err(place)?;
        let rows = self.measure(&array).map_err(place)?;
        Ok((array.spec().clone(), rows))
    }

    /// Adds what the codecs did to an array.
    fn push_rows(&self, table: &mut Table, name: &str, spec: &ArraySpec, rows: Vec<Row>) {
        match self.goal {
            Some(goal) => goals::push_rows(table, goal, name, spec, rows),
            None => rows
                .into_iter()
                .for_each(|row| table.push(cells(name, spec, row))),
        }
    }

    fn measure(&self, array: &Array) -> Result<Vec<Row>, Error> {
        let all = match self.goal {
            Some(_) => codec::filters(),
            None => codecs(&self.levels),
        };
        let codecs: Vec<Box<dyn Codec>> = all
            .into_iter()
            .filter(|codec| codec.accepts(array))
            .collect();
        let mut rows: Vec<Row> = codecs
            .iter()
            .map(|codec| Row {
                codec: codec.name(),
                filter: codec.filter().cloned(),
                n_bytes: 0,
                compress_seconds: Vec::new(),
                decompress_seconds: Vec::new(),
            })
            .collect();
        let mut back = vec![0; array.bytes().len()];
        for _ in 0..self.rounds {
            for (codec, row) in codecs.iter().zip(&mut rows) {
                let started = Instant::now();
                let compressed = codec.compress(array)?;
                row.compress_seconds.push(started.elapsed().as_secs_f64());
                row.n_bytes = compressed.len() as u64;
                back.fill(0);
                let started = Instant::now();
                codec.decompress(array.spec(), compressed, &mut back)?;
                row.decompress_seconds.push(started.elapsed().as_secs_f64());
                if back != array.bytes() {
                    return Err(Error::corrupt(format!("{} changed the array", row.codec)));
                }
            }
        }
        Ok(rows)
    }
}

/// The cells of a row: what was measured of a codec.
fn cells(name: &str, spec: &ArraySpec, row: Row) -> [String; 7] {
    let n_bytes = spec.bytes();
    let speed = |seconds| size::megabytes_per_second(n_bytes, median(seconds));
    [
        name.to_owned(),
        spec.dtype().to_string(),
        n_bytes.to_string(),
        row.codec,
        format!("{:.3}", size::ratio(n_bytes, row.n_bytes)),
        format!("{:.0}", speed(row.compress_seconds)),
        format!("{:.0}", speed(row.decompress_seconds)),
    ]
}

fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}
