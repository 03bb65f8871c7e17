//! Plain tables: columns aligned by spaces, numbers to the right, one line a row, so that `grep` and `awk` can read them.

use std::fmt;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::printable::printable;

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
    pub(super) fn new(columns: impl IntoIterator<Item = &'static str>) -> Self {
        let column = |name: &'static str| Column {
            name: name.trim_start_matches('#'),
            is_number: name.starts_with('#'),
        };
        Self {
            columns: columns.into_iter().map(column).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row of as many cells as there are columns. What a terminal could take for a command is escaped;
    /// long cells are cut, see [`shortened`].
    pub(super) fn push(&mut self, cells: impl IntoIterator<Item = String>) {
        let shown = |cell: String| shortened(printable(&cell));
        let cells: Vec<String> = cells.into_iter().map(shown).collect();
        assert_eq!(cells.len(), self.columns.len(), "a cell for each column");
        self.rows.push(cells);
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
            .map(|i| lines.iter().map(|line| line[i].width()).max().unwrap_or(0))
            .collect();
        for line in lines {
            let mut text = String::new();
            for ((cell, column), &width) in line.iter().zip(&self.columns).zip(&widths) {
                let padding = " ".repeat(width - cell.width());
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

/// Cuts a cell that is too wide for a table in its middle: names tell themselves apart by how they start or how they end.
/// What a cell was is in the documents that `--json` prints.
fn shortened(cell: String) -> String {
    const MAX_WIDTH: usize = 64;
    if cell.width() <= MAX_WIDTH {
        return cell;
    }
    let half = (MAX_WIDTH - 1) / 2;
    let mut start: String = as_wide_as(cell.chars(), half).collect();
    let mut end: Vec<char> = as_wide_as(cell.chars().rev(), half).collect();
    end.reverse();
    // What combines with the character before it would combine with the dots.
    while end.first().is_some_and(|c| c.width() == Some(0)) {
        end.remove(0);
    }
    start.push('…');
    start.extend(end);
    start
}

/// As many characters as fit into `width` columns.
fn as_wide_as(characters: impl Iterator<Item = char>, width: usize) -> impl Iterator<Item = char> {
    characters.scan(0, move |taken, c| {
        *taken += c.width().unwrap_or(0);
        (*taken <= width).then_some(c)
    })
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
    #[test]
    fn columns_are_as_wide_as_they_look() {
        let mut table = Table::new(["name", "#n"]);
        table.push(["温度".into(), "5".into()]);
        table.push(["e\u{301}".into(), "12".into()]);
        assert_eq!(table.to_string(), "name   n\n温度   5\ne\u{301}     12\n");
    }

    #[test]
    fn long_cells_are_cut_in_the_middle() {
        let name = format!("start{}end", "温".repeat(100));
        let cut = shortened(name.clone());
        assert!(cut.width() <= 64 && cut.width() >= 62, "{cut}");
        assert!(cut.starts_with("start温") && cut.contains('…') && cut.ends_with("温end"));
        assert_eq!(shortened("a".repeat(64)), "a".repeat(64));
        assert_eq!(shortened("a".repeat(65)).width(), 63);
    }
}
