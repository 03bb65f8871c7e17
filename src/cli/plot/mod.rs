//! Drawings: numbers as a line (`series`), and the bins of a chunk: where numbers lie, and how densely.
//!
//! A panel a latent variable. Across, from the lowest bin to the highest, in the unit of the variable; a bin is a bar from
//! its lower bound to its upper one, at least a hair wide. The scale is linear, or logarithmic to both sides of zero where
//! most bins would be hairs otherwise. Upwards, fewer bits: a latent costs the fewer of them the more there are around it,
//! so that the bars are a histogram on a logarithmic scale, whatever their widths.

mod axis;
mod png;
mod scene;
pub(super) mod series;
pub(super) mod stretches;
mod svg;

use std::path::Path;

use super::bins::{bound_text, share};
use super::failure::Failure;
use super::format::Format;
use crate::filter::{BinSummary, Bound, ChunkSummary, LatentVarSummary};
use crate::text::counted;
use axis::{Axis, Span};
use scene::{Anchor, Bar, Line, Scene, Size, Text};

const WIDTH: f64 = 960.0;
const LEFT: f64 = 80.0;
const RIGHT: f64 = 930.0;
const HEADER_HEIGHT: f64 = 44.0;
/// Of a panel: its title, the bars, the numbers and the unit below them.
const PANEL_HEIGHT: f64 = 320.0;
const BARS_TOP: f64 = 44.0;
const BARS_HEIGHT: f64 = 210.0;
/// What a bar is wide at least.
const HAIR: f64 = 1.0;
/// The same where it is the only one.
const LONE_BAR: f64 = 60.0;

const BLACK: u32 = 0x00_00_00;
const GRID: u32 = 0xdd_dd_dd;
const BLUE: u32 = 0x3b_6e_a5;

/// What a drawing is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Picture {
    Svg,
    Png,
}

impl Picture {
    /// What a file of this name is to be.
    pub(super) fn of_name(path: &Path) -> Result<Self, Failure> {
        match Format::of_output(path, &[Format::Svg, Format::png()])? {
            Format::Svg => Ok(Self::Svg),
            _ => Ok(Self::Png),
        }
    }

    /// Draws the bins of a chunk that `name` says the place of.
    pub(super) fn bins(self, name: &str, chunk: &ChunkSummary) -> Result<Vec<u8>, Failure> {
        self.of_scene(&scene_of(name, chunk))
    }

    /// Writes a drawing down.
    pub(super) fn of_scene(self, scene: &Scene) -> Result<Vec<u8>, Failure> {
        match self {
            Self::Svg => Ok(svg::document(scene).into_bytes()),
            Self::Png => Ok(png::image(scene)?),
        }
    }
}

fn scene_of(name: &str, chunk: &ChunkSummary) -> Scene {
    let n_panels = chunk.latent_vars.len() as f64;
    let mut scene = Scene::new(WIDTH, HEADER_HEIGHT + n_panels * PANEL_HEIGHT);
    let numbers = counted(chunk.n(), "number");
    let bits = 8.0 * chunk.bytes as f64 / chunk.n().max(1) as f64;
    scene.texts.push(Text {
        x: LEFT,
        y: 30.0,
        anchor: Anchor::Start,
        size: Size::Large,
        text: format!(
            "{name}: {numbers}, {}, delta {}, {bits:.3} bits a number",
            chunk.mode, chunk.delta
        ),
    });
    for (i, var) in chunk.latent_vars.iter().enumerate() {
        panel(&mut scene, var, HEADER_HEIGHT + i as f64 * PANEL_HEIGHT);
    }
    scene
}

fn panel(scene: &mut Scene, var: &LatentVarSummary, top: f64) {
    let step = step(&var.bins);
    let span = |bin: &BinSummary| Span::of(bin.lower, bin.upper, step, share(var, bin));
    let spans: Vec<Span> = var.bins.iter().map(span).collect();
    let has_whole_numbers = var.bins.iter().all(|bin| is_whole(bin.lower));
    let panel = Panel {
        var,
        across: Axis::across(&spans, has_whole_numbers, RIGHT - LEFT),
        down: bits_axis(var.bins.iter().map(|bin| bits_of(var, bin))),
        spans,
        top,
    };
    panel.draw_words(scene);
    panel.draw_bars(scene);
    panel.draw_axes(scene);
}

/// What a number of a bin takes.
fn bits_of(var: &LatentVarSummary, bin: &BinSummary) -> f64 {
    let (ans_bits, offset_bits) = var.bits_of(&bin.bin);
    ans_bits + offset_bits
}

/// The bins of a variable as bars between two axes.
struct Panel<'a> {
    var: &'a LatentVarSummary,
    spans: Vec<Span>,
    across: Axis,
    down: Axis,
    top: f64,
}

impl Panel<'_> {
    fn bars_top(&self) -> f64 {
        self.top + BARS_TOP
    }

    fn bars_bottom(&self) -> f64 {
        self.bars_top() + BARS_HEIGHT
    }

    fn x_of(&self, value: f64) -> f64 {
        LEFT + self.across.position(value) * (RIGHT - LEFT)
    }

    fn y_of(&self, bits: f64) -> f64 {
        self.bars_top() + self.down.position(bits) * BARS_HEIGHT
    }

    /// What stands above the bars.
    fn draw_words(&self, scene: &mut Scene) {
        let var = self.var;
        scene.texts.push(Text {
            x: LEFT,
            y: self.top + 14.0,
            anchor: Anchor::Start,
            size: Size::Large,
            text: format!(
                "{} latents: {}, {:.3} bits a latent",
                var.name,
                counted(var.bins.len() as u64, "bin"),
                var.mean_bits()
            ),
        });
        scene.texts.push(Text {
            x: LEFT,
            y: self.bars_top() - 8.0,
            anchor: Anchor::Start,
            size: Size::Small,
            text: "bits per latent, fewer upwards: the highest bars are the most frequent values"
                .to_owned(),
        });
    }

    fn draw_bars(&self, scene: &mut Scene) {
        let least_width = if self.spans.len() == 1 {
            LONE_BAR
        } else {
            HAIR
        };
        for (bin, span) in self.var.bins.iter().zip(&self.spans) {
            let (start, end) = (self.x_of(span.start), self.x_of(span.end));
            let width = (end - start).max(least_width);
            // Neighbours that are wide enough for it are kept apart.
            let gap = if width > 4.0 { 0.5 } else { 0.0 };
            let bits = bits_of(self.var, bin);
            let y = self.y_of(bits);
            scene.bars.push(Bar {
                x: f64::midpoint(start, end) - width / 2.0 + gap,
                y,
                width: width - 2.0 * gap,
                height: self.bars_bottom() - y,
                color: BLUE,
                tip: format!(
                    "{} to {}: {:.2} %, {bits:.2} bits a latent",
                    bound_text(bin.lower),
                    bound_text(bin.upper),
                    100.0 * span.share,
                ),
            });
        }
    }

    /// Both axes with their ticks, and what the lower one measures.
    fn draw_axes(&self, scene: &mut Scene) {
        let (bars_top, bars_bottom) = (self.bars_top(), self.bars_bottom());
        for (bits, label) in self.down.ticks(5) {
            let y = self.y_of(bits);
            scene.lines.push(Line::new(LEFT, y, RIGHT, y, GRID));
            scene.texts.push(Text {
                x: LEFT - 8.0,
                y: y + 4.0,
                anchor: Anchor::End,
                size: Size::Small,
                text: label,
            });
        }
        for (value, label) in self.across.ticks(6) {
            let x = self.x_of(value);
            let end = bars_bottom + 5.0;
            scene.lines.push(Line::new(x, bars_bottom, x, end, BLACK));
            scene.texts.push(Text {
                x,
                y: bars_bottom + 20.0,
                anchor: Anchor::Middle,
                size: Size::Small,
                text: label,
            });
        }
        for (x, y) in [(RIGHT, bars_bottom), (LEFT, bars_top)] {
            scene.lines.push(Line::new(LEFT, bars_bottom, x, y, BLACK));
        }
        scene.texts.push(Text {
            x: f64::midpoint(LEFT, RIGHT),
            y: bars_bottom + 42.0,
            anchor: Anchor::Middle,
            size: Size::Small,
            text: format!("{}{}", self.var.unit, self.across.note()),
        });
    }
}

/// From fewer bits than the cheapest bin takes to more than the dearest, so that each is seen.
fn bits_axis(bits: impl Iterator<Item = f64> + Clone) -> Axis {
    let least = bits.clone().reduce(f64::min).unwrap_or(0.0);
    let most = bits.reduce(f64::max).unwrap_or(0.0);
    let around = ((most - least) / 10.0).max(0.5);
    Axis::linear((least - around).max(0.0), most + around)
}

/// How far neighbouring values of a variable are apart: 100 where they are multiples of 100. A bin of 2^k latents spans one
/// step fewer than that.
fn step(bins: &[BinSummary]) -> f64 {
    /// Larger bins may end at the largest number.
    const MAX_BITS: u32 = 20;
    let is_small = |bin: &&BinSummary| (1..=MAX_BITS).contains(&bin.bin.offset_bits);
    let step_in = |bin: &BinSummary| {
        let n_steps = (1_u64 << bin.bin.offset_bits) - 1;
        (bin.upper.to_f64() - bin.lower.to_f64()) / n_steps as f64
    };
    let steps = bins.iter().filter(is_small).map(step_in);
    let is_step = |step: &f64| step.is_finite() && *step > 0.0;
    let least = if bins.iter().all(|bin| is_whole(bin.lower)) {
        1.0
    } else {
        0.0
    };
    steps.filter(is_step).reduce(f64::min).unwrap_or(least)
}

/// Whether a bound counts whole things.
fn is_whole(bound: Bound) -> bool {
    matches!(bound, Bound::Int(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_drawing_says_what_it_is() {
        let picture = |name: &str| Picture::of_name(Path::new(name)).ok();
        assert_eq!(picture("a/b.SVG"), Some(Picture::Svg));
        assert_eq!(picture("b.png"), Some(Picture::Png));
        assert_eq!(picture("b.pdf"), None);
        assert_eq!(picture("svg"), None);
    }

    #[test]
    fn a_bar_is_as_wide_as_all_of_its_values() {
        use crate::wrapped::Bin;
        let bin = |lower: f64, upper: f64, offset_bits| BinSummary {
            bin: Bin {
                weight: 1,
                lower: 0,
                offset_bits,
            },
            lower: Bound::F64(lower),
            upper: Bound::F64(upper),
        };
        let whole = |lower: i128, upper: i128, offset_bits| BinSummary {
            lower: Bound::Int(lower),
            upper: Bound::Int(upper),
            ..bin(0.0, 0.0, offset_bits)
        };
        assert_eq!(step(&[whole(3, 6, 2), whole(7, 7, 0)]), 1.0);
        assert_eq!(step(&[whole(0, 300, 2), whole(400, 400, 0)]), 100.0);
        assert_eq!(step(&[whole(1, 1, 0), whole(500, 500, 0)]), 1.0);
        assert_eq!(step(&[bin(-0.5, 0.25, 2), bin(0.5, 0.5, 0)]), 0.25);
        assert_eq!(step(&[bin(1.5, 1.5, 0), bin(1.5, f64::INFINITY, 3)]), 0.0);
        // Four values a hundred apart take four hundred, not three hundred and one.
        let span = Span::of(Bound::Int(0), Bound::Int(300), 100.0, 0.5);
        assert_eq!((span.start, span.end), (-50.0, 350.0));
    }
}
