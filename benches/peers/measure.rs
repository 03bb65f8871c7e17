//! One array through all codecs, in interleaved rounds.

use std::time::Duration;

use paginum_wrapped::Number;

use crate::clock::Clock;
use crate::codec::{Codec, Memcpy, Paginum, Pco, Zstd};
use crate::options::Options;
use crate::rival::Rival;

/// Levels of this project; the last mirrors no level of pco.
const OUR_LEVELS: [u32; 4] = [4, 8, 12, 13];
/// Levels of pco.
pub(crate) const PCO_LEVELS: [usize; 3] = [4, 8, 12];
/// What one figure takes at least: a clock is not asked for less.
const LEAST: Duration = Duration::from_micros(500);
/// Arrays below this get more rounds.
const LARGE_BYTES: usize = 1 << 19;

/// Medians of one codec on one array.
#[derive(Clone, Debug)]
pub(crate) struct Figures {
    pub(crate) codec: String,
    pub(crate) size: usize,
    /// Seconds.
    pub(crate) encode: f64,
    pub(crate) decode: f64,
    /// Of the bytes that pco wrote at the same level, where the codec can read them.
    pub(crate) decode_same: Option<f64>,
}

/// One codec and what it has measured so far.
struct Contender<T> {
    name: String,
    codec: Box<dyn Codec<T>>,
    bytes: Vec<u8>,
    /// Index of the contender whose bytes are decoded too.
    same: Option<usize>,
    encode: Vec<f64>,
    decode: Vec<f64>,
    decode_same: Vec<f64>,
}

impl<T> Contender<T> {
    fn new(name: String, codec: impl Codec<T> + 'static, same: Option<usize>) -> Self {
        Self {
            name,
            codec: Box::new(codec),
            bytes: Vec::new(),
            same,
            encode: Vec::new(),
            decode: Vec::new(),
            decode_same: Vec::new(),
        }
    }
}

/// All of them, pco first: the others refer to its bytes by place.
fn contenders<T: Number + pco::data_types::Number>() -> Vec<Contender<T>> {
    let mut all: Vec<Contender<T>> = Vec::new();
    for level in PCO_LEVELS {
        all.push(Contender::new(
            format!("pco-{level}"),
            Pco::new(level),
            None,
        ));
    }
    for level in OUR_LEVELS {
        let same = PCO_LEVELS
            .iter()
            .position(|&theirs| theirs == level as usize);
        all.push(Contender::new(
            format!("paginum-{level}"),
            Paginum::<T>::new(level),
            same,
        ));
    }
    all.push(Contender::new(
        "shuffle-zstd-3".into(),
        Zstd::new(3, true),
        None,
    ));
    all.push(Contender::new(
        "shuffle-zstd-9".into(),
        Zstd::new(9, true),
        None,
    ));
    all.push(Contender::new("zstd-3".into(), Zstd::new(3, false), None));
    all.push(Contender::new("memcpy".into(), Memcpy, None));
    all
}

/// Seconds that `run` takes on average, run as often as it takes to be longer than the clock's grain.
///
/// What it reads is to be [`warm`]: a codec's own bytes are, having just been written and compared.
pub(crate) fn seconds(clock: Clock, mut run: impl FnMut()) -> f64 {
    let start = clock.start();
    let mut n = 0u32;
    loop {
        run();
        n += 1;
        let elapsed = start.elapsed();
        if elapsed >= LEAST {
            return elapsed.as_secs_f64() / f64::from(n);
        }
    }
}

/// The middle of some figures.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// How many rounds an array of so many bytes gets.
pub(crate) fn n_rounds(options: &Options, n_bytes: usize) -> usize {
    match options.quick {
        true => 1,
        false => options.rounds * (LARGE_BYTES / n_bytes.max(1)).clamp(1, 4),
    }
}

/// Measures all codecs on `nums`; `rival` is the same array open in another process.
pub(crate) fn measure<T: Number + pco::data_types::Number>(
    nums: &[T],
    name: &str,
    options: &Options,
    mut rival: Option<&mut Rival>,
) -> Result<Vec<Figures>, String> {
    let mut contenders = contenders::<T>();
    let mut dst = vec![T::default(); nums.len()];
    for contender in &mut contenders {
        contender.bytes.reserve(2 * size_of_val(nums) + (1 << 16));
        contender.codec.encode(nums, &mut contender.bytes);
        check(
            &contender.name,
            name,
            &mut *contender.codec,
            &contender.bytes,
            nums,
            &mut dst,
        )?;
    }
    let sources: Vec<Vec<u8>> = contenders
        .iter()
        .take(PCO_LEVELS.len())
        .map(|c| c.bytes.clone())
        .collect();
    let mut rival_seconds = vec![(Vec::new(), Vec::new()); PCO_LEVELS.len()];
    let mut encoded = Vec::with_capacity(2 * size_of_val(nums) + (1 << 16));
    for _ in 0..n_rounds(options, size_of_val(nums)) {
        for contender in &mut contenders {
            let Contender { codec, bytes, .. } = contender;
            warm(bytemuck::cast_slice(nums));
            contender.encode.push(seconds(options.clock, || {
                encoded.clear();
                codec.encode(nums, &mut encoded);
            }));
            if encoded != *bytes {
                return Err(format!(
                    "{} on {name}: other bytes in another round",
                    contender.name
                ));
            }
            contender
                .decode
                .push(seconds(options.clock, || codec.decode(bytes, &mut dst)));
            if let Some(same) = contender.same {
                let codec = &mut contender.codec;
                warm(&sources[same]);
                contender.decode_same.push(seconds(options.clock, || {
                    codec.decode(&sources[same], &mut dst)
                }));
            }
        }
        if let Some(rival) = rival.as_deref_mut() {
            for (level, (encode, decode)) in PCO_LEVELS.into_iter().zip(&mut rival_seconds) {
                encode.push(rival.encode(level)?);
                decode.push(rival.decode(level)?);
            }
        }
    }
    // Once more, in case a round spoiled something; and each of pco's sources through the codec that read it.
    for contender in &mut contenders {
        check(
            &contender.name,
            name,
            &mut *contender.codec,
            &contender.bytes,
            nums,
            &mut dst,
        )?;
        if let Some(same) = contender.same {
            check(
                &contender.name,
                name,
                &mut *contender.codec,
                &sources[same],
                nums,
                &mut dst,
            )?;
        }
    }
    let mut figures: Vec<Figures> = contenders
        .into_iter()
        .map(|contender| Figures {
            codec: contender.name,
            size: contender.bytes.len(),
            encode: median(contender.encode),
            decode: median(contender.decode),
            decode_same: (!contender.decode_same.is_empty()).then(|| median(contender.decode_same)),
        })
        .collect();
    for (i, (encode, decode)) in rival_seconds
        .into_iter()
        .enumerate()
        .filter(|(_, (encode, _))| !encode.is_empty())
    {
        figures.push(Figures {
            codec: format!("flagged-pco-{}", PCO_LEVELS[i]),
            size: sources[i].len(),
            encode: median(encode),
            decode: median(decode),
            decode_same: None,
        });
    }
    Ok(figures)
}

/// Reads all bytes, so that whoever is measured next finds them in the caches, and their pages mapped.
pub(crate) fn warm(bytes: &[u8]) {
    std::hint::black_box(bytes.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte)));
}

/// Decodes `bytes` and compares every bit.
fn check<T: Number>(
    codec_name: &str,
    name: &str,
    codec: &mut dyn Codec<T>,
    bytes: &[u8],
    nums: &[T],
    dst: &mut [T],
) -> Result<(), String> {
    dst.fill(T::default());
    codec.decode(bytes, dst);
    let (found, expected): (&[u8], &[u8]) = (bytemuck::cast_slice(dst), bytemuck::cast_slice(nums));
    match found == expected {
        true => Ok(()),
        false => Err(format!(
            "{codec_name} on {name}: numbers came back different"
        )),
    }
}
