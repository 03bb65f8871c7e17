//! `repair`: a `.pv` whose last append was interrupted, put right; or what is whole of one that is beyond that.

use std::path::{Path, PathBuf};

use super::append::say;
use super::failure::{CORRUPT, Failure, Outcome};
use super::format::Format;
use super::opening;
use super::session::Session;
use super::stdio;
use super::target::Target;

use crate::container::pv::{self, EditOptions, Salvage};
use crate::error::ResultExt;
use crate::text::counted;

/// Finish or take back an append that was interrupted
///
/// Reading finds the last whole version by itself, and the next append puts a file right unasked; this is for files that
/// other programs are to read before that. Nothing is changed unless the result verifies: a file that cannot be repaired
/// stays as it is, the status is 3, and what is whole in it is listed.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  paginum repair weather.pv
  paginum repair --salvage half-a-download.pv -o what-is-whole.pv

--salvage looks for arrays from the start of the file on, whatever has become of its end. Points and cells that are whole \
stay a mesh; otherwise every array becomes a plain one under its old path. The status is 0 if nothing is lost, and 3 if \
something is, or may be: where the list of the arrays is lost itself, nobody knows how many there were.")]
pub(super) struct Repair {
    /// File to repair
    file: PathBuf,
    /// Save every array that is whole to a file of its own, and leave this one as it is
    #[arg(long, requires = "output")]
    salvage: bool,
    /// Where --salvage writes
    #[arg(short, long, value_name = "NEW.pv", requires = "salvage")]
    output: Option<PathBuf>,
    /// Replace a file that exists
    #[arg(short, long, requires = "salvage")]
    force: bool,
}

impl Repair {
    pub(super) fn run(&self, session: &Session) -> Outcome {
        let instead =
            "verify FILE says what is damaged, and convert FILE NEW.pv writes what can be read";
        opening::check_is_pv(session, &self.file, instead)?;
        if let Some(output) = &self.output {
            return self.salvage(session, output);
        }
        let options = EditOptions::default().with_limits(session.limits());
        let report = match pv::repair(&*session.store(&self.file)?, &options) {
            Ok(report) => report,
            Err(error) => {
                if error.kind().is_damage() {
                    self.say_what_is_whole(session);
                }
                return Err(error.into());
            }
        };
        say(session, &report);
        let file = self.file.display();
        match report.notes.is_empty() {
            true => session.say(format_args!("{file}: nothing to repair")),
            false => session.say(format_args!("{file}: repaired")),
        }
        Ok(())
    }

    fn find(&self, session: &Session) -> Result<Salvage, Failure> {
        let options = EditOptions::default().with_limits(session.limits());
        let bytes = session.open(&self.file)?;
        Ok(Salvage::find(bytes, &options).in_file(&self.file)?)
    }

    /// What `--salvage` would save: the error that is to follow says why nothing else can be done.
    fn say_what_is_whole(&self, session: &Session) {
        let Ok(salvage) = self.find(session) else {
            stdio::say("no array of the file is whole");
            return;
        };
        stdio::say(format_args!(
            "{} whole, which repair --salvage -o NEW.pv saves:",
            counted(salvage.saved().len() as u64, "array")
        ));
        salvage
            .saved()
            .iter()
            .for_each(|path| stdio::say(format_args!("  {path}")));
        say_lost(&salvage);
    }

    fn salvage(&self, session: &Session, output: &Path) -> Outcome {
        Format::of_output(output, &[Format::pv()])?;
        let target = Target::new(output, self.force)?;
        target.check_takes_bytes(self.force)?;
        let salvage = self.find(session)?;
        // What fails at the output names that itself.
        let report = salvage.write(&*target.store()?).in_file(&self.file)?;
        say(session, &report);
        say_lost(&salvage);
        let saved = counted(salvage.saved().len() as u64, "array");
        let (file, output) = (self.file.display(), target.name());
        let lost = salvage.lost().len();
        session.say(format_args!(
            "{file} -> {output}: {saved} saved, {lost} lost"
        ));
        if salvage.may_miss_more() {
            stdio::say(format_args!(
                "{file}: what lists its arrays is lost, so that there may have been more"
            ));
        }
        match lost > 0 || salvage.may_miss_more() {
            true => Err(Failure::Said(CORRUPT)),
            false => Ok(()),
        }
    }
}

fn say_lost(salvage: &Salvage) {
    for (path, why) in salvage.lost() {
        stdio::say(format_args!("lost: {path}: {why}"));
    }
}
