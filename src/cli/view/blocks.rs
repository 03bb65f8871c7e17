//! Drawings of letters, for terminals.

use super::raster::Raster;

const WIDTH: usize = 72;
const HEIGHT: usize = 24;
/// From the least to the largest.
const SHADES: [char; 5] = [' ', '░', '▒', '▓', '█'];
/// Parts of a block, from the bottom.
const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Lines of a drawing of numbers of one axis.
const BAR_LINES: usize = 8;

/// The mean of the finite numbers; NaN where there are none.
fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, n) = values
        .filter(|value| value.is_finite())
        .fold((0.0, 0_u32), |(sum, n), value| (sum + value, n + 1));
    sum / f64::from(n)
}

/// The part of `n` elements that letter `i` of `letters` stands for.
fn part(i: usize, letters: usize, n: usize) -> std::ops::Range<usize> {
    let start = i * n / letters;
    start..((i + 1) * n / letters).max(start + 1)
}

/// The first frame of numbers as shades: a letter is twice as high as it is wide.
pub(super) fn picture(raster: &Raster) -> String {
    let share = raster.shares();
    let width = raster.width.min(WIDTH);
    let height = (raster.height * width).div_ceil(2 * raster.width);
    let height = height.clamp(1, HEIGHT.min(raster.height));
    let mut text = String::new();
    for line in 0..height {
        let rows = part(line, height, raster.height);
        for letter in 0..width {
            let columns = part(letter, width, raster.width);
            let values = rows.clone().flat_map(|y| {
                let row = &raster.values[y * raster.width..][..raster.width];
                row[columns.clone()].iter().copied()
            });
            let share = share(mean(values));
            text.push(match share.is_nan() {
                true => '·',
                false => SHADES[((share * SHADES.len() as f64) as usize).min(SHADES.len() - 1)],
            });
        }
        text.push('\n');
    }
    text
}

/// Numbers of one axis as bars.
pub(super) fn line(values: &[f64]) -> String {
    let width = values.len().min(WIDTH);
    let means: Vec<f64> = (0..width)
        .map(|letter| mean(values[part(letter, width, values.len())].iter().copied()))
        .collect();
    let finite = means.iter().copied().filter(|value| value.is_finite());
    let least = finite.clone().reduce(f64::min).unwrap_or(0.0);
    let most = finite.reduce(f64::max).unwrap_or(0.0);
    let way = most / 2.0 - least / 2.0;
    let eighths = |value: f64| match way {
        _ if value.is_nan() => 0,
        0.0 => 8 * BAR_LINES / 2,
        _ => 1 + ((value / 2.0 - least / 2.0) / way * (8 * BAR_LINES - 1) as f64) as usize,
    };
    let mut text = String::new();
    for line in (0..BAR_LINES).rev() {
        text.extend(
            means
                .iter()
                .map(|&value| BARS[eighths(value).saturating_sub(8 * line).min(8)]),
        );
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_rise_with_their_numbers() {
        let text = line(&[0.0, 1.0, f64::NAN]);
        let lines: Vec<Vec<char>> = text.lines().map(|line| line.chars().collect()).collect();
        assert_eq!(lines.len(), BAR_LINES);
        assert_eq!((lines[0][0], lines[0][1], lines[0][2]), (' ', '█', ' '));
        assert_eq!(lines[BAR_LINES - 1], ['▁', '█', ' ']);
    }

    #[test]
    fn every_element_is_in_a_part() {
        for (letters, n) in [(3, 3), (3, 10), (72, 1000)] {
            let parts: Vec<_> = (0..letters).map(|i| part(i, letters, n)).collect();
            assert_eq!((parts[0].start, parts[letters - 1].end), (0, n));
            assert!(parts.windows(2).all(|pair| pair[0].end == pair[1].start));
        }
    }
}
