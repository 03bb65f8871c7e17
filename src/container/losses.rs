//! Arrays that will be read back as something else than they were given: what a writer says when it is done.

use std::fmt::Display;

use crate::array::{ArraySpec, Order};
use crate::error::Result;

/// The first of them in words, and how many more there are.
#[derive(Debug, Default)]
pub(super) struct Losses {
    first: Option<String>,
    n_more: u64,
}

/// That an array is read back as something else than was given.
pub(super) fn words(name: &str, given: impl Display, read: impl Display, format: &str) -> String {
    format!("{name:?}, {given}, is read back from a .{format} as {read}")
}

impl Losses {
    /// Takes note of an array that will be read as something else.
    pub(super) fn add(
        &mut self,
        name: &str,
        given: impl Display,
        read: impl Display,
        format: &str,
    ) {
        self.say(|| words(name, given, read, format));
    }

    /// The same of an array whose name a format has no place for.
    #[cfg(any(feature = "png", feature = "pzp"))]
    pub(super) fn add_name(&mut self, name: &str, format: &str) {
        self.say(|| format!("{name:?} is read back from a .{format} without its name"));
    }

    fn say(&mut self, words: impl FnOnce() -> String) {
        match self.first {
            Some(_) => self.n_more += 1,
            None => self.first = Some(words()),
        }
    }

    /// The same of an array whose order of layout, or of bytes, the format does not keep, if it has another one.
    ///
    /// # Errors
    /// Those of types that there are not.
    pub(super) fn see(
        &mut self,
        name: &str,
        given: &ArraySpec,
        keeps_bytes: bool,
        format: &str,
    ) -> Result<()> {
        let dtype = match keeps_bytes {
            true => given.dtype(),
            false => given.dtype().to_string().replace('>', "<").parse()?,
        };
        let read = ArraySpec::new(dtype, given.shape())?.with_order(Order::C);
        if read != *given {
            self.add(name, given, read, format);
        }
        Ok(())
    }

    /// What is to be said: one line, however many arrays there are.
    pub(super) fn note(&self) -> Option<String> {
        let first = self.first.as_deref()?;
        let others = match self.n_more {
            0 => String::new(),
            1 => "; another array as something else, too".to_owned(),
            n => format!("; {n} more arrays as something else, too"),
        };
        Some(format!("{first}{others}"))
    }
}
