//! Which cells of a line are a row of one array, by the names above them.

use std::collections::HashSet;
use std::ops::Range;

use crate::error::{Error, Result};

/// The cells of a line that are a row of one array.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) cells: Range<usize>,
    /// Lengths of the axes of a row.
    pub(super) row_axes: Vec<u64>,
}

/// Groups of one cell each, numbered: those of a file without names.
pub(super) fn numbered(n: usize) -> Vec<Group> {
    (0..n).map(|i| alone(i.to_string(), i)).collect()
}

fn alone(name: String, cell: usize) -> Group {
    Group {
        name,
        cells: cell..cell + 1,
        row_axes: Vec::new(),
    }
}

/// The arrays of these columns. Neighbours whose labels go through all indices of a row, in order, are one array. The work
/// is that of reading the names.
///
/// # Errors
/// `Corrupt` for two columns or two arrays of one name: nobody could ask for the second.
pub(super) fn of(names: &[String]) -> Result<Vec<Group>> {
    check_distinct(names.iter().map(String::as_str))?;
    let labels: Vec<(&str, Vec<u64>)> = names.iter().map(|name| label(name)).collect();
    let mut groups = Vec::new();
    let (mut start, mut end) = (0, 0);
    while start < names.len() {
        if start >= end {
            end = start + neighbours(&labels[start..]);
        }
        let group = match row_axes(&labels[start..end]) {
            Some(row_axes) => Group {
                name: labels[start].0.to_owned(),
                cells: start..end,
                row_axes,
            },
            None => alone(names[start].clone(), start),
        };
        start = group.cells.end;
        groups.push(group);
    }
    check_distinct(groups.iter().map(|group| group.name.as_str()))?;
    Ok(groups)
}

fn check_distinct<'a>(mut names: impl Iterator<Item = &'a str>) -> Result<()> {
    let mut seen = HashSet::new();
    match names.find(|name| !seen.insert(*name)) {
        Some(name) => Err(Error::corrupt(format!("two columns named {name:?}"))),
        None => Ok(()),
    }
}

/// How many labels from the first on are of one name, with equally many indices.
fn neighbours(labels: &[(&str, Vec<u64>)]) -> usize {
    let (base, indices) = &labels[0];
    let is_neighbour =
        |(other, more): &&(&str, Vec<u64>)| other == base && more.len() == indices.len();
    labels.iter().take_while(is_neighbour).count()
}

/// The axes of a row whose elements have these labels, if they go through all of it in order. Only a row that starts at
/// zero is gone through, and of neighbours at most one does.
fn row_axes(labels: &[(&str, Vec<u64>)]) -> Option<Vec<u64>> {
    let (first, last) = (&labels[0].1, &labels[labels.len() - 1].1);
    if first.is_empty() || first.iter().any(|&index| index != 0) {
        return None;
    }
    let axes: Vec<u64> = last.iter().map(|i| i.saturating_add(1)).collect();
    let n_elements = axes.iter().copied().try_fold(1_u64, u64::checked_mul);
    let is_whole = n_elements == Some(labels.len() as u64)
        && (0..)
            .zip(labels)
            .all(|(i, (_, indices))| *indices == indices_of(i, &axes));
    is_whole.then_some(axes)
}

/// `points[1][0]` is `points` with 1 and 0.
fn label(name: &str) -> (&str, Vec<u64>) {
    let mut base = name;
    let mut indices = Vec::new();
    while let Some((rest, index)) = base
        .strip_suffix(']')
        .and_then(|text| text.rsplit_once('['))
        .and_then(|(rest, digits)| Some((rest, digits.parse().ok()?)))
    {
        base = rest;
        indices.push(index);
    }
    indices.reverse();
    (base, indices)
}

/// The index on each axis of element `i` of a row.
fn indices_of(i: u64, axes: &[u64]) -> Vec<u64> {
    let mut rest = axes.iter().product::<u64>();
    let index = |length: &u64| {
        rest /= length;
        i / rest % length
    };
    axes.iter().map(index).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: impl IntoIterator<Item = String>) -> Vec<String> {
        names.into_iter().collect()
    }

    /// Each of these took minutes when all neighbours were counted again for each of them.
    #[test]
    fn a_million_neighbours_that_are_no_row_are_gone_through_once() {
        const N: usize = 1_000_000;
        let groups = of(&names((1..=N).map(|i| format!("p[{i}]")))).unwrap();
        assert_eq!(groups.len(), N);
        let zeroes = |i: usize| format!("p[{:0>i$}]", 0, i = i + 1);
        assert_eq!(of(&names((0..2000).map(zeroes))).unwrap().len(), 2000);
        of(&names((0..N).map(|_| "p[1]".to_owned()))).unwrap_err();
        let deep = format!("p{}", "[0]".repeat(N));
        assert_eq!(of(&names([deep])).unwrap()[0].row_axes.len(), N);
    }

    #[test]
    fn a_name_that_a_row_has_is_taken() {
        for labels in [["p[0]", "p[1]", "p"], ["p", "p[0]", "p[1]"]] {
            of(&labels.map(str::to_owned)).unwrap_err();
        }
    }
}
