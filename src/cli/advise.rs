//! `advise`: what each filter would make of each array, measured.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::failure::Outcome;
use super::format;
use super::inputs;
use super::raw_options::RawOptions;
use super::session::Session;
use super::spelled::Spelled;
use super::table::Table;
use super::{size, stdio};
use crate::array::Array;
use crate::container::ArrayHandle;
use crate::error::Error;
use crate::filter::{DEFAULT_PAGE_NUMBERS, EncodeContext, Filter, Goal, Payload, Registry, auto};
use crate::limits::Limits;

/// Try each filter on each array: sizes and speeds
///
/// A filter is a way to compress an array in a .pv file. Each array is compressed and read back in memory, by each filter
/// in turn, on as many threads as --threads says: small arrays wait for these, so that --threads 1 tells more. The star marks
/// what pack --filter auto would choose by the same --goal; dense is slow to write, and considered for size alone.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  paginum advise mesh.pv")]
pub(super) struct Advise {
    #[arg(required = true, value_name = "FILE", help = format::inputs("Files of arrays"))]
    files: Vec<PathBuf>,
    /// What the star favours, as of pack
    #[arg(long, value_name = "GOAL", default_value = "balanced", value_parser = Spelled::<Goal>::new(&["size", "balanced", "speed"]))]
    goal: Goal,
    /// Level of zstd, in all filters but numeric, dense and fast
    #[arg(
        long,
        value_name = "N",
        default_value_t = 3,
        allow_negative_numbers = true
    )]
    level: i32,
    /// Level of the filters numeric and dense: 0 (fastest) to 12 (smallest), or 13
    #[arg(long, value_name = "N", default_value_t = crate::wrapped::config::DEFAULT_LEVEL)]
    numeric_level: u32,
    #[command(flatten)]
    raw: RawOptions,
}

/// What a filter did.
struct Trial {
    tried: auto::Trial,
    write_seconds: f64,
    read_seconds: f64,
}

impl Advise {
    pub(super) fn run(&self, session: &Session) -> Outcome {
        let filters = Registry::default()
            .with_zstd_level(self.level)
            .with_pages(self.numeric_level, DEFAULT_PAGE_NUMBERS);
        let arrays = inputs::find(session, &self.files, &self.raw, None)?;
        let mut table = Table::new([
            "array",
            "dtype",
            "#bytes",
            "filter",
            "#stored",
            "#ratio",
            "#write MB/s",
            "#read MB/s",
            "best",
        ]);
        for array in &arrays {
            let trials = trials(&array.open()?, &filters)?;
            let prices = trials.iter().map(|trial| trial.tried.price(self.goal));
            let best = self.goal.best(prices);
            let n_bytes = array.spec.bytes();
            for (i, trial) in trials.iter().enumerate() {
                table.push([
                    array.name.clone(),
                    array.spec.dtype().to_string(),
                    n_bytes.to_string(),
                    trial.tried.filter.name().to_owned(),
                    trial.tried.payload_bytes.to_string(),
                    format!("{:.3}", size::ratio(n_bytes, trial.tried.payload_bytes)),
                    format!(
                        "{:.0}",
                        size::megabytes_per_second(n_bytes, trial.write_seconds)
                    ),
                    format!(
                        "{:.0}",
                        size::megabytes_per_second(n_bytes, trial.read_seconds)
                    ),
                    if best == Some(i) {
                        "*".to_owned()
                    } else {
                        String::new()
                    },
                ]);
            }
        }
        stdio::write(|out| write!(out, "{table}"));
        Ok(())
    }
}

fn trials(source: &ArrayHandle, filters: &Registry) -> Result<Vec<Trial>, Error> {
    let array = source.read()?;
    let filters = filters.iter().filter(|filter| filter.accepts(array.spec()));
    filters.map(|filter| trial(filter, &array)).collect()
}

fn trial(filter: &Arc<dyn Filter>, array: &Array) -> Result<Trial, Error> {
    let mut payload = Vec::new();
    let write_seconds = least_seconds(|| {
        payload.clear();
        let mut encoder = filter.encoder(array.spec(), &EncodeContext::default())?;
        encoder.push_rows(array.bytes(), &mut payload)?;
        encoder.finish(&mut payload)
    })?;

    let n_bytes = payload.len() as u64;
    let payload = Payload::new(Arc::new(payload), 0..n_bytes)?;
    let mut back = vec![0; array.bytes().len()];
    let read_seconds = least_seconds(|| {
        let reader = filter.open(array.spec(), payload.clone(), &Limits::default())?;
        reader.read_rows_into(0..array.spec().rows(), &mut back)
    })?;
    if back != array.bytes() {
        return Err(Error::corrupt(format!(
            "{} changed the array",
            filter.name()
        )));
    }
    Ok(Trial {
        tried: auto::Trial::new(filter.clone(), array.spec(), array.spec().bytes(), n_bytes),
        write_seconds,
        read_seconds,
    })
}

/// The least of the times that some work takes: once if it is long, else as often as fits in a while, since the first time
/// of a small array is that of waking threads and touching memory.
fn least_seconds(mut work: impl FnMut() -> Result<(), Error>) -> Result<f64, Error> {
    const ENOUGH: Duration = Duration::from_millis(20);
    let begun = Instant::now();
    let mut least = Duration::MAX;
    while begun.elapsed() < ENOUGH {
        let started = Instant::now();
        work()?;
        least = least.min(started.elapsed());
    }
    Ok(least.as_secs_f64())
}
