//! A file made of the arrays that a scan found.

use std::collections::HashSet;
use std::sync::Arc;

use super::named::{File, Known};
use super::scan;
use crate::array::{ArraySpec, Order};
use crate::container::pv::edit_options::{EditOptions, Report};
use crate::container::pv::keys::remove_key;
use crate::container::pv::metadata::{DatasetMetadata, DatasetType};
use crate::container::pv::names::{Association, CellArray, Role};
use crate::container::pv::options::WriteOptions;
use crate::container::pv::target::Target;
use crate::container::pv::writer::Writer;
use crate::error::{ErrorKind, Result};
use crate::filter::{ArrayReader, FilterId};
use crate::storage::{ReadAt, Store};
use crate::validity::Validity;

/// Arrays that are whole, with what is left of the documents that they belong to.
#[derive(Debug)]
pub(super) struct Remains {
    arrays: Vec<Remnant>,
    /// The document of the dataset, where there is one dataset and its document is whole.
    document: Option<DatasetMetadata>,
    n_datasets: usize,
    /// Whether that document was written behind all arrays that there are, and lists them.
    is_listed: bool,
}

/// An array that is whole.
#[derive(Debug)]
struct Remnant {
    role: Role,
    /// The number of its dataset, in the order of the file.
    dataset: usize,
    array: Box<dyn ArrayReader>,
    validity: Option<Arc<Validity>>,
    filter: FilterId,
}

type Lost = Vec<(String, String)>;

impl Remains {
    /// Looks for them, and says what else there was.
    ///
    /// # Errors
    /// `LimitExceeded`; `Io`.
    pub(super) fn find(store: &Arc<dyn ReadAt>, options: &EditOptions) -> Result<(Self, Lost)> {
        let pairs = scan::pairs(store, &options.limits)?;
        let mut file = File::of(store, options, &pairs)?;
        let (mut arrays, mut lost, mut uids) = (Vec::new(), Vec::new(), Vec::new());
        let mut last = 0;
        for (i, found) in pairs.iter().enumerate() {
            let Some((uid, role)) = file.role_of(i) else {
                continue;
            };
            last = i;
            let dataset = uids.iter().position(|known| *known == uid);
            let dataset = dataset.unwrap_or_else(|| {
                uids.push(uid);
                uids.len() - 1
            });
            match file.open(found, file.order(uid, &role)) {
                Ok((array, validity)) => arrays.push(Remnant {
                    role,
                    dataset,
                    array,
                    validity,
                    filter: FilterId(found.header.filter),
                }),
                Err(error) if error.kind().is_of_storage() => return Err(error),
                Err(error) => lost.push((role.to_string(), error.to_string())),
            }
        }
        let known = match uids[..] {
            [uid] => file.documents.remove(uid),
            _ => None,
        };
        let is_listed = known.as_ref().is_some_and(|known| known.pair > last);
        let document = known.map(|known| without_lost(known, &arrays, &mut lost));
        let remains = Self {
            arrays,
            document,
            n_datasets: uids.len(),
            is_listed,
        };
        Ok((remains, lost))
    }

    /// Whether a document lists all arrays that there were, so that no other can be missed.
    pub(super) fn is_listed(&self) -> bool {
        self.is_listed
    }

    /// The paths of the arrays as they stood in the file, but for those of no elements.
    pub(super) fn paths(&self) -> Vec<String> {
        let arrays = self
            .arrays
            .iter()
            .filter(|array| !array.is_empty_geometry());
        arrays.map(|array| self.path(array)).collect()
    }

    fn path(&self, array: &Remnant) -> String {
        match self.n_datasets {
            1 => array.role.to_string(),
            _ => format!("blocks/{}/{}", array.dataset, array.role),
        }
    }

    /// Writes them: as a dataset if they make one, else as plain arrays.
    ///
    /// # Errors
    /// Those of reading and of the store.
    pub(super) fn write(&self, store: &dyn Store, options: &EditOptions) -> Result<Report> {
        if let Some(template) = self.template() {
            match self.write_dataset(store, options, &template) {
                // They do not fit each other after all.
                Err(error) if error.kind() == ErrorKind::InvalidArgument => {}
                written => return written,
            }
        }
        self.write_plain(store, options)
    }

    fn write_dataset(
        &self,
        store: &dyn Store,
        options: &EditOptions,
        template: &DatasetMetadata,
    ) -> Result<Report> {
        let mut writer = Writer::create_dataset(store, template, self.write_options(options))?;
        for array in &self.arrays {
            array.write(&mut writer, &array.role.to_string())?;
        }
        finish(writer, Vec::new())
    }

    fn write_plain(&self, store: &dyn Store, options: &EditOptions) -> Result<Report> {
        let mut taken = HashSet::new();
        let mut paths: Vec<Option<String>> = Vec::new();
        for array in &self.arrays {
            if array.is_empty_geometry() {
                paths.push(None);
                continue;
            }
            let path = self.path(array);
            // A field array keeps its name, all else is called by its path.
            let mut key = match &array.role {
                Role::Data(Association::Field, key) if self.n_datasets == 1 => key.clone(),
                _ => path.clone(),
            };
            if taken.contains(&key) {
                key = path;
            }
            while !taken.insert(key.clone()) {
                key.push('~');
            }
            paths.push(Some(Role::field(&key).to_string()));
        }
        let mut writer = Writer::create(store, self.write_options(options))?;
        for (array, path) in self.arrays.iter().zip(&paths) {
            if let Some(path) = path {
                array.write(&mut writer, path)?;
            }
        }
        let is_other = |array: &Remnant| {
            !array.is_empty_geometry() && !matches!(array.role, Role::Data(Association::Field, _))
        };
        let note = "points and cells are not whole: every array is a plain one, under its old path";
        let notes = self.arrays.iter().any(is_other).then(|| note.to_owned());
        finish(writer, notes.into_iter().collect())
    }

    /// As asked for, with a target that can hold them.
    fn write_options(&self, options: &EditOptions) -> WriteOptions {
        let mut write = options.write.clone();
        write.target = options.target.unwrap_or_else(|| {
            let fits = |array: &Remnant| {
                Target::V0_7.knows(array.filter)
                    && array.validity.is_none()
                    && array.array.spec().order() == Order::C
                    && Target::V0_7
                        .check_array(&array.role, array.array.spec())
                        .is_ok()
            };
            match self.arrays.iter().all(fits) {
                true => Target::V0_7,
                false => Target::Native,
            }
        });
        write
    }

    /// The dataset that the arrays make, if they do.
    fn template(&self) -> Option<DatasetMetadata> {
        if self.n_datasets != 1 {
            return None;
        }
        match &self.document {
            Some(document) => self.has_what_it_states(document).then(|| document.clone()),
            None => self.guess(),
        }
    }

    fn spec(&self, role: &Role) -> Option<&ArraySpec> {
        let array = self.arrays.iter().find(|array| array.role == *role)?;
        Some(array.array.spec())
    }

    fn rows(&self, role: &Role) -> u64 {
        self.spec(role).map_or(0, ArraySpec::rows)
    }

    /// Whether the points and cells that a document states are there.
    fn has_what_it_states(&self, document: &DatasetMetadata) -> bool {
        let n_points = document.n_points().unwrap_or(0);
        let n_cells = document.n_cells().unwrap_or(0);
        let has_points = n_points == 0 || self.rows(&Role::Points) == n_points;
        let has = |list| self.spec(&Role::Connectivity(list)).is_some();
        let lists = CellArray::ALL;
        match document.ds_type() {
            DatasetType::ImageData => true,
            DatasetType::RectilinearGrid => {
                n_points == 0 || (0..3).all(|axis| self.rows(&Role::Coordinates(axis)) > 0)
            }
            DatasetType::PolyData => has_points && (n_cells == 0 || lists.into_iter().any(has)),
            DatasetType::UnstructuredGrid => {
                let has_types = self.rows(&Role::CellTypes) == n_cells;
                has_points && (n_cells == 0 || (has_types && has(CellArray::Cells)))
            }
            DatasetType::ExplicitStructuredGrid => {
                has_points && (n_cells == 0 || has(CellArray::Cells))
            }
            DatasetType::StructuredGrid | DatasetType::PointSet => has_points,
            DatasetType::Other(_) => false,
        }
    }

    /// What a dataset without its document must have been: a mesh of cells, or points alone.
    fn guess(&self) -> Option<DatasetMetadata> {
        let (n_points, n_cells) = (self.rows(&Role::Points), self.rows(&Role::CellTypes));
        let n_ids = self.rows(&Role::Connectivity(CellArray::Cells));
        let has_offsets = self.spec(&Role::Offset(CellArray::Cells)).is_some();
        let is_list = |array: &Remnant| array.role.is_topology() && !array.is_empty_geometry();
        if n_points == 0 {
            return None;
        }
        if n_cells > 0 && n_ids > 0 {
            let grid = DatasetMetadata::new(DatasetType::UnstructuredGrid);
            return match has_offsets {
                true => Some(grid),
                // Cells that differ in width have offsets.
                false if n_ids.is_multiple_of(n_cells) => {
                    Some(grid.with_fixed_cell_size(CellArray::Cells, n_ids / n_cells))
                }
                false => None,
            };
        }
        let mut lists = self.arrays.iter().filter(|array| is_list(array));
        let has_all_offsets = lists.all(|array| match array.role {
            Role::Connectivity(list) => self.spec(&Role::Offset(list)).is_some(),
            _ => true,
        });
        let has_lists = self.arrays.iter().any(is_list);
        match (has_lists, has_all_offsets) {
            (false, _) => Some(DatasetMetadata::new(DatasetType::PointSet)),
            (true, true) => Some(DatasetMetadata::new(DatasetType::PolyData)),
            (true, false) => None,
        }
    }
}

impl Remnant {
    /// Points and cells of nothing, which plain arrays have beside them for other readers.
    fn is_empty_geometry(&self) -> bool {
        let is_start_of_none =
            matches!(self.role, Role::Offset(_)) && self.array.spec().rows() <= 1;
        !self.role.is_named() && (self.array.spec().rows() == 0 || is_start_of_none)
    }

    fn write(&self, writer: &mut Writer, path: &str) -> Result<()> {
        let mut out = writer.begin_array(path, self.array.spec().clone())?;
        out.copy_from(&*self.array, self.validity.as_deref())?;
        out.finish()
    }
}

/// What a document states without the arrays that are not whole; those of which nothing is there are lost, too.
fn without_lost(known: Known, whole: &[Remnant], lost: &mut Lost) -> DatasetMetadata {
    let whole: HashSet<&Role> = whole.iter().map(|array| &array.role).collect();
    let damaged: HashSet<String> = lost.iter().map(|(path, _)| path.clone()).collect();
    let mut metadata = known.metadata;
    for role in known.listed.keys().filter(|role| !whole.contains(role)) {
        if let Role::Data(association, key) = role {
            remove_key(&mut metadata.document, *association, key);
        }
        let path = role.to_string();
        if !damaged.contains(&path) {
            lost.push((path, "not in what is left of the file".to_owned()));
        }
    }
    metadata
}

fn finish(writer: Writer, mut notes: Vec<String>) -> Result<Report> {
    notes.extend_from_slice(writer.notes());
    writer.commit()?;
    Ok(Report {
        is_in_place: false,
        notes,
    })
}
