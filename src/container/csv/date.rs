//! Dates in cells: ISO 8601 as numpy prints it, or with a space between day and time, as pandas does; nothing else that would
//! be printed in another way.
//!
//! The digits that there are tell the unit: `2024-05` are months, `2024-05-01T12:00:00.123` milliseconds. Years have four
//! digits; a year alone is a number. No zone.

/// The units of numpy, by what the last digits count.
pub(super) const UNITS: [&str; 11] = ["M", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as"];

/// What stands for no time at all, in a cell and as a number.
pub(super) const NOT_A_TIME: (&str, i64) = ("NaT", i64::MIN);

/// A point in time: how many units after 1970 began, and the number of the unit in [`UNITS`]. None for what is no date, or
/// too far away for 64 bits.
pub(super) fn parse(text: &str) -> Option<(usize, i64)> {
    let (date, time) = match text.split_once(['T', ' ']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let year = digits(parts.next()?, 4)?;
    let month = digits(parts.next()?, 2)?;
    if !(1..=12).contains(&month) {
        return None;
    }
    let Some(day) = parts.next() else {
        return time
            .is_none()
            .then_some((0, (year - 1970) * 12 + month - 1));
    };
    let day = digits(day, 2)?;
    if parts.next().is_some() || !(1..=days_in(year, month)).contains(&day) {
        return None;
    }
    let days = days_since_1970(year, month, day);
    match time {
        None => Some((1, days)),
        Some(time) => with_time(days, time),
    }
}

/// How many years after 1970 a year is, as it is printed.
pub(super) fn years(text: &str) -> Option<i64> {
    let year: i64 = text.parse().ok()?;
    let is_printed = format!("{year:04}") == text;
    year.checked_sub(1970).filter(|_| is_printed)
}

/// How many weeks after 1970 began a week starts, by its first day.
pub(super) fn weeks(text: &str) -> Option<i64> {
    let (unit, days) = parse(text)?;
    (UNITS[unit] == "D" && days % 7 == 0).then_some(days / 7)
}

fn with_time(days: i64, time: &str) -> Option<(usize, i64)> {
    let (clock, fraction) = match time.split_once('.') {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (time, None),
    };
    let mut value = days;
    let mut unit = 1;
    for (part, (base, end)) in clock.split(':').zip([(24, 24), (60, 60), (60, 60)]) {
        let part = digits(part, 2).filter(|&part| part < end)?;
        value = value * base + part;
        unit += 1;
    }
    if clock.split(':').count() + 1 != unit {
        return None;
    }
    let Some(fraction) = fraction else {
        return Some((unit, value));
    };
    let is_seconds = UNITS[unit] == "s";
    if !is_seconds || fraction.is_empty() || !fraction.len().is_multiple_of(3) {
        return None;
    }
    let thousands = fraction.len() / 3;
    let unit = unit + thousands;
    UNITS.get(unit)?;
    let scale = 1000_i64.checked_pow(thousands as u32)?;
    let value =
        i128::from(value) * i128::from(scale) + i128::from(digits(fraction, fraction.len())?);
    // The least number is no time.
    i64::try_from(value)
        .ok()
        .filter(|&value| value != NOT_A_TIME.1)
        .map(|value| (unit, value))
}

/// Just so many digits and nothing else, as a number.
fn digits(text: &str, n: usize) -> Option<i64> {
    let is_one = text.len() == n && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_one)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1 January 1970 on, in the proleptic Gregorian calendar.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    // Counted from 1 March of the year 0, so that the day that is not always there is the last of its year.
    const DAYS_BEFORE_1970: i64 = 719_468;
    let (year, month) = match month > 2 {
        true => (year, month - 3),
        false => (year - 1, month + 9),
    };
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    365 * year + leap_days + day_of_year - DAYS_BEFORE_1970
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_tell_the_unit() {
        for (text, unit, value) in [
            ("2000-02", "M", 361),
            ("2000-02-29", "D", 11_016),
            ("1969-12-31", "D", -1),
            ("1582-10-14", "D", -141_428),
            ("0000-01-01", "D", -719_528),
            ("1969-12-31T23", "h", -1),
            ("1970-01-01T01:01", "m", 61),
            ("2000-02-29T01:04:05", "s", 951_786_245),
            ("2000-02-29 01:04:05", "s", 951_786_245),
            ("1969-12-31T23:59:59.999", "ms", -1),
            ("1970-01-01T00:00:00.000001", "us", 1),
            (
                "2020-09-13T12:26:40.123456789",
                "ns",
                1_600_000_000_123_456_789,
            ),
            ("1970-01-01T00:00:09.223372036854775807", "as", i64::MAX),
        ] {
            let found = parse(text).map(|(unit, value)| (UNITS[unit], value));
            assert_eq!(found, Some((unit, value)), "{text}");
        }
    }

    #[test]
    fn what_would_be_printed_in_another_way_is_text() {
        for text in [
            "",
            "2000",
            "NaT",
            "2000-1",
            "2000-13",
            "2000-00",
            "2001-02-29",
            "1900-02-29",
            "2000-02-30",
            "2000-01-01T",
            "2000-01-01T24",
            "2000-01-01T00:60",
            "2000-01-01T00:00:00.",
            "2000-01-01T00:00:00.1",
            "2000-01-01T00:00.123",
            "2000-01-01T00:00:00:00",
            "2000-01-01  00:00:00",
            "2000-01-01 T00:00:00",
            "2000-01-01 ",
            "2000-01-01T00:00:00Z",
            "2000-01T00",
            "2000-01-01-01",
            "+200-01-01",
            "2000-01-01T00:00:00.0000000000000000000000",
            "2000-01-01T00:00:00.000000000000000000",
            "20000-01-01",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn years_and_weeks_are_read_where_they_are_asked_for() {
        for (text, n) in [
            ("1970", Some(0)),
            ("0001", Some(-1969)),
            ("-005", Some(-1975)),
            ("12024", Some(10_054)),
            ("1", None),
            ("+1970", None),
            ("1970-01", None),
        ] {
            assert_eq!(years(text), n, "{text}");
        }
        for (text, n) in [
            ("1970-01-15", Some(2)),
            ("1969-12-25", Some(-1)),
            ("1970-01-14", None),
            ("1970-01", None),
        ] {
            assert_eq!(weeks(text), n, "{text}");
        }
    }

    #[test]
    fn days_follow_one_another() {
        let mut before = days_since_1970(0, 1, 1) - 1;
        for year in 0..=9999 {
            for month in 1..=12 {
                for day in 1..=days_in(year, month) {
                    let now = days_since_1970(year, month, day);
                    assert_eq!(now, before + 1, "{year}-{month}-{day}");
                    before = now;
                }
            }
        }
    }
}
