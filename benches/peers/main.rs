//! This project beside its peers: `cargo bench --bench peers -- --help`.
//!
//! For each array and codec a row: ratio, encode MB/s, decode MB/s. Rounds are interleaved codec by codec, figures are
//! medians, and every output is compared bit for bit. At the end, lines for machines with geometric means against pco.
//! `docs/PERFORMANCE.md` says how to read them.

mod arrays;
#[allow(dead_code, reason = "each benchmark uses some of it")]
#[path = "../support/clock.rs"]
mod clock;
mod codec;
mod measure;
mod options;
mod report;
mod rival;

use std::process::{Command, ExitCode};

use options::Options;

/// glibc gives freed memory back to the system at once by default: encoders that allocate large vectors then swing by
/// more than half, pco's most of all. These are read when a process starts, so the bench starts itself again with them.
const ALLOCATOR: [(&str, &str); 2] = [
    ("MALLOC_TRIM_THRESHOLD_", "1000000000"),
    ("MALLOC_MMAP_THRESHOLD_", "1000000000"),
];

fn main() -> ExitCode {
    if ALLOCATOR
        .iter()
        .any(|(name, value)| std::env::var(name).ok().as_deref() != Some(value))
    {
        let program = std::env::current_exe().expect("a running program has a path");
        let again = Command::new(program)
            .args(std::env::args_os().skip(1))
            .envs(ALLOCATOR)
            .status();
        let code = again.expect("this program starts again").code();
        return ExitCode::from(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1));
    }
    let result = Options::parse(std::env::args().skip(1)).and_then(|options| match options {
        Options { help: true, .. } => {
            print!("{}", options::HELP);
            Ok(())
        }
        Options { serve: true, .. } => rival::serve(&options),
        Options { list: true, .. } => arrays::load(&options).map(|all| {
            all.iter().for_each(|array| println!("{}", array.name));
        }),
        _ => report::run(&options),
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("peers: {e}");
            ExitCode::FAILURE
        }
    }
}
