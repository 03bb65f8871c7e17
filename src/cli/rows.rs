//! Which rows of the first axis a verb shall take: `--rows a..b`, `--first N`, `--last N`.
//!
//! Rows that are asked for by number must be there, and an error names how many there are. `--first` and `--last` ask for
//! as many as there are.

use std::ops::Range;
use std::str::FromStr;

use super::failure::Failure;
use crate::text::counted;

/// The options of a verb that takes rows.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct RowOptions {
    /// a..b (without b), a.., ..b, a alone; -3.. are the last three, a..b..s every s-th, and a:b:s is the same
    #[arg(long, value_name = "a..b", allow_hyphen_values = true, conflicts_with_all = ["first", "last"])]
    rows: Option<Rows>,
    /// Only the first N rows, or all if there are fewer
    #[arg(long, value_name = "N", conflicts_with = "last")]
    first: Option<u64>,
    /// Only the last N rows, or all if there are fewer
    #[arg(long, value_name = "N")]
    last: Option<u64>,
}

impl RowOptions {
    /// The rows of an array that has `n`; all if none were asked for.
    pub(super) fn of(&self, n: u64) -> Result<Selection, Failure> {
        match (&self.rows, self.first, self.last) {
            (Some(rows), _, _) => rows.of(n),
            (None, Some(first), _) => Ok(Selection::all(0..first.min(n))),
            (None, None, Some(last)) => Ok(Selection::all(n.saturating_sub(last)..n)),
            (None, None, None) => Ok(Selection::all(0..n)),
        }
    }
}

/// Rows of an array: every `step`-th of a range, from its first on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Selection {
    range: Range<u64>,
    step: u64,
}

impl Selection {
    /// All rows of a range.
    pub(super) fn all(range: Range<u64>) -> Self {
        Self { range, step: 1 }
    }

    /// How many rows these are.
    pub(super) fn n_rows(&self) -> u64 {
        (self.range.end - self.range.start).div_ceil(self.step)
    }

    /// From the first of the rows to behind the last.
    pub(super) fn range(&self) -> Range<u64> {
        self.range.clone()
    }

    /// The distance between two of the rows.
    pub(super) fn step(&self) -> u64 {
        self.step
    }

    /// Row number `i` of these, which must be there.
    pub(super) fn row(&self, i: u64) -> u64 {
        self.range.start + i * self.step
    }

    /// Those of the rows that lie in `window`, if there are any. It ends behind the last.
    pub(super) fn within(&self, window: &Range<u64>) -> Option<Self> {
        let skipped = window.start.saturating_sub(self.range.start);
        let start = skipped
            .div_ceil(self.step)
            .checked_mul(self.step)
            .and_then(|rows| rows.checked_add(self.range.start))?;
        let end = self.range.end.min(window.end);
        let last = start + end.checked_sub(start)?.checked_sub(1)? / self.step * self.step;
        Some(Self {
            range: start..last + 1,
            step: self.step,
        })
    }
}

/// Rows as asked for, before the array is known.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rows {
    start: Option<Bound>,
    end: Option<Bound>,
    step: u64,
    /// As it was written, for messages.
    text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    FromStart(u64),
    FromEnd(u64),
}

impl Bound {
    /// The row of an array that has `n`, or what is behind its last.
    fn of(self, n: u64) -> Option<u64> {
        match self {
            Self::FromStart(row) => Some(row).filter(|&row| row <= n),
            Self::FromEnd(row) => n.checked_sub(row),
        }
    }
}

impl Rows {
    /// The rows of an array that has `n`.
    fn of(&self, n: u64) -> Result<Selection, Failure> {
        let text = &self.text;
        let bound = |bound: Option<Bound>, default| match bound {
            None => Ok(default),
            Some(bound) => bound.of(n).ok_or_else(|| {
                let rows = counted(n, "row");
                Failure::usage(format!(
                    "rows {text}: the array has {rows}; --first N and --last N take what is there"
                ))
            }),
        };
        let (start, end) = (bound(self.start, 0)?, bound(self.end, n)?);
        if start > end {
            return Err(Failure::usage(format!(
                "rows {text} start at {start} and end before it, at {end} of {}",
                counted(n, "row")
            )));
        }
        Ok(Selection {
            range: start..end,
            step: self.step,
        })
    }
}

impl FromStr for Rows {
    type Err = String;

    /// `a..b..s` or `a:b:s`, where all but one separator may be left out; or one row `a`.
    fn from_str(text: &str) -> Result<Self, String> {
        let separator = if text.contains(':') { ":" } else { ".." };
        let parts: Vec<&str> = text.split(separator).collect();
        let (start, end, step) = match *parts.as_slice() {
            [row] => one_row(row)?,
            [start, end] => (bound(start)?, bound(end)?, 1),
            [start, end, step] => (bound(start)?, bound(end)?, self::step(step)?),
            _ => return Err("rows a..b or a..b..step were expected".to_owned()),
        };
        Ok(Self {
            start,
            end,
            step,
            text: text.to_owned(),
        })
    }
}

/// One row is a range of one.
fn one_row(text: &str) -> Result<(Option<Bound>, Option<Bound>, u64), String> {
    let start = bound(text)?.ok_or("rows a..b were expected")?;
    let end = match start {
        Bound::FromStart(row) => Some(Bound::FromStart(
            row.checked_add(1).ok_or("a row beyond all arrays")?,
        )),
        // The last row ends where the array does.
        Bound::FromEnd(row) => row.checked_sub(2).map(|_| Bound::FromEnd(row - 1)),
    };
    Ok((Some(start), end, 1))
}

fn bound(text: &str) -> Result<Option<Bound>, String> {
    let (digits, is_from_end) = match text.strip_prefix('-') {
        Some(digits) => (digits, true),
        None if text.is_empty() => return Ok(None),
        None => (text, false),
    };
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.parse::<u64>().ok().filter(|_| is_number);
    match (number, is_from_end) {
        (None, _) => Err(format!(
            "{text:?} is no row; rows are a..b, ..b, -3.. or a..b..s"
        )),
        // -0 is row 0, as it is in Python.
        (Some(row), false) | (Some(row @ 0), true) => Ok(Some(Bound::FromStart(row))),
        (Some(row), true) => Ok(Some(Bound::FromEnd(row))),
    }
}

fn step(text: &str) -> Result<u64, String> {
    match text {
        "" => Ok(1),
        _ => text
            .parse()
            .ok()
            .filter(|&step| step > 0)
            .ok_or_else(|| format!("{text:?} is no step: it is 1 or more")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, n: u64) -> Vec<u64> {
        let rows: Rows = text.parse().unwrap();
        let selection = rows.of(n).unwrap();
        (0..selection.n_rows()).map(|i| selection.row(i)).collect()
    }

    #[test]
    fn each_spelling_means_its_rows() {
        for (text, expected) in [
            ("2..5", vec![2, 3, 4]),
            ("2:5", vec![2, 3, 4]),
            ("8..", vec![8, 9]),
            ("..2", vec![0, 1]),
            (":2", vec![0, 1]),
            ("..", (0..10).collect()),
            ("7", vec![7]),
            ("-1", vec![9]),
            ("-10", vec![0]),
            ("-2", vec![8]),
            ("3..3", vec![]),
            ("10..", vec![]),
            ("-3..", vec![7, 8, 9]),
            ("-3..-1", vec![7, 8]),
            ("..-8", vec![0, 1]),
            ("-0..2", vec![0, 1]),
            ("1..9..3", vec![1, 4, 7]),
            ("1:8:3", vec![1, 4, 7]),
            ("1:7:3", vec![1, 4]),
            ("::4", vec![0, 4, 8]),
            ("....4", vec![0, 4, 8]),
            ("-3::2", vec![7, 9]),
            ("5::18446744073709551615", vec![5]),
            ("5::", vec![5, 6, 7, 8, 9]),
        ] {
            assert_eq!(rows(text, 10), expected, "{text}");
        }
        assert_eq!(rows("..", 0), [0; 0]);
    }

    #[test]
    fn rows_that_there_are_not_are_refused() {
        for text in [
            "",
            "x",
            "1..x",
            "-..3",
            "--1..",
            "+1..",
            "18446744073709551615",
            "1..2..0",
            "1..2..-1",
            "1..2..3..4",
            "1..2:3",
            "1...3",
        ] {
            assert!(text.parse::<Rows>().is_err(), "{text}");
        }
        for text in [
            "5..2", "0..11", "10", "11..", "-11..", "..-11", "-11", "-1..3",
        ] {
            let rows: Rows = text.parse().unwrap();
            let words = rows.of(10).unwrap_err().to_string();
            assert!(words.contains("10 rows"), "{text}: {words}");
        }
    }

    #[test]
    fn the_first_and_the_last_are_as_many_as_there_are() {
        let options = |first, last| RowOptions {
            rows: None,
            first,
            last,
        };
        for (options, expected) in [
            (options(Some(3), None), 0..3),
            (options(Some(11), None), 0..10),
            (options(None, Some(3)), 7..10),
            (options(None, Some(u64::MAX)), 0..10),
            (options(None, None), 0..10),
        ] {
            assert_eq!(options.of(10).unwrap(), Selection::all(expected));
        }
    }

    #[test]
    fn windows_share_the_rows() {
        let all = "3..40..7".parse::<Rows>().unwrap().of(50).unwrap();
        for width in 1..50 {
            let mut found = Vec::new();
            for start in (0..50).step_by(width) {
                let window = start..start + width as u64;
                if let Some(part) = all.within(&window) {
                    assert!(window.start <= part.range.start && part.range.end <= window.end);
                    found.extend((0..part.n_rows()).map(|i| part.row(i)));
                }
            }
            assert_eq!(found, [3, 10, 17, 24, 31, 38], "{width}");
        }
        let far = Selection {
            range: 5..u64::MAX,
            step: u64::MAX,
        };
        assert_eq!(far.within(&(6..u64::MAX)), None);
    }
}
