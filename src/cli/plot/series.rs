//! Numbers of one axis as a line.

use super::axis::Axis;
use super::scene::{Anchor, Line, Scene, Size, Text};
use super::stretches::Stretches;
use super::{BLACK, BLUE, GRID, HEADER_HEIGHT, LEFT, RIGHT, WIDTH};
use crate::text::counted;

const HEIGHT: f64 = 420.0;
const TOP: f64 = HEADER_HEIGHT;
const BOTTOM: f64 = 370.0;

/// Stretches of a drawing, one a pixel.
pub(in crate::cli) const COLUMNS: usize = (RIGHT - LEFT) as usize;

/// Draws numbers in their order. Where more of them than pixels lie side by side, each pixel shows from the least to the
/// largest of its numbers. What is not finite is a gap.
pub(in crate::cli) fn scene(name: &str, values: &Stretches) -> Scene {
    let mut scene = Scene::new(WIDTH, HEIGHT);
    let (least, most) = values.bounds().unwrap_or((0.0, 0.0));
    let around = match most / 2.0 - least / 2.0 {
        0.0 => least.abs().max(1.0) / 2.0,
        half => half / 10.0,
    };
    let far = f64::MAX / 4.0;
    let up = Axis::linear((least - around).max(-far), (most + around).min(far));
    let across = Axis::linear(0.0, values.n().saturating_sub(1).max(1) as f64);
    let x_of = |at: f64| LEFT + across.position(at) * (RIGHT - LEFT);
    let y_of = |value: f64| BOTTOM - up.position(value) * (BOTTOM - TOP);
    let text = |x: f64, y: f64, anchor, size, text: String| Text {
        x,
        y,
        anchor,
        size,
        text,
    };
    let numbers = counted(values.n(), "number");
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
    draw(&mut scene, values, x_of, y_of);
    scene
}

/// Draws the line: a stroke over what each column holds, and one to the next.
fn draw(
    scene: &mut Scene,
    values: &Stretches,
    x_of: impl Fn(f64) -> f64,
    y_of: impl Fn(f64) -> f64,
) {
    let mut before: Option<(f64, f64)> = None;
    for (column, part) in values.parts().iter().enumerate() {
        let x = x_of(values.start(column) as f64);
        let Some(part) = part else {
            before = None;
            continue;
        };
        if let Some((x_before, y_before)) = before {
            scene
                .lines
                .push(Line::new(x_before, y_before, x, y_of(part.first), BLUE));
        }
        scene
            .lines
            .push(Line::new(x, y_of(part.least), x, y_of(part.most), BLUE));
        before = Some((x, y_of(part.last)));
    }
}
