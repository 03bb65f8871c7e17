//! Writing pairs: headers, payloads and documents one behind another, and the index that they add up to.
//!
//! What a file is made of, whether it is new or grows: where the bytes go is the caller's business. Rows are streamed;
//! only as much is held as the trial of a filter samples and the filter itself gathers.

use std::collections::HashSet;
use std::io::Write;

use super::header::Header;
use super::header_list;
use super::index::Index;
use super::json::{Json, Object, Text};
use super::names::{FILE_METADATA, Role};
use super::options::WriteOptions;
use super::record;
use super::seen::Seen;
use super::target::Target;
use super::topology::Expectation;
use crate::array::ArraySpec;
use crate::error::{Error, Result, ResultExt};
use crate::filter::skippable::{self, PAGINUM_MAGIC};
use crate::filter::{FilterId, compress};
use crate::storage::PositionedWriter;

/// Upstream refuses an index that states more than so many times the bytes of the file.
const MAX_RATIO: u64 = 32_768;
/// The first byte of a skippable frame of ours that holds nothing.
pub(super) const PADDING_KIND: u8 = 4;

/// The pairs of a file that is being written.
#[derive(Debug)]
pub(crate) struct PairWriter {
    pub(crate) index: Index,
    /// The name of each pair.
    pub(crate) names: Vec<String>,
    /// What is listed of the header of each, where it is known.
    headers: Vec<Option<Vec<u8>>>,
    /// The same of a pair that was begun and is not listed yet.
    begun: Option<Vec<u8>>,
    /// So many of them are in `taken`: it is asked for new files alone, and edits need not fill it.
    n_taken: usize,
    taken: HashSet<String>,
    pub(crate) options: WriteOptions,
    /// The highest feature in use, as the file states it.
    pub(crate) version: i64,
    /// The readers that the file is then for: those of the options, or fewer, where arrays are kept that others cannot read.
    pub(crate) recorded: Target,
    /// What a user should know of the arrays so far.
    pub(crate) notes: Vec<String>,
    /// The largest decoded size that the file must be long enough for.
    pub(super) largest: u64,
    /// An array was begun and not finished.
    pub(super) is_broken: bool,
    /// Arrays that were finished, until somebody takes them to check them.
    pub(crate) written: Vec<Written>,
}

/// An array that was written, and what must be known of it to tell whether it fits its dataset.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) name: ArrayName,
    pub(crate) spec: ArraySpec,
    /// Of the values that went by, where they are ids or offsets.
    pub(crate) seen: Seen,
}

impl Written {
    /// Refuses the array where readers would, by what they expect of it.
    ///
    /// # Errors
    /// `InvalidArgument`.
    pub(crate) fn check(&self, expectation: &Expectation) -> Result<()> {
        expectation
            .check_spec(&self.spec)
            .and_then(|()| expectation.check_values(&self.spec, &self.seen))
            .map_err(Error::invalid)
            .in_array(&self.name.path)
    }
}

/// What an array is called, to whom.
#[derive(Clone, Debug)]
pub(crate) struct ArrayName {
    pub(crate) role: Role,
    /// The path, for choices and messages.
    pub(crate) path: String,
    /// The name in the file.
    pub(crate) frame: String,
}

impl PairWriter {
    /// Goes on behind the pairs of `index`.
    pub(crate) fn new(
        index: Index,
        names: Vec<String>,
        version: i64,
        options: WriteOptions,
    ) -> Self {
        Self {
            index,
            headers: vec![None; names.len()],
            begun: None,
            names,
            recorded: options.target,
            n_taken: 0,
            taken: HashSet::new(),
            options,
            version,
            notes: Vec::new(),
            largest: 0,
            is_broken: false,
            written: Vec::new(),
        }
    }

    /// Records that the file uses a feature.
    pub(crate) fn uses_version(&mut self, version: i64) {
        self.version = self.version.max(version);
    }

    /// Writes bytes under a name, stored plainly: a document or a mask.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) fn write_bytes(
        &mut self,
        sink: &mut PositionedWriter<'_>,
        name: &str,
        bytes: &[u8],
    ) -> Result<()> {
        let spec = ArraySpec::new("|u1".parse()?, [bytes.len() as u64])?;
        let filter = self.options.filters.by_id(FilterId::NONE)?;
        let mut encoder = filter.encoder(&spec, &self.options.context(name))?;
        let header = self.write_header(sink, name, &spec, FilterId::NONE)?;
        let payload_start = sink.position();
        encoder.push_rows(bytes, sink)?;
        encoder.finish(sink)?;
        self.push(
            name,
            header,
            (sink.position() - payload_start, spec.bytes()),
        );
        self.largest = self.largest.max(spec.bytes());
        Ok(())
    }

    pub(super) fn write_header(
        &mut self,
        sink: &mut PositionedWriter<'_>,
        name: &str,
        spec: &ArraySpec,
        filter: FilterId,
    ) -> Result<(u64, u64)> {
        let header = Header {
            name: name.to_owned(),
            shape: spec.shape().to_vec(),
            dtype: spec.dtype().to_string(),
            filter: filter.0,
            is_recovered: false,
        };
        self.begun = Some(header_list::entry(&header)?);
        let bytes = header.to_bytes()?;
        let frame = compress(
            self.options.document_level(),
            &self.options.target.frames(),
            &bytes,
        )?;
        sink.write_all(&frame)?;
        Ok((frame.len() as u64, bytes.len() as u64))
    }

    /// Whether there is a pair of this name.
    pub(crate) fn has(&mut self, name: &str) -> bool {
        let new = self.names[self.n_taken..].iter().cloned();
        self.taken.extend(new);
        self.n_taken = self.names.len();
        self.taken.contains(name)
    }

    /// Takes note of a pair that is kept from a file of `file_bytes` bytes. Readers that refused what it claims to decode
    /// to in that file may go on doing so: a claim that nobody checked must not decide how much is written.
    pub(crate) fn retain_pair(&mut self, decoded_size: u64, file_bytes: u64) {
        if decoded_size.div_ceil(MAX_RATIO) <= file_bytes {
            self.largest = self.largest.max(decoded_size);
        }
    }

    /// Lists a pair that was written behind the others: stored and decoded bytes of its two frames.
    pub(crate) fn push(&mut self, name: &str, header: (u64, u64), payload: (u64, u64)) {
        self.index.push(header, payload);
        self.names.push(name.to_owned());
        self.headers.push(self.begun.take());
    }

    /// Takes note of the header, as far as it is known, of a pair that goes over as it is: of the pair that is listed next, or
    /// of one that is listed.
    pub(crate) fn keeps_header(&mut self, listed: Option<usize>, header: Option<&Header>) {
        let entry = header.and_then(|header| header_list::entry(header).ok());
        match listed {
            Some(pair) => self.headers[pair] = entry,
            None => self.begun = entry,
        }
    }

    /// Writes the document of the file behind everything else, the target, a list of headers and `journal` (frames that readers
    /// skip) behind it, and where the file is too small for what it decodes to, padding.
    ///
    /// The index and its count are the caller's to write, so that they can be the last to reach the medium.
    ///
    /// # Errors
    /// `InvalidArgument` where an array was not finished; those of the store.
    pub(crate) fn finish(
        &mut self,
        sink: &mut PositionedWriter<'_>,
        document: &mut Object,
        journal: &[u8],
    ) -> Result<()> {
        if self.is_broken {
            return Err(Error::invalid("an array was begun and not finished"));
        }
        describe(document, &self.names, self.version, self.options.target);
        let document = document.to_document();
        let headers = header_list::list(&self.headers, self.options.target)?;
        self.write_bytes(sink, FILE_METADATA[0], document.as_bytes())?;
        let start = sink.position();
        sink.write_all(&record::record(self.recorded))?;
        sink.write_all(&headers)?;
        sink.write_all(journal)?;
        if self.options.target != Target::Reproduce0_7 {
            // The index to come counts as well; ignoring it is only cautious.
            let room = self.largest.div_ceil(MAX_RATIO);
            let missing = room.saturating_sub(sink.position());
            write_padding(sink, missing)?;
        }
        self.index.extend_last(sink.position() - start);
        self.names.pop();
        self.index.start = sink.position();
        Ok(())
    }
}

/// Fills in what the document of a file says, in the order of every writer; other members stay as they are.
fn describe(document: &mut Object, names: &[String], version: i64, target: Target) {
    let spell = match target {
        // The releases that read this escape what is not ASCII.
        Target::V0_2 => Text::escaped,
        _ => Text::raw_utf8,
    };
    let names = names.iter().map(|name| Json::String(spell(name))).collect();
    document.set("frame_names", Json::Array(names));
    if document.get("compression_level").is_none() {
        document.set("compression_level", Json::Number("3".into()));
    }
    if document.get("compression").is_none() {
        document.set("compression", Json::string("zstandard"));
    }
    document.set("file_version", Json::Number(version.to_string().into()));
}

/// Writes skippable frames of at least `len_bytes` bytes in all.
fn write_padding(sink: &mut dyn Write, len_bytes: u64) -> Result<()> {
    let mut missing = len_bytes;
    while missing > 0 {
        let body_bytes = missing.clamp(1, 1 << 20) as usize;
        let mut frame = skippable::header(PAGINUM_MAGIC, body_bytes as u32).to_vec();
        frame.push(PADDING_KIND);
        frame.resize(body_bytes + skippable::HEADER_BYTES, 0);
        sink.write_all(&frame)?;
        missing = missing.saturating_sub(frame.len() as u64);
    }
    Ok(())
}
