//! Components: number `i` of a chunk belongs to component `i` modulo how many there are.
//!
//! So a page may start at any of them: the one at which it starts is its phase.

use crate::array::ArraySpec;

/// The most components of a chunk; a longer last axis is no set of components.
pub(in crate::filter) const MAX_COMPONENTS: usize = 16;

/// Components that an array may be split into, 1 if there is nothing to choose.
pub(in crate::filter) fn components(spec: &ArraySpec) -> u64 {
    if spec.dtype().components() > 1 {
        return spec.dtype().components();
    }
    match spec.shape() {
        [_, .., last] if (2..=MAX_COMPONENTS as u64).contains(last) => *last,
        _ => 1,
    }
}

/// How many of `n` numbers belong to component `component` of `k`, if the first one belongs to `phase`.
pub(in crate::filter) fn component_len(
    n: usize,
    k: usize,
    phase: usize,
    component: usize,
) -> usize {
    (n + k - 1 - first_of(k, phase, component)) / k
}

/// The numbers that belong to component `component` of `k`, if the first one belongs to `phase`.
pub(in crate::filter) fn component_of<T: Copy>(
    numbers: &[T],
    k: usize,
    phase: usize,
    component: usize,
) -> Vec<T> {
    let own = numbers.iter().skip(first_of(k, phase, component));
    own.step_by(k).copied().collect()
}

/// The first number of a component.
fn first_of(k: usize, phase: usize, component: usize) -> usize {
    (component + k - phase) % k
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_belongs_to_one_component() {
        for k in 1..=MAX_COMPONENTS {
            for (phase, n) in (0..k).flat_map(|phase| [0, 1, k, 100].map(|n| (phase, n))) {
                let numbers: Vec<usize> = (phase..phase + n).collect();
                let mut n_all = 0;
                for component in 0..k {
                    let own = component_of(&numbers, k, phase, component);
                    assert!(own.iter().all(|number| number % k == component));
                    assert_eq!(own.len(), component_len(n, k, phase, component));
                    n_all += own.len();
                }
                assert_eq!(n_all, n);
            }
        }
    }
}
