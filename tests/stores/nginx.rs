//! The command over nginx, where there is one: TLS under an authority of our own, entity tags, and redirects.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};

use paginum::Array;
use paginum::container::npy;

use crate::command::{Running, here, run, words};

struct Nginx {
    running: Running,
    port: u16,
}

impl Nginx {
    /// Serves `folder/www`. Nothing where there is no nginx.
    fn new(folder: &Path) -> Option<Self> {
        // Taken again by the server a moment later: it cannot be asked for a port of its own choice.
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let at = |name: &str| folder.join(name).display().to_string();
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .iter()
            .map(|kind| format!("{kind}_temp_path {};\n", at(kind)))
            .collect();
        let configuration = format!(
            "daemon off; master_process off; pid {pid}; error_log {log};
             events {{ worker_connections 64; }}
             http {{
               access_log off; gzip on; gzip_types application/octet-stream;
               {temporary}
               server {{
                 listen 127.0.0.1:{port} ssl;
                 ssl_certificate {certificate}; ssl_certificate_key {key};
                 root {root};
                 location /moved {{ return 302 /x.npy; }}
                 location /plain {{ return 302 http://127.0.0.1:{port}/x.npy; }}
               }}
             }}",
            pid = at("pid"),
            log = at("log"),
            root = at("www"),
            certificate = here("tls/cert.pem").display(),
            key = here("tls/key.pem").display(),
        );
        std::fs::write(folder.join("conf"), configuration).unwrap();
        let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/usr/local/sbin";
        let child = Command::new("nginx")
            .args(["-p", &at(""), "-c", &at("conf"), "-e", &at("log")])
            .env("PATH", path)
            .stderr(Stdio::null())
            .spawn();
        let Ok(child) = child else {
            eprintln!("skipped: there is no nginx here");
            return None;
        };
        let mut server = Self {
            running: Running(child),
            port,
        };
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = server.running.0.try_wait().unwrap();
            let log = || std::fs::read_to_string(folder.join("log"));
            assert!(ended.is_none(), "nginx has ended: {:?}", log());
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        Some(server)
    }
}

#[test]
fn nginx_is_read_over_tls() {
    let folder = tempfile::tempdir().unwrap();
    let www = folder.path().join("www");
    std::fs::create_dir(&www).unwrap();
    let values: Vec<i64> = (0..200_000).collect();
    let array = Array::from_numbers(&values).unwrap();
    std::fs::write(www.join("x.npy"), npy::to_bytes(&array)).unwrap();
    let Some(server) = Nginx::new(folder.path()) else {
        return;
    };
    let url = |name: &str| format!("https://localhost:{}/{name}", server.port);
    for name in ["x.npy", "moved"] {
        let output = run(&["-v", "cat", &url(name), "--rows", "150000"]);
        let words = words(&output);
        assert!(output.status.success(), "{words}");
        assert!(
            words.contains("150000\n") && words.contains("206, "),
            "{words}"
        );
        assert!(!words.contains("downloaded whole"), "{words}");
    }
    let refused = run(&["ls", &url("plain")]);
    assert_eq!(refused.status.code(), Some(6), "{}", words(&refused));
    assert!(
        words(&refused).contains("from https to http"),
        "{}",
        words(&refused)
    );
    let missing = run(&["ls", &url("missing")]);
    assert_eq!(missing.status.code(), Some(6), "{}", words(&missing));
}
