//! `complete`: what could stand at the cursor. A hidden verb that the scripts of `completions` call.
//!
//! It prints a candidate a line, with a tab and what it is behind it. Verbs, options and values come from clap's
//! description of the arguments, so that they are those of this very build; names of arrays come from the file that the
//! command line names. No line at all means that files are expected.

use std::path::PathBuf;

use clap::{Arg, Command, CommandFactory};

use super::failure::Outcome;
use super::{Arguments, called, stdio};
use crate::container::{Formats, OpenOptions};
use crate::storage::{FileStore, Store};

/// List what could stand at the cursor
#[derive(Debug, clap::Args)]
#[command(hide = true)]
pub(super) struct Complete {
    /// The words behind the program's name up to the cursor; the last is being written
    #[arg(last = true)]
    words: Vec<String>,
}

/// Arguments that are names of arrays of the first file of the command line.
const ARRAY_ARGUMENTS: [&str; 2] = ["array", "arrays"];
/// Options whose value may be `NAME=VALUE`, with the name of an array of any file of the command line.
const NAMED_VALUES: [&str; 1] = ["filters"];

impl Complete {
    pub(super) fn run(&self) -> Outcome {
        let mut command = Arguments::command();
        command.build();
        stdio::write(|out| {
            for candidate in candidates(&command, &self.words) {
                match candidate.about.is_empty() {
                    true => writeln!(out, "{}", candidate.text)?,
                    false => writeln!(out, "{}\t{}", candidate.text, candidate.about)?,
                }
            }
            Ok(())
        });
        Ok(())
    }
}

/// What could stand at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Candidate {
    text: String,
    about: String,
}

impl Candidate {
    fn new(text: impl Into<String>, about: Option<impl ToString>) -> Self {
        let about = about.map(|about| about.to_string()).unwrap_or_default();
        Self {
            text: text.into(),
            about: about.lines().next().unwrap_or_default().to_owned(),
        }
    }
}

/// The words before the cursor, as clap would read them.
struct Line<'a> {
    /// The verb, or the program while there is none.
    command: &'a Command,
    positionals: Vec<&'a str>,
    /// An option that waits for its value.
    open_option: Option<&'a Arg>,
    /// Behind `--` nothing is an option.
    has_only_positionals: bool,
}

fn candidates(command: &Command, words: &[String]) -> Vec<Candidate> {
    let (current, before) = match words.split_last() {
        Some((current, before)) => (current.as_str(), before),
        None => ("", &[][..]),
    };
    let line = Line::read(command, before);
    let mut found = line.candidates(current);
    found.retain(|candidate| candidate.text.starts_with(current));
    found
}

impl<'a> Line<'a> {
    fn read(command: &'a Command, words: &'a [String]) -> Self {
        let mut line = Self {
            command,
            positionals: Vec::new(),
            open_option: None,
            has_only_positionals: false,
        };
        words.iter().for_each(|word| line.take(word));
        line
    }

    fn take(&mut self, word: &'a str) {
        if self.open_option.take().is_some() {
            return;
        }
        if self.has_only_positionals || word == "-" || !word.starts_with('-') {
            match self.command.find_subcommand(word) {
                Some(verb) => self.command = verb,
                None => self.positionals.push(word),
            }
        } else if word == "--" {
            self.has_only_positionals = true;
        } else if let Some(long) = word.strip_prefix("--") {
            let takes_value = |option: &&Arg| option.get_action().takes_values();
            self.open_option = self.option(long).filter(takes_value);
        } else {
            self.take_short(word);
        }
    }

    /// `-qo`: options without a value, and one with a value at the end, which may be part of the word.
    fn take_short(&mut self, word: &str) {
        let mut letters = word.chars().skip(1);
        while let Some(letter) = letters.next() {
            let mut options = self.command.get_arguments();
            let option = options.find(|option| option.get_short() == Some(letter));
            if let Some(option) = option.filter(|option| option.get_action().takes_values()) {
                self.open_option = letters.next().is_none().then_some(option);
                return;
            }
        }
    }

    /// The option of a long name; none for `name=value`, which is complete.
    fn option(&self, long: &str) -> Option<&'a Arg> {
        let mut options = self.command.get_arguments();
        options.find(|option| option.get_long() == Some(long))
    }

    fn candidates(&self, current: &str) -> Vec<Candidate> {
        if let Some(option) = self.open_option {
            return self.values(option, current);
        }
        if !self.has_only_positionals && current.starts_with('-') && current != "-" {
            return match current.split_once('=') {
                Some((name, value)) => {
                    let option = self.option(name.trim_start_matches('-'));
                    let values = option.map(|option| self.values(option, value));
                    let mut values = values.unwrap_or_default();
                    for candidate in &mut values {
                        candidate.text = format!("{name}={}", candidate.text);
                    }
                    values
                }
                None => self.options(),
            };
        }
        if self.command.has_subcommands() {
            // Behind a word that is no verb there is nothing to say.
            if !self.positionals.is_empty() {
                return Vec::new();
            }
            let verbs = self.command.get_subcommands();
            let shown = verbs.filter(|verb| !verb.is_hide_set());
            return shown
                .map(|verb| Candidate::new(verb.get_name(), verb.get_about()))
                .collect();
        }
        let positionals: Vec<&Arg> = self.command.get_positionals().collect();
        let argument = positionals
            .get(self.positionals.len())
            .or_else(|| positionals.last());
        match argument {
            Some(argument) => self.values(argument, current),
            None => Vec::new(),
        }
    }

    fn options(&self) -> Vec<Candidate> {
        let options = self.command.get_arguments();
        let shown = options.filter(|option| !option.is_hide_set());
        shown
            .filter_map(|option| {
                let long = option.get_long()?;
                Some(Candidate::new(format!("--{long}"), option.get_help()))
            })
            .collect()
    }

    fn values(&self, argument: &Arg, current: &str) -> Vec<Candidate> {
        let id = argument.get_id().as_str();
        if ARRAY_ARGUMENTS.contains(&id) {
            let file = self.positionals.first();
            return file.map(|file| arrays(file, current)).unwrap_or_default();
        }
        let possible = argument.get_possible_values();
        let mut values: Vec<Candidate> = possible
            .iter()
            .filter(|value| !value.is_hide_set())
            .map(|value| Candidate::new(without_placeholder(value.get_name()), value.get_help()))
            .collect();
        if NAMED_VALUES.contains(&id) {
            match current.rsplit_once('=') {
                Some((name, _)) => {
                    for value in &mut values {
                        value.text = format!("{name}={}", value.text);
                    }
                }
                None => {
                    let files = self.positionals.iter();
                    let mut names: Vec<Candidate> =
                        files.flat_map(|file| arrays(file, current)).collect();
                    names.iter_mut().for_each(|name| name.text.push('='));
                    values.append(&mut names);
                }
            }
        }
        values
    }
}

/// `int-mult:` of `int-mult:BASE`: what is in capitals is for the user to fill in.
fn without_placeholder(spelling: &str) -> &str {
    match spelling.split_once(':') {
        Some((_, rest)) if rest.starts_with(char::is_uppercase) => {
            &spelling[..spelling.len() - rest.len()]
        }
        _ => spelling,
    }
}

/// The arrays of a file: by name, and by path where a path is being written. A file that cannot be read has none.
fn arrays(file: &str, current: &str) -> Vec<Candidate> {
    let path = match (file.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(file),
    };
    let open = || {
        // Opening a pipe would wait for its other end.
        path.is_file().then_some(())?;
        let bytes = FileStore::new(&path).open().ok()?;
        Formats::default().open(bytes, &OpenOptions::default()).ok()
    };
    let container = match open() {
        Some(container) if called::has_names(&*container) => container,
        _ => return Vec::new(),
    };
    let names = called::shown(&*container);
    let mut found: Vec<Candidate> = Vec::new();
    for (index, name) in names.iter().enumerate().take(container.n_arrays()) {
        let about = container.entry(index).ok();
        let about = about.map(|entry| format!("{} {:?}", entry.dtype, entry.shape));
        let path = container.path(index);
        let text = match current.contains('/') || !path.starts_with(current) {
            true if path.starts_with(current) && !name.starts_with(current) => path,
            _ => name,
        };
        // A name that would be two lines or two columns is none that could be typed either.
        if !text.chars().any(char::is_control) {
            found.push(Candidate::new(text, about));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(words: &str) -> Vec<String> {
        let mut command = Arguments::command();
        command.build();
        let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
        let found = candidates(&command, &words);
        found.into_iter().map(|candidate| candidate.text).collect()
    }

    #[test]
    fn verbs_options_and_values_are_those_of_the_arguments() {
        assert_eq!(texts("comp"), ["compress", "compact", "completions"]);
        assert_eq!(texts("help comp"), ["compress", "compact", "completions"]);
        assert_eq!(texts("compress --mo"), ["--mode"]);
        assert_eq!(texts("--qui"), ["--quiet"]);
        assert_eq!(
            texts("compress a.npy --delta co"),
            ["consecutive:", "conv1:"]
        );
        assert_eq!(texts("compress --mode=int"), ["--mode=int-mult:"]);
        assert_eq!(texts("compress --mode=auto --delta n"), ["none"]);
        assert_eq!(texts("completions z"), ["zsh"]);
        assert_eq!(texts("compress -qfl "), texts("compress --level "));
    }

    #[test]
    fn files_are_left_to_the_shell() {
        for words in [
            "compress ",
            "compress a.npy ",
            "compress -o ",
            "compress -- --mo",
            "cat nowhere.npz ",
            "nonsense ",
            "compress --nonsense=",
        ] {
            assert_eq!(texts(words), [""; 0], "{words}");
        }
    }
}
