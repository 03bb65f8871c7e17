//! Writing an object: in one request, or in parts.
//!
//! Services hold a request that brings the whole of an object against the version that it replaces, and no other request: an
//! upload in parts has no such condition that the library beneath could ask for. So what replaces a version that was opened
//! waits in memory for the end of the file, up to `StoreOptions::max_put_bytes`. Beyond that it is uploaded in parts, and the
//! version is asked for just before the last step: whoever writes between these two is not seen.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use object_store::{
    MultipartUpload, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload, UpdateVersion,
};

use super::super::{Durability, Stage, StoreOptions};
use super::{Object, Seen, appeared, build, changed, failed, is_same, wait};
use crate::error::{Error, ErrorKind, Result};

/// Parts of an upload, all but the last: some services want them equal, and none lets there be more than ten thousand.
pub(super) const PART_BYTES: usize = 16 << 20;
/// No service takes more in one request: 5 GiB, or 5000 MiB.
const LARGEST_PUT: u64 = 5000 << 20;
/// No connection is given up that brings so many bytes a second: services answer once all of a request is there.
const SLOWEST: u64 = 1 << 20;

/// An object that is being written. Where one was opened before, or looked for in vain, it must still be so when this one
/// takes its place: of two writers one wins, and the other is told.
#[derive(Debug)]
pub(super) struct CloudStage {
    object: Arc<Object>,
    seen: Seen,
    /// What waits to be put at once: whole parts.
    held: Vec<Vec<u8>>,
    /// The part that is being filled.
    part: Vec<u8>,
    /// A lock that nobody waits for: stages are shared between threads, and uploads are not.
    upload: Mutex<Option<Box<dyn MultipartUpload>>>,
    /// Bytes in the parts that were sent.
    n_sent: u64,
    /// Whether a part was lost, so that this can be no whole object any more.
    is_broken: bool,
}

impl CloudStage {
    pub(super) fn new(object: Arc<Object>, seen: Seen) -> Self {
        Self {
            object,
            seen,
            held: Vec::new(),
            part: Vec::new(),
            upload: Mutex::default(),
            n_sent: 0,
            is_broken: false,
        }
    }

    fn upload(&mut self) -> &mut Option<Box<dyn MultipartUpload>> {
        self.upload
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// How many whole parts may wait, with another that is being filled.
    fn max_held(&self) -> u64 {
        let most = self.object.options.max_put_bytes.min(LARGEST_PUT);
        match self.seen {
            Seen::Version(_) => (most / PART_BYTES as u64).saturating_sub(1),
            Seen::Unknown | Seen::Absent => 0,
        }
    }

    /// Takes the part that was filled.
    fn take_part(&mut self) -> Result<()> {
        let part = std::mem::take(&mut self.part);
        let taken = self.hold_or_put(part);
        self.is_broken |= taken.is_err();
        taken
    }

    fn hold_or_put(&mut self, part: Vec<u8>) -> Result<()> {
        if self.upload().is_none() && (self.held.len() as u64) < self.max_held() {
            self.held.push(part);
            return Ok(());
        }
        for held in std::mem::take(&mut self.held) {
            self.put_part(held)?;
        }
        self.put_part(part)
    }

    fn put_part(&mut self, part: Vec<u8>) -> Result<()> {
        let mut upload = match self.upload().take() {
            Some(upload) => upload,
            None => {
                let object = self.object.clone();
                let begun = wait(async move { object.store.put_multipart(&object.path).await });
                self.object.told(0..0, "upload begun", begun)?
            }
        };
        let sent = self.n_sent..self.n_sent + part.len() as u64;
        self.n_sent = sent.end;
        let part = upload.put_part(PutPayload::from(part));
        *self.upload() = Some(upload);
        self.object.told(sent, "part put", wait(part))
    }

    /// Puts the object at once. The service itself holds it against what is to be replaced.
    fn put(&mut self) -> Result<()> {
        let parts = std::mem::take(&mut self.held);
        let last = std::mem::take(&mut self.part);
        let payload: PutPayload = parts
            .into_iter()
            .chain([last])
            .flat_map(PutPayload::from)
            .collect();
        let mode = match &self.seen {
            Seen::Version(meta) if meta.e_tag.is_some() || meta.version.is_some() => {
                PutMode::Update(UpdateVersion {
                    e_tag: meta.e_tag.clone(),
                    version: meta.version.clone(),
                })
            }
            Seen::Absent => PutMode::Create,
            Seen::Version(_) | Seen::Unknown => PutMode::Overwrite,
        };
        let is_conditional = mode != PutMode::Overwrite;
        match self.put_as(mode, payload.clone()) {
            Err(error) if is_conditional && error.kind() == ErrorKind::Unsupported => {
                self.check_seen()?;
                self.put_as(PutMode::Overwrite, payload)
            }
            done => done,
        }
    }

    fn put_as(&self, mode: PutMode, payload: PutPayload) -> Result<()> {
        let n_bytes = payload.content_length() as u64;
        let store = self.store_for(n_bytes)?;
        let object = self.object.clone();
        let done = wait(async move {
            let options = PutOptions::from(mode);
            let done = store.put_opts(&object.path, payload, options).await;
            done.map(|_| ())
        });
        match done {
            // Nothing was sent: the library beneath knows that the service has no such condition.
            Err(error) if error.kind() == ErrorKind::Unsupported => Err(error),
            done => self.object.told(0..n_bytes, "put", done),
        }
    }

    /// What brings so many bytes in one request: waiting for the answer includes bringing them.
    fn store_for(&self, n_bytes: u64) -> Result<Arc<dyn ObjectStore>> {
        let object = &self.object;
        if n_bytes <= PART_BYTES as u64 {
            return Ok(object.store.clone());
        }
        let options = StoreOptions {
            timeout: object.options.timeout + Duration::from_secs(n_bytes / SLOWEST),
            ..object.options.clone()
        };
        build(&object.url, &options)
    }

    /// Asks whether what was seen is still so.
    fn check_seen(&self) -> Result<()> {
        if matches!(self.seen, Seen::Unknown) {
            return Ok(());
        }
        let now = match self.object.head() {
            Ok(now) => Some(now),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        match (&self.seen, now) {
            (Seen::Version(seen), Some(now)) if is_same(seen, &now) => Ok(()),
            (Seen::Version(_), _) => Err(changed()),
            (_, Some(_)) => Err(appeared()),
            (_, None) => Ok(()),
        }
    }

    fn check_whole(&self) -> Result<()> {
        match self.is_broken {
            true => Err(Error::storage("a part of the object was lost before")),
            false => Ok(()),
        }
    }

    fn complete(&mut self) -> Result<()> {
        if !self.part.is_empty() {
            let part = std::mem::take(&mut self.part);
            self.put_part(part)?;
        }
        self.check_seen()?;
        let Some(mut upload) = self.upload().take() else {
            return Ok(());
        };
        let (upload, done) = wait(async move {
            let done = upload.complete().await;
            Ok((upload, done))
        })?;
        // Until it is complete, the upload stays where dropping this finds and aborts it.
        let done = done.map(|_| ()).map_err(|error| {
            *self.upload() = Some(upload);
            failed(error)
        });
        self.object.told(0..0, "upload completed", done)
    }
}

impl Write for CloudStage {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.check_whole()?;
        let n = bytes.len().min(PART_BYTES - self.part.len());
        self.part.extend_from_slice(&bytes[..n]);
        if self.part.len() == PART_BYTES {
            self.take_part()?;
        }
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Stage for CloudStage {
    fn commit(mut self: Box<Self>, _durability: Durability) -> io::Result<()> {
        self.check_whole()?;
        if self.upload().is_none() {
            return Ok(self.put()?);
        }
        Ok(self.complete()?)
    }
}

impl Drop for CloudStage {
    fn drop(&mut self) {
        let upload = self.upload().take();
        if let Some(mut upload) = upload {
            // Parts that stay cost money; services remove them by rules of the bucket if this fails.
            let aborted = wait(async move { upload.abort().await });
            let _ = self.object.told(0..0, "upload aborted", aborted);
        }
    }
}
