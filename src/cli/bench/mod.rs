//! `bench`: this project beside others, on the user's own arrays.
//!
//! One thread, everything in memory. Rounds go codec by codec, so that a machine that slows down slows all of them; a speed
//! is the median of the rounds, and every decompressed byte is compared.

mod codec;
mod files;
#[cfg(feature = "peers")]
mod rival;

use std::path::PathBuf;
use std::time::Instant;

use super::failure::Outcome;
use super::session::Session;
use super::source::{self, RawOptions};
use super::table::Table;
use super::{size, stdio};
use crate::array::Array;
use crate::error::{Error, ResultExt};
use codec::{Codec, codecs};

/// Compare levels with zstd and shuffle + zstd on your own arrays
///
/// Takes what compress takes, files of several arrays, and folders of them; a raw file called NAME.f64.bin says its type
/// itself. One thread, in memory; medians; every byte is compared.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  paginum bench temperature.npy
  paginum bench arrays/ --levels 4,8,12,13 --rounds 9")]
pub(super) struct Bench {
    /// Files or folders of arrays
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Levels of this project to try
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "4,8,12",
        value_name = "N,N"
    )]
    levels: Vec<u32>,
    /// How often each codec has its turn
    #[arg(long, default_value = "5", value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    #[command(flatten)]
    raw: RawOptions,
}

/// What one codec did to one array.
struct Row {
    codec: String,
    n_bytes: u64,
    compress_seconds: Vec<f64>,
    decompress_seconds: Vec<f64>,
}

impl Bench {
    pub(super) fn run(&self, session: &Session) -> Outcome {
        let inputs = files::find(&self.paths)?;
        let progress = session.progress(inputs.iter().map(|input| input.n_bytes).sum());
        let mut table = Table::new([
            "array",
            "dtype",
            "#bytes",
            "codec",
            "#ratio",
            "#compress MB/s",
            "#decompress MB/s",
        ]);
        for input in &inputs {
            let raw = input.raw.as_ref().unwrap_or(&self.raw);
            let stem = source::stem(&input.path).display().to_string();
            let container = source::open_or_raw(session, &input.path, raw)?;
            for index in 0..container.n_arrays() {
                let name = match source::has_names(&*container) {
                    true => format!("{stem}/{}", container.path(index)),
                    false => stem.clone(),
                };
                let source = source::array_of(&*container, index, &input.path)?;
                let mut array = Array::zeroed(source.spec().clone(), &session.limits())?;
                source.read_rows_into(0..source.spec().rows(), array.bytes_mut())?;
                let array = codec::in_native_order(array)?;
                let rows = self.measure(&array).in_file(&input.path)?;
                for row in rows {
                    let n_bytes = array.spec().bytes();
                    let speed = |seconds| size::megabytes_per_second(n_bytes, median(seconds));
                    table.push([
                        super::table::printable(&name),
                        array.spec().dtype().to_string(),
                        n_bytes.to_string(),
                        row.codec,
                        format!("{:.3}", size::ratio(n_bytes, row.n_bytes)),
                        format!("{:.0}", speed(row.compress_seconds)),
                        format!("{:.0}", speed(row.decompress_seconds)),
                    ]);
                }
            }
            progress.inc(input.n_bytes);
        }
        progress.finish_and_clear();
        stdio::write(|out| write!(out, "{table}"));
        Ok(())
    }

    fn measure(&self, array: &Array) -> Result<Vec<Row>, Error> {
        let codecs: Vec<Box<dyn Codec>> = codecs(&self.levels)
            .into_iter()
            .filter(|codec| codec.accepts(array))
            .collect();
        let mut rows: Vec<Row> = codecs
            .iter()
            .map(|codec| Row {
                codec: codec.name(),
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

fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}
