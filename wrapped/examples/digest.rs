//! Digests of what the engine writes: `cargo run --release --example digest -- FOLDER... [LEVEL...] [--only NAME]`.
//!
//! Reads every `name.dtype.bin` (raw little-endian numbers), compresses it at each level (0 to 13 unless some are named):
//! as a standalone file, and a part of it in small pages with row indexes; at level 0 with each mode and delta encoding that
//! its type has, too. Decodes all of it again. Prints a line for each array and level. Two builds that print the
//! same write the same bytes: so a change of the engine that moves no byte shows it.

use paginum_wrapped::standalone::{compress, decompress};
use paginum_wrapped::{
    ChunkConfig, DeltaSpec, FileCompressor, ModeSpec, Number, NumberType, PagingSpec,
    with_number_type,
};

type Failure = Box<dyn std::error::Error>;

/// Numbers of a page with a row index: no multiple of a batch.
const PAGE_N: usize = 5_000;

fn main() -> Result<(), Failure> {
    let (mut folders, mut levels, mut only) = (Vec::new(), Vec::new(), String::new());
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--only" => only = args.next().ok_or("--only needs a name")?,
            _ => match arg.parse::<u32>() {
                Ok(level) => levels.push(level),
                Err(_) => folders.push(arg),
            },
        }
    }
    if levels.is_empty() {
        levels = (0..=13).collect();
    }
    let mut files = Vec::new();
    for folder in &folders {
        files.extend(std::fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?);
    }
    files.sort_by_key(std::fs::DirEntry::file_name);
    for file in files {
        let name = file.file_name().to_string_lossy().into_owned();
        let parts: Vec<&str> = name.split('.').collect();
        let (&[.., dtype, "bin"], true) = (&parts[..], name.contains(&only)) else {
            continue;
        };
        let number_type = NumberType::from_name(dtype).ok_or("unknown dtype")?;
        let bytes = std::fs::read(file.path())?;
        with_number_type!(number_type, |T| {
            let numbers: Vec<T> = bytes
                .chunks_exact(size_of::<T>())
                .map(bytemuck::pod_read_unaligned)
                .collect();
            for &level in &levels {
                let mut digest = Digest::default();
                add_outputs(&mut digest, &numbers, level).map_err(|e| format!("{name}: {e}"))?;
                println!(
                    "{name:32} {level:2} {:10} {:016x}",
                    digest.n_bytes, digest.hash
                );
            }
        });
    }
    Ok(())
}

fn add_outputs<T: Number>(digest: &mut Digest, numbers: &[T], level: u32) -> Result<(), Failure> {
    let config = ChunkConfig::default().with_level(level);
    digest.add(&there_and_back(numbers, &config)?);
    let part = &numbers[..numbers.len().min(1 << 16)];
    let paged = config
        .clone()
        .with_paging_spec(PagingSpec::EqualPagesUpTo(PAGE_N));
    add_pages(digest, part, &paged)?;
    if level > 0 {
        return Ok(());
    }
    for level in [4, 8, 13] {
        for mode in [
            ModeSpec::Classic,
            ModeSpec::TryDict,
            ModeSpec::TryIntMult(10),
            ModeSpec::TryFloatMult(0.01),
            ModeSpec::TryFloatQuant(5),
        ] {
            for delta in [
                DeltaSpec::Auto,
                DeltaSpec::NoOp,
                DeltaSpec::TryConsecutive(1),
                DeltaSpec::TryConsecutive(3),
                DeltaSpec::TryLookback,
                DeltaSpec::TryConv1(2),
            ] {
                let forced = paged.clone().with_level(level);
                let forced = forced.with_mode_spec(mode).with_delta_spec(delta);
                // Not every type has every one of them.
                if FileCompressor::new()?
                    .chunk_compressor(part, &forced)
                    .is_ok()
                {
                    add_pages(digest, part, &forced)?;
                }
            }
        }
    }
    Ok(())
}

/// A standalone file that decodes to what went in.
fn there_and_back<T: Number>(numbers: &[T], config: &ChunkConfig) -> Result<Vec<u8>, Failure> {
    let bytes = encode(numbers, config)?;
    let back: Vec<T> = decode(&bytes)?;
    if bytemuck::cast_slice::<T, u8>(&back) != bytemuck::cast_slice::<T, u8>(numbers) {
        return Err("other numbers came back".into());
    }
    Ok(bytes)
}

/// What a profiler is to count of encoding.
#[inline(never)]
fn encode<T: Number>(numbers: &[T], config: &ChunkConfig) -> paginum_wrapped::Result<Vec<u8>> {
    compress(numbers, config)
}

/// What a profiler is to count of decoding.
#[inline(never)]
fn decode<T: Number>(bytes: &[u8]) -> paginum_wrapped::Result<Vec<T>> {
    decompress(bytes)
}

/// Metadata, pages and row indexes of one chunk.
fn add_pages<T: Number>(
    digest: &mut Digest,
    numbers: &[T],
    config: &ChunkConfig,
) -> Result<(), Failure> {
    let chunk = FileCompressor::new()?.chunk_compressor(numbers, config)?;
    let mut bytes = Vec::new();
    chunk.write_meta(&mut bytes);
    let mut writer = chunk.writer();
    for page_no in 0..chunk.n_per_page().len() {
        let index = writer.write_indexed(page_no, &mut bytes)?;
        index.write(&mut bytes);
    }
    digest.add(&bytes);
    Ok(())
}

/// FNV-1a over lengths and bytes.
struct Digest {
    n_bytes: usize,
    hash: u64,
}

impl Default for Digest {
    fn default() -> Self {
        Self {
            n_bytes: 0,
            hash: 0xcbf2_9ce4_8422_2325,
        }
    }
}

impl Digest {
    fn add(&mut self, bytes: &[u8]) {
        self.n_bytes += bytes.len();
        for &byte in (bytes.len() as u64).to_le_bytes().iter().chain(bytes) {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
