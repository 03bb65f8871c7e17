//! A web server of one file, which keeps connections open and knows nothing but ranges.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

pub(crate) struct Server {
    pub(crate) url: String,
}

impl Server {
    /// Serves bytes until the program ends.
    pub(crate) fn start(bytes: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/file", listener.local_addr().unwrap());
        let bytes = Arc::new(bytes);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let bytes = bytes.clone();
                // A client that went away is no failure of the server.
                std::thread::spawn(move || drop(serve(&stream, &bytes)));
            }
        });
        Self { url }
    }
}

fn serve(mut stream: &TcpStream, bytes: &[u8]) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut lines = BufReader::new(stream).lines();
    loop {
        let (mut range, mut is_head, mut is_first) = (None, false, true);
        for line in &mut lines {
            let line = line?.to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            is_head |= line.starts_with("head ");
            is_first = false;
            if let Some(asked) = line.strip_prefix("range: bytes=") {
                let (first, last) = asked.split_once('-').unwrap_or((asked, ""));
                let last = last.parse().unwrap_or(usize::MAX).min(bytes.len() - 1);
                range = Some(first.parse().unwrap_or(0)..last + 1);
            }
        }
        if is_first {
            return Ok(());
        }
        let (status, part) = match &range {
            Some(range) => ("206 Partial Content", &bytes[range.clone()]),
            None => ("200 OK", bytes),
        };
        let of = range.map_or(String::new(), |range| {
            let (first, last, all) = (range.start, range.end - 1, bytes.len());
            format!("Content-Range: bytes {first}-{last}/{all}\r\n")
        });
        let n = part.len();
        let fixed = "ETag: \"one\"\r\nLast-Modified: Sun, 29 Nov 2026 00:00:00 GMT\r\nAccept-Ranges: bytes\r\n";
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: {n}\r\n{fixed}{of}\r\n");
        stream.write_all(head.as_bytes())?;
        if !is_head {
            stream.write_all(part)?;
        }
    }
}
