//! What takes the place of an object, and under which condition: a service of ours that speaks S3, and that others write to.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use paginum::storage::{Drivers, Durability, Store, StoreOptions};
use paginum::{Error, ErrorKind, Result};

use crate::server::{Request, Server, reply, reply_range};

const PART_BYTES: usize = 16 << 20;

/// One object, uploads of it, and what goes wrong.
#[derive(Default)]
struct Service {
    /// Its bytes, and how often it was written.
    object: Option<(Arc<Vec<u8>>, usize)>,
    parts: BTreeMap<usize, Arc<Vec<u8>>>,
    n_aborted: usize,
    /// Another writer comes just before a request of this kind is answered.
    other_before: Option<Kind>,
    /// Requests of this kind are refused.
    refused: Option<Kind>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Head,
    Get,
    Put,
    Start,
    Part(usize),
    Complete,
    Abort,
}

fn kind(request: &Request) -> Kind {
    let query = request.path.split_once('?').map_or("", |(_, query)| query);
    let part = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("partNumber="));
    match (request.method.as_str(), part) {
        ("HEAD", _) => Kind::Head,
        ("PUT", Some(part)) => Kind::Part(part.parse().unwrap()),
        ("PUT", None) => Kind::Put,
        ("POST", _) if query.starts_with("uploads") => Kind::Start,
        ("POST", _) => Kind::Complete,
        ("DELETE", _) => Kind::Abort,
        _ => Kind::Get,
    }
}

impl Service {
    fn tag(&self) -> Option<String> {
        let (_, version) = self.object.as_ref()?;
        Some(format!("\"{version}\""))
    }

    fn replace(&mut self, bytes: Arc<Vec<u8>>) {
        let version = self.object.as_ref().map_or(0, |(_, version)| version + 1);
        self.object = Some((bytes, version));
    }

    fn holds(&self, request: &Request) -> bool {
        let tag = self.tag();
        let is_same = request
            .header("if-match")
            .is_none_or(|wanted| Some(wanted) == tag.as_deref());
        is_same && (request.header("if-none-match").is_none() || tag.is_none())
    }

    fn answer(&mut self, request: &Request, out: &mut dyn Write) -> io::Result<()> {
        let kind = kind(request);
        if self.other_before.take_if(|other| *other == kind).is_some() {
            self.replace(Arc::new(b"of another".to_vec()));
        }
        if self.refused == Some(kind) {
            return reply(out, "400 Bad Request", &[], b"");
        }
        let tag = self.tag().unwrap_or_default();
        match kind {
            Kind::Head => {
                let Some((bytes, _)) = &self.object else {
                    return reply(out, "404 Not Found", &[], b"");
                };
                let length = bytes.len().to_string();
                reply(
                    out,
                    "200 OK",
                    &[("Content-Length", &length), ("ETag", &tag)],
                    b"",
                )
            }
            Kind::Get => match &self.object {
                Some((bytes, _)) => reply_range(request, out, bytes, &tag),
                None => reply(out, "404 Not Found", &[], b""),
            },
            Kind::Put if !self.holds(request) => reply(out, "412 Precondition Failed", &[], b""),
            Kind::Put => {
                self.replace(request.body.clone());
                reply(out, "200 OK", &[("ETag", &self.tag().unwrap())], b"")
            }
            Kind::Start => {
                let id = "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>";
                reply(out, "200 OK", &[], id.as_bytes())
            }
            Kind::Part(n) => {
                self.parts.insert(n, request.body.clone());
                reply(out, "200 OK", &[("ETag", "\"part\"")], b"")
            }
            Kind::Complete => {
                let parts = std::mem::take(&mut self.parts);
                let bytes = parts.values().flat_map(|part| part.iter().copied());
                self.replace(Arc::new(bytes.collect()));
                let done = "<CompleteMultipartUploadResult><ETag>whole</ETag></CompleteMultipartUploadResult>";
                reply(out, "200 OK", &[], done.as_bytes())
            }
            Kind::Abort => {
                self.n_aborted += 1;
                self.parts.clear();
                reply(out, "204 No Content", &[], b"")
            }
        }
    }
}

/// A service that holds an object of some bytes, or none, and a store of it.
struct Place {
    service: Arc<Mutex<Service>>,
    server: Server,
    store: Arc<dyn Store>,
}

impl Place {
    fn new(object: Option<&[u8]>, max_put_bytes: u64) -> Self {
        let service = Arc::new(Mutex::new(Service::default()));
        if let Some(bytes) = object {
            service.lock().unwrap().replace(Arc::new(bytes.to_vec()));
        }
        let answering = service.clone();
        let server =
            Server::new(move |request, out| answering.lock().unwrap().answer(request, out));
        let mut options = StoreOptions::default();
        options.endpoint = Some(server.url("").trim_end_matches('/').to_owned());
        options.anonymous = true;
        options.max_retries = 0;
        options.max_put_bytes = max_put_bytes;
        let drivers = Drivers::default().with_options(options);
        let store = drivers.store("s3://bucket/key").unwrap();
        Self {
            service,
            server,
            store,
        }
    }

    fn put(&self, bytes: &[u8]) -> Result<()> {
        let mut stage = self.store.stage()?;
        stage.write_all(bytes)?;
        Ok(stage.commit(Durability::Synced)?)
    }

    fn service(&self) -> std::sync::MutexGuard<'_, Service> {
        self.service.lock().unwrap()
    }

    fn holds(&self, bytes: &[u8]) -> bool {
        let service = self.service();
        service
            .object
            .as_ref()
            .is_some_and(|(held, _)| **held == *bytes)
    }

    fn kinds(&self) -> Vec<Kind> {
        self.server.requests().iter().map(kind).collect()
    }
}

fn large(n: usize) -> Vec<u8> {
    (0..n).map(|i| (i >> 8) as u8).collect()
}

fn check_is_told(done: Result<()>) {
    let error = done.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Changed, "{error}");
}

#[test]
fn what_was_opened_is_replaced_in_one_request_under_its_condition() {
    // 0, one part, one more, many: none of them is uploaded in parts.
    for n in [0, PART_BYTES, PART_BYTES + 1, 3 * PART_BYTES + 5] {
        let place = Place::new(Some(b"first"), 512 << 20);
        place.store.open().unwrap();
        let bytes = large(n);
        place.put(&bytes).unwrap();
        assert!(place.holds(&bytes), "{n} bytes");
        assert_eq!(place.kinds(), [Kind::Head, Kind::Put], "{n} bytes");
        let put = place.server.requests().pop().unwrap();
        assert_eq!(put.header("if-match"), Some("\"0\""));
    }
}

#[test]
fn of_two_writers_of_a_large_object_one_is_told() {
    let place = Place::new(Some(b"first"), 512 << 20);
    place.store.open().unwrap();
    // However late the other comes, the service sees it.
    place.service().other_before = Some(Kind::Put);
    check_is_told(place.put(&large(2 * PART_BYTES)));
    assert!(place.holds(b"of another"));
}

#[test]
fn beyond_what_is_put_at_once_the_version_is_asked_for_last() {
    let bytes = large(2 * PART_BYTES + 1);
    let place = Place::new(Some(b"first"), 2 * PART_BYTES as u64);
    place.store.open().unwrap();
    place.put(&bytes).unwrap();
    assert!(place.holds(&bytes));
    let (start, parts) = (Kind::Start, (1..=3).map(Kind::Part));
    let mut kinds = vec![Kind::Head, start];
    kinds.extend(parts);
    kinds.extend([Kind::Head, Kind::Complete]);
    assert_eq!(place.kinds(), kinds);

    let place = Place::new(Some(b"first"), 2 * PART_BYTES as u64);
    place.store.open().unwrap();
    place.service().other_before = Some(Kind::Part(3));
    check_is_told(place.put(&bytes));
    assert!(place.holds(b"of another"));
    assert_eq!(place.service().n_aborted, 1);
}

#[test]
fn where_there_was_nothing_nothing_is_replaced() {
    for n in [5, PART_BYTES + 1] {
        let place = Place::new(None, 512 << 20);
        let error = Error::from(place.store.open().unwrap_err());
        assert_eq!(error.kind(), ErrorKind::NotFound);
        let last = if n < PART_BYTES {
            Kind::Put
        } else {
            Kind::Part(2)
        };
        place.service().other_before = Some(last);
        check_is_told(place.put(&large(n)));
        assert!(place.holds(b"of another"), "{n} bytes");

        let place = Place::new(None, 512 << 20);
        place.store.open().unwrap_err();
        place.put(&large(n)).unwrap();
        assert!(place.holds(&large(n)), "{n} bytes");
    }
}

#[test]
fn what_nobody_looked_for_is_replaced() {
    for n in [5, PART_BYTES + 1] {
        let place = Place::new(Some(b"first"), 512 << 20);
        place.put(&large(n)).unwrap();
        assert!(place.holds(&large(n)), "{n} bytes");
        assert!(!place.kinds().contains(&Kind::Head));
    }
}

#[test]
fn an_upload_that_fails_in_the_middle_leaves_what_was_there_and_no_parts() {
    for (refused, is_opened) in [
        (Kind::Part(1), false),
        (Kind::Part(2), false),
        (Kind::Part(2), true),
        (Kind::Complete, false),
        (Kind::Complete, true),
    ] {
        let place = Place::new(Some(b"first"), PART_BYTES as u64);
        if is_opened {
            place.store.open().unwrap();
        }
        place.service().refused = Some(refused);
        place.put(&large(2 * PART_BYTES)).unwrap_err();
        assert!(place.holds(b"first"), "{refused:?}");
        let service = place.service();
        assert_eq!(service.n_aborted, 1, "{refused:?}");
        assert!(service.parts.is_empty(), "{refused:?}");
    }
}

#[test]
fn a_stage_that_lost_a_part_is_never_committed() {
    let place = Place::new(Some(b"first"), PART_BYTES as u64);
    let mut stage = place.store.stage().unwrap();
    place.service().refused = Some(Kind::Part(1));
    stage.write_all(&large(PART_BYTES)).unwrap_err();
    place.service().refused = None;
    stage.write_all(b"more").unwrap_err();
    stage.commit(Durability::Synced).unwrap_err();
    assert!(place.holds(b"first"));
    // Nor is one that could not be put at once, or started.
    for refused in [Kind::Put, Kind::Start] {
        let place = Place::new(Some(b"first"), PART_BYTES as u64);
        place.service().refused = Some(refused);
        let n = if refused == Kind::Put { 5 } else { PART_BYTES };
        place.put(&large(n)).unwrap_err();
        assert!(place.holds(b"first"), "{refused:?}");
    }
}

#[test]
fn where_conditions_are_turned_off_the_version_is_asked_for() {
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["conditions::without_conditions", "--exact", "--ignored"])
        .env("AWS_CONDITIONAL_PUT", "disabled")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

#[test]
#[ignore = "the test above runs it, in an environment of its own"]
fn without_conditions() {
    for object in [Some(&b"first"[..]), None] {
        let place = Place::new(object, 512 << 20);
        let _ = place.store.open();
        place.put(b"second").unwrap();
        assert!(place.holds(b"second"));
        assert_eq!(place.kinds(), [Kind::Head, Kind::Head, Kind::Put]);

        let place = Place::new(object, 512 << 20);
        let _ = place.store.open();
        place.service().other_before = Some(Kind::Head);
        check_is_told(place.put(b"second"));
        assert!(place.holds(b"of another"));
    }
}
