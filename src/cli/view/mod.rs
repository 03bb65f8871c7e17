//! `view`: an array as a picture.

mod blocks;
mod colors;
mod raster;

use std::path::PathBuf;

use super::called;
use super::failure::{Failure, Outcome};
use super::opening;
use super::plot::stretches::Stretches;
use super::plot::{Picture, series};
use super::session::Session;
use super::stdio;
use super::target::Target;
use crate::array::ArraySpec;
use crate::container::png::PngFormat;
use crate::container::{ArrayHandle, ArraySink, Format as _, NewArray};
use crate::error::{Result, ResultExt};
use crate::text::counted;
use colors::Colors;
use raster::Raster;

/// Draw an array as a picture, a line or an animation
///
/// Numbers of two axes are a picture, those of one a line. Bytes and 16-bit numbers of shape (height, width, 2 to 4 channels) are a picture already, and of four axes an animation. Of
/// other arrays of two axes the least number is the first colour and the largest the last, which are told; NaN is transparent.
/// Axes of more than 4,096 elements are thinned out. The array is read piece by piece and may be larger than memory.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  paginum view depth.npy -o depth.png --colors viridis
  paginum view clip.pzp -o clip.png
  paginum view weather.pv temperature -o temperature.svg
  paginum view weather.pv temperature")]
pub(super) struct View {
    /// File of arrays; - for standard input
    file: PathBuf,
    /// Array to draw; the first if not given
    array: Option<String>,
    /// Picture to write: .png, or .svg for a line; without, blocks in the terminal
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Draw in the terminal, by blocks, which is what is done without -o, too: - is all it takes
    #[arg(long, value_name = "-", value_parser = ["-"], conflicts_with = "output")]
    plot: Option<String>,
    /// Colours of numbers
    #[arg(long, value_enum, default_value_t)]
    colors: Colors,
    /// Replace a file that exists
    #[arg(short, long)]
    force: bool,
}

impl View {
    pub(super) fn run(&self, session: &Session) -> Outcome {
        let file = opening::open(session, &self.file)?;
        let handle = match &self.array {
            Some(name) => file.array(name).in_file(&self.file)?,
            None if file.n_arrays() == 0 => {
                return Err(Failure::usage("the file holds no array"));
            }
            None => file.array_at(0),
        };
        let name = called::shown_one(&*file, &called::shown(&*file), handle.index());
        let spec = handle.spec().in_file(&self.file)?;
        if spec.elements() == 0 {
            return Err(Failure::usage(format!("{name} holds nothing to draw")));
        }
        match spec.shape().len() {
            0 | 1 => self.line(session, &name, &handle, &spec),
            _ if is_picture(&spec) && self.output.is_some() => {
                let delays = file.array(crate::container::DELAYS).or_else(|_| {
                    let name = format!("{name}/{}", crate::container::DELAYS);
                    file.array(&name)
                });
                let push = |sink: &mut dyn ArraySink| handle.push_to(sink, &|_| {});
                self.save(session, &spec, delays.ok().as_ref(), &push)
            }
            _ if is_picture(&spec) => self.raster(session, &name, &handle, &spec),
            2 | 3 => self.raster(session, &name, &handle, &spec),
            _ => Err(Failure::usage(format!(
                "{name} is {spec}: arrays of one to three axes and pictures can be drawn"
            ))),
        }
    }

    fn line(
        &self,
        session: &Session,
        name: &str,
        array: &ArrayHandle,
        spec: &ArraySpec,
    ) -> Outcome {
        raster::check_draws(spec.dtype())?;
        let columns = match self.output {
            Some(_) => series::COLUMNS,
            None => blocks::WIDTH,
        };
        let mut values = Stretches::new(spec.elements(), columns);
        let push = |bytes: &[u8]| {
            raster::numbers(spec.dtype(), bytes).for_each(|value| values.push(value));
            Ok::<(), crate::Error>(())
        };
        array.stream(0..spec.rows(), push).in_file(&self.file)?;
        session.say(format_args!(
            "{name}: {}",
            raster::extremes(values.bounds())
        ));
        let Some(output) = &self.output else {
            stdio::write(|out| out.write_all(blocks::line(&values).as_bytes()));
            return Ok(());
        };
        let drawing = Picture::of_name(output)?.of_scene(&series::scene(name, &values))?;
        let target = Target::new(output, self.force)?;
        let n_bytes = target.write(|out| Ok(out.write_all(&drawing)?))?;
        self.say_done(session, &target, n_bytes);
        Ok(())
    }

    fn say_done(&self, session: &Session, target: &Target, n_bytes: u64) {
        let (input, output, size) = (self.file.display(), target.name(), counted(n_bytes, "byte"));
        session.say(format_args!("{input} -> {output}: {size}"));
    }

    fn raster(
        &self,
        session: &Session,
        name: &str,
        array: &ArrayHandle,
        spec: &ArraySpec,
    ) -> Outcome {
        let raster = match is_picture(spec) {
            true => Raster::of_picture(array, spec)?,
            false => Raster::of(array, spec)?,
        };
        session.say(format_args!(
            "{name}: {}",
            raster::extremes(raster.bounds())
        ));
        if let Some(step) = raster.thinned() {
            session.say(format_args!(
                "{name}: one of {step} elements an axis is drawn"
            ));
        }
        if self.output.is_none() {
            let text = blocks::picture(&raster).in_file(&self.file)?;
            stdio::write(|out| out.write_all(text.as_bytes()));
            return Ok(());
        }
        let push = |sink: &mut dyn ArraySink| raster.paint(self.colors, sink);
        self.save(session, &raster.painted(self.colors)?, None, &push)
    }

    /// Writes a picture or an animation, whose pixels `push` pushes.
    fn save(
        &self,
        session: &Session,
        spec: &ArraySpec,
        delays: Option<&ArrayHandle>,
        push: &dyn Fn(&mut dyn ArraySink) -> Result<()>,
    ) -> Outcome {
        let Some(output) = &self.output else {
            return Ok(());
        };
        if !PngFormat.info().has_name(output) {
            return Err(Failure::usage(format!(
                "{}: pictures are written as .png; .svg is for arrays of one axis",
                output.display()
            )));
        }
        let target = Target::new(output, self.force)?;
        let mut writer = PngFormat.create(&*target.store()?)?;
        let mut sink = writer.begin(NewArray::new("", spec).with_own_name(false))?;
        push(&mut *sink).in_file(&self.file)?;
        sink.finish()?;
        let is_animation = spec.shape().len() == 4;
        if let Some(delays) = delays.filter(|_| is_animation) {
            let name = crate::container::DELAYS;
            let of_frames = delays.entry()?.spec()?;
            if of_frames.dtype().to_string() == "<u4" && of_frames.shape() == [spec.rows()] {
                let delays = delays.read()?;
                let mut sink = writer.begin(NewArray::new(name, delays.spec()))?;
                sink.push_rows(delays.bytes())?;
                sink.finish()?;
            }
        }
        let n_bytes = writer.commit()?.n_bytes;
        self.say_done(session, &target, n_bytes);
        Ok(())
    }
}

/// Whether an array is a picture, or an animation, as it is.
fn is_picture(spec: &ArraySpec) -> bool {
    let is_sample = matches!(&*spec.dtype().to_string(), "|u1" | "<u2" | ">u2");
    is_sample
        && match spec.shape() {
            [_, _, channels] => (2..=4).contains(channels),
            [_, _, _, channels] => (1..=4).contains(channels),
            _ => false,
        }
}
