//! Colours of numbers.

/// Which colours numbers have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Colors {
    /// From black to white
    #[default]
    Grey,
    /// From dark blue by green to yellow: equal steps look equal
    Viridis,
}

/// Points of viridis at equal distances.
const VIRIDIS: [[f64; 3]; 10] = [
    [68.0, 1.0, 84.0],
    [72.0, 40.0, 120.0],
    [62.0, 74.0, 137.0],
    [49.0, 104.0, 142.0],
    [38.0, 130.0, 142.0],
    [31.0, 158.0, 137.0],
    [53.0, 183.0, 121.0],
    [109.0, 205.0, 89.0],
    [180.0, 222.0, 44.0],
    [253.0, 231.0, 37.0],
];

impl Colors {
    /// Red, green, blue and alpha of a number between 0 and 1; of NaN, transparent.
    pub(super) fn of(self, share: f64) -> [u8; 4] {
        if share.is_nan() {
            return [0; 4];
        }
        let share = share.clamp(0.0, 1.0);
        match self {
            Self::Grey => {
                let grey = (255.0 * share).round() as u8;
                [grey, grey, grey, 255]
            }
            Self::Viridis => {
                let at = share * (VIRIDIS.len() - 1) as f64;
                let first = (at as usize).min(VIRIDIS.len() - 2);
                let part = at - first as f64;
                let mix = |i: usize| {
                    let (a, b) = (VIRIDIS[first][i], VIRIDIS[first + 1][i]);
                    (a + part * (b - a)).round() as u8
                };
                [mix(0), mix(1), mix(2), 255]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_are_the_first_and_the_last_colour() {
        assert_eq!(Colors::Grey.of(0.0), [0, 0, 0, 255]);
        assert_eq!(Colors::Grey.of(1.0), [255; 4]);
        assert_eq!(Colors::Viridis.of(0.0), [68, 1, 84, 255]);
        assert_eq!(Colors::Viridis.of(2.0), [253, 231, 37, 255]);
        assert_eq!(Colors::Viridis.of(f64::NAN)[3], 0);
    }
}
