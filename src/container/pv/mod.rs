//! The `.pv` container (and its older spelling `.zvtk`): what pyvista-zstd writes, and our filters in it.
//!
//! A file is pairs of zstd frames, a header and a payload each; behind them an index of their ends and decoded sizes.
//! The last pair is a JSON document that names the others; each dataset has a document of its own. Every byte is in
//! docs/FORMAT.md. Reading goes down this list:
//!
//! * [`recover`] finds the newest whole version of the file, which [`index`] describes;
//! * [`tree`] follows the documents ([`metadata`], [`json`]) from dataset to named array ([`names`]);
//! * [`reader`] gives each array a path, checks its [`header`] and opens its payload with the filter that it names;
//! * [`topology`] checks what connects points to cells before it is handed out.

mod ahead;
mod array_writer;
mod behind;
mod checked;
mod contents;
mod copy;
mod create;
mod document;
mod edit;
mod edit_options;
mod format;
mod frame;
#[cfg(test)]
mod handmade;
mod header;
mod header_list;
mod implied;
mod index;
mod keys;
mod listing;
mod lock;
mod locked;
mod metadata;
mod names;
mod options;
mod origin;
mod pairs;
mod reader;
mod record;
mod recover;
mod repair;
mod salvage;
mod seal;
mod seen;
mod session;
mod target;
mod thumbnail;
mod topology;
mod tree;
mod tree_writer;
mod trial;
mod unfinished;
mod verbatim;
mod verify;
mod writer;

use super::json;
pub use array_writer::ArrayWriter;
pub use copy::copy;
pub use edit::{Edit, compact, target_of};
pub use edit_options::{EditOptions, Report};
pub use format::PvFormat;
#[cfg(feature = "python")]
pub(crate) use index::{Frame, Pair};
pub use json::{Json, Object, Text};
pub use metadata::{DatasetMetadata, DatasetType, FileMetadata, MultiBlockMetadata};
pub use names::{Association, CellArray, Role};
pub use options::{FilterChoice, WriteOptions};
pub use reader::Reader;
pub use repair::repair;
pub use salvage::Salvage;
#[cfg(feature = "cli")]
pub(crate) use salvage::scanned_faults;
pub use target::Target;
pub use thumbnail::Thumbnail;
pub use tree::{Child, Dataset, MultiBlock, Node, NodeId, Tree};
pub use tree_writer::TreeWriter;
pub use writer::Writer;
