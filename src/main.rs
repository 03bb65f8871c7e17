//! The `paginum` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    paginum::cli::main()
}
