//! Web servers that behave, and those that do not.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use paginum::container::{Formats, OpenOptions, pv};
use paginum::storage::{Drivers, MemoryStore, Part, ReadAt, StoreOptions};
use paginum::{Array, Error, ErrorKind, Result};

pub(crate) use crate::server::noise;
use crate::server::{Request, Server, check_conforms, good, reply, reply_range};

pub(crate) fn options() -> StoreOptions {
    let mut options = StoreOptions::default();
    options.max_retries = 2;
    options.timeout = Duration::from_secs(20);
    options
}

pub(crate) fn open_with(url: &str, options: StoreOptions) -> Result<Arc<dyn ReadAt>> {
    Drivers::default().with_options(options).open(url)
}

pub(crate) fn open(url: &str) -> Result<Arc<dyn ReadAt>> {
    open_with(url, options())
}

pub(crate) fn all(reader: &dyn ReadAt) -> Result<Vec<u8>> {
    let mut bytes = vec![0; reader.len() as usize];
    reader.read_exact_at(&mut bytes, 0)?;
    Ok(bytes)
}

#[test]
fn a_good_server_conforms() {
    check_conforms(good, open);
}

#[test]
fn requests_ask_for_bytes_as_they_are_and_near_parts_are_one() {
    let bytes = noise(2_000_000);
    let server = good(bytes.clone());
    let reader = open(&server.url("a")).unwrap();
    assert_eq!(server.requests().len(), 1);
    let (mut a, mut b, mut c) = ([0; 100], [0; 100], [0; 100]);
    let mut read = || {
        let mut parts = [
            Part::new(1_000_000, &mut a),
            Part::new(1_010_000, &mut b),
            Part::new(1_500_000, &mut c),
        ];
        reader.read_many(&mut parts).unwrap();
    };
    read();
    let requests = server.requests();
    assert_eq!(
        requests.len(),
        3,
        "two of the three parts lie close together"
    );
    read();
    assert_eq!(server.requests().len(), 3, "what came is kept");
    assert_eq!(
        (&a[..], &c[..]),
        (&bytes[1_000_000..1_000_100], &bytes[1_500_000..1_500_100])
    );
    assert_eq!(b, bytes[1_010_000..1_010_100]);
    for request in &requests {
        assert_eq!(request.header("accept-encoding"), Some("identity"));
        assert!(request.header("range").is_some());
    }
    assert_eq!(requests[1].header("if-range"), Some("\"one\""));
    assert_eq!(reader.version().unwrap().as_str(), "\"one\" 2000000");
}

#[test]
fn rows_of_a_large_file_cost_a_small_part_of_it() {
    let store = MemoryStore::new();
    let mut writer = pv::Writer::create(&store, pv::WriteOptions::default()).unwrap();
    let arrays: Vec<Array> = (1..9)
        .map(|step| {
            let values: Vec<u64> = (0..200_000).map(|i| i * i * step % 100_003).collect();
            Array::from_numbers(&values).unwrap()
        })
        .collect();
    for (i, array) in arrays.iter().enumerate() {
        writer.write(&format!("a{i}"), array).unwrap();
    }
    writer.commit().unwrap();
    let server = good(store.bytes().unwrap().to_vec());
    let file = Drivers::default()
        .store(&server.url("a.pv?token=secret"))
        .unwrap();
    let file = Formats::default()
        .open_store(&*file, &OpenOptions::default())
        .unwrap();
    let rows = file.read_rows("a3", 50_000..51_000).unwrap();
    assert_eq!(rows.bytes(), &arrays[3].bytes()[400_000..408_000]);
    assert!(server.requests().len() <= 6, "{:?}", server.requests());
    let len = store.bytes().unwrap().len();
    let n_bytes: usize = server
        .requests()
        .iter()
        .map(|request| request.range(len).unwrap().len())
        .sum();
    assert!(n_bytes <= 256 << 10, "{n_bytes} bytes");
}

/// Headers come at once, and then arrays: the check of many does not cost a request each.
#[cfg(feature = "cli")]
#[test]
fn the_check_of_many_arrays_costs_few_requests() {
    let (store, array) = (MemoryStore::new(), crate::requests::noise(500));
    let mut writer = pv::Writer::create(&store, pv::WriteOptions::default()).unwrap();
    for i in 0..60 {
        writer.write(&format!("a{i}"), &array).unwrap();
    }
    writer.commit().unwrap();
    let server = good(store.bytes().unwrap().to_vec());
    let output = crate::command::run(&["verify", &server.url("a.pv")]);
    let words = crate::command::words(&output);
    assert!(words.contains("ok, structure and 60 arrays"), "{words}");
    let n_requests = server.requests().len();
    eprintln!("{n_requests} requests to verify 60 arrays");
    assert!(n_requests <= 6, "{n_requests} requests");
}

#[test]
fn gzip_is_looked_through() {
    let bytes = noise(300_000);
    let store = Drivers::default().store("mem://http-gzip.gz").unwrap();
    let mut stage = store.stage().unwrap();
    std::io::Write::write_all(&mut stage, &bytes).unwrap();
    stage.commit(Default::default()).unwrap();
    let server = good(MemoryStore::named("http-gzip.gz").to_bytes().unwrap());
    assert_eq!(all(&*open(&server.url("a")).unwrap()).unwrap(), bytes);
}

#[test]
fn a_server_without_ranges_is_downloaded_where_that_is_allowed() {
    let bytes = noise(100_000);
    let sent = bytes.clone();
    let server = Server::new(move |_, out| reply(out, "200 OK", &[], &sent));
    let url = server.url("a");
    assert_eq!(all(&*open(&url).unwrap()).unwrap(), bytes);
    assert_eq!(server.requests().len(), 1);
    let mut none = options();
    none.max_download_bytes = 0;
    let error = open_with(&url, none).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    let mut few = options();
    few.max_download_bytes = 100_000;
    open_with(&url, few.clone()).unwrap();
    few.max_download_bytes = 99_999;
    let error = open_with(&url, few.clone()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded, "{error}");
    let words = error.to_string();
    assert!(words.contains("of a download"), "before it begins: {words}");
    // The same of a server that does not say how much will come.
    let endless = Server::new(|_, out| {
        out.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
        (0..1_000).try_for_each(|_| out.write_all(&[7; 1000]))
    });
    let error = open_with(&endless.url("a"), few).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded, "{error}");
}

#[test]
fn an_empty_file_has_no_bytes() {
    let server = good(Vec::new());
    assert!(open(&server.url("a")).unwrap().is_empty());
    let server = Server::new(|_, out| reply(out, "200 OK", &[], b""));
    assert!(open(&server.url("a")).unwrap().is_empty());
}

/// Opens a file of 100,000 bytes, and reads some behind the first ones.
pub(crate) fn read_behind(server: &Server) -> Result<()> {
    let reader = open(&server.url("a"))?;
    let mut buf = [0; 100];
    reader.read_exact_at(&mut buf, 50_000)?;
    assert_eq!(buf, noise(100_000)[50_000..50_100]);
    Ok(())
}

/// A server of 100,000 bytes, the answers of which from the second on are those of `later`.
pub(crate) fn later(
    later: impl Fn(&Request, &mut dyn std::io::Write, &[u8]) -> std::io::Result<()>
    + Send
    + Sync
    + 'static,
) -> Server {
    let bytes = noise(100_000);
    Server::new(move |request, out| match request.number {
        0 => reply_range(request, out, &bytes, "\"one\""),
        _ => later(request, out, &bytes),
    })
}

#[test]
fn other_bytes_than_those_asked_for_are_an_error() {
    for content_range in [
        "bytes 0-99/100000",
        "bytes 50000-50098/100000",
        "bytes 50000-50099",
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
    let encoded = later(|_, out, bytes| {
        let headers = [
            ("Content-Range", "bytes 50000-50099/100000"),
            ("Content-Encoding", "gzip"),
        ];
        reply(out, "206 Partial Content", &headers, &bytes[..100])
    });
    assert_eq!(read_behind(&encoded).unwrap_err().kind(), ErrorKind::Io);
    let longer = later(|_, out, bytes| {
        let headers = [
            ("Content-Range", "bytes 50000-50099/100000"),
            ("Content-Length", "101"),
        ];
        reply(out, "206 Partial Content", &headers, &bytes[..101])
    });
    assert_eq!(read_behind(&longer).unwrap_err().kind(), ErrorKind::Io);
}

#[test]
fn a_file_that_was_changed_is_said_to_be() {
    let tagged = later(|request, out, bytes| reply_range(request, out, bytes, "\"two\""));
    let grown = later(|request, out, bytes| {
        reply_range(request, out, &[bytes, b"more"].concat(), "\"one\"")
    });
    let cut = later(|request, out, bytes| reply_range(request, out, &bytes[..10_000], "\"one\""));
    let whole = later(|_, out, bytes| reply(out, "200 OK", &[], bytes));
    for server in [tagged, grown, cut, whole] {
        let error = read_behind(&server).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Changed, "{error}");
        assert_eq!(server.requests().len(), 2, "asking again does not help");
    }
    // Without a tag the time tells.
    let bytes = noise(100_000);
    let dated = Server::new(move |request, out| {
        let range = request.range(bytes.len()).unwrap();
        let content_range = format!("bytes {}-{}/100000", range.start, range.end - 1);
        let date = [
            "Mon, 01 Jan 2024 00:00:00 GMT",
            "Tue, 02 Jan 2024 00:00:00 GMT",
        ][request.number.min(1)];
        let headers = [("Last-Modified", date), ("Content-Range", &content_range)];
        reply(out, "206 Partial Content", &headers, &bytes[range])
    });
    let error = read_behind(&dated).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Changed, "{error}");
}

/// A time is held against the server as a tag is: answers need not repeat it, nor all servers send a tag each time.
#[test]
fn a_time_is_pinned_where_there_is_no_tag() {
    const TIMES: [&str; 2] = [
        "Mon, 01 Jan 2024 00:00:00 GMT",
        "Tue, 02 Jan 2024 00:00:00 GMT",
    ];
    for sends_tag_first in [false, true] {
        let bytes = noise(100_000);
        let server = Server::new(move |request, out| {
            let now = TIMES[request.number.min(1)];
            if request
                .header("if-unmodified-since")
                .is_some_and(|pinned| pinned != now)
            {
                return reply(out, "412 Precondition Failed", &[], b"");
            }
            let range = request.range(bytes.len()).unwrap();
            let content_range = format!("bytes {}-{}/100000", range.start, range.end - 1);
            let headers = [
                ("Content-Range", content_range.as_str()),
                ("Last-Modified", now),
                ("ETag", "\"one\""),
            ];
            let n = match (request.number, sends_tag_first) {
                (0, true) => 3,
                (0, false) | (_, true) => 2,
                (_, false) => 1,
            };
            reply(out, "206 Partial Content", &headers[..n], &bytes[range])
        });
        let error = read_behind(&server).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Changed, "{error}");
        assert_eq!(server.requests().len(), 2, "asking again does not help");
    }
}

#[test]
fn has_changed_is_asked_of_the_server() {
    let is_changed = Arc::new(AtomicBool::new(false));
    let now = is_changed.clone();
    let bytes = noise(100_000);
    let server = Server::new(move |request, out| {
        let tag = if now.load(Ordering::Relaxed) {
            "\"two\""
        } else {
            "\"one\""
        };
        reply_range(request, out, &bytes, tag)
    });
    let reader = open(&server.url("a")).unwrap();
    assert!(!reader.has_changed());
    is_changed.store(true, Ordering::Relaxed);
    assert!(reader.has_changed());
}

#[test]
fn redirects_are_followed_and_end() {
    let bytes = noise(100_000);
    let server = Server::new(move |request, out| match request.path.as_str() {
        "/a" => reply(out, "302 Found", &[("Location", "b")], b""),
        "/b" => reply(out, "301 Moved Permanently", &[("Location", "/c?d")], b""),
        "/c?d" => reply_range(request, out, &bytes, "\"one\""),
        "/loop" => reply(out, "302 Found", &[("Location", "/loop")], b""),
        "/nowhere" => reply(out, "302 Found", &[], b""),
        _ => reply(out, "302 Found", &[("Location", "file:///etc/passwd")], b""),
    });
    read_behind(&server).unwrap();
    let paths: Vec<String> = server
        .requests()
        .into_iter()
        .map(|request| request.path)
        .collect();
    assert_eq!(
        paths,
        ["/a", "/b", "/c?d", "/c?d"],
        "where it led is remembered"
    );
    for path in ["loop", "nowhere", "file"] {
        let error = open(&server.url(path)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io, "{path}: {error}");
    }
}

#[test]
fn secrets_go_to_their_host_and_into_no_message() {
    let other = good(noise(100_000));
    let target = other.url("a");
    let server = Server::new(move |_, out| {
        reply(out, "307 Temporary Redirect", &[("Location", &target)], b"")
    });
    let mut options = options();
    options
        .headers
        .0
        .push(("X-Key".to_owned(), "hidden".to_owned()));
    let url = server.url("a").replace("http://", "http://ann:p%40ss@");
    open_with(&url, options.clone()).unwrap();
    let asked = &server.requests()[0];
    assert_eq!(asked.header("authorization"), Some("Basic YW5uOnBAc3M="));
    assert_eq!(asked.header("x-key"), Some("hidden"));
    let led = &other.requests()[0];
    assert_eq!(
        (led.header("authorization"), led.header("x-key")),
        (None, None)
    );

    let refusing = Server::new(|_, out| reply(out, "401 Unauthorized", &[], b""));
    let url = refusing
        .url("a?sig=hidden")
        .replace("http://", "http://ann:hidden@");
    let error = open_with(&url, options).unwrap_err();
    for words in [error.to_string(), format!("{error:?}")] {
        assert!(!words.contains("hidden"), "{words}");
    }
    // Nobody listens there any more.
    let gone = server.url("a?hidden");
    drop(server);
    let error = open(&gone).unwrap_err();
    assert!(!format!("{error:?}").contains("hidden"), "{error:?}");
}

#[test]
fn what_is_not_there_and_what_is_not_allowed_are_told_apart() {
    for (status, kind) in [
        ("404 Not Found", ErrorKind::NotFound),
        ("410 Gone", ErrorKind::NotFound),
        ("403 Forbidden", ErrorKind::Io),
        ("418 I'm a teapot", ErrorKind::Io),
    ] {
        let server = Server::new(move |_, out| reply(out, status, &[], b""));
        let error = open(&server.url("a")).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(server.requests().len(), 1, "{status}");
    }
    let nonsense = Server::new(|_, out| out.write_all(b"not http at all\r\n\r\n"));
    assert_eq!(open(&nonsense.url("a")).unwrap_err().kind(), ErrorKind::Io);
}

#[test]
fn files_on_web_servers_are_not_written() {
    let server = good(noise(10));
    let store = Drivers::default().store(&server.url("a")).unwrap();
    let error: Error = store.stage().unwrap_err().into();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let error: Error = store.update().unwrap_err().into();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}
