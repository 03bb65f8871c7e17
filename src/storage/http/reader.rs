//! A file on a web server, of the version that was seen first.

use std::io::{self, Read};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use ureq::Body;
use ureq::http::Response;

use super::answer::{Head, Meaning, Pin};
use super::client::{Client, header, retry_after, wait};
use crate::error::{Error, Result};
use crate::storage::plan::{FIRST_BYTES, Fetch};
use crate::storage::spool::spool;
use crate::storage::{Access, Cached, Part, ReadAt, Version};

/// Reads ranges of one version of a file.
#[derive(Debug)]
pub(super) struct HttpReader {
    client: Arc<Client>,
    pin: Pin,
}

/// What became of a try.
enum Try<T> {
    Done(T),
    /// Asking again may help: why it did not this time, and how long the server wants to be left alone.
    Again(Error, Option<Duration>),
}

impl HttpReader {
    /// Asks for the first bytes. A server without ranges sends the whole file, which is kept if that is allowed.
    pub(super) fn open(client: &Arc<Client>) -> Result<Arc<dyn ReadAt>> {
        let asked = 0..FIRST_BYTES;
        again(client, || {
            let mut answer = match client.get(&asked, None) {
                Ok(answer) => answer,
                Err(failure) if failure.may_pass => return Ok(Try::Again(failure.error, None)),
                Err(failure) => return Err(failure.error),
            };
            match head(&answer).meaning(&asked, None) {
                Meaning::Part(range, pin) => {
                    let mut bytes = vec![0; (range.end - range.start) as usize];
                    if let Err(error) = read_body(client, &mut answer, range.start, &mut bytes) {
                        return Ok(Try::Again(error, None));
                    }
                    let reader = Self {
                        client: client.clone(),
                        pin,
                    };
                    let cached = Cached::new(Arc::new(reader), client.options.cache_bytes);
                    Ok(Try::Done(
                        Arc::new(cached.with_bytes(0, bytes)) as Arc<dyn ReadAt>
                    ))
                }
                Meaning::Whole => download(client, answer),
                Meaning::Empty => Ok(Try::Done(Arc::new(Vec::<u8>::new()) as Arc<dyn ReadAt>)),
                other => of_meaning(other, client, &answer),
            }
        })
    }
}

impl Fetch for HttpReader {
    fn fetch(&self, offset: u64, buf: &mut [u8]) -> io::Result<()> {
        let asked = offset..offset + buf.len() as u64;
        Ok(again(&self.client, || {
            let mut answer = match self.client.get(&asked, Some(&self.pin)) {
                Ok(answer) => answer,
                Err(failure) if failure.may_pass => return Ok(Try::Again(failure.error, None)),
                Err(failure) => return Err(failure.error),
            };
            match head(&answer).meaning(&asked, Some(&self.pin)) {
                Meaning::Part(..) => Ok(match read_body(&self.client, &mut answer, offset, buf) {
                    Ok(()) => Try::Done(()),
                    Err(error) => Try::Again(error, None),
                }),
                // It knows ranges: it sends the whole only where the version is another.
                other => of_meaning(other, &self.client, &answer),
            }
        })?)
    }
}

/// Tries until it is done, it cannot be, or it was tried often enough.
fn again<T>(client: &Client, once: impl FnMut() -> Result<Try<T>>) -> Result<T> {
    again_after(std::thread::sleep, client.options.max_retries, once)
}

fn again_after<T>(
    mut sleep: impl FnMut(Duration),
    max_retries: u32,
    mut once: impl FnMut() -> Result<Try<T>>,
) -> Result<T> {
    let mut n_tries = 0;
    loop {
        match once()? {
            Try::Done(done) => return Ok(done),
            Try::Again(error, _) if n_tries >= max_retries => return Err(error),
            Try::Again(_, asked_for) => {
                sleep(wait(n_tries, asked_for));
                n_tries += 1;
            }
        }
    }
}

/// What of an answer's head matters to ranges.
fn head(answer: &Response<Body>) -> Head<'_> {
    let headers = answer.headers();
    Head {
        status: answer.status().as_u16(),
        content_range: header(headers, "content-range"),
        content_length: header(headers, "content-length").and_then(|text| text.trim().parse().ok()),
        content_encoding: header(headers, "content-encoding"),
        etag: header(headers, "etag"),
        last_modified: header(headers, "last-modified"),
    }
}

/// What a caller is told of an answer that brought no bytes.
fn of_meaning<T>(meaning: Meaning, client: &Client, answer: &Response<Body>) -> Result<Try<T>> {
    let status = answer.status();
    if matches!(status.as_u16(), 200 | 206) {
        tell(client, 0, 0, status.as_str());
    }
    match meaning {
        Meaning::Passing => Ok(Try::Again(
            Error::storage(format!("the server answers {status}")),
            retry_after(answer.headers()),
        )),
        Meaning::Changed => Err(changed()),
        Meaning::Missing => Err(Error::not_found(format!(
            "the server has no such file ({status})"
        ))),
        Meaning::Refused(why) => Err(Error::storage(format!(
            "the server answers {status}: {why}"
        ))),
        Meaning::Part(..) | Meaning::Whole | Meaning::Empty => Err(changed()),
    }
}

fn changed() -> Error {
    Error::changed("the server has another version of the file than the one that was opened")
}

/// Tells of a request: what became of it, and how many bytes came of those from `start` on.
fn tell(client: &Client, start: u64, n_bytes: u64, outcome: &str) {
    let came = start..start.saturating_add(n_bytes);
    client.options.observer.tell(client.url(), came, outcome);
}

/// Fills a buffer with a body, which must end where the buffer does, and tells how much came: the bytes from `start` on.
fn read_body(
    client: &Client,
    answer: &mut Response<Body>,
    start: u64,
    buf: &mut [u8],
) -> Result<()> {
    let status = answer.status();
    let mut body = Counted::new(answer.body_mut().as_reader());
    let cut = |error: io::Error| Error::storage(format!("the body ended early: {error}"));
    let filled = body.read_exact(buf).map_err(cut);
    // Read to its end, so that the connection can be used again.
    let ended = filled.and_then(|()| match body.read(&mut [0]) {
        Ok(0) => Ok(()),
        Ok(_) => Err(Error::storage("the body is longer than was said")),
        Err(error) => Err(cut(error)),
    });
    tell(client, start, body.n_bytes, status.as_str());
    ended
}

/// Takes in the whole of a file, of a server that serves no ranges.
fn download(client: &Client, mut answer: Response<Body>) -> Result<Try<Arc<dyn ReadAt>>> {
    let (limit, announced) = (
        client.options.max_download_bytes,
        head(&answer).content_length,
    );
    let what = "bytes of a download, from a server without ranges";
    let refused = match announced.filter(|n| *n > limit) {
        _ if limit == 0 => Some(Error::unsupported(
            "the server serves no ranges, and files may not be downloaded whole",
        )),
        Some(n) => Some(Error::limit(what, limit, n)),
        None => None,
    };
    if let Some(error) = refused {
        tell(client, 0, 0, answer.status().as_str());
        return Err(error);
    }
    let mut body = Counted::new(answer.body_mut().as_reader());
    let bytes = spool(&mut body, limit);
    tell(client, 0, body.n_bytes, "downloaded whole");
    let ended_early = |words: &str| {
        Ok(Try::Again(
            Error::storage(format!("the body ended early{words}")),
            None,
        ))
    };
    if let Some(words) = body.failed {
        return ended_early(&format!(": {words}"));
    }
    let bytes = bytes?;
    match announced {
        Some(n) if n != bytes.len() => ended_early(""),
        _ => Ok(Try::Done(bytes)),
    }
}

/// Counts what came, and remembers that the stream failed, and not what it was copied to.
struct Counted<R> {
    inner: R,
    n_bytes: u64,
    failed: Option<String>,
}

impl<R> Counted<R> {
    fn new(inner: R) -> Self {
        Self {
            inner,
            n_bytes: 0,
            failed: None,
        }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buf);
        match &read {
            Ok(n) => self.n_bytes += *n as u64,
            Err(error) => self.failed = Some(error.to_string()),
        }
        read
    }
}

impl ReadAt for HttpReader {
    fn len(&self) -> u64 {
        self.pin.len
    }

    fn read_many(&self, parts: &mut [Part<'_>]) -> io::Result<()> {
        self.fetch_many(parts)
    }

    fn access(&self) -> Access {
        Access::REMOTE
    }

    fn version(&self) -> Option<Version> {
        let tag = self.pin.etag.as_ref().or(self.pin.last_modified.as_ref())?;
        Some(Version::new(format!("{tag} {}", self.pin.len)))
    }

    fn has_changed(&self) -> bool {
        let last: Range<u64> = self.len().saturating_sub(1)..self.len();
        let is_change = |error: io::Error| Error::from(error).kind() == crate::ErrorKind::Changed;
        self.fetch(last.start, &mut [0]).is_err_and(is_change)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_wait_before_each_further_try() {
        for (asked_for, most) in [(Some(Duration::from_secs(7)), 7_000), (None, 400)] {
            let mut waits = Vec::new();
            let sleep = |wait: Duration| waits.push(wait.as_millis());
            let once = || Ok(Try::<()>::Again(Error::storage("busy"), asked_for));
            again_after(sleep, 3, once).unwrap_err();
            assert_eq!(waits.len(), 3);
            assert!(waits.is_sorted() && waits[0] >= 50, "{waits:?}");
            assert!(waits[2] <= most && waits[2] >= most / 2, "{waits:?}");
        }
    }
}
