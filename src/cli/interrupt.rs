//! Ctrl-C and SIGTERM: what was being written disappears, and the program ends with status 130.
//!
//! While nothing is being written the program ends where it is. While an output is staged, the signal only sets a flag;
//! every read and write of a [`Guarded`] store fails from then on, the verb unwinds as from any failure, and the stage
//! removes its temporary file. So does a change in place: until it writes its reads fail, too, and then what it adds, which
//! it takes back; once that counts, it is carried to its end, which is short. A second signal ends the program at once.

use std::io::{self, Write};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use super::failure::INTERRUPTED;
use super::replaced::say_other_names;
use crate::error::Error;
use crate::storage::{
    Access, Durability, Part, ReadAt, Stage, Store, UpdateAt, Url, Version, WriteAt,
};

static REQUESTED: AtomicBool = AtomicBool::new(false);
/// Outputs that are being written, and files that are being changed.
static STAGED: AtomicUsize = AtomicUsize::new(0);

/// Takes over the signals. Called once, before anything is opened.
pub(super) fn install() {
    let handler = || {
        let was_requested = REQUESTED.swap(true, Ordering::SeqCst);
        if was_requested || STAGED.load(Ordering::SeqCst) == 0 {
            std::process::exit(INTERRUPTED.into());
        }
    };
    // Where signals cannot be had, they end the program as they always did.
    let _ = ctrlc::set_handler(handler);
    let_writes_fail();
}

/// Lets a write beyond the largest size of files (`ulimit -f`) fail with words, as one to a full disk: left alone, its signal
/// ends the program. What the signal sets is not looked at.
#[cfg(unix)]
fn let_writes_fail() {
    let _ = signal_hook::flag::register(signal_hook::consts::signal::SIGXFSZ, Arc::default());
}

#[cfg(not(unix))]
fn let_writes_fail() {}

/// Whether a signal came.
pub(super) fn is_requested() -> bool {
    REQUESTED.load(Ordering::Relaxed)
}

fn check() -> io::Result<()> {
    // Not `ErrorKind::Interrupted`: the standard library would try again.
    if is_requested() {
        return Err(Error::interrupted("interrupted").into());
    }
    Ok(())
}

/// A store whose reads and writes fail once a signal came.
#[derive(Debug)]
pub(super) struct Guarded<S>(pub(super) S);

impl<S: Store> Store for Guarded<S> {
    fn open(&self) -> io::Result<Arc<dyn ReadAt>> {
        Ok(Arc::new(GuardedReader(self.0.open()?)))
    }

    fn stage(&self) -> io::Result<Box<dyn Stage>> {
        self.guarded(|store| store.stage())
    }

    fn stage_over(&self, old: &Arc<dyn ReadAt>) -> io::Result<Box<dyn Stage>> {
        self.guarded(|store| store.stage_over(old))
    }

    fn update(&self) -> io::Result<Option<Box<dyn UpdateAt>>> {
        STAGED.fetch_add(1, Ordering::SeqCst);
        let update = self.0.update();
        if !matches!(update, Ok(Some(_))) {
            STAGED.fetch_sub(1, Ordering::SeqCst);
        }
        Ok(update?.map(GuardedUpdate::boxed))
    }

    fn url(&self) -> &Url {
        self.0.url()
    }

    fn sibling(&self, suffix: &str) -> Option<Arc<dyn Store>> {
        self.0.sibling(suffix)
    }
}

impl<S: Store> Guarded<S> {
    fn guarded(
        &self,
        stage: impl FnOnce(&S) -> io::Result<Box<dyn Stage>>,
    ) -> io::Result<Box<dyn Stage>> {
        if let Some(path) = self.url().path() {
            say_other_names(path);
        }
        // Counted before there is a file: a signal in between must not end the program here.
        STAGED.fetch_add(1, Ordering::SeqCst);
        match stage(&self.0) {
            Ok(stage) => Ok(Box::new(GuardedStage {
                stage: Some(stage),
                name: self.0.url().to_string(),
            })),
            Err(error) => {
                STAGED.fetch_sub(1, Ordering::SeqCst);
                Err(of_output(error, &self.0.url().to_string()))
            }
        }
    }
}

#[derive(Debug)]
struct GuardedReader(Arc<dyn ReadAt>);

impl ReadAt for GuardedReader {
    fn read_many(&self, parts: &mut [Part<'_>]) -> io::Result<()> {
        check()?;
        self.0.read_many(parts)
    }

    fn prefetch(&self, ranges: &[Range<u64>]) -> io::Result<bool> {
        check()?;
        self.0.prefetch(ranges)
    }

    fn holds(&self, range: &Range<u64>) -> bool {
        self.0.holds(range)
    }

    fn access(&self) -> Access {
        self.0.access()
    }

    fn version(&self) -> Option<Version> {
        self.0.version()
    }

    fn len(&self) -> u64 {
        self.0.len()
    }

    fn has_changed(&self) -> bool {
        self.0.has_changed()
    }

    fn as_slice(&self) -> Option<&[u8]> {
        self.0.as_slice()
    }
}

/// A change in place. What it writes behind the end of the file fails once a signal came: nothing of it counts before the
/// last of that is there. What it writes before the end makes ready a version that counts, and does not fail. Reads fail
/// until something was written: a search for what is whole may be long, and what is taken back or made ready has to be read.
#[derive(Debug)]
struct GuardedUpdate {
    /// Empty while it is dropped.
    update: Option<Box<dyn UpdateAt>>,
    end: AtomicU64,
    has_written: AtomicBool,
}

impl GuardedUpdate {
    fn boxed(update: Box<dyn UpdateAt>) -> Box<dyn UpdateAt> {
        Box::new(Self {
            end: update.len().into(),
            has_written: false.into(),
            update: Some(update),
        })
    }

    fn inner(&self) -> &dyn UpdateAt {
        &**self
            .update
            .as_ref()
            .expect("it is there until it is dropped")
    }

    fn check_read(&self) -> io::Result<()> {
        match self.has_written.load(Ordering::Relaxed) {
            true => Ok(()),
            false => check(),
        }
    }
}

impl ReadAt for GuardedUpdate {
    fn len(&self) -> u64 {
        self.inner().len()
    }

    fn read_many(&self, parts: &mut [Part<'_>]) -> io::Result<()> {
        self.check_read()?;
        self.inner().read_many(parts)
    }

    fn prefetch(&self, ranges: &[Range<u64>]) -> io::Result<bool> {
        self.check_read()?;
        self.inner().prefetch(ranges)
    }

    fn holds(&self, range: &Range<u64>) -> bool {
        self.inner().holds(range)
    }

    fn access(&self) -> Access {
        self.inner().access()
    }

    fn version(&self) -> Option<Version> {
        self.inner().version()
    }

    fn has_changed(&self) -> bool {
        self.inner().has_changed()
    }
}

impl WriteAt for GuardedUpdate {
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        if offset >= self.end.load(Ordering::Relaxed) {
            check()?;
        }
        self.has_written.store(true, Ordering::Relaxed);
        self.inner().write_all_at(bytes, offset)
    }
}

impl UpdateAt for GuardedUpdate {
    fn set_len(&self, len: u64) -> io::Result<()> {
        self.end.store(len, Ordering::Relaxed);
        self.has_written.store(true, Ordering::Relaxed);
        self.inner().set_len(len)
    }

    fn sync(&self) -> io::Result<()> {
        self.inner().sync()
    }
}

impl Drop for GuardedUpdate {
    fn drop(&mut self) {
        // Closed first, as a stage is.
        self.update = None;
        STAGED.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Its errors name the output: whoever passes them on would name what is read.
#[derive(Debug)]
struct GuardedStage {
    /// Empty once committed.
    stage: Option<Box<dyn Stage>>,
    name: String,
}

impl Write for GuardedStage {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        check()?;
        let stage = self.stage.as_mut().expect("a commit consumes the stage");
        let result = stage.write(bytes);
        result.map_err(|error| of_output(error, &self.name))
    }

    fn flush(&mut self) -> io::Result<()> {
        let stage = self.stage.as_mut().expect("a commit consumes the stage");
        let result = stage.flush();
        result.map_err(|error| of_output(error, &self.name))
    }
}

impl WriteAt for GuardedStage {
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        check()?;
        let stage = self.stage.as_ref().and_then(|stage| stage.at());
        let result = match stage {
            Some(at) => at.write_all_at(bytes, offset),
            None => Err(io::ErrorKind::Unsupported.into()),
        };
        result.map_err(|error| of_output(error, &self.name))
    }
}

impl Stage for GuardedStage {
    fn at(&self) -> Option<&dyn WriteAt> {
        let stage = self.stage.as_ref().and_then(|stage| stage.at());
        stage.is_some().then_some(self)
    }

    fn commit(mut self: Box<Self>, durability: Durability) -> io::Result<()> {
        check()?;
        let stage = self.stage.take().expect("a commit consumes the stage");
        let result = stage.commit(durability);
        result.map_err(|error| of_output(error, &self.name))
    }
}

/// An error of an output. That it is there by now is the arguments' fault, as if it had been there before.
fn of_output(error: io::Error, name: &str) -> io::Error {
    let error = match error.kind() {
        io::ErrorKind::AlreadyExists => {
            Error::invalid("has appeared meanwhile; --force replaces it")
        }
        _ => error.into(),
    };
    error.in_file(name).into()
}

impl Drop for GuardedStage {
    fn drop(&mut self) {
        // The temporary file goes first: while it is there the handler must not end the program.
        self.stage = None;
        STAGED.fetch_sub(1, Ordering::SeqCst);
    }
}
