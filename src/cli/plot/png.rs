//! A drawing as PNG: shapes are drawn into pixels, letters from a font of fixed width.

use std::convert::Infallible;

use embedded_graphics::Pixel;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{OriginDimensions, Point, Size as Dimensions};
use embedded_graphics::mono_font::iso_8859_1::{FONT_7X13, FONT_8X13_BOLD};
use embedded_graphics::mono_font::{MonoFont, MonoTextStyle};
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use embedded_graphics::prelude::{Drawable, Primitive};
use embedded_graphics::primitives::{self, PrimitiveStyle, Rectangle};
use embedded_graphics::text::Alignment;

use super::scene::{Anchor, Bar, Line, Scene, Size, Text};
use crate::error::{Error, Result};

/// The file.
pub(super) fn image(scene: &Scene) -> Result<Vec<u8>> {
    let mut canvas = Canvas::new(scene.width as u32, scene.height as u32);
    scene.lines.iter().for_each(|line| canvas.line(line));
    scene.bars.iter().for_each(|bar| canvas.bar(bar));
    scene.texts.iter().for_each(|text| canvas.text(text));
    canvas.encoded().map_err(|error| match error {
        png::EncodingError::IoError(error) => error.into(),
        other => Error::invalid(other.to_string()),
    })
}

/// Pixels, three bytes each.
struct Canvas {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

impl Canvas {
    fn new(width: u32, height: u32) -> Self {
        Self {
            width,
            height,
            pixels: vec![0xff; 3 * width as usize * height as usize],
        }
    }

    fn line(&mut self, line: &Line) {
        let shape = primitives::Line::new(point(line.start), point(line.end));
        let style = PrimitiveStyle::with_stroke(color(line.color), 1);
        let Ok(()) = shape.into_styled(style).draw(self);
    }

    fn bar(&mut self, bar: &Bar) {
        let start = point((bar.x, bar.y));
        let end = point((bar.x + bar.width, bar.y + bar.height));
        // What has a share is seen.
        let size = Dimensions::new(
            (end.x - start.x).max(1) as u32,
            (end.y - start.y).max(1) as u32,
        );
        let style = PrimitiveStyle::with_fill(color(bar.color));
        let Ok(()) = Rectangle::new(start, size).into_styled(style).draw(self);
    }

    fn text(&mut self, text: &Text) {
        let font: &MonoFont<'_> = match text.size {
            Size::Small => &FONT_7X13,
            Size::Large => &FONT_8X13_BOLD,
        };
        let alignment = match text.anchor {
            Anchor::Start => Alignment::Left,
            Anchor::Middle => Alignment::Center,
            Anchor::End => Alignment::Right,
        };
        let style = MonoTextStyle::new(font, Rgb888::BLACK);
        let at = point((text.x, text.y));
        let Ok(_) = embedded_graphics::text::Text::with_alignment(&text.text, at, style, alignment)
            .draw(self);
    }

    fn encoded(&self) -> std::result::Result<Vec<u8>, png::EncodingError> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, self.width, self.height);
        encoder.set_color(png::ColorType::Rgb);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.pixels)?;
        writer.finish()?;
        Ok(file)
    }
}

impl OriginDimensions for Canvas {
    fn size(&self) -> Dimensions {
        Dimensions::new(self.width, self.height)
    }
}

impl DrawTarget for Canvas {
    type Color = Rgb888;
    type Error = Infallible;

    fn draw_iter<I>(&mut self, pixels: I) -> std::result::Result<(), Infallible>
    where
        I: IntoIterator<Item = Pixel<Rgb888>>,
    {
        for Pixel(Point { x, y }, color) in pixels {
            if let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y))
                && x < self.width
                && y < self.height
            {
                let at = 3 * (y as usize * self.width as usize + x as usize);
                self.pixels[at..at + 3].copy_from_slice(&[color.r(), color.g(), color.b()]);
            }
        }
        Ok(())
    }
}

fn point((x, y): (f64, f64)) -> Point {
    Point::new(x.round() as i32, y.round() as i32)
}

fn color(rgb: u32) -> Rgb888 {
    let [_, red, green, blue] = rgb.to_be_bytes();
    Rgb888::new(red, green, blue)
}
