//! How often each of some small numbers occurs.

/// Up to here, four tables take turns: then repeated numbers do not wait for each other's counts.
const MAX_SHARED_RANGE: usize = 1 << 12;
/// Items for each of the numbers, at least, that are worth so many tables.
const MIN_REPEATS: usize = 4;

/// The counts of the numbers `0..range`, one for each item.
pub(crate) fn tally<X: Copy>(items: &[X], range: usize, number: impl Fn(X) -> usize) -> Vec<u32> {
    if range > MAX_SHARED_RANGE || items.len() <= MIN_REPEATS * range {
        let mut counts = vec![0; range];
        for &item in items {
            counts[number(item)] += 1;
        }
        return counts;
    }
    let mut tables = vec![[0u32; 4]; range];
    let (groups, rest) = items.as_chunks::<4>();
    for &item in rest {
        tables[number(item)][0] += 1;
    }
    for group in groups {
        for (table, &item) in group.iter().enumerate() {
            tables[number(item)][table] += 1;
        }
    }
    tables.iter().map(|counts| counts.iter().sum()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_items_are_counted_with_and_without_turns() {
        for (n, range) in [(0, 0), (3, 7), (1001, 7), (1001, 5000)] {
            let items: Vec<u16> = (0..n).map(|i| (i * i % 7) as u16).collect();
            let counts = tally(&items, range, usize::from);
            let expected = |number| items.iter().filter(|&&x| usize::from(x) == number).count();
            let expected: Vec<u32> = (0..range).map(|number| expected(number) as u32).collect();
            assert_eq!(counts, expected, "{n} of {range}");
        }
    }
}
