//! Object stores of the clouds: S3, Google Cloud Storage, Azure Blob Storage, and what speaks as they do.
//!
//! The library beneath is asynchronous. One runtime serves all stores of the process; calls of ours are spawned on it and
//! waited for on a channel, so that they may come from any thread, one of another runtime included. Above this file nothing
//! is asynchronous.

use std::future::Future;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, mpsc};

use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::path::Path;
use object_store::{
    GetOptions, GetRange, MultipartUpload, ObjectMeta, ObjectStore, ObjectStoreExt, PutMode,
    PutOptions, PutPayload, UpdateVersion,
};
use tokio::runtime::{Builder, Runtime};

use super::plan::read_merged;
use super::url::encoded;
use super::{
    Access, Cached, Driver, Durability, Folder, Part, ReadAt, Stage, Store, StoreOptions, UpdateAt,
    Url, Version,
};
use crate::error::{Error, Result, ResultExt};

/// Parts of an upload, all but the last: some services want them equal, and none lets there be more than ten thousand.
const PART_BYTES: usize = 16 << 20;

/// An object in a bucket or a container: `s3://bucket/key`, `gs://bucket/key`, `az://container/key`. Credentials are those
/// that the vendors' own tools find in the environment.
#[derive(Debug)]
pub struct CloudStore {
    object: Arc<Object>,
    /// What was opened last: whoever writes after that changes this version, and no other.
    opened: Mutex<Option<ObjectMeta>>,
}

#[derive(Debug)]
struct Object {
    url: Url,
    store: Arc<dyn ObjectStore>,
    path: Path,
    options: StoreOptions,
}

/// Makes stores of objects, and lists what lies behind a prefix.
pub(super) struct CloudDriver;

impl Driver for CloudDriver {
    fn store(&self, url: &Url, options: &StoreOptions) -> Result<Arc<dyn Store>> {
        Ok(Arc::new(CloudStore::new(url.clone(), options)?))
    }

    fn list(&self, url: &Url, options: &StoreOptions) -> Result<Folder> {
        let prefix = Path::from_url_path(url.remote_path())
            .map_err(|error| Error::invalid(error.to_string()))?;
        let store = build(url, options).map_err(failed)?;
        let found = wait(async move { store.list_with_delimiter(Some(&prefix)).await })?;
        options.observer.tell(url, 0..0, "listed");
        let name = |path: &Path| path.filename().map(encoded);
        let objects = found.objects.iter().map(|object| &object.location);
        let mut folder = Folder {
            files: objects.filter_map(name).collect(),
            folders: found.common_prefixes.iter().filter_map(name).collect(),
        };
        folder.files.sort_unstable();
        folder.folders.sort_unstable();
        Ok(folder)
    }
}

/// The runtime of all object stores of the process.
fn runtime() -> io::Result<&'static Runtime> {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    Ok(RUNTIME.get_or_init(|| runtime))
}

/// Lets the runtime work, and waits for it.
fn wait<T: Send + 'static>(
    work: impl Future<Output = object_store::Result<T>> + Send + 'static,
) -> Result<T> {
    let (done, result) = mpsc::channel();
    runtime()?.spawn(async move {
        // Nobody waits any more only where this thread panicked.
        let _ = done.send(work.await);
    });
    let result = result
        .recv()
        .map_err(|_| Error::storage("the work on a request was given up"))?;
    result.map_err(failed)
}

impl CloudStore {
    /// The object at an address. Nothing is asked for yet.
    ///
    /// # Errors
    /// `InvalidArgument` for an address that names no bucket or no object, or credentials that make no sense.
    pub fn new(url: Url, options: &StoreOptions) -> Result<Self> {
        let path = Path::from_url_path(url.remote_path())
            .map_err(|error| Error::invalid(error.to_string()))?;
        if url.authority().is_empty() || path.as_ref().is_empty() {
            return Err(Error::invalid("an address of no bucket or no object").in_file(&url));
        }
        let store = build(&url, options).map_err(failed).in_file(&url)?;
        Ok(Self {
            object: Arc::new(Object {
                store,
                path,
                options: options.clone(),
                url,
            }),
            opened: Mutex::new(None),
        })
    }

    fn opened(&self) -> std::sync::MutexGuard<'_, Option<ObjectMeta>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn build(url: &Url, options: &StoreOptions) -> object_store::Result<Arc<dyn ObjectStore>> {
    let bucket = format!("{}://{}", url.scheme(), url.authority());
    let is_plain = |endpoint: &str| endpoint.starts_with("http://");
    let client = object_store::ClientOptions::new()
        .with_timeout_disabled()
        .with_connect_timeout(options.timeout)
        .with_read_timeout(options.timeout)
        .with_allow_http(options.endpoint.as_deref().is_some_and(is_plain));
    let retry = object_store::RetryConfig {
        max_retries: options.max_retries as usize,
        ..Default::default()
    };
    Ok(match url.scheme() {
        "gs" => {
            let mut builder = GoogleCloudStorageBuilder::from_env()
                .with_url(bucket)
                .with_client_options(client)
                .with_retry(retry)
                .with_skip_signature(options.anonymous);
            if let Some(endpoint) = &options.endpoint {
                builder = builder.with_base_url(endpoint);
            }
            Arc::new(builder.build()?)
        }
        "az" => {
            let mut builder = MicrosoftAzureBuilder::from_env()
                .with_url(bucket)
                .with_client_options(client)
                .with_retry(retry)
                .with_skip_signature(options.anonymous);
            if let Some(endpoint) = &options.endpoint {
                builder = builder.with_endpoint(endpoint.clone());
            }
            Arc::new(builder.build()?)
        }
        _ => {
            let mut builder = AmazonS3Builder::from_env()
                .with_url(bucket)
                .with_client_options(client)
                .with_retry(retry)
                .with_skip_signature(options.anonymous);
            if let Some(endpoint) = &options.endpoint {
                builder = builder.with_endpoint(endpoint);
            }
            Arc::new(builder.build()?)
        }
    })
}

impl Store for CloudStore {
    fn url(&self) -> &Url {
        &self.object.url
    }

    fn open(&self) -> io::Result<Arc<dyn ReadAt>> {
        let object = self.object.clone();
        let meta = wait(async move { object.store.head(&object.path).await })?;
        *self.opened() = Some(meta.clone());
        let reader = CloudReader {
            object: self.object.clone(),
            meta,
        };
        let cached = Cached::new(Arc::new(reader), self.object.options.cache_bytes);
        Ok(Arc::new(cached))
    }

    fn stage(&self) -> io::Result<Box<dyn Stage>> {
        Ok(Box::new(CloudStage {
            object: self.object.clone(),
            buffer: Vec::new(),
            upload: Mutex::default(),
            replaced: self.opened().clone(),
        }))
    }

    fn update(&self) -> io::Result<Option<Box<dyn UpdateAt>>> {
        // Objects are replaced, and never changed. That there is one is asked, as everywhere.
        self.open()?;
        Ok(None)
    }
}

/// Reads one version of an object.
#[derive(Debug)]
struct CloudReader {
    object: Arc<Object>,
    meta: ObjectMeta,
}

impl CloudReader {
    fn fetch(&self, offset: u64, buf: &mut [u8]) -> io::Result<()> {
        let range = offset..offset + buf.len() as u64;
        let (object, asked, tag) = (self.object.clone(), range.clone(), self.meta.e_tag.clone());
        let (meta, sent, bytes) = wait(async move {
            let options = GetOptions {
                range: Some(GetRange::Bounded(asked)),
                if_match: tag,
                ..GetOptions::default()
            };
            let answer = object.store.get_opts(&object.path, options).await?;
            let (meta, sent) = (answer.meta.clone(), answer.range.clone());
            Ok((meta, sent, answer.bytes().await?))
        })?;
        self.object
            .options
            .observer
            .tell(&self.object.url, range.clone(), "sent");
        if meta.e_tag != self.meta.e_tag || meta.size != self.meta.size {
            return Err(changed().into());
        }
        if sent != range || bytes.len() != buf.len() {
            return Err(Error::storage("other bytes than those that were asked for").into());
        }
        buf.copy_from_slice(&bytes);
        Ok(())
    }
}

impl ReadAt for CloudReader {
    fn len(&self) -> u64 {
        self.meta.size
    }

    fn read_many(&self, parts: &mut [Part<'_>]) -> io::Result<()> {
        read_merged(parts, self.len(), &self.access(), &|offset, buf| {
            self.fetch(offset, buf)
        })
    }

    fn access(&self) -> Access {
        Access::REMOTE
    }

    fn version(&self) -> Option<Version> {
        self.meta.e_tag.clone().map(Version::new)
    }

    fn has_changed(&self) -> bool {
        let object = self.object.clone();
        let now = wait(async move { object.store.head(&object.path).await });
        now.is_ok_and(|now| now.e_tag != self.meta.e_tag || now.size != self.meta.size)
    }
}

/// Small objects are put at once, large ones in parts. Where one was opened before, it must still be the one that is
/// replaced: of two writers one wins, and the other is told.
#[derive(Debug)]
struct CloudStage {
    object: Arc<Object>,
    buffer: Vec<u8>,
    /// A lock that nobody waits for: stages are shared between threads, and uploads are not.
    upload: Mutex<Option<Box<dyn MultipartUpload>>>,
    replaced: Option<ObjectMeta>,
}

impl CloudStage {
    fn upload(&mut self) -> &mut Option<Box<dyn MultipartUpload>> {
        self.upload
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn put_part(&mut self) -> Result<()> {
        let mut upload = match self.upload().take() {
            Some(upload) => upload,
            None => {
                let object = self.object.clone();
                wait(async move { object.store.put_multipart(&object.path).await })?
            }
        };
        let part = upload.put_part(PutPayload::from(std::mem::take(&mut self.buffer)));
        *self.upload() = Some(upload);
        wait(part)
    }

    /// Puts the object at once. The service itself holds it against the version that is to be replaced.
    fn put(&mut self) -> Result<()> {
        let mode = match self.replaced.take() {
            Some(meta) if meta.e_tag.is_some() => PutMode::Update(UpdateVersion {
                e_tag: meta.e_tag,
                version: meta.version,
            }),
            _ => PutMode::Overwrite,
        };
        let (object, payload) = (
            self.object.clone(),
            PutPayload::from(std::mem::take(&mut self.buffer)),
        );
        wait(async move {
            let options = PutOptions::from(mode);
            object.store.put_opts(&object.path, payload, options).await
        })?;
        Ok(())
    }

    /// Ends an upload in parts. Services have no condition for that: the version is asked for just before.
    fn complete(&mut self, mut upload: Box<dyn MultipartUpload>) -> Result<()> {
        if let Some(replaced) = self.replaced.take() {
            let object = self.object.clone();
            let now = wait(async move { object.store.head(&object.path).await })?;
            if now.e_tag != replaced.e_tag {
                *self.upload() = Some(upload);
                return Err(changed());
            }
        }
        wait(async move { upload.complete().await })?;
        Ok(())
    }
}

impl Write for CloudStage {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = bytes.len().min(PART_BYTES - self.buffer.len());
        self.buffer.extend_from_slice(&bytes[..n]);
        if self.buffer.len() == PART_BYTES {
            self.put_part()?;
        }
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Stage for CloudStage {
    fn commit(mut self: Box<Self>, _durability: Durability) -> io::Result<()> {
        if self.upload().is_none() {
            return Ok(self.put()?);
        }
        if !self.buffer.is_empty() {
            self.put_part()?;
        }
        let upload = self.upload().take();
        match upload {
            Some(upload) => Ok(self.complete(upload)?),
            None => Ok(()),
        }
    }
}

impl Drop for CloudStage {
    fn drop(&mut self) {
        let upload = self.upload().take();
        if let Some(mut upload) = upload {
            // Parts that stay cost money; services remove them by rules of the bucket if this fails.
            let _ = wait(async move { upload.abort().await });
        }
    }
}

fn changed() -> Error {
    Error::changed("the service has another version of the object than the one that was opened")
}

/// Our words for an error of the library beneath. Its own may hold addresses that are signed.
fn failed(error: object_store::Error) -> Error {
    use object_store::Error as E;
    match error {
        E::NotFound { .. } => Error::not_found("the service has no such object"),
        E::Precondition { .. } | E::NotModified { .. } => changed(),
        E::AlreadyExists { .. } => Error::invalid("there is an object of this name already"),
        E::PermissionDenied { .. } => Error::storage("the service does not allow this"),
        E::Unauthenticated { .. } => Error::storage("the service asks for credentials"),
        E::NotSupported { .. } | E::NotImplemented { .. } => {
            Error::unsupported("the service cannot do this")
        }
        E::InvalidPath { .. } => Error::invalid("no name that an object can have"),
        E::UnknownConfigurationKey { .. } => {
            Error::invalid("a setting of the environment that is not known")
        }
        E::Generic { store, .. } => Error::storage(format!("the request to {store} failed")),
        _ => Error::storage("the request to the service failed"),
    }
}
