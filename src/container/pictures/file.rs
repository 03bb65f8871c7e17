//! An open file of pictures as a container.

use std::ops::Range;
use std::sync::Arc;

use super::frames::{FrameSource, Frames};
use super::{DELAYS, Geometry, LOOP_COUNT};
use crate::array::ArraySpec;
use crate::container::{Container, Entry, FormatInfo, Plain, single::ONLY};
use crate::error::{Error, Result};
use crate::filter::ArrayReader;
use crate::limits::Limits;
use crate::storage::ReadAt;
use crate::validity::Validity;

/// One array that the file shows.
#[derive(Debug)]
struct Shown {
    entry: Entry,
    spec: ArraySpec,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Frames {
        frames: Range<usize>,
        is_picture: bool,
    },
    Bytes(Plain),
}

/// What a file of pictures holds, as its format found it.
#[derive(Debug)]
pub(in crate::container) struct Pictures {
    pub(in crate::container) source: Arc<dyn FrameSource>,
    /// Of each frame.
    pub(in crate::container) geometries: Vec<Geometry>,
    /// What the filter of each frame is called: of a run, its first one's is shown.
    pub(in crate::container) filters: Vec<String>,
    /// Bytes in the file of each frame.
    pub(in crate::container) stored_bytes: Vec<u64>,
    /// Milliseconds that each frame is shown.
    pub(in crate::container) delays: Vec<u32>,
    pub(in crate::container) loop_count: u32,
}

/// A file of pictures.
#[derive(Debug)]
pub(in crate::container) struct PictureFile {
    info: &'static FormatInfo,
    source: Arc<dyn FrameSource>,
    arrays: Vec<Shown>,
    limits: Limits,
}

impl PictureFile {
    /// Makes arrays of what a format found.
    ///
    /// # Errors
    /// `Corrupt` for sizes that do not fit; `LimitExceeded` for too many arrays.
    pub(in crate::container) fn new(
        info: &'static FormatInfo,
        pictures: Pictures,
        limits: &Limits,
    ) -> Result<Self> {
        let mut file = Self {
            info,
            source: pictures.source.clone(),
            arrays: Vec::new(),
            limits: *limits,
        };
        let n_frames = pictures.geometries.len();
        let runs: Vec<_> = pictures.geometries.chunk_by(|a, b| a == b).collect();
        let n_runs = runs.len();
        limits.check_arrays(n_runs as u64)?;
        let mut start = 0;
        for (number, run) in runs.into_iter().enumerate() {
            let frames = start..start + run.len();
            start = frames.end;
            let is_picture = n_frames == 1;
            let name = match n_runs {
                1 => ONLY.to_owned(),
                _ => format!("frames{number}"),
            };
            let spec = run[0].spec((!is_picture).then_some(run.len() as u64))?;
            let stored = pictures.stored_bytes[frames.clone()].iter().sum();
            let filter = &pictures.filters[frames.start];
            file.arrays.push(Shown {
                entry: Entry::of(name, &spec, filter, stored),
                spec,
                content: Content::Frames { frames, is_picture },
            });
        }
        if n_frames > 1 || pictures.delays.iter().any(|&delay| delay != 0) {
            file.push_words(DELAYS, &[n_frames as u64], &pictures.delays)?;
        }
        if n_frames > 1 || pictures.loop_count != 1 {
            file.push_words(LOOP_COUNT, &[], &[pictures.loop_count])?;
        }
        Ok(file)
    }

    fn push_words(&mut self, name: &str, shape: &[u64], words: &[u32]) -> Result<()> {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let spec = ArraySpec::new("<u4".parse()?, shape)?;
        self.arrays.push(Shown {
            entry: Entry::of(name, &spec, "none", spec.bytes()),
            content: Content::Bytes(Plain::new(Arc::new(bytes), spec.clone(), 0)),
            spec,
        });
        Ok(())
    }

    /// Adds bytes of another kind, which lie in the file as they are. `extension` is that of files of this kind.
    ///
    /// # Errors
    /// `Corrupt` for sizes that do not fit.
    #[cfg(feature = "pzp")]
    pub(in crate::container) fn push_blob(
        &mut self,
        name: &str,
        extension: &'static str,
        store: Arc<dyn ReadAt>,
        range: Range<u64>,
    ) -> Result<()> {
        let n_bytes = range.end.saturating_sub(range.start);
        let spec = ArraySpec::stored("|u1".parse()?, [n_bytes])?;
        let mut entry = Entry::of(name, &spec, "none", n_bytes);
        entry.file_extension = Some(extension);
        self.arrays.push(Shown {
            entry,
            content: Content::Bytes(Plain::new(store, spec.clone(), range.start)),
            spec,
        });
        Ok(())
    }
}

impl Container for PictureFile {
    fn format(&self) -> &'static FormatInfo {
        self.info
    }

    fn n_arrays(&self) -> usize {
        self.arrays.len()
    }

    fn path(&self, index: usize) -> &str {
        &self.arrays[index].entry.path
    }

    fn find(&self, name: &str) -> Result<usize> {
        let found = self
            .arrays
            .iter()
            .position(|array| array.entry.path == name);
        found.ok_or_else(|| Error::invalid(format!("there is no array {name:?}")))
    }

    fn entry(&self, index: usize) -> Result<Entry> {
        Ok(self.arrays[index].entry.clone())
    }

    fn open_array(&self, index: usize) -> Result<Box<dyn ArrayReader>> {
        let Shown { spec, content, .. } = &self.arrays[index];
        self.limits.check_array_bytes(spec.bytes())?;
        Ok(match content {
            Content::Bytes(plain) => Box::new(plain.clone()),
            Content::Frames { frames, is_picture } => Box::new(Frames::new(
                self.source.clone(),
                frames.clone(),
                spec.clone(),
                *is_picture,
            )),
        })
    }

    fn validity(&self, _index: usize) -> Result<Option<Arc<Validity>>> {
        Ok(None)
    }

    fn limits(&self) -> &Limits {
        &self.limits
    }
}
