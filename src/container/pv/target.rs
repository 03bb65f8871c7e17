//! Who is to read the file: what may stand in it, and how it is spelled.

use std::fmt;
use std::str::FromStr;

use super::names::{Association, Role};
use crate::array::ArraySpec;
use crate::dtype::{DType, Kind};
use crate::error::{Error, Result};
use crate::filter::{FilterId, FrameLayout};

/// The oldest readers that a file is written for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Target {
    /// Every release of pyvista-zstd since 0.2.0.
    V0_2,
    /// Releases since 0.4: payloads of several frames, with checksums and a seek table.
    V0_4,
    /// Releases since 0.7, and everything that 0.7.0 expresses.
    V0_7,
    /// Our readers, every filter of ours; pyvista-zstd reads the arrays whose filters it knows.
    #[default]
    Native,
    /// The bytes that pyvista-zstd 0.7.0 itself writes: no checksums, no seek table.
    Reproduce0_7,
}

impl Target {
    /// All of them, oldest first.
    pub const ALL: [Self; 5] = [
        Self::V0_2,
        Self::V0_4,
        Self::V0_7,
        Self::Native,
        Self::Reproduce0_7,
    ];

    /// The name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::V0_2 => "0.2",
            Self::V0_4 => "0.4",
            Self::V0_7 => "0.7",
            Self::Native => "native",
            Self::Reproduce0_7 => "reproduce-0.7",
        }
    }

    /// How its readers need zstd frames to be laid out.
    #[must_use]
    pub fn frames(self) -> FrameLayout {
        match self {
            Self::V0_2 => FrameLayout::SINGLE,
            Self::V0_4 | Self::V0_7 | Self::Native => FrameLayout::SEEKABLE,
            Self::Reproduce0_7 => FrameLayout::PYVISTA_0_7,
        }
    }

    /// The one of two whose readers read what was written for either.
    pub(crate) fn with(self, other: Self) -> Self {
        let rank = |target| match target {
            Self::V0_2 => 0,
            Self::V0_4 => 1,
            Self::Reproduce0_7 | Self::V0_7 => 2,
            Self::Native => 3,
        };
        match rank(self) > rank(other) {
            true => self,
            false => other,
        }
    }

    /// Whether its readers know a filter.
    #[must_use]
    pub fn knows(self, filter: FilterId) -> bool {
        self == Self::Native || filter == FilterId::NONE || filter == FilterId::SHUFFLE
    }

    /// Whether the metadata of a dataset may state the width of cells instead of their offsets.
    pub(crate) fn has_fixed_widths(self) -> bool {
        matches!(self, Self::V0_7 | Self::Native | Self::Reproduce0_7)
    }

    /// Whether its readers refuse members of a document that they do not know.
    pub(crate) fn refuses_unknown_members(self) -> bool {
        matches!(self, Self::V0_2 | Self::V0_4)
    }

    /// Refuses an array that would make its readers fail on the whole file.
    ///
    /// # Errors
    /// `InvalidArgument`, with the target that can hold it.
    pub(crate) fn check_array(self, role: &Role, spec: &ArraySpec) -> Result<()> {
        if self == Self::Native {
            return Ok(());
        }
        let refuse = |what: String, needs: &str| {
            Err(Error::invalid(format!(
                "{what}: readers of --compat {self} fail on the whole file; --compat {needs} can hold it"
            )))
        };
        if !is_of_vtk(spec.dtype()) {
            return refuse(format!("VTK has no type for {}", spec.dtype()), "native");
        }
        if let Role::Data(association, key) = role {
            let has_empty_rows = spec.shape().len() > 1 && spec.shape()[1..].contains(&0);
            let is_large = *association != Association::Field && spec.shape().len() > 2;
            if has_empty_rows || is_large {
                return refuse(
                    format!(
                        "VTK has no array of shape {:?} as {}",
                        spec.shape(),
                        association.name()
                    ),
                    "native",
                );
            }
            if self == Self::V0_2 {
                if !key.is_ascii() {
                    return refuse(format!("the name {key:?} is not ASCII"), "0.4");
                }
                if spec.dtype().is_swapped() {
                    return refuse("big-endian values".to_owned(), "0.7");
                }
                if spec.rows() == 0 && spec.shape().len() > 1 {
                    return refuse(format!("an array of shape {:?}", spec.shape()), "0.7");
                }
            }
        }
        Ok(())
    }

    /// Refuses strings that would make its readers fail on the whole file.
    ///
    /// # Errors
    /// `InvalidArgument`.
    pub(crate) fn check_rows(self, spec: &ArraySpec, rows: &[u8]) -> Result<()> {
        if self == Self::Native || spec.dtype().kind() != Kind::Str {
            return Ok(());
        }
        let is_ascii = |unit: &[u8; 4]| {
            let unit = u32::from_ne_bytes(*unit);
            let unit = if spec.dtype().is_swapped() {
                unit.swap_bytes()
            } else {
                unit
            };
            unit < 0x80
        };
        if !rows.as_chunks().0.iter().all(is_ascii) {
            return Err(Error::invalid(format!(
                "strings beyond ASCII: readers of --compat {self} fail on the whole file; --compat native can hold them"
            )));
        }
        Ok(())
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Target {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let known = Self::ALL.into_iter().find(|target| target.name() == text);
        known.ok_or_else(|| {
            let names: Vec<_> = Self::ALL.map(Self::name).into();
            Error::invalid(format!(
                "no target {text:?}; there are {}",
                names.join(", ")
            ))
        })
    }
}

/// Whether VTK has arrays of this type.
fn is_of_vtk(dtype: DType) -> bool {
    match dtype.kind() {
        Kind::Float => matches!(dtype.item_bytes(), 4 | 8),
        Kind::Complex => matches!(dtype.item_bytes(), 8 | 16),
        Kind::Void | Kind::DateTime | Kind::TimeDelta => false,
        _ => true,
    }
}

/// How numpy's `str(dtype)` spells a type: in documents, never in headers.
pub(crate) fn numpy_name(dtype: DType) -> String {
    let bits = dtype.item_bytes() * 8;
    let name = match dtype.kind() {
        Kind::Bool => return "bool".to_owned(),
        _ if dtype.is_swapped() => return dtype.to_string(),
        Kind::Int => "int",
        Kind::UInt => "uint",
        Kind::Float => "float",
        Kind::Complex => "complex",
        Kind::DateTime => return dtype.to_string().replacen("<M8", "datetime64", 1),
        Kind::TimeDelta => return dtype.to_string().replacen("<m8", "timedelta64", 1),
        Kind::Bytes | Kind::Str | Kind::Void => return dtype.to_string(),
    };
    format!("{name}{bits}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_numpys() {
        for (dtype, name) in [
            ("<f8", "float64"),
            ("|u1", "uint8"),
            ("|b1", "bool"),
            (">f8", ">f8"),
            ("<c16", "complex128"),
            ("<f16", "float128"),
            ("<U20", "<U20"),
            ("|S2", "|S2"),
            ("<M8[ns]", "datetime64[ns]"),
        ] {
            assert_eq!(numpy_name(dtype.parse().unwrap()), name);
        }
    }

    #[test]
    fn what_vtk_cannot_hold_needs_native() {
        let role = Role::Data(Association::Field, "a".to_owned());
        for dtype in ["<f2", "<f16", "<M8[s]", "|V4"] {
            let spec = ArraySpec::new(dtype.parse().unwrap(), [3]).unwrap();
            let error = Target::V0_7.check_array(&role, &spec).unwrap_err();
            assert!(error.to_string().contains("--compat native"), "{error}");
            assert!(Target::Native.check_array(&role, &spec).is_ok());
        }
        let spec = ArraySpec::new("<U1".parse().unwrap(), [1]).unwrap();
        assert!(
            Target::V0_7
                .check_rows(&spec, &0xE9_u32.to_ne_bytes())
                .is_err()
        );
        assert!(
            Target::V0_7
                .check_rows(&spec, &0x7A_u32.to_ne_bytes())
                .is_ok()
        );
    }

    #[test]
    fn a_target_reads_back_from_its_name() {
        for target in Target::ALL {
            assert_eq!(target.name().parse::<Target>().unwrap(), target);
        }
    }
}
