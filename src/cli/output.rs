//! Rows as a file or as text: what `decompress` and `cat` end in.

use std::io::Write;
use std::path::Path;

use super::columns::Columns;
use super::csv;
use super::failure::{Failure, Outcome};
use super::format::{Format, is_stream};
use super::json_rows::JsonRows;
use super::rows::Selection;
use super::session::Session;
use super::source::Source;
use super::target::Target;
use crate::container::npy::NpyFormat;
use crate::container::{Format as _, NewArray, RawFormat};
use crate::text::Lines;
use crate::text::counted;

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Form {
    /// A line a row, spaces between elements
    Text,
    /// A line a row, commas between cells, under a line of names
    Csv,
    /// The same with tabs between cells
    Tsv,
    /// A list of rows; integers beyond 2^53, NaN and infinities are strings
    Json,
    /// numpy's, with type and shape
    Npy,
    /// The bytes of the elements alone
    Raw,
}

impl Form {
    /// All that rows may become; streams without a name of their own get the first.
    fn formats() -> [Format; 6] {
        [
            Format::npy(),
            Format::raw(),
            Format::Text,
            Format::csv(),
            Format::tsv(),
            Format::Json,
        ]
    }

    /// The format of a file of this form.
    pub(super) fn format(self) -> Format {
        match self {
            Self::Text => Format::Text,
            Self::Csv => Format::csv(),
            Self::Tsv => Format::tsv(),
            Self::Json => Format::Json,
            Self::Npy => Format::npy(),
            Self::Raw => Format::raw(),
        }
    }

    /// The form of a file of one of [`Self::formats`].
    fn of_format(format: Format) -> Self {
        match format {
            Format::Text => Self::Text,
            Format::Json => Self::Json,
            format if format == Format::raw() => Self::Raw,
            format if format == Format::csv() => Self::Csv,
            format if format == Format::tsv() => Self::Tsv,
            _ => Self::Npy,
        }
    }

    /// Whether it is written for people, and so to standard output where nothing else is said.
    pub(super) fn is_words(self) -> bool {
        matches!(self, Self::Text | Self::Csv | Self::Tsv | Self::Json)
    }

    /// Whether it may start with a line of names.
    fn has_header(self) -> bool {
        matches!(self, Self::Text | Self::Csv | Self::Tsv)
    }

    /// Refuses a name that promises something else. Names that promise nothing will do.
    fn check_name(self, output: &Path) -> Outcome {
        let format = match Format::of(output) {
            Some(format) if !is_stream(output) => format,
            _ => return Ok(()),
        };
        // A .txt may hold any words.
        if format == self.format() || (format == Format::Text && self.is_words()) {
            return Ok(());
        }
        let (output, extension) = (output.display(), self.format().extension());
        Err(Failure::usage(format!(
            "{output}: the extension is not .{extension}, which was asked for"
        )))
    }
}

/// Where rows go and how.
#[derive(Debug, clap::Args)]
pub(super) struct OutputOptions {
    /// How to write rows; by default as the name of the output says, and as text without one
    #[arg(long, value_name = "FORM")]
    format: Option<Form>,
    /// The same as --format text
    #[arg(long, conflicts_with_all = ["raw", "format"])]
    text: bool,
    /// The same as --format raw
    #[arg(long, conflicts_with = "format")]
    raw: bool,
    /// Leave out the line of names that .csv, and text of several arrays, start with
    #[arg(long)]
    no_header: bool,
    /// Replace a file that exists
    #[arg(short, long)]
    force: bool,
}

impl OutputOptions {
    /// The form asked for, whatever the name of the output.
    pub(super) fn asked(&self) -> Option<Form> {
        match self.format {
            None if self.text => Some(Form::Text),
            None if self.raw => Some(Form::Raw),
            format => format,
        }
    }

    /// The form of an output of this name. Only what was asked for by an option has names that promise nothing.
    pub(super) fn form(&self, output: &Path) -> Result<Form, Failure> {
        match self.asked() {
            Some(form) => form.check_name(output).map(|()| form),
            None => Ok(Form::of_format(Format::of_output(
                output,
                &Form::formats(),
            )?)),
        }
    }

    /// Whether rows are written for people, so that several arrays may stand side by side.
    pub(super) fn is_words(&self, output: Option<&Path>) -> Result<bool, Failure> {
        Ok(match output {
            Some(path) => self.form(path)?.is_words(),
            None => self.asked().unwrap_or(Form::Text).is_words(),
        })
    }

    /// Whether files that exist are replaced.
    pub(super) fn force(&self) -> bool {
        self.force
    }

    /// Writes rows of arrays, side by side where there are several: to a file, or without one as text to standard output.
    pub(super) fn write(
        &self,
        session: &Session,
        columns: &Columns,
        rows: &Selection,
        output: Option<&Path>,
    ) -> Outcome {
        let (form, target) = match output {
            Some(path) => (self.form(path)?, Target::new(path, self.force)?),
            None => (self.asked().unwrap_or(Form::Text), Target::Stdout),
        };
        self.write_to(session, columns, rows, form, &target)
    }

    /// Writes rows to an output whose name has been looked at.
    pub(super) fn write_to(
        &self,
        session: &Session,
        columns: &Columns,
        rows: &Selection,
        form: Form,
        target: &Target,
    ) -> Outcome {
        if self.no_header && !form.has_header() {
            let words =
                "--no-header is for text, .csv and .tsv: other outputs have no line of names";
            return Err(Failure::usage(words));
        }
        if !form.is_words() {
            target.check_takes_bytes(self.force)?;
        }
        let progress = session.progress(columns.row_bytes().saturating_mul(rows.n_rows()));
        let advance = |n_bytes| progress.inc(n_bytes);
        let lines =
            |lines| target.write(|out| self.write_lines(lines, columns, rows, out, advance));
        let n_bytes = match form {
            Form::Npy | Form::Raw => write_binary(session, form, columns, rows, target, advance),
            Form::Text => lines(Lines::Text),
            Form::Csv => lines(Lines::Csv),
            Form::Tsv => lines(Lines::Tsv),
            Form::Json => target.write(|out| write_json(columns, rows, out, advance)),
        };
        progress.finish_and_clear();
        let n_bytes = n_bytes?;
        if *target != Target::Stdout {
            let input = columns.all()[0].source().file().display();
            let (output, rows) = (target.name(), counted(rows.n_rows(), "row"));
            let size = counted(n_bytes, "byte");
            session.say(format_args!("{input} -> {output}: {rows}, {size}"));
        }
        Ok(())
    }

    fn write_lines(
        &self,
        lines: Lines,
        columns: &Columns,
        rows: &Selection,
        out: &mut dyn Write,
        advance: impl Fn(u64),
    ) -> Outcome {
        csv::check(lines, columns)?;
        let has_header = lines != Lines::Text || columns.all().len() > 1;
        if has_header && !self.no_header {
            out.write_all(csv::header(lines, columns).as_bytes())?;
        }
        columns.for_each(rows, |piece| {
            csv::write(lines, piece, out)?;
            advance(piece.n_bytes());
            Ok(())
        })
    }
}

fn write_json(
    columns: &Columns,
    rows: &Selection,
    out: &mut dyn Write,
    advance: impl Fn(u64),
) -> Outcome {
    let mut list = JsonRows::default();
    columns.for_each(rows, |piece| {
        list.write(piece, out)?;
        advance(piece.n_bytes());
        Ok(())
    })?;
    Ok(list.finish(out)?)
}

/// The elements themselves, which one array has, in a format that holds one. Returns how many bytes the file has.
fn write_binary(
    session: &Session,
    form: Form,
    columns: &Columns,
    rows: &Selection,
    target: &Target,
    advance: impl Fn(u64),
) -> Result<u64, Failure> {
    let [column] = columns.all() else {
        let n = columns.all().len();
        return Err(Failure::usage(format!(
            "{n} arrays side by side are text, csv, tsv or json; .npy and raw bytes hold one"
        )));
    };
    if column.has_nulls() {
        session.say("rows without a value are written as zeroes");
    }
    let store = target.store()?;
    let mut writer = match form {
        Form::Npy => NpyFormat.create(&*store)?,
        _ => RawFormat::default().create(&*store)?,
    };
    let spec = spec_of(column.source(), rows)?;
    let array = NewArray::new(column.name(), &spec).with_record(column.source().record());
    let mut sink = writer.begin(array)?;
    columns.for_each(rows, |piece| {
        sink.push_rows(piece.bytes(0))?;
        advance(piece.n_bytes());
        Ok(())
    })?;
    sink.finish()?;
    Ok(writer.commit()?.n_bytes)
}

/// The array that the rows are.
fn spec_of(source: &Source, rows: &Selection) -> crate::Result<crate::ArraySpec> {
    match (source.spec().shape(), rows.n_rows()) {
        // Without axes it is one row, and stays what it is.
        ([], 1) => Ok(source.spec().clone()),
        _ => source.spec().with_rows(rows.n_rows()),
    }
}
