//! Reading one version of an object, in ranges.

use std::future::poll_fn;
use std::io;
use std::ops::Range;
use std::pin::pin;
use std::sync::Arc;

use futures_core::Stream;
use object_store::{Attribute, GetOptions, GetRange, GetResult, ObjectMeta};

use super::super::plan::{FIRST_BYTES, Fetch};
use super::super::{Access, Cached, Part, ReadAt, Version};
use super::{Object, changed, failed, is_same, wait};
use crate::error::{Error, Result};

/// Reads one version of an object.
#[derive(Debug)]
pub(super) struct CloudReader {
    pub(super) object: Arc<Object>,
    pub(super) meta: ObjectMeta,
}

/// Bytes of an object, which of it they are, and what the service says of the whole.
type Answer = (ObjectMeta, Range<u64>, Vec<u8>);

impl Object {
    /// Asks for the first bytes, with which comes what the service says of the object.
    pub(super) fn first(self: &Arc<Self>) -> Result<(ObjectMeta, Vec<u8>)> {
        let (meta, sent, bytes) = match self.get(0..FIRST_BYTES, None)? {
            Ok(answer) => answer,
            Err(error) => match of_range(&error) {
                // That there is no first byte is an error to services, and may be all that is wrong.
                Some(_) => return Ok((self.head()?, Vec::new())),
                None => return Err(failed(error)),
            },
        };
        check_sent(&(0..FIRST_BYTES.min(meta.size)), &sent, &bytes)?;
        Ok((meta, bytes))
    }

    /// A reader of what [`first`](Self::first) found.
    pub(super) fn reader(
        self: &Arc<Self>,
        (meta, bytes): (ObjectMeta, Vec<u8>),
    ) -> Arc<dyn ReadAt> {
        let reader = CloudReader {
            object: self.clone(),
            meta,
        };
        let cached = Cached::new(Arc::new(reader), self.options.cache_bytes);
        Arc::new(cached.with_bytes(0, bytes))
    }

    /// Asks for a range: of a version, where one is given.
    fn get(
        self: &Arc<Self>,
        range: Range<u64>,
        version: Option<&ObjectMeta>,
    ) -> Result<object_store::Result<Answer>> {
        let tag = version.and_then(|version| version.e_tag.clone());
        let (object, options) = (
            self.clone(),
            GetOptions {
                range: Some(GetRange::Bounded(range.clone())),
                // A weak tag never matches: that answers are of one version is seen by them alone.
                if_match: tag.filter(|tag| !tag.starts_with("W/")),
                ..GetOptions::default()
            },
        );
        let answer = wait(async move {
            let get = async || {
                let answer = object.store.get_opts(&object.path, options).await?;
                if object.is_sent_as_it_is {
                    check_encoding(&answer)?;
                }
                body(answer).await
            };
            Ok(get().await)
        })?;
        let (n, outcome) = match &answer {
            Ok((_, _, bytes)) => (bytes.len() as u64, "sent"),
            Err(_) => (0, "failed"),
        };
        let came = range.start..range.start.saturating_add(n);
        self.options.observer.tell(&self.url, came, outcome);
        Ok(answer)
    }
}

/// Refuses an encoding that a web server puts on what it sends. Objects have one that was put on them before.
fn check_encoding(answer: &GetResult) -> object_store::Result<()> {
    let encoding = answer.attributes.get(&Attribute::ContentEncoding);
    match encoding.map(|encoding| encoding.trim().to_ascii_lowercase()) {
        Some(encoding) if !matches!(encoding.as_str(), "" | "identity") => {
            Err(object_store::Error::Generic {
                store: "the server, which encodes what should be sent as it is,",
                source: encoding.into(),
            })
        }
        _ => Ok(()),
    }
}

/// Takes in what an answer says that it brings, and a byte more if that comes: no service makes one wait for its other bytes.
async fn body(answer: GetResult) -> object_store::Result<Answer> {
    let (meta, sent) = (answer.meta.clone(), answer.range.clone());
    let n_bytes = sent.end.saturating_sub(sent.start);
    let mut bytes = Vec::new();
    let mut pieces = pin!(answer.into_stream());
    while let Some(piece) = poll_fn(|context| pieces.as_mut().poll_next(context)).await {
        bytes.extend_from_slice(&piece?);
        if bytes.len() as u64 > n_bytes {
            break;
        }
    }
    Ok((meta, sent, bytes))
}

/// What a service may have against a range alone.
enum OfRange {
    /// The object has no such bytes: 416.
    Outside,
    /// It sends no parts of objects.
    Ignored,
}

/// What the service has against the range, if it is that. The library beneath tells it by its words.
fn of_range(error: &object_store::Error) -> Option<OfRange> {
    let source = match error {
        object_store::Error::NotSupported { .. } => return Some(OfRange::Ignored),
        object_store::Error::Generic { source, .. } => source,
        _ => return None,
    };
    let (mut words, mut source) = (source.to_string(), source.source());
    while let Some(cause) = source {
        words.push_str(&cause.to_string());
        source = cause.source();
    }
    if words.contains("416 Range Not Satisfiable") {
        return Some(OfRange::Outside);
    }
    words
        .contains("non-partial response")
        .then_some(OfRange::Ignored)
}

fn check_sent(asked: &Range<u64>, sent: &Range<u64>, bytes: &[u8]) -> Result<()> {
    match sent == asked && bytes.len() as u64 == asked.end - asked.start {
        true => Ok(()),
        false => Err(Error::storage("other bytes than those that were asked for")),
    }
}

impl Fetch for CloudReader {
    fn fetch(&self, offset: u64, buf: &mut [u8]) -> io::Result<()> {
        let range = offset..offset + buf.len() as u64;
        let answer = self.object.get(range.clone(), Some(&self.meta))?;
        let (meta, sent, bytes) = answer.map_err(|error| match of_range(&error) {
            // The version that was opened has these bytes.
            Some(OfRange::Outside) => changed(),
            Some(OfRange::Ignored) => Error::unsupported("the service sends no ranges"),
            None => failed(error),
        })?;
        if !is_same(&meta, &self.meta) {
            return Err(changed().into());
        }
        check_sent(&range, &sent, &bytes)?;
        buf.copy_from_slice(&bytes);
        Ok(())
    }
}

impl ReadAt for CloudReader {
    fn len(&self) -> u64 {
        self.meta.size
    }

    fn read_many(&self, parts: &mut [Part<'_>]) -> io::Result<()> {
        self.fetch_many(parts)
    }

    fn access(&self) -> Access {
        Access::REMOTE
    }

    fn version(&self) -> Option<Version> {
        self.meta.e_tag.clone().map(Version::new)
    }

    fn has_changed(&self) -> bool {
        let now = self.object.head();
        now.is_ok_and(|now| !is_same(&now, &self.meta))
    }
}
