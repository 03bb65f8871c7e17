//! Object stores of the clouds: S3, Google Cloud Storage, Azure Blob Storage, and what speaks as they do.
//!
//! The library beneath is asynchronous. One runtime serves all stores of the process; calls of ours are spawned on it and
//! waited for on a channel, so that they may come from any thread, one of another runtime included. Above this file nothing
//! is asynchronous.

mod causes;
mod reader;
mod services;
mod stage;
mod web;

use std::future::Future;
use std::io;
use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, mpsc};

use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};
use tokio::runtime::{Builder, Runtime};

use self::services::build;
use self::stage::CloudStage;
pub use self::web::ObjectHttp;
use super::url::encoded;
use super::{Driver, Folder, ReadAt, Stage, Store, StoreOptions, UpdateAt, Url};
use crate::error::{Error, ErrorKind, Result, ResultExt};

/// An object in a bucket or a container: `s3://bucket/key`, `gs://bucket/key`, `az://container/key`. Credentials are those
/// that the vendors' own tools find in the environment.
#[derive(Debug)]
pub struct CloudStore {
    object: Arc<Object>,
    /// What was there when it was opened last: whoever writes after that replaces this, and nothing else.
    seen: Mutex<Seen>,
}

/// What was there when an object was asked for.
#[derive(Clone, Debug, Default)]
enum Seen {
    /// It was not asked for.
    #[default]
    Unknown,
    /// No object.
    Absent,
    /// A version of it.
    Version(ObjectMeta),
}

#[derive(Debug)]
struct Object {
    url: Url,
    store: Arc<dyn ObjectStore>,
    path: Path,
    options: StoreOptions,
    /// Whether an answer is refused whose bytes the server has encoded.
    is_sent_as_it_is: bool,
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
        let store = build(url, options)?;
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

impl Object {
    /// What the service says of it now.
    fn head(self: &Arc<Self>) -> Result<ObjectMeta> {
        let object = self.clone();
        let meta = wait(async move { object.store.head(&object.path).await });
        let outcome = if meta.is_ok() { "head" } else { "failed" };
        self.options.observer.tell(&self.url, 0..0, outcome);
        meta
    }

    /// Tells of a request that writes, and brought these bytes.
    fn told<T>(&self, sent: Range<u64>, outcome: &str, done: Result<T>) -> Result<T> {
        let outcome = if done.is_ok() { outcome } else { "failed" };
        self.options.observer.tell_sent(&self.url, sent, outcome);
        done
    }
}

impl CloudStore {
    /// The object at an address. Nothing is asked for yet.
    ///
    /// # Errors
    /// `InvalidArgument` for an address that names no bucket or no object, or credentials that make no sense.
    pub fn new(url: Url, options: &StoreOptions) -> Result<Self> {
        let path = Path::from_url_path(url.remote_path())
            .map_err(|error| Error::invalid(error.to_string()))?;
        // The library beneath leaves a slash at the end out, and would take an object of another name.
        let rest = url.remote_path().to_ascii_lowercase();
        let is_folder = path.as_ref().is_empty() || rest.ends_with('/') || rest.ends_with("%2f");
        if url.authority().is_empty() || is_folder {
            return Err(Error::invalid("an address of no bucket or no object").in_file(&url));
        }
        let store = build(&url, options).in_file(&url)?;
        Ok(Self {
            object: Arc::new(Object {
                store,
                path,
                options: options.clone(),
                is_sent_as_it_is: false,
                url,
            }),
            seen: Mutex::default(),
        })
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers what was found: whoever writes after that replaces it, and nothing else.
    fn remember(&self, found: std::result::Result<&ObjectMeta, &Error>) {
        match found {
            Ok(meta) => *self.seen() = Seen::Version(meta.clone()),
            Err(error) if error.kind() == ErrorKind::NotFound => *self.seen() = Seen::Absent,
            Err(_) => {}
        }
    }
}

impl Store for CloudStore {
    fn url(&self) -> &Url {
        &self.object.url
    }

    fn open(&self) -> io::Result<Arc<dyn ReadAt>> {
        let first = self.object.first();
        self.remember(first.as_ref().map(|(meta, _)| meta));
        Ok(self.object.reader(first?))
    }

    fn stage(&self) -> io::Result<Box<dyn Stage>> {
        let seen = self.seen().clone();
        Ok(Box::new(CloudStage::new(self.object.clone(), seen)))
    }

    fn update(&self) -> io::Result<Option<Box<dyn UpdateAt>>> {
        // Objects are replaced, and never changed. That there is one is asked, as everywhere.
        let found = self.object.head();
        self.remember(found.as_ref());
        found?;
        Ok(None)
    }
}

fn changed() -> Error {
    Error::changed("the service has another version of the object than the one that was opened")
}

fn appeared() -> Error {
    Error::changed("another program has written an object of this name meanwhile")
}

/// Whether two answers are of one version: by their tags, or by their times where there are none.
fn is_same(one: &ObjectMeta, other: &ObjectMeta) -> bool {
    let has_tag = one.e_tag.is_some();
    one.e_tag == other.e_tag
        && one.size == other.size
        && (has_tag || one.last_modified == other.last_modified)
}

/// Our words for an error of the library beneath, and its causes, which hide what may be signed.
fn failed(error: object_store::Error) -> Error {
    use object_store::Error as E;
    let causes = causes::of(&error);
    match error {
        E::NotFound { source, .. } => {
            // That a whole bucket is missing is told by the answer alone.
            let answered = causes::answered(&source.to_string());
            let is_bucket = ["NoSuchBucket", "ContainerNotFound"]
                .iter()
                .any(|code| answered.contains(code));
            let answered = if is_bucket { &*answered } else { "" };
            Error::not_found(format!("the service has no such object{answered}"))
        }
        E::Precondition { .. } | E::NotModified { .. } => changed(),
        E::AlreadyExists { .. } => appeared(),
        E::PermissionDenied { .. } => {
            Error::storage(format!("the service does not allow this{causes}"))
        }
        E::Unauthenticated { .. } => {
            Error::storage(format!("the service asks for credentials{causes}"))
        }
        E::NotSupported { .. } | E::NotImplemented { .. } => {
            Error::unsupported(format!("the service cannot do this{causes}"))
        }
        E::InvalidPath { .. } => Error::invalid("no name that an object can have"),
        // Their causes hold the values, which may be secrets.
        E::UnknownConfigurationKey { .. } => {
            Error::invalid("a setting of the environment that is not known")
        }
        E::Generic {
            store: "Config", ..
        } => Error::invalid("a setting of the environment whose value makes no sense"),
        E::Generic { store, .. } => {
            Error::storage(format!("the request to {store} failed{causes}"))
        }
        _ => Error::storage(format!("the request to the service failed{causes}")),
    }
}
