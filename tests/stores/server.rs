//! A web server that does what a test tells it to.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use paginum::Result;
use paginum::storage::{ReadAt, conformance};

/// What a client asked for.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// How many came before it.
    pub(crate) number: usize,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: Arc<Vec<u8>>,
    headers: Vec<(String, String)>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The range that is asked for, of a file of `len` bytes.
    pub(crate) fn range(&self, len: usize) -> Option<Range<usize>> {
        let (first, last) = self
            .header("range")?
            .strip_prefix("bytes=")?
            .split_once('-')?;
        let (first, last): (usize, usize) = (first.parse().ok()?, last.parse().ok()?);
        (first < len).then(|| first..len.min(last + 1))
    }
}

/// A server on this machine, until it is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    log: Arc<Mutex<Vec<Request>>>,
    is_over: Arc<AtomicBool>,
}

impl Server {
    /// Serves until it is dropped. `answer` writes the whole of an answer; then the connection is closed.
    pub(crate) fn new(
        answer: impl Fn(&Request, &mut dyn Write) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            log: Arc::default(),
            is_over: Arc::default(),
        };
        let (log, is_over, answer) = (server.log.clone(), server.is_over.clone(), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if is_over.load(Ordering::Relaxed) {
                    return;
                }
                let (log, answer) = (log.clone(), answer.clone());
                std::thread::spawn(move || {
                    // A client that went away is no failure of the server.
                    let _ = serve(stream?, &log, &*answer);
                    io::Result::Ok(())
                });
            }
        });
        server
    }

    /// The address of a file there.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }

    /// What was asked for so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.log.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(
    stream: TcpStream,
    log: &Mutex<Vec<Request>>,
    answer: &(dyn Fn(&Request, &mut dyn Write) -> io::Result<()> + Send + Sync),
) -> io::Result<()> {
    let mut reader = BufReader::new(&stream);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut words = first.split(' ').map(str::to_owned);
    let (method, path) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
    );
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let length = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length = length.and_then(|(_, value)| value.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    let request = {
        let mut log = log.lock().unwrap();
        let number = log.len();
        log.push(Request {
            number,
            method,
            path,
            body: Arc::new(body),
            headers,
        });
        log[number].clone()
    };
    answer(&request, &mut &stream)
}

/// An answer without a body, or with one.
pub(crate) fn reply(
    out: &mut dyn Write,
    status: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> io::Result<()> {
    let mut head = format!("HTTP/1.1 {status}\r\nConnection: close\r\n");
    if !headers.iter().any(|(name, _)| *name == "Content-Length") {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    out.write_all(format!("{head}\r\n").as_bytes())?;
    out.write_all(body)?;
    out.flush()
}

/// Answers as a server should that knows ranges and tags.
pub(crate) fn reply_range(
    request: &Request,
    out: &mut dyn Write,
    bytes: &[u8],
    tag: &str,
) -> io::Result<()> {
    if request
        .header("if-range")
        .is_some_and(|pinned| pinned != tag)
    {
        return reply(out, "200 OK", &[("ETag", tag)], bytes);
    }
    let Some(range) = request.range(bytes.len()) else {
        let unsatisfied = format!("bytes */{}", bytes.len());
        let status = "416 Range Not Satisfiable";
        return reply(out, status, &[("Content-Range", &unsatisfied)], b"");
    };
    let content_range = format!("bytes {}-{}/{}", range.start, range.end - 1, bytes.len());
    let headers = [
        ("Content-Range", content_range.as_str()),
        ("Last-Modified", "Tue, 02 Jan 2024 03:04:05 GMT"),
        ("ETag", tag),
    ];
    let n = if tag.is_empty() { 2 } else { 3 };
    reply(out, "206 Partial Content", &headers[..n], &bytes[range])
}

/// A server of one file that behaves.
/// Bytes that are not like each other.
pub(crate) fn noise(n: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let next = |_| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1);
        (state >> 56) as u8
    };
    (0..n).map(next).collect()
}

/// Holds files on such servers against what every store promises.
pub(crate) fn check_conforms(
    serve: impl Fn(Vec<u8>) -> Server,
    open: impl Fn(&str) -> Result<Arc<dyn ReadAt>>,
) {
    let servers = Mutex::new(Vec::new());
    conformance::check_read(&|bytes| {
        let server = serve(bytes.to_vec());
        let reader = open(&server.url("a"))?;
        servers.lock().unwrap().push(server);
        Ok(reader)
    });
}

pub(crate) fn good(bytes: Vec<u8>) -> Server {
    Server::new(move |request, out| reply_range(request, out, &bytes, "\"one\""))
}
