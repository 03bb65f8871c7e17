//! `compress`: arrays into `.pco` files.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Instant;

use super::failure::{Failure, Outcome};
use super::session::Session;
use super::source::{self, RawOptions};
use super::target::{Target, check_distinct};
use super::{size, windows};
use crate::container::pco::{PcoOptions, PcoWriter};
use crate::error::ResultExt;
use crate::wrapped::{ChunkConfig, DeltaSpec, ModeSpec};

/// What the wire format can say.
const MAX_CHUNK_N: i64 = crate::wrapped::config::MAX_CHUNK_N as i64;

/// Compress arrays into .pco files, each of which any pco can read
///
/// Takes .npy, raw binary (with --dtype), .npz of one array, and .pco to compress it anew. Arrays are flattened in C
/// order; a trailer that other programs do not see keeps dtype, shape and checksums.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  paginum compress temperature.npy -o temperature.pco
  paginum compress *.npy -o compressed/ --level 12
  paginum compress samples.bin --dtype f32 -o samples.pco
  generate | paginum compress - --dtype i64 -o - > numbers.pco")]
pub(super) struct Compress {
    /// Files to compress; - for standard input
    #[arg(required = true, value_name = "IN")]
    inputs: Vec<PathBuf>,
    /// Where to: a file, - for standard output, or a folder, as it is for several inputs
    #[arg(short, long, value_name = "OUT.pco")]
    output: PathBuf,
    /// From 0, fast, to 12, small; 13 for the most that pco can decode, slowly
    #[arg(short, long, default_value_t = crate::wrapped::config::DEFAULT_LEVEL)]
    level: u32,
    /// auto, classic, dict, int-mult:BASE, float-mult:BASE or float-quant:BITS
    #[arg(long, default_value = "auto")]
    mode: Mode,
    /// auto, none, lookback, consecutive:ORDER or conv1:ORDER
    #[arg(long, default_value = "auto")]
    delta: Delta,
    /// The most numbers of a chunk, the unit of compression and of reading
    #[arg(long, default_value_t = 1 << 18, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=MAX_CHUNK_N))]
    chunk_n: u32,
    /// Write pco's bytes alone: dtype and shape beyond pco's, and checksums, are lost
    #[arg(long)]
    plain: bool,
    /// Store where rows lie within chunks: up to 1.5 % larger, single rows faster
    #[arg(long, conflicts_with = "plain")]
    row_index: bool,
    /// Replace files that exist
    #[arg(short, long)]
    force: bool,
    #[command(flatten)]
    raw: RawOptions,
}

#[derive(Clone, Copy, Debug)]
struct Mode(ModeSpec);

#[derive(Clone, Copy, Debug)]
struct Delta(DeltaSpec);

fn number<T: FromStr>(text: &str) -> Result<T, String> {
    text.parse()
        .map_err(|_| format!("{text:?} is no number for it"))
}

impl FromStr for Mode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(Self(match text.split_once(':') {
            None if text == "auto" => ModeSpec::Auto,
            None if text == "classic" => ModeSpec::Classic,
            None if text == "dict" => ModeSpec::TryDict,
            Some(("int-mult", base)) => ModeSpec::TryIntMult(number(base)?),
            Some(("float-mult", base)) => ModeSpec::TryFloatMult(number(base)?),
            Some(("float-quant", bits)) => ModeSpec::TryFloatQuant(number(bits)?),
            _ => return Err("no such mode".to_owned()),
        }))
    }
}

impl FromStr for Delta {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(Self(match text.split_once(':') {
            None if text == "auto" => DeltaSpec::Auto,
            None if text == "none" => DeltaSpec::NoOp,
            None if text == "lookback" => DeltaSpec::TryLookback,
            Some(("consecutive", order)) => DeltaSpec::TryConsecutive(number(order)?),
            Some(("conv1", order)) => DeltaSpec::TryConv1(number(order)?),
            _ => return Err("no such delta".to_owned()),
        }))
    }
}

impl Compress {
    pub(super) fn run(&self, session: &Session) -> Outcome {
        let is_folder = self.inputs.len() > 1 || self.output.is_dir();
        if !is_folder {
            let target = Target::new(&self.output, self.force)?;
            return self.compress(session, &self.inputs[0], &target);
        }
        let path_of = |input: &PathBuf| self.output.join(source::stem(input)).with_extension("pco");
        let paths: Vec<PathBuf> = self.inputs.iter().map(path_of).collect();
        check_distinct(&self.inputs, &paths)?;
        std::fs::create_dir_all(&self.output).in_file(&self.output)?;
        // All are looked at before the first is written.
        let targets: Vec<Target> = paths
            .iter()
            .map(|path| Target::new(path, self.force))
            .collect::<Result<_, Failure>>()?;
        for (input, target) in self.inputs.iter().zip(&targets) {
            self.compress(session, input, target)?;
        }
        Ok(())
    }

    fn compress(&self, session: &Session, input: &Path, target: &Target) -> Outcome {
        let source = source::open_single(session, input, &self.raw)?;
        let spec = source.spec().clone();
        let mut seconds = 0.0;
        let progress = session.progress(spec.bytes());
        let n_bytes = target.write(|out| {
            let started = Instant::now();
            let mut writer = PcoWriter::new(spec.clone(), self.options(), out).in_file(input)?;
            windows::for_each(&source, 0..spec.rows(), |bytes| {
                // Pieces of a chunk or so, for the bar to move.
                for piece in bytes.chunks(4 << 20) {
                    writer.push(piece)?;
                    progress.inc(piece.len() as u64);
                }
                Ok::<_, crate::Error>(())
            })
            .in_file(input)?;
            writer.finish()?;
            // Without the wait for the disk, which says nothing of compression.
            seconds = started.elapsed().as_secs_f64();
            Ok(())
        })?;
        progress.finish_and_clear();
        let line = format!(
            "{} -> {}: {} -> {n_bytes} bytes, ratio {:.3}, {:.0} MB/s",
            input.display(),
            target.name(),
            spec.bytes(),
            size::ratio(spec.bytes(), n_bytes),
            size::megabytes_per_second(spec.bytes(), seconds),
        );
        session.say(line);
        Ok(())
    }

    fn options(&self) -> PcoOptions {
        PcoOptions {
            config: ChunkConfig::default()
                .with_level(self.level)
                .with_mode_spec(self.mode.0)
                .with_delta_spec(self.delta.0),
            chunk_n: self.chunk_n as usize,
            has_trailer: !self.plain,
            has_row_indexes: self.row_index,
        }
    }
}
