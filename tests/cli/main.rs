//! The command, run as a user runs it.

mod arrays;
mod bad_input;
mod bench;
mod interrupt;
mod look;
mod outputs;
mod round_trip;
mod run;
