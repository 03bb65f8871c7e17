//! The header of a `.gnz` file: a magic number, a length, and JSON that says where each array lies.

use std::collections::HashMap;

use super::{FIRST_BYTES, MAGIC, PAGE_BYTES, UNFINISHED};
use crate::array::{ArraySpec, Order};
use crate::container::fault::Fault;
use crate::container::json::{Json, Object, Text};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::storage::ReadAt;
use crate::text::counted;

/// What a header says.
#[derive(Debug)]
pub(super) struct Header {
    /// In the order of the header, which is that of the names in what the reference writes.
    pub(super) arrays: Vec<Described>,
    /// Places in `arrays` by name.
    pub(super) numbers: HashMap<String, usize>,
    pub(super) metadata: Json,
    /// What a user should know of it.
    pub(super) notes: Vec<String>,
    /// What is wrong with a header whose end is lost.
    pub(super) fault: Option<Fault>,
}

/// What the header says of one array.
#[derive(Debug)]
pub(super) struct Described {
    pub(super) name: String,
    /// Of an array that cannot be read: the dtype as it is spelled, and the shape as far as it is one.
    pub(super) dtype: String,
    pub(super) shape: Vec<u64>,
    /// Type, shape and order, and where the elements lie.
    pub(super) place: std::result::Result<(ArraySpec, u64), Fault>,
}

impl Header {
    /// Reads the header of a file.
    ///
    /// # Errors
    /// `Corrupt` and `Truncated` for what is no header; `LimitExceeded`; those of the storage.
    pub(super) fn read(store: &dyn ReadAt, limits: &Limits) -> Result<Self> {
        let n_file = store.len();
        if n_file < FIRST_BYTES {
            let what = format!("{n_file} of {FIRST_BYTES} bytes before the header");
            return Err(Error::truncated(what).at(n_file));
        }
        let mut first = [0; FIRST_BYTES as usize];
        store.read_exact_at(&mut first, 0)?;
        if first.starts_with(UNFINISHED) {
            return Err(Error::truncated(
                "a .gnz that was never finalised (it starts with GNZ~): some of its arrays may be empty",
            ));
        }
        if !first.starts_with(MAGIC) {
            return Err(Error::corrupt("no magic number of a .gnz").at(0));
        }
        Self::read_behind(first, store, limits)
    }

    /// Reads the header of a file that is being filled.
    ///
    /// # Errors
    /// `InvalidArgument` for one that is not; those of [`read`](Self::read).
    pub(super) fn read_unfinished(store: &dyn ReadAt, limits: &Limits) -> Result<Self> {
        let mut first = [0; FIRST_BYTES as usize];
        if store.len() >= FIRST_BYTES {
            store.read_exact_at(&mut first, 0)?;
        }
        match first.starts_with(UNFINISHED) {
            true => Self::read_behind(first, store, limits),
            false => Err(Error::invalid("no .gnz whose arrays are being filled").at(0)),
        }
    }

    fn read_behind(
        first: [u8; FIRST_BYTES as usize],
        store: &dyn ReadAt,
        limits: &Limits,
    ) -> Result<Self> {
        let n_file = store.len();
        let stated = u64::from(u32::from_le_bytes([first[4], first[5], first[6], first[7]]));
        // As the reference does, a header that is said to be longer than the file ends with it.
        let n_header = stated.min(n_file - FIRST_BYTES);
        limits.check_metadata_bytes(n_header)?;
        let mut text = vec![0; n_header as usize];
        store.read_exact_at(&mut text, FIRST_BYTES)?;
        match Json::parse(&text) {
            Ok(json) => {
                let mut header = Self::of(&json, FIRST_BYTES + n_header, n_file, limits)?;
                if stated > n_header {
                    header.notes.push(format!(
                        "the header is said to have {}, of which the file has {n_header}",
                        counted(stated, "byte")
                    ));
                }
                Ok(header)
            }
            Err(error) if !error.kind().is_damage() => Err(error),
            Err(_) if stated > n_header => {
                let what = format!("{n_header} of {} of the header", counted(stated, "byte"));
                Err(Error::truncated(what).at(n_file))
            }
            Err(error) => match Self::recover(&text, n_file, limits)? {
                Some(header) => Ok(header),
                None => Err(error.shifted_from(FIRST_BYTES)),
            },
        }
    }

    /// What is left of a header whose end lies under the first array: writers that make room for the header of one round
    /// and write that of the next, whose offsets have more digits, put it there. The start is whole.
    fn recover(text: &[u8], n_file: u64, limits: &Limits) -> Result<Option<Self>> {
        let n_header = FIRST_BYTES + text.len() as u64;
        let data_start = n_header / PAGE_BYTES * PAGE_BYTES;
        if data_start < PAGE_BYTES || data_start == n_header {
            return Ok(None);
        }
        let whole = &text[..(data_start - FIRST_BYTES) as usize];
        let json = match Json::parse_start(whole) {
            Ok(json) => json,
            Err(error) if error.kind().is_damage() => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut header = Self::of(&json, data_start, n_file, limits)?;
        let offsets = header.arrays.iter().filter_map(Described::offset);
        if offsets.min().is_none_or(|first| first != data_start) {
            return Ok(None);
        }
        let what = format!(
            "the first array lies on the last {} of the header",
            counted(n_header - data_start, "byte")
        );
        header.notes.push(format!(
            "{what}: arrays that it described there, and metadata, may be missing"
        ));
        header.fault = Some(Fault::of(Error::corrupt(what).at(data_start))?);
        Ok(Some(header))
    }

    /// What a document says. The header ends at `end`, before which no data may lie.
    fn of(json: &Json, end: u64, n_file: u64, limits: &Limits) -> Result<Self> {
        let Some(object) = json.as_object() else {
            return Err(Error::corrupt("a header that is no JSON object").at(FIRST_BYTES));
        };
        let (mut arrays, mut metadata) = (None, None);
        let mut notes = Vec::new();
        // Of several members of one name the last counts, as it does in Python.
        for (name, value) in object.spelled_members() {
            if name.is("arrays") {
                arrays = Some(value);
            } else if name.is("metadata") {
                metadata = Some(value);
            } else if name.is("version") && value.as_u64() != Some(1) {
                notes.push(format!("its version is {value}, not 1"));
            }
        }
        let (arrays, numbers) = match arrays.map(Json::as_object) {
            None => Default::default(),
            Some(Some(arrays)) => described(arrays, end, n_file, limits)?,
            Some(None) => {
                return Err(Error::corrupt("a header whose arrays are no object").at(FIRST_BYTES));
            }
        };
        notes.extend(overlap(&arrays));
        Ok(Self {
            arrays,
            numbers,
            metadata: metadata.cloned().unwrap_or(Json::Object(Object::default())),
            notes,
            fault: None,
        })
    }
}

/// The arrays, and where each is among them.
type Arrays = (Vec<Described>, HashMap<String, usize>);

fn described(arrays: &Object, end: u64, n_file: u64, limits: &Limits) -> Result<Arrays> {
    let mut all: Vec<Described> = Vec::new();
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let mut dtypes = DTypes::default();
    for (name, value) in arrays.members() {
        let array = Described::of(name.clone(), value, (end, n_file), &mut dtypes)?;
        match numbers.get(&name) {
            Some(&number) => all[number] = array,
            None => {
                numbers.insert(name, all.len());
                all.push(array);
                limits.check_arrays(all.len() as u64)?;
            }
        }
    }
    Ok((all, numbers))
}

/// What the last dtype that was read came to: many arrays have the one of the array before.
#[derive(Default)]
struct DTypes(Option<(Text, DType)>);

impl DTypes {
    fn parse(&mut self, text: &Text) -> Result<DType> {
        if let Some((known, dtype)) = &self.0
            && known == text
        {
            return Ok(*dtype);
        }
        let dtype = text.decode().parse()?;
        self.0 = Some((text.clone(), dtype));
        Ok(dtype)
    }
}

/// A note of the first two arrays that share bytes.
fn overlap(arrays: &[Described]) -> Option<String> {
    let place = |array: &Described| match &array.place {
        Ok((spec, offset)) if spec.bytes() > 0 => Some((*offset, offset + spec.bytes())),
        _ => None,
    };
    let mut places: Vec<_> = arrays
        .iter()
        .filter_map(|array| Some((place(array)?, &array.name)))
        .collect();
    places.sort_unstable();
    places.windows(2).find_map(|pair| match pair {
        [((_, end), first), ((start, _), next)] if start < end => {
            Some(format!("the arrays {first:?} and {next:?} share bytes"))
        }
        _ => None,
    })
}

impl Described {
    fn of(name: String, value: &Json, ends: (u64, u64), dtypes: &mut DTypes) -> Result<Self> {
        let fields = Fields::of(value);
        let fault = match fields.place(ends, dtypes) {
            Ok(place) => {
                let (dtype, shape, place) = (String::new(), Vec::new(), Ok(place));
                return Ok(Self {
                    name,
                    dtype,
                    shape,
                    place,
                });
            }
            Err(error) => Fault::of(error)?,
        };
        let dtype = match fields.dtype {
            Some(Json::String(text)) => text.decode(),
            Some(other) => other.to_string(),
            None => String::new(),
        };
        Ok(Self {
            name,
            dtype,
            shape: fields.shape().unwrap_or_default(),
            place: Err(fault),
        })
    }

    fn offset(&self) -> Option<u64> {
        self.place.as_ref().ok().map(|(_, offset)| *offset)
    }
}

/// The members of what is said of an array: the last of each name.
#[derive(Default)]
struct Fields<'a> {
    dtype: Option<&'a Json>,
    shape: Option<&'a Json>,
    offset: Option<&'a Json>,
    order: Option<&'a Json>,
}

impl<'a> Fields<'a> {
    fn of(value: &'a Json) -> Self {
        let mut fields = Self::default();
        let members = value.as_object().into_iter();
        for (name, value) in members.flat_map(Object::spelled_members) {
            for (field, field_name) in [
                (&mut fields.dtype, "dtype"),
                (&mut fields.shape, "shape"),
                (&mut fields.offset, "offset"),
                (&mut fields.order, "order"),
            ] {
                if name.is(field_name) {
                    *field = Some(value);
                    break;
                }
            }
        }
        fields
    }

    /// Lengths of the axes, where all are whole numbers that are not negative and fit 64 bits.
    fn shape(&self) -> Option<Vec<u64>> {
        match self.shape? {
            Json::Array(axes) => axes.iter().map(Json::as_u64).collect(),
            _ => None,
        }
    }

    /// Type, shape and order, and where the elements lie: within the file, behind its header.
    fn place(&self, (end, n_file): (u64, u64), dtypes: &mut DTypes) -> Result<(ArraySpec, u64)> {
        let dtype = match self.dtype {
            Some(Json::String(text)) => dtypes.parse(text)?,
            Some(other) => return Err(Error::unsupported(format!("dtype {other}"))),
            None => return Err(Error::corrupt("an array without a dtype")),
        };
        let shape = self.shape().ok_or_else(|| match self.shape {
            Some(shape) => Error::corrupt(format!("the shape {}", shortened(shape))),
            None => Error::corrupt("an array without a shape"),
        })?;
        let order = match self.order {
            None => Order::C,
            Some(Json::String(text)) if text.is("C") => Order::C,
            Some(Json::String(text)) if text.is("F") => Order::F,
            Some(_) => return Err(Error::corrupt("an order that is neither C nor F")),
        };
        let spec = ArraySpec::stored(dtype, shape)?.with_order(order);
        let offset = match self.offset.map(Json::as_u64) {
            Some(Some(offset)) => offset,
            _ => return Err(Error::corrupt("an array without an offset")),
        };
        if spec.bytes() == 0 {
            return Ok((spec, offset));
        }
        if offset < end {
            return Err(Error::corrupt("an array that lies on the header").at(offset));
        }
        match offset.checked_add(spec.bytes()) {
            Some(end) if end <= n_file => Ok((spec, offset)),
            _ => {
                let have = n_file.saturating_sub(offset);
                let what = format!("{have} of {} of data", counted(spec.bytes(), "byte"));
                Err(Error::truncated(what).at(n_file))
            }
        }
    }
}

/// The start of a value, for messages.
fn shortened(value: &Json) -> String {
    const MAX_CHARS: usize = 60;
    let text = value.to_string();
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}
