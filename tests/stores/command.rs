//! The command, and what the tests of it stand on.

use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
#[cfg(feature = "cli")]
use std::process::Output;
use std::process::{Child, Command, Stdio};

/// A file beside these tests.
pub(crate) fn here(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/stores")
        .join(file)
}

/// A server in a process of its own, until it is dropped.
pub(crate) struct Running(pub(crate) Child);

impl Running {
    /// Starts a server that prints its port, perhaps after a greeting, and ends with its input.
    pub(crate) fn start(command: &mut Command) -> io::Result<(Self, u16)> {
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut server = Self(child?);
        let mut lines = BufReader::new(server.0.stdout.as_mut().unwrap()).lines();
        let port = lines.find_map(|line| line.unwrap().trim().parse().ok());
        Ok((server, port.expect("the server prints its port")))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
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
#[cfg(feature = "cli")]
pub(crate) fn words(output: &Output) -> String {
    let both = [&output.stdout[..], &output.stderr].concat();
    String::from_utf8(both).unwrap()
}

/// An interpreter that has a module: that of the peers, or the usual one. Nothing, and a word, where neither has.
#[cfg(any(feature = "cloud", feature = "ftp"))]
pub(crate) fn python_with(module: &str) -> Option<String> {
    let python = match std::env::var("PAGINUM_PEERS") {
        Ok(peers) => format!("{peers}/python-0.7.0"),
        Err(_) => "python3".to_owned(),
    };
    let status = Command::new(&python)
        .args(["-c", &format!("import {module}")])
        .stderr(Stdio::null())
        .status();
    if status.is_ok_and(|status| status.success()) {
        return Some(python);
    }
    eprintln!("skipped: there is no Python with {module} here");
    None
}
