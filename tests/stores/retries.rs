//! Requests to web servers that fail: which of them are made again, and how often.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use paginum::ErrorKind;
use paginum::storage::Observer;

use crate::http::{all, later, noise, open, open_with, options, read_behind};
use crate::server::{Request, Server, reply, reply_range};

#[test]
fn what_may_pass_is_tried_again() {
    // The second request fails in a way that may pass, the third is answered.
    type Misbehaviour = fn(&Request, &mut dyn std::io::Write, &[u8]) -> std::io::Result<()>;
    let ways: [Misbehaviour; 5] = [
        |_, out, _| reply(out, "500 Internal Server Error", &[], b"oh"),
        |_, out, _| reply(out, "503 Service Unavailable", &[("Retry-After", "0")], b""),
        |_, out, _| reply(out, "429 Too Many Requests", &[], b""),
        |_, _, _| Ok(()),
        |_, out, bytes| {
            let headers = [
                ("Content-Range", "bytes 50000-50099/100000"),
                ("Content-Length", "100"),
            ];
            reply(out, "206 Partial Content", &headers, &bytes[50_000..50_050])
        },
    ];
    for way in ways {
        let server = later(move |request, out, bytes| match request.number {
            1 => way(request, out, bytes),
            _ => reply_range(request, out, bytes, "\"one\""),
        });
        read_behind(&server).unwrap();
        assert_eq!(server.requests().len(), 3);
        let hopeless = later(way);
        let error = read_behind(&hopeless).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io, "{error}");
        assert_eq!(hopeless.requests().len(), 4, "one try and two more");
    }
}

#[test]
fn what_may_pass_is_tried_again_from_the_first_request_on_and_the_rest_is_not() {
    let bytes = noise(100);
    let server = Server::new(move |request, out| match request.number {
        0 => Ok(()),
        1 => reply(out, "503 Service Unavailable", &[], b""),
        _ => reply_range(request, out, &bytes, "\"one\""),
    });
    let told = Arc::new(Mutex::new(Vec::new()));
    let telling = told.clone();
    let mut options = options();
    options.observer = Observer::new(move |event| {
        let event = (event.range.clone(), event.outcome.to_owned());
        telling.lock().unwrap().push(event);
    });
    open_with(&server.url("a"), options).unwrap();
    let told = told.lock().unwrap();
    let told: Vec<_> = told
        .iter()
        .map(|(range, outcome)| (range.is_empty(), outcome.as_str()))
        .collect();
    assert_eq!(told, [(true, "no answer"), (true, "503"), (false, "206")]);
}

/// What is told of a request is what came, and not what was asked for: less at the end of a file, and of a body that was cut.
#[test]
fn what_came_is_told_and_not_what_was_asked_for() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let telling = told.clone();
    let mut options = options();
    options.observer = Observer::new(move |event| {
        telling.lock().unwrap().push(event.range.clone());
    });
    let server = later(|request, out, bytes| match request.number {
        1 => {
            let headers = [
                ("Content-Range", "bytes 50000-50099/100000"),
                ("Content-Length", "100"),
            ];
            reply(out, "206 Partial Content", &headers, &bytes[50_000..50_050])
        }
        2 => reply(
            out,
            "206 Partial Content",
            &[("Content-Range", "bytes 0-9/100000")],
            &bytes[..10],
        ),
        _ => reply_range(request, out, bytes, "\"one\""),
    });
    let reader = open_with(&server.url("a"), options.clone()).unwrap();
    reader.read_exact_at(&mut [0; 100], 50_000).unwrap_err();
    reader.read_exact_at(&mut [0; 100], 50_000).unwrap();
    let told_now = std::mem::take(&mut *told.lock().unwrap());
    assert_eq!(told_now, [0..16_384, 50_000..50_050, 0..0, 50_000..50_100]);

    let bytes = noise(100);
    let small = Server::new(move |request, out| reply_range(request, out, &bytes, "\"one\""));
    open_with(&small.url("a"), options.clone()).unwrap();
    let bytes = noise(300);
    let whole = Server::new(move |request, out| {
        let n = if request.number == 0 { 120 } else { 300 };
        reply(out, "200 OK", &[("Content-Length", "300")], &bytes[..n])
    });
    open_with(&whole.url("a"), options).unwrap();
    assert_eq!(*told.lock().unwrap(), [0..100, 0..120, 0..300]);
}

#[test]
fn what_leads_astray_is_not_tried_again() {
    let astray: fn(&Request, &mut dyn std::io::Write, &[u8]) -> std::io::Result<()> =
        |_, out, _| reply(out, "302 Found", &[("Location", "ftp://x/y")], b"");
    let server = Server::new(move |request, out| astray(request, out, b""));
    open(&server.url("a")).unwrap_err();
    assert_eq!(server.requests().len(), 1);
    let server = later(astray);
    read_behind(&server).unwrap_err();
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_download_that_ends_early_is_begun_again() {
    let bytes = noise(100_000);
    let sent = bytes.clone();
    let server = Server::new(move |request, out| {
        let n = if request.number == 0 { 500 } else { sent.len() };
        reply(out, "200 OK", &[("Content-Length", "100000")], &sent[..n])
    });
    assert_eq!(all(&*open(&server.url("a")).unwrap()).unwrap(), bytes);
}

#[test]
fn a_server_that_does_not_answer_costs_the_timeout() {
    let (wake, asleep) = std::sync::mpsc::channel::<()>();
    let asleep = Mutex::new(asleep);
    let server = Server::new(move |_, _| {
        let _ = asleep.lock().unwrap().recv();
        Ok(())
    });
    let mut options = options();
    options.timeout = Duration::from_millis(200);
    options.max_retries = 1;
    let error = open_with(&server.url("a"), options).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io, "{error}");
    assert_eq!(server.requests().len(), 2, "that may pass");
    drop(wake);
}
