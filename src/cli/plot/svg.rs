//! A drawing as SVG.

use std::fmt::Write;

use super::scene::{Anchor, Bar, Line, Scene, Size, Text};

/// The document.
pub(super) fn document(scene: &Scene) -> String {
    let Scene { width, height, .. } = scene;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    for line in &scene.lines {
        push_line(&mut svg, line);
    }
    for bar in &scene.bars {
        push_bar(&mut svg, bar);
    }
    for text in &scene.texts {
        push_text(&mut svg, text);
    }
    svg += "</svg>\n";
    svg
}

fn push(svg: &mut String, text: std::fmt::Arguments<'_>) {
    svg.write_fmt(text).expect("strings take all text");
}

fn push_line(svg: &mut String, line: &Line) {
    let ((x1, y1), (x2, y2), color) = (line.start, line.end, line.color);
    push(
        svg,
        format_args!(
            "<line x1=\"{x1:.2}\" y1=\"{y1:.2}\" x2=\"{x2:.2}\" y2=\"{y2:.2}\" stroke=\"#{color:06x}\"/>\n"
        ),
    );
}

fn push_bar(svg: &mut String, bar: &Bar) {
    let Bar {
        x,
        y,
        width,
        height,
        color,
        tip,
    } = bar;
    push(
        svg,
        format_args!(
            "<rect class=\"bin\" x=\"{x:.2}\" y=\"{y:.2}\" width=\"{width:.2}\" height=\"{height:.2}\" \
             fill=\"#{color:06x}\"><title>{}</title></rect>\n",
            escaped(tip)
        ),
    );
}

fn push_text(svg: &mut String, text: &Text) {
    let anchor = match text.anchor {
        Anchor::Start => "start",
        Anchor::Middle => "middle",
        Anchor::End => "end",
    };
    let size = match text.size {
        Size::Small => 12,
        Size::Large => 14,
    };
    push(
        svg,
        format_args!(
            "<text x=\"{:.2}\" y=\"{:.2}\" font-size=\"{size}\" text-anchor=\"{anchor}\">{}</text>\n",
            text.x,
            text.y,
            escaped(&text.text)
        ),
    );
}

/// Text of XML, which holds no control characters at all.
fn escaped(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_text_and_nothing_else() {
        assert_eq!(escaped("a<b>&\u{1b}c"), "a&lt;b&gt;&amp;c");
    }
}
