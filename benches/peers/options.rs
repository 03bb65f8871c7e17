//! The command line of the bench: few enough flags to read by hand.

use std::path::PathBuf;

use crate::clock::Clock;

pub(crate) const HELP: &str = "\
cargo bench --bench peers -- [FLAGS]

  --quick         a smoke run: the first 32,768 numbers of each array, one round
  --filter NAME   only arrays whose name holds NAME (may be given again)
  --list          the names of the arrays, and nothing else
  --rounds N      rounds for large arrays; small ones get more (default 7)
  --clock CLOCK   wall (default), or cpu: thread processor time, for machines with other work
  --csv FILE      the rows, also as comma-separated values
  --rival PATH    this bench, built with other flags: its pco joins in as a child process

PAGINUM_BENCH_DATA names folders, separated by colons, of arrays called name.dtype.bin (f64, i32, u16 ...):
raw little-endian values. Without it ../shared/data is taken if it is there, else a small generated set.
";

#[derive(Default)]
pub(crate) struct Options {
    pub(crate) help: bool,
    pub(crate) list: bool,
    pub(crate) quick: bool,
    /// Be the child process of `--rival`.
    pub(crate) serve: bool,
    pub(crate) filters: Vec<String>,
    pub(crate) rounds: usize,
    pub(crate) clock: Clock,
    pub(crate) csv: Option<PathBuf>,
    pub(crate) rival: Option<PathBuf>,
}

impl Options {
    pub(crate) fn parse(args: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self {
            rounds: 7,
            ..Self::default()
        };
        let mut args = args;
        while let Some(flag) = args.next() {
            let mut value = || args.next().ok_or_else(|| format!("{flag} needs a value"));
            match flag.as_str() {
                // Cargo adds it to every bench.
                "--bench" => {}
                "--help" | "-h" => options.help = true,
                "--list" => options.list = true,
                "--quick" => options.quick = true,
                "--serve" => options.serve = true,
                "--filter" => options.filters.push(value()?),
                "--rounds" => {
                    let rounds = value()?;
                    options.rounds = rounds
                        .parse()
                        .map_err(|_| format!("--rounds {rounds} is no number"))?;
                }
                "--clock" => options.clock = Clock::from_name(&value()?)?,
                "--csv" => options.csv = Some(value()?.into()),
                "--rival" => options.rival = Some(value()?.into()),
                _ => return Err(format!("unknown flag {flag}\n{HELP}")),
            }
        }
        Ok(options)
    }

    /// The flags that decide which arrays are loaded, for the child process.
    pub(crate) fn for_child(&self) -> Vec<String> {
        let mut flags = vec!["--serve".to_owned()];
        flags.extend(["--clock".to_owned(), self.clock.name().to_owned()]);
        flags.extend(self.quick.then(|| "--quick".to_owned()));
        flags.extend(
            self.filters
                .iter()
                .flat_map(|name| ["--filter".to_owned(), name.clone()]),
        );
        flags
    }
}
