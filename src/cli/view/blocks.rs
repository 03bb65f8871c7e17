//! Drawings of letters, for terminals.

use super::raster::Raster;
use crate::cli::plot::stretches::Stretches;
use crate::error::Result;

/// Letters of a line.
pub(super) const WIDTH: usize = 72;
const HEIGHT: usize = 24;
/// From the least to the largest.
const SHADES: [char; 5] = [' ', '░', '▒', '▓', '█'];
/// Parts of a block, from the bottom.
const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Lines of a drawing of numbers of one axis.
const BAR_LINES: usize = 8;

/// Of `parts` parts that `n` elements are cut into, the one of element `i`.
fn part_of(i: usize, parts: usize, n: usize) -> usize {
    // The last part that starts at `i` or before it.
    ((i + 1) * parts - 1) / n
}

/// The first frame of numbers as shades: a letter is twice as high as it is wide.
pub(super) fn picture(raster: &Raster<'_>) -> Result<String> {
    let share = raster.shares();
    let width = raster.width.min(WIDTH);
    let height = (raster.height * width).div_ceil(2 * raster.width);
    let height = height.clamp(1, HEIGHT.min(raster.height));
    // Of each letter the sum of its finite numbers, and how many there are.
    let mut letters = vec![(0.0, 0.0); width * height];
    let mut at = 0;
    raster.first_frame(&mut |value| {
        if value.is_finite() {
            let line = part_of(at / raster.width, height, raster.height);
            let letter = part_of(at % raster.width, width, raster.width);
            let (sum, n) = &mut letters[line * width + letter];
            (*sum, *n) = (*sum + value, *n + 1.0);
        }
        at += 1;
    })?;
    let mut text = String::new();
    for line in letters.chunks(width) {
        text.extend(line.iter().map(|&(sum, n)| {
            let share = share(sum / n);
            match share.is_nan() {
                true => '·',
                false => SHADES[((share * SHADES.len() as f64) as usize).min(SHADES.len() - 1)],
            }
        }));
        text.push('\n');
    }
    Ok(text)
}

/// Numbers of one axis as bars.
pub(super) fn line(values: &Stretches) -> String {
    let means = values.parts().iter();
    let means: Vec<f64> = means
        .map(|part| part.map_or(f64::NAN, |part| part.mean()))
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
        let mut numbers = Stretches::new(3, WIDTH);
        [0.0, 1.0, f64::NAN]
            .into_iter()
            .for_each(|value| numbers.push(value));
        let text = line(&numbers);
        let lines: Vec<Vec<char>> = text.lines().map(|line| line.chars().collect()).collect();
        assert_eq!(lines.len(), BAR_LINES);
        assert_eq!((lines[0][0], lines[0][1], lines[0][2]), (' ', '█', ' '));
        assert_eq!(lines[BAR_LINES - 1], ['▁', '█', ' ']);
    }

    #[test]
    fn parts_are_equally_long_but_for_one_element() {
        for (parts, n) in [(3, 3), (3, 10), (72, 1000), (72, 100)] {
            let mut lengths = vec![0; parts];
            (0..n).for_each(|i| lengths[part_of(i, parts, n)] += 1);
            assert_eq!(lengths.iter().sum::<usize>(), n);
            assert!(
                lengths
                    .iter()
                    .all(|&len| len == n / parts || len == n.div_ceil(parts))
            );
            assert!((1..n).all(|i| part_of(i - 1, parts, n) <= part_of(i, parts, n)));
        }
    }
}
