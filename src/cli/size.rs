//! Sizes as people write and read them.

/// Parses a number of bytes: `1000`, `64K`, `8GiB` (powers of 1024).
pub(super) fn parse(text: &str) -> Result<u64, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let shift = match unit.trim_end_matches("iB").trim_end_matches('B') {
        "" => 0,
        "K" | "k" => 10,
        "M" => 20,
        "G" => 30,
        "T" => 40,
        _ => return Err(format!("{unit:?} is no unit; use K, M, G or T")),
    };
    let number: u64 = number
        .parse()
        .map_err(|_| "a number of bytes was expected")?;
    number
        .checked_mul(1 << shift)
        .ok_or_else(|| "more bytes than a file can have".to_owned())
}

/// A speed; megabytes are millions, as in every benchmark.
pub(super) fn megabytes_per_second(bytes: u64, seconds: f64) -> f64 {
    bytes as f64 / 1e6 / seconds.max(1e-9)
}

/// How many times smaller `compressed` is.
pub(super) fn ratio(original: u64, compressed: u64) -> f64 {
    original as f64 / compressed.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_powers_of_1024() {
        assert_eq!(parse("1000"), Ok(1000));
        assert_eq!(parse("64K"), Ok(65536));
        assert_eq!(parse("8GiB"), Ok(8 << 30));
        assert_eq!(parse("2MB"), Ok(2 << 20));
        for text in ["", "K", "-1", "1X", "99999999T", "1.5G"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
