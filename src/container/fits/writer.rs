//! Writing a `.fits` file array by array.
//!
//! An array named `T/x` is the column `x` of the table `T` where tables can hold it; every other array is an image. Images are
//! written as they come. The columns of a table stand side by side in its rows, so that they wait until the last array is
//! there, in memory while they are few, and then in a file without a name.

use std::collections::HashSet;
use std::io::{self, Write};

use super::BLOCK_BYTES;
use super::card::CARD_BYTES;
use super::cards::{Cards, check_text};
use super::checksum::{Sum, padded};
use super::format;
use super::stored::Stored;
use super::waiting::Waiting;
use crate::array::ArraySpec;
use crate::container::losses::Losses;
use crate::container::writer::{
    ArraySink, ContainerWriter, NewArray, WriteReport, check_is_closed,
};
use crate::error::{Error, Result, ResultExt};
use crate::limits::Limits;
use crate::storage::{Durability, PositionedStage, PositionedWriter, Store, WriteAt};

/// The most characters of the text of one card: the names of columns are not continued on others.
const MAX_COLUMN_NAME: usize = 68;

/// Writes the arrays of a file.
pub(super) struct FitsWriter {
    stage: PositionedStage,
    file: String,
    /// Where the next HDU begins.
    end: u64,
    names: HashSet<String>,
    waiting: Waiting,
    /// At most so many bytes of headers there will be.
    n_header_bytes: u64,
    losses: Losses,
    /// An array was begun and not finished.
    is_open: bool,
}

impl FitsWriter {
    pub(super) fn new(store: &dyn Store) -> Result<Self> {
        Ok(Self {
            stage: PositionedStage::new(store).in_file(store.url())?,
            file: store.url().to_string(),
            end: 0,
            names: HashSet::new(),
            waiting: Waiting::default(),
            n_header_bytes: BLOCK_BYTES,
            losses: Losses::default(),
            is_open: false,
        })
    }

    /// Counts the cards of an array: more headers than a reader takes are not written.
    fn count_header(&mut self, name: &str, spec: &ArraySpec, is_hdu: bool) -> Result<()> {
        /// Cards of an image beside its axes and its name; those of a column are fewer.
        const N_CARDS: usize = 16;
        // A name is continued on cards that are not full.
        let text_bytes = 2 * name.len();
        let bytes = (CARD_BYTES * (N_CARDS + spec.shape().len()) + text_bytes) as u64;
        self.n_header_bytes += match is_hdu {
            true => {
                bytes.next_multiple_of(BLOCK_BYTES) + BLOCK_BYTES * u64::from(name.contains('/'))
            }
            false => bytes,
        };
        Limits::default().check_metadata_bytes(self.n_header_bytes)
    }

    fn begin_image(
        &mut self,
        name: &str,
        spec: &ArraySpec,
        stored: Stored,
        bitpix: i32,
    ) -> Image<'_> {
        let mut cards = Cards::of("IMAGE", self.end == 0);
        cards.value("BITPIX", bitpix);
        cards.value("NAXIS", spec.shape().len());
        for (i, n) in spec.shape().iter().rev().enumerate() {
            cards.value(&format!("NAXIS{}", i + 1), n);
        }
        match self.end {
            0 => cards.value("EXTEND", 'T'),
            _ => {
                cards.value("PCOUNT", 0);
                cards.value("GCOUNT", 1);
            }
        }
        if let Some(zero) = stored.zero {
            cards.value("BSCALE", 1);
            cards.value("BZERO", zero);
        }
        cards.text("EXTNAME", name);
        let data = self.end + cards.n_bytes();
        Image {
            out: PositionedWriter::new(&self.stage, data),
            stage: &self.stage,
            end: &mut self.end,
            is_open: &mut self.is_open,
            cards,
            sum: Sum::default(),
        }
    }

    /// Writes an HDU that is all header.
    fn write_header(&mut self, cards: Cards) -> Result<()> {
        let header = cards.finish(0);
        self.stage.write_all_at(&header, self.end)?;
        self.end += header.len() as u64;
        Ok(())
    }

    fn write_rest(&mut self) -> Result<()> {
        if self.end == 0 {
            let mut cards = Cards::of("IMAGE", true);
            cards.value("BITPIX", 8);
            cards.value("NAXIS", 0);
            cards.value("EXTEND", 'T');
            self.write_header(cards)?;
        }
        self.end = std::mem::take(&mut self.waiting).write(&self.stage, self.end)?;
        Ok(())
    }
}

impl ContainerWriter for FitsWriter {
    fn begin(&mut self, array: NewArray<'_>) -> Result<Box<dyn ArraySink + '_>> {
        check_is_closed(self.is_open)?;
        let (name, spec) = (array.name, array.spec);
        check_text(name)?;
        let no_place = |what: &str| Error::unsupported(format!("{what} in a .fits")).in_array(name);
        let stored = Stored::of(spec.dtype());
        let stored = stored.ok_or_else(|| no_place(&format!("elements of {}", spec.dtype())))?;
        if spec.shape().is_empty() {
            return Err(no_place("a scalar"));
        }
        if spec.shape().iter().any(|&n| i64::try_from(n).is_err()) {
            return Err(no_place("an axis of 2^63 or more"));
        }
        if !self.names.insert(name.to_owned()) {
            return Err(Error::invalid(format!(
                "there is an array {name:?} already"
            )));
        }
        self.losses.see(name, spec, false, format::INFO.name)?;
        if let Some((table, column)) = name.rsplit_once('/')
            && let Some(number) = self.waiting.place(table, column, spec)
        {
            // A text of a card, in quotes; those in it are doubled.
            let n = column.len() + column.matches('\'').count();
            if n > MAX_COLUMN_NAME {
                let what = format!(
                    "a column name of {n} characters, of which {MAX_COLUMN_NAME} fit a card,"
                );
                return Err(no_place(&what));
            }
            let is_first = number == self.waiting.n_tables();
            self.count_header(name, spec, is_first).in_array(name)?;
            self.is_open = true;
            let is_open = &mut self.is_open;
            let out = self.waiting.begin(number, column, spec, stored, table);
            return Ok(Box::new(Sink::new(spec, stored, out, is_open)));
        }
        let Some(bitpix) = stored.bitpix else {
            let what = format!(
                "{}, which only columns of tables hold (arrays named TABLE/COLUMN, of as many rows as the others)",
                spec.dtype()
            );
            return Err(no_place(&what));
        };
        self.count_header(name, spec, true).in_array(name)?;
        self.is_open = true;
        let image = self.begin_image(name, spec, stored, bitpix);
        Ok(Box::new(ImageSink {
            rows: Rows::new(spec, stored),
            image,
        }))
    }

    fn commit(mut self: Box<Self>) -> Result<WriteReport> {
        check_is_closed(self.is_open)?;
        self.write_rest().in_file(&self.file)?;
        let n_bytes = self.stage.len();
        self.stage.commit(Durability::Synced).in_file(&self.file)?;
        let notes = self.losses.note().into_iter().collect();
        Ok(WriteReport::new(n_bytes).with_notes(notes))
    }
}

/// Turns rows into what is stored of them, and counts them.
struct Rows {
    stored: Stored,
    missing: u64,
    item_bytes: usize,
    piece: Vec<u8>,
}

impl Rows {
    fn new(spec: &ArraySpec, stored: Stored) -> Self {
        Self {
            stored,
            missing: spec.bytes(),
            item_bytes: spec.dtype().item_bytes().max(1) as usize,
            piece: Vec::new(),
        }
    }

    fn push(&mut self, rows: &[u8], mut take: impl FnMut(&[u8]) -> io::Result<()>) -> Result<()> {
        const PIECE_BYTES: usize = 256 << 10;
        if rows.len() as u64 > self.missing {
            return Err(Error::invalid("more rows than the array has"));
        }
        let most = (PIECE_BYTES / self.item_bytes).max(1) * self.item_bytes;
        for piece in rows.chunks(most) {
            self.piece.clear();
            self.piece.extend_from_slice(piece);
            self.stored.apply(&mut self.piece);
            take(&self.piece)?;
        }
        self.missing -= rows.len() as u64;
        Ok(())
    }

    fn check_is_whole(&self) -> Result<()> {
        match self.missing {
            0 => Ok(()),
            _ => Err(Error::invalid("fewer rows than the array has")),
        }
    }
}

/// An image whose data are being written, and the header that is written behind them.
struct Image<'a> {
    stage: &'a PositionedStage,
    out: PositionedWriter<'a>,
    end: &'a mut u64,
    is_open: &'a mut bool,
    cards: Cards,
    sum: Sum,
}

struct ImageSink<'a> {
    rows: Rows,
    image: Image<'a>,
}

impl ArraySink for ImageSink<'_> {
    fn push_rows(&mut self, rows: &[u8]) -> Result<()> {
        let image = &mut self.image;
        self.rows.push(rows, |stored| {
            image.sum.add(stored);
            image.out.write_all(stored)
        })
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        self.rows.check_is_whole()?;
        let image = &mut self.image;
        let n_bytes = image.out.position() - *image.end - image.cards.n_bytes();
        let n_fill = padded(n_bytes) - n_bytes;
        image.out.write_all(&vec![0; n_fill as usize])?;
        let Image {
            stage,
            out,
            end,
            is_open,
            cards,
            sum,
        } = self.image;
        let next = out.finish()?;
        stage.write_all_at(&cards.finish(sum.value()), *end)?;
        *end = next;
        *is_open = false;
        Ok(())
    }
}

/// Takes the rows of a column, which wait.
struct Sink<'a> {
    rows: Rows,
    out: &'a mut dyn Write,
    is_open: &'a mut bool,
}

impl<'a> Sink<'a> {
    fn new(
        spec: &ArraySpec,
        stored: Stored,
        out: &'a mut dyn Write,
        is_open: &'a mut bool,
    ) -> Self {
        Self {
            rows: Rows::new(spec, stored),
            out,
            is_open,
        }
    }
}

impl ArraySink for Sink<'_> {
    fn push_rows(&mut self, rows: &[u8]) -> Result<()> {
        self.rows.push(rows, |stored| self.out.write_all(stored))
    }

    fn finish(self: Box<Self>) -> Result<()> {
        self.rows.check_is_whole()?;
        *self.is_open = false;
        Ok(())
    }
}
