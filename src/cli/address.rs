//! Files by their addresses: what is shown of one, and the store that it leads to.
//!
//! An address may carry a password or a signature. Before arguments are parsed each address among them is replaced by what
//! may be shown of it, so that no verb has a secret to show; the table kept here leads back. The rest of the command line
//! works on paths, and an address without its secrets is one as far as messages and extensions go.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};

use super::interrupt::Guarded;
use crate::error::{Error, Result};
use crate::storage::{Drivers, FileStore, Store, StoreOptions, Url, encoded};

/// The addresses among the arguments, by what is shown of them.
static ADDRESSES: LazyLock<Mutex<HashMap<PathBuf, Url>>> = LazyLock::new(Mutex::default);

/// What stores may spend; set once the arguments are known.
static OPTIONS: OnceLock<StoreOptions> = OnceLock::new();

/// Replaces the addresses among arguments by what may be shown of them, and those of files by their paths.
///
/// # Errors
/// `InvalidArgument` for one that is malformed; it is not shown.
pub(super) fn hide_secrets(arguments: impl Iterator<Item = OsString>) -> Result<Vec<OsString>> {
    arguments.map(hide_secrets_of).collect()
}

fn hide_secrets_of(argument: OsString) -> Result<OsString> {
    let Some(text) = argument.to_str().filter(|text| text.contains("://")) else {
        return Ok(argument);
    };
    let url = Url::parse(text)?;
    if let Some(path) = url.path() {
        return Ok(path.into());
    }
    // The standard streams have one name here: an output must not be looked for in the input.
    if url.scheme() == "stream" {
        return Ok("-".into());
    }
    Ok(shown(url).into())
}

/// What is shown of an address, by which it is found again.
fn shown(url: Url) -> PathBuf {
    let plain = format!(
        "{}://{}{}",
        url.scheme(),
        url.authority(),
        url.remote_path()
    );
    let mut addresses = ADDRESSES.lock().unwrap_or_else(PoisonError::into_inner);
    let mut shown = PathBuf::from(&plain);
    let mut number = 1;
    // Two that differ in what is not shown alone have numbers.
    while addresses.get(&shown).is_some_and(|other| *other != url) {
        number += 1;
        shown = format!("{plain} ({number})").into();
    }
    addresses.insert(shown.clone(), url);
    shown
}

/// Sets what stores may spend.
pub(super) fn set_options(options: StoreOptions) {
    // It fails only where they are set already, as in tests.
    let _ = OPTIONS.set(options);
}

/// The name that an argument has for the library: a path, or the address that it stands for.
fn url_of(path: &Path) -> Result<Url> {
    let addresses = ADDRESSES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(url) = addresses.get(path) {
        return Ok(url.clone());
    }
    match path.to_str() {
        Some(text) if text != "-" => Url::parse(text),
        _ => Ok(Url::of_path(path)),
    }
}

/// Whether an argument is an address, and no file of this machine: it has no folder to look into or to write beside it.
pub(super) fn is_address(path: &Path) -> bool {
    url_of(path).is_ok_and(|url| url.path().is_none())
}

/// Whether an argument is an address that names a folder, or the beginning of names of objects.
pub(super) fn is_folder(path: &Path) -> bool {
    let is_address = |url: Url| url.path().is_none() && url.remote_path().ends_with('/');
    url_of(path).is_ok_and(is_address)
}

/// The file in a folder that has the name of a source; nothing where the source has none, as standard input.
pub(super) fn in_folder(folder: &Path, source: &Path) -> Result<Option<PathBuf>> {
    if source.as_os_str() == "-" {
        return Ok(None);
    }
    let (folder, url) = (url_of(folder)?, url_of(source)?);
    let address = PathBuf::from([url.authority(), url.remote_path()].concat());
    // What is shown of an address may have a number behind it.
    let Some(name) = url.path().unwrap_or(&address).file_name() else {
        return Ok(None);
    };
    if let Some(folder) = folder.path() {
        return Ok(Some(folder.join(name)));
    }
    let name = name.to_str().ok_or_else(|| {
        Error::invalid("a name that is not UTF-8 cannot stand in an address").in_file(source)
    })?;
    let name = match url.path() {
        Some(_) => encoded(name),
        None => name.to_owned(),
    };
    Ok(Some(shown(folder.child(&name))))
}

/// What a relative path leads to in a folder. Where that is an address, with all that is not shown of it, names of files are
/// percent-encoded on the way; `is_encoded` is whether they come from an address themselves.
pub(super) fn join(folder: &Path, relative: &Path, is_encoded: bool) -> PathBuf {
    let url = match url_of(folder) {
        Ok(url) if url.path().is_none() && relative.components().next().is_some() => url,
        _ => return folder.join(relative),
    };
    let name = |name: &OsStr| match name.to_str() {
        Some(name) if is_encoded => name.to_owned(),
        _ => encoded(name.as_encoded_bytes()),
    };
    let child = |url: Url, part: &OsStr| url.child(&name(part));
    shown(relative.iter().fold(url, child))
}

/// What lies in the folder that an address names: its files, and the folders in it.
pub(super) fn list(folder: &Path) -> Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    let url = url_of(folder)?;
    let found = drivers().list(&url)?;
    let files = found.files.iter().map(|name| shown(url.child(name)));
    let folders = found.folders.iter();
    let folders = folders.map(|name| shown(url.child(&format!("{name}/"))));
    Ok((files.collect(), folders.collect()))
}

fn drivers() -> Drivers {
    Drivers::default().with_options(OPTIONS.get().cloned().unwrap_or_default())
}

/// The store of an argument. Its reads and writes end at a signal; `may_replace` is whether a file may take the place of
/// another.
pub(super) fn store(path: &Path, may_replace: bool) -> Result<Arc<dyn Store>> {
    let url = url_of(path)?;
    let file = move |url: &Url, _: &StoreOptions| -> Result<Arc<dyn Store>> {
        let path = url
            .path()
            .ok_or_else(|| Error::invalid("an address without a path"))?;
        let store = match may_replace {
            true => FileStore::new(path),
            false => FileStore::new(path).without_replacing(),
        };
        Ok(Arc::new(Guarded(store)))
    };
    let store = drivers().with("file", Arc::new(file)).store_of(&url)?;
    match url.path() {
        Some(_) => Ok(store),
        None => Ok(Arc::new(Guarded(store))),
    }
}

/// A path without the extension of a compressed file, behind which stands what the file holds.
pub(super) fn without_gz(path: &Path) -> PathBuf {
    let is_gz = path
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("gz"));
    match path.file_stem() {
        Some(stem) if is_gz => path.with_file_name(stem),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_show_no_secrets_and_lead_to_their_stores() {
        let arguments = [
            "ls",
            "https://u:secret@host/a.pv?sig=secret",
            "https://host/a.pv",
            "a/b://c",
            "file:///x",
            "stream://",
        ];
        let shown = hide_secrets(arguments.iter().map(OsString::from)).unwrap();
        let expected = [
            "ls",
            "https://host/a.pv",
            "https://host/a.pv (2)",
            "a/b://c",
            "/x",
            "-",
        ];
        assert_eq!(shown, expected);
        let url = url_of(Path::new("https://host/a.pv")).unwrap();
        assert_eq!(url.credentials(), Some(("u", "secret")));
        assert!(is_address(Path::new("https://host/a.pv (2)")));
        assert!(!is_address(Path::new("file:///x")) && !is_address(Path::new("-")));
        let error = hide_secrets([OsString::from("ftp://u:secret%@h/")].into_iter()).unwrap_err();
        assert!(!error.to_string().contains("secret"), "{error}");
    }

    #[test]
    fn what_goes_into_a_folder_keeps_its_name() {
        let twins = ["https://host/q/twin.pv?a=1", "https://host/q/twin.pv?a=2"];
        let twins = hide_secrets(twins.iter().map(OsString::from)).unwrap();
        for (folder, source, expected) in [
            ("out", "a/b c.pv", Some("out/b c.pv")),
            ("out/", "mem://name", Some("out/name")),
            ("out", "https://host/b%20c.pv?sig=1", Some("out/b%20c.pv")),
            ("out", twins[1].to_str().unwrap(), Some("out/twin.pv")),
            ("out", "https://host/..", None),
            ("out", "a/..", None),
            ("s3://bucket/", "-", None),
            ("s3://bucket/", "a/b c%.pv", Some("s3://bucket/b%20c%25.pv")),
            ("gs://u:secret@bucket/a/", "x", Some("gs://bucket/a/x")),
            ("mem://d/", "https://h/b%20c.pv", Some("mem://d/b%20c.pv")),
        ] {
            let found = in_folder(Path::new(folder), Path::new(source)).unwrap();
            assert_eq!(found.as_deref(), expected.map(Path::new), "{source}");
        }
        let url = url_of(Path::new("gs://bucket/a/x")).unwrap();
        assert_eq!(url.credentials(), Some(("u", "secret")));
    }

    #[test]
    fn what_is_joined_to_an_address_keeps_what_is_not_shown_of_it() {
        let folders = [
            "s3://k:se@joined/d/",
            "s3://k:cret@joined/d/",
            "s3://joined/d",
        ];
        let folders = hide_secrets(folders.iter().map(OsString::from)).unwrap();
        for (folder, relative, is_encoded, shown, secret) in [
            (
                &folders[0],
                "x/b c%.pv",
                false,
                "s3://joined/d/x/b%20c%25.pv",
                Some("se"),
            ),
            (
                &folders[0],
                "b%20c.pv",
                true,
                "s3://joined/d/b%20c.pv",
                Some("se"),
            ),
            (
                &folders[1],
                "b%20c.pv",
                true,
                "s3://joined/d/b%20c.pv (2)",
                Some("cret"),
            ),
            (&folders[2], "y", false, "s3://joined/d/y", None),
        ] {
            let path = join(Path::new(folder), Path::new(relative), is_encoded);
            assert_eq!(path, Path::new(shown));
            let url = url_of(&path).unwrap();
            assert_eq!(url.credentials().map(|(_, secret)| secret), secret);
        }
        let signed = Url::parse("az://joined/d/?sig=secret").unwrap();
        let inside = join(&shown(signed), Path::new("z"), false);
        assert_eq!(
            url_of(&inside).unwrap().request_text(),
            "az://joined/d/z?sig=secret"
        );
        assert_eq!(
            join(Path::new("a b"), Path::new("c d"), true),
            Path::new("a b/c d")
        );
        let same = join(Path::new(&folders[0]), Path::new(""), false);
        assert_eq!(same.as_os_str(), folders[0].as_os_str());
    }

    #[test]
    fn the_extension_of_a_compressed_file_is_that_of_what_it_holds() {
        for (path, inner) in [
            ("a/x.npy.gz", "a/x.npy"),
            ("x.GZ", "x"),
            ("gz", "gz"),
            (".gz", ".gz"),
            ("a.b", "a.b"),
        ] {
            assert_eq!(without_gz(Path::new(path)), Path::new(inner));
        }
    }
}
