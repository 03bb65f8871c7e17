//! What all verbs share: the limits, the number of threads, and a voice on standard error.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::failure::Failure;
use super::interrupt::Guarded;
use super::{size, stdio};
use crate::error::{Error, ResultExt};
use crate::limits::Limits;
use crate::storage::{FileStore, ReadAt, Store};

/// Options that every verb takes.
#[derive(Debug, clap::Args)]
pub(super) struct Session {
    /// The most bytes that one array may take in memory, and all of a call: 500M, 16G
    #[arg(long, global = true, value_name = "BYTES", value_parser = size::parse, help_heading = "Common options")]
    max_bytes: Option<u64>,
    /// How many threads may work; by default as many as there are cores
    #[arg(long, global = true, value_name = "N", help_heading = "Common options")]
    threads: Option<std::num::NonZeroUsize>,
    /// Say nothing but what went wrong
    #[arg(short, long, global = true, help_heading = "Common options")]
    quiet: bool,
}

impl Session {
    /// What reading may cost.
    pub(super) fn limits(&self) -> Limits {
        match self.max_bytes {
            Some(bytes) => Limits::default().with_max_bytes(bytes),
            None => Limits::default(),
        }
    }

    /// Makes the threads that may work.
    pub(super) fn start_threads(&self) {
        #[cfg(feature = "parallel")]
        if let Some(n) = self.threads {
            // It fails only where there is a pool already: then that one works.
            let _ = rayon::ThreadPoolBuilder::new()
                .num_threads(n.get())
                .build_global();
        }
    }

    /// Says something to the person, on standard error, if there is to be talk. A verb that wrote a file says so in one
    /// line a file.
    pub(super) fn say(&self, words: impl std::fmt::Display) {
        if !self.quiet {
            stdio::say(words);
        }
    }

    /// Prints a verdict on a file that is as it should be, unless only bad news is wanted.
    pub(super) fn report(&self, words: impl std::fmt::Display) {
        if !self.quiet {
            stdio::line(words);
        }
    }

    /// A bar that shows how many of `bytes` are done, where a terminal shows it.
    pub(super) fn progress(&self, bytes: u64) -> ProgressBar {
        if self.quiet || !stdio::has_viewer() {
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template(
            "{bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta} left",
        );
        let style = style.expect("the template is a constant that a test has parsed");
        ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::stderr_with_hz(10))
            .with_style(style)
    }

    /// Opens a file for reading; `-` is standard input, taken into memory whole.
    pub(super) fn open(&self, path: &Path) -> Result<Arc<dyn ReadAt>, Failure> {
        if path.as_os_str() != "-" {
            return Ok(Guarded(FileStore::new(path)).open().in_file(path)?);
        }
        let limit = self.limits().max_total_bytes;
        let mut bytes = Vec::new();
        // One byte more than allowed tells a long input from one of just that length.
        let n = std::io::stdin()
            .lock()
            .take(limit.saturating_add(1))
            .read_to_end(&mut bytes);
        if n.in_file("standard input")? as u64 > limit {
            return Err(Error::limit("bytes of standard input", limit, bytes.len() as u64).into());
        }
        Ok(Arc::new(bytes))
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Only {
        #[command(flatten)]
        session: Session,
    }

    #[test]
    fn a_limit_given_is_the_limit() {
        let session = Only::parse_from(["x", "--max-bytes", "1K"]).session;
        assert_eq!(session.limits().max_array_bytes, 1024);
    }

    #[test]
    fn the_progress_template_parses() {
        let template = "{bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta} left";
        assert!(ProgressStyle::with_template(template).is_ok());
    }
}
