//! A service of ours that speaks S3 for one object, and that others write to.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use paginum::Result;
use paginum::storage::{Drivers, Durability, Store, StoreOptions};

use crate::server::{Request, Server, reply, reply_range};

/// What another writer puts there: as long as `first`, so that tags alone tell them apart.
pub(crate) const OTHER: &[u8] = b"other";

/// One object, uploads of it, and what goes wrong.
#[derive(Default)]
pub(crate) struct Service {
    /// Its bytes, and how often it was written.
    pub(crate) object: Option<(Arc<Vec<u8>>, usize)>,
    pub(crate) parts: BTreeMap<usize, Arc<Vec<u8>>>,
    pub(crate) n_aborted: usize,
    /// Whether nothing tells one version from another.
    pub(crate) has_no_tags: bool,
    /// Whether requests for bytes of a version are answered with those of another.
    pub(crate) ignores_conditions: bool,
    /// How long a request that puts the object waits for its answer.
    pub(crate) waits: Duration,
    /// What of a range is sent, and as which.
    pub(crate) wrong: Option<Wrong>,
    /// Another writer comes just before a request of this kind is answered.
    pub(crate) other_before: Option<Kind>,
    /// Requests of this kind are refused, with these words.
    pub(crate) refused: Option<Kind>,
    pub(crate) refusal: &'static str,
}

/// How an answer is none to what was asked.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wrong {
    /// It says that it is the range, and has a byte less, or one more.
    Shorter,
    Longer,
    /// It is, and says that it is, the range one byte behind.
    Behind,
    /// It is the whole object, as of a service that knows no ranges.
    Whole,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Head,
    Get,
    Put,
    Start,
    Part(usize),
    Complete,
    Abort,
}

pub(crate) fn kind(request: &Request) -> Kind {
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
            self.replace(Arc::new(OTHER.to_vec()));
        }
        if self.refused == Some(kind) {
            return reply(out, self.refusal, &[], b"");
        }
        let tag = match self.has_no_tags {
            true => String::new(),
            false => self.tag().unwrap_or_default(),
        };
        match kind {
            Kind::Head => {
                let Some((bytes, _)) = &self.object else {
                    return reply(out, "404 Not Found", &[], b"");
                };
                let length = bytes.len().to_string();
                reply(
                    out,
                    "200 OK",
                    &[
                        ("Content-Length", length.as_str()),
                        ("Last-Modified", "Tue, 02 Jan 2024 03:04:05 GMT"),
                        ("ETag", &tag),
                    ][..if tag.is_empty() { 2 } else { 3 }],
                    b"",
                )
            }
            Kind::Get if !self.ignores_conditions && !self.holds(request) => {
                reply(out, "412 Precondition Failed", &[], b"")
            }
            Kind::Get => match &self.object {
                Some((bytes, _)) => match self.wrong {
                    None => reply_range(request, out, bytes, &tag),
                    Some(wrong) => reply_wrong(request, out, bytes, &tag, wrong),
                },
                None => reply(out, "404 Not Found", &[], b""),
            },
            Kind::Put if !self.holds(request) => reply(out, "412 Precondition Failed", &[], b""),
            Kind::Put => {
                std::thread::sleep(self.waits);
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

fn reply_wrong(
    request: &Request,
    out: &mut dyn Write,
    bytes: &[u8],
    tag: &str,
    wrong: Wrong,
) -> io::Result<()> {
    let mut said = request.range(bytes.len()).unwrap();
    let mut sent = said.clone();
    match wrong {
        Wrong::Shorter => sent.end -= 1,
        Wrong::Longer => sent.end += 1,
        Wrong::Whole => return reply(out, "200 OK", &[("ETag", tag)], bytes),
        Wrong::Behind => {
            said = said.start + 1..said.end + 1;
            sent = said.clone();
        }
    }
    let content_range = format!("bytes {}-{}/{}", said.start, said.end - 1, bytes.len());
    let headers = [("ETag", tag), ("Content-Range", &content_range)];
    reply(out, "206 Partial Content", &headers, &bytes[sent])
}

fn store_of(
    server: &Server,
    scheme: &str,
    change: impl FnOnce(&mut StoreOptions),
) -> Arc<dyn Store> {
    let mut options = StoreOptions::default();
    options.endpoint = Some(server.url("").trim_end_matches('/').to_owned());
    options.anonymous = true;
    options.max_retries = 0;
    change(&mut options);
    let drivers = Drivers::default().with_options(options);
    drivers.store(&format!("{scheme}://bucket/key")).unwrap()
}

/// A service that holds an object of some bytes, or none, and a store of it.
pub(crate) struct Place {
    pub(crate) service: Arc<Mutex<Service>>,
    pub(crate) server: Server,
    pub(crate) store: Arc<dyn Store>,
}

impl Place {
    pub(crate) fn new(object: Option<&[u8]>, max_put_bytes: u64) -> Self {
        let service = Arc::new(Mutex::new(Service {
            refusal: "400 Bad Request",
            ..Service::default()
        }));
        if let Some(bytes) = object {
            service.lock().unwrap().replace(Arc::new(bytes.to_vec()));
        }
        let answering = service.clone();
        let server =
            Server::new(move |request, out| answering.lock().unwrap().answer(request, out));
        let store = store_of(&server, "s3", |options| {
            options.max_put_bytes = max_put_bytes;
        });
        Self {
            service,
            server,
            store,
        }
    }

    pub(crate) fn store_with(
        &self,
        scheme: &str,
        change: impl FnOnce(&mut StoreOptions),
    ) -> Arc<dyn Store> {
        store_of(&self.server, scheme, change)
    }

    pub(crate) fn put(&self, bytes: &[u8]) -> Result<()> {
        let mut stage = self.store.stage()?;
        stage.write_all(bytes)?;
        Ok(stage.commit(Durability::Synced)?)
    }

    pub(crate) fn service(&self) -> std::sync::MutexGuard<'_, Service> {
        self.service.lock().unwrap()
    }

    pub(crate) fn holds(&self, bytes: &[u8]) -> bool {
        let service = self.service();
        service
            .object
            .as_ref()
            .is_some_and(|(held, _)| **held == *bytes)
    }

    pub(crate) fn kinds(&self) -> Vec<Kind> {
        self.server.requests().iter().map(kind).collect()
    }
}
