//! Compares sizes with pco 1.1.0: `cargo run --release --example sizes -- FOLDER [LEVEL...] [--only NAME]`.
//!
//! Reads every `name.dtype.bin` (raw little-endian numbers) of a folder, compresses it with both into standalone files
//! of chunks of up to 2^18 numbers, checks that pco reads ours back bit for bit, and prints both sizes, their ratio, and
//! mode, delta encoding and number of bins of each first chunk. Level 13 is compared with pco's 12. With `--time`, the
//! best of seven interleaved rounds of each encoder too.

use std::time::{Duration, Instant};

use paginum_wrapped::standalone::{compress, compress_with};
use paginum_wrapped::{
    ChunkConfig, ChunkMeta, CompressScratch, DeltaEncoding, FileCompressor, Mode, NumberType,
    with_number_type,
};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let mut folder = None;
    let mut levels = Vec::new();
    let mut only = String::new();
    let mut is_timed = false;
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--time" => is_timed = true,
            "--only" => only = args.next().ok_or("--only needs a name")?,
            _ if arg.parse::<u32>().is_ok() => levels.push(arg.parse()?),
            _ => folder = Some(arg),
        }
    }
    let folder = folder.ok_or("usage: sizes FOLDER [LEVEL...] [--only NAME] [--time]")?;
    if levels.is_empty() {
        levels = vec![4, 8, 12, 13];
    }
    let mut files: Vec<_> = std::fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    files.sort_by_key(|file| file.file_name());
    for level in levels {
        let mut sizes = Mean::default();
        let mut speeds = Mean::default();
        for file in &files {
            let name = file.file_name().to_string_lossy().into_owned();
            let parts: Vec<&str> = name.split('.').collect();
            let (&[.., dtype, "bin"], true) = (&parts[..], name.contains(&only)) else {
                continue;
            };
            let number_type = NumberType::from_name(dtype).ok_or("unknown dtype")?;
            let bytes = std::fs::read(file.path())?;
            let row = with_number_type!(number_type, |T| {
                let nums: Vec<T> = bytes
                    .chunks_exact(size_of::<T>())
                    .map(bytemuck::pod_read_unaligned)
                    .collect();
                compare(&nums, level, is_timed)?
            });
            sizes.add(row.size_ratio(), &name);
            speeds.add(row.speed_ratio(), &name);
            println!(
                "{level:2} {name:32} {:9} {:9} {:.4} {} {}",
                row.ours,
                row.pco,
                row.size_ratio(),
                row.speeds(bytes.len()),
                row.what
            );
        }
        println!(
            "level {level}: size ours / pco {:.4} in the mean, worst {:.4} ({}); encode speed ours / pco {:.2}",
            sizes.geometric(),
            sizes.worst,
            sizes.worst_name,
            speeds.geometric()
        );
    }
    Ok(())
}

/// A geometric mean and the largest value.
#[derive(Default)]
struct Mean {
    log_sum: f64,
    n: f64,
    worst: f64,
    worst_name: String,
}

impl Mean {
    fn add(&mut self, ratio: f64, name: &str) {
        self.log_sum += ratio.ln();
        self.n += 1.0;
        if ratio > self.worst {
            (self.worst, self.worst_name) = (ratio, name.to_owned());
        }
    }

    fn geometric(&self) -> f64 {
        (self.log_sum / self.n).exp()
    }
}

struct Row {
    ours: usize,
    pco: usize,
    times: Option<(Duration, Duration)>,
    what: String,
}

impl Row {
    fn size_ratio(&self) -> f64 {
        self.ours as f64 / self.pco as f64
    }

    fn speed_ratio(&self) -> f64 {
        self.times.map_or(f64::NAN, |(ours, pco)| {
            pco.as_secs_f64() / ours.as_secs_f64()
        })
    }

    fn speeds(&self, n_bytes: usize) -> String {
        let speed = |time: Duration| n_bytes as f64 / 1e6 / time.as_secs_f64();
        self.times.map_or(String::new(), |(ours, pco)| {
            format!(
                "{:6.0} {:6.0} MB/s {:5.2}x",
                speed(ours),
                speed(pco),
                self.speed_ratio()
            )
        })
    }
}

fn compare<T>(nums: &[T], level: u32, is_timed: bool) -> Result<Row, Failure>
where
    T: paginum_wrapped::Number + pco::data_types::Number,
{
    let config = ChunkConfig::default().with_level(level);
    let pco_config = pco::ChunkConfig::default()
        .with_compression_level(level.min(12) as usize)
        .with_enable_8_bit(true);
    let ours = compress(nums, &config)?;
    let back = pco::standalone::simple_decompress::<T>(&ours).map_err(|e| e.to_string())?;
    if bytemuck::cast_slice::<T, u8>(&back) != bytemuck::cast_slice::<T, u8>(nums) {
        return Err("pco reads other numbers".into());
    }
    let theirs = pco::standalone::simple_compress(nums, &pco_config)?;
    let meta = |numbers: &[T]| -> Result<String, Failure> {
        let chunk = FileCompressor::new()?.chunk_compressor(numbers, &config)?;
        Ok(describe(chunk.meta()))
    };
    let what = format!(
        "{} | pco {}",
        meta(&nums[..nums.len().min(1 << 18)])?,
        describe_pco(&nums[..nums.len().min(1 << 18)], &pco_config)?
    );
    let times = if is_timed {
        Some(race(nums, &config, &pco_config)?)
    } else {
        None
    };
    Ok(Row {
        ours: ours.len(),
        pco: theirs.len(),
        times,
        what,
    })
}

fn race<T>(
    nums: &[T],
    config: &ChunkConfig,
    pco_config: &pco::ChunkConfig,
) -> Result<(Duration, Duration), Failure>
where
    T: paginum_wrapped::Number + pco::data_types::Number,
{
    let compressor = FileCompressor::new()?;
    let mut scratch = CompressScratch::default();
    let mut dst = Vec::new();
    let mut best = (Duration::MAX, Duration::MAX);
    for _ in 0..7 {
        dst.clear();
        let start = Instant::now();
        compress_with(compressor, &mut scratch, nums, config, &mut dst)?;
        best.0 = best.0.min(start.elapsed());
        dst.clear();
        let start = Instant::now();
        pco::standalone::simple_compress_into(nums, pco_config, &mut dst)?;
        best.1 = best.1.min(start.elapsed());
    }
    Ok(best)
}

fn describe<L: paginum_wrapped::Latent>(meta: &ChunkMeta<L>) -> String {
    let mode = match &meta.mode {
        Mode::Dict { values } => format!("Dict({})", values.len()),
        mode => format!("{mode:?}"),
    };
    let delta = match &meta.delta {
        DeltaEncoding::Conv1(conv) => format!("Conv1({})", conv.weights.len()),
        delta => format!("{delta:?}"),
    };
    let bins: Vec<String> = meta
        .vars()
        .map(|var| format!("{}/2^{}", var.bins.len(), var.ans_size_log))
        .collect();
    format!("{mode} {delta} {}", bins.join(" "))
}

fn describe_pco<T: pco::data_types::Number>(
    nums: &[T],
    config: &pco::ChunkConfig,
) -> Result<String, Failure> {
    let chunk = pco::wrapped::FileCompressor::default().chunk_compressor(nums, config)?;
    let meta = chunk.meta();
    let bins = |var: &pco::metadata::DynBins| {
        use pco::metadata::DynBins;
        match var {
            DynBins::U8(bins) => bins.len(),
            DynBins::U16(bins) => bins.len(),
            DynBins::U32(bins) => bins.len(),
            DynBins::U64(bins) => bins.len(),
            _ => 0,
        }
    };
    let mut all = String::new();
    let vars = &meta.per_latent_var;
    for var in [&vars.delta, &Some(vars.primary.clone()), &vars.secondary]
        .into_iter()
        .flatten()
    {
        all += &format!(" {}/2^{}", bins(&var.bins), var.ans_size_log);
    }
    let delta = format!("{:?}", meta.delta_encoding);
    Ok(format!(
        "{:?} {}{all}",
        meta.mode,
        delta.chars().take(40).collect::<String>()
    ))
}
