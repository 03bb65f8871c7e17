//! Floats by the fewest digits that read back as the same number.

use std::fmt::{Display, LowerExp};

use crate::wrapped::f16;

/// Digits of an `f32` or `f64`: with an exponent where there would be many zeroes.
pub(crate) fn digits<F: Display + LowerExp + Copy + Into<f64>>(x: F) -> String {
    if is_plain(x.into()) {
        x.to_string()
    } else {
        format!("{x:e}")
    }
}

/// Digits of a half: those that numpy prints, which tell it from other halves. 65504 is 65500 then, as no other half is
/// nearer to that.
pub(crate) fn half(x: f16) -> String {
    let exact = f64::from(x);
    if exact == 0.0 || !exact.is_finite() {
        return exact.to_string();
    }
    // Five digits tell all halves apart.
    let short = (0..5).find_map(|n_decimals| shortest_of(x, n_decimals));
    digits(short.unwrap_or(exact))
}

/// The number of so many decimals of its mantissa that reads back as `x` and is nearest to it, if there is one. Below a
/// power of two halves are closer together than above, so that it may be the next above the rounded one.
fn shortest_of(x: f16, n_decimals: usize) -> Option<f64> {
    let exact = f64::from(x);
    let rounded = format!("{exact:.n_decimals$e}");
    let (mantissa, exponent) = rounded.split_once('e')?;
    let mantissa: i64 = mantissa.replace('.', "").parse().ok()?;
    let exponent = exponent.parse::<i32>().ok()? - n_decimals as i32;
    let near = [0, 1, -1].map(|step| format!("{}e{exponent}", mantissa + step).parse::<f64>());
    near.into_iter()
        .flatten()
        .filter(|&decimal| f16::from_f64(decimal) == x)
        .min_by(|a, b| (a - exact).abs().total_cmp(&(b - exact).abs()))
}

fn is_plain(x: f64) -> bool {
    let magnitude = x.abs();
    magnitude == 0.0 || (1e-5..1e16).contains(&magnitude) || !magnitude.is_finite()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_have_the_digits_that_numpy_prints() {
        for (x, text) in [
            (0.1, "0.1"),
            (1.0 / 3.0, "0.3333"),
            (65504.0, "65500"),
            (2049.0, "2048"),
            (1000.5, "1000.5"),
            (-0.0, "-0"),
            (6e-8, "6e-8"),
            (0.00006103515625, "0.00006104"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(half(f16::from_f64(x)), text);
        }
    }

    #[test]
    fn each_half_reads_back() {
        for x in (0..=u16::MAX).map(f16::from_bits).filter(|x| !x.is_nan()) {
            let text = half(x);
            let back = f16::from_f64(text.parse::<f64>().unwrap());
            assert_eq!(back.to_bits(), x.to_bits(), "{text}");
        }
    }
}
