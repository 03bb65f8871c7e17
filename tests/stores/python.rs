//! The command over a real web server: Python's, in plain and over TLS.

use std::path::Path;
use std::process::Command;

use paginum::Array;
use paginum::container::npy;

use crate::command::{Running, here, run, words};

/// A server of the files in a folder, until it is dropped.
struct Server {
    _running: Running,
    scheme: &'static str,
    port: u16,
}

impl Server {
    /// Nothing where there is no Python.
    fn new(folder: &Path, is_secure: bool) -> Option<Self> {
        let mut command = Command::new("python3");
        command.arg(here("server.py")).arg(folder);
        if is_secure {
            command.args([here("tls/cert.pem"), here("tls/key.pem")]);
        }
        let Ok((running, port)) = Running::start(&mut command) else {
            eprintln!("skipped: there is no python3 here");
            return None;
        };
        Some(Self {
            _running: running,
            scheme: if is_secure { "https" } else { "http" },
            port,
        })
    }

    fn url(&self, file: &str) -> String {
        format!("{}://localhost:{}/{file}", self.scheme, self.port)
    }
}

#[test]
fn verbs_take_addresses() {
    let folder = tempfile::tempdir().unwrap();
    let values: Vec<i64> = (0..200_000).map(|i| i * i % 10_007).collect();
    let array = Array::from_numbers(&values).unwrap();
    std::fs::write(folder.path().join("x.npy"), npy::to_bytes(&array)).unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    for is_secure in [false, true] {
        let Some(server) = Server::new(folder.path(), is_secure) else {
            return;
        };
        let url = server.url("x.npy");
        let pv = path(&format!("x{is_secure}.pv"));
        for (arguments, expected) in [
            (vec!["ls", &url], "200000"),
            (
                vec!["cat", &url, "--rows", "100000..100002"],
                "4900\n4761\n",
            ),
            (vec!["convert", &url, &pv], "1 array"),
            (
                vec!["verify", &server.url(&format!("x{is_secure}.pv"))],
                "ok",
            ),
            (vec!["diff", &url, &path("x.npy")], ""),
            (
                vec!["cp", &url, &path(&format!("copy{is_secure}.npy.gz"))],
                "bytes",
            ),
            (
                vec!["ls", &server.url(&format!("copy{is_secure}.npy.gz"))],
                "200000",
            ),
            (vec!["-v", "ls", &url], "206, 16384 bytes from 0"),
        ] {
            let output = run(&arguments);
            let words = words(&output);
            assert!(output.status.success(), "{arguments:?}: {words}");
            assert!(words.contains(expected), "{arguments:?}: {words}");
        }
        let missing = run(&["ls", &server.url("missing.pv?sig=hidden")]);
        assert_eq!(missing.status.code(), Some(6), "{}", words(&missing));
        assert!(!words(&missing).contains("hidden"), "{}", words(&missing));
        let refused = run(&["rm", &server.url(&format!("x{is_secure}.pv")), "x"]);
        assert_eq!(refused.status.code(), Some(4), "{}", words(&refused));
    }
}

#[test]
fn a_certificate_of_nobody_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let Some(server) = Server::new(folder.path(), true) else {
        return;
    };
    let output = Command::new(env!("CARGO_BIN_EXE_paginum"))
        .args(["ls", &server.url("x.npy")])
        .env_remove("SSL_CERT_FILE")
        .env("NO_PROXY", "*")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(6), "{}", words(&output));
}

#[test]
fn schemes_that_are_not_there_are_said() {
    let unknown = run(&["ls", "gopher://host/x"]);
    assert_eq!(unknown.status.code(), Some(4));
    assert!(
        words(&unknown).contains("http, https, mem"),
        "{}",
        words(&unknown)
    );
    let malformed = run(&["ls", "http://u:hidden%@host/x"]);
    assert_eq!(malformed.status.code(), Some(2));
    assert!(
        !words(&malformed).contains("hidden"),
        "{}",
        words(&malformed)
    );
}
