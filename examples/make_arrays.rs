//! Makes the arrays under `examples/arrays`: small, of the kinds that people keep, the same on every machine.
//!
//! `cargo run --release --example make_arrays [FOLDER]`. Only integer arithmetic and correctly rounded operations are used
//! (no `sin`, no `ln`), so that a test can hold the files in the repository to this program, byte by byte.

use std::path::PathBuf;

use paginum::container::npy;
use paginum::{Array, ArraySpec};

/// An array that ships, as numpy would describe it: a name, a dtype, a shape, and bytes in C order.
pub(crate) struct Sample {
    /// The file's name without `.npy`.
    pub(crate) name: &'static str,
    /// numpy's `dtype.str`.
    pub(crate) dtype: &'static str,
    /// The length of each axis.
    pub(crate) shape: Vec<u64>,
    /// The elements.
    pub(crate) bytes: Vec<u8>,
}

/// SplitMix64 (Steele, Lea, Flood 2014): a seeded stream of 64-bit numbers.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in `0..n`.
    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    /// Roughly normal, by the sum of twelve uniform numbers: mean 0, variance 1.
    fn normal(&mut self) -> f64 {
        let sum: f64 = (0..12).map(|_| self.below(1 << 32) as f64).sum();
        sum / (1u64 << 32) as f64 - 6.0
    }
}

/// A wave of period and height 1 made of parabolas: close to a sine, and the same on every machine.
fn wave(x: f64) -> f64 {
    let half = (x - x.floor()) * 2.0;
    let arch = |t: f64| 4.0 * t * (1.0 - t);
    if half < 1.0 {
        arch(half)
    } else {
        -arch(half - 1.0)
    }
}

const N_HOURS: usize = 12_000;

/// Every hour of 500 days, with a few gaps.
fn times(random: &mut Random) -> Vec<u8> {
    let mut seconds = 1_609_459_200i64;
    let step = |_| {
        seconds += if random.below(400) == 0 { 7_200 } else { 3_600 };
        seconds.to_le_bytes()
    };
    (0..N_HOURS).flat_map(step).collect()
}

/// Air temperature in tenths of a degree, as f64: seasons, days, and weather that wanders.
fn temperatures(random: &mut Random) -> Vec<u8> {
    let mut weather = 0.0;
    let step = |hour: usize| {
        weather = 0.98 * weather + 0.4 * random.normal();
        let season = 11.0 * wave(hour as f64 / 8_766.0 - 0.25);
        let day = 4.0 * wave(hour as f64 / 24.0 - 0.3);
        (((9.0 + season + day + weather) * 10.0).round() / 10.0).to_le_bytes()
    };
    (0..N_HOURS).flat_map(step).collect()
}

/// Station numbers: 40 stations, some far more frequent than others.
fn stations(random: &mut Random) -> Vec<u8> {
    let step = |_| {
        let rank = random.below(40).min(random.below(40)).min(random.below(40));
        (1_000 + 37 * rank as u16).to_le_bytes()
    };
    (0..N_HOURS).flat_map(step).collect()
}

/// Rain at that hour: rare, and in spells.
fn rain(random: &mut Random) -> Vec<u8> {
    let mut raining = false;
    let step = |_| {
        raining ^= random.below(if raining { 5 } else { 60 }) == 0;
        u8::from(raining)
    };
    (0..N_HOURS).map(step).collect()
}

/// Points on a lumpy ring, x, y, z as f32.
fn points(random: &mut Random) -> Vec<u8> {
    let point = |i: u64| {
        let turn = i as f64 / 4_000.0;
        let radius = 5.0 + 0.3 * wave(9.0 * turn) + 0.01 * random.normal();
        [
            radius * wave(turn + 0.25),
            radius * wave(turn),
            0.7 * wave(31.0 * turn) + 0.01 * random.normal(),
        ]
    };
    let coordinates = (0..4_000).flat_map(point);
    coordinates.flat_map(|x| (x as f32).to_le_bytes()).collect()
}

/// Triangles between neighbouring points, as i64.
fn triangles() -> Vec<u8> {
    let corners = (0..4_000i64).flat_map(|i| [i, (i + 1) % 4_000, (i + 2 + i % 5) % 4_000]);
    corners.flat_map(i64::to_le_bytes).collect()
}

/// An RGB picture of a hillside at dusk, bytes.
fn picture(random: &mut Random) -> Vec<u8> {
    let mut bytes = Vec::new();
    for y in 0..120 {
        for x in 0..160 {
            let hill = 60.0 + 18.0 * wave(f64::from(x) / 130.0) + 5.0 * wave(f64::from(x) / 31.0);
            let sky = f64::from(y) < hill;
            let light = if sky {
                210.0 - f64::from(y)
            } else {
                60.0 + 0.2 * f64::from(y)
            };
            for tint in [1.0, 0.8, if sky { 0.6 } else { 0.4 }] {
                bytes.push((light * tint + 3.0 * random.normal()).clamp(0.0, 255.0) as u8);
            }
        }
    }
    bytes
}

/// A pressure field on a grid, big-endian as some instruments write it, f32.
fn pressures(random: &mut Random) -> Vec<u8> {
    let mut bytes = Vec::new();
    for y in 0..60 {
        for x in 0..90 {
            let high = 12.0 * wave(f64::from(x) / 90.0) * wave(f64::from(y) / 120.0);
            let pascals = 101_325.0 + 100.0 * high + 2.0 * random.normal();
            bytes.extend_from_slice(&(pascals as f32).to_be_bytes());
        }
    }
    bytes
}

/// All arrays that ship, in the order of their names.
pub(crate) fn arrays() -> Vec<Sample> {
    let random = &mut Random(20_210_101);
    let hours = vec![N_HOURS as u64];
    let array = |name, dtype, shape, bytes| Sample {
        name,
        dtype,
        shape,
        bytes,
    };
    vec![
        array("picture", "|u1", vec![120, 160, 3], picture(random)),
        array("points", "<f4", vec![4_000, 3], points(random)),
        array("pressure", ">f4", vec![60, 90], pressures(random)),
        array("rain", "|b1", hours.clone(), rain(random)),
        array("station", "<u2", hours.clone(), stations(random)),
        array("temperature", "<f8", hours.clone(), temperatures(random)),
        array("time", "<M8[s]", hours, times(random)),
        array("triangles", "<i8", vec![4_000, 3], triangles()),
    ]
}

#[allow(dead_code, reason = "a test includes this file for `arrays` alone")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/arrays");
    let folder = PathBuf::from(std::env::args_os().nth(1).unwrap_or(default.into()));
    std::fs::create_dir_all(&folder)?;
    for array in arrays() {
        let spec = ArraySpec::new(array.dtype.parse()?, array.shape)?;
        let file = npy::to_bytes(&Array::from_bytes(spec, &array.bytes)?);
        std::fs::write(folder.join(array.name).with_extension("npy"), file)?;
    }
    Ok(())
}
