//! An open `.fits` file as a container.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::column::Column;
use super::contents::{Contents, Described};
use super::format;
use super::meaning::Values;
use super::meant::Meant;
use super::place::{Place, Source};
use super::sums::Sums;
use super::tiles::Tiled;
use crate::container::fault::Fault;
use crate::container::strided::Strided;
use crate::container::{Container, Document, Entry, FormatInfo, LeftOut, windows};
use crate::dtype::Kind;
use crate::error::{Error, Result, ResultExt};
use crate::filter::ArrayReader;
use crate::limits::Limits;
use crate::storage::ReadAt;
use crate::validity::Validity;

/// An open file.
pub(super) struct FitsReader {
    store: Arc<dyn ReadAt>,
    contents: Contents,
    /// Of each HDU.
    sums: Vec<Arc<Sums>>,
    numbers: HashMap<String, usize>,
    /// Of names without their tables; none where several arrays have one.
    bare: HashMap<String, Option<usize>>,
    limits: Limits,
    /// The masks that were asked for last: each is a walk over its column.
    masks: Mutex<Vec<(usize, Arc<Validity>)>>,
}

/// Masks are kept as long as they have no more bytes.
const MASK_BYTES: usize = 16 << 20;

impl FitsReader {
    /// Reads the headers of a file. They count as metadata of `limits`.
    ///
    /// # Errors
    /// Those of [`Contents::read`].
    pub(super) fn open(store: Arc<dyn ReadAt>, values: Values, limits: &Limits) -> Result<Self> {
        let contents = Contents::read(&*store, values, limits)?;
        let mut numbers = HashMap::new();
        let mut bare = HashMap::new();
        for (i, array) in contents.arrays.iter().enumerate() {
            numbers.insert(array.path.clone(), i);
            bare.entry(array.name.clone())
                .and_modify(|number| *number = None)
                .or_insert(Some(i));
        }
        let sums = contents
            .hdus
            .iter()
            .map(|(_, hdu)| Sums::of(hdu, &store).into());
        Ok(Self {
            sums: sums.collect(),
            store,
            contents,
            numbers,
            bare,
            limits: *limits,
            masks: Mutex::default(),
        })
    }

    fn array(&self, index: usize) -> &Described {
        &self.contents.arrays[index]
    }

    /// Checks of what the sums of headers cover, of one HDU after another.
    fn header_checks(&self) -> impl Iterator<Item = Result<()>> {
        let hdus = self.contents.hdus.iter().zip(&self.sums);
        // Data that are cut off are the fault of their arrays.
        let whole = hdus.filter(|((_, hdu), _)| hdu.data + hdu.n_bytes <= self.store.len());
        whole.map(|((name, _), sums)| sums.check_header().in_array(name))
    }

    /// The array and the number of its HDU.
    fn place(&self, index: usize) -> Result<(&Place, usize)> {
        let array = self.array(index);
        let place = array.place.as_ref().map_err(Fault::to_error)?;
        let hdu = array
            .hdu
            .ok_or_else(|| Error::corrupt("an array of no HDU"))?;
        Ok((place, hdu))
    }

    /// What reads the elements as they are stored.
    fn stored(&self, place: &Place, hdu: usize) -> Result<Box<dyn ArrayReader>> {
        let (store, spec) = (self.store.clone(), place.stored.clone());
        let data = self.contents.hdus[hdu].1.data;
        Ok(match &place.source {
            Source::Image => Box::new(Strided::new(store, spec, data)),
            Source::Column { row_bytes, bytes } => {
                Box::new(Column::new(store, data, *row_bytes, bytes.clone(), spec)?)
            }
            Source::Tiles(layout) => {
                Box::new(Tiled::new(store, data, layout.as_ref().clone(), spec)?)
            }
        })
    }

    fn stored_bytes(&self, place: &Place) -> u64 {
        match &place.source {
            Source::Image | Source::Column { .. } => place.stored.bytes(),
            Source::Tiles(layout) => layout.stored_bytes(),
        }
    }

    fn nulls(&self, index: usize) -> Result<Option<Arc<Validity>>> {
        let (place, hdu) = self.place(index)?;
        let Some(null) = place.null else {
            return Ok(None);
        };
        if let Some(mask) = self.kept_mask(index) {
            return Ok(Some(mask));
        }
        let stored = self.stored(place, hdu)?;
        let dtype = place.stored.dtype();
        let item_bytes = dtype.item_bytes() as usize;
        let mut validity = Validity::default();
        let mut piece = Vec::new();
        for window in windows::of(0..place.stored.rows(), place.stored.row_bytes()) {
            windows::read(&*stored, window, &mut piece)?;
            for element in piece.chunks_exact(item_bytes) {
                validity.push(integer(element, dtype.kind()) != null);
            }
        }
        let mask = Arc::new(validity);
        self.keep_mask(index, mask.clone());
        Ok(Some(mask))
    }

    fn kept_mask(&self, index: usize) -> Option<Arc<Validity>> {
        let masks = self.masks.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = masks.iter().find(|(kept, _)| *kept == index);
        kept.map(|(_, mask)| mask.clone())
    }

    /// Keeps a mask, and lets go of the oldest where they are too much.
    fn keep_mask(&self, index: usize, mask: Arc<Validity>) {
        let mut masks = self.masks.lock().unwrap_or_else(PoisonError::into_inner);
        masks.retain(|(kept, _)| *kept != index);
        masks.push((index, mask));
        let n_bytes = |mask: &Validity| mask.as_bytes().len();
        let mut all: usize = masks.iter().map(|(_, mask)| n_bytes(mask)).sum();
        while all > MASK_BYTES && masks.len() > 1 {
            all -= n_bytes(&masks.remove(0).1);
        }
    }
}

/// What an array is stored by, in the words of the format.
fn filter(place: &Place) -> String {
    match &place.source {
        Source::Tiles(layout) => layout.name().to_owned(),
        _ => place.meaning.to_string(),
    }
}

/// A whole number of up to eight bytes, the highest first.
fn integer(bytes: &[u8], kind: Kind) -> i64 {
    let is_negative = kind == Kind::Int && bytes.first().is_some_and(|&byte| byte >= 0x80);
    let start = if is_negative { -1 } else { 0 };
    bytes
        .iter()
        .fold(start, |value, &byte| value << 8 | i64::from(byte))
}

impl Container for FitsReader {
    fn format(&self) -> &'static FormatInfo {
        &format::INFO
    }

    fn n_arrays(&self) -> usize {
        self.contents.arrays.len()
    }

    fn path(&self, index: usize) -> &str {
        &self.array(index).path
    }

    fn find(&self, name: &str) -> Result<usize> {
        if let Some(&number) = self.numbers.get(name) {
            return Ok(number);
        }
        match self.bare.get(name) {
            Some(Some(number)) => Ok(*number),
            Some(None) => Err(Error::invalid(format!(
                "several tables have a column {name:?}"
            ))),
            None => Err(Error::invalid(format!("there is no array {name:?}"))),
        }
    }

    fn entry(&self, index: usize) -> Result<Entry> {
        let array = self.array(index);
        Ok(match &array.place {
            Ok(place) => Entry {
                has_nulls: place.null.is_some(),
                ..Entry::of(
                    &array.path,
                    &place.spec,
                    &filter(place),
                    self.stored_bytes(place),
                )
            },
            Err(fault) => Entry {
                dtype: array.form.clone(),
                ..Entry::faulty(array.path.clone(), "none", 0, fault.clone())
            },
        })
    }

    fn open_array(&self, index: usize) -> Result<Box<dyn ArrayReader>> {
        let open = || -> Result<Box<dyn ArrayReader>> {
            let (place, hdu) = self.place(index)?;
            self.limits.check_array_bytes(place.spec.bytes())?;
            let stored = self.stored(place, hdu)?;
            let sums = self.sums[hdu].clone();
            let meant = Meant::new(stored, place.meaning, place.spec.clone(), sums);
            Ok(Box::new(meant))
        };
        open().in_array(self.path(index))
    }

    fn validity(&self, index: usize) -> Result<Option<Arc<Validity>>> {
        self.nulls(index).in_array(self.path(index))
    }

    fn limits(&self) -> &Limits {
        &self.limits
    }

    fn documents(&self) -> Vec<Document> {
        let document = |(name, hdu): &(String, super::hdu::Hdu)| Document {
            path: name.clone(),
            json: hdu.header.to_json().to_string(),
        };
        self.contents.hdus.iter().map(document).collect()
    }

    fn beside_arrays(&self) -> Option<String> {
        let has_headers = !self.contents.hdus.is_empty();
        has_headers.then(|| "what headers say beside types and shapes".to_owned())
    }

    fn notes(&self) -> &[String] {
        &self.contents.notes
    }

    fn left_out(&self) -> &[LeftOut] {
        &self.contents.left_out
    }

    fn verify_structure(&self) -> Result<()> {
        self.header_checks().collect()
    }

    fn structure_faults(&self) -> Vec<Error> {
        self.header_checks().filter_map(Result::err).collect()
    }
}

impl fmt::Debug for FitsReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FitsReader {{ {} arrays }}", self.n_arrays())
    }
}
