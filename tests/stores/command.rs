//! The command, and what the tests of it stand on.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A file beside these tests.
pub(crate) fn here(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/stores")
        .join(file)
}

/// Runs the command, which trusts the authority of these tests.
#[cfg(feature = "cli")]
pub(crate) fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_paginum"))
        .args(arguments)
        .env("SSL_CERT_FILE", here("tls/ca.pem"))
        .env("NO_PROXY", "*")
        .output()
        .unwrap()
}

/// All that the command said.
pub(crate) fn words(output: &Output) -> String {
    let both = [&output.stdout[..], &output.stderr].concat();
    String::from_utf8(both).unwrap()
}
