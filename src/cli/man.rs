//! `man`: the manual pages, written from the same words as the help.

use std::path::PathBuf;

use clap::{Command, CommandFactory};
use clap_mangen::Man as Page;

use super::Arguments;
use super::failure::{Failure, Outcome};
use super::session::Session;
use super::target::Target;
use crate::error::ResultExt;

/// Write the manual pages: paginum(1), and one for each verb
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  paginum man ~/.local/share/man/man1 && man paginum-compress")]
pub(super) struct Man {
    /// The folder to write into; made if it is not there
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Replace files that exist
    #[arg(short, long)]
    force: bool,
}

impl Man {
    pub(super) fn run(&self, session: &Session) -> Outcome {
        std::fs::create_dir_all(&self.folder).in_file(&self.folder)?;
        let mut command = Arguments::command().disable_help_subcommand(true);
        command.build();
        let verbs = command.get_subcommands();
        let shown = verbs.filter(|verb| !verb.is_hide_set()).cloned();
        let pages: Vec<Page> = std::iter::once(command.clone())
            .chain(shown)
            .map(|command: Command| Page::new(command))
            .collect();
        let targets: Vec<Target> = pages
            .iter()
            .map(|page| Target::new(&self.folder.join(page.get_filename()), self.force))
            .collect::<Result<_, Failure>>()?;
        for (page, target) in pages.iter().zip(&targets) {
            // Into memory first: it is small, and the writer knows no place for errors.
            let mut roff = Vec::new();
            page.render(&mut roff)?;
            target.write(|out| Ok(out.write_all(&roff)?))?;
        }
        let (n, folder) = (pages.len(), self.folder.display());
        session.say(format_args!("{folder}: {n} manual pages"));
        Ok(())
    }
}
