//! A store that keeps equal pieces once: files that are larger than memory, of arrays that are equal, written as any file is.

use std::collections::{BTreeMap, HashSet};
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use paginum::storage::{
    Durability, Part, ReadAt, Stage, Store, UpdateAt, Url, WriteAt, check_parts,
};

/// Writes are cut from their ends: arrays that are equal end alike, and begin with headers that differ.
const PIECE_BYTES: usize = 16 << 10;

/// What was written, by where it begins. Later pieces may lie over earlier ones.
#[derive(Clone, Debug, Default)]
struct Pieces {
    known: HashSet<Arc<[u8]>>,
    by_start: BTreeMap<u64, Arc<[u8]>>,
    /// Over the others, in this order.
    over: Vec<(u64, Arc<[u8]>)>,
    len: u64,
}

impl Pieces {
    fn write(&mut self, bytes: &[u8], offset: u64) {
        let mut end = bytes.len();
        for piece in bytes.rchunks(PIECE_BYTES) {
            end -= piece.len();
            self.write_piece(piece, offset + end as u64);
        }
    }

    fn write_piece(&mut self, bytes: &[u8], offset: u64) {
        let piece = match self.known.get(bytes) {
            Some(piece) => piece.clone(),
            None => {
                let piece: Arc<[u8]> = bytes.into();
                self.known.insert(piece.clone());
                piece
            }
        };
        let end = offset + bytes.len() as u64;
        self.len = self.len.max(end);
        let before = self.by_start.range(..end).next_back();
        match before.is_some_and(|(start, piece)| start + piece.len() as u64 > offset) {
            true => self.over.push((offset, piece)),
            false => drop(self.by_start.insert(offset, piece)),
        }
    }

    fn read(&self, offset: u64, buf: &mut [u8]) {
        let end = offset + buf.len() as u64;
        let first = offset.saturating_sub(PIECE_BYTES as u64);
        let below = self.by_start.range(first..end);
        let over = self.over.iter().map(|(start, piece)| (start, piece));
        for (start, piece) in below.chain(over) {
            let (from, to) = (offset.max(*start), end.min(start + piece.len() as u64));
            if from < to {
                let part = &piece[(from - start) as usize..(to - start) as usize];
                buf[(from - offset) as usize..(to - offset) as usize].copy_from_slice(part);
            }
        }
    }
}

/// A file of pieces. It can be written once.
#[derive(Debug)]
pub(crate) struct Repeating {
    url: Url,
    pieces: Arc<Mutex<Pieces>>,
}

impl Repeating {
    pub(crate) fn new() -> Self {
        Self {
            url: Url::of_words("pieces"),
            pieces: Arc::default(),
        }
    }

    /// Bytes of memory that it takes.
    pub(crate) fn n_kept(&self) -> usize {
        let pieces = self.pieces.lock().unwrap();
        pieces.known.iter().map(|piece| piece.len()).sum()
    }
}

impl Store for Repeating {
    fn url(&self) -> &Url {
        &self.url
    }
    fn open(&self) -> io::Result<Arc<dyn ReadAt>> {
        Ok(Arc::new(Reader(self.pieces.lock().unwrap().clone())))
    }
    fn stage(&self) -> io::Result<Box<dyn Stage>> {
        Ok(Box::new(Writer(self.pieces.clone())))
    }
    fn update(&self) -> io::Result<Option<Box<dyn UpdateAt>>> {
        Ok(None)
    }
}

#[derive(Debug)]
struct Reader(Pieces);

impl ReadAt for Reader {
    fn len(&self) -> u64 {
        self.0.len
    }
    fn read_many(&self, parts: &mut [Part<'_>]) -> io::Result<()> {
        check_parts(parts, self.0.len)?;
        parts
            .iter_mut()
            .for_each(|part| self.0.read(part.offset, part.buf));
        Ok(())
    }
}

#[derive(Debug)]
struct Writer(Arc<Mutex<Pieces>>);

impl WriteAt for Writer {
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.0.lock().unwrap().write(bytes, offset);
        Ok(())
    }
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut pieces = self.0.lock().unwrap();
        let end = pieces.len;
        pieces.write(bytes, end);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Stage for Writer {
    fn at(&self) -> Option<&dyn WriteAt> {
        Some(self)
    }
    fn commit(self: Box<Self>, _: Durability) -> io::Result<()> {
        Ok(())
    }
}
