//! What is in a file: its HDUs one behind the other, and the arrays that they describe.

use super::ahead::Ahead;
use super::hdu::{Hdu, Kind};
use super::header::Header;
use super::meaning::Values;
use super::names::Names;
use super::place::Place;
use super::{BLOCK_BYTES, image, table};
use crate::container::LeftOut;
use crate::container::fault::Fault;
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::storage::ReadAt;
use crate::text::counted;

/// All of it.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// With what each is called.
    pub(super) hdus: Vec<(String, Hdu)>,
    pub(super) arrays: Vec<Described>,
    pub(super) left_out: Vec<LeftOut>,
    pub(super) notes: Vec<String>,
}

/// The names that were given: each kind has its own, so that an image may be called as a table is.
#[derive(Debug, Default)]
struct Given {
    hdus: Names,
    tables: Names,
    arrays: Names,
    /// Of the paths of columns: each holds the name of its table again.
    n_path_bytes: u64,
}

/// An array, whether or not it can be read.
#[derive(Debug)]
pub(super) struct Described {
    pub(super) path: String,
    /// The name without the table that it is a column of.
    pub(super) name: String,
    /// The number of its HDU; none where the HDU itself is at fault.
    pub(super) hdu: Option<usize>,
    /// How a column that cannot be read is spelled.
    pub(super) form: String,
    pub(super) place: std::result::Result<Place, Fault>,
}

impl Contents {
    /// Reads the headers of a file.
    ///
    /// # Errors
    /// What is wrong with the first header; `LimitExceeded`; those of the storage. What is wrong with another one is the
    /// fault of what it describes.
    pub(super) fn read(store: &dyn ReadAt, values: Values, limits: &Limits) -> Result<Self> {
        let mut contents = Self::default();
        let mut names = Given::default();
        let (mut start, mut n_header_bytes) = (0, 0);
        let mut ahead = Ahead::default();
        while let Some(hdu) = contents.next(store, start, n_header_bytes, limits, &mut names)? {
            start = hdu.end();
            ahead.announce(store, &hdu)?;
            n_header_bytes += hdu.header.n_bytes;
            contents.describe(hdu, store.len(), values, limits, &mut names)?;
            limits.check_arrays(contents.hdus.len().max(contents.arrays.len()) as u64)?;
        }
        Ok(contents)
    }

    /// Reads the header at an offset, where there is one.
    fn next(
        &mut self,
        store: &dyn ReadAt,
        start: u64,
        n_before: u64,
        limits: &Limits,
        names: &mut Given,
    ) -> Result<Option<Hdu>> {
        let number = self.hdus.len();
        if number > 0 && !self.is_extension(store, start)? {
            return Ok(None);
        }
        let hdu = Header::read(store, start, n_before, limits).and_then(|header| {
            match number == 0 && header.logical("SIMPLE") != Some(true) {
                true => Err(Error::unsupported(
                    "a file that does not keep to the standard (SIMPLE is not T)",
                )),
                false => Hdu::of(header, start),
            }
        });
        match hdu {
            Err(error) if number > 0 => {
                // Where the next one begins is not known either.
                let path = names.arrays.give(&format!("hdu{number}"));
                self.arrays.push(Described {
                    name: path.clone(),
                    path,
                    hdu: None,
                    form: String::new(),
                    place: Err(Fault::of(error)?),
                });
                Ok(None)
            }
            hdu => hdu.map(Some),
        }
    }

    /// Whether an extension begins at an offset. What else is there is left out.
    fn is_extension(&mut self, store: &dyn ReadAt, start: u64) -> Result<bool> {
        const KEYWORD: &[u8; 8] = b"XTENSION";
        let rest = store.len().saturating_sub(start);
        if rest == 0 {
            return Ok(false);
        }
        let mut first = vec![0; rest.min(BLOCK_BYTES) as usize];
        store.read_exact_at(&mut first, start)?;
        if first.starts_with(KEYWORD) {
            return Ok(true);
        }
        let rest = counted(rest, "byte");
        self.notes.push(format!(
            "what stands behind the last HDU is left out: {rest}"
        ));
        self.left_out.push(LeftOut {
            path: rest,
            why: "it stands behind the last HDU".to_owned(),
        });
        Ok(false)
    }

    fn describe(
        &mut self,
        hdu: Hdu,
        n_file: u64,
        values: Values,
        limits: &Limits,
        names: &mut Given,
    ) -> Result<()> {
        let number = self.hdus.len();
        let name = match hdu.header.text("EXTNAME") {
            Some(name) => name.to_owned(),
            None => format!("hdu{number}"),
        };
        let (n_data, n_there) = (hdu.n_bytes, n_file.saturating_sub(hdu.data));
        let whole = |place: Place| {
            place
                .within(n_data, n_there)
                .map_err(|error| error.at(n_file))
        };
        let one = match hdu.kind() {
            Kind::Image => image::described(&hdu.header, values),
            Kind::TiledImage => image::in_tiles(&hdu.header, values).map(Some),
            Kind::Other(what) => Err(Error::unsupported(what)),
            Kind::Table => match table::described(&hdu.header, values) {
                Err(error) => Err(error),
                Ok(columns) => {
                    let table = names.tables.give(&name);
                    for column in columns {
                        let place = column.place.and_then(whole);
                        names.n_path_bytes += (table.len() + 1 + column.name.len()) as u64;
                        limits.check_metadata_bytes(names.n_path_bytes)?;
                        self.arrays.push(Described {
                            path: names.arrays.give(&format!("{table}/{}", column.name)),
                            name: column.name,
                            hdu: Some(number),
                            form: column.form,
                            place: faulty(place)?,
                        });
                    }
                    Ok(None)
                }
            },
        };
        let one = one.and_then(|place| place.map(whole).transpose());
        if let Some(place) = faulty(one)?.transpose() {
            let path = names.arrays.give(&name);
            self.arrays.push(Described {
                name: path.clone(),
                path,
                hdu: Some(number),
                form: String::new(),
                place,
            });
        }
        self.hdus.push((names.hdus.give(&name), hdu));
        Ok(())
    }
}

/// Takes an error for the fault of one array, unless it is nobody's.
fn faulty<T>(place: Result<T>) -> Result<std::result::Result<T, Fault>> {
    match place {
        Ok(place) => Ok(Ok(place)),
        Err(error) => Fault::of(error).map(Err),
    }
}
