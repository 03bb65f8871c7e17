//! A format of one's own: grey pictures as netpbm keeps them (`.pgm`), each an array of rows of bytes.
//!
//! A format is a value. Once it is in the table of formats, its files are told by their first bytes, opened, converted from
//! and converted to as those of any other.

use std::io::Write;
use std::sync::Arc;

use paginum::container::{
    ArraySink, Container, ContainerWriter, ConvertOptions, Format, FormatInfo, Formats, Match,
    NewArray, OpenOptions, Plain, Single, Trait, WriteReport, convert,
};
use paginum::storage::{Drivers, Durability, ReadAt, Stage, Store};
use paginum::{Array, ArraySpec, Error, FileOptions, Result};

static INFO: FormatInfo = FormatInfo::new("pgm", &["pgm"], &[Trait::OneArray, Trait::NoChecksums]);

/// Binary grey pictures of 256 shades.
#[derive(Debug)]
pub(crate) struct Pgm;

impl Format for Pgm {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn recognises(&self, head: &[u8], _tail: &[u8]) -> Match {
        Match::by_magic(head, b"P5\n")
    }

    fn open(&self, bytes: Arc<dyn ReadAt>, options: &OpenOptions) -> Result<Box<dyn Container>> {
        let (shape, header_bytes) = read_header(&*bytes)?;
        let n_bytes = bytes.len();
        let spec = ArraySpec::new("|u1".parse()?, shape)?;
        if header_bytes.saturating_add(spec.bytes()) != n_bytes {
            return Err(Error::corrupt("another size than the header says").at(n_bytes));
        }
        // The elements lie in the file as they are; a format that encodes them brings an `ArrayReader` of its own.
        let pixels = Plain::new(bytes, spec, header_bytes);
        let single = Single::new(&INFO, "none", pixels, n_bytes, &options.limits);
        Ok(Box::new(single))
    }

    fn create(&self, store: &dyn Store) -> Result<Box<dyn ContainerWriter>> {
        Ok(Box::new(Picture {
            stage: store.stage()?,
            n_bytes: 0,
            n_missing: None,
        }))
    }
}

/// Rows and columns of a picture, and the bytes before its first pixel.
fn read_header(bytes: &dyn ReadAt) -> Result<([u64; 2], u64)> {
    let mut start = vec![0; bytes.len().min(64) as usize];
    bytes.read_exact_at(&mut start, 0)?;
    let mut lines = start.split(|&byte| byte == b'\n');
    let mut line = || lines.next().and_then(|line| std::str::from_utf8(line).ok());
    let (magic, size, shades) = (line(), line(), line());
    let size = size.and_then(|size| size.split_once(' '));
    let size = size.and_then(|(width, height)| Some([height.parse().ok()?, width.parse().ok()?]));
    match (magic, size, shades) {
        (Some("P5"), Some(shape), Some("255")) => {
            let header = header(shape);
            Ok((shape, header.len() as u64))
        }
        _ => Err(Error::unsupported("a picture of another kind")),
    }
}

fn header([height, width]: [u64; 2]) -> String {
    format!("P5\n{width} {height}\n255\n")
}

/// A picture that is being written.
struct Picture {
    stage: Box<dyn Stage>,
    n_bytes: u64,
    /// Bytes that are still to come, once there is an array.
    n_missing: Option<u64>,
}

impl ContainerWriter for Picture {
    fn begin(&mut self, array: NewArray<'_>) -> Result<Box<dyn ArraySink + '_>> {
        let spec = array.spec;
        let (2, "|u1", None) = (
            spec.shape().len(),
            &*spec.dtype().to_string(),
            self.n_missing,
        ) else {
            let what = format!("{spec}: a picture is one array of rows of bytes");
            return Err(Error::unsupported(what));
        };
        self.n_missing = Some(spec.bytes());
        let header = header([spec.shape()[0], spec.shape()[1]]);
        self.n_bytes = header.len() as u64 + spec.bytes();
        self.stage.write_all(header.as_bytes())?;
        Ok(Box::new(Pixels(self)))
    }

    fn commit(self: Box<Self>) -> Result<WriteReport> {
        match self.n_missing {
            Some(0) => self.stage.commit(Durability::Synced)?,
            _ => return Err(Error::invalid("a picture without all of its pixels")),
        }
        Ok(WriteReport::new(self.n_bytes))
    }
}

struct Pixels<'a>(&'a mut Picture);

impl ArraySink for Pixels<'_> {
    fn push_rows(&mut self, rows: &[u8]) -> Result<()> {
        let n_missing = self.0.n_missing.unwrap_or(0);
        let rest = n_missing.checked_sub(rows.len() as u64);
        self.0.n_missing = Some(rest.ok_or_else(|| Error::invalid("too many rows"))?);
        Ok(self.0.stage.write_all(rows)?)
    }

    fn finish(self: Box<Self>) -> Result<()> {
        match self.0.n_missing {
            Some(0) => Ok(()),
            _ => Err(Error::invalid("too few rows")),
        }
    }
}

/// Writes a picture, reads a row of it, and converts it to `.npy`.
pub(crate) fn run() -> Result<()> {
    let formats = Formats::default().with(Arc::new(Pgm));
    let drivers = Drivers::default();
    let pixels: Vec<u8> = (0..=255).cycle().take(40 * 30).collect();
    let picture = Array::from_bytes(ArraySpec::new("|u1".parse()?, [30, 40])?, &pixels)?;

    // The name of the store promises the format.
    let mut writer = formats.create(&*drivers.store("mem://picture.pgm")?)?;
    let mut sink = writer.begin(NewArray::new("picture", picture.spec()))?;
    sink.push_rows(picture.bytes())?;
    sink.finish()?;
    writer.commit()?;

    let options = FileOptions::default().with_formats(formats.clone());
    let file = options.open("mem://picture.pgm")?;
    let row = file.array_at(0).read_rows(7..8)?;
    assert_eq!(row.bytes(), &pixels[7 * 40..8 * 40]);
    println!("a .{} of {}", file.format().name, picture.spec());

    let mut writer = formats.create(&*drivers.store("mem://picture.npy")?)?;
    convert(&file, &mut *writer, &ConvertOptions::default())?;
    writer.commit()?;
    assert_eq!(
        paginum::open("mem://picture.npy")?.array_at(0).read()?,
        picture
    );

    // Without the format, its files are unknown.
    let error = paginum::open("mem://picture.pgm").expect_err("nobody told this table");
    println!("{error}");
    Ok(())
}

#[allow(dead_code, reason = "the test that includes this file calls `run`")]
fn main() -> Result<()> {
    run()
}
