//! Arguments that are one of a few words, some with a number behind a colon: help, messages and completions know all of
//! them.

use std::ffi::OsStr;
use std::fmt::Display;
use std::str::FromStr;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Arg, Command};

/// Parses an argument, and tells how it is spelled.
#[derive(Clone)]
pub(super) struct Spelled<T> {
    /// Every spelling, with what the user fills in in capitals: `int-mult:BASE`.
    spellings: &'static [&'static str],
    /// Parses one; the words of a refusal stand behind those of clap.
    parse: fn(&str) -> Result<T, String>,
}

impl<T: FromStr<Err: Display>> Spelled<T> {
    /// Parses what the type itself parses.
    pub(super) fn new(spellings: &'static [&'static str]) -> Self {
        Self::by(spellings, |text| {
            text.parse().map_err(|error: T::Err| {
                let words = error.to_string();
                // clap has said that it is an argument, and invalid. The engine says so, too.
                words
                    .strip_prefix("invalid argument: ")
                    .map_or(words.clone(), str::to_owned)
            })
        })
    }
}

impl<T> Spelled<T> {
    /// Parses by a function.
    pub(super) fn by(
        spellings: &'static [&'static str],
        parse: fn(&str) -> Result<T, String>,
    ) -> Self {
        Self { spellings, parse }
    }
}

impl<T: Clone + Send + Sync + 'static> TypedValueParser for Spelled<T> {
    type Value = T;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<T, clap::Error> {
        self.parse.parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(
            self.spellings.iter().copied().map(PossibleValue::new),
        ))
    }
}
