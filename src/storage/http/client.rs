//! One request to a web server: where it leads, and how it fails.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ureq::http::{HeaderMap, Response};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body};

use super::answer::Pin;
use super::names::Names;
use crate::error::{Error, Result, ResultExt};
use crate::storage::authorization::basic_authorization;
use crate::storage::{Access, StoreOptions, Url};

/// As many as browsers follow, or half of that.
const MAX_REDIRECTS: usize = 10;
/// The longest wait before a request is made again, whatever a server asks for.
const MAX_WAIT: Duration = Duration::from_secs(10);
const FIRST_WAIT: Duration = Duration::from_millis(100);
/// Heads of answers beyond this are refused.
const MAX_HEAD_BYTES: usize = 64 << 10;

/// Asks for one file.
pub(super) struct Client {
    url: Url,
    agent: Agent,
    pub(super) options: StoreOptions,
    /// The value of the header that carries user and password.
    authorization: Option<String>,
    /// Where the address led the last time.
    led_to: Mutex<Option<String>>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Client").field(&self.url).finish()
    }
}

/// Why there is no answer, and whether asking again may help.
pub(super) struct Failure {
    pub(super) error: Error,
    pub(super) may_pass: bool,
}

impl Client {
    pub(super) fn new(url: Url, options: &StoreOptions) -> Result<Self> {
        let timeout = Some(options.timeout);
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .accept_encoding("identity")
            .user_agent(concat!("paginum/", env!("CARGO_PKG_VERSION")))
            .max_response_header_size(MAX_HEAD_BYTES)
            .timeout_resolve(timeout)
            .timeout_connect(timeout)
            .timeout_send_request(timeout)
            .timeout_recv_response(timeout)
            .timeout_per_read(timeout)
            // As many as are under way at once: others would be closed after each request, and opened again.
            .max_idle_connections(Access::REMOTE.max_in_flight)
            .max_idle_connections_per_host(Access::REMOTE.max_in_flight)
            .tls_config(
                TlsConfig::builder()
                    .root_certs(root_certificates()?)
                    .build(),
            )
            .build();
        let names = Names::new(DefaultResolver::default());
        Ok(Self {
            agent: Agent::with_parts(config, DefaultConnector::new(), names),
            authorization: basic_authorization(&url),
            options: options.clone(),
            led_to: Mutex::new(None),
            url,
        })
    }

    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// Asks for a range, of the version `pin` if one was seen before, and follows where that leads.
    pub(super) fn get(
        &self,
        range: &Range<u64>,
        pin: Option<&Pin>,
    ) -> std::result::Result<Response<Body>, Failure> {
        let origin = ascii(&self.url.request_text());
        let led_to = self
            .led_to
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let mut address = led_to.clone().unwrap_or_else(|| origin.clone());
        for _ in 0..=MAX_REDIRECTS {
            let answer = self.get_once(&address, &origin, range, pin)?;
            let status = answer.status().as_u16();
            if !matches!(status, 301 | 302 | 303 | 307 | 308) {
                // A signed address that was led to may be good for a while only.
                if led_to.as_ref() == Some(&address) && matches!(status, 401 | 403 | 404 | 410) {
                    *self.led_to.lock().unwrap_or_else(PoisonError::into_inner) = None;
                    return self.get(range, pin);
                }
                if address != origin {
                    *self.led_to.lock().unwrap_or_else(PoisonError::into_inner) = Some(address);
                }
                return Ok(answer);
            }
            let target = header(answer.headers(), "location").unwrap_or_default();
            address = redirected(&address, target).map_err(|words| Failure {
                error: Error::storage(words),
                may_pass: false,
            })?;
        }
        Err(Failure {
            error: Error::storage(format!(
                "the server redirects more than {MAX_REDIRECTS} times"
            )),
            may_pass: false,
        })
    }

    fn get_once(
        &self,
        address: &str,
        origin: &str,
        range: &Range<u64>,
        pin: Option<&Pin>,
    ) -> std::result::Result<Response<Body>, Failure> {
        let mut request = self.agent.get(address);
        request = request.header("Range", format!("bytes={}-{}", range.start, range.end - 1));
        if let Some((name, value)) = pin.and_then(Pin::condition) {
            request = request.header(name, value);
        }
        // Secrets are for the host that they were given for.
        if host_of(address) == host_of(origin) {
            for (name, value) in &self.options.headers.0 {
                request = request.header(name, value);
            }
            if let Some(authorization) = &self.authorization {
                request = request.header("Authorization", authorization);
            }
        }
        let answer = request.call();
        let status = answer.as_ref().map(Response::status);
        match status
            .as_ref()
            .map_or("no answer", |status| status.as_str())
        {
            // That may bring bytes: the reader tells of it, once it knows how many came.
            "200" | "206" => {}
            outcome => {
                let none = range.start..range.start;
                self.options.observer.tell(&self.url, none, outcome);
            }
        }
        answer.map_err(failure)
    }
}

/// How long to wait before a request is made again for the `n`-th time: longer each time, and never in step with others.
pub(super) fn wait(n: u32, asked_for: Option<Duration>) -> Duration {
    // A hasher of the standard library is as random as this needs.
    wait_of(n, asked_for, RandomState::new().build_hasher().finish())
}

fn wait_of(n: u32, asked_for: Option<Duration>, random: u64) -> Duration {
    let longest = FIRST_WAIT.saturating_mul(1 << n.min(10)).min(MAX_WAIT);
    let thousandths = u32::try_from(random % 1000).unwrap_or(0);
    let wait = longest / 2 + longest / 2 * thousandths / 1000;
    asked_for.unwrap_or(wait).min(MAX_WAIT)
}

/// How long a server asks to be left alone.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = header(headers, "retry-after")?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

pub(super) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Our words for an error of the library beneath. Its own may hold the address, which may hold secrets.
fn failure(error: ureq::Error) -> Failure {
    use ureq::Error as E;
    let (words, may_pass) = match &error {
        E::Io(error) => (format!("the connection failed: {error}"), true),
        E::Timeout(what) => (format!("the server took too long ({what})"), true),
        E::HostNotFound => ("there is no host of this name".to_owned(), false),
        E::ConnectionFailed | E::BodyStalled => (error.to_string(), true),
        E::BadUri(_) | E::Http(_) => (
            "this is no address or header that can be asked with".to_owned(),
            false,
        ),
        E::ConnectProxyFailed(_) | E::InvalidProxyUrl => ("the proxy refuses".to_owned(), false),
        E::Protocol(_) | E::LargeResponseHeader(..) => {
            (format!("the answer is no HTTP: {error}"), false)
        }
        _ => (error.to_string(), false),
    };
    Failure {
        error: Error::storage(words),
        may_pass,
    }
}

/// Where an answer leads, from `address`: to another `http` or `https` address, and never from the second to the first.
fn redirected(address: &str, target: &str) -> std::result::Result<String, String> {
    let (scheme, rest) = address.split_once("://").unwrap_or(("http", address));
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let target = ascii(target.split('#').next().unwrap_or_default().trim());
    let is_absolute = target.split_once(':').is_some_and(|(scheme, _)| {
        !scheme.is_empty()
            && scheme
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
    });
    let address = if target.is_empty() {
        return Err("the server redirects to nowhere".to_owned());
    } else if is_absolute {
        target
    } else if let Some(rest) = target.strip_prefix("//") {
        format!("{scheme}://{rest}")
    } else if target.starts_with('/') {
        format!("{scheme}://{authority}{target}")
    } else if target.starts_with('?') {
        format!("{scheme}://{authority}{path}{target}")
    } else {
        let folder = &path[..path.rfind('/').map_or(0, |at| at + 1)];
        let slash = if folder.is_empty() { "/" } else { "" };
        format!("{scheme}://{authority}{slash}{folder}{target}")
    };
    let new_scheme = address
        .split_once("://")
        .map(|(scheme, _)| scheme.to_ascii_lowercase());
    match (scheme, new_scheme.as_deref()) {
        (_, Some("https")) | ("http", Some("http")) => Ok(address),
        (_, Some("http")) => Err("the server redirects from https to http, which anyone on the way could read and change".to_owned()),
        _ => Err("the server redirects to what is no web address".to_owned()),
    }
}

/// Scheme, host and port.
fn host_of(address: &str) -> String {
    let start = address.find("://").map_or(0, |at| at + 3);
    let end = address[start..]
        .find(['/', '?', '#'])
        .map_or(address.len(), |at| start + at);
    let host = address[..end].to_ascii_lowercase();
    // Users in addresses that servers redirect to are not ours.
    match host.split_once("://") {
        Some((scheme, rest)) => format!("{scheme}://{}", rest.rsplit('@').next().unwrap_or(rest)),
        None => host,
    }
}

/// Bytes that a request line cannot have, percent-encoded.
fn ascii(text: &str) -> String {
    let mut ascii = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            0x21..=0x7e => ascii.push(byte.into()),
            _ => ascii.push_str(&format!("%{byte:02X}")),
        }
    }
    ascii
}

/// Certificates of a private authority (`SSL_CERT_FILE`), or those that browsers trust.
fn root_certificates() -> Result<RootCerts> {
    let Some(path) = std::env::var_os("SSL_CERT_FILE") else {
        return Ok(RootCerts::WebPki);
    };
    let pem = std::fs::read(&path).in_file(&path)?;
    let mut certificates = Vec::new();
    for item in parse_pem(&pem) {
        match item {
            Ok(PemItem::Certificate(certificate)) => certificates.push(certificate),
            Ok(_) => {}
            Err(error) => {
                return Err(Error::invalid("SSL_CERT_FILE holds what is no certificate")
                    .with_source(error)
                    .in_file(&path));
            }
        }
    }
    Ok(RootCerts::from(certificates))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_lead_where_they_say_and_never_out_of_https() {
        let from = "https://h:1/a/b?q";
        for (target, expected) in [
            ("https://x/y", "https://x/y"),
            ("//x/y", "https://x/y"),
            ("/y?z#f", "https://h:1/y?z"),
            ("y", "https://h:1/a/y"),
            ("?z", "https://h:1/a/b?z"),
            ("y/\u{e9} ", "https://h:1/a/y/%C3%A9"),
            ("y/z:1", "https://h:1/a/y/z:1"),
        ] {
            assert_eq!(redirected(from, target).unwrap(), expected, "{target}");
        }
        for target in [
            "http://x/y",
            "HTTP://x/y",
            "ftp://x/y",
            "file:///etc/passwd",
            "javascript:x",
            "",
            "#x",
        ] {
            assert!(redirected(from, target).is_err(), "{target}");
        }
        let words = redirected(from, "http://x/y").unwrap_err();
        assert!(words.contains("from https to http"), "{words}");
        assert_eq!(redirected("http://h", "y").unwrap(), "http://h/y");
        assert_eq!(
            redirected("http://h/a", "http://x/y").unwrap(),
            "http://x/y"
        );
        assert_eq!(
            redirected("http://h/a", "https://x/y").unwrap(),
            "https://x/y"
        );
    }

    #[test]
    fn secrets_go_to_their_host_alone() {
        let is_same = |a, b| host_of(a) == host_of(b);
        assert!(is_same("http://h:1/a", "http://H:1?b"));
        for other in [
            "http://h:2/a",
            "https://h:1/a",
            "http://h.x:1/a",
            "http://h:1@x/a",
            "http://x",
        ] {
            assert!(!is_same("http://h:1/a", other), "{other}");
        }
    }

    #[test]
    fn waits_grow_and_are_never_longer_than_ten_seconds() {
        let millis = |n, asked_for, random| wait_of(n, asked_for, random).as_millis();
        for (n, random, expected) in [
            (0, 0, 50),
            (0, 1_000_500, 75),
            (0, 999, 99),
            (3, 250, 500),
            (7, 0, 5_000),
            (u32::MAX, u64::MAX - 1, 8_070),
        ] {
            assert_eq!(millis(n, None, random), expected, "{n}, {random}");
        }
        for (seconds, expected) in [(0, 0), (3, 3_000), (3600, 10_000)] {
            let asked_for = Some(Duration::from_secs(seconds));
            assert_eq!(millis(5, asked_for, 77), expected);
        }
        let mut headers = HeaderMap::new();
        assert_eq!(retry_after(&headers), None);
        headers.insert("retry-after", " 7".parse().unwrap());
        assert_eq!(retry_after(&headers), Some(Duration::from_secs(7)));
    }

    #[test]
    fn failures_that_may_pass_are_known_and_none_tells_the_address() {
        use ureq::Error as E;
        for (error, may_pass, words) in [
            (E::ConnectionFailed, true, "onnection"),
            (E::BodyStalled, true, ""),
            (
                E::Timeout(ureq::Timeout::Connect),
                true,
                "the server took too long",
            ),
            (E::HostNotFound, false, "no host of this name"),
            (E::BadUri("secret".to_owned()), false, "no address"),
            (
                E::ConnectProxyFailed("secret".to_owned()),
                false,
                "the proxy refuses",
            ),
            (E::LargeResponseHeader(2, 1), false, "no HTTP"),
        ] {
            let failure = failure(error);
            let said = failure.error.to_string();
            assert_eq!(failure.may_pass, may_pass, "{said}");
            assert!(said.contains(words) && !said.contains("secret"), "{said}");
        }
    }
}
