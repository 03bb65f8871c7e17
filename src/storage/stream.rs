//! The standard streams: input is taken in whole, because reading goes by position; output gets its bytes in order.

#![expect(
    clippy::disallowed_methods,
    reason = "standard output is the store here, and its errors are the caller's"
)]

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Durability, ReadAt, Stage, Store, UpdateAt, Url, spool};

/// Standard input to read, standard output to write: `-` and `stream://`.
#[derive(Debug)]
pub(super) struct StandardStreams {
    url: Url,
    limit: u64,
}

/// Standard input, once it was read: it cannot be read twice.
static INPUT: Mutex<Option<Arc<dyn ReadAt>>> = Mutex::new(None);

impl StandardStreams {
    /// Takes at most `limit` bytes of standard input.
    pub(super) fn new(url: Url, limit: u64) -> Self {
        Self { url, limit }
    }
}

impl Store for StandardStreams {
    fn url(&self) -> &Url {
        &self.url
    }

    fn open(&self) -> io::Result<Arc<dyn ReadAt>> {
        let mut input = INPUT.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(input) = &*input {
            return Ok(input.clone());
        }
        let bytes = spool(io::stdin().lock(), self.limit)?;
        Ok(input.insert(bytes).clone())
    }

    fn stage(&self) -> io::Result<Box<dyn Stage>> {
        Ok(Box::new(Output))
    }

    fn update(&self) -> io::Result<Option<Box<dyn UpdateAt>>> {
        Ok(None)
    }
}

/// What is written is gone: there is nothing to take back.
#[derive(Debug)]
struct Output;

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        io::stdout().write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        io::stdout().flush()
    }
}

impl Stage for Output {
    fn commit(self: Box<Self>, _durability: Durability) -> io::Result<()> {
        io::stdout().flush()
    }
}
