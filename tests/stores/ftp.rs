//! FTP servers: pyftpdlib's, in plain and over TLS, where a Python has it.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use paginum::ErrorKind;
use paginum::storage::{Drivers, ReadAt, StoreOptions, conformance};

use crate::command::{Running, here, python_with};
use crate::matrix::{array, check, for_each_file};

struct Server {
    _running: Running,
    port: u16,
}

impl Server {
    /// Nothing where there is no such server.
    fn new(folder: &Path, is_secure: bool) -> Option<Self> {
        let python = python_with("pyftpdlib")?;
        let mut command = Command::new(python);
        command.arg(here("ftp_server.py")).arg(folder);
        if is_secure {
            command.args([here("tls/cert.pem"), here("tls/key.pem")]);
        }
        let (running, port) = Running::start(command.stderr(Stdio::null())).unwrap();
        Some(Self {
            _running: running,
            port,
        })
    }
}

fn open(url: &str) -> paginum::Result<Arc<dyn ReadAt>> {
    let mut options = StoreOptions::default();
    options.max_retries = 1;
    Drivers::default().with_options(options).open(url)
}

#[test]
fn an_ftp_server_conforms() {
    let folder = tempfile::tempdir().unwrap();
    let Some(server) = Server::new(folder.path(), false) else {
        return;
    };
    let number = Mutex::new(0);
    conformance::check_read(&|bytes| {
        let mut number = number.lock().unwrap();
        *number += 1;
        let name = format!("a b{number}");
        std::fs::write(folder.path().join(&name), bytes)?;
        Ok(open(&format!(
            "ftp://127.0.0.1:{}/{}",
            server.port,
            name.replace(' ', "%20")
        ))?)
    });
}

#[test]
fn every_container_is_read_from_an_ftp_server() {
    let folder = tempfile::tempdir().unwrap();
    let Some(server) = Server::new(folder.path(), false) else {
        return;
    };
    for_each_file(folder.path(), |_, name, extension| {
        let url = format!("ftp://127.0.0.1:{}/{name}", server.port);
        let store = Drivers::default().store(&url).unwrap();
        check(&*store, extension, &array(7));
    });
}

#[test]
fn users_are_known_and_others_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a"), b"0123456789").unwrap();
    let Some(server) = Server::new(folder.path(), false) else {
        return;
    };
    let port = server.port;
    assert_eq!(
        open(&format!("ftp://ann:p%40ss@127.0.0.1:{port}/a"))
            .unwrap()
            .len(),
        10
    );
    let error = open(&format!("ftp://ann:hidden@127.0.0.1:{port}/a")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    assert!(!format!("{error} {error:?}").contains("hidden"));
    let error = open(&format!("ftp://127.0.0.1:{port}/b")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    let error = open(&format!("ftps://127.0.0.1:{port}/a")).unwrap_err();
    assert!(!error.kind().is_damage(), "no TLS there: {error}");
    let error = open(&format!("ftp://127.0.0.1:{port}/a%0d%0aDELE%20a")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
}

#[test]
fn a_file_that_was_replaced_is_said_to_be() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    std::fs::write(&path, vec![1; 200_000]).unwrap();
    let Some(server) = Server::new(folder.path(), false) else {
        return;
    };
    let reader = open(&format!("ftp://127.0.0.1:{}/a", server.port)).unwrap();
    assert!(!reader.has_changed());
    std::fs::write(&path, vec![2; 199_999]).unwrap();
    assert!(reader.has_changed());
}

#[cfg(feature = "cli")]
#[test]
fn a_secure_server_is_read_securely() {
    let folder = tempfile::tempdir().unwrap();
    let values: Vec<i64> = (0..1000).collect();
    let array = paginum::Array::from_numbers(&values).unwrap();
    let file = paginum::container::npy::to_bytes(&array);
    std::fs::write(folder.path().join("x.npy"), file).unwrap();
    let Some(server) = Server::new(folder.path(), true) else {
        return;
    };
    for (scheme, is_good) in [("ftps", true), ("ftp", false)] {
        let url = format!("{scheme}://localhost:{}/x.npy", server.port);
        let output = crate::command::run(&["cat", &url, "--rows", "500"]);
        let words = crate::command::words(&output);
        assert_eq!(output.status.success(), is_good, "{words}");
        assert_eq!(words == "500\n", is_good, "{words}");
    }
}
