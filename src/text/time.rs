//! Times as text: points in time as ISO 8601 writes them, spans with their unit.
//!
//! A point in time is a number of units since 1970, as numpy counts: proleptic Gregorian calendar, no leap seconds, no
//! zone. As many digits are written as the unit has, so that the text reads back as the same number.

/// What stands for no time at all.
const NOT_A_TIME: i64 = i64::MIN;

/// A point in time, `value` times `count` units of `base` after 1970 began.
pub(super) fn date_time(value: i64, count: u32, base: &str) -> String {
    if value == NOT_A_TIME {
        return "NaT".to_owned();
    }
    let units = i128::from(value) * i128::from(count);
    match base {
        "Y" => format!("{:04}", 1970 + units),
        "M" => format!(
            "{:04}-{:02}",
            1970 + units.div_euclid(12),
            1 + units.rem_euclid(12)
        ),
        "W" => date(units * 7),
        "D" => date(units),
        "h" => {
            let (days, hours) = (units.div_euclid(24), units.rem_euclid(24));
            format!("{}T{hours:02}", date(days))
        }
        "m" => {
            let (days, minutes) = (units.div_euclid(1440), units.rem_euclid(1440));
            format!("{}T{:02}:{:02}", date(days), minutes / 60, minutes % 60)
        }
        _ => {
            let n_digits = fraction_digits(base);
            let per_second = 10_i128.pow(n_digits);
            let (seconds, fraction) = (units.div_euclid(per_second), units.rem_euclid(per_second));
            let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
            let (hours, minutes) = (second / 3600, second / 60 % 60);
            let mut text = format!("{}T{hours:02}:{minutes:02}:{:02}", date(days), second % 60);
            if n_digits > 0 {
                text += &format!(".{fraction:0width$}", width = n_digits as usize);
            }
            text
        }
    }
}

/// A span of time: `value` times `count` units of `base`.
pub(super) fn time_delta(value: i64, count: u32, base: &str) -> String {
    match value {
        NOT_A_TIME => "NaT".to_owned(),
        _ => format!("{}{base}", i128::from(value) * i128::from(count)),
    }
}

/// Digits behind the point of a second.
fn fraction_digits(base: &str) -> u32 {
    let prefixes = ["s", "ms", "us", "ns", "ps", "fs", "as"];
    let thousands = prefixes.iter().position(|known| *known == base);
    3 * thousands.unwrap_or(0) as u32
}

/// The date so many days after 1 January 1970.
fn date(days: i128) -> String {
    // Counted from 1 March of the year 0, so that the day that is not always there is the last of its year.
    const DAYS_BEFORE_1970: i128 = 719_468;
    const DAYS_OF_400_YEARS: i128 = 146_097;
    let days = days + DAYS_BEFORE_1970;
    let (era, day) = (
        days.div_euclid(DAYS_OF_400_YEARS),
        days.rem_euclid(DAYS_OF_400_YEARS),
    );
    // Every 4 years a day more than 365 a year, but not every 100, but every 400.
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    // Five months from March on have 153 days, and so have the next five.
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, next_year) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    format!("{:04}-{month:02}-{day:02}", 400 * era + year + next_year)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_unit_has_the_digits_that_numpy_prints() {
        for (value, count, base, text) in [
            (-1, 1, "Y", "1969"),
            (361, 1, "M", "2000-02"),
            (1, 2, "W", "1970-01-15"),
            (11_016, 1, "D", "2000-02-29"),
            (-1, 1, "D", "1969-12-31"),
            (-141_428, 1, "D", "1582-10-14"),
            (-1, 1, "h", "1969-12-31T23"),
            (61, 1, "m", "1970-01-01T01:01"),
            (951_786_245, 1, "s", "2000-02-29T01:04:05"),
            (1, 25, "s", "1970-01-01T00:00:25"),
            (-1, 1, "ms", "1969-12-31T23:59:59.999"),
            (1, 1, "us", "1970-01-01T00:00:00.000001"),
            (
                1_600_000_000_123_456_789,
                1,
                "ns",
                "2020-09-13T12:26:40.123456789",
            ),
            (i64::MAX, 1, "as", "1970-01-01T00:00:09.223372036854775807"),
            (i64::MIN, 1, "ns", "NaT"),
        ] {
            assert_eq!(date_time(value, count, base), text);
        }
        assert_eq!(time_delta(-3, 25, "s"), "-75s");
        assert_eq!(time_delta(i64::MIN, 1, "s"), "NaT");
    }

    #[test]
    fn no_value_overflows() {
        for base in ["Y", "M", "W", "D", "h", "m", "s", "as"] {
            for value in [i64::MIN + 1, i64::MAX] {
                assert!(!date_time(value, u32::MAX, base).is_empty());
            }
        }
    }

    #[test]
    fn days_follow_one_another() {
        // A day more, or the first of the next month, over two of the longest cycles.
        let parts = |days| -> Vec<u32> {
            let text = date(days);
            text.split('-').map(|part| part.parse().unwrap()).collect()
        };
        let mut before = parts(-135_140);
        for days in -135_139..146_097 {
            let now = parts(days);
            let is_next = now[..2] == before[..2] && now[2] == before[2] + 1;
            let starts_month = now[2] == 1 && before[2] >= 28;
            assert!(is_next || starts_month, "{before:?} {now:?}");
            before = now;
        }
    }
}
