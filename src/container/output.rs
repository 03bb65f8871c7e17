//! What a format writes to: a stage that becomes the file, with a buffer before it.

use std::io::{self, BufWriter, Write};

use super::writer::WriteReport;
use crate::error::{Result, ResultExt};
use crate::storage::{Durability, Stage, Store};

/// Small writes are gathered up to so many bytes.
const BUFFER_BYTES: usize = 256 << 10;

/// The bytes of a file from its start to its end. Errors name the file: whoever passes them on would name what is read.
#[derive(Debug)]
pub(super) struct Output {
    stage: BufWriter<Box<dyn Stage>>,
    name: String,
    n_bytes: u64,
}

impl Output {
    /// Starts the file of a store.
    pub(super) fn new(store: &dyn Store) -> Result<Self> {
        let stage = store.stage().in_file(store.url())?;
        Ok(Self {
            stage: BufWriter::with_capacity(BUFFER_BYTES, stage),
            name: store.url().to_string(),
            n_bytes: 0,
        })
    }

    /// Lets the file appear.
    pub(super) fn commit(self, durability: Durability) -> Result<WriteReport> {
        let stage = self.stage.into_inner();
        let stage = stage.map_err(io::IntoInnerError::into_error);
        stage
            .and_then(|stage| stage.commit(durability))
            .in_file(&self.name)?;
        Ok(WriteReport::new(self.n_bytes))
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.stage.write(bytes).in_file(&self.name)?;
        self.n_bytes += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(self.stage.flush().in_file(&self.name)?)
    }
}
