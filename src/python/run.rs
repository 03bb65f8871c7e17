//! Work beside the interpreter: on as many threads as the caller says, with the interpreter free for others, and ended by
//! Ctrl-C between two windows.
//!
//! Long work runs on a thread of a pool. The calling thread waits for it, and looks now and then whether a signal came
//! (Python tells signals to its main thread alone) and how far the work is.

use std::any::Any;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::error::{Error, Result};

/// How often a waiting thread looks for signals and tells the progress.
const LOOK: Duration = Duration::from_millis(40);

/// How far work is, and whether it should end.
#[derive(Debug, Default)]
pub(super) struct Control {
    is_stopped: AtomicBool,
    done_bytes: AtomicU64,
}

impl Control {
    /// Says that so many more bytes are done.
    ///
    /// # Errors
    /// `Interrupted` where the work should end.
    pub(super) fn advance(&self, n_bytes: u64) -> Result<()> {
        self.done_bytes.fetch_add(n_bytes, Ordering::Relaxed);
        match self.is_stopped.load(Ordering::Relaxed) {
            true => Err(Error::interrupted("interrupted")),
            false => Ok(()),
        }
    }
}

/// How work is done: by how many threads, and who is told.
pub(super) struct Run<'py> {
    pub(super) py: Python<'py>,
    /// At least one.
    pub(super) n_threads: usize,
    /// Called with bytes done and bytes in all.
    pub(super) progress: Option<Bound<'py, PyAny>>,
    /// Bytes in all.
    pub(super) total_bytes: u64,
}

impl Run<'_> {
    /// Does `work`.
    ///
    /// # Errors
    /// Those of `work` and of `progress`; what a handler of a signal raises.
    pub(super) fn of<T: Send>(
        &self,
        work: impl FnOnce(&Control) -> Result<T> + Send,
    ) -> PyResult<T> {
        let pool = pool(self.n_threads)?;
        let control = Control::default();
        let (sender, receiver) = mpsc::sync_channel(1);
        // The receiver is used by one thread at a time, and says so.
        let receiver = Mutex::new(receiver);
        let control = &control;
        let mut raised = None;
        let mut outcome = None;
        pool.in_place_scope(|scope| {
            scope.spawn(move |_| {
                let done = catch_unwind(AssertUnwindSafe(|| work(control)));
                // The receiver lives until this scope ends.
                let _ = sender.send(done);
            });
            while outcome.is_none() {
                outcome = self.py.detach(|| {
                    let receiver = receiver.lock().unwrap_or_else(PoisonError::into_inner);
                    receiver.recv_timeout(LOOK).ok()
                });
                if raised.is_none()
                    && let Err(error) = self.look(control, outcome.is_some())
                {
                    control.is_stopped.store(true, Ordering::Relaxed);
                    raised = Some(error);
                }
            }
        });
        if let Some(error) = raised {
            return Err(error);
        }
        match outcome {
            Some(Ok(done)) => Ok(done?),
            Some(Err(panic)) => Err(of_panic(&*panic).into()),
            None => Err(Error::storage("the work was lost").into()),
        }
    }

    /// Hears signals and tells the progress.
    fn look(&self, control: &Control, is_done: bool) -> PyResult<()> {
        self.py.check_signals()?;
        let Some(progress) = &self.progress else {
            return Ok(());
        };
        let done = control.done_bytes.load(Ordering::Relaxed);
        if done > 0 || is_done {
            progress.call1((done.min(self.total_bytes), self.total_bytes))?;
        }
        Ok(())
    }
}

/// Does a short piece of work on this thread, with the interpreter free for others. It must not start threads.
///
/// # Errors
/// Those of `work`.
pub(super) fn briefly<T: Send>(
    py: Python<'_>,
    work: impl FnOnce() -> Result<T> + Send,
) -> PyResult<T> {
    match py.detach(|| catch_unwind(AssertUnwindSafe(work))) {
        Ok(done) => Ok(done?),
        Err(panic) => Err(of_panic(&*panic).into()),
    }
}

/// A fault of ours as an error: a panic in Python passes by `except Exception`.
fn of_panic(panic: &(dyn Any + Send)) -> Error {
    let words = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no words");
    Error::unsupported(format!("a fault of paginum, please report it: {words}"))
}

/// Pools by their number of threads, of the process of this number: a fork has none of its parent's threads.
static POOLS: Mutex<Option<(u32, Pools)>> = Mutex::new(None);

type Pools = HashMap<usize, Arc<ThreadPool>>;

fn pool(n_threads: usize) -> Result<Arc<ThreadPool>> {
    let mut pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
    let process = std::process::id();
    if pools.as_ref().is_some_and(|(of, _)| *of != process) {
        // Their threads are not there, so that nobody could wait for them to end.
        std::mem::forget(pools.take());
    }
    let (_, pools) = pools.get_or_insert_with(|| (process, HashMap::new()));
    if let Some(pool) = pools.get(&n_threads) {
        return Ok(pool.clone());
    }
    let built = ThreadPoolBuilder::new()
        .num_threads(n_threads)
        .thread_name(|i| format!("paginum-{i}"))
        .build();
    let pool =
        Arc::new(built.map_err(|e| Error::storage("threads cannot be started").with_source(e))?);
    pools.insert(n_threads, pool.clone());
    Ok(pool)
}
