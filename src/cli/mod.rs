//! The command line: one file a verb.
//!
//! A verb parses its arguments into values that cannot be wrong, calls the library, and prints. Results go to standard
//! output, words to standard error. [`main`] ends with 0 done, 1 differences found (`diff`), 2 usage, 3 corrupt or truncated
//! input, 4 unsupported, 5 limit, 6 any other failure, 130 interrupted.

mod address;
mod advise;
mod again;
mod append;
mod bench;
mod bins;
mod called;
mod cat;
mod columns;
mod compact;
mod complete;
mod completions;
mod compress;
mod convert;
mod cp;
mod csv;
mod decompress;
mod diff;
mod differences;
mod failure;
mod format;
mod inputs;
mod inspect;
mod interrupt;
mod json_rows;
mod listing;
mod ls;
mod man;
mod number;
mod opening;
mod output;
mod outputs;
mod pack;
mod plot;
mod printable;
mod pv_options;
mod raw_options;
mod records;
mod renewed;
mod repair;
mod replaced;
mod rm;
mod rows;
mod safe_path;
mod session;
mod size;
mod source;
mod spelled;
mod stdio;
mod streams;
mod table;
mod target;
mod unpack;
mod verify;
mod view;
mod walk;
mod windows;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

use crate::error::shown::{self, MAX_NAME};
use failure::{Failure, Outcome, Tally};
use session::Session;

/// Typed numeric arrays, in pages: smaller than general-purpose compressors make them, and any rows without the rest
#[derive(Debug, Parser)]
#[command(name = "paginum", version, arg_required_else_help = true)]
#[command(
    after_help = "Arrays have the names that ls shows; the array of a .npy, .pco or raw file is called like the file.

Exit status: 0 done, 1 differences found (diff), 2 usage, 3 corrupt or truncated input,
4 unsupported, 5 limit reached, 6 any other failure, 130 interrupted."
)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    session: Session,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Compress(compress::Compress),
    Decompress(decompress::Decompress),
    Cat(cat::Cat),
    Ls(ls::Ls),
    Inspect(inspect::Inspect),
    View(view::View),
    Verify(verify::Verify),
    Pack(pack::Pack),
    Unpack(unpack::Unpack),
    Append(append::Append),
    Rm(rm::Rm),
    Compact(compact::Compact),
    Repair(repair::Repair),
    Diff(diff::Diff),
    Convert(convert::Convert),
    Cp(cp::Cp),
    Advise(advise::Advise),
    Bench(bench::Bench),
    Completions(completions::Completions),
    Man(man::Man),
    Complete(complete::Complete),
}

impl Verb {
    fn run(&self, session: &Session) -> Outcome {
        match self {
            Self::Compress(verb) => verb.run(session),
            Self::Decompress(verb) => verb.run(session),
            Self::Cat(verb) => verb.run(session),
            Self::Ls(verb) => verb.run(session),
            Self::Inspect(verb) => verb.run(session),
            Self::View(verb) => verb.run(session),
            Self::Verify(verb) => verb.run(session),
            Self::Pack(verb) => verb.run(session),
            Self::Unpack(verb) => verb.run(session),
            Self::Append(verb) => verb.run(session),
            Self::Rm(verb) => verb.run(session),
            Self::Compact(verb) => verb.run(session),
            Self::Repair(verb) => verb.run(session),
            Self::Diff(verb) => verb.run(session),
            Self::Convert(verb) => verb.run(session),
            Self::Cp(verb) => verb.run(session),
            Self::Advise(verb) => verb.run(session),
            Self::Bench(verb) => verb.run(session),
            Self::Completions(verb) => verb.run(),
            Self::Man(verb) => verb.run(session),
            Self::Complete(verb) => verb.run(),
        }
    }
}

/// Runs the command that the process' arguments are.
#[must_use]
pub fn main() -> ExitCode {
    ExitCode::from(run(std::env::args_os()))
}

/// Runs the command that some arguments are, its own name first, and returns its exit status.
pub(crate) fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let mut tally = Tally::default();
    let given: Vec<OsString> = arguments.into_iter().collect();
    let arguments = match address::hide_secrets(given.iter().cloned()) {
        Ok(arguments) => arguments,
        Err(error) => {
            tally.add(Err(error.into()));
            return tally.status();
        }
    };
    match Arguments::try_parse_from(arguments) {
        Ok(arguments) => {
            interrupt::install();
            arguments.session.start();
            tally.add(arguments.verb.run(&arguments.session));
            tally.add(arguments.session.skipped());
        }
        Err(words) => {
            tally.add(say_usage(&words, &given));
            if let Some(file) = file_for_verb(&words, &given) {
                let file = shown::name(file);
                stdio::say(format_args!(
                    "paginum: ls {file} lists the arrays of a file"
                ));
            }
        }
    }
    tally.add(stdio::finish());
    tally.status()
}

/// Prints help where it was asked for, and says what is wrong with arguments.
fn say_usage(words: &clap::Error, given: &[OsString]) -> Outcome {
    if words.use_stderr() {
        let is_plain = |word: &OsString| {
            let word = word.to_string_lossy();
            word.len() <= MAX_NAME && !word.chars().any(printable::is_command)
        };
        if given.iter().all(is_plain) {
            // In colour. If standard error fails there is nobody to tell.
            let _ = words.print();
        } else {
            stdio::say_lines(with_harmless(words, given).render());
        }
        return Err(Failure::Said(failure::USAGE));
    }
    stdio::write(|_| words.print());
    Ok(())
}

/// The file that was given where a verb should stand.
fn file_for_verb<'a>(words: &clap::Error, given: &'a [OsString]) -> Option<&'a str> {
    let first = given.get(1)?.to_str()?;
    let is_file = words.kind() == ErrorKind::InvalidSubcommand && Path::new(first).is_file();
    is_file.then_some(first)
}

/// What is wrong with arguments, said of what they are shown as: they are told apart from the lines around them.
fn with_harmless(words: &clap::Error, given: &[OsString]) -> clap::Error {
    let shown = given
        .iter()
        .map(|word| OsString::from(shown::name(&word.to_string_lossy())));
    let parsed = address::hide_secrets(shown)
        .ok()
        .and_then(|shown| Arguments::try_parse_from(shown).err());
    match parsed {
        Some(shown) if shown.kind() == words.kind() => shown,
        // Of all that is said of them, the first line.
        _ => clap::Error::raw(
            words.kind(),
            format!("{}\n", shown::line(&words.to_string())),
        ),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn arguments_are_consistent() {
        Arguments::command().debug_assert();
    }
}
