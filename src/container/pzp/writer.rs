//! Writing a `.pzp` file as a container: always one with an index, as other writers of version 0.02 do.
//!
//! The index stands before the frames and says where each lies, so the encoded frames are held until the file is committed.

use std::borrow::Cow;
use std::io::Write;

use paginum_wrapped::Isa;

use super::encode;
use super::format::INFO;
use super::hash::hash;
use super::header::{self, ENTRY_BYTES, HEADER_BYTES};
use super::options::PzpOptions;
use super::{AUDIO, MAGIC, METADATA};
use crate::container::output::Output;
use crate::container::pictures::{Geometry, Given, Holder, PictureSink, Role, delays_of, words};
use crate::container::writer::{
    ArraySink, ContainerWriter, NewArray, WriteReport, check_is_closed,
};
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::storage::{Durability, Store};

/// A file that is being written.
pub(super) struct PzpWriter {
    output: Output,
    options: PzpOptions,
    given: Given,
    frames: Vec<Vec<u8>>,
    n_frame_bytes: u64,
    /// The pixels of the last frame, where the next may be a difference from it.
    before: Option<(Geometry, Vec<u8>)>,
    delays: Option<Vec<u32>>,
    loop_count: Option<u32>,
    metadata: Vec<u8>,
    /// With the number of its kind.
    audio: Option<(Vec<u8>, u32)>,
    is_open: bool,
}

impl PzpWriter {
    pub(super) fn new(store: &dyn Store, options: PzpOptions) -> Result<Self> {
        Ok(Self {
            output: Output::new(store)?,
            options,
            given: Given::to(store),
            frames: Vec::new(),
            n_frame_bytes: 0,
            before: None,
            delays: None,
            loop_count: None,
            metadata: Vec::new(),
            audio: None,
            is_open: false,
        })
    }

    fn take_frame(&mut self, geometry: Geometry, pixels: Cow<'_, [u8]>) -> Result<()> {
        let is_based = |(before, _): &&(Geometry, Vec<u8>)| {
            let size = |g: &Geometry| (g.width, g.height, g.channels * g.sample_bytes);
            size(before) == size(&geometry)
        };
        let before = self.before.as_ref().filter(is_based);
        let before = before.map(|(_, pixels)| pixels.as_slice());
        let frame = encode::frame(&pixels, geometry, before, &self.options)?;
        self.n_frame_bytes += frame.len() as u64;
        self.frames.push(frame);
        self.check_fits()?;
        if self.options.inter_delta || self.options.best {
            self.before = Some((geometry, pixels.into_owned()));
        }
        Ok(())
    }

    /// Bytes before the first frame.
    fn index_end(&self) -> u64 {
        (HEADER_BYTES + self.frames.len() * ENTRY_BYTES) as u64
    }

    fn check_fits(&self) -> Result<()> {
        // What is not read again is not written.
        let limits = Limits::default();
        limits.check_metadata_bytes(self.metadata.len() as u64)?;
        limits.check_metadata_bytes(self.index_end())?;
        let audio = self.audio.as_ref().map_or(0, |(bytes, _)| bytes.len());
        let blobs = (self.metadata.len() + audio) as u64;
        match self.index_end() + self.n_frame_bytes + blobs {
            n if u32::try_from(n).is_ok() => Ok(()),
            n => Err(Error::unsupported(format!(
                "a .pzp file of {n} bytes: its places are of 32 bits"
            ))),
        }
    }

    /// The header and the index.
    fn head(&self, delays: &[u32]) -> Vec<u8> {
        let mut flags = 0;
        let mut at = self.index_end() + self.n_frame_bytes;
        let mut place = |n_bytes: usize, flag: u32| match n_bytes {
            0 => [0, 0],
            n => {
                let place = [at as u32, n as u32];
                (flags, at) = (flags | flag, at + n as u64);
                place
            }
        };
        let metadata = place(self.metadata.len(), header::HAS_METADATA);
        let (audio, kind) = match &self.audio {
            Some((bytes, kind)) => (place(bytes.len(), header::HAS_AUDIO), *kind),
            None => ([0, 0], 0),
        };
        let mut head = MAGIC.to_vec();
        let n_frames = self.frames.len() as u32;
        let loops = self.loop_count.unwrap_or(1);
        for word in [1, flags, n_frames, loops]
            .into_iter()
            .chain(metadata)
            .chain(audio)
            .chain([kind])
        {
            head.extend_from_slice(&word.to_le_bytes());
        }
        head.extend_from_slice(&hash(Isa::SCALAR, &head).to_le_bytes());
        head.extend_from_slice(&[0; 4]);
        let mut at = self.index_end();
        for (frame, delay) in self.frames.iter().zip(delays) {
            for word in [at as u32, frame.len() as u32, *delay, 0] {
                head.extend_from_slice(&word.to_le_bytes());
            }
            at += frame.len() as u64;
        }
        head
    }
}

impl Holder for PzpWriter {
    fn take(&mut self, role: Role, bytes: Cow<'_, [u8]>) -> Result<()> {
        match role {
            Role::Frames(geometry) => return self.take_frame(geometry, bytes),
            Role::Delays => self.delays = Some(words(&bytes).collect()),
            Role::LoopCount => self.loop_count = words(&bytes).next(),
            Role::Blob(METADATA) => self.metadata = bytes.into_owned(),
            Role::Blob(_) => {
                let kind = audio_kind(&bytes)?;
                self.audio = Some((bytes.into_owned(), kind));
            }
        }
        self.check_fits()
    }

    fn set_open(&mut self, is_open: bool) {
        self.is_open = is_open;
    }
}

/// The number of the kind that sound is of, by its first bytes.
fn audio_kind(bytes: &[u8]) -> Result<u32> {
    let known = header::AUDIO
        .iter()
        .find(|(.., magic)| bytes.starts_with(magic));
    let is_mpeg = bytes.len() > 1 && bytes[0] == 0xff && bytes[1] & 0xe0 == 0xe0;
    match known {
        Some((kind, ..)) => Ok(*kind),
        None if is_mpeg => Ok(header::AUDIO[1].0),
        None => Err(Error::unsupported(
            "sound of a kind that .pzp does not have: there are WAVE, MPEG, OGG and FLAC",
        )),
    }
}

impl ContainerWriter for PzpWriter {
    fn begin(&mut self, array: NewArray<'_>) -> Result<Box<dyn ArraySink + '_>> {
        check_is_closed(self.is_open)?;
        let role = Role::of(&array, &[METADATA, AUDIO])?;
        if let Role::Frames(geometry) = role {
            encode::check(geometry, &self.options)?;
        }
        self.given.add(&array, role)?;
        Ok(Box::new(PictureSink::new(self, role, &array)))
    }

    fn commit(mut self: Box<Self>) -> Result<WriteReport> {
        check_is_closed(self.is_open)?;
        let n_frames = self.frames.len();
        if n_frames == 0 {
            return Err(Error::invalid("a .pzp file holds at least one picture"));
        }
        let notes = self.given.lost(&INFO)?;
        let delays = delays_of(self.delays.take(), n_frames, 0)?;
        let head = self.head(&delays);
        self.output.write_all(&head)?;
        for frame in &self.frames {
            self.output.write_all(frame)?;
        }
        self.output.write_all(&self.metadata)?;
        if let Some((audio, _)) = &self.audio {
            self.output.write_all(audio)?;
        }
        Ok(self.output.commit(Durability::Synced)?.with_notes(notes))
    }
}
