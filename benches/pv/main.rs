//! `.pv` files beside pyvista-zstd 0.7.0: `cargo bench --bench pv -- --help`.
//!
//! Two processes, this program and a Python interpreter, do the same tasks on the same arrays in turn, round by round;
//! figures are medians, and ratios theirs to ours: above 1, this project is ahead. `docs/PERFORMANCE.md` has the results.

mod arrays;
mod child;
#[allow(dead_code, reason = "each benchmark uses some of it")]
#[path = "../support/clock.rs"]
mod clock;
mod duel;
mod sections;
mod worker;

use std::path::PathBuf;
use std::process::ExitCode;

const HELP: &str = "\
cargo bench --bench pv -- [FLAGS]

  --rounds N     of each task (default 7; large files get fewer)
  --mib N        size of the arrays of each kind (default 16)
  --large N      MiB of the large file (default 1024; 0 leaves it out)
  --threads N    only with so many threads (default: 1, then 2)
  --section S    only kinds, many or large (may be given again)

PAGINUM_PEERS names a folder with the interpreter python-0.7.0; tests/peers/environments.sh makes it, by default in
target/peers. Files go to target/bench-pv.
";

pub(crate) struct Options {
    pub(crate) rounds: usize,
    pub(crate) mib: usize,
    pub(crate) large_mib: usize,
    pub(crate) threads: Vec<usize>,
    pub(crate) sections: Vec<String>,
    pub(crate) python: PathBuf,
    pub(crate) folder: PathBuf,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.first().map(String::as_str) {
        Some("--worker") => worker::work(),
        Some("--help" | "-h") => {
            print!("{HELP}");
            Ok(())
        }
        _ => parse(&arguments).and_then(|options| match options.python.is_file() {
            true => sections::run(&options),
            false => {
                let python = options.python.display();
                println!("skipped: no interpreter {python}; make bench-pv makes it");
                Ok(())
            }
        }),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("pv: {e}");
            ExitCode::FAILURE
        }
    }
}

fn parse(arguments: &[String]) -> Result<Options, String> {
    let target = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target");
    let peers = std::env::var_os("PAGINUM_PEERS").map_or(target.join("peers"), PathBuf::from);
    let mut options = Options {
        rounds: 7,
        mib: 16,
        large_mib: 1024,
        threads: vec![1, 2],
        sections: Vec::new(),
        python: peers.join("python-0.7.0"),
        folder: target.join("bench-pv"),
    };
    let mut arguments = arguments.iter();
    while let Some(flag) = arguments.next() {
        let mut value = || {
            arguments
                .next()
                .ok_or_else(|| format!("{flag} needs a value"))
        };
        let number = |text: &String| text.parse().map_err(|_| format!("{text} is no number"));
        match flag.as_str() {
            // Cargo adds it to every bench.
            "--bench" => {}
            "--rounds" => options.rounds = number(value()?)?,
            "--mib" => options.mib = number(value()?)?,
            "--large" => options.large_mib = number(value()?)?,
            "--threads" => options.threads = vec![number(value()?)?],
            "--section" => options.sections.push(value()?.clone()),
            _ => return Err(format!("unknown flag {flag}\n{HELP}")),
        }
    }
    Ok(options)
}
