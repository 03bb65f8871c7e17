//! What the members of a compressed file hold, one after another.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::GzDecoder;

use super::MAGIC;
use crate::error::Error;
use crate::storage::ReadAt;

/// What is read at once: of a distant store as much as a request brings.
const PIECE_BYTES: u64 = 8 << 20;

/// The bytes of a store from start to end.
struct InOrder<'a> {
    store: &'a dyn ReadAt,
    offset: u64,
}

impl Read for InOrder<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = (self.store.len() - self.offset).min(buf.len() as u64) as usize;
        // Told apart from what is wrong with the bytes.
        let read = self.store.read_exact_at(&mut buf[..n], self.offset);
        read.map_err(|error| io::Error::other(OfStore(error)))?;
        self.offset += n as u64;
        Ok(n)
    }
}

/// An error of the store that is inflated.
#[derive(Debug)]
struct OfStore(io::Error);

impl std::fmt::Display for OfStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for OfStore {}

/// What all members of a file hold, one after another.
pub(super) struct Members<'a> {
    /// Empty once the last member has ended.
    decoder: Option<GzDecoder<BufReader<InOrder<'a>>>>,
}

impl<'a> Members<'a> {
    pub(super) fn of(store: &'a dyn ReadAt) -> Self {
        let piece = PIECE_BYTES.min(store.len()).max(1) as usize;
        let source = BufReader::with_capacity(piece, InOrder { store, offset: 0 });
        Self {
            decoder: Some(GzDecoder::new(source)),
        }
    }

    /// What follows a member that has ended: another, or zeroes up to the end, as tapes have them.
    fn next_member(mut source: BufReader<InOrder<'a>>) -> io::Result<Option<Self>> {
        if source.fill_buf()?.first() == Some(&MAGIC[0]) {
            return Ok(Some(Self {
                decoder: Some(GzDecoder::new(source)),
            }));
        }
        loop {
            let bytes = source.fill_buf()?;
            if bytes.is_empty() {
                return Ok(None);
            }
            if bytes.iter().any(|byte| *byte != 0) {
                return Err(Error::corrupt(
                    "gzip: bytes behind the last member that are no padding",
                )
                .into());
            }
            let n = bytes.len();
            source.consume(n);
        }
    }
}

impl Read for Members<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while let Some(decoder) = &mut self.decoder {
            let n = decoder.read(buf).map_err(explained)?;
            if n > 0 || buf.is_empty() {
                return Ok(n);
            }
            let ended = self.decoder.take().expect("it was looked at");
            if let Some(next) = Self::next_member(ended.into_inner()).map_err(explained)? {
                *self = next;
            }
        }
        Ok(0)
    }
}

/// An error of inflating, in our words.
fn explained(error: io::Error) -> io::Error {
    if error.get_ref().is_some_and(|inner| inner.is::<OfStore>()) {
        let inner = error.into_inner().expect("it was there a line ago");
        return inner.downcast::<OfStore>().expect("its type was checked").0;
    }
    if error.get_ref().is_some_and(|inner| inner.is::<Error>()) {
        return error;
    }
    let ours = match error.kind() {
        io::ErrorKind::UnexpectedEof => Error::truncated("gzip: the file ends within a member"),
        _ if error.to_string().contains("checksum") => {
            Error::checksum("gzip: a member does not agree with its checksum")
        }
        _ => Error::corrupt(format!("gzip: {error}")),
    };
    ours.with_source(error).into()
}
