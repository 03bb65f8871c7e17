//! The frames of a file: which need which, and decoding them several at once.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use super::decode::{self, Nowhere, Order, Pixels, Place};
use super::frame::{FrameHeader, Scratch, flag};
use super::header::Slot;
use crate::container::pictures::{Decoded, FrameSource};
use crate::error::{Error, Result, ResultExt};
use crate::filter::pixels::left;
use crate::limits::Limits;
use crate::storage::ReadAt;

/// The frames of a file. Entries of the index that name one place share a header.
#[derive(Debug)]
pub(super) struct Movie {
    store: Arc<dyn ReadAt>,
    slots: Vec<Slot>,
    headers: Vec<Arc<FrameHeader>>,
    /// The payload of the only frame, where it is small: until somebody reads it.
    small: Mutex<Option<Vec<u8>>>,
    limits: Limits,
}

impl Movie {
    /// Reads the headers of all frames.
    pub(super) fn open(store: Arc<dyn ReadAt>, slots: Vec<Slot>, limits: &Limits) -> Result<Self> {
        if store.access().is_distant() {
            store.prefetch(&heads(&slots))?;
        }
        if let Some((header, payload)) = small(&*store, &slots)? {
            return Ok(Self {
                headers: vec![Arc::new(header)],
                small: Mutex::new(Some(payload)),
                limits: *limits,
                store,
                slots,
            });
        }
        let mut scratch = Scratch::new()?;
        let mut known: HashMap<u64, Arc<FrameHeader>> = HashMap::new();
        let mut headers: Vec<Arc<FrameHeader>> = Vec::with_capacity(slots.len());
        for (number, slot) in slots.iter().enumerate() {
            let header = match known.get(&slot.range.start) {
                Some(header) => header.clone(),
                None => {
                    let read = FrameHeader::read(&*store, slot.range.clone(), &mut scratch);
                    let header = Arc::new(read.on_page(number as u64)?);
                    known.insert(slot.range.start, header.clone());
                    header
                }
            };
            headers.push(header);
        }
        let movie = Self {
            store,
            slots,
            headers,
            small: Mutex::default(),
            limits: *limits,
        };
        movie.check_chains()?;
        Ok(movie)
    }

    /// Refuses differences that go on through frames of other geometries: each array among them is decoded from the first
    /// frame of the chain, which would be work without end.
    fn check_chains(&self) -> Result<()> {
        /// Beside some times what all frames have.
        const MIN_BYTES: u64 = 64 << 20;
        const MAX_TIMES: u64 = 4;
        let (mut chain, mut again, mut all) = (0, 0_u64, 0_u64);
        for (index, header) in self.headers.iter().enumerate() {
            let is_difference = self.is_difference(index);
            chain = if is_difference { chain } else { 0 };
            let begins_array = index > 0 && header.geometry != self.headers[index - 1].geometry;
            if is_difference && begins_array {
                again = again.saturating_add(chain);
            }
            chain += header.n_pixel_bytes();
            all += header.n_pixel_bytes();
        }
        let most = MIN_BYTES + MAX_TIMES * all;
        match again > most {
            true => Err(Error::limit(
                "bytes of frames that are decoded again",
                most,
                again,
            )),
            false => Ok(()),
        }
    }

    /// Fetches at once what frames need, where a request is dear.
    fn prefetch(&self, frames: Range<usize>) -> Result<()> {
        if self.store.access().is_distant() {
            self.store.prefetch(&self.ranges(frames))?;
        }
        Ok(())
    }

    pub(super) fn headers(&self) -> &[Arc<FrameHeader>] {
        &self.headers
    }

    /// Whether a frame is a difference from the one before. One that says so without a frame of its size before it is the
    /// picture itself, as other readers have it.
    fn is_difference(&self, index: usize) -> bool {
        let header = &self.headers[index];
        let before = index.checked_sub(1).map(|before| &self.headers[before]);
        header.has(flag::INTER_DELTA) && before.is_some_and(|before| header.may_differ_from(before))
    }

    /// The first frame that `index` needs: the last that is none of the differences before it.
    fn keyframe(&self, index: usize) -> usize {
        let mut frames = (0..=index).rev();
        frames
            .find(|&frame| !self.is_difference(frame))
            .unwrap_or(0)
    }

    /// Hands the bytes of a frame on.
    fn with_bytes<T>(&self, index: usize, decode: impl FnOnce(&[u8]) -> Result<T>) -> Result<T> {
        let range = &self.slots[index].range;
        let decoded = match self.store.as_slice() {
            Some(all) => decode(&all[range.start as usize..range.end as usize]),
            None => {
                let mut bytes = vec![0; (range.end - range.start) as usize];
                let read = self.store.read_exact_at(&mut bytes, range.start);
                read.map_err(Error::from).and_then(|()| decode(&bytes))
            }
        };
        self.located(index, decoded)
    }

    /// An error of a frame, with its place.
    fn located<T>(&self, index: usize, decoded: Result<T>) -> Result<T> {
        let start = self.slots[index].range.start;
        decoded.on_page(index as u64).at(start)
    }

    /// What a frame holds, which may be differences.
    fn residual(&self, index: usize) -> Result<Pixels> {
        let header = &self.headers[index];
        if let Some(payload) = self.small_payload() {
            return self.located(index, decode::pixels_of(payload, header));
        }
        self.with_bytes(index, |bytes| {
            decode::pixels_of(decode::decompressed(bytes)?, header)
        })
    }

    fn small_payload(&self) -> Option<Vec<u8>> {
        let mut small = self.small.lock().unwrap_or_else(PoisonError::into_inner);
        small.take()
    }

    /// Puts the pixels of a frame that is no difference where they are wanted.
    fn place<P: Place + ?Sized>(&self, index: usize, place: &mut P, order: Order) -> Result<()> {
        let header = &self.headers[index];
        if let Some(payload) = self.small_payload() {
            let decoded = decode::payload_into(payload, header, place, order);
            return self.located(index, decoded);
        }
        self.with_bytes(index, |bytes| {
            decode::frame_into(bytes, header, place, order)
        })
    }

    /// Frames from `start` on that are decoded at once: one for each thread, of bounded bytes.
    fn batch(&self, start: usize, end: usize) -> Range<usize> {
        /// Beyond the first.
        const MAX_BYTES: u64 = 32 << 20;
        let mut n_bytes = 0;
        let last = (start..end)
            .take(paginum_wrapped::parallel::threads().max(1))
            .take_while(|&index| {
                n_bytes += u64::from(self.headers[index].payload_bytes);
                n_bytes <= MAX_BYTES
            })
            .last();
        start..last.unwrap_or(start) + 1
    }
}

/// The only frame of a file, where it is small and in order.
fn small(store: &dyn ReadAt, slots: &[Slot]) -> Result<Option<(FrameHeader, Vec<u8>)>> {
    let [Slot { range, .. }] = slots else {
        return Ok(None);
    };
    if let Some(all) = store.as_slice() {
        let bytes = &all[range.start as usize..range.end as usize];
        return Ok(FrameHeader::of_small(bytes));
    }
    let n_bytes = range.end - range.start;
    if n_bytes > Scratch::BYTES as u64 {
        return Ok(None);
    }
    let mut bytes = vec![0; n_bytes as usize];
    store.read_exact_at(&mut bytes, range.start)?;
    Ok(FrameHeader::of_small(&bytes))
}

/// Where the headers of frames lie: their starts, and no more of their pixels than that takes.
fn heads(slots: &[Slot]) -> Vec<Range<u64>> {
    let head = |slot: &Slot| {
        let Range { start, end } = slot.range;
        start..end.min(start + Scratch::BYTES as u64)
    };
    slots.iter().map(head).collect()
}

impl FrameSource for Movie {
    fn decode(
        &self,
        frames: Range<usize>,
        known: Option<Decoded>,
        take: &mut dyn FnMut(usize, &[u8]) -> Result<()>,
    ) -> Result<Option<Decoded>> {
        self.prefetch(frames.clone())?;
        let key = self.keyframe(frames.start);
        let mut before = known.filter(|known| (key..=frames.start).contains(&known.index));
        let mut next = match &before {
            Some(known) => known.index + 1,
            None => key,
        };
        if let Some(known) = before.as_ref().filter(|known| known.index == frames.start) {
            take(known.index, known.pixels())?;
        }
        // Frames before the first that is wanted are work that nobody sees: the limit of an array bounds it.
        let skipped = self.headers[next..frames.start.max(next)].iter();
        let skipped: u64 = skipped.map(|header| header.n_pixel_bytes()).sum();
        self.limits.check_array_bytes(skipped)?;
        while next < frames.end {
            let batch = self.batch(next, frames.end);
            next = batch.end;
            let residuals = paginum_wrapped::parallel::map(batch.clone().collect(), |index| {
                self.residual(index)
            })?;
            for (index, mut pixels) in batch.zip(residuals) {
                if let (true, Some(before)) = (self.is_difference(index), &before) {
                    left::add(pixels.as_mut_slice(), before.pixels());
                }
                let decoded = pixels.into_decoded(index);
                if index >= frames.start {
                    take(index, decoded.pixels())?;
                }
                before = Some(decoded);
            }
        }
        Ok(before)
    }

    fn decode_into(&self, frame: usize, out: &mut [u8]) -> Result<bool> {
        let header = &self.headers[frame];
        if self.is_difference(frame) || header.n_pixel_bytes() != out.len() as u64 {
            return Ok(false);
        }
        self.prefetch(frame..frame + 1)?;
        self.place(frame, out, Order::Little)?;
        Ok(true)
    }

    fn verify(&self, frames: Range<usize>) -> Result<()> {
        if frames.clone().any(|index| self.is_difference(index)) {
            return self.decode(frames, None, &mut |_, _| Ok(())).map(|_| ());
        }
        self.prefetch(frames.clone())?;
        paginum_wrapped::parallel::map(frames.collect(), |index| {
            self.place(index, &mut Nowhere::default(), Order::Big)
        })?;
        Ok(())
    }

    fn ranges(&self, frames: Range<usize>) -> Vec<Range<u64>> {
        if frames.is_empty() {
            return Vec::new();
        }
        let needed = &self.slots[self.keyframe(frames.start)..frames.end];
        needed.iter().map(|slot| slot.range.clone()).collect()
    }

    fn has_checksums(&self, frames: Range<usize>) -> bool {
        // The palette is under none, and neither is the header of the frame.
        !self.headers[frames]
            .iter()
            .any(|header| header.has(flag::PALETTE))
    }
}
