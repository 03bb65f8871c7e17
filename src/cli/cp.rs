//! `cp`: a file from one store to another.

use std::path::PathBuf;

use super::failure::Outcome;
use super::session::Session;
use super::target::Target;
use crate::error::ResultExt;

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
    /// Where to; - for standard output, and a folder takes the name of the source
    destination: PathBuf,
    /// Replace a file that exists
    #[arg(short, long)]
    force: bool,
}

/// Bytes are copied in pieces of this size.
const PIECE_BYTES: u64 = 8 << 20;

impl Cp {
    pub(super) fn run(&self, session: &Session) -> Outcome {
        let mut destination = self.destination.clone();
        if destination.is_dir()
            && let Some(name) = self.source.file_name()
        {
            destination.push(name);
        }
        let target = Target::new(&destination, self.force)?;
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
        session.say(format_args!("{source} -> {target}: {n_bytes} bytes"));
        Ok(())
    }
}
