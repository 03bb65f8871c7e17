//! `completions`: what a shell needs to complete this program's arguments.

use clap::CommandFactory;
use clap_complete::Shell;

use super::Arguments;
use super::failure::Outcome;
use super::stdio;

/// Print a completion script for a shell
///
/// In bash, zsh and fish, values and the names of arrays in a file are completed, too.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  paginum completions bash > ~/.local/share/bash-completion/completions/paginum
  paginum completions zsh > ~/.zfunc/_paginum
  paginum completions fish > ~/.config/fish/completions/paginum.fish")]
pub(super) struct Completions {
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self) -> Outcome {
        let script = match self.shell {
            // These ask the verb `complete`, which knows more than a script can.
            Shell::Bash => include_bytes!("completions/paginum.bash").to_vec(),
            Shell::Zsh => include_bytes!("completions/paginum.zsh").to_vec(),
            Shell::Fish => include_bytes!("completions/paginum.fish").to_vec(),
            shell => {
                // Into memory first: the generator panics where it cannot write.
                let mut script = Vec::new();
                let command = &mut Arguments::command();
                clap_complete::generate(shell, command, "paginum", &mut script);
                script
            }
        };
        stdio::write(|out| out.write_all(&script));
        Ok(())
    }
}
