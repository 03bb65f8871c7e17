//! The engine against pco 1.1.0, against files of every version, and against itself at every tier.

#[path = "../support/mod.rs"]
mod support;

mod arguments;
mod choices;
mod differential;
mod indexed_pages;
mod matrix;
mod official_files;
mod old_versions;
mod partial_reads;
mod rooms;
mod rows;
mod sizes;
mod threads;
mod wire_writer;
