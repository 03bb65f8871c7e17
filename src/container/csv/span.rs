//! Spans of time in cells: a whole number and its unit, `90s`, and nothing that would be printed in another way.

/// The units of numpy.
pub(super) const UNITS: [&str; 13] = [
    "Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as",
];

/// A span of time: how many units, and the number of the unit in [`UNITS`]. None for what is no span, or too long for 64 bits.
pub(super) fn parse(text: &str) -> Option<(usize, i64)> {
    let end = text.find(|letter: char| letter.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(end);
    let unit = UNITS.iter().position(|known| *known == unit)?;
    let value: i64 = number.parse().ok()?;
    // The least number is no time; other spellings of a number are text.
    (value != i64::MIN && value.to_string() == number).then_some((unit, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_its_unit_are_a_span() {
        for (text, unit, value) in [
            ("0s", "s", 0),
            ("-75ms", "ms", -75),
            ("3M", "M", 3),
            ("3m", "m", 3),
            ("9223372036854775807ns", "ns", i64::MAX),
        ] {
            let found = parse(text).map(|(unit, value)| (UNITS[unit], value));
            assert_eq!(found, Some((unit, value)), "{text}");
        }
        for text in [
            "",
            "s",
            "3",
            "-s",
            "+3s",
            "03s",
            "-0s",
            "3 s",
            "3sec",
            "1.5s",
            "3S",
            "NaT",
            "3s ",
            "1e3s",
            "-9223372036854775808s",
            "9223372036854775808s",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
