//! Files on web servers, read in ranges: only what is asked for, several parts at once, and never of two versions.
//!
//! [`client`] makes one request and follows where it leads, to hosts that [`names`] remembers, [`answer`] says what an answer means, [`reader`] is the store
//! of both: it asks again where that may help, and pins the version that it saw first.

pub(super) mod answer;
mod client;
mod names;
mod reader;

use std::io;
use std::sync::Arc;

use self::client::Client;
use self::reader::HttpReader;
use super::read_only::read_only;
use super::{Driver, ReadAt, Stage, Store, StoreOptions, UpdateAt, Url};
use crate::error::{Error, Result};

/// Makes stores of `http` and `https` addresses.
pub(super) struct HttpDriver;

impl Driver for HttpDriver {
    fn store(&self, url: &Url, options: &StoreOptions) -> Result<Arc<dyn Store>> {
        Ok(Arc::new(HttpStore::new(url.clone(), options)?))
    }
}

/// A file on a web server. It can be read, and not written.
///
/// ```no_run
/// use paginum::storage::{HttpStore, Store, StoreOptions, Url};
/// let url = Url::parse("https://example.org/mesh.pv")?;
/// let mut start = [0; 8];
/// HttpStore::new(url, &StoreOptions::default())?.open()?.read_exact_at(&mut start, 0)?;
/// # Ok::<(), paginum::Error>(())
/// ```
#[derive(Debug)]
pub struct HttpStore {
    client: Arc<Client>,
}

impl HttpStore {
    /// The file at an address. Nothing is asked for yet.
    ///
    /// # Errors
    /// `InvalidArgument` for an address without a host, or headers that are none; `Io` for certificates that cannot be read.
    pub fn new(url: Url, options: &StoreOptions) -> Result<Self> {
        if url.authority().is_empty() {
            return Err(Error::invalid("an address without a host").in_file(&url));
        }
        Ok(Self {
            client: Arc::new(Client::new(url, options)?),
        })
    }
}

impl Store for HttpStore {
    fn url(&self) -> &Url {
        self.client.url()
    }

    fn open(&self) -> io::Result<Arc<dyn ReadAt>> {
        Ok(HttpReader::open(&self.client)?)
    }

    fn stage(&self) -> io::Result<Box<dyn Stage>> {
        Err(read_only("web").into())
    }

    fn update(&self) -> io::Result<Option<Box<dyn UpdateAt>>> {
        Err(read_only("web").into())
    }
}
