//! What a drawing consists of, whatever it is written as. Lengths are pixels, from the upper left corner.

/// Bars, lines and texts: later ones cover earlier ones, lines of colour of a grid are first.
#[derive(Clone, Debug, Default)]
pub(in crate::cli) struct Scene {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) lines: Vec<Line>,
    pub(super) bars: Vec<Bar>,
    pub(super) texts: Vec<Text>,
}

impl Scene {
    /// Nothing yet, on white.
    pub(super) fn new(width: f64, height: f64) -> Self {
        Self {
            width,
            height,
            ..Self::default()
        }
    }
}

/// A filled rectangle.
#[derive(Clone, Debug)]
pub(super) struct Bar {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
    /// Red, green and blue, a byte each.
    pub(super) color: u32,
    /// What is said of it where a pointer can rest on it.
    pub(super) tip: String,
}

/// A line of one pixel.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) start: (f64, f64),
    pub(super) end: (f64, f64),
    pub(super) color: u32,
}

impl Line {
    pub(super) fn new(x1: f64, y1: f64, x2: f64, y2: f64, color: u32) -> Self {
        Self {
            start: (x1, y1),
            end: (x2, y2),
            color,
        }
    }
}

/// A line of text on its base line.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) anchor: Anchor,
    pub(super) size: Size,
    pub(super) text: String,
}

/// What of a text is at its `x`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// How large letters are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Size {
    Small,
    Large,
}
