//! Files on web servers by the library that serves object stores, for callers who ask for it.

use std::io;
use std::sync::Arc;

use object_store::http::HttpBuilder;
use object_store::path::Path;
use object_store::{ClientOptions, HeaderMap, HeaderValue, RetryConfig};

use super::super::authorization::basic_authorization;
use super::super::read_only::read_only;
use super::super::{Driver, ReadAt, Stage, Store, StoreOptions, UpdateAt, Url};
use super::{Object, failed};
use crate::error::{Error, Result};

/// Makes stores of `http` and `https` addresses by the crate `object_store`, in place of the usual ones: for programs that want one way
/// to the network, that of their object stores. What is weaker by it, `docs/STORES.md` says.
///
/// ```
/// use std::sync::Arc;
/// use paginum::storage::{Drivers, ObjectHttp};
/// let drivers = Drivers::default()
///     .with("http", Arc::new(ObjectHttp))
///     .with("https", Arc::new(ObjectHttp));
/// assert_eq!(drivers.store("https://example.org/mesh.pv")?.url().scheme(), "https");
/// # Ok::<(), paginum::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct ObjectHttp;

impl Driver for ObjectHttp {
    fn store(&self, url: &Url, options: &StoreOptions) -> Result<Arc<dyn Store>> {
        if url.authority().is_empty() {
            return Err(Error::invalid("an address without a host"));
        }
        let store = HttpBuilder::new()
            .with_url(url.request_text())
            .with_client_options(client(url, options)?)
            .with_retry(RetryConfig {
                max_retries: options.max_retries as usize,
                ..RetryConfig::default()
            });
        Ok(Arc::new(WebStore {
            object: Arc::new(Object {
                store: Arc::new(store.build().map_err(failed)?),
                // The address is that of the file, so that its query goes with it: nothing is appended.
                path: Path::default(),
                options: options.clone(),
                is_sent_as_it_is: true,
                url: url.clone(),
            }),
        }))
    }
}

/// How servers are asked: never without TLS, wherever an address with it leads.
fn client(url: &Url, options: &StoreOptions) -> Result<ClientOptions> {
    let mut headers = HeaderMap::new();
    if let Some(value) = authorization(url, options)? {
        let value = HeaderValue::try_from(value);
        let mut value = value.map_err(|_| Error::invalid("a header whose value is none"))?;
        value.set_sensitive(true);
        headers.insert("authorization", value);
    }
    let agent = concat!("paginum/", env!("CARGO_PKG_VERSION"));
    Ok(ClientOptions::new()
        .with_user_agent(HeaderValue::from_static(agent))
        .with_default_headers(headers)
        .with_allow_http(url.scheme() == "http")
        .with_timeout_disabled()
        .with_connect_timeout(options.timeout)
        .with_read_timeout(options.timeout))
}

/// The one header that the client beneath keeps from hosts that an address leads to.
fn authorization(url: &Url, options: &StoreOptions) -> Result<Option<String>> {
    let mut authorization = basic_authorization(url);
    for (name, value) in &options.headers.0 {
        if !name.eq_ignore_ascii_case("authorization") {
            return Err(Error::unsupported(format!(
                "the header {name} would go to every host that an address leads to: asked so, web servers get Authorization alone"
            )));
        }
        authorization = Some(value.clone());
    }
    Ok(authorization)
}

/// A file on a web server. It can be read, and not written.
#[derive(Debug)]
struct WebStore {
    object: Arc<Object>,
}

impl Store for WebStore {
    fn url(&self) -> &Url {
        &self.object.url
    }

    fn open(&self) -> io::Result<Arc<dyn ReadAt>> {
        Ok(self.object.reader(self.object.first()?))
    }

    fn stage(&self) -> io::Result<Box<dyn Stage>> {
        Err(read_only("web").into())
    }

    fn update(&self) -> io::Result<Option<Box<dyn UpdateAt>>> {
        Err(read_only("web").into())
    }
}

#[cfg(test)]
mod tests {
    use object_store::ClientConfigKey;

    use super::*;

    #[test]
    fn what_is_asked_for_by_tls_is_never_asked_for_without() {
        for (address, expected) in [("https://h/a", "false"), ("http://h/a", "true")] {
            let url = Url::parse(address).unwrap();
            let client = client(&url, &StoreOptions::default()).unwrap();
            let value = client.get_config_value(&ClientConfigKey::AllowHttp);
            assert_eq!(value.as_deref(), Some(expected), "{address}");
        }
    }
}
