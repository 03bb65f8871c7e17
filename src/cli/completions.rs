//! `completions`: what a shell needs to complete this program's arguments.

use clap::CommandFactory;
use clap_complete::Shell;

use super::Arguments;
use super::failure::Outcome;
use super::stdio;

/// Print a completion script for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  paginum completions bash > ~/.local/share/bash-completion/completions/paginum")]
pub(super) struct Completions {
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self) -> Outcome {
        // Into memory first: the generator panics where it cannot write.
        let mut script = Vec::new();
        clap_complete::generate(
            self.shell,
            &mut Arguments::command(),
            "paginum",
            &mut script,
        );
        stdio::write(|out| out.write_all(&script));
        Ok(())
    }
}
