//! Standard output and standard error: the one place that prints.
//!
//! * [`line`] and [`write`] print results: tables, verdicts, documents. They cannot fail for the caller. A reader that
//!   went away (`verify *.pco | head -1`) ends the words and not the work: what follows is dropped, quietly. Any other
//!   failure (a full disk) is kept, and [`finish`] makes it the failure of the program once the work is done.
//! * [`data`] is standard output as the file that a verb was asked to write (`-o -`). There the output is the work, so
//!   errors are the caller's.
//! * [`note`] says a line on standard error, whatever becomes of it, unless `--quiet` is given; verbs call it as
//!   `Session::say`. [`say`] is for what went wrong.
//!
//! Names of files and of arrays are whatever their makers wrote. All lines are escaped here, see
//! [`printable`](super::printable), but for data and for what [`write`] prints; what is said on standard error is cut, too, where a
//! name makes it endless.
//!
//! `println!` and its like panic where standard output is full or closed. Lints keep them, `io::stdout` and `io::stderr`
//! out of every other file.
#![expect(
    clippy::disallowed_methods,
    reason = "the one place that may name the standard streams"
)]

use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::failure::Outcome;
use super::printable::{printable, printable_json, printable_lines, said, said_lines};
use crate::error::ResultExt;

/// What standard output is called in messages.
pub(super) const STDOUT: &str = "standard output";

/// The first failure of printed results. After it nothing more is printed.
static FAILURE: Mutex<Option<io::Error>> = Mutex::new(None);

/// Whether only what went wrong is to be said.
static IS_QUIET: AtomicBool = AtomicBool::new(false);

/// Prints a line of results.
pub(super) fn line(words: impl Display) {
    let words = printable(&words.to_string());
    write(|out| writeln!(out, "{words}"));
}

/// Prints some lines of results. Names in them are to be on one line already.
pub(super) fn lines(words: impl Display) {
    let words = printable_lines(&words.to_string());
    write(|out| writeln!(out, "{words}"));
}

/// Prints a document for programs.
pub(super) fn json(document: &serde_json::Value) {
    let text = printable_json(&format!("{document:#}"));
    write(|out| writeln!(out, "{text}"));
}

/// Prints results that bring their own line ends, as they are.
pub(super) fn write(print: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
    let mut failure = FAILURE.lock().unwrap_or_else(PoisonError::into_inner);
    if failure.is_none() {
        let mut out = BufWriter::new(io::stdout().lock());
        *failure = print(&mut out).and_then(|()| out.flush()).err();
        // What a failed write has left in the buffer must not be tried again.
        drop(out.into_parts());
    }
}

/// What became of the printed results, once all work is done.
pub(super) fn finish() -> Outcome {
    let failure = FAILURE
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    match failure {
        Some(error) if error.kind() != io::ErrorKind::BrokenPipe => Ok(Err(error).in_file(STDOUT)?),
        _ => Ok(()),
    }
}

/// Standard output, to write data to.
pub(super) fn data() -> impl Write + Send {
    io::stdout()
}

/// Leaves out what [`note`] would say.
pub(super) fn be_quiet() {
    IS_QUIET.store(true, Ordering::Relaxed);
}

/// Says a line to the person, unless there is to be no talk.
pub(super) fn note(words: impl Display) {
    if !IS_QUIET.load(Ordering::Relaxed) {
        say(words);
    }
}

/// Says a line to the person in any case. If even standard error fails, there is nobody to tell.
pub(super) fn say(words: impl Display) {
    let words = said(&words.to_string());
    let _ = writeln!(io::stderr().lock(), "{words}");
}

/// The same of some lines.
pub(super) fn say_lines(words: impl Display) {
    let words = said_lines(&words.to_string());
    let _ = write!(io::stderr().lock(), "{words}");
}

/// Whether a person looks at standard error.
pub(super) fn has_viewer() -> bool {
    io::stderr().is_terminal()
}

/// Whether a person reads standard output.
pub(super) fn has_reader() -> bool {
    io::stdout().is_terminal()
}
