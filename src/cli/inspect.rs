//! `inspect`: what files are made of.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::failure::{self, Failure, Outcome};
use super::opening;
use super::plot::Picture;
use super::printable::{printable, printable_lines};
use super::session::Session;
use super::target::Target;
use super::{bins, called, ls, size, stdio};

use crate::container::pco::{Pco, PcoFormat};
use crate::container::{Container, Entry, Format, Formats};
use crate::error::ResultExt;
use crate::filter::{ArrayReader, ChunkSummary};
use crate::text::counted;

/// Show what files are made of: versions, chunks, modes, deltas, bins
///
/// Of a .pco file, and of each array in a .pv that is stored by the filter numeric: the chunks, and the bins of one of them.
/// Of containers also the arrays and the documents. Bounds of bins are in the numbers' own units where the mode allows.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  paginum inspect temperature.pco
  paginum inspect temperature.pco --chunk 3 --plot bins.svg
  paginum inspect mesh.pv --array points --plot points.png
  paginum inspect temperature.pco --json | jq '.chunks[].mode'")]
pub(super) struct Inspect {
    /// Files to look at; - for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// One JSON document with everything, for programs: of one file an object, of several a list of them
    #[arg(long)]
    json: bool,
    /// Show the chunks of this array alone
    #[arg(long, value_name = "NAME")]
    array: Option<String>,
    /// The chunk whose bins are shown, 0 if not given
    #[arg(long, value_name = "N")]
    chunk: Option<usize>,
    /// Draw the bins of that chunk, as the extension says: .svg or .png
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

/// An array that is made of chunks of numbers.
struct Chunked {
    name: String,
    chunks: Vec<ChunkSummary>,
}

impl Inspect {
    pub(super) fn run(&self, session: &Session) -> Outcome {
        if let Some(path) = &self.plot {
            Picture::of_name(path)?;
            if self.files.len() > 1 {
                return Err(Failure::usage("--plot draws the bins of one file"));
            }
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
            ls::print_documents(self.files.len() == 1, documents);
        }
        outcome
    }

    fn inspect(&self, session: &Session, file: &Path) -> Result<Said, Failure> {
        let store = session.open(file)?;
        let formats = Formats::default();
        let of_magic = formats.of_magic(&*store).in_file(file)?;
        if of_magic.is_some_and(|format| format.info() == PcoFormat::default().info()) {
            let pco = Pco::open(store, &session.limits()).in_file(file)?;
            return self.inspect_pco(session, file, &pco);
        }
        // Opened anew, standard input would be empty.
        let container = opening::open_store(session, file, store)?;
        self.inspect_container(session, file, &*container)
    }

    fn inspect_pco(&self, session: &Session, file: &Path, pco: &Pco) -> Result<Said, Failure> {
        if self.array.is_some() {
            let file = file.display();
            let words = format!("{file} holds one array, which has no name: leave out --array");
            return Err(Failure::usage(words));
        }
        let array = Chunked {
            name: file.display().to_string(),
            chunks: pco.chunks().collect::<crate::Result<_>>().in_file(file)?,
        };
        let arrays = [array];
        self.draw(session, &arrays)?;
        let [array] = &arrays;
        Ok(match self.json {
            true => Said::Document(pco_json(file, pco, &array.chunks)?),
            false => Said::Words(pco_words(pco, &array.chunks)? + &self.chunk_words(&arrays)?),
        })
    }

    fn inspect_container(
        &self,
        session: &Session,
        file: &Path,
        container: &dyn Container,
    ) -> Result<Said, Failure> {
        let entries: Vec<Entry> = (0..container.n_arrays())
            .map(|i| container.entry(i))
            .collect::<crate::Result<_>>()
            .in_file(file)?;
        let names = called::shown(container);
        let arrays = self.chunked(file, container, &names, &entries)?;
        self.draw(session, &arrays)?;
        Ok(match self.json {
            true => Said::Document(container_json(file, container, &names, &entries, &arrays)),
            false => {
                let mut words = container_words(container, &names, &entries);
                words += &self.chunk_words(&arrays)?;
                Said::Words(words + &document_words(container))
            }
        })
    }

    /// The arrays that are made of chunks, or the one that was asked for.
    fn chunked(
        &self,
        file: &Path,
        container: &dyn Container,
        names: &[String],
        entries: &[Entry],
    ) -> Result<Vec<Chunked>, Failure> {
        /// The filter whose arrays are. Others are not opened: some formats would take them into memory whole.
        const FILTER: &str = "numeric";
        let wanted = match &self.array {
            Some(name) => Some(container.find(name).in_file(file)?),
            None => None,
        };
        let mut arrays = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            if entry.filter != FILTER || wanted.is_some_and(|wanted| wanted != index) {
                continue;
            }
            let array = container.open_array(index).in_file(file)?;
            let chunks = array.chunks().collect::<crate::Result<_>>();
            arrays.push(Chunked {
                name: names[index].clone(),
                chunks: chunks.in_array(&names[index]).in_file(file)?,
            });
        }
        Ok(arrays)
    }

    /// The chunks of each array, and the bins of one of its chunks.
    fn chunk_words(&self, arrays: &[Chunked]) -> Result<String, Failure> {
        let mut words = String::new();
        for Chunked { name, chunks } in arrays {
            words += &format!(
                "\nchunks of {}\n{}",
                printable(name),
                bins::chunk_table(chunks)
            );
            if let Some((i, chunk)) = self.chunk_of(chunks)? {
                words += &bins::words(i, chunk);
            }
        }
        Ok(words)
    }

    /// The chunk whose bins are shown, unless the array has none.
    fn chunk_of<'a>(
        &self,
        chunks: &'a [ChunkSummary],
    ) -> Result<Option<(usize, &'a ChunkSummary)>, Failure> {
        let i = self.chunk.unwrap_or(0);
        match (chunks.get(i), self.chunk) {
            (Some(chunk), _) => Ok(Some((i, chunk))),
            (None, None) => Ok(None),
            (None, Some(_)) => {
                let n = counted(chunks.len() as u64, "chunk");
                Err(Failure::usage(format!(
                    "there is no chunk {i}: the array has {n}, from 0 on"
                )))
            }
        }
    }

    /// Draws the bins that `--plot` asks for.
    fn draw(&self, session: &Session, arrays: &[Chunked]) -> Outcome {
        let Some(path) = &self.plot else {
            return Ok(());
        };
        let array = match arrays {
            [array] => array,
            [] => {
                let words =
                    "there are no bins to draw: those of .pco and of the filter numeric can be";
                return Err(Failure::usage(words));
            }
            [first, ..] => {
                let (n, first) = (arrays.len(), &first.name);
                let words = format!("{n} arrays have bins: name one by --array, such as {first:?}");
                return Err(Failure::usage(words));
            }
        };
        let name = printable(&array.name);
        let Some((i, chunk)) = self.chunk_of(&array.chunks)? else {
            return Err(Failure::usage(format!("{name} has no chunks")));
        };
        let picture = Picture::of_name(path)?.bins(&format!("{name}, chunk {i}"), chunk)?;
        Target::new(path, self.force)?.write(|out| Ok(out.write_all(&picture)?))?;
        let path = path.display();
        session.say(format_args!("{path} shows the bins of {name}, chunk {i}"));
        Ok(())
    }
}

fn pco_words(pco: &Pco, chunks: &[ChunkSummary]) -> Result<String, Failure> {
    let version = pco.version()?;
    let spec = pco.spec();
    let n: u64 = chunks.iter().map(ChunkSummary::n).sum();
    let bits = 8.0 * pco.file_bytes() as f64 / n.max(1) as f64;
    let trailer = match (pco.has_trailer(), pco.unknown_bytes()) {
        (true, _) => "dtype, shape and checksums".to_owned(),
        (false, 0) => "none: written by another program, or with --plain".to_owned(),
        (false, n) => format!(
            "none; {} behind the end of pco's data not understood",
            counted(n, "byte")
        ),
    };
    Ok(format!(
        "format   .pco, wire format {}.{}\ntrailer  {trailer}\narray    {spec}\nnumbers  {n}\nbytes    {} \
         ({bits:.3} bits a number, ratio {:.3})\n",
        version.major,
        version.minor,
        pco.file_bytes(),
        size::ratio(spec.bytes(), pco.file_bytes()),
    ))
}

fn pco_json(file: &Path, pco: &Pco, chunks: &[ChunkSummary]) -> Result<Value, Failure> {
    let version = pco.version()?;
    Ok(json!({
        "file": file.display().to_string(),
        "format": PcoFormat::default().info().name,
        "version": format!("{}.{}", version.major, version.minor),
        "bytes": pco.file_bytes(),
        "has_trailer": pco.has_trailer(),
        "has_checksums": pco.has_trailer(),
        "unknown_bytes": pco.unknown_bytes(),
        "dtype": pco.spec().dtype().to_string(),
        "shape": pco.spec().shape(),
        "order": ls::order_name(pco.spec().order()),
        "chunks": chunks.iter().map(bins::chunk_json).collect::<Vec<_>>(),
    }))
}

fn container_words(container: &dyn Container, names: &[String], entries: &[Entry]) -> String {
    format!(
        "format   .{}\narrays   {}\n\n{}",
        container.format().name,
        entries.len(),
        ls::table(names, entries)
    )
}

fn document_words(container: &dyn Container) -> String {
    let mut words = String::new();
    for (i, document) in container.documents().iter().enumerate() {
        let path = match document.path.as_str() {
            "" if i == 0 => "the file".to_owned(),
            "" => "its dataset".to_owned(),
            path => printable(path),
        };
        let json = printable_lines(&document.json);
        words += &format!("\ndocument of {path}\n{json}\n");
    }
    words
}

fn container_json(
    file: &Path,
    container: &dyn Container,
    names: &[String],
    entries: &[Entry],
    chunked: &[Chunked],
) -> Value {
    let documents = container.documents().into_iter().map(|document| {
        // A document that is no JSON to strict eyes (bare NaN) is shown as the text it is.
        let text = Value::String(document.json.clone());
        let value = serde_json::from_str(&document.json).unwrap_or(text);
        json!({"path": document.path, "document": value})
    });
    let arrays = names.iter().zip(entries).map(|(name, entry)| {
        let mut value = ls::entry_json(name, entry);
        if let Some(array) = chunked.iter().find(|array| array.name == *name) {
            let chunks = array.chunks.iter().map(bins::chunk_json);
            value["chunks"] = chunks.collect();
        }
        value
    });
    json!({
        "file": file.display().to_string(),
        "format": container.format().name,
        "arrays": arrays.collect::<Vec<_>>(),
        "documents": documents.collect::<Vec<_>>(),
    })
}
