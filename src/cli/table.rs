//! Plain tables: columns aligned by spaces, numbers to the right, one line a row, so that `grep` and `awk` can read them.

use std::fmt;

/// Rows of cells under a header.
#[derive(Debug)]
pub(super) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
}

#[derive(Debug)]
struct Column {
    name: &'static str,
    is_number: bool,
}

impl Table {
    /// Columns by name; those of numbers are marked by a `#` before it, and aligned to the right.
    pub(super) fn new<const N: usize>(columns: [&'static str; N]) -> Self {
        let column = |name: &'static str| Column {
            name: name.trim_start_matches('#'),
            is_number: name.starts_with('#'),
        };
        Self {
            columns: columns.map(column).into(),
            rows: Vec::new(),
        }
    }

    /// Adds a row of as many cells as there are columns.
    pub(super) fn push<const N: usize>(&mut self, cells: [String; N]) {
        assert_eq!(N, self.columns.len(), "a cell for each column");
        self.rows.push(cells.into());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self
            .columns
            .iter()
            .map(|column| column.name.to_owned())
            .collect();
        let lines: Vec<&Vec<String>> = std::iter::once(&names).chain(&self.rows).collect();
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|i| {
                lines
                    .iter()
                    .map(|line| line[i].chars().count())
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        for line in lines {
            let mut text = String::new();
            for ((cell, column), &width) in line.iter().zip(&self.columns).zip(&widths) {
                let padding = " ".repeat(width - cell.chars().count());
                let (before, behind) = if column.is_number {
                    (&*padding, "")
                } else {
                    ("", &*padding)
                };
                text.extend([before, cell, behind, "  "]);
            }
            writeln!(f, "{}", text.trim_end())?;
        }
        Ok(())
    }
}

/// Text of a file, with what a terminal could take for a command escaped.
pub(super) fn printable(text: &str) -> String {
    let escape = |c: char| match c.is_control() && c != '\n' {
        true => c.escape_default().to_string(),
        false => c.to_string(),
    };
    text.chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_to_the_right() {
        let mut table = Table::new(["name", "#bytes", "type"]);
        table.push(["é".into(), "5".into(), "<f8".into()]);
        table.push(["longer".into(), "12345".into(), "|u1".into()]);
        let expected = "name    bytes  type\né           5  <f8\nlonger  12345  |u1\n";
        assert_eq!(table.to_string(), expected);
    }
}
