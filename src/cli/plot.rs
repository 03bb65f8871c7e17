//! The bins of a chunk as a drawing: where latents lie, and how densely.
//!
//! A panel a latent variable. Across, the latents from the lowest bin to the highest; a bin is a bar as wide as it reaches,
//! at least a hair, as high as the logarithm of its density: bins of equal height cost a latent the same number of bits.

use std::fmt::Write;

use super::inspect::upper;
use crate::container::pco::{ChunkSummary, LatentVarSummary};
use crate::wrapped::Bin;

const WIDTH: f64 = 900.0;
const PANEL_HEIGHT: f64 = 220.0;
const MARGIN: f64 = 50.0;

/// Draws the bins of a chunk as SVG.
pub(super) fn bins(chunk: &ChunkSummary) -> String {
    let n_panels = chunk.latent_vars.len() as f64;
    let height = n_panels * (PANEL_HEIGHT + MARGIN) + MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {height}\" font-family=\"sans-serif\" \
         font-size=\"13\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"{MARGIN}\" y=\"24\">{} numbers, {}, {}</text>\n",
        WIDTH + 2.0 * MARGIN,
        chunk.n,
        chunk.mode,
        chunk.delta,
    );
    for (i, var) in chunk.latent_vars.iter().enumerate() {
        panel(&mut svg, var, MARGIN + i as f64 * (PANEL_HEIGHT + MARGIN));
    }
    svg += "</svg>\n";
    svg
}

/// Bits of information that a latent of a bin carries: what it costs.
fn cost(var: &LatentVarSummary, bin: &Bin) -> f64 {
    let (ans_bits, offset_bits) = var.bits_of(bin);
    ans_bits + offset_bits
}

fn panel(svg: &mut String, var: &LatentVarSummary, top: f64) {
    let title = format!(
        "{}: {} bins, {:.2} bits a latent",
        var.name,
        var.bins.len(),
        var.mean_bits()
    );
    let low = var.bins.iter().map(|bin| bin.lower).min().unwrap_or(0);
    let high = var.bins.iter().map(upper).max().unwrap_or(0);
    let span = (high - low).max(1) as f64;
    let x_of = |latent: u64| MARGIN + WIDTH * (latent - low) as f64 / span;
    let dearest = var
        .bins
        .iter()
        .map(|bin| cost(var, bin))
        .fold(0.0, f64::max)
        + 1.0;
    let bottom = top + PANEL_HEIGHT;
    let mut line = |text: std::fmt::Arguments<'_>| {
        svg.write_fmt(text)
            .expect("writing into a string does not fail");
    };
    line(format_args!(
        "<text x=\"{MARGIN}\" y=\"{}\">{title}</text>\n",
        top - 6.0
    ));
    for bin in &var.bins {
        let x = x_of(bin.lower);
        let width = (x_of(upper(bin)) - x).max(1.0);
        let height = PANEL_HEIGHT * (1.0 - cost(var, bin) / dearest).max(0.01);
        line(format_args!(
            "<rect x=\"{x:.2}\" y=\"{:.2}\" width=\"{width:.2}\" height=\"{height:.2}\" fill=\"#3b6ea5\" \
             stroke=\"white\" stroke-width=\"0.3\"><title>{} to {}: weight {} of {}, {:.2} bits</title></rect>\n",
            bottom - height,
            bin.lower,
            upper(bin),
            bin.weight,
            var.total_weight(),
            cost(var, bin),
        ));
    }
    let right = MARGIN + WIDTH;
    line(format_args!(
        "<line x1=\"{MARGIN}\" y1=\"{bottom}\" x2=\"{right}\" y2=\"{bottom}\" stroke=\"black\"/>\n\
         <text x=\"{MARGIN}\" y=\"{0}\">{low}</text>\n\
         <text x=\"{right}\" y=\"{0}\" text-anchor=\"end\">{high}</text>\n",
        bottom + 16.0,
    ));
}
