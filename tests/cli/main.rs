//! The command, run as a user runs it.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod arrays;
mod bad_input;
mod bench;
mod calling;
mod completing;
mod containers;
mod converting;
mod csv;
mod differences;
mod fits;
mod foreign;
mod gnz;
mod hostile_names;
mod inspecting;
mod interrupt;
mod look;
mod mutations;
mod naming;
mod orders;
mod outputs;
mod packing;
mod pictures;
mod printing;
mod refusals;
mod repair;
mod round_trip;
mod run;
mod streams;
mod trouble;
mod types;
