//! What a file of pictures is given to hold: frames, and what belongs to them, told apart by their names.

use std::borrow::Cow;
use std::path::Path;

use super::{DELAYS, Geometry, LOOP_COUNT};
use crate::array::ArraySpec;
use crate::container::FormatInfo;
use crate::container::formats::without_gz;
use crate::container::losses::{self, Losses};
use crate::container::single::ONLY;
use crate::container::writer::{ArraySink, NewArray};
use crate::error::{Error, Result};
use crate::storage::Store;
use crate::text::counted;

/// What an array is in a file of pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::container) enum Role {
    Frames(Geometry),
    Delays,
    LoopCount,
    /// Bytes of this name, which is one of those that the format has a place for.
    Blob(&'static str),
}

impl Role {
    /// The role of an array, by the last part of its name and by its type.
    ///
    /// # Errors
    /// `Unsupported` for what is none of them.
    pub(in crate::container) fn of(array: &NewArray<'_>, blobs: &[&'static str]) -> Result<Self> {
        let name = array.name.rsplit('/').next().unwrap_or_default();
        let (dtype, axes) = (array.spec.dtype().to_string(), array.spec.shape().len());
        if let Some(blob) = blobs.iter().find(|blob| **blob == name)
            && (&*dtype, axes) == ("|u1", 1)
        {
            return Ok(Self::Blob(blob));
        }
        match (name, &*dtype, axes) {
            (DELAYS, "<u4", 1) => Ok(Self::Delays),
            (LOOP_COUNT, "<u4", 0) => Ok(Self::LoopCount),
            _ => Ok(Self::Frames(Geometry::of(array.spec)?.0)),
        }
    }
}

/// The numbers that an array of delays or of how often consists of.
pub(in crate::container) fn words(bytes: &[u8]) -> impl Iterator<Item = u32> {
    let words = bytes.as_chunks::<4>().0.iter();
    words.map(|word| u32::from_le_bytes(*word))
}

/// The delays of so many frames, which are `usual` where none were given.
///
/// # Errors
/// `InvalidArgument` for those of another number of frames.
pub(in crate::container) fn delays_of(
    given: Option<Vec<u32>>,
    n_frames: usize,
    usual: u32,
) -> Result<Vec<u32>> {
    let delays = given.unwrap_or_else(|| vec![usual; n_frames]);
    if delays.len() != n_frames {
        let what = format!(
            "{} for {}",
            counted(delays.len(), "delay"),
            counted(n_frames, "frame")
        );
        return Err(Error::invalid(what));
    }
    Ok(delays)
}

/// The arrays of frames that a file was given, in order: what it has no place for is told by what they will be read as.
#[derive(Debug)]
pub(in crate::container) struct Given {
    arrays: Vec<GivenFrames>,
    /// The name of the file without its extension, by which a lone array is called again.
    stem: Option<String>,
}

#[derive(Debug)]
struct GivenFrames {
    name: String,
    has_own_name: bool,
    spec: ArraySpec,
    geometry: Geometry,
    n_frames: u64,
}

impl Given {
    /// Nothing so far, of the file of a store.
    pub(in crate::container) fn to(store: &dyn Store) -> Self {
        let name = store.url().to_string();
        let stem = without_gz(Path::new(&name)).file_stem();
        Self {
            arrays: Vec::new(),
            stem: stem.map(|stem| stem.to_string_lossy().into_owned()),
        }
    }

    /// Takes note of an array. Those that are no frames come back as they are.
    ///
    /// # Errors
    /// `Unsupported` for an array that is no picture.
    pub(in crate::container) fn add(&mut self, array: &NewArray<'_>, role: Role) -> Result<()> {
        if let Role::Frames(_) = role {
            let (geometry, n_frames) = Geometry::of(array.spec)?;
            self.arrays.push(GivenFrames {
                name: array.name.to_owned(),
                has_own_name: array.has_own_name,
                spec: array.spec.clone(),
                geometry,
                n_frames,
            });
        }
        Ok(())
    }

    /// What is lost, in words: axes of length 1, the order of bytes, Fortran order, where one array ends and the next
    /// begins, and names.
    ///
    /// # Errors
    /// `Corrupt` for sizes that do not fit.
    pub(in crate::container) fn lost(&self, info: &FormatInfo) -> Result<Vec<String>> {
        let n_all: u64 = self.arrays.iter().map(|given| given.n_frames).sum();
        let (mut notes, mut names) = (Vec::new(), Losses::default());
        for run in self.arrays.chunk_by(|a, b| a.geometry == b.geometry) {
            let n: u64 = run.iter().map(|given| given.n_frames).sum();
            let read = run[0].geometry.spec((n_all != 1).then_some(n))?;
            let (first, format) = (&run[0], info.name);
            if run.len() == 1 && self.loses_name(first) {
                names.add_name(&first.name, format);
            }
            match run.len() - 1 {
                0 if first.spec == read => {}
                0 => notes.push(losses::words(&first.name, &first.spec, read, format)),
                more => notes.push(format!(
                    "{:?} and {more} more are read back from a .{format} as one array, {read}",
                    first.name
                )),
            }
        }
        notes.extend(names.note());
        Ok(notes)
    }

    /// Whether an array will have another name. The only one of a file is called like the file.
    fn loses_name(&self, array: &GivenFrames) -> bool {
        let is_only = self.arrays.len() == 1;
        let is_kept = array.name == ONLY || self.stem.as_ref() == Some(&array.name);
        array.has_own_name && !(is_only && is_kept)
    }
}

/// Takes what frames and blobs consist of, each when it is whole.
pub(in crate::container) trait Holder {
    /// A frame, 16-bit samples in big-endian order, or the whole of another array.
    ///
    /// # Errors
    /// `Unsupported` for what the format cannot hold.
    fn take(&mut self, role: Role, bytes: Cow<'_, [u8]>) -> Result<()>;

    /// Sets whether an array was begun and not finished.
    fn set_open(&mut self, is_open: bool);
}

/// Gathers the rows of an array, and hands on each frame, or all of a blob.
pub(in crate::container) struct PictureSink<'a> {
    holder: &'a mut dyn Holder,
    role: Role,
    piece_bytes: usize,
    piece: Vec<u8>,
    missing_bytes: u64,
    /// Whether samples of 16 bits came in little-endian order.
    is_little: bool,
}

impl<'a> PictureSink<'a> {
    pub(in crate::container) fn new(
        holder: &'a mut dyn Holder,
        role: Role,
        array: &NewArray<'_>,
    ) -> Self {
        let piece_bytes = match role {
            Role::Frames(geometry) => geometry.bytes().unwrap_or(u64::MAX),
            _ => array.spec.bytes(),
        };
        holder.set_open(true);
        Self {
            holder,
            role,
            piece_bytes: piece_bytes as usize,
            piece: Vec::new(),
            missing_bytes: array.spec.bytes(),
            is_little: array.spec.dtype().to_string().starts_with('<'),
        }
    }

    /// Whether samples are turned around.
    fn is_turned(&self) -> bool {
        self.is_little && matches!(self.role, Role::Frames(_))
    }

    fn hand_on(&mut self) -> Result<()> {
        let mut piece = std::mem::take(&mut self.piece);
        if self.is_turned() {
            piece
                .as_chunks_mut::<2>()
                .0
                .iter_mut()
                .for_each(|sample| sample.reverse());
        }
        self.holder.take(self.role, piece.into())
    }
}

impl ArraySink for PictureSink<'_> {
    fn push_rows(&mut self, rows: &[u8]) -> Result<()> {
        let missing = self.missing_bytes.checked_sub(rows.len() as u64);
        self.missing_bytes =
            missing.ok_or_else(|| Error::invalid("more rows than the array has"))?;
        let mut rows = rows;
        while !rows.is_empty() {
            let n = rows.len().min(self.piece_bytes - self.piece.len());
            let (now, later) = rows.split_at(n);
            if n == self.piece_bytes && !self.is_turned() {
                self.holder.take(self.role, now.into())?;
                rows = later;
                continue;
            }
            self.piece.extend_from_slice(now);
            rows = later;
            if self.piece.len() == self.piece_bytes {
                self.hand_on()?;
            }
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        if self.missing_bytes > 0 {
            return Err(Error::invalid("an array without all of its rows"));
        }
        if self.piece_bytes == 0 {
            self.hand_on()?;
        }
        self.holder.set_open(false);
        Ok(())
    }
}
