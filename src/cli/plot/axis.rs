//! Where values stand along an axis, and which of them are named.

use crate::filter::Bound;

/// Where a bar starts and ends, and how high it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Span {
    pub(super) start: f64,
    pub(super) end: f64,
    pub(super) share: f64,
}

impl Span {
    /// Of values a `step` apart, each is as wide as that: from half a step below the lower bound to half a step above the
    /// upper.
    pub(super) fn of(lower: Bound, upper: Bound, step: f64, share: f64) -> Self {
        /// No axis goes farther: bins of floats may reach to infinity and beyond.
        const FAR: f64 = 1e300;
        let half = step / 2.0;
        let place = |value: f64, if_nan: f64| match value {
            _ if value.is_nan() => if_nan,
            _ => value.clamp(-FAR, FAR),
        };
        Self {
            start: place(lower.to_f64() - half, -FAR),
            end: place(upper.to_f64() + half, FAR),
            share,
        }
    }
}

/// How values are spread along an axis.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Scale {
    Linear,
    /// Linear up to `unit` from zero, logarithmic beyond it, to both sides.
    Logarithmic {
        unit: f64,
    },
}

impl Scale {
    fn spread(self, value: f64) -> f64 {
        match self {
            Self::Linear => value,
            Self::Logarithmic { unit } => (value.abs() / unit).ln_1p().copysign(value),
        }
    }
}

/// An axis from one value to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Axis {
    low: f64,
    high: f64,
    scale: Scale,
    /// What is left free at each end, as a part of the axis.
    margin: f64,
    /// Whether there are only whole values: none between them is named.
    is_whole: bool,
}

impl Axis {
    /// From `low` to `high`.
    pub(super) fn linear(low: f64, high: f64) -> Self {
        Self {
            low,
            high,
            scale: Scale::Linear,
            margin: 0.0,
            is_whole: false,
        }
    }

    /// An axis of so many pixels that holds all bars, so that few of them are hairs.
    pub(super) fn across(spans: &[Span], is_whole: bool, pixels: f64) -> Self {
        const MARGIN: f64 = 0.02;
        let low = spans.iter().map(|span| span.start).reduce(f64::min);
        let high = spans.iter().map(|span| span.end).reduce(f64::max);
        let (mut low, mut high) = (low.unwrap_or(0.0), high.unwrap_or(1.0));
        if low >= high {
            let around = if low == 0.0 { 1.0 } else { low.abs() / 2.0 };
            (low, high) = (low - around, high + around);
        } else if is_whole && high - low <= 1.0 {
            // A value alone between its neighbours.
            (low, high) = (low - 1.0, high + 1.0);
        }
        let linear = Self {
            margin: MARGIN,
            is_whole,
            ..Self::linear(low, high)
        };
        let logarithmic = Self {
            scale: Scale::Logarithmic {
                unit: smallest(spans).max(low.abs().max(high.abs()) * 1e-15),
            },
            ..linear
        };
        // A scale that people have to think about must be worth it.
        let visible = |axis: Self| axis.visible_share(spans, pixels);
        if visible(logarithmic) > visible(linear) + 0.1 {
            logarithmic
        } else {
            linear
        }
    }

    /// The share of latents in bars that are no hairs.
    fn visible_share(self, spans: &[Span], pixels: f64) -> f64 {
        const VISIBLE_PIXELS: f64 = 3.0;
        let width = |span: &Span| (self.position(span.end) - self.position(span.start)) * pixels;
        let visible = spans.iter().filter(|span| width(span) >= VISIBLE_PIXELS);
        visible.map(|span| span.share).sum()
    }

    /// Where a value stands: 0 for the start of the axis, 1 for its end.
    pub(super) fn position(self, value: f64) -> f64 {
        let [low, high, value] = [self.low, self.high, value].map(|v| self.scale.spread(v));
        // Halved, so that the farthest values do not overflow.
        let part = (value / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0);
        self.margin + part * (1.0 - 2.0 * self.margin)
    }

    /// About `n` values to name, and their names.
    pub(super) fn ticks(self, n: usize) -> Vec<(f64, String)> {
        let values = match self.scale {
            Scale::Linear => self.round_values(n),
            Scale::Logarithmic { unit } => self.powers(unit, n),
        };
        values
            .into_iter()
            .map(|value| (value, name(value)))
            .collect()
    }

    /// What is to be said of the scale.
    pub(super) fn note(self) -> &'static str {
        match self.scale {
            Scale::Linear => "",
            Scale::Logarithmic { .. } => " (logarithmic scale)",
        }
    }

    /// Multiples of 1, 2 or 5 times a power of ten.
    fn round_values(self, n: usize) -> Vec<f64> {
        let rough = (self.high / 2.0 - self.low / 2.0) / n as f64 * 2.0;
        let exponent = rough.log10().floor() as i32;
        let power: f64 = format!("1e{exponent}").parse().unwrap_or(1.0);
        let factor = [1.0, 2.0, 5.0].into_iter().find(|f| f * power >= rough);
        let step = factor.unwrap_or(10.0) * power;
        let step = if self.is_whole { step.max(1.0) } else { step };
        let first = (self.low / step).ceil();
        let values = (0..=2 * n).map(|i| (first + i as f64) * step);
        let within = values.filter(|&value| value <= self.high);
        // Ten decimals of the step: what is beyond is the noise of the product.
        let digits = (10 - exponent).clamp(0, 300) as usize;
        let clean = within.map(|value| format!("{value:.digits$}").parse().unwrap_or(value));
        let mut clean: Vec<f64> = clean.map(|value: f64| value + 0.0).collect();
        clean.dedup();
        clean
    }

    /// Zero, and powers of ten to both sides of it.
    fn powers(self, unit: f64, n: usize) -> Vec<f64> {
        let first = unit.log10().ceil() as i32;
        let last = self.low.abs().max(self.high.abs()).log10().floor() as i32;
        let signs = if self.low < 0.0 && self.high > 0.0 {
            2
        } else {
            1
        };
        let room = (n / signs).max(1) as i32;
        let step = ((last - first) / room).max(1);
        let powers = (first..=last).rev().step_by(step as usize);
        let powers = powers.filter_map(|exponent| format!("1e{exponent}").parse::<f64>().ok());
        let both_sides = powers.flat_map(|power| [-power, power]);
        let mut values: Vec<f64> = Vec::new();
        for value in std::iter::once(0.0).chain(both_sides) {
            let is_free = |other: &f64| (self.position(value) - self.position(*other)).abs() > 0.07;
            if (self.low..=self.high).contains(&value) && values.iter().all(is_free) {
                values.push(value);
            }
        }
        values.sort_by(f64::total_cmp);
        values
    }
}

/// The value in few letters.
fn name(value: f64) -> String {
    if value == 0.0 || (1e-4..1e6).contains(&value.abs()) {
        value.to_string()
    } else {
        format!("{value:e}")
    }
}

/// The size of the smallest thing that bars tell apart.
fn smallest(spans: &[Span]) -> f64 {
    let widths = spans.iter().map(|span| span.end - span.start);
    let places = spans
        .iter()
        .flat_map(|span| [span.start.abs(), span.end.abs()]);
    let sizes = widths.chain(places).filter(|&size| size > 0.0);
    sizes.reduce(f64::min).unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(lower: i128, upper: i128, share: f64) -> Span {
        Span::of(Bound::Int(lower), Bound::Int(upper), 1.0, share)
    }

    fn names(axis: Axis) -> Vec<String> {
        axis.ticks(6).into_iter().map(|(_, name)| name).collect()
    }

    #[test]
    fn round_values_are_named() {
        assert_eq!(
            names(Axis::linear(0.0, 0.5)),
            ["0", "0.1", "0.2", "0.3", "0.4", "0.5"]
        );
        assert_eq!(
            names(Axis::linear(-7.0, 21.0)),
            ["-5", "0", "5", "10", "15", "20"]
        );
        assert_eq!(names(Axis::linear(-1e300, 1e300)).len(), 5);
        for (low, high) in [(1e-300, 2e-300), (1e18, 1e18 + 4096.0), (-1e300, 1e-300)] {
            let ticks = Axis::linear(low, high).ticks(6);
            assert!(
                (2..=13).contains(&ticks.len()),
                "{low} to {high}: {ticks:?}"
            );
            assert!(ticks.iter().all(|(v, _)| *v >= low && *v <= high));
        }
    }

    #[test]
    fn bins_of_equal_width_have_a_linear_axis() {
        let spans: Vec<Span> = (0..10).map(|i| span(10 * i, 10 * i + 9, 0.1)).collect();
        let axis = Axis::across(&spans, true, 800.0);
        assert_eq!(axis.scale, Scale::Linear);
        assert!((axis.position(-0.5) - 0.02).abs() < 1e-9);
        assert!((axis.position(99.5) - 0.98).abs() < 1e-9);
    }

    #[test]
    fn many_bins_near_zero_have_a_logarithmic_one() {
        let spans = [
            span(-1_000_000_000, -1_000_001, 0.01),
            span(-1, -1, 0.3),
            span(0, 0, 0.39),
            span(1, 1, 0.3),
        ];
        let axis = Axis::across(&spans, true, 800.0);
        assert!(matches!(axis.scale, Scale::Logarithmic { .. }));
        let names = names(axis);
        assert!(names.contains(&"0".to_owned()) && names.contains(&"-1e9".to_owned()));
        assert!(names.len() <= 9, "{names:?}");
    }

    #[test]
    fn a_value_alone_stands_between_its_neighbours() {
        let axis = Axis::across(&[span(7, 7, 1.0)], true, 800.0);
        assert_eq!(names(axis), ["6", "7", "8"]);
        assert!((axis.position(7.0) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn every_bar_stands_on_the_axis() {
        let far = |lower, upper| Span::of(Bound::F64(lower), Bound::F64(upper), 0.0, 0.5);
        for spans in [
            vec![span(7, 7, 1.0)],
            vec![far(1.5, 1.5)],
            vec![far(0.0, 0.0)],
            vec![far(f64::NEG_INFINITY, f64::NAN), far(-f64::NAN, 1.0)],
            vec![far(f64::MIN, f64::MAX)],
            vec![span(i128::from(u64::MAX), i128::from(u64::MAX), 1.0)],
            vec![],
        ] {
            let axis = Axis::across(&spans, false, 800.0);
            for Span { start, end, .. } in &spans {
                let (start, end) = (axis.position(*start), axis.position(*end));
                assert!(
                    0.0 <= start && start <= end && end <= 1.0,
                    "{spans:?}: {axis:?}"
                );
            }
            assert!(axis.ticks(6).iter().all(|(value, _)| value.is_finite()));
        }
    }
}
