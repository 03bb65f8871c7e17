//! `--rows a..b`: which rows of the first axis.

use std::ops::Range;
use std::str::FromStr;

use super::failure::Failure;

/// Rows as asked for, before the array is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rows {
    start: Option<u64>,
    end: Option<u64>,
}

impl Rows {
    /// The rows of an array that has `n`.
    pub(super) fn of(self, n: u64) -> Result<Range<u64>, Failure> {
        let range = self.start.unwrap_or(0)..self.end.unwrap_or(n);
        if range.start > range.end || range.end > n {
            let (start, end) = (range.start, range.end);
            return Err(Failure::usage(format!(
                "rows {start}..{end} of an array of {n} rows"
            )));
        }
        Ok(range)
    }
}

impl FromStr for Rows {
    type Err = String;

    /// `a..b` (without b), `a..`, `..b`, `..`, or one row `a`.
    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| match text {
            "" => Ok(None),
            _ => text
                .parse()
                .map(Some)
                .map_err(|_| format!("{text:?} is no row")),
        };
        match text.split_once("..") {
            Some((start, end)) => Ok(Self {
                start: number(start)?,
                end: number(end)?,
            }),
            None => {
                let start = number(text)?.ok_or("rows a..b were expected")?;
                let end = start.checked_add(1).ok_or("a row beyond all arrays")?;
                Ok(Self {
                    start: Some(start),
                    end: Some(end),
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_spelling_means_its_rows() {
        for (text, range) in [
            ("2..5", 2..5),
            ("2..", 2..10),
            ("..5", 0..5),
            ("..", 0..10),
            ("7", 7..8),
            ("3..3", 3..3),
        ] {
            let rows: Rows = text.parse().unwrap();
            assert_eq!(rows.of(10).unwrap(), range, "{text}");
        }
    }

    #[test]
    fn rows_that_there_are_not_are_refused() {
        for text in ["", "x", "1..x", "-1..3", "18446744073709551615"] {
            assert!(text.parse::<Rows>().is_err(), "{text}");
        }
        for text in ["5..2", "0..11", "10"] {
            assert!(text.parse::<Rows>().unwrap().of(10).is_err(), "{text}");
        }
    }
}
