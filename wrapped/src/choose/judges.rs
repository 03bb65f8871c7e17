//! Judges of bases of floats: what a base takes off some numbers.
//!
//! A base saves the bits of the mantissa below it, and costs what the adjustment takes: how far a number is from the nearest
//! multiple, in units of the last place.

use crate::dtype::{Latent, Number};
use crate::kernels::isa::{Isa, Kernel, Tier};
use crate::mode::float_mult::{base_from, is_base};

/// Numbers that bases are judged by.
const MAX_JUDGES: usize = 128;
/// Fewer say nothing of a base, which takes a number's room itself.
const MIN_JUDGES: usize = 4;
/// The first of them, which can reject a base at once.
const N_FIRST_JUDGES: usize = 12;
/// Bits that a number takes more, beside its own, for being no multiple.
const NO_MULTIPLE_BITS: u32 = 4;
/// Bits a number that a base has to save to be worth a trial.
pub(super) const MIN_SAVED_BITS: f64 = 0.5;
/// What a base may lose by itself where all numbers are its multiples: the differences of these may be worth it.
const MAX_LOST_BITS: f64 = 2.0;
/// The same for 16 bits: there, few values being multiples at all is what saves most.
const MIN_SAVED_BITS_OF_16: f64 = -1.0;

/// Numbers that say something about bases.
#[derive(Debug)]
pub(super) struct Judges<T> {
    pub(super) numbers: Vec<T>,
    /// What lies between the least and the most of them.
    range: f64,
    isa: Isa,
}

impl<T: Number> Judges<T> {
    /// Those of a sample, and of all numbers where few of the sample say anything; `None` if these do not, either.
    pub(super) fn of(sample: &[T], numbers: &[T], isa: Isa) -> Option<Self> {
        let mut judges = chosen(sample);
        if judges.len() < MAX_JUDGES / 2 && sample.len() < numbers.len() {
            judges.extend(chosen(numbers));
            judges.truncate(MAX_JUDGES);
        }
        let ends = judges
            .iter()
            .fold((f64::MAX, f64::MIN), |(least, most), x| {
                (least.min(x.to_f64()), most.max(x.to_f64()))
            });
        (judges.len() >= MIN_JUDGES).then_some(Self {
            numbers: judges,
            range: ends.1 - ends.0,
            isa,
        })
    }

    /// What a base saves, with the base itself as these numbers have it, if that is worth a trial.
    pub(super) fn judge(&self, base: f64) -> Option<(f64, T)> {
        let min_saved_bits = if T::Latent::BITS == 16 {
            MIN_SAVED_BITS_OF_16
        } else {
            MIN_SAVED_BITS
        };
        // All numbers between two multiples differ by nothing that a base says.
        if base > self.range {
            return None;
        }
        let base = base_from(base)?;
        let n_first = self.numbers.len().min(N_FIRST_JUDGES);
        let first = saved_bits(&self.numbers[..n_first], base, self.isa);
        if first <= min_saved_bits.min(-MAX_LOST_BITS) {
            return None;
        }
        let saved = self.saved_bits(base);
        let is_worth_it =
            saved >= min_saved_bits || saved > -MAX_LOST_BITS && self.are_multiples(base);
        is_worth_it.then_some((saved, base))
    }

    /// Bits a number that a base saves.
    pub(super) fn saved_bits(&self, base: T) -> f64 {
        saved_bits(&self.numbers, base, self.isa)
    }

    /// The share of numbers that are multiples of a base, up to some units in the last place.
    pub(super) fn share_of_multiples(&self, base: T) -> f64 {
        const MAX_UNITS: u64 = 4;
        let inverse = T::from_f64(1.0 / base.to_f64());
        let is_multiple = |x: &&T| units_off(**x, base, inverse) <= MAX_UNITS;
        self.numbers.iter().filter(is_multiple).count() as f64 / self.numbers.len() as f64
    }

    /// Whether next to all numbers are multiples of a base, which is clearly more than what they can tell apart.
    fn are_multiples(&self, base: T) -> bool {
        const MIN_UNITS_LOG: f64 = 3.0;
        const MIN_SHARE: f64 = 0.95;
        let precision = f64::from(T::MANTISSA_BITS.unwrap_or(0));
        let inverse = T::from_f64(1.0 / base.to_f64());
        let log2_base = base.to_f64().abs().log2();
        let is_multiple = |x: &&T| {
            units_off(**x, base, inverse) <= 1
                && log2_base - f64::from(exponent(x.to_f64())) + precision >= MIN_UNITS_LOG
        };
        self.numbers.iter().filter(is_multiple).count() as f64
            >= MIN_SHARE * self.numbers.len() as f64
    }

    /// The best of a base and of the floats next to it: the last bit of a base makes many adjustments.
    pub(super) fn nearby(&self, saved: f64, base: T) -> (f64, T) {
        /// Errors of a guess are a few units in the last place.
        const MAX_STEPS: u64 = 6;
        let mut best = (saved, base);
        let at = |step: u64| {
            let latent = base.to_latent().to_u64().wrapping_add(step);
            T::from_latent(T::Latent::from_u64(latent))
        };
        for step in (1..=MAX_STEPS).flat_map(|step| [step, step.wrapping_neg()]) {
            // Around the smallest of subnormals, there is zero.
            let base = at(step);
            if is_base(base) {
                let saved = self.saved_bits(base);
                if saved > best.0 {
                    best = (saved, base);
                }
            }
        }
        best
    }
}

/// Those of numbers: no zeros, subnormals or infinities, and none twice in a row, from all over.
fn chosen<T: Number>(numbers: &[T]) -> Vec<T> {
    /// Numbers that are looked at for each judge, at most.
    const LOOKED_AT: usize = 512;
    let n_judges = (numbers.len() / 8).clamp(2 * N_FIRST_JUDGES, MAX_JUDGES);
    let largest = T::from_f64(f64::INFINITY).to_f64().min(f64::MAX);
    let smallest = smallest_normal::<T>();
    let mut last = T::default();
    let mut says_something = |x: &T| {
        let is_new = *x != last && (smallest..largest).contains(&x.to_f64().abs());
        if is_new {
            last = *x;
        }
        is_new
    };
    // The next that says something, from a place in each of twice as many parts, which are irregular: no order hides.
    let step = (numbers.len() / (2 * n_judges)).max(1);
    let mut place = 0usize;
    let judges = numbers.chunks(step).filter_map(|part| {
        place = place.wrapping_mul(0x5851_f42d).wrapping_add(0x1405_7b7f);
        let start = (place >> 8) % part.len();
        let from = part[start..].iter().chain(&part[..start]).take(LOOKED_AT);
        from.copied().find(&mut says_something)
    });
    let mut judges: Vec<T> = judges.collect();
    judges.sort_unstable_by_key(|x| x.to_latent());
    judges.dedup();
    // In an order in which the first ones, and pairs, are from all over.
    let mix = |latent: u64| {
        let mixed = (latent ^ latent >> 32).wrapping_mul(0xff51_afd7_ed55_8ccd);
        (mixed ^ mixed >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53)
    };
    judges.sort_by_cached_key(|x| mix(x.to_latent().to_u64()));
    judges.truncate(n_judges);
    judges
}

/// Bits a number that a base saves.
fn saved_bits<T: Number>(judges: &[T], base: T, isa: Isa) -> f64 {
    isa.run(Saved { judges, base })
}

/// Rounding is one instruction only where vectors are.
struct Saved<'a, T> {
    judges: &'a [T],
    base: T,
}

impl<T: Number> Kernel for Saved<'_, T> {
    type Output = f64;

    #[inline(always)]
    fn run<S: Tier>(self, _: S) -> f64 {
        saved_bits_of(self.judges, self.base)
    }
}

#[inline(always)]
fn saved_bits_of<T: Number>(judges: &[T], base: T) -> f64 {
    const N_SUMS: usize = 8;
    let (base_f64, inverse_f64) = (base.to_f64(), 1.0 / base.to_f64());
    let inverse = T::from_f64(inverse_f64);
    if base_f64.abs() < smallest_normal::<T>() || !inverse.to_f64().is_finite() {
        return 0.0;
    }
    let precision = T::MANTISSA_BITS.unwrap_or(0) as i32;
    let log2_base = base_f64.abs().log2();
    let saved = |x: T| {
        let below_base = log2_base - f64::from(exponent(x.to_f64()) - precision);
        // Those of small errors take turns; what is no multiple has bins of its own.
        let units = units_off(x, base, inverse);
        let bits = u64::BITS - units.leading_zeros();
        let adjustment = match units {
            0 => 0,
            _ => (1 + 2 * bits).min(bits + NO_MULTIPLE_BITS),
        };
        // A multiple of zero loses the number altogether.
        below_base.max(0.0).min(f64::from(precision)) - f64::from(adjustment)
    };
    // Sums of their own, so that vectors hold them.
    let (blocks, rest) = judges.as_chunks::<N_SUMS>();
    let mut sums = [0.0; N_SUMS];
    for block in blocks {
        for (sum, &x) in sums.iter_mut().zip(block) {
            *sum += saved(x);
        }
    }
    let of_rest: f64 = rest.iter().map(|&x| saved(x)).sum();
    (sums.iter().sum::<f64>() + of_rest) / judges.len() as f64
}

/// How many units in the last place a number is from the nearest multiple of a base.
#[inline(always)]
fn units_off<T: Number>(x: T, base: T, inverse: T) -> u64 {
    let approximation = T::int_float_times(x.nearest_multiple(inverse), base).to_u64();
    approximation.abs_diff(x.to_latent().to_u64())
}

pub(super) fn smallest_normal<T: Number>() -> f64 {
    let one = T::Latent::from_u64(1);
    let bits = one << T::MANTISSA_BITS.unwrap_or(0) as usize;
    T::from_latent(bits ^ T::Latent::MID).to_f64()
}

/// The exponent of a normal number: 0 for 1.0.
pub(super) fn exponent(x: f64) -> i32 {
    ((x.to_bits() >> 52) & 0x7ff) as i32 - 1023
}
