//! Arrays composed at random, on which no choice was tuned: columns of one kind, and what happens to columns in files.
//!
//! A seed determines type, length, kinds and how they are put together. What a sample sees of an array says little about
//! the rest of many of them: that is what they are for.

mod columns;

use paginum_wrapped::{Number, NumberType};

use super::random::Random;

/// The longest array, as a power of two.
pub const MAX_N_LOG: u32 = 20;

/// An array of the gauntlet, but for its numbers.
#[derive(Clone, Copy, Debug)]
pub struct Challenge {
    /// What determines it.
    pub seed: u64,
    /// Its type.
    pub number_type: NumberType,
    /// Its length.
    pub n: usize,
}

impl Challenge {
    /// The challenge of a seed, of at most `2^max_n_log` numbers.
    pub fn new(seed: u64, max_n_log: u32) -> Self {
        let random = &mut Random::new(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
        let number_type = random.pick(&NumberType::ALL);
        // Every order of magnitude is as likely, and what fills chunks twice as likely as that.
        let log = match random.below(3) {
            0 => 14.0 + random.unit() * f64::from(MAX_N_LOG - 14),
            _ => random.unit() * f64::from(MAX_N_LOG),
        };
        Self {
            seed,
            number_type,
            n: 2f64.powf(log.min(f64::from(max_n_log))) as usize,
        }
    }

    /// Its numbers; `T` is its type. And in words how they were made.
    pub fn numbers<T: Number>(&self) -> (Vec<T>, String) {
        let random = &mut Random::new(self.seed ^ 0x6a75_6e74);
        compose(self.n, random, 2)
    }
}

/// Puts columns together, at most `depth` times.
fn compose<T: Number>(n: usize, random: &mut Random, depth: u32) -> (Vec<T>, String) {
    if depth == 0 {
        return columns::column(n, random);
    }
    match random.below(16) {
        0 | 1 => {
            // One after another, cut anywhere.
            let n_columns = 2 + random.index(4);
            let (mut all, mut words): (Vec<T>, _) = (Vec::new(), Vec::new());
            for column in 0..n_columns {
                let left = n - all.len();
                let n = if column + 1 == n_columns {
                    left
                } else {
                    random.index(left + 1)
                };
                let (column, word) = compose::<T>(n, random, depth - 1);
                all.extend(column);
                words.push(word);
            }
            (all, format!("[{}]", words.join(", ")))
        }
        2 | 3 => {
            // Records: columns interleaved.
            let n_columns = 2 + random.index(9);
            let same = random.below(2) == 0;
            let mut columns: Vec<(Vec<T>, String)> = Vec::new();
            let each = n.div_ceil(n_columns);
            let mut like = random.clone();
            for _ in 0..n_columns {
                let mut of_one_kind = like.clone();
                let made = if same {
                    columns::column::<T>(each, &mut of_one_kind)
                } else {
                    columns::column(each, random)
                };
                like.bits();
                columns.push(made);
            }
            if same {
                // The same kind with other values: columns of counters, of coordinates.
                let latent_bits = u64::from(<T::Latent as paginum_wrapped::Latent>::BITS);
                let offset = random.bits() >> random.below(latent_bits);
                for (i, (column, _)) in columns.iter_mut().enumerate() {
                    columns::shift(column, offset.wrapping_mul(i as u64));
                }
            }
            let all = (0..n)
                .map(|i| columns[i % n_columns].0[i / n_columns])
                .collect();
            (
                all,
                format!(
                    "{n_columns} interleaved: {}{}",
                    if same { "alike " } else { "" },
                    columns[0].1
                ),
            )
        }
        4 => {
            // A few exceptions.
            let (mut all, word) = compose::<T>(n, random, depth - 1);
            let n_exceptions = 1 << random.below(9);
            let (others, other) = columns::column::<T>(n_exceptions, random);
            for exception in others {
                if n > 0 {
                    all[random.index(n)] = exception;
                }
            }
            (all, format!("{word} but {n_exceptions} of {other}"))
        }
        5 => {
            // Mixed with another kind, number by number.
            let (a, b) = (
                compose::<T>(n, random, depth - 1),
                columns::column::<T>(n, random),
            );
            let share = random.pick(&[2, 5, 10, 100, 1000, 10_000]);
            let all =
                a.0.iter()
                    .zip(&b.0)
                    .map(|(&x, &y)| if random.below(share) == 0 { y } else { x });
            (
                all.collect(),
                format!("{} with 1 in {share} of {}", a.1, b.1),
            )
        }
        6 => {
            // The same again and again.
            let period = 1 + 2f64.powf(random.unit() * 17.0) as usize;
            let (pattern, word) = columns::column::<T>(period.min(n), random);
            let all = (0..n).map(|i| pattern[i % period]).collect();
            (all, format!("period {period} of {word}"))
        }
        7 => {
            // Repeats at all distances, of all lengths.
            let (mut all, word) = columns::column::<T>(n, random);
            let longest = 4 + random.index(200);
            let mut i = 1;
            while i < n {
                if random.below(2) == 0 {
                    let distance = 1 + (random.unit().powi(3) * i as f64) as usize;
                    let length = 1 + random.index(longest);
                    for at in i..(i + length).min(n) {
                        all[at] = all[at - distance.min(at)];
                    }
                    i += length;
                } else {
                    i += 1 + random.index(longest);
                }
            }
            (all, format!("repeats up to {longest} in {word}"))
        }
        8 => {
            // Sorted, in blocks.
            let (mut all, word) = columns::column::<T>(n, random);
            let block = 1 << (3 + random.below(16));
            for block in all.chunks_mut(block) {
                block.sort_unstable_by_key(|x| x.to_latent());
            }
            (all, format!("blocks of {block} sorted of {word}"))
        }
        9 => {
            // Mostly one value.
            let (others, word) = columns::column::<T>(n, random);
            let common = others.first().copied().unwrap_or_default();
            let share = random.pick(&[3, 20, 80, 500, 3000]);
            let all = others
                .iter()
                .map(|&x| if random.below(share) == 0 { x } else { common });
            (all.collect(), format!("1 in {share} of {word}"))
        }
        _ => columns::column(n, random),
    }
}
