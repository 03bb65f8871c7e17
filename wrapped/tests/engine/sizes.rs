//! Sizes beside the oracle's, at the same level, on arrays of every kind and type.

use paginum_wrapped::{ChunkConfig, FileCompressor, Isa, NumberType, PagingSpec, with_number_type};

use crate::support::gauntlet::Challenge;
use crate::support::numbers::{Kind, numbers};
use crate::support::oracle::WrappedChunk;
use crate::support::random::Random;
use crate::support::{Tested, is_long, oracle, ours};

/// Bytes that chance may give away on arrays of a few bytes.
const SLACK: usize = 12;

fn size(chunk: &WrappedChunk) -> usize {
    let pages: usize = chunk.pages.iter().map(Vec::len).sum();
    chunk.header.len() + chunk.meta.len() + pages
}

/// Sizes of all arrays of a level, and those that are much larger than the oracle's, in words.
#[derive(Default)]
struct Sizes {
    ours: usize,
    theirs: usize,
    much_larger: Vec<String>,
}

impl Sizes {
    fn add<T: Tested>(&mut self, kind: Kind, n: usize, seed: u64, level: u32, most: f64) {
        let nums = numbers::<T>(kind, n, seed);
        let config = ChunkConfig::default().with_level(level);
        let isa = Isa::best().expect("a tier");
        let ours = ours::compress_wrapped(isa, &nums, &config).expect("legal");
        let theirs = oracle::compress_wrapped(&nums, &oracle::config(&config)).expect("legal");
        let (ours, theirs) = (size(&ours), size(&theirs));
        self.ours += ours;
        self.theirs += theirs;
        if ours as f64 > theirs as f64 * most + SLACK as f64 {
            self.much_larger.push(format!(
                "{} {kind:?}, {n} numbers of seed {seed}, level {level}: {ours} against {theirs} bytes",
                T::NUMBER_TYPE
            ));
        }
    }
}

/// Choices are made by samples, and lookbacks are charged for what they take to decode: of arrays that are made to be
/// hard, a few may be larger than the oracle's. All together may not.
#[test]
fn arrays_of_all_kinds_are_smaller_than_the_oracles() {
    // With more seeds, some chance is worse.
    let (n_seeds, most) = if is_long() { (20, 2.0) } else { (2, 1.05) };
    for level in [4, 8, 12] {
        let mut sizes = Sizes::default();
        for n in [700, 3000, 40_000] {
            for (seed, number_type) in (0..n_seeds).flat_map(|s| NumberType::ALL.map(|t| (s, t))) {
                for kind in Kind::ALL {
                    with_number_type!(number_type, |T| sizes.add::<T>(kind, n, seed, level, most));
                }
            }
        }
        assert!(sizes.much_larger.is_empty(), "{:#?}", sizes.much_larger);
        assert!(
            sizes.ours < sizes.theirs,
            "level {level}: {} against {} bytes",
            sizes.ours,
            sizes.theirs
        );
    }
}

/// Arrays that nobody tuned to: hardly any is larger than the oracle's, and none by much.
#[test]
fn arrays_composed_at_random_are_hardly_ever_larger() {
    /// What no array should exceed, of the oracle's size.
    const MOST: f64 = 1.005;
    /// What none does.
    const WORST: f64 = 1.1;
    let (n_arrays, max_n_log) = if is_long() { (1000, 20) } else { (150, 15) };
    for level in [4, 8, 12] {
        let mut larger = Vec::new();
        let mut logs = 0.0;
        for seed in 0..n_arrays {
            let challenge = Challenge::new(seed, max_n_log);
            let (ours, theirs, words) = with_number_type!(challenge.number_type, |T| {
                let (nums, words) = challenge.numbers::<T>();
                let config = ChunkConfig::default().with_level(level);
                let isa = Isa::best().expect("a tier");
                let ours = ours::compress_wrapped(isa, &nums, &config).expect("legal");
                let theirs =
                    oracle::compress_wrapped(&nums, &oracle::config(&config)).expect("legal");
                (size(&ours), size(&theirs), words)
            });
            let ratio = ours as f64 / theirs as f64;
            logs += ratio.ln();
            // A byte of fifty is chance.
            if ours > theirs + 2 && ratio > MOST {
                let number_type = challenge.number_type;
                larger.push((
                    ratio,
                    format!("{seed}: {number_type} {} {words}", challenge.n),
                ));
            }
        }
        larger.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mean = (logs / n_arrays as f64).exp();
        assert!(mean < 0.9, "level {level}: {mean}");
        // Of thousands, one in a hundred was.
        assert!(
            larger.len() as u64 * 50 <= n_arrays,
            "level {level}: {larger:#?}"
        );
        assert!(
            larger.iter().all(|(ratio, _)| *ratio < WORST),
            "level {level}: {larger:#?}"
        );
    }
}

/// A level never makes an array clearly larger than the level below.
#[test]
fn higher_levels_are_not_larger() {
    /// What a level may add, as a part of the size at the level below.
    const MOST: f64 = 1.005;
    let (n_arrays, max_n_log) = if is_long() { (1000, 20) } else { (60, 14) };
    let mut larger = Vec::new();
    for seed in 2000..2000 + n_arrays {
        let challenge = Challenge::new(seed, max_n_log);
        let sizes: Vec<usize> = with_number_type!(challenge.number_type, |T| {
            let (nums, _) = challenge.numbers::<T>();
            let isa = Isa::best().expect("a tier");
            let size_at = |level| {
                let config = ChunkConfig::default().with_level(level);
                size(&ours::compress_wrapped(isa, &nums, &config).expect("legal"))
            };
            [2, 4, 6, 8, 10, 12, 13].map(size_at).into()
        });
        for pair in sizes.windows(2) {
            if pair[1] > pair[0] + SLACK && pair[1] as f64 > pair[0] as f64 * MOST {
                larger.push(format!("{seed}: {} {sizes:?}", challenge.number_type));
            }
        }
    }
    // Samples see other slots at other levels: of a thousand arrays, one in a hundred was.
    assert!(larger.len() as u64 * 50 <= n_arrays, "{larger:#?}");
}

/// The highest level tries more, and keeps what the one below finds where that is less.
#[test]
fn the_highest_level_is_not_larger_than_the_one_below() {
    // Of a sample of this one, a linear prediction leaves less than differences do.
    let challenge = Challenge::new(29238, 20);
    with_number_type!(challenge.number_type, |T| {
        let (nums, words) = challenge.numbers::<T>();
        let isa = Isa::best().expect("a tier");
        let [below, highest] = [12, 13].map(|level| {
            let config = ChunkConfig::default().with_level(level);
            size(&ours::compress_wrapped(isa, &nums, &config).expect("legal"))
        });
        assert!(highest <= below, "{highest} against {below} bytes, {words}");
    });
}

/// Two sines and noise: a prediction from 16 numbers leaves the noise, if it is fitted to none of a sample's cuts.
#[test]
fn sines_are_predicted_at_the_highest_level() {
    let mut random = Random::new(7);
    let nums: Vec<i32> = (0..60_000)
        .map(|i| {
            let at = |period: f64| (f64::from(i) / period).sin();
            (at(31.0) * 1e8 + at(4.3) * 1e7) as i32 + random.below(20) as i32
        })
        .collect();
    let [below, highest] = [12, 13].map(|level| {
        let config = ChunkConfig::default().with_level(level);
        let isa = Isa::best().expect("a tier");
        size(&ours::compress_wrapped(isa, &nums, &config).expect("legal"))
    });
    assert!(highest * 4 < below * 3, "{highest} against {below} bytes");
}

/// What comes again costs next to nothing, however few bits it takes as it is.
#[test]
fn periods_of_few_values_are_seen() {
    let mut random = Random::new(5);
    for period in [2, 3, 4, 5, 7, 12, 40, 600] {
        let values: Vec<i64> = (0..period).map(|_| random.below(1 << 40) as i64).collect();
        let nums: Vec<i64> = values.into_iter().cycle().take(100_000).collect();
        for level in [4, 8, 12] {
            let config = ChunkConfig::default().with_level(level);
            let isa = Isa::best().expect("a tier");
            let ours = size(&ours::compress_wrapped(isa, &nums, &config).expect("legal"));
            let most = 400 + 8 * period;
            assert!(ours < most, "level {level}, period {period}: {ours} bytes");
        }
    }
}

/// What is reckoned of a chunk whose pages are not written is what they take, within a thirtieth and two bytes a page.
#[test]
fn sizes_are_reckoned_without_a_page_being_written() {
    let file = FileCompressor::new().expect("a tier");
    for (seed, page_n) in (0..if is_long() { 400 } else { 60 }).zip([300, 8192].into_iter().cycle())
    {
        let challenge = Challenge::new(seed + 900, 17);
        let n_pages = challenge.n.div_ceil(page_n);
        if challenge.n <= 100 {
            continue;
        }
        let config = ChunkConfig::default()
            .with_level([1, 8, 12][seed as usize / 2 % 3])
            .with_paging_spec(PagingSpec::EqualPagesUpTo(page_n));
        let (reckoned, written) = with_number_type!(challenge.number_type, |T| {
            let (nums, _) = challenge.numbers::<T>();
            let chunk = file.chunk_compressor(&nums, &config).expect("legal");
            let mut bytes = Vec::new();
            chunk.write_meta(&mut bytes);
            chunk.write_pages(&mut bytes);
            (chunk.reckoned_size(), bytes.len())
        });
        let most = written as f64 / 30.0 + 2.0 * n_pages as f64;
        assert!(
            reckoned.abs_diff(written) as f64 <= most,
            "seed {}: {reckoned} bytes, and {written} written in {n_pages} pages",
            challenge.seed
        );
    }
}

/// Clusters far apart, so many that a slot of a sample holds few of their latents: no level has bins over two of them.
#[test]
fn clusters_have_bins_of_their_own_at_every_level() {
    let mut random = Random::new(1);
    let nums: Vec<i32> = (0..100_000)
        .map(|i| {
            let cluster = (1 + random.below(128) as i32).pow(2).wrapping_mul(7919) % (1 << 16);
            match i % 3 {
                0 => 7,
                _ => (cluster - (1 << 15)) * (1 << 16) + random.below(2048) as i32,
            }
        })
        .collect();
    // Two of three are seven bits of a cluster and eleven of a place in it, and which those are takes 0.92.
    let least = 100_000.0 * (0.918 + 2.0 / 3.0 * 18.0) / 8.0;
    for level in [5, 6, 8, 12] {
        let config = ChunkConfig::default().with_level(level);
        let isa = Isa::best().expect("a tier");
        let ours = size(&ours::compress_wrapped(isa, &nums, &config).expect("legal"));
        assert!((ours as f64) < 1.1 * least, "level {level}: {ours} bytes");
    }
}

/// Compositions that a sample of eight runs misjudged: kinds one after another, interleaved records, bases of few numbers.
#[test]
fn compositions_that_few_runs_misjudged_are_not_larger() {
    are_not_larger(&[6001, 15002, 17023, 19233, 20141]);
}

/// Periods of short floats, waves whose period is no whole number, and kinds of which another delta encoding suits each.
#[test]
fn far_repeats_and_chunks_of_several_kinds_are_not_larger() {
    are_not_larger(&[21002, 22090, 24269, 24239, 22277, 38214]);
}

/// Columns with periods of their own, of which no run comes again.
#[test]
fn interleaved_periods_are_not_larger() {
    let noise = |i: usize| (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    for periods in [[777, 1001], [5000, 5001]] {
        let column = |i: usize| noise(i / 2 % periods[i % 2] * 2 + i % 2) as u32;
        let nums: Vec<u32> = (0..100_000).map(column).collect();
        assert_is_at_most(&nums, 1.005);
    }
}

/// A period in the second half of sorted numbers: its numbers come again, and the others differ little from their neighbours.
#[test]
fn a_period_in_a_part_of_sorted_numbers_is_not_larger() {
    let mut random = Random::new(3);
    let base: Vec<i32> = (0..900).map(|_| random.below(1 << 18) as i32).collect();
    let mut nums: Vec<i32> = base.iter().copied().cycle().take(131_072).collect();
    let (first_half, _) = nums.split_at_mut(65_536);
    first_half.sort_unstable();
    assert_is_at_most(&nums, 1.005);
}

/// Numbers with one decimal and a period, of which one in ten is another: any multiple of the period explains a few more.
#[test]
fn a_period_with_noise_is_seen_as_one() {
    let mut random = Random::new(4);
    let mut decimal = || ((random.normal() * 5.0 + 20.0) * 10.0).round() as f32 / 10.0;
    let base: Vec<f32> = (0..1440).map(|_| decimal()).collect();
    let mut nums: Vec<f32> = base.into_iter().cycle().take(131_072).collect();
    nums.iter_mut().step_by(10).for_each(|x| *x = decimal());
    assert_is_at_most(&nums, 0.6);
}

/// Numbers that count, with others among them: the last one that counted is one to a dozen before.
#[test]
fn counters_among_other_numbers_are_not_larger() {
    let mixed = |i: u64| {
        let mixed = i.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed ^ mixed >> 31).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 32
    };
    let with_outliers = |i| match mixed(i) {
        x if x % 7 == 0 => x / 4096,
        _ => i * 1_239_709,
    };
    let one_in_three = |i| {
        if (mixed(i) >> 8) % 3 == 0 {
            i * 323_098
        } else {
            0
        }
    };
    for number in [&with_outliers as &dyn Fn(u64) -> u64, &one_in_three] {
        let nums: Vec<u32> = (0..150_000).map(|i| number(i) as u32).collect();
        assert_is_at_most(&nums, 1.0);
    }
}

/// Holds the size of some numbers against a part of the oracle's.
fn assert_is_at_most<T: Tested>(nums: &[T], part: f64) {
    let config = ChunkConfig::default();
    let isa = Isa::best().expect("a tier");
    let ours = size(&ours::compress_wrapped(isa, nums, &config).expect("legal"));
    let theirs = oracle::compress_wrapped(nums, &oracle::config(&config));
    let theirs = size(&theirs.expect("legal"));
    assert!(
        ours as f64 <= theirs as f64 * part,
        "{ours} against {theirs}"
    );
}

/// Multiples of a base among numbers of which four in five are the same.
#[test]
fn bases_of_a_minority_are_found() {
    are_not_larger(&[31201]);
}

/// Deltas of few numbers, fewer than these by the state.
#[test]
fn differences_of_few_numbers_are_judged_as_the_numbers_are() {
    are_not_larger(&[24120, 24223, 36173, 37197]);
}

/// Of a handful of numbers, each byte of a table counts, and few speak for a base.
#[test]
fn a_handful_of_numbers_is_hardly_larger_in_the_worst_case() {
    let n_seeds = if is_long() { 2000 } else { 200 };
    let isa = Isa::best().expect("a tier");
    let config = ChunkConfig::default();
    for max_n_log in [4, 6, 8] {
        let mut sizes = (0, 0);
        for seed in 50_000..50_000 + n_seeds {
            let challenge = Challenge::new(seed, max_n_log);
            with_number_type!(challenge.number_type, |T| {
                let (nums, words) = challenge.numbers::<T>();
                let ours = size(&ours::compress_wrapped(isa, &nums, &config).expect("legal"));
                let theirs = oracle::compress_wrapped(&nums, &oracle::config(&config));
                let theirs = size(&theirs.expect("legal"));
                sizes = (sizes.0 + ours, sizes.1 + theirs);
                assert!(
                    ours * 20 <= theirs * 21 + 20,
                    "seed {seed}, {} numbers: {ours} against {theirs} bytes, {words}",
                    nums.len()
                );
            });
        }
        assert!(sizes.0 < sizes.1, "{sizes:?}");
    }
}

/// That what these seeds of the gauntlet compose is at most 1.005 of what pco makes of it.
fn are_not_larger(seeds: &[u64]) {
    for &seed in seeds {
        let challenge = Challenge::new(seed, 20);
        with_number_type!(challenge.number_type, |T| {
            let (nums, words) = challenge.numbers::<T>();
            let config = ChunkConfig::default();
            let isa = Isa::best().expect("a tier");
            let ours = size(&ours::compress_wrapped(isa, &nums, &config).expect("legal"));
            let theirs = oracle::compress_wrapped(&nums, &oracle::config(&config)).expect("legal");
            let theirs = size(&theirs);
            assert!(
                ours as f64 <= theirs as f64 * 1.005,
                "seed {seed}: {ours} against {theirs} bytes, {words}"
            );
        });
    }
}
