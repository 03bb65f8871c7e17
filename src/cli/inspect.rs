//! `inspect`: what a file is made of.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::failure::{self, Failure, Outcome};
use super::session::Session;
use super::table::{Table, printable, printable_lines};
use super::target::Target;
use super::{ls, plot, size, source, stdio};
use crate::container::Container;
use crate::container::pco::{self, ChunkSummary, LatentVarSummary, Pco};
use crate::error::ResultExt;
use crate::filter::ArrayReader;
use crate::wrapped::Bin;

/// Show what files are made of: versions, chunks, modes, deltas, bins
///
/// Of a .pco file: each chunk, and the bins of one of them. Of other files: their arrays and documents.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  paginum inspect temperature.pco
  paginum inspect temperature.pco --chunk 3 --plot bins.svg
  paginum inspect temperature.pco --json | jq '.chunks[].mode'")]
pub(super) struct Inspect {
    /// Files to look at; - for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// One JSON document with everything, for programs: of one file an object, of several a list of them
    #[arg(long)]
    json: bool,
    /// The chunk whose bins are shown
    #[arg(long, default_value_t = 0, value_name = "N")]
    chunk: usize,
    /// Draw the bins of that chunk
    #[arg(long, value_name = "OUT.svg")]
    plot: Option<PathBuf>,
    /// Replace a drawing that exists
    #[arg(short, long)]
    force: bool,
}

/// What is said of a file: words for people, a document for programs.
enum Said {
    Words(String),
    Document(Value),
}

impl Inspect {
    pub(super) fn run(&self, session: &Session) -> Outcome {
        if self.plot.is_some() && self.files.len() > 1 {
            return Err(Failure::usage("--plot draws the bins of one file"));
        }
        let mut documents = Vec::new();
        let mut is_first = true;
        let outcome = failure::each(&self.files, |file| {
            match self.inspect(session, file)? {
                Said::Document(value) => documents.push(value),
                Said::Words(words) => {
                    let before = if is_first { "" } else { "\n" };
                    let file = printable(&file.display().to_string());
                    stdio::write(|out| write!(out, "{before}file     {file}\n{words}"));
                    is_first = false;
                }
            }
            Ok(())
        });
        if self.json {
            ls::print_documents(&self.files, documents);
        }
        outcome
    }

    fn inspect(&self, session: &Session, file: &Path) -> Result<Said, Failure> {
        let store = session.open(file)?;
        let mut start = [0; 4];
        let is_pco = store.read_exact_at(&mut start, 0).is_ok() && pco::is_pco(&start);
        if is_pco {
            let pco = Pco::open(store, &session.limits()).in_file(file)?;
            return self.inspect_pco(session, file, &pco);
        }
        if self.plot.is_some() {
            return Err(Failure::usage("only the bins of a .pco file can be drawn"));
        }
        // Opened anew, standard input would be empty.
        let container = source::open_store(session, file, store)?;
        self.inspect_container(file, &*container)
    }

    fn inspect_pco(&self, session: &Session, file: &Path, pco: &Pco) -> Result<Said, Failure> {
        let chunks: Vec<ChunkSummary> = pco
            .summaries()
            .collect::<crate::Result<_>>()
            .in_file(file)?;
        if let Some(path) = &self.plot {
            self.draw(session, path, &chunks)?;
        }
        if self.json {
            return Ok(Said::Document(pco_json(file, pco, &chunks)?));
        }
        let mut words = pco_words(pco, &chunks)?;
        if let Some(chunk) = chunks.get(self.chunk) {
            words += &bins_words(self.chunk, chunk);
        }
        Ok(Said::Words(words))
    }

    fn draw(&self, session: &Session, path: &Path, chunks: &[ChunkSummary]) -> Outcome {
        let n = size::counted(chunks.len(), "chunk");
        let chunk = chunks
            .get(self.chunk)
            .ok_or_else(|| Failure::usage(format!("chunk {} of {n}", self.chunk)))?;
        let svg = plot::bins(chunk);
        Target::new(path, self.force)?.write(|out| Ok(out.write_all(svg.as_bytes())?))?;
        session.say(format_args!(
            "{} shows the bins of chunk {}",
            path.display(),
            self.chunk
        ));
        Ok(())
    }

    fn inspect_container(&self, file: &Path, container: &dyn Container) -> Result<Said, Failure> {
        let entries: Vec<_> = (0..container.n_arrays())
            .map(|i| container.entry(i))
            .collect::<crate::Result<_>>()
            .in_file(file)?;
        if self.json {
            let documents = container.documents().into_iter().map(|document| {
                // A document that is no JSON to strict eyes (bare NaN) is shown as the text it is.
                let text = Value::String(document.json.clone());
                let value = serde_json::from_str(&document.json).unwrap_or(text);
                json!({"path": document.path, "document": value})
            });
            return Ok(Said::Document(json!({
                "file": file.display().to_string(),
                "format": container.format(),
                "arrays": entries.iter().map(ls::entry_json).collect::<Vec<_>>(),
                "documents": documents.collect::<Vec<_>>(),
            })));
        }
        let mut words = format!(
            "format   .{}\narrays   {}\n\n{}",
            container.format(),
            entries.len(),
            ls::table(&entries)
        );
        for (i, document) in container.documents().iter().enumerate() {
            let path = match document.path.as_str() {
                "" if i == 0 => "the file".to_owned(),
                "" => "its dataset".to_owned(),
                path => printable(path),
            };
            let json = printable_lines(&document.json);
            words += &format!("\ndocument of {path}\n{json}\n");
        }
        Ok(Said::Words(words))
    }
}

fn pco_words(pco: &Pco, chunks: &[ChunkSummary]) -> Result<String, Failure> {
    let version = pco.version()?;
    let spec = pco.spec();
    let n: u64 = chunks.iter().map(|chunk| u64::from(chunk.n)).sum();
    let bits = 8.0 * pco.file_bytes() as f64 / n.max(1) as f64;
    let trailer = match (pco.has_trailer(), pco.unknown_bytes()) {
        (true, _) => "dtype, shape and checksums".to_owned(),
        (false, 0) => "none: written by another program, or with --plain".to_owned(),
        (false, n) => format!("none; {n} bytes behind the end of pco's data are not understood"),
    };
    let mut table = Table::new([
        "#chunk",
        "#offset",
        "#bytes",
        "#numbers",
        "#bits/number",
        "mode",
        "delta",
    ]);
    for (i, chunk) in chunks.iter().enumerate() {
        let bytes = chunk.bytes.end - chunk.bytes.start;
        table.push([
            i.to_string(),
            chunk.bytes.start.to_string(),
            bytes.to_string(),
            chunk.n.to_string(),
            format!("{:.3}", 8.0 * bytes as f64 / f64::from(chunk.n)),
            chunk.mode.clone(),
            chunk.delta.clone(),
        ]);
    }
    Ok(format!(
        "format   .pco, wire format {}.{}\ntrailer  {trailer}\narray    {} {:?}\nnumbers  {n}\nbytes    {} \
         ({bits:.3} bits a number, ratio {:.3})\n\n{table}",
        version.major,
        version.minor,
        spec.dtype(),
        spec.shape(),
        pco.file_bytes(),
        size::ratio(spec.bytes(), pco.file_bytes()),
    ))
}

fn bins_words(i: usize, chunk: &ChunkSummary) -> String {
    let mut words = String::new();
    for var in &chunk.latent_vars {
        words += &format!(
            "\nchunk {i}, {} latent variable: {} bits wide, {} bins, 2^{} tANS states, {:.3} bits a latent\n",
            var.name,
            var.latent_bits,
            var.bins.len(),
            var.ans_size_log,
            var.mean_bits(),
        );
        let mut table = Table::new([
            "#bin",
            "#lower",
            "#upper",
            "#weight",
            "#share",
            "#bin bits",
            "#offset bits",
        ]);
        for (i, bin) in var.bins.iter().enumerate() {
            table.push(bin_cells(i, var, bin));
        }
        words += &table.to_string();
    }
    words
}

fn bin_cells(i: usize, var: &LatentVarSummary, bin: &Bin) -> [String; 7] {
    let (ans_bits, offset_bits) = var.bits_of(bin);
    [
        i.to_string(),
        bin.lower.to_string(),
        upper(bin).to_string(),
        bin.weight.to_string(),
        format!(
            "{:.2} %",
            100.0 * f64::from(bin.weight) / var.total_weight() as f64
        ),
        format!("{ans_bits:.3}"),
        format!("{offset_bits}"),
    ]
}

/// The largest latent that a bin may hold.
pub(super) fn upper(bin: &Bin) -> u64 {
    let span = if bin.offset_bits >= 64 {
        u64::MAX
    } else {
        (1 << bin.offset_bits) - 1
    };
    bin.lower.saturating_add(span)
}

fn pco_json(file: &Path, pco: &Pco, chunks: &[ChunkSummary]) -> Result<Value, Failure> {
    let version = pco.version()?;
    Ok(json!({
        "file": file.display().to_string(),
        "format": "pco",
        "version": format!("{}.{}", version.major, version.minor),
        "bytes": pco.file_bytes(),
        "has_trailer": pco.has_trailer(),
        "has_checksums": pco.has_trailer(),
        "unknown_bytes": pco.unknown_bytes(),
        "dtype": pco.spec().dtype().to_string(),
        "shape": pco.spec().shape(),
        "chunks": chunks.iter().map(chunk_json).collect::<Vec<_>>(),
    }))
}

fn chunk_json(chunk: &ChunkSummary) -> Value {
    let vars = chunk.latent_vars.iter().map(|var| {
        let bins = var.bins.iter().map(
            |bin| json!({"weight": bin.weight, "lower": bin.lower, "offset_bits": bin.offset_bits}),
        );
        json!({
            "name": var.name,
            "latent_bits": var.latent_bits,
            "ans_size_log": var.ans_size_log,
            "mean_bits": var.mean_bits(),
            "bins": bins.collect::<Vec<_>>(),
        })
    });
    json!({
        "offset": chunk.bytes.start,
        "bytes": chunk.bytes.end - chunk.bytes.start,
        "metadata_bytes": chunk.meta_bytes,
        "numbers": chunk.n,
        "pages": [chunk.n],
        "mode": chunk.mode,
        "delta": chunk.delta,
        "latent_variables": vars.collect::<Vec<_>>(),
    })
}
