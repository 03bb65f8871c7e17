//! Rows as a file or as text: what `decompress` and `cat` end in.

use std::io::Write;
use std::ops::Range;
use std::path::PathBuf;

use super::failure::{Failure, Outcome};
use super::session::Session;
use super::source::Source;
use super::target::Target;
use super::{size, text, windows};
use crate::array::ArraySpec;
use crate::container::npy;

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `.npy`: with type and shape.
    Npy,
    /// The bytes of the elements alone.
    Raw,
    /// A line a row.
    Text,
}

/// Where rows go and how.
#[derive(Debug, clap::Args)]
pub(super) struct OutputOptions {
    /// Write one line of text a row
    #[arg(long, conflicts_with = "raw")]
    text: bool,
    /// Write the bytes of the elements alone, without a .npy header
    #[arg(long)]
    raw: bool,
    /// Replace a file that exists
    #[arg(short, long)]
    force: bool,
}

impl OutputOptions {
    /// The form asked for; else, by the output's name: `.npy`, `.txt`, or raw. Standard output gets `.npy` if it was
    /// named, and text if not.
    fn form(&self, output: Option<&PathBuf>) -> Form {
        let Some(output) = output else {
            return if self.raw { Form::Raw } else { Form::Text };
        };
        let extension = output.extension().unwrap_or_default().to_ascii_lowercase();
        match () {
            () if self.text => Form::Text,
            () if self.raw => Form::Raw,
            () if output.as_os_str() == "-" || extension == "npy" => Form::Npy,
            () if extension == "txt" => Form::Text,
            () => Form::Raw,
        }
    }

    /// Writes rows of an array.
    pub(super) fn write(
        &self,
        session: &Session,
        source: &Source,
        rows: Range<u64>,
        output: Option<&PathBuf>,
    ) -> Outcome {
        let target = match output {
            Some(path) => Target::new(path, self.force)?,
            None => Target::Stdout,
        };
        let form = self.form(output);
        let n_rows = rows.end - rows.start;
        let spec = match source.spec().shape() {
            [] => source.spec().clone(),
            _ => source.spec().with_rows(n_rows)?,
        };
        let progress = session.progress(spec.bytes());
        let n_bytes = target.write(|out| {
            if form == Form::Npy {
                out.write_all(&npy::header(&spec))?;
            }
            windows::for_each(source, rows, |bytes| {
                write_window(form, &spec, bytes, out)?;
                progress.inc(bytes.len() as u64);
                Ok::<_, Failure>(())
            })
        });
        progress.finish_and_clear();
        let n_bytes = n_bytes?;
        if let Target::File(_) = target {
            let (input, output) = (source.file().display(), target.name());
            let rows = size::counted(n_rows, "row");
            session.say(format_args!("{input} -> {output}: {rows}, {n_bytes} bytes"));
        }
        Ok(())
    }
}

fn write_window(form: Form, spec: &ArraySpec, bytes: &[u8], out: &mut dyn Write) -> Outcome {
    match form {
        Form::Npy | Form::Raw => out.write_all(bytes)?,
        Form::Text => text::write_rows(spec, bytes, out)?,
    }
    Ok(())
}
