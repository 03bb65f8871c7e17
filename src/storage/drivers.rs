//! From addresses to stores.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::stream::StandardStreams;
use super::{FileStore, MemoryStore, ReadAt, Store, StoreOptions, Url};
use crate::error::{Error, Result, ResultExt};

/// Makes stores of the addresses of a scheme. A function that does is one.
pub trait Driver: Send + Sync {
    /// The store that an address names. Nothing need be there yet, and nothing is asked of a server.
    ///
    /// # Errors
    /// `InvalidArgument` for an address that makes no sense to it.
    fn store(&self, url: &Url, options: &StoreOptions) -> Result<Arc<dyn Store>>;

    /// What lies in the folder that an address ends with, or what object names go on with behind it.
    ///
    /// # Errors
    /// `Unsupported` where there are no folders; those of the storage.
    fn list(&self, url: &Url, options: &StoreOptions) -> Result<Folder> {
        let _ = options;
        let words = format!(
            "addresses of scheme {:?} cannot be listed; name the files",
            url.scheme()
        );
        Err(Error::unsupported(words))
    }
}

/// What lies in a folder, by names that continue its address; each kind in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folder {
    /// Files, or objects.
    pub files: Vec<String>,
    /// Folders in it, without a slash at the end.
    pub folders: Vec<String>,
}

impl<F> Driver for F
where
    F: Fn(&Url, &StoreOptions) -> Result<Arc<dyn Store>> + Send + Sync,
{
    fn store(&self, url: &Url, options: &StoreOptions) -> Result<Arc<dyn Store>> {
        self(url, options)
    }
}

/// Which schemes there are, and what their stores may spend. A value, as the [`Registry`](crate::filter::Registry) of
/// filters is.
///
/// ```
/// use std::sync::Arc;
/// use paginum::storage::{Drivers, MemoryStore, Store, StoreOptions, Url};
/// // A driver of a caller's own: its files hold their names.
/// let echo = |url: &Url, _: &StoreOptions| {
///     let bytes = url.authority().as_bytes().to_vec();
///     Ok(Arc::new(MemoryStore::with_bytes(bytes)) as Arc<dyn Store>)
/// };
/// let drivers = Drivers::default().with("echo", Arc::new(echo));
/// assert_eq!(drivers.open("echo://hello")?.len(), 5);
/// # Ok::<(), paginum::Error>(())
/// ```
#[derive(Clone)]
pub struct Drivers {
    drivers: BTreeMap<String, Arc<dyn Driver>>,
    options: StoreOptions,
}

/// Schemes that a feature brings.
const OF_FEATURES: [(&str, &str); 7] = [
    ("http", "http"),
    ("https", "http"),
    ("ftp", "ftp"),
    ("ftps", "ftp"),
    ("s3", "cloud"),
    ("gs", "cloud"),
    ("az", "cloud"),
];

impl Default for Drivers {
    /// All schemes of this build.
    fn default() -> Self {
        let drivers = Self::none()
            .with("file", Arc::new(file))
            .with("mem", Arc::new(memory))
            .with("memkeep", Arc::new(memory))
            .with("stream", Arc::new(stream));
        #[cfg(target_os = "linux")]
        let drivers = drivers.with("shmem", Arc::new(shared_memory));
        #[cfg(feature = "http")]
        let drivers = drivers
            .with("http", Arc::new(super::http::HttpDriver))
            .with("https", Arc::new(super::http::HttpDriver));
        #[cfg(feature = "ftp")]
        let drivers = drivers
            .with("ftp", Arc::new(super::ftp::driver))
            .with("ftps", Arc::new(super::ftp::driver));
        #[cfg(feature = "cloud")]
        let drivers = drivers
            .with("s3", Arc::new(super::cloud::CloudDriver))
            .with("gs", Arc::new(super::cloud::CloudDriver))
            .with("az", Arc::new(super::cloud::CloudDriver));
        drivers
    }
}

impl Drivers {
    /// No scheme at all.
    #[must_use]
    pub fn none() -> Self {
        Self {
            drivers: BTreeMap::new(),
            options: StoreOptions::default(),
        }
    }

    /// Adds a scheme, or replaces its driver.
    #[must_use]
    pub fn with(mut self, scheme: &str, driver: Arc<dyn Driver>) -> Self {
        self.drivers.insert(scheme.to_ascii_lowercase(), driver);
        self
    }

    /// Sets what stores may spend.
    #[must_use]
    pub fn with_options(mut self, options: StoreOptions) -> Self {
        self.options = options;
        self
    }

    /// What stores may spend.
    #[must_use]
    pub fn options(&self) -> &StoreOptions {
        &self.options
    }

    /// The schemes, in order.
    pub fn schemes(&self) -> impl Iterator<Item = &str> {
        self.drivers.keys().map(String::as_str)
    }

    /// The store that a path or an address names.
    ///
    /// # Errors
    /// `Unsupported` for a scheme that there is no driver of; `InvalidArgument` for an address that is malformed.
    pub fn store(&self, url: &str) -> Result<Arc<dyn Store>> {
        self.store_of(&Url::parse(url)?)
    }

    /// The store of a path, whatever it looks like.
    ///
    /// # Errors
    /// Those of [`Self::store`].
    pub fn store_of_path(&self, path: &Path) -> Result<Arc<dyn Store>> {
        self.store_of(&Url::of_path(path))
    }

    /// The store that a name leads to.
    ///
    /// # Errors
    /// Those of [`Self::store`].
    pub fn store_of(&self, url: &Url) -> Result<Arc<dyn Store>> {
        let store = self.driver(url)?.store(url, &self.options).in_file(url)?;
        #[cfg(feature = "gzip")]
        if self.options.inflates {
            return Ok(Arc::new(super::GzipStore::new(store, &self.options)));
        }
        Ok(store)
    }

    /// Opens what a path or an address names, for reading.
    ///
    /// # Errors
    /// Those of [`Self::store`]; `NotFound` and those of the storage.
    pub fn open(&self, url: &str) -> Result<Arc<dyn ReadAt>> {
        let store = self.store(url)?;
        store.open().in_file(store.url())
    }

    /// What lies in the folder that an address ends with.
    ///
    /// # Errors
    /// Those of [`Driver::list`]; `Unsupported` for a scheme that there is no driver of.
    pub fn list(&self, url: &Url) -> Result<Folder> {
        self.driver(url)?.list(url, &self.options).in_file(url)
    }

    fn driver(&self, url: &Url) -> Result<&Arc<dyn Driver>> {
        self.drivers
            .get(url.scheme())
            .ok_or_else(|| self.unknown(url))
    }

    fn unknown(&self, url: &Url) -> Error {
        let scheme = url.scheme();
        let feature = OF_FEATURES.iter().find(|(known, _)| *known == scheme);
        let words = match feature {
            Some((_, feature)) => {
                format!(
                    "addresses of scheme {scheme:?} need the feature {feature:?}, which this build lacks"
                )
            }
            None => {
                let known: Vec<&str> = self.schemes().collect();
                format!(
                    "addresses of scheme {scheme:?}; this build knows {}",
                    known.join(", ")
                )
            }
        };
        Error::unsupported(words).in_file(url)
    }
}

impl fmt::Debug for Drivers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.schemes()).finish()
    }
}

fn file(url: &Url, _options: &StoreOptions) -> Result<Arc<dyn Store>> {
    let path = url
        .path()
        .ok_or_else(|| Error::invalid("an address without a path"))?;
    Ok(Arc::new(FileStore::new(path)))
}

fn memory(url: &Url, _options: &StoreOptions) -> Result<Arc<dyn Store>> {
    let name = [url.authority(), url.remote_path()].concat();
    Ok(Arc::new(MemoryStore::named(&name)))
}

fn stream(url: &Url, options: &StoreOptions) -> Result<Arc<dyn Store>> {
    Ok(Arc::new(StandardStreams::new(
        url.clone(),
        options.max_stream_bytes,
    )))
}

/// POSIX shared memory: on Linux the files of one folder, as `shm_open` has them.
#[cfg(target_os = "linux")]
fn shared_memory(url: &Url, _options: &StoreOptions) -> Result<Arc<dyn Store>> {
    let name = super::url::decoded(url.authority())?;
    let is_plain = url.remote_path().is_empty()
        && !name.is_empty()
        && !name.starts_with('.')
        && !name.contains(['/', '\0']);
    if !is_plain {
        let words = "shared memory is called by a name without slashes: shmem://NAME";
        return Err(Error::invalid(words));
    }
    Ok(Arc::new(FileStore::new(Path::new("/dev/shm").join(name))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn addresses_are_paths_unless_they_say_otherwise() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "abc").unwrap();
        let path = path.to_str().unwrap();
        let drivers = Drivers::default();
        assert_eq!(drivers.open(path).unwrap().len(), 3);
        assert_eq!(drivers.open(&format!("file://{path}")).unwrap().len(), 3);
        let error = drivers.open("no/such/file").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
        assert_eq!(error.place().unwrap().file.as_deref(), Some("no/such/file"));
    }

    #[test]
    fn a_scheme_that_is_not_there_is_an_error_that_helps() {
        let error = Drivers::default().store("gopher://host/a").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        let words = error.to_string();
        assert!(
            words.starts_with("gopher://host/a: ") && words.contains("file, "),
            "{words}"
        );
        let error = Drivers::none()
            .store("https://user:secret@host/a")
            .unwrap_err();
        let words = error.to_string();
        assert!(
            words.contains("feature \"http\"") && !words.contains("secret"),
            "{words}"
        );
    }

    /// Lists what it may spend, as the name of a file.
    struct Listing;

    impl Driver for Listing {
        fn store(&self, _: &Url, _: &StoreOptions) -> Result<Arc<dyn Store>> {
            Err(Error::invalid("no files"))
        }
        fn list(&self, _: &Url, options: &StoreOptions) -> Result<Folder> {
            Ok(Folder {
                files: vec![options.cache_bytes.to_string()],
                folders: Vec::new(),
            })
        }
    }

    #[test]
    fn a_driver_lists_by_the_options_there_are_or_says_that_it_cannot() {
        let options = StoreOptions {
            cache_bytes: 17,
            ..StoreOptions::default()
        };
        let drivers = Drivers::default()
            .with_options(options)
            .with("listing", Arc::new(Listing));
        assert_eq!(drivers.options().cache_bytes, 17);
        let listed = drivers.list(&Url::parse("listing://a/").unwrap()).unwrap();
        assert_eq!(listed.files, ["17"]);
        let error = drivers.list(&Url::parse("mem://a/").unwrap()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn shared_memory_has_plain_names() {
        let drivers = Drivers::default();
        let store = drivers.store("shmem://a%20b").unwrap();
        assert_eq!(store.url().path(), Some(Path::new("/dev/shm/a b")));
        for bad in [
            "shmem://",
            "shmem://a/b",
            "shmem://..",
            "shmem://a%2Fb",
            "shmem://%00",
        ] {
            assert_eq!(
                drivers.store(bad).unwrap_err().kind(),
                ErrorKind::InvalidArgument,
                "{bad}"
            );
        }
    }
}
