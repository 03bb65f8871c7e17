//! What stands between the cells of a file: commas, unless the first line has none.
//!
//! A first line with a comma outside of quotes is separated by commas, whatever else is in it. One without a comma is a lone
//! column, or separated by semicolons or tabs: which of them all lines have equally often. A lone column that has such a
//! character in its name stays one where its lines say so, and what is written here has that name in quotes.

use super::cells::{COMMA, Lines};
use crate::error::{Error, Result};

/// What else may separate cells, and what to call it.
const OTHERS: [(char, &str); 2] = [(';', "semicolons"), ('\t', "tabs")];

/// The separator of a file.
///
/// # Errors
/// `Corrupt` where the first line has semicolons or tabs and no comma, and the lines do not tell which of them it is.
pub(super) fn of(text: &str) -> Result<char> {
    let found = candidates(text);
    let fits: Vec<(char, &str)> = found
        .iter()
        .copied()
        .filter(|(separator, _)| unequal_line(text, *separator).is_none())
        .collect();
    match (&found[..], &fits[..]) {
        ([], _) => Ok(COMMA),
        (_, [(separator, _)]) => Ok(*separator),
        // A lone column whose name has such a character.
        (_, []) if unequal_line(text, COMMA).is_none() => Ok(COMMA),
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

/// Those that stand in the first line outside of quotes; none where a comma does.
fn candidates(text: &str) -> Vec<(char, &'static str)> {
    let text = text.trim_start_matches(['\r', '\n']);
    let mut is_quoted = false;
    let mut is_there = [false; OTHERS.len()];
    for c in text.chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            COMMA => return Vec::new(),
            '\n' => break,
            _ => {
                for (is_there, (other, _)) in is_there.iter_mut().zip(OTHERS) {
                    *is_there |= other == c;
                }
            }
        }
    }
    let all = OTHERS.into_iter().zip(is_there);
    all.filter_map(|(other, is_there)| is_there.then_some(other))
        .collect()
}

/// The first line that has another number of cells than the line of names, or is none, by this separator.
fn unequal_line(text: &str, separator: char) -> Option<u64> {
    let mut lines = Lines::new(text, separator);
    let mut cells = Vec::new();
    let mut n_cells = None;
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
            assert_eq!(of(text).unwrap(), expected, "{text:?}");
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
