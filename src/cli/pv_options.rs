//! How `.pv` files are written: what `pack`, `append` and `convert` share.

use std::path::Path;
use std::sync::Arc;

use clap::builder::RangedI64ValueParser;

use crate::array::ArraySpec;
use crate::container::pco::{PcoFormat, PcoOptions};
use crate::container::pv::{EditOptions, FilterChoice, PvFormat, Target, WriteOptions};
use crate::container::{FormatInfo, Formats, Trait};
use crate::filter::{DEFAULT_PAGE_NUMBERS, EncodeContext, Goal, Registry};
use crate::storage::Durability;
use crate::wrapped::config::{DEFAULT_LEVEL, MAX_LEVEL};

use super::failure::{Failure, Outcome};
use super::format::Format;
use super::session::Session;
use super::spelled::Spelled;

/// The level of zstd where none is given.
const ZSTD_LEVEL: i32 = 3;

/// Options of writing `.pv` files. What was not given is not there, so that formats without options can refuse them.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Options of .pv files")]
pub(super) struct PvOptions {
    /// Which programs are to read the file: native is paginum alone; 0.2, 0.4 and 0.7 are paginum and pyvista-zstd from
    /// that release on. By default a new file is native, and a file that exists keeps its readers
    #[arg(long, value_name = "READERS", value_parser = Spelled::<Target>::new(&["native", "0.7", "0.4", "0.2"]))]
    compat: Option<Target>,
    /// Write the very bytes that pyvista-zstd 0.7.0 writes: without checksums, without a seek table
    #[arg(long = "reproduce-0.7", conflicts_with = "compat")]
    reproduce: bool,
    /// How arrays are compressed: all of them, or one (NAME=FILTER). A level may follow (shuffle:9). auto tries every
    /// filter on a sample of each array and takes the best, by --goal [default: auto]
    #[arg(
        long = "filter",
        value_name = "[NAME=]FILTER[:LEVEL]",
        value_parser = Spelled::<String>::new(&["auto", "numeric", "fast", "dense", "delta", "byte-delta", "palette", "gradient", "shuffle", "none"])
    )]
    filters: Vec<String>,
    /// What auto favours: size is the smallest file, and may be slow to write (dense is considered for it alone); balanced takes a
    /// filter that more readers know where it costs less than 1 %; speed is the shortest time to read and decode
    /// [default: balanced]
    #[arg(long, value_name = "GOAL", value_parser = Spelled::<Goal>::new(&["size", "balanced", "speed"]))]
    goal: Option<Goal>,
    #[arg(
        long,
        value_name = "N",
        allow_negative_numbers = true,
        value_parser = zstd_levels(),
        help = format!("Level of zstd, in all filters but numeric, dense and fast [default: {ZSTD_LEVEL}]")
    )]
    level: Option<i32>,
    #[arg(
        long,
        value_name = "N",
        value_parser = clap::value_parser!(u32).range(..=i64::from(MAX_LEVEL)),
        help = format!("Level of the filters numeric and dense: 0 (fastest) to 12 (smallest), or 13 [default: {DEFAULT_LEVEL}]")
    )]
    numeric_level: Option<u32>,
    #[arg(
        long,
        alias = "page-n",
        value_name = "N",
        help = format!(
            "Numbers in a page of the filters numeric, dense and fast: reading one row reads its page [default: {DEFAULT_PAGE_NUMBERS}]"
        )
    )]
    page_numbers: Option<usize>,
    /// When the program ends, the file is on the disk (synced), or will be when the system writes it (none)
    /// [default: synced]
    #[arg(
        long,
        value_name = "WHEN",
        value_parser = Spelled::<Durability>::by(&["synced", "none"], parse_durability)
    )]
    durability: Option<Durability>,
}

/// The levels that zstd has.
fn zstd_levels() -> RangedI64ValueParser<i32> {
    let levels = zstd::compression_level_range();
    clap::value_parser!(i32).range(i64::from(*levels.start())..=i64::from(*levels.end()))
}

/// A filter that there is, at a level that it has.
fn checked(text: &str) -> crate::Result<FilterChoice> {
    let choice = FilterChoice::parse(text)?;
    if let FilterChoice::Named { name, level } = &choice {
        let registry = Registry::default();
        let filter = registry.by_name(name)?;
        if let Some(level) = level {
            let filter = filter.at_level(*level)?;
            // It looks at its level when it is to write. Some array of these is one that it takes.
            for dtype in ["<f8", "<u2"] {
                let spec = ArraySpec::new(dtype.parse()?, [1, 1])?;
                if filter.accepts(&spec) {
                    filter.encoder(&spec, &EncodeContext::default())?;
                }
            }
        }
    }
    Ok(choice)
}

fn parse_durability(text: &str) -> Result<Durability, String> {
    match text {
        "synced" => Ok(Durability::Synced),
        "none" => Ok(Durability::None),
        _ => Err("it is synced or none".to_owned()),
    }
}

/// Which programs read what was written for a target, in words.
fn readers(target: Target) -> &'static str {
    match target {
        Target::Native => "for paginum alone; --compat 0.7 writes for pyvista-zstd, too",
        Target::V0_2 => "for paginum and pyvista-zstd 0.2 or newer",
        Target::V0_4 => "for paginum and pyvista-zstd 0.4 or newer",
        _ => "for paginum and pyvista-zstd 0.7 or newer",
    }
}

impl PvOptions {
    /// Who was said to read the file.
    fn target(&self) -> Option<Target> {
        if self.reproduce {
            Some(Target::Reproduce0_7)
        } else {
            self.compat
        }
    }

    /// Which programs read a new file, in words.
    pub(super) fn readers(&self) -> &'static str {
        readers(self.target().unwrap_or_default())
    }

    /// The format with these options. A copy of a file has the same readers unless others were asked for.
    pub(super) fn format(&self) -> Result<PvFormat, Failure> {
        let format = PvFormat::default().with_write(self.write_options()?);
        Ok(match self.target() {
            Some(target) => format.with_readers(target),
            None => format,
        })
    }

    /// All formats, those that have options with these.
    pub(super) fn formats(&self) -> Result<Formats, Failure> {
        let mut pco = PcoOptions::default();
        pco.config = pco.config.with_level(self.numeric_level());
        Ok(Formats::default()
            .with(Arc::new(self.format()?))
            .with(Arc::new(PcoFormat::default().with_options(pco))))
    }

    fn numeric_level(&self) -> u32 {
        self.numeric_level.unwrap_or(DEFAULT_LEVEL)
    }

    /// Refuses an option of which an output in a format would take no notice.
    pub(super) fn check_format(&self, info: &'static FormatInfo, output: &Path) -> Outcome {
        let of_pv = [
            ("--compat", self.compat.is_some()),
            ("--reproduce-0.7", self.reproduce),
            ("--filter", !self.filters.is_empty()),
            ("--goal", self.goal.is_some()),
            ("--level", self.level.is_some()),
            ("--page-numbers", self.page_numbers.is_some()),
            ("--durability", self.durability.is_some()),
        ];
        let of_engine = [("--numeric-level", self.numeric_level.is_some())];
        let (is_pv, is_pco) = (
            info.has(Trait::Filters),
            Format::Arrays(info) == Format::pco(),
        );
        for (options, formats, has_them) in [
            (&of_pv[..], ".pv", is_pv),
            (&of_engine[..], ".pv and .pco", is_pv || is_pco),
        ] {
            if let Some((option, _)) = options.iter().find(|(_, is_given)| *is_given && !has_them) {
                let output = output.display();
                return Err(Failure::usage(format!(
                    "{option} is for {formats} files, and {output} is none"
                )));
            }
        }
        Ok(())
    }

    fn write_options(&self) -> Result<WriteOptions, Failure> {
        self.options_for(self.target().unwrap_or_default())
    }

    fn options_for(&self, target: Target) -> Result<WriteOptions, Failure> {
        let mut options = WriteOptions::default()
            .with_target(target)
            .with_filters(
                Registry::default()
                    .with_zstd_level(self.level.unwrap_or(ZSTD_LEVEL))
                    .with_pages(
                        self.numeric_level(),
                        self.page_numbers.unwrap_or(DEFAULT_PAGE_NUMBERS),
                    ),
            )
            .with_goal(self.goal.unwrap_or_default())
            .with_durability(self.durability.unwrap_or_default());
        for filter in &self.filters {
            let choice = |text| {
                checked(text).map_err(|error| {
                    let what = error.message();
                    Failure::usage(format!("--filter {filter}: {what}"))
                })
            };
            // A name may hold `=`, a filter does not.
            options = match filter.rsplit_once('=') {
                Some((name, filter)) => options.with_array_filter(name, choice(filter)?),
                None => options.with_filter(choice(filter)?),
            };
        }
        Ok(options)
    }

    /// Refuses a filter for an array that is not among those to be written, which have these names under `folder`.
    pub(super) fn check_filters<'a>(
        &self,
        folder: Option<&str>,
        names: impl IntoIterator<Item = &'a str>,
    ) -> Outcome {
        /// So many names help; more of them hide the message.
        const MAX_NAMES: usize = 8;
        let names: Vec<&str> = names.into_iter().collect();
        for filter in &self.filters {
            let Some((wanted, _)) = filter.rsplit_once('=') else {
                continue;
            };
            let bare = folder.and_then(|folder| wanted.strip_prefix(folder)?.strip_prefix('/'));
            if names
                .iter()
                .any(|name| wanted == *name || bare == Some(name))
            {
                continue;
            }
            let mut there: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
            let n_more = there.len().saturating_sub(MAX_NAMES);
            there.truncate(MAX_NAMES);
            if n_more > 0 {
                there.push(format!("{n_more} more"));
            }
            return Err(Failure::usage(format!(
                "--filter {filter}: there is no array {wanted:?} to write, but {}",
                there.join(", ")
            )));
        }
        Ok(())
    }

    /// For a file that is there.
    pub(super) fn edit_options(
        &self,
        session: &Session,
        is_staged: bool,
    ) -> Result<EditOptions, Failure> {
        let options = EditOptions::default()
            .with_write(self.write_options()?)
            .with_staged(is_staged)
            .with_limits(session.limits());
        Ok(match self.target() {
            Some(target) => options.with_target(target),
            None => options,
        })
    }
}
