//! Plans that reach every mode, delta encoding and version that a number type has.

use paginum_wrapped::Number;

use super::meta::WireDelta;
use super::{Plan, PlanMode};
use crate::support::random::Random;

/// The versions that readers know.
pub const VERSIONS: [(u8, u8); 6] = [(0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (4, 1)];

/// Every mode of a number type.
pub fn modes<T: Number>() -> Vec<PlanMode<T>> {
    let mut modes = vec![PlanMode::Classic, PlanMode::Dict];
    match T::MANTISSA_BITS {
        None => modes.extend([1, 7, 100].map(PlanMode::IntMult)),
        Some(mantissa_bits) => {
            modes.extend([0.01, -3.0].map(|base| PlanMode::FloatMult(T::from_f64(base))));
            modes.extend([1, mantissa_bits / 2, mantissa_bits].map(PlanMode::FloatQuant));
        }
    }
    modes
}

/// Every delta encoding that latents of `latent_bits` can have, with and without the secondary variable.
pub fn deltas(latent_bits: u32, has_secondary: bool) -> Vec<WireDelta> {
    let mut deltas = vec![WireDelta::None];
    for secondary in [false, true] {
        if secondary && !has_secondary {
            continue;
        }
        deltas.extend((1..=7).map(|order| WireDelta::Consecutive { order, secondary }));
        deltas.extend([(1, 0), (4, 0), (4, 2), (6, 6), (12, 9)].map(
            |(window_n_log, state_n_log)| WireDelta::Lookback {
                window_n_log,
                state_n_log,
                secondary,
            },
        ));
    }
    if latent_bits <= 32 {
        // The quantization of the narrowest sums is at most 15 and their weights are small.
        for (order, quantization, bias) in [(1, 0, 0), (2, 3, 25), (6, 5, -9), (32, 5, 1)] {
            let weights = (0..order).map(|i| [3, -1, 2][i % 3]).collect();
            deltas.push(WireDelta::Conv1 {
                quantization,
                bias,
                weights,
            });
        }
    }
    deltas
}

/// All modes with all deltas for `n` numbers: versions, bins and page sizes vary along.
pub fn plans<T: Number>(n: usize) -> Vec<Plan<T>> {
    let random = &mut Random::new(n as u64);
    let mut plans = Vec::new();
    for mode in modes::<T>() {
        let is_dict = matches!(mode, PlanMode::Dict);
        let has_secondary = !matches!(mode, PlanMode::Classic | PlanMode::Dict);
        let latent_bits = if is_dict {
            32
        } else {
            super::number_bits::<T>()
        };
        for delta in deltas(latent_bits, has_secondary) {
            let is_old = match delta {
                WireDelta::None
                | WireDelta::Consecutive {
                    secondary: false, ..
                } => random.below(2) == 0,
                _ => false,
            };
            let is_oldest = is_old && !matches!(mode, PlanMode::IntMult(_)) && random.below(2) == 0;
            let version = match (is_oldest, is_old) {
                (true, _) => VERSIONS[0],
                (_, true) => VERSIONS[1 + random.index(2)],
                _ => VERSIONS[3 + random.index(3)],
            };
            plans.push(Plan {
                version,
                mode: mode.clone(),
                delta,
                n_per_page: page_sizes(n, random),
                max_bins: random.pick(&[1, 2, 3, 17, 100, 600]),
                seed: random.bits(),
            });
        }
    }
    plans
}

/// One to four pages, often of sizes around a multiple of the batch, sometimes of one number.
pub fn page_sizes(n: usize, random: &mut Random) -> Vec<usize> {
    let mut left = n;
    let mut sizes = Vec::new();
    while left > 0 && sizes.len() < 3 {
        let size = random.pick(&[1, 5, 255, 256, 257, left]).min(left);
        sizes.push(size);
        left -= size;
    }
    sizes.extend((left > 0).then_some(left));
    sizes
}
