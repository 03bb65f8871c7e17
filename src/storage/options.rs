//! What stores may spend, and what they tell of it.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use super::Url;

/// What stores may spend on time, memory and network. Every store takes what concerns it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StoreOptions {
    /// The most bytes of a stream, and of what a `.gz` inflates to; 16 GiB by default.
    pub max_stream_bytes: u64,
    /// The most bytes that are downloaded whole, from a server that serves no ranges; 1 GiB by default, and 0 allows none.
    pub max_download_bytes: u64,
    /// Objects below so many bytes that replace one which was opened wait in memory, to be put in one request, which the
    /// service holds against that version; 512 MiB by default. Larger ones are uploaded in parts, which no service does.
    pub max_put_bytes: u64,
    /// The most bytes of a distant store that are kept in memory; 32 MiB by default.
    pub cache_bytes: u64,
    /// How long a connection or an answer may keep one waiting; 30 seconds by default.
    pub timeout: Duration,
    /// How often a request that failed for a reason that may pass is made again; 4 times by default.
    pub max_retries: u32,
    /// Headers of every http request, by name and value. They go to the host of the address alone, wherever that redirects.
    pub headers: Headers,
    /// Whether gzip is looked through: what is compressed is read as what it holds. On by default.
    pub inflates: bool,
    /// Whether object stores are asked without credentials.
    pub anonymous: bool,
    /// The address of the service, where it is not the vendor's own.
    pub endpoint: Option<String>,
    /// Who is told of every request.
    pub observer: Observer,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            max_stream_bytes: 16 << 30,
            max_download_bytes: 1 << 30,
            max_put_bytes: 512 << 20,
            cache_bytes: 32 << 20,
            timeout: Duration::from_secs(30),
            max_retries: 4,
            headers: Headers::default(),
            inflates: true,
            anonymous: false,
            endpoint: None,
            observer: Observer::default(),
        }
    }
}

/// Names and values of headers. Values may be secrets: `Debug` shows names alone.
#[derive(Clone, Default)]
pub struct Headers(pub Vec<(String, String)>);

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}

/// A request that was answered.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Event<'a> {
    /// Whose bytes they are.
    pub url: &'a Url,
    /// Which bytes came: none where the answer was no bytes.
    pub range: Range<u64>,
    /// Which bytes the request brought, to be written: none of one that asks. Whether they arrived, the outcome says.
    pub sent: Range<u64>,
    /// What the server said or did: `206`, `timeout`, `put`.
    pub outcome: &'a str,
}

/// Who is told of requests.
#[derive(Clone, Default)]
pub struct Observer(Option<Arc<Observe>>);

type Observe = dyn Fn(&Event<'_>) + Send + Sync;

impl Observer {
    /// Calls a function after each request, on the thread that made it.
    pub fn new(observe: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(observe)))
    }

    /// Tells of a request, and of the bytes that came.
    pub fn tell(&self, url: &Url, range: Range<u64>, outcome: &str) {
        self.tell_of(&Event {
            url,
            range,
            sent: 0..0,
            outcome,
        });
    }

    /// Tells of a request that writes, and of the bytes that it brought.
    pub fn tell_sent(&self, url: &Url, sent: Range<u64>, outcome: &str) {
        self.tell_of(&Event {
            url,
            range: 0..0,
            sent,
            outcome,
        });
    }

    fn tell_of(&self, event: &Event<'_>) {
        if let Some(observe) = &self.0 {
            observe(event);
        }
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() {
            "observer"
        } else {
            "nobody"
        })
    }
}
