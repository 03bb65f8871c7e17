//! Names and texts of files on a terminal: what that could take for a command is shown as an escape.
//!
//! [`stdio`](super::stdio) escapes every line that it prints, and [`Table`](super::table::Table) every cell, so that verbs
//! have not to think of it. Only words that are printed as they are, by `stdio::write`, ask for it themselves.

pub(super) use crate::error::shown::is_command;
use crate::error::shown::{self, MAX_LINE, cut, escaped};

/// A name of a file's, on one line, with what a terminal could take for a command escaped.
pub(super) fn printable(text: &str) -> String {
    escaped(text, |_| false)
}

/// Text of a file's, whose line ends stay.
pub(super) fn printable_lines(text: &str) -> String {
    escaped(text, |c| c == '\n')
}

/// A line to a person, cut in its middle where it is longer than anybody reads.
pub(super) fn said(text: &str) -> String {
    shown::line(text)
}

/// Some lines to a person, together cut in their middle. Names in them are to be on one line already.
pub(super) fn said_lines(text: &str) -> String {
    cut(&printable_lines(text), MAX_LINE).into_owned()
}

/// A JSON document, whose strings are the only place where such characters may be.
pub(super) fn printable_json(text: &str) -> String {
    let mut json = String::new();
    for c in text.chars() {
        if is_command(c) && c != '\n' {
            json += &format!("\\u{:04x}", u32::from(c));
        } else {
            json.push(c);
        }
    }
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_on_their_line() {
        assert_eq!(printable("a\nb\u{1b}[m"), "a\\nb\\u{1b}[m");
        assert_eq!(printable("a\u{202e}b"), "a\\u{202e}b");
        assert_eq!(printable_lines("a\nb\r"), "a\nb\\r");
        assert_eq!(printable("é温"), "é温");
    }

    #[test]
    fn escapes_in_json_are_those_of_json() {
        assert_eq!(
            printable_json("{\n\"\u{9b}\u{202e}\"}"),
            "{\n\"\\u009b\\u202e\"}"
        );
    }
}
