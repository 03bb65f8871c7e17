//! Writing a `.pco` file as a container of its one array.

use super::{PcoOptions, PcoWriter};
use crate::container::output::Output;
use crate::container::writer::{ArraySink, ContainerWriter, NewArray, WriteReport};
use crate::error::{Error, Result, ResultExt};
use crate::storage::{Durability, Store};

/// Writes the array of a `.pco` file.
pub(super) struct One {
    options: PcoOptions,
    state: State,
}

enum State {
    /// No array yet.
    Waiting(Output),
    Writing(Box<PcoWriter<Output>>),
    /// An array was refused.
    Refused,
}

impl One {
    pub(super) fn new(store: &dyn Store, options: PcoOptions) -> Result<Self> {
        Ok(Self {
            options,
            state: State::Waiting(Output::new(store)?),
        })
    }
}

impl ContainerWriter for One {
    fn begin(&mut self, array: NewArray<'_>) -> Result<Box<dyn ArraySink + '_>> {
        let State::Waiting(output) = std::mem::replace(&mut self.state, State::Refused) else {
            return Err(Error::invalid("files of this format hold one array"));
        };
        let writer = PcoWriter::new(array.spec.clone(), self.options.clone(), output)
            .in_array(array.name)?;
        self.state = State::Writing(Box::new(writer));
        match &mut self.state {
            State::Writing(writer) => Ok(Box::new(Sink(writer))),
            _ => Err(Error::invalid("files of this format hold one array")),
        }
    }

    fn commit(self: Box<Self>) -> Result<WriteReport> {
        let State::Writing(writer) = self.state else {
            return Err(Error::invalid("a file of this format holds an array"));
        };
        writer.into_output()?.0.commit(Durability::Synced)
    }
}

struct Sink<'a>(&'a mut PcoWriter<Output>);

impl ArraySink for Sink<'_> {
    fn push_rows(&mut self, rows: &[u8]) -> Result<()> {
        self.0.push(rows)
    }

    fn finish(self: Box<Self>) -> Result<()> {
        self.0.check_is_whole()
    }
}
