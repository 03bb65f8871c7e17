//! Connections to a web server are used again: opening one costs two round trips, and more with TLS.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use paginum::storage::{Drivers, Part};

const FILE_BYTES: usize = 8 << 20;

/// Answers requests for ranges of zeros, one after another, until the client goes away.
fn serve(stream: &TcpStream) -> io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let mut out = stream;
    loop {
        let mut range = None;
        for line in &mut lines {
            let line = line?.to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some((first, last)) = line
                .strip_prefix("range: bytes=")
                .and_then(|asked| asked.split_once('-'))
            {
                range = Some((first.parse().unwrap(), last.parse().unwrap()));
            }
        }
        let Some((first, last)): Option<(usize, usize)> = range else {
            return Ok(());
        };
        let n = last + 1 - first;
        write!(
            out,
            "HTTP/1.1 206 Partial Content\r\nContent-Length: {n}\r\nETag: \"one\"\r\n\
             Content-Range: bytes {first}-{last}/{FILE_BYTES}\r\n\r\n"
        )?;
        out.write_all(&vec![0; n])?;
    }
}

#[test]
fn as_many_connections_stay_open_as_there_are_requests_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/x", listener.local_addr().unwrap());
    let n_opened = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&n_opened);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            counted.fetch_add(1, Ordering::Relaxed);
            std::thread::spawn(move || serve(&stream));
        }
    });
    let reader = Drivers::default().store(&url).unwrap().open().unwrap();
    let at_once = reader.access().max_in_flight;
    let mut buf = vec![1; at_once];
    for round in 0..20 {
        // Too far apart to be merged, and never asked for before.
        let offset = |i: usize| (100 * round + i * (FILE_BYTES / at_once) + 50_000) as u64;
        let mut parts: Vec<Part<'_>> = buf
            .chunks_mut(1)
            .enumerate()
            .map(|(i, buf)| Part::new(offset(i), buf))
            .collect();
        reader.read_many(&mut parts).unwrap();
    }
    let n = n_opened.load(Ordering::Relaxed);
    eprintln!("{n} connections for 20 times {at_once} requests");
    // A connection may be on its way back when the next request wants one.
    assert!(n <= 2 * at_once, "{n} connections");
}
