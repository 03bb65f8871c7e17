//! What is measured: arrays from files, and seeded ones that files rarely hold.

use std::path::{Path, PathBuf};

use paginum_wrapped::{Number, NumberType, with_number_type};

use crate::options::Options;

/// Numbers of each seeded array.
const SEEDED_N: usize = 1 << 18;
/// Numbers of each array in a smoke run.
const QUICK_N: usize = 1 << 15;

/// Where an array comes from; geometric means keep them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A file, or the generated stand-in where there are none.
    Data,
    /// Constant, random, a sequence, few values: what files rarely hold.
    Seeded,
}

pub(crate) struct Array {
    pub(crate) name: String,
    pub(crate) number_type: NumberType,
    pub(crate) origin: Origin,
    /// Little-endian numbers.
    pub(crate) bytes: Vec<u8>,
}

impl Array {
    fn new<T: Number>(name: &str, origin: Origin, nums: &[T]) -> Self {
        Self {
            name: format!("{name}.{}", T::NUMBER_TYPE),
            number_type: T::NUMBER_TYPE,
            origin,
            bytes: bytemuck::cast_slice(nums).to_vec(),
        }
    }

    /// The numbers, which are of its type.
    pub(crate) fn numbers<T: Number>(&self) -> Vec<T> {
        assert_eq!(T::NUMBER_TYPE, self.number_type);
        self.bytes
            .chunks_exact(size_of::<T>())
            .map(bytemuck::pod_read_unaligned)
            .collect()
    }
}

/// All arrays that the options leave, in an order that does not change.
pub(crate) fn load(options: &Options) -> Result<Vec<Array>, String> {
    let folders: Vec<PathBuf> = match std::env::var_os("PAGINUM_BENCH_DATA") {
        Some(folders) => std::env::split_paths(&folders).collect(),
        None => {
            let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
            if beside.is_dir() {
                vec![beside]
            } else {
                Vec::new()
            }
        }
    };
    let mut arrays = Vec::new();
    for folder in &folders {
        arrays.extend(files(folder)?);
    }
    if folders.is_empty() {
        eprintln!("no PAGINUM_BENCH_DATA and no ../shared/data: a generated set instead");
        arrays.extend(generated());
    }
    arrays.extend(seeded());
    arrays.retain(|array| {
        options.filters.is_empty()
            || options
                .filters
                .iter()
                .any(|filter| array.name.contains(filter.as_str()))
    });
    if options.quick {
        for array in &mut arrays {
            array
                .bytes
                .truncate(QUICK_N * array.number_type.size_bytes());
        }
    }
    match arrays.is_empty() {
        true => Err("no array is left".into()),
        false => Ok(arrays),
    }
}

/// Every `name.dtype.bin` of a folder.
fn files(folder: &Path) -> Result<Vec<Array>, String> {
    let failed = |e| format!("{}: {e}", folder.display());
    let entries: Vec<_> = folder
        .read_dir()
        .and_then(Iterator::collect)
        .map_err(failed)?;
    let mut paths: Vec<PathBuf> = entries.iter().map(std::fs::DirEntry::path).collect();
    paths.sort();
    let mut arrays = Vec::new();
    for path in paths {
        let Some(name) = path
            .file_name()
            .and_then(|name| name.to_str()?.strip_suffix(".bin"))
        else {
            continue;
        };
        let Some(number_type) = name.rsplit('.').next().and_then(NumberType::from_name) else {
            continue;
        };
        let mut bytes = std::fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        bytes.truncate(bytes.len() / number_type.size_bytes() * number_type.size_bytes());
        if bytes.is_empty() {
            continue;
        }
        // Codecs are measured on native numbers.
        with_number_type!(number_type, |T| {
            if cfg!(target_endian = "big") {
                bytes
                    .chunks_exact_mut(size_of::<T>())
                    .for_each(<[u8]>::reverse);
            }
        });
        arrays.push(Array {
            name: name.to_owned(),
            number_type,
            origin: Origin::Data,
            bytes,
        });
    }
    Ok(arrays)
}

/// SplitMix64: the same numbers everywhere.
struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// In `0.0..1.0`.
    fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Roughly normal, deviation 1.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }
}

/// What files rarely hold.
fn seeded() -> Vec<Array> {
    let random = &mut Random(1);
    let few: Vec<i64> = (0..20).map(|_| random.bits() as i64 >> 20).collect();
    let ids: Vec<u64> = (0..2000).map(|_| random.bits()).collect();
    let all = 0..SEEDED_N;
    let uniform: Vec<u32> = all.clone().map(|_| random.bits() as u32).collect();
    let sequence: Vec<i64> = all
        .clone()
        .map(|i| 1_700_000_000_000 + 1000 * i as i64)
        .collect();
    let few: Vec<i64> = all
        .clone()
        .map(|_| few[random.bits() as usize % few.len()])
        .collect();
    let ids: Vec<u64> = all
        .map(|_| ids[random.bits() as usize % ids.len()])
        .collect();
    vec![
        Array::new("seeded_constant", Origin::Seeded, &vec![20.25f64; SEEDED_N]),
        Array::new("seeded_uniform", Origin::Seeded, &uniform),
        Array::new("seeded_sequence", Origin::Seeded, &sequence),
        Array::new("seeded_20_values", Origin::Seeded, &few),
        Array::new("seeded_2000_ids", Origin::Seeded, &ids),
    ]
}

/// A stand-in for files: one plausible column of each kind of type.
fn generated() -> Vec<Array> {
    let random = &mut Random(2);
    let mut level = 100.0;
    let mut step = |random: &mut Random| {
        level += random.normal();
        level
    };
    let n = 0..1 << 17;
    let price: Vec<f64> = n
        .clone()
        .map(|_| (step(random) * 100.0).round() / 100.0)
        .collect();
    let sensor: Vec<f32> = n.clone().map(|_| step(random) as f32).collect();
    let height: Vec<i32> = n.clone().map(|_| (step(random) * 3.0) as i32).collect();
    let mut time = 1_700_000_000_000;
    let mut tick = |random: &mut Random| {
        time += 1000 + (random.normal() * 20.0) as i64;
        time
    };
    let times: Vec<i64> = n.clone().map(|_| tick(random)).collect();
    let audio: Vec<i16> = n
        .clone()
        .map(|i| ((f64::from(i) * 0.03).sin() * 8000.0 + random.normal() * 60.0) as i16)
        .collect();
    let pixels: Vec<u8> = n
        .clone()
        .map(|_| (128.0 + random.normal() * 20.0) as u8)
        .collect();
    let counts: Vec<u32> = n.map(|_| (-random.unit().ln() * 300.0) as u32).collect();
    vec![
        Array::new("price", Origin::Data, &price),
        Array::new("sensor", Origin::Data, &sensor),
        Array::new("height", Origin::Data, &height),
        Array::new("times", Origin::Data, &times),
        Array::new("audio", Origin::Data, &audio),
        Array::new("pixels", Origin::Data, &pixels),
        Array::new("counts", Origin::Data, &counts),
    ]
}
