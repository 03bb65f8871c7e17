//! Lines of cells: RFC 4180, with lines that end by `\n` or `\r\n`, and with another separator than the comma where the file
//! has one. Empty lines are none.

use std::borrow::Cow;

use crate::error::{Error, Result};

/// A cell of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cell<'a> {
    pub(super) text: Cow<'a, str>,
    /// What stands in quotes is text, were it empty.
    pub(super) is_quoted: bool,
}

/// What stands between two cells.
pub(super) const COMMA: char = ',';

/// Goes through the lines of a file.
pub(super) struct Lines<'a> {
    rest: &'a str,
    separator: char,
    /// Of the next line, from 1.
    number: u64,
}

impl<'a> Lines<'a> {
    /// From the start.
    pub(super) fn new(text: &'a str, separator: char) -> Self {
        Self {
            rest: text,
            separator,
            number: 1,
        }
    }

    /// Takes the cells of the next line into `cells`; false behind the last.
    pub(super) fn next(&mut self, cells: &mut Vec<Cell<'a>>) -> Result<bool> {
        cells.clear();
        while let Some(rest) = self
            .rest
            .strip_prefix('\n')
            .or(self.rest.strip_prefix("\r\n"))
        {
            self.rest = rest;
            self.number += 1;
        }
        if self.rest.is_empty() {
            return Ok(false);
        }
        loop {
            cells.push(self.cell()?);
            if let Some(rest) = self.rest.strip_prefix(self.separator) {
                self.rest = rest;
                continue;
            }
            let end = self
                .rest
                .strip_prefix("\r\n")
                .or(self.rest.strip_prefix('\n'));
            self.rest = match end {
                Some(rest) => rest,
                None if self.rest.is_empty() => self.rest,
                None => return Err(self.broken("text behind a cell in quotes")),
            };
            self.number += 1;
            return Ok(true);
        }
    }

    /// The number of the line that was taken last.
    pub(super) fn number(&self) -> u64 {
        self.number - 1
    }

    /// An error in the line that was taken last.
    pub(super) fn broken_before(&self, what: impl std::fmt::Display) -> Error {
        Error::corrupt(format!("line {}: {what}", self.number()))
    }

    fn broken(&self, what: &str) -> Error {
        Error::corrupt(format!("line {}: {what}", self.number))
    }

    fn cell(&mut self) -> Result<Cell<'a>> {
        let Some(quoted) = self.rest.strip_prefix('"') else {
            let end = self
                .rest
                .find([self.separator, '\n'])
                .unwrap_or(self.rest.len());
            let (text, rest) = self.rest.split_at(end);
            // A carriage return belongs to the end of the line.
            let text_alone = match rest.starts_with(self.separator) {
                true => text,
                false => text.strip_suffix('\r').unwrap_or(text),
            };
            self.rest = &self.rest[text_alone.len()..];
            if self.rest == "\r" {
                self.rest = "";
            }
            return Ok(Cell {
                text: Cow::Borrowed(text_alone),
                is_quoted: false,
            });
        };
        let mut text = Cow::Borrowed("");
        let mut rest = quoted;
        loop {
            let end = rest
                .find('"')
                .ok_or_else(|| self.broken("quotes that do not end"))?;
            let (part, behind) = rest.split_at(end);
            self.number += part.matches('\n').count() as u64;
            text = match text.is_empty() {
                true => Cow::Borrowed(part),
                false => text + part,
            };
            // Two quotes are one.
            match behind[1..].strip_prefix('"') {
                Some(more) => {
                    text += "\"";
                    rest = more;
                }
                None => {
                    self.rest = &behind[1..];
                    break;
                }
            }
        }
        Ok(Cell {
            text,
            is_quoted: true,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Result<Vec<Vec<String>>> {
        let mut lines = Lines::new(text, COMMA);
        let (mut cells, mut all) = (Vec::new(), Vec::new());
        while lines.next(&mut cells)? {
            all.push(cells.iter().map(|cell| cell.text.to_string()).collect());
        }
        Ok(all)
    }

    #[test]
    fn cells_stand_between_commas() {
        for (text, expected) in [
            ("", vec![]),
            ("\n\r\n", vec![]),
            ("a,b\n1,\n", vec![vec!["a", "b"], vec!["1", ""]]),
            ("a\r\n1\r\n2", vec![vec!["a"], vec!["1"], vec!["2"]]),
            ("\"a,\"\"b\",\"\n\"\n", vec![vec!["a,\"b", "\n"]]),
            ("\"\"\"\"", vec![vec!["\""]]),
            ("\"\"\n", vec![vec![""]]),
            (",", vec![vec!["", ""]]),
        ] {
            assert_eq!(all(text).unwrap(), expected, "{text:?}");
        }
    }

    #[test]
    fn broken_lines_are_named() {
        for (text, line) in [("a\n\"b\n", "line 2"), ("a\n\n\"b\"c", "line 3")] {
            let error = all(text).unwrap_err().to_string();
            assert!(error.contains(line), "{text:?}: {error}");
        }
    }
}
