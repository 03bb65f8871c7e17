//! Files that are made and opened here.

use std::sync::Arc;

use paginum::container::pzp::{PzpFormat, PzpOptions};
use paginum::container::{
    ConvertOptions, File, Format as _, Formats, NewArray, OpenOptions, convert,
};
use paginum::storage::Drivers;
use paginum::{Array, ArraySpec, Limits, Result};

pub(crate) fn open(bytes: Vec<u8>, limits: Limits) -> Result<File> {
    let options = OpenOptions::default()
        .with_limits(limits)
        .with_name("x.pzp");
    Formats::default().open(Arc::new(bytes), &options)
}

/// The frames of a container as they lie in it, decompressed.
pub(crate) fn payloads(file: &[u8]) -> Vec<Vec<u8>> {
    let word = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap()) as usize;
    let ranges: Vec<_> = match file.starts_with(b"0PZP") {
        true => (0..word(12))
            .map(|i| (word(48 + 16 * i), word(52 + 16 * i)))
            .collect(),
        false => vec![(0, file.len())],
    };
    let payload = |(start, n): (usize, usize)| {
        let (prefix, bytes) = (word(start) as u32, &file[start + 4..start + n]);
        let n_bytes = (prefix & 0x7fff_ffff) as usize;
        match prefix >> 31 {
            0 => zstd::bulk::decompress(bytes, n_bytes).unwrap(),
            _ => lz4_flex::block::decompress(bytes, n_bytes).unwrap(),
        }
    };
    ranges.into_iter().map(payload).collect()
}

/// A picture or an animation of samples that are like their neighbours.
pub(crate) fn scene(shape: &[u64], dtype: &str) -> Array {
    let spec = ArraySpec::new(dtype.parse().unwrap(), shape).unwrap();
    let bytes: Vec<u8> = (0..spec.bytes())
        .map(|i| ((i / 3) ^ (i >> 7)) as u8)
        .collect();
    Array::from_bytes(spec, &bytes).unwrap()
}

pub(crate) fn write(arrays: &[(&str, &Array)], options: PzpOptions, name: &str) -> Result<Vec<u8>> {
    let store = Drivers::default().store(&format!("mem://{name}.pzp"))?;
    let mut writer = PzpFormat::new(options).create(&*store)?;
    for (name, array) in arrays {
        let mut sink = writer.begin(NewArray::new(name, array.spec()))?;
        sink.push_rows(array.bytes())?;
        sink.finish()?;
    }
    writer.commit()?;
    let bytes = store.open()?;
    let mut all = vec![0; bytes.len() as usize];
    bytes.read_exact_at(&mut all, 0)?;
    Ok(all)
}

pub(crate) fn every_setting() -> Vec<PzpOptions> {
    let mut all = Vec::new();
    for bits in 0..32_u32 {
        let on = |bit: u32| bits & (1 << bit) != 0;
        let options = PzpOptions::default()
            .with_left_delta(on(0))
            .with_palette(on(1))
            .with_inter_delta(on(2))
            .with_lz4(on(3))
            .with_groups(on(4));
        all.push(options.with_level(Some(1)));
    }
    all.push(PzpOptions::default().with_best(true));
    all
}

/// The checksum as the format describes it, lane by lane.
pub(crate) fn hash(bytes: &[u8]) -> u32 {
    let lane = |lane: usize, seed: u32, factor: u32| {
        let bytes = bytes.iter().skip(lane).step_by(4);
        bytes.fold(seed, |h, &byte| (h ^ u32::from(byte)).wrapping_mul(factor))
    };
    let (a, b) = (lane(0, 0x1234_5678, 31), lane(1, 0x9abc_def0, 37));
    let (c, d) = (lane(2, 0xfedc_ba98, 41), lane(3, 0x8765_4321, 43));
    (a ^ (b >> 3)).wrapping_add(c ^ (d << 5))
}

pub(crate) fn numbers(file: &File, name: &str) -> Vec<u32> {
    file.read(name)
        .map_or_else(|_| Vec::new(), |array| array.to_vec::<u32>().unwrap())
}

pub(crate) fn write_all(file: &File, options: PzpOptions, name: &str) -> Result<Vec<u8>> {
    let store = Drivers::default().store(&format!("mem://{name}.pzp"))?;
    let mut writer = PzpFormat::new(options).create(&*store)?;
    convert(file, &mut *writer, &ConvertOptions::default())?;
    writer.commit()?;
    let bytes = store.open()?;
    let mut all = vec![0; bytes.len() as usize];
    bytes.read_exact_at(&mut all, 0)?;
    Ok(all)
}
