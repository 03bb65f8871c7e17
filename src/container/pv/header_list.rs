//! What the headers of all arrays say, once more and in one place: a frame of kind 7 behind the document of the file.
//!
//! Headers lie before their payloads, so that a list of a large file on a server would be a request an array. Readers of files
//! that are near, and whoever reads the values of an array, take its own header; [`check`] holds the list against them.
//!
//! ```text
//! u64 decoded bytes ; zstd frame of n * { u16 len ; u8 header[len] }, a header as FORMAT.md has it, of a name of 0 bytes
//! ```
//! One entry for each pair but the last, in their order; an entry of no bytes says nothing of its pair.

use super::behind;
use super::frame;
use super::header::Header;
use super::index::Frame;
use super::reader::Reader;
use super::target::Target;
use crate::container::Container;
use crate::error::{Error, Result};
use crate::filter::compress;
use crate::limits::Limits;
use crate::storage::ReadAt;

/// The first byte of the skippable frame that lists headers.
pub(super) const HEADERS_KIND: u8 = 7;
/// Files of fewer pairs have no list: their headers are a few requests.
const MIN_PAIRS: usize = 64;
const LEVEL: i32 = 3;
/// More than a list of headers without names decodes to, for each pair.
const MAX_ENTRY_BYTES: u64 = 1 << 10;
/// What readers take by default: a longer list would be for nobody.
const MAX_LIST_BYTES: usize = 64 << 20;

/// What is listed of a header: all but the name, which the document of the file has.
///
/// # Errors
/// Those of [`Header::to_bytes`].
pub(super) fn entry(header: &Header) -> Result<Vec<u8>> {
    let nameless = Header {
        name: String::new(),
        ..header.clone()
    };
    nameless.to_bytes()
}

/// The frame that lists headers; nothing where there are few or very many, and for the bytes that pyvista-zstd itself writes.
///
/// # Errors
/// Those of compression.
pub(super) fn list(entries: &[Option<Vec<u8>>], target: Target) -> Result<Vec<u8>> {
    if entries.len() < MIN_PAIRS || target == Target::Reproduce0_7 {
        return Ok(Vec::new());
    }
    let mut bytes = Vec::with_capacity(entries.len() * 40);
    for entry in entries {
        let entry = entry.as_deref().unwrap_or_default();
        let Ok(len) = u16::try_from(entry.len()) else {
            return Ok(Vec::new());
        };
        bytes.extend_from_slice(&len.to_le_bytes());
        bytes.extend_from_slice(entry);
    }
    if bytes.len() > MAX_LIST_BYTES {
        return Ok(Vec::new());
    }
    let mut content = (bytes.len() as u64).to_le_bytes().to_vec();
    content.extend(compress(LEVEL, &target.frames(), &bytes)?);
    Ok(behind::frame(HEADERS_KIND, &content))
}

/// What the version whose last document is `document` lists of pairs of these names, where it lists anything that can be read
/// within these limits.
///
/// # Errors
/// `LimitExceeded`; those of the store.
pub(super) fn listed(
    file: &dyn ReadAt,
    document: &Frame,
    names: &[String],
    limits: &Limits,
) -> Result<Option<Vec<Option<Header>>>> {
    let frame = behind::find(file, document, HEADERS_KIND)?;
    let content = frame.as_deref().and_then(behind::content);
    let content = content.filter(|content| is_within(content, limits));
    Ok(content.and_then(|content| parse(content, names)))
}

/// Whether a list may be decoded. One that may not is none: the headers themselves say the same.
fn is_within(content: &[u8], limits: &Limits) -> bool {
    let decoded = content.first_chunk::<8>().map(|n| u64::from_le_bytes(*n));
    decoded.is_none_or(|n| limits.check_metadata_bytes(n).is_ok())
}

fn parse(content: &[u8], names: &[String]) -> Option<Vec<Option<Header>>> {
    let (decoded, stored) = content.split_first_chunk::<8>()?;
    let decoded = u64::from_le_bytes(*decoded);
    // The pairs have been paid for, by entries of the index.
    if decoded > names.len() as u64 * MAX_ENTRY_BYTES {
        return None;
    }
    let bytes = frame::decode(stored, decoded as usize).ok()?;
    let mut rest = &bytes[..];
    let mut next = |name: &String| {
        let (len, behind) = rest.split_first_chunk::<2>()?;
        let (entry, behind) = behind.split_at_checked(u16::from_le_bytes(*len).into())?;
        rest = behind;
        if entry.is_empty() {
            return Some(None);
        }
        let header = Header::parse(entry, Some("")).ok()?;
        Some(Some(Header {
            name: name.clone(),
            ..header
        }))
    };
    let headers = names.iter().map(&mut next).collect::<Option<Vec<_>>>()?;
    rest.is_empty().then_some(headers)
}

/// Holds the list of a file against the headers themselves.
///
/// # Errors
/// `Corrupt` where they differ; those of reading them.
pub(super) fn check(reader: &Reader) -> Result<()> {
    let last = reader.index().pairs.last().expect("an index has a pair");
    let Some(frame) = behind::find(&**reader.store(), &last.payload, HEADERS_KIND)? else {
        return Ok(());
    };
    let damaged =
        || Error::corrupt("the list of headers cannot be read").at(last.payload.range.start);
    let content = behind::content(&frame).ok_or_else(damaged)?;
    if !is_within(content, reader.limits()) {
        return Ok(());
    }
    let headers = parse(content, reader.names()).ok_or_else(damaged)?;
    for (pair, listed) in headers.iter().enumerate() {
        let header = reader.header(pair)?;
        let differs = |listed: &Header| entry(listed).ok() != entry(header).ok();
        if listed.as_ref().is_some_and(differs) {
            let what = "the list of headers says something else than the header";
            let at = reader.index().pairs[pair].header.range.start;
            return Err(Error::corrupt(what).at(at).in_array(&reader.names()[pair]));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::array::Array;
    use crate::container::OpenOptions;
    use crate::container::pv::handmade::Handmade;
    use crate::container::pv::metadata::{DatasetMetadata, DatasetType};
    use crate::container::pv::{
        Association, Edit, EditOptions, Role, WriteOptions, Writer, compact,
    };
    use crate::storage::{Access, MemoryStore, Part, Store};

    fn reader(store: &MemoryStore) -> Reader {
        Reader::open(store.open().unwrap(), &OpenOptions::default()).unwrap()
    }

    fn file(n_arrays: usize) -> MemoryStore {
        let store = MemoryStore::new();
        let mut writer = Writer::create(&store, WriteOptions::default()).unwrap();
        for i in 0..n_arrays {
            let array = Array::from_numbers(&vec![i as f64; i + 1]).unwrap();
            writer.write(&format!("a{i}"), &array).unwrap();
        }
        writer.commit().unwrap();
        store
    }

    /// How many headers are listed, each as it is.
    fn n_listed(store: &MemoryStore) -> usize {
        let reader = reader(store);
        reader.verify_structure().unwrap();
        let pairs = 0..reader.names().len();
        let listed = pairs.filter(|pair| match reader.listed_header(*pair).unwrap() {
            Some(listed) => {
                assert_eq!(listed, reader.header(*pair).unwrap());
                true
            }
            None => false,
        });
        listed.count()
    }

    #[test]
    fn files_of_many_arrays_list_their_headers_and_edits_keep_the_list() {
        assert_eq!(n_listed(&file(20)), 0);
        let store = file(100);
        let n_pairs = reader(&store).names().len();
        assert_eq!(n_listed(&store), n_pairs);
        for n_added in 1..3 {
            let mut edit = Edit::new();
            edit.remove(format!("a{}", 10 * n_added));
            edit.add(format!("b{n_added}"), Array::from_numbers(&[1_u8]).unwrap());
            let report = edit.apply(&store, &EditOptions::default()).unwrap();
            assert!(report.is_in_place);
            assert_eq!(n_listed(&store), n_pairs);
        }
        compact(&store, &EditOptions::default()).unwrap();
        assert_eq!(n_listed(&store), n_pairs);
    }

    #[test]
    fn a_list_beyond_the_limits_is_none() {
        let store = file(100);
        let bytes = store.open().unwrap();
        let reader = reader(&store);
        let document = &reader.index().pairs.last().unwrap().payload;
        let frame = behind::find(&*bytes, document, HEADERS_KIND);
        let frame = frame.unwrap().unwrap();
        let content = behind::content(&frame).unwrap();
        let decoded = u64::from_le_bytes(*content.first_chunk().unwrap());
        for (max_metadata_bytes, is_listed) in [(decoded, true), (decoded - 1, false)] {
            let limits = Limits {
                max_metadata_bytes,
                ..Limits::default()
            };
            let listed = listed(&*bytes, document, reader.names(), &limits).unwrap();
            assert_eq!(listed.is_some(), is_listed);
        }
    }

    #[test]
    fn a_damaged_list_says_nothing() {
        let header = |i: u64| Header {
            name: format!("a{i}"),
            shape: vec![i, 3],
            dtype: "<f8".to_owned(),
            filter: 0xE0,
            is_recovered: false,
        };
        let headers: Vec<Header> = (0..70).map(header).collect();
        let names: Vec<String> = headers.iter().map(|header| header.name.clone()).collect();
        let mut entries: Vec<_> = headers.iter().map(|header| entry(header).ok()).collect();
        entries[7] = None;
        let frame = list(&entries, Target::Native).unwrap();
        let content = behind::content(&frame).unwrap();
        let listed = parse(content, &names).unwrap();
        for (i, listed) in listed.iter().enumerate() {
            assert_eq!(listed.as_ref(), (i != 7).then(|| &headers[i]));
        }
        assert!(
            parse(content, &names[1..]).is_none(),
            "an entry is left over"
        );
        let more = [&names[..], &names[..1]].concat();
        assert!(parse(content, &more).is_none(), "an entry is missing");
        for at in 0..content.len() {
            let mut damaged = content.to_vec();
            damaged[at] ^= 0x41;
            // zstd's checksum finds most of it, and what remains is no more than was paid for.
            let _ = parse(&damaged, &names);
            assert!(parse(&content[..at], &names).is_none(), "{at} bytes");
        }
        assert!(list(&entries, Target::Reproduce0_7).unwrap().is_empty());
    }

    #[test]
    fn a_list_that_says_something_else_than_the_headers_is_corrupt() {
        let mut file = Handmade::new(2, WriteOptions::default());
        let array = Array::from_numbers(&[1.0, 2.0]).unwrap();
        let arrays = (0..70).map(|i| {
            let role = Role::Data(Association::Field, format!("a{i}"));
            (role, array.clone())
        });
        let metadata = DatasetMetadata::new(DatasetType::PolyData);
        file.add_dataset(&metadata, arrays.collect());
        let lie = Header {
            name: String::new(),
            shape: vec![3],
            dtype: "<f8".to_owned(),
            filter: 0,
            is_recovered: false,
        };
        file.pairs.keeps_header(Some(3), Some(&lie));
        let reader = reader(&file.finish());
        let error = check(&reader).unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::Corrupt, "{error}");
        assert!(error.to_string().contains("list of headers"), "{error}");
        // Who reads the array knows better, and so does who lists arrays from afar.
        assert_eq!(reader.spec(3).unwrap().shape(), [2]);
        let distant = Arc::new(Distant(reader.store().clone()));
        let reader = Reader::open(distant, &OpenOptions::default()).unwrap();
        assert_eq!(reader.told_header(3).unwrap().shape, [3]);
        for i in 0..reader.n_arrays() {
            let entry = reader.entry(i).unwrap();
            assert!(entry.fault.is_none(), "{:?}", entry.fault);
            assert_eq!(entry.shape, [2]);
        }
    }

    /// A file that is far.
    #[derive(Debug)]
    struct Distant(Arc<dyn ReadAt>);

    impl ReadAt for Distant {
        fn len(&self) -> u64 {
            self.0.len()
        }
        fn read_many(&self, parts: &mut [Part<'_>]) -> std::io::Result<()> {
            self.0.read_many(parts)
        }
        fn access(&self) -> Access {
            Access::REMOTE
        }
    }
}
