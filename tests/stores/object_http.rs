//! Web servers asked by the library of the object stores, where a caller wants that: what holds of the usual store holds of it.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use paginum::storage::{Drivers, ObjectHttp, Part, ReadAt, StoreOptions};
use paginum::{Error, ErrorKind, Result};

use crate::server::{Request, Server, check_conforms, noise, reply, reply_range};

fn drivers(change: impl FnOnce(&mut StoreOptions)) -> Drivers {
    let mut options = StoreOptions::default();
    options.max_retries = 1;
    options.timeout = Duration::from_secs(20);
    options.inflates = false;
    change(&mut options);
    Drivers::default()
        .with_options(options)
        .with("http", Arc::new(ObjectHttp))
        .with("https", Arc::new(ObjectHttp))
}

fn open(url: &str) -> Result<Arc<dyn ReadAt>> {
    drivers(|_| ()).open(url)
}

/// Answers as a server should that knows conditions, too.
fn answer(request: &Request, out: &mut dyn Write, bytes: &[u8], tag: &str) -> io::Result<()> {
    if request.method == "HEAD" {
        let length = bytes.len().to_string();
        let headers = [("Content-Length", length.as_str()), ("ETag", tag)];
        return reply(out, "200 OK", &headers, b"");
    }
    if request
        .header("if-match")
        .is_some_and(|pinned| pinned != tag)
    {
        return reply(out, "412 Precondition Failed", &[], b"");
    }
    reply_range(request, out, bytes, tag)
}

fn good(bytes: Vec<u8>) -> Server {
    Server::new(move |request, out| answer(request, out, &bytes, "\"one\""))
}

/// A server of 100,000 bytes, the answers of which from the second on are those of `later`.
fn later(
    later: impl Fn(&Request, &mut dyn Write, &[u8]) -> io::Result<()> + Send + Sync + 'static,
) -> Server {
    let bytes = noise(100_000);
    Server::new(move |request, out| match request.number {
        0 => answer(request, out, &bytes, "\"one\""),
        _ => later(request, out, &bytes),
    })
}

/// Opens a file of 100,000 bytes, and reads some behind the first ones.
fn read_behind(server: &Server) -> Result<()> {
    let reader = open(&server.url("a"))?;
    let mut buf = [0; 100];
    reader.read_exact_at(&mut buf, 50_000)?;
    assert_eq!(buf, noise(100_000)[50_000..50_100]);
    Ok(())
}

#[test]
fn a_good_server_conforms() {
    check_conforms(good, open);
}

#[test]
fn requests_are_those_for_bytes_of_one_version() {
    let bytes = noise(1_000_000);
    let server = good(bytes.clone());
    let path = "a%2Fb%20(c)?sig=x%2By&z";
    let reader = open(&server.url(path)).unwrap();
    let mut part = [0; 10];
    reader
        .read_many(&mut [Part::new(500_000, &mut part)])
        .unwrap();
    assert_eq!(part, bytes[500_000..500_010]);
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    for request in &requests {
        assert_eq!(request.path, format!("/{path}"), "as it was given");
        assert_eq!(request.header("accept-encoding"), None);
        assert!(
            request
                .header("user-agent")
                .unwrap()
                .starts_with("paginum/")
        );
    }
    assert_eq!(requests[0].header("range"), Some("bytes=0-16383"));
    assert_eq!(requests[1].header("range"), Some("bytes=500000-500009"));
    assert_eq!(requests[1].header("if-match"), Some("\"one\""));
    assert_eq!(reader.version().unwrap().as_str(), "\"one\"");
}

#[test]
fn other_bytes_than_those_asked_for_are_an_error() {
    for content_range in [
        "bytes 0-99/100000",
        "bytes 50000-50098/100000",
        "bytes 50001-50100/100000",
        "nonsense",
        "",
    ] {
        let server = later(move |_, out, bytes| {
            let headers = [("Content-Range", content_range), ("ETag", "\"one\"")];
            reply(out, "206 Partial Content", &headers, &bytes[..100])
        });
        let error = read_behind(&server).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io, "{content_range}: {error}");
    }
    for (header, n) in [("Content-Encoding: gzip", 100), ("X: y", 99), ("X: y", 101)] {
        let server = later(move |_, out, bytes| {
            let (name, value) = header.split_once(": ").unwrap();
            let headers = [
                ("Content-Range", "bytes 50000-50099/100000"),
                ("ETag", "\"one\""),
                (name, value),
            ];
            reply(
                out,
                "206 Partial Content",
                &headers,
                &bytes[50_000..50_000 + n],
            )
        });
        let error = read_behind(&server).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io, "{header}, {n}: {error}");
    }
}

/// A body is left where the range ends, however much the server says that it sends.
#[test]
fn a_body_without_an_end_is_left() {
    for headers in [
        "Content-Length: 99999999999999",
        "Transfer-Encoding: chunked",
    ] {
        let server = later(move |_, out, _| {
            let head = "HTTP/1.1 206 Partial Content\r\nETag: \"one\"\r\nContent-Range: bytes 50000-50099/100000";
            write!(out, "{head}\r\n{headers}\r\n\r\n")?;
            let piece = [b"10000\r\n", &vec![b'x'; 0x10000][..], b"\r\n"].concat();
            (0..1_000_000).try_for_each(|_| out.write_all(&piece))
        });
        let error = read_behind(&server).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io, "{headers}: {error}");
    }
}

#[test]
fn a_file_that_was_changed_is_said_to_be() {
    let refused = later(|request, out, bytes| answer(request, out, bytes, "\"two\""));
    // Servers that know no conditions.
    let tagged = later(|request, out, bytes| reply_range(request, out, bytes, "\"two\""));
    let grown = later(|request, out, bytes| {
        reply_range(request, out, &[bytes, b"more"].concat(), "\"one\"")
    });
    let cut = later(|request, out, bytes| reply_range(request, out, &bytes[..10_000], "\"one\""));
    for server in [refused, tagged, grown, cut] {
        let error = read_behind(&server).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Changed, "{error}");
        assert_eq!(server.requests().len(), 2, "asking again does not help");
    }
    // Without a tag the time tells, and a weak one is no condition.
    for (tag, pinned) in [("", "Changed"), ("W/\"one\"", "")] {
        let bytes = noise(100_000);
        let server = Server::new(move |request, out| {
            let range = request.range(bytes.len()).unwrap();
            let content_range = format!("bytes {}-{}/100000", range.start, range.end - 1);
            let date = [
                "Mon, 01 Jan 2024 00:00:00 GMT",
                "Tue, 02 Jan 2024 00:00:00 GMT",
            ][request.number.min(1)];
            let headers = [
                ("Last-Modified", date),
                ("Content-Range", &content_range),
                ("ETag", tag),
            ];
            let n = if tag.is_empty() { 2 } else { 3 };
            assert_eq!(request.header("if-match"), None);
            reply(out, "206 Partial Content", &headers[..n], &bytes[range])
        });
        let read = read_behind(&server);
        let kind = read.map_or_else(|error| format!("{:?}", error.kind()), |()| String::new());
        assert_eq!(kind, pinned, "{tag}");
    }
}

#[test]
fn has_changed_is_asked_of_the_server() {
    let tag = Arc::new(Mutex::new("\"one\""));
    let now = tag.clone();
    let bytes = noise(100_000);
    let server = Server::new(move |request, out| {
        let tag = *now.lock().unwrap();
        answer(request, out, &bytes, tag)
    });
    let reader = open(&server.url("a")).unwrap();
    assert!(!reader.has_changed());
    *tag.lock().unwrap() = "\"two\"";
    assert!(reader.has_changed());
}

/// Weaker than the usual store, which downloads the whole of it.
#[test]
fn a_server_without_ranges_is_said_to_send_none() {
    let bytes = noise(100_000);
    let server = Server::new(move |request, out| match request.method.as_str() {
        "HEAD" => reply(out, "200 OK", &[("Content-Length", "100000")], b""),
        _ => reply(out, "200 OK", &[], &bytes),
    });
    let error = read_behind(&server).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    assert!(error.to_string().contains("no ranges"), "{error}");
}

#[test]
fn secrets_go_to_their_host_and_into_no_message() {
    let other = good(noise(100_000));
    let target = other.url("a");
    let server = Server::new(move |_, out| {
        reply(out, "307 Temporary Redirect", &[("Location", &target)], b"")
    });
    let url = server.url("a").replace("http://", "http://ann:p%40ss@");
    open(&url).unwrap();
    let asked = &server.requests()[0];
    assert_eq!(asked.header("authorization"), Some("Basic YW5uOnBAc3M="));
    assert_eq!(other.requests()[0].header("authorization"), None);

    let with_header = |name: &str| {
        let header = (name.to_owned(), "hidden".to_owned());
        drivers(|options| options.headers.0.push(header)).open(&server.url("a"))
    };
    with_header("AUTHORIZATION").unwrap();
    let asked = server.requests().pop().unwrap();
    assert_eq!(asked.header("authorization"), Some("hidden"));
    let n_requests = server.requests().len();
    // It would go along.
    let error = with_header("X-Key").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    assert!(!format!("{error:?}").contains("hidden"), "{error:?}");
    assert_eq!(server.requests().len(), n_requests);

    let refusing = Server::new(|_, out| reply(out, "401 Unauthorized", &[], b""));
    let gone = Server::new(|_, out| reply(out, "200 OK", &[], b"")).url("a?hidden");
    let url = refusing.url("a?sig=hidden");
    for url in [url.replace("http://", "http://ann:hidden@"), gone] {
        let error = open(&url).unwrap_err();
        for words in [error.to_string(), format!("{error:?}")] {
            assert!(!words.contains("hidden"), "{words}");
        }
    }
}

#[test]
fn redirects_are_followed_and_end() {
    let bytes = noise(100_000);
    let server = Server::new(move |request, out| match request.path.as_str() {
        "/a" => reply(out, "302 Found", &[("Location", "b?c")], b""),
        "/b?c" => answer(request, out, &bytes, "\"one\""),
        "/loop" => reply(out, "302 Found", &[("Location", "/loop")], b""),
        "/nowhere" => reply(out, "302 Found", &[], b""),
        _ => reply(out, "302 Found", &[("Location", "file:///etc/passwd")], b""),
    });
    read_behind(&server).unwrap();
    for path in ["loop", "nowhere", "file"] {
        let error = open(&server.url(path)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io, "{path}: {error}");
    }
}

#[test]
fn what_is_not_there_and_what_may_pass_are_told_apart() {
    for (status, kind, n_requests) in [
        ("404 Not Found", ErrorKind::NotFound, 1),
        ("403 Forbidden", ErrorKind::Io, 1),
        ("418 I'm a teapot", ErrorKind::Io, 1),
        ("503 Service Unavailable", ErrorKind::Io, 2),
    ] {
        let server = Server::new(move |_, out| reply(out, status, &[], b""));
        let error = open(&server.url("a")).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(server.requests().len(), n_requests, "{status}");
    }
    let nonsense = Server::new(|_, out| out.write_all(b"not http at all\r\n\r\n"));
    assert_eq!(open(&nonsense.url("a")).unwrap_err().kind(), ErrorKind::Io);
}

#[test]
fn files_are_not_written() {
    let server = good(noise(10));
    let store = drivers(|_| ()).store(&server.url("a")).unwrap();
    let error: Error = store.stage().unwrap_err().into();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let error: Error = store.update().unwrap_err().into();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(server.requests().len(), 0);
}
