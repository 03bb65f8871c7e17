//! Outputs that are streams, as stores: what is committed goes there, in order.

use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use super::target::{Stream, Target};
use crate::storage::{Durability, ReadAt, Stage, Store, UpdateAt, Url};

/// Standard output, a pipe or a device. It is opened once there is something to write.
#[derive(Debug)]
pub(super) struct StreamStore {
    target: Target,
    url: Url,
}

impl StreamStore {
    pub(super) fn new(target: Target) -> Self {
        Self {
            url: Url::of_words(&target.name()),
            target,
        }
    }
}

impl Store for StreamStore {
    fn url(&self) -> &Url {
        &self.url
    }

    fn open(&self) -> io::Result<Arc<dyn ReadAt>> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn stage(&self) -> io::Result<Box<dyn Stage>> {
        Ok(Box::new(StreamStage {
            target: self.target.clone(),
            stream: Mutex::default(),
        }))
    }

    fn update(&self) -> io::Result<Option<Box<dyn UpdateAt>>> {
        Ok(None)
    }
}

struct StreamStage {
    target: Target,
    /// A lock that nobody waits for: stages are shared between threads, and writers are not.
    stream: Mutex<Option<Stream<'static>>>,
}

impl fmt::Debug for StreamStage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.target.fmt(f)
    }
}

impl StreamStage {
    fn stream(&mut self) -> io::Result<&mut Stream<'static>> {
        match self
            .stream
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
        {
            Some(stream) => Ok(stream),
            stream => Ok(stream.insert(self.target.stream()?)),
        }
    }
}

impl Write for StreamStage {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream()?.write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.stream()?.flush()
    }
}

impl Stage for StreamStage {
    fn commit(mut self: Box<Self>, _durability: Durability) -> io::Result<()> {
        self.stream()?.flush()
    }
}
