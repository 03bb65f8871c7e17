//! Compares sizes with pco 1.1.0: `cargo run --release --example sizes -- [FOLDER...] [LEVEL...] [--only NAME]`.
//!
//! Reads every `name.dtype.bin` (raw little-endian numbers) of a folder, or makes `--gauntlet N` arrays at random, the
//! first of `--seed S`; compresses each with both into standalone files of chunks of up to 2^18 numbers, checks that pco
//! reads ours back bit for bit, and prints both sizes, their ratio, and mode, delta encoding and number of bins of each
//! first chunk. Level 13 is compared with pco's 12. After each level, `--most N` (20) rows with the largest ratios again,
//! and how many are above 1.005. With `--time`, the best of seven interleaved rounds of each encoder by processor time.

#[path = "../tests/support/gauntlet/mod.rs"]
#[allow(unreachable_pub, reason = "tests share it")]
mod gauntlet;
#[path = "../tests/support/random.rs"]
#[allow(dead_code, unreachable_pub, reason = "tests use more of it")]
mod random;

use std::time::Duration;

use gauntlet::{Challenge, MAX_N_LOG};
use paginum_wrapped::standalone::{Compressor, compress};
use paginum_wrapped::{
    ChunkConfig, ChunkModel, Delta, FileCompressor, Mode, NumberType, with_number_type,
};
use rustix::time::{ClockId, clock_gettime};

type Failure = Box<dyn std::error::Error>;

/// What no array should exceed, of pco's size.
const MOST: f64 = 1.005;

fn main() -> Result<(), Failure> {
    let options = Options::parse()?;
    for &level in &options.levels {
        let mut rows = Vec::new();
        for file in options.files()? {
            let name = file.file_name().to_string_lossy().into_owned();
            let parts: Vec<&str> = name.split('.').collect();
            let (&[.., dtype, "bin"], true) = (&parts[..], name.contains(&options.only)) else {
                continue;
            };
            let number_type = NumberType::from_name(dtype).ok_or("unknown dtype")?;
            let bytes = std::fs::read(file.path())?;
            rows.push(with_number_type!(number_type, |T| {
                let nums: Vec<T> = bytes
                    .chunks_exact(size_of::<T>())
                    .map(bytemuck::pod_read_unaligned)
                    .collect();
                compare(name, &nums, level, options.is_timed)?
            }));
        }
        for seed in options.seed..options.seed + options.gauntlet {
            let challenge = Challenge::new(seed, MAX_N_LOG);
            rows.push(with_number_type!(challenge.number_type, |T| {
                let (nums, words) = challenge.numbers::<T>();
                let name = format!("{seed} {} {} {words}", challenge.number_type, nums.len());
                compare(name, &nums, level, options.is_timed)?
            }));
        }
        if options.is_listed {
            rows.iter().for_each(|row| println!("{level:2} {row}"));
        }
        summarize(level, rows, options.most);
    }
    Ok(())
}

struct Options {
    folders: Vec<String>,
    levels: Vec<u32>,
    only: String,
    gauntlet: u64,
    seed: u64,
    most: usize,
    is_listed: bool,
    is_timed: bool,
}

impl Options {
    fn parse() -> Result<Self, Failure> {
        let mut options = Self {
            folders: Vec::new(),
            levels: Vec::new(),
            only: String::new(),
            gauntlet: 0,
            seed: 0,
            most: 20,
            is_listed: false,
            is_timed: false,
        };
        let mut args = std::env::args().skip(1);
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or(format!("{arg} needs a value"));
            match arg.as_str() {
                "--time" => options.is_timed = true,
                "--list" => options.is_listed = true,
                "--only" => options.only = value()?,
                "--gauntlet" => options.gauntlet = value()?.parse()?,
                "--seed" => options.seed = value()?.parse()?,
                "--most" => options.most = value()?.parse()?,
                _ if arg.parse::<u32>().is_ok() => options.levels.push(arg.parse()?),
                _ => options.folders.push(arg),
            }
        }
        if options.levels.is_empty() {
            options.levels = vec![4, 8, 12, 13];
        }
        Ok(options)
    }

    fn files(&self) -> Result<Vec<std::fs::DirEntry>, Failure> {
        let mut files = Vec::new();
        for folder in &self.folders {
            files.extend(std::fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?);
        }
        files.sort_by_key(std::fs::DirEntry::file_name);
        Ok(files)
    }
}

/// The means of a level, and its worst rows.
fn summarize(level: u32, mut rows: Vec<Row>, most: usize) {
    let mean = |of: fn(&Row) -> f64| {
        let logs: f64 = rows.iter().map(|row| of(row).ln()).sum();
        (logs / rows.len() as f64).exp()
    };
    let (size, speed) = (mean(Row::size_ratio), mean(Row::speed_ratio));
    let n_above = rows.iter().filter(|row| row.size_ratio() > MOST).count();
    let n = rows.len();
    rows.sort_by(|a, b| b.size_ratio().total_cmp(&a.size_ratio()));
    for row in rows.iter().take(most.min(n_above)) {
        println!("{level:2} {row}");
    }
    println!(
        "level {level}: {n} arrays, size ours / pco {size:.4} in the mean, {:.4} at worst ({}), {n_above} above {MOST}; encode speed ours / pco {speed:.2}",
        rows.first().map_or(f64::NAN, Row::size_ratio),
        rows.first().map_or("", |row| &row.name),
    );
}

struct Row {
    name: String,
    n_bytes: usize,
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
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ratio = self.size_ratio();
        write!(
            f,
            "{:32} {:9} {:9} {ratio:.4}",
            self.name, self.ours, self.pco
        )?;
        if let Some((ours, pco)) = self.times {
            let speed = |time: Duration| self.n_bytes as f64 / 1e6 / time.as_secs_f64();
            write!(
                f,
                " {:6.0} {:6.0} MB/s {:5.2}x",
                speed(ours),
                speed(pco),
                self.speed_ratio()
            )?;
        }
        write!(f, " {}", self.what)
    }
}

fn compare<T>(name: String, nums: &[T], level: u32, is_timed: bool) -> Result<Row, Failure>
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
        name,
        n_bytes: size_of_val(nums),
        ours: ours.len(),
        pco: theirs.len(),
        times,
        what,
    })
}

/// What this thread took of a processor so far.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

fn race<T>(
    nums: &[T],
    config: &ChunkConfig,
    pco_config: &pco::ChunkConfig,
) -> Result<(Duration, Duration), Failure>
where
    T: paginum_wrapped::Number + pco::data_types::Number,
{
    let mut compressor = Compressor::new(FileCompressor::new()?);
    let mut dst = Vec::new();
    let mut best = (Duration::MAX, Duration::MAX);
    for _ in 0..7 {
        dst.clear();
        let start = processor_time();
        compressor.compress(nums, config, &mut dst)?;
        best.0 = best.0.min(processor_time() - start);
        dst.clear();
        let start = processor_time();
        pco::standalone::simple_compress_into(nums, pco_config, &mut dst)?;
        best.1 = best.1.min(processor_time() - start);
    }
    Ok(best)
}

fn describe<L: paginum_wrapped::Latent>(meta: &ChunkModel<L>) -> String {
    let mode = match &meta.mode {
        Mode::Dict { values } => format!("Dict({})", values.len()),
        mode => format!("{mode:?}"),
    };
    let delta = match &meta.delta {
        Delta::Conv1(conv) => format!("Conv1({})", conv.weights.len()),
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
