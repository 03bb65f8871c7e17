//! What stands between the cells of a file: what a line before the names says, else commas, unless the first line has none.
//!
//! A first line with a comma outside of quotes is separated by commas, whatever else is in it. One without a comma is a lone
//! column, or separated by semicolons or tabs: which of them all lines have equally often. A lone column that has such a
//! character in its name stays one where its lines say so, and what is written here has that name in quotes. Where another
//! separator would do as well, that is said.

use super::cells::{COMMA, Cell, Lines};
use crate::error::{Error, Result};

/// What else may separate cells, and what to call it.
const OTHERS: [(char, &str); 2] = [(';', "semicolons"), ('\t', "tabs")];

/// What is never taken for a separator unless a line says that it is.
const NEVER: [(char, &str); 2] = [('|', "bars"), (' ', "spaces")];

/// A separator, and what there is to say where it is a guess.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) separator: char,
    pub(super) note: Option<String>,
}

impl Found {
    pub(super) fn known(separator: char) -> Self {
        Self {
            separator,
            note: None,
        }
    }
}

/// The separator that the first line says, `sep=;` as Excel has it, and the text behind that.
pub(super) fn stated(text: &str) -> (&str, Option<char>) {
    let line = text.split(['\r', '\n']).next().unwrap_or_default();
    let value = line
        .get(..4)
        .filter(|key| key.eq_ignore_ascii_case("sep="))
        .map(|key| &line[key.len()..]);
    let mut characters = value.unwrap_or_default().chars();
    match (characters.next(), characters.next()) {
        // The end of the line stays, so that lines have the numbers that they have in the file.
        (Some(separator), None) if separator != '"' && !separator.is_alphanumeric() => {
            (&text[line.len()..], Some(separator))
        }
        _ => (text, None),
    }
}

/// The separator of a file whose first line has the names.
///
/// # Errors
/// `Corrupt` where the first line has semicolons or tabs and no comma, and the lines do not tell which of them it is.
pub(super) fn of(text: &str) -> Result<Found> {
    let (has_comma, found) = candidates(text);
    let fits = |(separator, _): &&(char, &str)| unequal_line(text, *separator).is_none();
    let fitting: Vec<(char, &str)> = found.iter().filter(fits).copied().collect();
    if has_comma {
        let note = fitting.first().map(|other| or_by(text, *other));
        return Ok(Found {
            separator: COMMA,
            note,
        });
    }
    match (&found[..], &fitting[..]) {
        ([], _) => Ok(Found {
            separator: COMMA,
            note: lone_column(text),
        }),
        (_, [(separator, _)]) => Ok(Found::known(*separator)),
        // A lone column whose name has such a character.
        ([(_, words), ..], []) if unequal_line(text, COMMA).is_none() => Ok(Found {
            separator: COMMA,
            note: Some(format!(
                "it is read as one column, though its first line has {words}: not all of its lines have as many"
            )),
        }),
        ([(separator, words), ..], []) => {
            let line = unequal_line(text, *separator).unwrap_or(1);
            Err(Error::corrupt(format!(
                "line {line}: the first line is separated by {words}, and this one has another number of cells, by \
                 commas as well"
            )))
        }
        _ => Err(Error::corrupt(
            "line 1: it could be separated by semicolons or by tabs, and no line tells which",
        )),
    }
}

/// Says that something else than commas would separate all lines, too.
fn or_by(text: &str, (separator, words): (char, &str)) -> String {
    let n = cells_of(text, separator, 0).map_or(0, |cells| cells.len());
    let line = format!("sep={separator}");
    format!(
        "its cells are separated by commas; by {words} all lines have {n}, too, and a first line {line:?} reads them so"
    )
}

/// Says of a lone column that its lines look like cells by something else than commas.
fn lone_column(text: &str) -> Option<String> {
    let looks_like = |(separator, _): &&(char, &str)| {
        let Some(cells) = cells_of(text, *separator, 1).filter(|cells| cells.len() > 1) else {
            return false;
        };
        // Words have spaces between them.
        let is_number = |cell: &Cell<'_>| cell.text.parse::<f64>().is_ok();
        (*separator != ' ' || cells.iter().all(is_number))
            && unequal_line_behind(text, *separator, 1).is_none()
    };
    let (separator, words) = OTHERS.iter().chain(&NEVER).find(looks_like)?;
    let n = cells_of(text, *separator, 1)?.len();
    let has_names = cells_of(text, *separator, 0).is_some_and(|names| names.len() == n);
    let how = match has_names {
        true => format!(
            "a first line {:?} reads them so",
            format!("sep={separator}")
        ),
        false => "its first line alone has not".to_owned(),
    };
    Some(format!(
        "it is read as one column; by {words} its lines have {n} cells: {how}"
    ))
}

/// The cells of a line, counted from 0, if there is that line and it is one.
fn cells_of(text: &str, separator: char, line: usize) -> Option<Vec<Cell<'_>>> {
    let mut lines = Lines::new(text, separator);
    let mut cells = Vec::new();
    for _ in 0..=line {
        lines.next(&mut cells).ok().filter(|is_there| *is_there)?;
    }
    Some(cells)
}

/// Whether a comma stands in the first line outside of quotes, and what else may separate cells that does.
fn candidates(text: &str) -> (bool, Vec<(char, &'static str)>) {
    let text = text.trim_start_matches(['\r', '\n']);
    let (mut is_quoted, mut has_comma) = (false, false);
    let mut is_there = [false; OTHERS.len()];
    for c in text.chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            COMMA => has_comma = true,
            '\n' => break,
            _ => {
                for (is_there, (other, _)) in is_there.iter_mut().zip(OTHERS) {
                    *is_there |= other == c;
                }
            }
        }
    }
    let all = OTHERS.into_iter().zip(is_there);
    let found = all.filter_map(|(other, is_there)| is_there.then_some(other));
    (has_comma, found.collect())
}

/// The first line that has another number of cells than the line of names, or is none, by this separator.
fn unequal_line(text: &str, separator: char) -> Option<u64> {
    unequal_line_behind(text, separator, 0)
}

/// The same, but for so many lines before.
fn unequal_line_behind(text: &str, separator: char, n_before: usize) -> Option<u64> {
    let mut lines = Lines::new(text, separator);
    let mut cells = Vec::new();
    let mut n_cells = None;
    for _ in 0..n_before {
        let _ = lines.next(&mut cells);
    }
    loop {
        match lines.next(&mut cells) {
            Ok(false) => return None,
            Ok(true) if *n_cells.get_or_insert(cells.len()) == cells.len() => {}
            Ok(true) => return Some(lines.number()),
            Err(_) => return Some(lines.number() + 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_tell_the_separator() {
        for (text, expected) in [
            ("a,b\n1,2\n", ','),
            ("a;b\n1;2\n", ';'),
            ("a\tb\n1\t2\n", '\t'),
            ("\r\na;b;c\r\n1;2;3\r\n", ';'),
            ("1;2\n3;4", ';'),
            // With a comma it is never asked, were it for a lone one.
            ("a;b,c\n1;2,3\n", ','),
            ("a,b;c\n1;2\n", ','),
            ("a\n1;2\n", ','),
            // Names of lone columns.
            ("\"a;b\"\n1\n", ','),
            ("a;b\n1\n2\n", ','),
            ("a\tb;c\n1\t2;3\n4\t5\n", '\t'),
            ("\"x,y\";b\n1;2\n", ';'),
            ("", ','),
        ] {
            assert_eq!(of(text).unwrap().separator, expected, "{text:?}");
        }
    }

    #[test]
    fn a_first_line_may_say_it() {
        for (text, expected) in [
            ("sep=;\na;b\n", ("\na;b\n", Some(';'))),
            ("SEP=\t\r\na", ("\r\na", Some('\t'))),
            ("sep=|", ("", Some('|'))),
            ("sep=,\na", ("\na", Some(','))),
            // Names of columns.
            ("sep=a\n1", ("sep=a\n1", None)),
            ("sep=;;\n1;2;3", ("sep=;;\n1;2;3", None)),
            ("sep=\n1", ("sep=\n1", None)),
            ("\"sep=;\"\n1", ("\"sep=;\"\n1", None)),
            ("sé=;\n", ("sé=;\n", None)),
            ("", ("", None)),
        ] {
            assert_eq!(stated(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_guess_is_said_where_something_else_would_do() {
        for (text, words) in [
            (
                "a;b\n1\n2\n",
                "as one column, though its first line has semicolons",
            ),
            (
                "a;b,c\n1;2,3\n",
                "by semicolons all lines have 2, too, and a first line \"sep=;\" reads",
            ),
            (
                "a\n1;2\n3;4\n",
                "by semicolons its lines have 2 cells: its first line alone has not",
            ),
            (
                "a|b\n1|2\n",
                "by bars its lines have 2 cells: a first line \"sep=|\" reads",
            ),
            (
                "1 2 3\n4 5 6\n",
                "by spaces its lines have 3 cells: a first line \"sep= \" reads",
            ),
        ] {
            let note = of(text).unwrap().note.unwrap_or_default();
            assert!(note.contains(words), "{text:?}: {note}");
        }
        for text in [
            "a,b\n1,2\n",
            "a;b\n1;2\n",
            "a;b,c\n1,2\n",
            "text\nsome words\nmore words\n",
            "t\n2024-05-01 12:00:00\n",
            "a\n1;2\n3\n",
            "a\n1\n2\n",
            "a\n",
            "\"a;b\"\n1\n",
        ] {
            assert_eq!(of(text).unwrap().note, None, "{text:?}");
        }
    }

    #[test]
    fn what_no_line_tells_is_an_error() {
        for (text, words) in [
            (
                "a;b\n1;2\n3,4\n",
                "line 3: the first line is separated by semicolons",
            ),
            (
                "a\tb\n1\t2\t3,4\n",
                "line 2: the first line is separated by tabs",
            ),
            ("a;b\tc\n1;2\t3\n", "semicolons or by tabs"),
        ] {
            let error = of(text).unwrap_err().to_string();
            assert!(error.contains(words), "{text:?}: {error}");
        }
    }
}
