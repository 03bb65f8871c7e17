//! Words of a file's or of a stranger's in lines for people: names can be anything, and 64 KiB long.
//!
//! The one place where they are made harmless: what a terminal could take for a command is escaped, and what is longer than
//! anybody reads is cut in its middle, since names tell themselves apart by how they start or how they end.

use std::borrow::Cow;

/// The most characters of a name in a message. Paths of files are longer than this where nobody types them.
pub(crate) const MAX_NAME: usize = 400;

/// The most characters of a line.
pub(crate) const MAX_LINE: usize = 2_000;

/// Whether a terminal does something else with a character than to show it: control characters, and those that turn the
/// direction of what follows.
pub(crate) fn is_command(c: char) -> bool {
    let is_direction =
        matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || is_direction
}

/// The same text with what a terminal could take for a command escaped, but for what `stays`.
pub(crate) fn escaped(text: &str, stays: impl Fn(char) -> bool) -> String {
    let mut line = String::new();
    for c in text.chars() {
        if is_command(c) && !stays(c) {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
    }
    line
}

/// At most so many characters: the start and the end of what is longer, with dots between them.
pub(crate) fn cut(text: &str, most: usize) -> Cow<'_, str> {
    // No text has more characters than bytes.
    if text.len() <= most || text.chars().count() <= most {
        return Cow::Borrowed(text);
    }
    let half = most.saturating_sub(1) / 2;
    let at = |n: usize| text.char_indices().nth(n).map_or(text.len(), |(at, _)| at);
    let from_end = text.char_indices().rev().nth(half.saturating_sub(1));
    let end = from_end
        .filter(|_| half > 0)
        .map_or(text.len(), |(at, _)| at);
    Cow::Owned(format!("{}…{}", &text[..at(half)], &text[end..]))
}

/// A name as it is shown in a line.
pub(crate) fn name(text: &str) -> String {
    cut(&escaped(text, |_| false), MAX_NAME).into_owned()
}

/// A name in quotes, as it is shown in a line.
pub(crate) fn quoted(text: &str) -> String {
    // Escapes are longer than what they stand for; the quotes stay where it is cut.
    cut(&format!("{text:?}"), MAX_NAME).into_owned()
}

/// Words as they are shown in a line.
pub(crate) fn line(text: &str) -> String {
    cut(&escaped(text, |_| false), MAX_LINE).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_keeps_its_ends() {
        assert_eq!(cut("温度温度", 4), "温度温度");
        assert_eq!(cut("温度012温度", 5), "温度…温度");
        assert_eq!(cut("abcdef", 4), "a…f");
        assert_eq!(cut("abcdef", 1), "…");
        assert_eq!(cut("abc", 9), "abc");
        let long = format!("start{}end", "x".repeat(65_000));
        let shown = name(&long);
        assert!(shown.chars().count() <= MAX_NAME, "{shown}");
        assert!(shown.starts_with("startx") && shown.ends_with("xend"));
    }

    #[test]
    fn commands_are_escaped() {
        assert_eq!(name("a\nb\u{1b}[m\u{202e}"), "a\\nb\\u{1b}[m\\u{202e}");
        assert_eq!(name("é温"), "é温");
        assert_eq!(quoted("a\"\u{1b}"), "\"a\\\"\\u{1b}\"");
        let evil = quoted(&"\u{1b}".repeat(65_000));
        assert!(evil.len() <= MAX_NAME + 2, "{evil}");
        assert!(
            evil.starts_with("\"\\u{1b}") && evil.ends_with("{1b}\""),
            "{evil}"
        );
    }
}
