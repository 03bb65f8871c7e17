//! Files on FTP servers, in plain and over TLS, for reading.
//!
//! One connection serves a handle. Each read is a transfer of its own that starts at an offset (`REST`) and is broken off
//! once it has brought what was wanted, so that parts which lie within a megabyte of each other are one. Nothing in a transfer
//! says which version of the file it is of: the server is asked for that after each read.

use std::fmt;
use std::io::{self, Read};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::{Arc, Mutex, PoisonError};

use suppaftp::rustls::pki_types::CertificateDer;
use suppaftp::rustls::pki_types::pem::PemObject;
use suppaftp::rustls::{ClientConfig, RootCertStore};
use suppaftp::types::FileType;
use suppaftp::{FtpError, RustlsConnector, RustlsFtpStream, Status};

use super::plan::{FIRST_BYTES, Fetch};
use super::read_only::read_only;
use super::url::decoded;
use super::{Access, Cached, Part, ReadAt, Stage, Store, StoreOptions, UpdateAt, Url, Version};
use crate::error::{Error, ErrorKind, Result, ResultExt};

/// A file on an FTP server. It can be read, and not written. Who gives no user is anonymous.
#[derive(Debug)]
pub struct FtpStore {
    server: Arc<Server>,
}

/// Who is asked, and for what.
struct Server {
    url: Url,
    /// With its port.
    address: String,
    host: String,
    user: String,
    password: String,
    path: String,
    /// What a secure connection is made with: TLS is demanded by `ftps`, and never left out.
    tls: Option<Arc<ClientConfig>>,
    options: StoreOptions,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Server").field(&self.url).finish()
    }
}

pub(super) fn driver(url: &Url, options: &StoreOptions) -> Result<Arc<dyn Store>> {
    Ok(Arc::new(FtpStore::new(url.clone(), options)?))
}

impl FtpStore {
    /// The file at an `ftp` or `ftps` address. Nothing is asked for yet.
    ///
    /// # Errors
    /// `InvalidArgument` for an address that names no host or no file; `Io` for certificates that cannot be read.
    pub fn new(url: Url, options: &StoreOptions) -> Result<Self> {
        let path = decoded(url.remote_path().strip_prefix('/').unwrap_or(""))?;
        let (host, port) = split_port(url.authority())?;
        let (user, password) = url.credentials().unwrap_or(("anonymous", "anonymous@"));
        if host.is_empty() || path.is_empty() || path.ends_with('/') {
            return Err(Error::invalid("an address of no host or no file").in_file(&url));
        }
        // A line end would begin another command.
        if [&path, user, password]
            .iter()
            .any(|text| text.contains(char::is_control))
        {
            return Err(Error::invalid("an address with control characters").in_file(&url));
        }
        let tls = match url.scheme() {
            "ftps" => Some(tls()?),
            _ => None,
        };
        Ok(Self {
            server: Arc::new(Server {
                address: format!("{host}:{port}"),
                host: host.trim_matches(['[', ']']).to_owned(),
                user: user.to_owned(),
                password: password.to_owned(),
                path,
                tls,
                options: options.clone(),
                url,
            }),
        })
    }
}

fn split_port(authority: &str) -> Result<(&str, u16)> {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => {
            let port = port
                .parse()
                .map_err(|_| Error::invalid("an address whose port is no number"))?;
            Ok((host, port))
        }
        _ => Ok((authority, 21)),
    }
}

/// What trusts the certificates of a private authority (`SSL_CERT_FILE`), or those that browsers trust.
fn tls() -> Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    match std::env::var_os("SSL_CERT_FILE") {
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(path) => {
            let bad = |error: &dyn fmt::Display| {
                Error::invalid(format!("SSL_CERT_FILE: {error}")).in_file(&path)
            };
            let pem = std::fs::read(&path).in_file(&path)?;
            for certificate in CertificateDer::pem_slice_iter(&pem) {
                let certificate = certificate.map_err(|error| bad(&error))?;
                roots.add(certificate).map_err(|error| bad(&error))?;
            }
        }
    }
    // Named: where another dependency brings a second one, none is the default.
    let provider = Arc::new(suppaftp::rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::unsupported(format!("no TLS: {error}")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

impl Store for FtpStore {
    fn url(&self) -> &Url {
        &self.server.url
    }

    fn open(&self) -> io::Result<Arc<dyn ReadAt>> {
        let mut connection = self.server.connect()?;
        let pin = self.server.pin(&mut connection)?;
        let reader = FtpReader {
            server: self.server.clone(),
            pin,
            connection: Mutex::new(Some(connection)),
        };
        let len = reader.pin.len;
        let cached = Cached::new(Arc::new(reader), self.server.options.cache_bytes);
        // Whoever opens a file looks at its first bytes, several times, and a transfer of four costs as much as this.
        cached.prefetch(std::slice::from_ref(&(0..FIRST_BYTES.min(len))))?;
        Ok(Arc::new(cached))
    }

    fn stage(&self) -> io::Result<Box<dyn Stage>> {
        Err(read_only("FTP").into())
    }

    fn update(&self) -> io::Result<Option<Box<dyn UpdateAt>>> {
        Err(read_only("FTP").into())
    }
}

impl Server {
    /// Connects and logs in.
    fn connect(&self) -> Result<RustlsFtpStream> {
        let (timeout, mut last) = (self.options.timeout, None);
        let connected = self.address.to_socket_addrs()?.find_map(|address| {
            TcpStream::connect_timeout(&address, timeout)
                .map_err(|error| last = Some(error))
                .ok()
        });
        let Some(stream) = connected else {
            let words = last.map_or("there is no host of this name".to_owned(), |error| {
                error.to_string()
            });
            return Err(Error::storage(words));
        };
        stream.set_read_timeout(Some(timeout))?;
        stream.set_write_timeout(Some(timeout))?;
        let connected =
            RustlsFtpStream::connect_with_stream(stream).and_then(|connection| match &self.tls {
                Some(tls) => connection.into_secure(RustlsConnector::from(tls.clone()), &self.host),
                None => Ok(connection),
            });
        let connection = connected.map_err(failed)?;
        // A server behind a router may name an address that only its own network knows.
        let mut connection = connection.passive_stream_builder(move |address| {
            let stream =
                TcpStream::connect_timeout(&address, timeout).map_err(FtpError::ConnectionError)?;
            stream
                .set_read_timeout(Some(timeout))
                .map_err(FtpError::ConnectionError)?;
            Ok(stream)
        });
        connection.set_passive_nat_workaround(true);
        connection
            .login(&self.user, &self.password)
            .map_err(failed)?;
        connection.transfer_type(FileType::Binary).map_err(failed)?;
        Ok(connection)
    }

    /// How long the file is, and when it was changed if the server tells.
    fn pin(&self, connection: &mut RustlsFtpStream) -> Result<Pin> {
        let len = connection.size(&self.path).map_err(failed)? as u64;
        let modified = match connection.mdtm(&self.path) {
            Ok(time) => Some(time.to_string()),
            Err(error) if is_of_connection(&error) => return Err(failed(error)),
            // It does not know the command, or not the time.
            Err(_) => None,
        };
        self.options.observer.tell(&self.url, 0..0, "size");
        Ok(Pin { len, modified })
    }
}

/// What tells one version of a file from another.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pin {
    len: u64,
    modified: Option<String>,
}

/// Reads one version of a file.
struct FtpReader {
    server: Arc<Server>,
    pin: Pin,
    /// Nothing after a failure: the next read connects anew.
    connection: Mutex<Option<RustlsFtpStream>>,
}

impl fmt::Debug for FtpReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.server.fmt(f)
    }
}

impl Fetch for FtpReader {
    fn fetch(&self, offset: u64, buf: &mut [u8]) -> io::Result<()> {
        self.retry(|connection| self.transfer(connection, offset, buf))
    }
}

impl FtpReader {
    /// Works on the connection there is, and on a new one if the server has closed that: servers do when they are idle.
    fn retry(&self, mut work: impl FnMut(&mut RustlsFtpStream) -> Result<()>) -> io::Result<()> {
        let mut connection = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut n_tries = 0;
        loop {
            let result = self.connected(&mut connection).and_then(&mut work);
            let error = match result {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            *connection = None;
            if error.kind() != ErrorKind::Io || n_tries >= self.server.options.max_retries {
                return Err(error.into());
            }
            n_tries += 1;
        }
    }

    /// The connection there is, or a new one to the version that was opened.
    fn connected<'c>(
        &self,
        connection: &'c mut Option<RustlsFtpStream>,
    ) -> Result<&'c mut RustlsFtpStream> {
        match connection {
            Some(connection) => Ok(connection),
            none => {
                let mut new = self.server.connect()?;
                self.check_version(&mut new)?;
                Ok(none.insert(new))
            }
        }
    }

    /// Asks whether the file is still the one that was opened.
    fn check_version(&self, connection: &mut RustlsFtpStream) -> Result<()> {
        if self.server.pin(connection)? != self.pin {
            return Err(Error::changed(
                "the server has another version of the file than the one that was opened",
            ));
        }
        Ok(())
    }

    fn transfer(
        &self,
        connection: &mut RustlsFtpStream,
        offset: u64,
        buf: &mut [u8],
    ) -> Result<()> {
        let start =
            usize::try_from(offset).map_err(|_| Error::storage("an offset that is too large"))?;
        connection.resume_transfer(start).map_err(failed)?;
        let mut transfer = connection
            .retr_as_stream(&self.server.path)
            .map_err(failed)?;
        let (n, filled) = fill(&mut transfer, buf);
        let (observer, came) = (&self.server.options.observer, offset..offset + n as u64);
        let outcome = if filled.is_ok() { "sent" } else { "cut" };
        observer.tell(&self.server.url, came, outcome);
        filled?;
        let at_end = offset + buf.len() as u64 == self.pin.len;
        match transfer.finish() {
            Ok(()) => Ok(()),
            // The server says that it was broken off, as it was.
            Err(FtpError::UnexpectedResponse(_)) if !at_end => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }
}

impl ReadAt for FtpReader {
    fn len(&self) -> u64 {
        self.pin.len
    }

    fn read_many(&self, parts: &mut [Part<'_>]) -> io::Result<()> {
        self.fetch_many(parts)?;
        // Once for all parts: it takes two round trips.
        self.retry(|connection| self.check_version(connection))
    }

    fn access(&self) -> Access {
        // A transfer costs several round trips, and there is one at a time.
        Access {
            merge_gap: 1 << 20,
            max_in_flight: 1,
            max_request: 64 << 20,
            ..Access::REMOTE
        }
    }

    fn version(&self) -> Option<Version> {
        let modified = self.pin.modified.as_ref()?;
        Some(Version::new(format!("{modified} {}", self.pin.len)))
    }

    fn has_changed(&self) -> bool {
        let pin = self
            .server
            .connect()
            .and_then(|mut connection| self.server.pin(&mut connection));
        pin.is_ok_and(|pin| pin != self.pin)
    }
}

/// Fills a buffer from a transfer, and says how much of it came.
fn fill(transfer: &mut impl Read, buf: &mut [u8]) -> (usize, Result<()>) {
    let mut n = 0;
    while n < buf.len() {
        match transfer.read(&mut buf[n..]) {
            // The file is longer: it was so a moment ago.
            Ok(0) => return (n, Err(Error::storage("the server ended a transfer early"))),
            Ok(more) => n += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (n, Err(error.into())),
        }
    }
    (n, Ok(()))
}

/// Whether it says that a connection is at its end or cannot be had now, and nothing of the file.
fn is_of_connection(error: &FtpError) -> bool {
    match error {
        FtpError::ConnectionError(_) => true,
        FtpError::UnexpectedResponse(response) => is_transient(response.status),
        _ => false,
    }
}

/// What servers say when they close a connection that was idle, and when one for data fails.
fn is_transient(status: Status) -> bool {
    matches!(
        status,
        Status::NotAvailable | Status::CannotOpenDataConnection | Status::TransferAborted
    )
}

/// Our words for what the server said.
fn failed(error: FtpError) -> Error {
    match error {
        FtpError::ConnectionError(error) => {
            Error::storage(format!("the connection failed: {error}"))
        }
        FtpError::UnexpectedResponse(response) if response.status == Status::FileUnavailable => {
            Error::not_found("the server has no such file, or does not give it")
        }
        FtpError::UnexpectedResponse(response) if response.status == Status::NotLoggedIn => {
            Error::invalid("the server refuses this user and password")
        }
        FtpError::UnexpectedResponse(response) if is_transient(response.status) => {
            Error::storage(format!("the server answers {}", response.status.code()))
        }
        FtpError::UnexpectedResponse(response) => {
            Error::unsupported(format!("the server answers {}", response.status.code()))
        }
        FtpError::SecureError(words) => Error::invalid(format!("no secure connection: {words}")),
        error => Error::storage(error.to_string()),
    }
}
