//! Numbers of one axis as a line.

use super::axis::Axis;
use super::scene::{Anchor, Line, Scene, Size, Text};
use super::{BLACK, BLUE, GRID, HEADER_HEIGHT, LEFT, RIGHT, WIDTH};

const HEIGHT: f64 = 420.0;
const TOP: f64 = HEADER_HEIGHT;
const BOTTOM: f64 = 370.0;

/// Draws numbers in their order. Where more of them than pixels lie side by side, each pixel shows from the least to the
/// largest of its numbers. What is not finite is a gap.
pub(in crate::cli) fn scene(name: &str, values: &[f64]) -> Scene {
    let mut scene = Scene::new(WIDTH, HEIGHT);
    let finite = values.iter().copied().filter(|value| value.is_finite());
    let least = finite.clone().reduce(f64::min).unwrap_or(0.0);
    let most = finite.reduce(f64::max).unwrap_or(0.0);
    let around = match most / 2.0 - least / 2.0 {
        0.0 => least.abs().max(1.0) / 2.0,
        half => half / 10.0,
    };
    let far = f64::MAX / 4.0;
    let up = Axis::linear((least - around).max(-far), (most + around).min(far));
    let across = Axis::linear(0.0, values.len().saturating_sub(1).max(1) as f64);
    let x_of = |at: f64| LEFT + across.position(at) * (RIGHT - LEFT);
    let y_of = |value: f64| BOTTOM - up.position(value) * (BOTTOM - TOP);
    let text = |x: f64, y: f64, anchor, size, text: String| Text {
        x,
        y,
        anchor,
        size,
        text,
    };
    let numbers = crate::cli::size::counted(values.len() as u64, "number");
    let title = format!("{name}: {numbers}");
    scene
        .texts
        .push(text(LEFT, 30.0, Anchor::Start, Size::Large, title));
    for (value, label) in up.ticks(6) {
        let y = y_of(value);
        scene.lines.push(Line::new(LEFT, y, RIGHT, y, GRID));
        scene
            .texts
            .push(text(LEFT - 8.0, y + 4.0, Anchor::End, Size::Small, label));
    }
    for (at, label) in across.ticks(6) {
        let x = x_of(at);
        scene
            .lines
            .push(Line::new(x, BOTTOM, x, BOTTOM + 5.0, BLACK));
        scene
            .texts
            .push(text(x, BOTTOM + 20.0, Anchor::Middle, Size::Small, label));
    }
    for (x, y) in [(RIGHT, BOTTOM), (LEFT, TOP)] {
        scene.lines.push(Line::new(LEFT, BOTTOM, x, y, BLACK));
    }
    let pixels = (RIGHT - LEFT) as usize;
    let n_columns = values.len().min(pixels);
    let mut before: Option<(f64, f64)> = None;
    for column in 0..n_columns {
        let part = column * values.len() / n_columns..(column + 1) * values.len() / n_columns;
        let x = x_of(part.start as f64);
        let values = &values[part];
        let mut shown = values.iter().copied().filter(|value| value.is_finite());
        let (Some(low), Some(high)) = (
            shown.clone().reduce(f64::min),
            shown.clone().reduce(f64::max),
        ) else {
            before = None;
            continue;
        };
        let first = shown.clone().next().unwrap_or(low);
        let last = shown.next_back().unwrap_or(high);
        if let Some((x_before, y_before)) = before {
            scene
                .lines
                .push(Line::new(x_before, y_before, x, y_of(first), BLUE));
        }
        scene
            .lines
            .push(Line::new(x, y_of(low), x, y_of(high), BLUE));
        before = Some((x, y_of(last)));
    }
    scene
}
