//! The pairs that a scan found, by their names, with what the documents among them say of arrays.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::scan::Found;
use crate::array::{ArraySpec, Order};
use crate::container::pv::edit_options::EditOptions;
use crate::container::pv::frame::FrameDecoder;
use crate::container::pv::index::Frame;
use crate::container::pv::keys::keys;
use crate::container::pv::metadata::DatasetMetadata;
use crate::container::pv::names::{Association, DATASET_METADATA, Role, VALIDITY};
use crate::error::{Error, Result};
use crate::filter::{ArrayReader, FilterId, Payload};
use crate::storage::ReadAt;
use crate::validity::Validity;

type Opened = (Box<dyn ArrayReader>, Option<Arc<Validity>>);

/// The pairs of a file by their names.
pub(super) struct File<'a> {
    store: &'a Arc<dyn ReadAt>,
    options: &'a EditOptions,
    pairs: &'a [Found],
    /// The last one of a name is the newest, and stays.
    by_name: HashMap<&'a str, usize>,
    /// By uid.
    pub(super) documents: HashMap<&'a str, Known>,
}

/// A document that is whole.
pub(super) struct Known {
    pub(super) pair: usize,
    pub(super) metadata: DatasetMetadata,
    /// The named arrays, and the order that they had.
    pub(super) listed: BTreeMap<Role, Order>,
}

impl<'a> File<'a> {
    /// Pairs that were found, with the documents among them that are whole.
    ///
    /// # Errors
    /// Those of the store.
    pub(super) fn of(
        store: &'a Arc<dyn ReadAt>,
        options: &'a EditOptions,
        pairs: &'a [Found],
    ) -> Result<Self> {
        let names = pairs.iter().map(|found| found.header.name.as_str());
        let mut file = Self {
            store,
            options,
            pairs,
            by_name: names.zip(0..).collect(),
            documents: HashMap::new(),
        };
        file.read_documents()?;
        Ok(file)
    }

    /// What an array is to which dataset, if pair `i` is one that counts.
    pub(super) fn role_of(&self, i: usize) -> Option<(&'a str, Role)> {
        let name = self.pairs[i].header.name.as_str();
        let (uid, role) = Role::from_frame_name(name)?;
        let counts = self.by_name.get(name) == Some(&i) && !self.was_removed(i, uid, &role);
        counts.then_some((uid, role))
    }

    /// Reads the newest document of each dataset, of those that are whole.
    fn read_documents(&mut self) -> Result<()> {
        let mut decoder = FrameDecoder::new(&**self.store, self.options.limits.max_metadata_bytes);
        for (name, pair) in &self.by_name {
            let found = &self.pairs[*pair];
            let (Some(uid), Ok(payload), Ok(spec)) = (
                name.strip_suffix(DATASET_METADATA),
                &found.payload,
                found.spec(),
            ) else {
                continue;
            };
            let frame = Frame {
                range: payload.clone(),
                decoded_size: spec.bytes(),
            };
            let document = decoder.document(&frame);
            match document.and_then(|bytes| DatasetMetadata::parse(&bytes, uid)) {
                Ok(metadata) => {
                    let keys = Association::ALL.into_iter().flat_map(|association| {
                        let keys = keys(&metadata.document, association).into_iter();
                        keys.map(move |(key, order)| (Role::Data(association, key), order))
                    });
                    let listed = keys.collect();
                    let document = Known {
                        pair: *pair,
                        metadata,
                        listed,
                    };
                    self.documents.insert(uid, document);
                }
                Err(error) if error.kind().is_of_storage() => return Err(error),
                Err(_) => {}
            }
        }
        Ok(())
    }

    /// Whether a document behind a named array lists it no more.
    fn was_removed(&self, pair: usize, uid: &str, role: &Role) -> bool {
        self.documents.get(uid).is_some_and(|document| {
            role.is_named() && document.pair > pair && !document.listed.contains_key(role)
        })
    }

    /// The order that an array had, as far as a document of its dataset says.
    pub(super) fn order(&self, uid: &str, role: &Role) -> Order {
        let document = self.documents.get(uid);
        let order = document.and_then(|document| document.listed.get(role));
        order.copied().unwrap_or_default()
    }

    /// Opens an array and checks all of it.
    pub(super) fn open(&self, found: &Found, order: Order) -> Result<Opened> {
        let name = &found.header.name;
        let spec = found.spec()?.with_order(order);
        let validity = match self.by_name.get(format!("{name}{VALIDITY}").as_str()) {
            Some(mask) => Some(Arc::new(self.mask(&self.pairs[*mask], &spec)?)),
            None => None,
        };
        let array = self.open_pair(found, &spec, validity.clone())?;
        array.verify()?;
        Ok((array, validity))
    }

    fn mask(&self, found: &Found, spec: &ArraySpec) -> Result<Validity> {
        let mask = self.open_pair(found, &found.spec()?, None)?;
        if mask.spec().bytes() != spec.rows().div_ceil(8) {
            return Err(Error::corrupt("a mask of another length"));
        }
        let mut bytes = vec![0; mask.spec().bytes() as usize];
        mask.read_rows_into(0..mask.spec().rows(), &mut bytes)?;
        Validity::from_bytes(&bytes, spec.rows() as usize)
    }

    fn open_pair(
        &self,
        found: &Found,
        spec: &ArraySpec,
        validity: Option<Arc<Validity>>,
    ) -> Result<Box<dyn ArrayReader>> {
        let range = match &found.payload {
            Ok(range) => range.clone(),
            Err(error) => return Err(Error::truncated(error.to_string()).at(found.start)),
        };
        let limits = &self.options.limits;
        limits.check_array_bytes(spec.bytes())?;
        let filter = self
            .options
            .write
            .filters
            .by_id(FilterId(found.header.filter))?;
        let mut payload =
            Payload::new(self.store.clone(), range)?.with_identity(found.header.name.as_bytes());
        if let Some(validity) = validity {
            payload = payload.with_validity(validity);
        }
        filter.open(spec, payload, limits)
    }
}
