//! The format `.pzp` as a value.

use std::path::Path;
use std::sync::Arc;

use super::frame::{LZ4_PREFIX, PREFIX_BYTES};
use super::header::{AUDIO, Header};
use super::movie::Movie;
use super::options::PzpOptions;
use super::writer::PzpWriter;
use super::{MAGIC, MAGIC_GROUPED, MAX_PAYLOAD_BYTES, word};
use crate::container::pictures::{PictureFile, Pictures};
use crate::container::{Container, ContainerWriter, Format, FormatInfo, Match, OpenOptions, Trait};
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::storage::{ReadAt, Store};

pub(super) static INFO: FormatInfo = FormatInfo::new("pzp", &["pzp"], &[Trait::Pictures]);

/// Pictures and animations, frames compressed by zstd or LZ4.
#[derive(Clone, Copy, Debug, Default)]
pub struct PzpFormat {
    options: PzpOptions,
}

impl PzpFormat {
    /// The format, whose files are written so.
    #[must_use]
    pub fn new(options: PzpOptions) -> Self {
        Self { options }
    }
}

impl Format for PzpFormat {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    /// A container by its magic number, a bare frame by its length word and the start of what is compressed.
    fn recognises(&self, head: &[u8], _tail: &[u8]) -> Match {
        match Match::by_magic(head, &MAGIC) {
            Match::No => bare_frame(head),
            found => found,
        }
    }

    fn refusal(&self, name: &Path) -> Option<Error> {
        let extension = name.extension()?;
        let is_pack = extension.eq_ignore_ascii_case("pzpd");
        is_pack
            .then(|| Error::unsupported("a .pzpd pack of several files: only .pzp files are read"))
    }

    fn create(&self, store: &dyn Store) -> Result<Box<dyn ContainerWriter>> {
        Ok(Box::new(PzpWriter::new(store, self.options)?))
    }

    fn open(&self, bytes: Arc<dyn ReadAt>, options: &OpenOptions) -> Result<Box<dyn Container>> {
        Ok(Box::new(open(bytes, &options.limits)?))
    }
}

/// Whether a file starts as a bare frame does.
fn bare_frame(head: &[u8]) -> Match {
    const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
    let certain_if = |is_frame| if is_frame { Match::Certain } else { Match::No };
    if head.len() < PREFIX_BYTES + 5 {
        return Match::No;
    }
    let prefix = word(head, 0);
    let n_bytes = u64::from(prefix & !LZ4_PREFIX);
    if !(1..=MAX_PAYLOAD_BYTES).contains(&n_bytes) {
        return Match::No;
    }
    let block = &head[PREFIX_BYTES..];
    if prefix & LZ4_PREFIX == 0 {
        return certain_if(block.starts_with(&ZSTD));
    }
    // A block starts with bytes as they are, and so many are always the first of a frame. Where there are thousands of them,
    // their number alone is longer than what is known of the file.
    let literals = match block[0] >> 4 {
        15 => {
            let more = block[1..].iter().take_while(|&&byte| byte == 255).count();
            match block.get(2 + more..) {
                Some(literals) if literals.len() >= MAGIC.len() => literals,
                _ => return if more > 0 { Match::Perhaps } else { Match::No },
            }
        }
        _ => &block[1..],
    };
    certain_if(literals.starts_with(&MAGIC) || literals.starts_with(&MAGIC_GROUPED))
}

/// Opens a container or a bare frame. No pixel is decoded; what a small frame decompresses to with its header is kept for who reads it.
fn open(store: Arc<dyn ReadAt>, limits: &Limits) -> Result<PictureFile> {
    let mut head = vec![0; store.len().min(MAGIC.len() as u64) as usize];
    store.read_exact_at(&mut head, 0)?;
    let header = match Header::is_container(&head) {
        true => Header::read(&*store, limits)?,
        false if store.len() <= PREFIX_BYTES as u64 => {
            return Err(Error::truncated("a frame without a payload").at(store.len()));
        }
        false => Header::bare(store.len()),
    };
    let delays = header.slots.iter().map(|slot| slot.delay_ms).collect();
    let stored = |slot: &super::header::Slot| slot.range.end - slot.range.start;
    let stored_bytes = header.slots.iter().map(stored).collect();
    let movie = Movie::open(store.clone(), header.slots, limits)?;
    let pictures = Pictures {
        geometries: movie.headers().iter().map(|frame| frame.geometry).collect(),
        filters: movie.headers().iter().map(|frame| frame.filter()).collect(),
        stored_bytes,
        delays,
        loop_count: header.loop_count,
        source: Arc::new(movie),
    };
    let mut file = PictureFile::new(&INFO, pictures, limits)?;
    if let Some(range) = header.metadata {
        file.push_blob(super::METADATA, "bin", store.clone(), range)?;
    }
    if let Some((range, kind)) = header.audio {
        let known = AUDIO.iter().find(|(number, ..)| *number == kind);
        let Some((_, extension, _)) = known else {
            return Err(Error::corrupt(format!("audio of the kind {kind:#x}")).at(36));
        };
        file.push_blob(super::AUDIO, extension, store, range)?;
    }
    Ok(file)
}
