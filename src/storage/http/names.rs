//! Names of hosts, looked up once in a while.
//!
//! The library beneath looks the name up again for each request, on a thread of its own where there is a limit of time, even if
//! a connection is there already. That costs more than a request to a server near by, and a round trip where names are not kept
//! on this machine.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// How long addresses are taken to be good.
const KEPT_FOR: Duration = Duration::from_secs(60);
/// A file lies on one host, and redirects lead to few others.
const MAX_HOSTS: usize = 8;

/// Looks names up, and remembers what it found.
pub(super) struct Names<R = DefaultResolver> {
    resolver: R,
    known: Mutex<Vec<Known>>,
}

struct Known {
    host: String,
    addresses: ResolvedSocketAddrs,
    since: Instant,
}

impl<R> Names<R> {
    pub(super) fn new(resolver: R) -> Self {
        Self {
            resolver,
            known: Mutex::default(),
        }
    }
}

impl<R> std::fmt::Debug for Names<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Names")
    }
}

impl<R: Resolver> Resolver for Names<R> {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        // With the scheme, which decides the port where none is said.
        let host = format!(
            "{}://{}",
            uri.scheme_str().unwrap_or_default(),
            uri.authority().map_or("", |authority| authority.as_str())
        );
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let is_good = |known: &Known| known.since.elapsed() < KEPT_FOR;
        if let Some(found) = known().iter().find(|k| k.host == host && is_good(k)) {
            return Ok(found.addresses.clone());
        }
        let addresses = self.resolver.resolve(uri, config, timeout)?;
        let mut known = known();
        known.retain(|k| k.host != host && is_good(k));
        known.truncate(MAX_HOSTS - 1);
        known.push(Known {
            host,
            addresses: addresses.clone(),
            since: Instant::now(),
        });
        Ok(addresses)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Counts what it is asked.
    #[derive(Debug, Default)]
    struct Counted(Arc<AtomicUsize>);

    impl Resolver for Counted {
        fn resolve(
            &self,
            _: &Uri,
            _: &Config,
            _: NextTimeout,
        ) -> Result<ResolvedSocketAddrs, Error> {
            let n = self.0.fetch_add(1, Ordering::Relaxed);
            let mut addresses = self.empty();
            addresses.push(([127, 0, 0, 1], n as u16).into());
            Ok(addresses)
        }
    }

    #[test]
    fn a_name_is_looked_up_once_for_each_host_and_port() {
        let n_asked = Arc::default();
        let names = Names::new(Counted(Arc::clone(&n_asked)));
        let config = Config::default();
        let port = |uri: &str| {
            let uri: Uri = uri.parse().unwrap();
            let found = names.resolve(&uri, &config, NextTimeout::default());
            found.unwrap()[0].port()
        };
        for (uri, expected) in [
            ("http://a/x", 0),
            ("http://a/y?z", 0),
            ("https://a/x", 1),
            ("http://a:81/x", 2),
            ("http://a/x", 0),
        ] {
            assert_eq!(port(uri), expected, "{uri}");
        }
        // More hosts than are remembered are looked up, too.
        for i in 0..2 * MAX_HOSTS {
            port(&format!("http://b{i}/x"));
        }
        assert_eq!(n_asked.load(Ordering::Relaxed), 3 + 2 * MAX_HOSTS);
        assert!(names.known.lock().unwrap().len() <= MAX_HOSTS);
    }

    #[test]
    fn what_was_found_long_ago_is_looked_up_again_and_makes_room() {
        let n_asked = Arc::default();
        let names = Names::new(Counted(Arc::clone(&n_asked)));
        let find = |uri: String| {
            let found = names.resolve(
                &uri.parse().unwrap(),
                &Config::default(),
                NextTimeout::default(),
            );
            found.unwrap();
            n_asked.load(Ordering::Relaxed)
        };
        for i in 0..MAX_HOSTS {
            find(format!("http://old{i}/"));
        }
        for known in &mut *names.known.lock().unwrap() {
            known.since = known.since.checked_sub(2 * KEPT_FOR).unwrap();
        }
        let before = n_asked.load(Ordering::Relaxed);
        for (host, n_more) in [("old0", 1), ("a", 2), ("b", 3), ("a", 3), ("old0", 3)] {
            assert_eq!(find(format!("http://{host}/")), before + n_more, "{host}");
        }
    }
}
