//! `.npz`: a zip archive of `.npy` files, as numpy saves several arrays.
//!
//! Members are stored or deflated; each is taken into memory whole when its array is opened, since its checksum stands for
//! the whole of it. The sizes that an archive claims are believed only as far as the limits go, and never reserved for.
//! Member names are names of arrays and nothing more: no path is made of them here. A member that cannot be read, or is no
//! array, costs itself alone.

mod create;
mod format;
mod members;
mod writer;

use std::collections::HashMap;
use std::fmt;
use std::io::Read;
use std::sync::Arc;

use super::fault::Fault;
use super::npy::{self, Description, Npy};
use super::{Container, Entry, FormatInfo, LeftOut};
use crate::error::{Error, Result, ResultExt};
use crate::filter::ArrayReader;
use crate::limits::Limits;
use crate::storage::ReadAt;
use crate::validity::Validity;
pub use format::NpzFormat;
use members::{Member, Members};
pub use writer::NpzWriter;

/// What members that hold an array end in.
const SUFFIX: &str = ".npy";
/// A `.npy` header is at most so much longer than its array, but for what the limits allow beyond.
const HEADER_ALLOWANCE: u64 = 1 << 17;

/// An open `.npz` file.
pub struct Npz {
    members: Members,
    /// Those that are arrays, in the order of the directory.
    arrays: Vec<Member>,
    numbers: HashMap<String, usize>,
    left_out: Vec<LeftOut>,
    notes: Vec<String>,
    limits: Limits,
}

impl Npz {
    /// Reads the directory of the archive.
    ///
    /// # Errors
    /// `Corrupt` for what is no archive, `LimitExceeded` for too many members.
    pub fn open(store: Arc<dyn ReadAt>, limits: &Limits) -> Result<Self> {
        let members = Members::open(store)?;
        limits.check_arrays(members.len() as u64)?;
        let (arrays, others) = members.sorted()?;
        let mut notes: Vec<String> = others
            .iter()
            .map(|other| format!("member {:?} is {}, and left out", other.name, other.why))
            .collect();
        if members.has_duplicates() {
            notes.push("of several members of one name, the last counts".to_owned());
        }
        let number = |(i, member): (usize, &Member)| (member.name.clone(), i);
        Ok(Self {
            numbers: arrays.iter().enumerate().map(number).collect(),
            left_out: others
                .into_iter()
                .map(|other| LeftOut {
                    path: other.name,
                    why: other.why,
                })
                .collect(),
            members,
            arrays,
            notes,
            limits: *limits,
        })
    }

    /// What the header of an array says.
    fn describe(&self, member: &Member) -> Result<Description> {
        self.members
            .read(member, |file| Description::read(file, &self.limits))
    }

    /// Takes an array into memory.
    fn load(&self, member: &Member) -> Result<Npy> {
        let limits = &self.limits;
        self.members.prefetch(member)?;
        let bytes = self.members.read(member, |file| {
            let header = HEADER_ALLOWANCE.max(limits.max_npy_header.saturating_mul(4));
            let limit = limits.max_array_bytes.saturating_add(header);
            let mut bytes = Vec::new();
            file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
            match bytes.len() as u64 {
                n if n > limit => Err(Error::limit("bytes of an array", limits.max_array_bytes, n)),
                _ => Ok(bytes),
            }
        })?;
        npy::open(Arc::new(bytes), limits)
    }
}

impl Container for Npz {
    fn format(&self) -> &'static FormatInfo {
        &format::INFO
    }

    fn n_arrays(&self) -> usize {
        self.arrays.len()
    }

    fn path(&self, index: usize) -> &str {
        &self.arrays[index].name
    }

    fn find(&self, name: &str) -> Result<usize> {
        let found = self.numbers.get(name).copied();
        found.ok_or_else(|| Error::invalid(format!("there is no array {name:?}")))
    }

    fn entry(&self, index: usize) -> Result<Entry> {
        let member = &self.arrays[index];
        let stored = self.members.entry_of(member)?;
        let filter = members::name_of(stored.compression());
        let (path, stored_bytes) = (member.name.clone(), stored.compressed_size());
        let described = self.describe(member);
        match described.and_then(|header| header.entry(path.clone(), &filter, stored_bytes)) {
            Ok(entry) => Ok(entry),
            Err(error) => {
                let fault = Fault::of(error).in_array(&path)?;
                Ok(Entry::faulty(path, &filter, stored_bytes, fault))
            }
        }
    }

    fn prefetch_entries(&self) -> Result<()> {
        self.members.prefetch_starts()
    }

    fn open_array(&self, index: usize) -> Result<Box<dyn ArrayReader>> {
        let member = &self.arrays[index];
        // As numpy does, of several arrays in one member the first is taken.
        self.load(member)
            .and_then(|npy| npy.open_array(0))
            .in_array(&member.name)
    }

    fn validity(&self, _index: usize) -> Result<Option<Arc<Validity>>> {
        Ok(None)
    }

    fn limits(&self) -> &Limits {
        &self.limits
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }

    fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }
}

impl fmt::Debug for Npz {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Npz {{ {} arrays }}", self.arrays.len())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};

    use super::*;
    use crate::ErrorKind;
    use crate::array::ArraySpec;
    use crate::container::File;

    fn archive() -> Vec<u8> {
        let mut file = Vec::new();
        let mut writer = NpzWriter::new(&mut file);
        for (name, dtype, shape) in [
            ("a", "<f8", &[3, 2][..]),
            ("b/é", ">i2", &[500]),
            ("empty", "|u1", &[0]),
        ] {
            let spec = ArraySpec::new(dtype.parse().unwrap(), shape).unwrap();
            let bytes: Vec<u8> = (0..spec.bytes()).map(|i| i as u8).collect();
            writer
                .begin_array(name, &spec)
                .unwrap()
                .write_all(&bytes)
                .unwrap();
        }
        writer.finish().unwrap();
        file
    }

    fn open(file: Vec<u8>) -> Result<File> {
        let npz = Npz::open(Arc::new(file), &Limits::default())?;
        Ok(File::of(Box::new(npz)))
    }

    #[test]
    fn arrays_come_back_in_order() {
        let npz = open(archive()).unwrap();
        let names: Vec<&str> = (0..npz.n_arrays()).map(|i| npz.path(i)).collect();
        assert_eq!(names, ["a", "b/é", "empty"]);
        let entry = npz.entry(1).unwrap();
        assert_eq!((entry.dtype.as_str(), entry.shape), (">i2", vec![500]));
        assert_eq!(npz.read_rows("b/é", 3..4).unwrap().bytes(), [6, 7]);
        assert!(npz.read("c").is_err());
    }

    #[test]
    fn a_flip_in_a_member_is_found() {
        let file = archive();
        let mut refused = 0;
        for bit in 0..8 * file.len() {
            let mut file = file.clone();
            file[bit / 8] ^= 1 << (bit % 8);
            let Ok(npz) = open(file) else {
                refused += 1;
                continue;
            };
            // Names and sizes may change with the directory; values must not.
            for (name, n_bytes) in [("a", 48), ("b/é", 1000)] {
                let Ok(array) = npz.read(name) else {
                    refused += 1;
                    continue;
                };
                let expected: Vec<u8> = (0..n_bytes).map(|i| i as u8).collect();
                assert_eq!(array.bytes(), expected, "bit {bit} of {name}");
            }
        }
        assert!(refused > 0);
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        let spec = ArraySpec::new("|u1".parse().unwrap(), [10 << 20]).unwrap();
        let mut file = Vec::new();
        let mut writer = NpzWriter::new(&mut file);
        writer
            .begin_array("a", &spec)
            .unwrap()
            .write_all(&vec![0; 10 << 20])
            .unwrap();
        writer.finish().unwrap();
        assert!(file.len() < 20_000);
        let npz = Npz::open(Arc::new(file), &Limits::default().with_max_bytes(1 << 20)).unwrap();
        let error = File::of(Box::new(npz)).read("a").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LimitExceeded);
    }

    /// An archive of members with these names and bytes, stored.
    fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
        use zip::write::SimpleFileOptions;
        let mut writer = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
        let stored =
            SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        for (name, bytes) in members {
            writer.start_file(*name, stored).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    /// A `.npy` file of three bytes.
    fn npy(descr: &str) -> Vec<u8> {
        npy_of(descr, "(3,)")
    }

    fn npy_of(descr: &str, shape: &str) -> Vec<u8> {
        let spec = ArraySpec::new("|u1".parse().unwrap(), [3]).unwrap();
        let header = String::from_utf8(npy::header(&spec)[10..].to_vec()).unwrap();
        let text = header.replace("'|u1'", descr).replace("(3,)", shape);
        let mut file = b"\x93NUMPY\x01\x00".to_vec();
        file.extend((text.len() as u16).to_le_bytes());
        file.extend(text.bytes());
        file.extend([1, 2, 3]);
        file
    }

    /// Changes the bytes of both headers of a member, each at its own offset.
    fn patch(file: &mut [u8], local: usize, central: usize, bytes: &[u8]) {
        for (magic, offset) in [(b"PK\x03\x04", local), (b"PK\x01\x02", central)] {
            let at = file.windows(4).position(|window| window == magic).unwrap();
            file[at + offset..][..bytes.len()].copy_from_slice(bytes);
        }
    }

    /// Opens an archive of `a.npy`, changed by `change`, and of `b.npy`, which must be served; returns what is wrong with
    /// the first, by its entry and by reading it.
    fn fault(a: &[u8], change: impl FnOnce(&mut Vec<u8>)) -> (Option<ErrorKind>, ErrorKind) {
        let mut file = zip(&[("a.npy", a), ("b.npy", &npy("'|u1'"))]);
        change(&mut file);
        let npz = open(file).unwrap();
        assert_eq!(npz.read("b").unwrap().bytes(), [1, 2, 3]);
        assert_eq!(npz.entry(1).unwrap().fault, None);
        let fault = npz.entry(0).unwrap().fault;
        (
            fault.map(|fault| fault.kind()),
            npz.read("a").unwrap_err().kind(),
        )
    }

    #[test]
    fn a_bad_member_costs_itself_alone() {
        use ErrorKind::{Corrupt, Truncated, Unsupported};
        let good = npy("'|u1'");
        let same = |_: &mut Vec<u8>| ();
        let both = |kind| (Some(kind), kind);
        assert_eq!(fault(&npy("'|O'"), same), both(Unsupported));
        assert_eq!(fault(&npy("[('x', '|O')]"), same), both(Unsupported));
        assert_eq!(fault(b"nothing of the kind", same), both(Corrupt));
        assert_eq!(fault(b"", same), both(Truncated));
        assert_eq!(fault(&good[..40], same), both(Truncated));
        // Only reading tells that the data are short.
        assert_eq!(fault(&good[..good.len() - 1], same), (None, Truncated));
        let encrypted = |file: &mut Vec<u8>| patch(file, 6, 8, &[1, 0]);
        assert_eq!(fault(&good, encrypted), both(Unsupported));
        for method in [9, 12, 14, 93, 99] {
            let compressed = |file: &mut Vec<u8>| patch(file, 8, 10, &[method, 0]);
            assert_eq!(fault(&good, compressed), both(Unsupported), "{method}");
        }
        let not_deflated = |file: &mut Vec<u8>| patch(file, 8, 10, &[8, 0]);
        assert_eq!(fault(&good, not_deflated), both(Corrupt));
    }

    #[test]
    fn names_are_held_against_the_local_headers() {
        let good = npy("'|u1'");
        let renamed = |file: &mut Vec<u8>| file[30] = b'x';
        assert_eq!(fault(&good, renamed).1, ErrorKind::Corrupt);
        let elsewhere = |file: &mut Vec<u8>| file[0] = b'x';
        assert_eq!(fault(&good, elsewhere).1, ErrorKind::Corrupt);
        // The first member reaches over the second.
        let longer = |file: &mut Vec<u8>| patch(file, 18, 20, &[255]);
        assert_eq!(fault(&good, longer).1, ErrorKind::Corrupt);
    }

    #[test]
    fn members_are_arrays_by_their_name_or_their_bytes() {
        let good = npy("'|u1'");
        let file = zip(&[
            ("bare", &good),
            ("readme.txt", b"hello"),
            ("folder/", b""),
            ("__MACOSX/._a.npy", b"\0\x05\x16\x07Mac OS X"),
            ("both", &good),
            ("both.npy", &good),
            ("a.npy", &good),
        ]);
        let npz = open(file).unwrap();
        let names: Vec<&str> = (0..npz.n_arrays()).map(|i| npz.path(i)).collect();
        assert_eq!(names, ["bare", "both", "both.npy", "a"]);
        for name in names {
            assert_eq!(npz.read(name).unwrap().bytes(), [1, 2, 3]);
        }
        let left_out: Vec<&str> = npz.left_out().iter().map(|one| one.path.as_str()).collect();
        assert_eq!(left_out, ["readme.txt", "__MACOSX/._a.npy"]);
        assert!(npz.left_out()[1].why.contains("macOS"));
        assert_eq!(npz.notes().len(), 2);
    }

    #[test]
    fn of_two_members_of_one_name_the_last_counts() {
        let mut file = zip(&[("a.npy", &npy("'|u1'")), ("b.npy", &npy("'|i1'"))]);
        for at in 0..file.len() - 5 {
            if &file[at..at + 5] == b"b.npy" {
                file[at] = b'a';
            }
        }
        let npz = open(file).unwrap();
        assert_eq!(npz.n_arrays(), 1);
        assert_eq!(npz.entry(0).unwrap().dtype, "|i1");
        assert!(npz.notes()[0].contains("the last"), "{:?}", npz.notes());
    }

    #[test]
    fn records_are_listed_with_their_fields() {
        let record = npy_of("[('x', '|u1'), ('y', '|u1', (2,))]", "(1,)");
        let npz = open(zip(&[("a.npy", &record)])).unwrap();
        let entry = npz.entry(0).unwrap();
        assert_eq!((entry.dtype.as_str(), entry.fault), ("|V3", None));
        assert_eq!(entry.record.unwrap().to_string(), "{x: |u1, y: |u1 [2]}");
        assert_eq!(npz.read("a").unwrap().bytes(), [1, 2, 3]);
    }

    #[test]
    fn truncated_archives_are_errors() {
        let file = archive();
        for len in 0..file.len() {
            assert!(open(file[..len].to_vec()).is_err(), "{len} bytes");
        }
    }
}
