//! The engine against pco 1.1.0, against files of every version, and against itself at every tier.

#[path = "../support/mod.rs"]
mod support;

mod wire_writer;
