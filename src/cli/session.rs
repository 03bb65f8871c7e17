//! What all verbs share: the limits, the number of threads, and a voice on standard error.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::failure::{self, Failure, Outcome};
use super::{address, size, stdio};
use crate::error::{Error, ResultExt};
use crate::limits::Limits;
use crate::storage::{Headers, Observer, ReadAt, Store, StoreOptions, gunzip, spool};
use crate::text::counted;

/// More threads than any machine has use for; to start as many as a slip of the finger asks for takes minutes.
const MAX_THREADS: i64 = 1024;

/// Names of standard input, where that is a pipe.
const STDIN: [&str; 3] = ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];

/// Options that every verb takes.
#[derive(Debug, clap::Args)]
pub(super) struct Session {
    /// The most bytes in memory, for one array and for all arrays of a command together: 500M, 16G. By default 8G for one
    /// array, and 16G together
    #[arg(long, global = true, value_name = "BYTES", value_parser = size::parse, help_heading = "Common options")]
    max_bytes: Option<u64>,
    /// How many threads work; 0 for as many as there are cores
    #[arg(
        long,
        global = true,
        value_name = "N",
        default_value_t = 0,
        value_parser = clap::value_parser!(u16).range(0..=MAX_THREADS),
        help_heading = "Common options"
    )]
    threads: u16,
    /// Say nothing but what went wrong
    #[arg(short, long, global = true, help_heading = "Common options")]
    quiet: bool,
    /// Say which requests are made of servers, and how many bytes come and go
    #[arg(short, long, global = true, help_heading = "Common options")]
    verbose: bool,
    /// Send this header with requests to web servers; may be given several times
    #[arg(
        long = "header",
        global = true,
        value_name = "NAME: VALUE",
        value_parser = parse_header,
        help_heading = "Common options"
    )]
    headers: Vec<(String, String)>,
    /// Ask object stores without credentials
    #[cfg(feature = "cloud")]
    #[arg(long, global = true, help_heading = "Common options")]
    anonymous: bool,
    /// The address of the object store's service, where it is not the vendor's own
    #[cfg(feature = "cloud")]
    #[arg(
        long,
        global = true,
        value_name = "URL",
        help_heading = "Common options"
    )]
    endpoint: Option<String>,
    /// The largest status of what was skipped.
    #[arg(skip)]
    skipped: AtomicU8,
    /// Standard input was read.
    #[arg(skip)]
    has_input: AtomicBool,
}

impl Session {
    /// What reading may cost.
    pub(super) fn limits(&self) -> Limits {
        match self.max_bytes {
            Some(bytes) => Limits::default().with_max_bytes(bytes),
            None => Limits::default(),
        }
    }

    /// Makes the threads that may work, and sets how much is said.
    pub(super) fn start(&self) {
        if self.quiet {
            stdio::be_quiet();
        }
        address::set_options(self.store_options());
        #[cfg(feature = "parallel")]
        {
            // It fails only where there is a pool already: then that one works. To rayon, too, 0 means all cores.
            let _ = rayon::ThreadPoolBuilder::new()
                .num_threads(self.threads.into())
                .build_global();
        }
    }

    /// What stores may spend.
    fn store_options(&self) -> StoreOptions {
        let max_bytes = self.limits().max_total_bytes;
        let usual = StoreOptions::default();
        let mut options = StoreOptions {
            max_stream_bytes: max_bytes,
            max_download_bytes: usual.max_download_bytes.min(max_bytes),
            headers: Headers(self.headers.clone()),
            ..usual
        };
        #[cfg(feature = "cloud")]
        {
            options.anonymous = self.anonymous;
            options.endpoint.clone_from(&self.endpoint);
        }
        if self.verbose {
            options.observer = Observer::new(|event| {
                let (bytes, way) = match event.sent.is_empty() {
                    true => (&event.range, ""),
                    false => (&event.sent, "sent "),
                };
                let (url, outcome) = (event.url, event.outcome);
                let size = counted(bytes.end - bytes.start, "byte");
                let start = bytes.start;
                stdio::say(format_args!("{url}: {outcome}, {size} {way}from {start}"));
            });
        }
        options
    }

    /// The store of a file that is to be changed.
    pub(super) fn store(&self, path: &Path) -> Result<Arc<dyn Store>, Failure> {
        Ok(address::store(path, true)?)
    }

    /// Says something to the person, on standard error, if there is to be talk. A verb that wrote a file says so in one
    /// line a file.
    pub(super) fn say(&self, words: impl std::fmt::Display) {
        stdio::note(words);
    }

    /// Says that one of several arrays is skipped and why. The program ends with the status of that, whatever becomes of
    /// the others.
    pub(super) fn skip(&self, error: &Error) {
        stdio::say(format_args!("paginum: {error}; skipped"));
        let status = failure::status_of(error.kind());
        self.skipped.fetch_max(status, Ordering::Relaxed);
    }

    /// What became of what was skipped, which has been said.
    pub(super) fn skipped(&self) -> Outcome {
        match self.skipped.load(Ordering::Relaxed) {
            0 => Ok(()),
            status => Err(Failure::Said(status)),
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

    /// Opens a file for reading. Standard input and pipes are taken in whole first, because reading goes by position.
    pub(super) fn open(&self, path: &Path) -> Result<Arc<dyn ReadAt>, Failure> {
        if path.as_os_str() == "-" {
            let name = Path::new("standard input");
            self.begin_input()?;
            return self.take_in(std::io::stdin().lock(), name);
        }
        let is_stream = path
            .metadata()
            .is_ok_and(|metadata| !(metadata.is_file() || metadata.is_dir()));
        if is_stream {
            // A pipe has its bytes once, by whatever name.
            if STDIN.iter().any(|name| path == Path::new(name)) {
                self.begin_input()?;
            }
            return self.take_in(File::open(path).in_file(path)?, path);
        }
        Ok(address::store(path, true)?.open().in_file(path)?)
    }

    /// Refuses to read standard input again: of what was read, nothing is left.
    fn begin_input(&self) -> Outcome {
        match self.has_input.swap(true, Ordering::Relaxed) {
            false => Ok(()),
            true => Err(Failure::usage(
                "standard input can be read once, and stands for two files here",
            )),
        }
    }

    /// Takes in a stream to its end, and looks through gzip in it, as stores do in their files.
    fn take_in(&self, stream: impl Read, name: &Path) -> Result<Arc<dyn ReadAt>, Failure> {
        let limit = self.limits().max_total_bytes;
        let bytes = spool(stream, limit).in_file(name)?;
        Ok(gunzip(bytes, limit).in_file(name)?)
    }
}

/// `NAME: VALUE`. What is wrong with one is said without it: it may be a secret.
fn parse_header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("a header is NAME: VALUE")?;
    let (name, value) = (name.trim(), value.trim());
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    match !name.is_empty() && name.bytes().all(is_name) && !value.contains(char::is_control) {
        true => Ok((name.to_owned(), value.to_owned())),
        false => Err("a header is NAME: VALUE".to_owned()),
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
