//! `cp`: a file from one store to another.

use std::path::PathBuf;

use super::failure::{Failure, Outcome};
use super::outputs::ends_in_slash;
use super::session::Session;
use super::target::Target;
use super::{address, walk};
use crate::error::ResultExt;
use crate::text::counted;

/// Copy a file between stores: paths, web servers, memory, standard input and output
///
/// The bytes go over as they are, except that what gzip compressed is inflated, and compressed again where the name of the
/// copy ends in .gz. The copy appears whole or not at all.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  paginum cp https://example.org/mesh.pv mesh.pv
  paginum cp table.csv.gz table.csv
  paginum cp - copy.npy < x.npy")]
pub(super) struct Cp {
    /// File or address to copy; - for standard input
    source: PathBuf,
    /// Where to; - for standard output. In a folder, or behind a / at the end, the copy has the name of the source
    destination: PathBuf,
    /// Replace a file that exists
    #[arg(short, long)]
    force: bool,
}

/// Bytes are copied in pieces of this size.
const PIECE_BYTES: u64 = 8 << 20;

impl Cp {
    pub(super) fn run(&self, session: &Session) -> Outcome {
        let target = Target::new(&self.destination()?, self.force)?;
        target.check_takes_bytes(self.force)?;
        let source = session.open(&self.source)?;
        let progress = session.progress(source.len());
        let n_bytes = target.write(|out| {
            let mut offset = 0;
            let mut piece = vec![0; PIECE_BYTES.min(source.len()) as usize];
            while offset < source.len() {
                let n = PIECE_BYTES.min(source.len() - offset);
                let bytes = &mut piece[..n as usize];
                source.read_exact_at(bytes, offset).in_file(&self.source)?;
                out.write_all(bytes)?;
                offset += n;
                progress.inc(n);
            }
            Ok(())
        })?;
        progress.finish_and_clear();
        let (source, target) = (self.source.display(), target.name());
        let size = counted(n_bytes, "byte");
        session.say(format_args!("{source} -> {target}: {size}"));
        Ok(())
    }

    /// The file that is to be written.
    fn destination(&self) -> Result<PathBuf, Failure> {
        let given = &self.destination;
        if !walk::is_folder(given) && !ends_in_slash(given) {
            return Ok(given.clone());
        }
        address::in_folder(given, &self.source)?.ok_or_else(|| {
            let given = given.display();
            Failure::usage(format!(
                "{given} is a folder, and the source has no name: name the copy"
            ))
        })
    }
}
