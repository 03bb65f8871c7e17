//! The pages of a chunk, by the width of their numbers.
//!
//! The one place that asks whether numbers are computed from latents of their own width or looked up by indices of 32
//! bits: everything to the left is generic over that, everything to the right does not see it.

use std::fmt;
use std::ops::Range;

use crate::dtype::{Latent, Number};
use crate::entropy::decode_table;
use crate::error::{Error, Result};
use crate::index::RowIndex;
use crate::kernels::isa::Isa;
use crate::kernels::tans::DecodeTable;
use crate::mode::{Dictionary, Join, NumberKind, Split, Values};
use crate::model::{Bin, ChunkModel, Delta, LatentVar, Mode};
use crate::page::{PageDecoder, PageStream, Scratch};

/// Decodes pages of numbers as wide as `L`.
pub(super) enum Pages<L: Latent> {
    Values(PageDecoder<Values<L>>),
    Dictionary(PageDecoder<Dictionary<L>>),
}

/// A page that is being decoded.
pub(super) enum Stream<L: Latent> {
    Values(Box<PageStream<Values<L>>>),
    Dictionary(Box<PageStream<Dictionary<L>>>),
}

impl<L: Latent> fmt::Debug for Stream<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Values(_) => "Values",
            Self::Dictionary(_) => "Dictionary",
        })
    }
}

/// Memory for pages of either kind, made when first needed.
pub(super) struct Scratches<L: Latent> {
    values: Option<Box<Scratch<Values<L>>>>,
    dictionary: Option<Box<Scratch<Dictionary<L>>>>,
}

impl<L: Latent> Default for Scratches<L> {
    fn default() -> Self {
        Self {
            values: None,
            dictionary: None,
        }
    }
}

fn table<L: Latent>(meta: &LatentVar) -> DecodeTable<L> {
    let bins = meta.bins.iter();
    let bins = bins.map(|bin| (bin.weight, L::from_u64(bin.lower), bin.offset_bits));
    decode_table(meta.ans_size_log, bins)
}

fn decoder<J: Join>(meta: &ChunkModel<J::Latent>, isa: Isa, join: J) -> PageDecoder<J> {
    PageDecoder {
        isa,
        join,
        delta: meta.delta.clone(),
        distances: meta.delta_var.as_ref().map(table),
        primary: table(&meta.primary),
        secondary: meta.secondary.as_ref().map(table),
        has_bins: meta.vars().all(|var| !var.bins.is_empty()),
    }
}

/// A dictionary chunk whose bins are single indices and not deltas, as one without a dictionary: each bin is the value that
/// its index stands for. So nothing is looked up any more when pages are decoded.
fn looked_up<L: Latent>(meta: &ChunkModel<L>, values: &[L]) -> Option<ChunkModel<L>> {
    if !meta.delta.is_none() {
        return None;
    }
    let bins = meta.primary.bins.iter().map(|bin| {
        let value = usize::try_from(bin.lower)
            .ok()
            .and_then(|index| values.get(index))?;
        (bin.offset_bits == 0).then(|| Bin {
            lower: Latent::to_u64(*value),
            ..*bin
        })
    });
    Some(ChunkModel {
        mode: Mode::Classic,
        delta: Delta::None,
        delta_var: None,
        primary: LatentVar {
            latent_bits: L::BITS,
            ans_size_log: meta.primary.ans_size_log,
            bins: bins.collect::<Option<_>>()?,
        },
        secondary: None,
    })
}

impl<L: Latent> Pages<L> {
    /// Makes the tables of checked metadata.
    pub(super) fn new<T: Number<Latent = L>>(meta: &ChunkModel<L>, isa: Isa) -> Self {
        let kind = NumberKind::of::<T>();
        let split = match &meta.mode {
            Mode::Classic => Split::Classic,
            Mode::IntMult { base } => Split::IntMult { base: *base },
            Mode::FloatMult { base } => Split::FloatMult {
                base: L::Float::from_latent(*base),
            },
            Mode::FloatQuant { k } => Split::FloatQuant { k: *k },
            Mode::Dict { values } => {
                if let Some(meta) = looked_up(meta, values) {
                    return Self::Values(decoder(
                        &meta,
                        isa,
                        Values {
                            kind,
                            split: Split::Classic,
                        },
                    ));
                }
                let bits = values.iter().map(|&latent| kind.bits(latent)).collect();
                return Self::Dictionary(decoder(meta, isa, Dictionary { bits }));
            }
        };
        Self::Values(decoder(meta, isa, Values { kind, split }))
    }

    pub(super) fn read_page(
        &self,
        src: &[u8],
        page_n: usize,
        scratch: &mut Scratches<L>,
        dst: &mut [L],
    ) -> Result<usize> {
        match self {
            Self::Values(pages) => {
                pages.read_page(src, page_n, scratch.values.get_or_insert_default(), dst)
            }
            Self::Dictionary(pages) => {
                pages.read_page(src, page_n, scratch.dictionary.get_or_insert_default(), dst)
            }
        }
    }

    pub(super) fn read_pages(
        &self,
        pages: &[(&[u8], usize)],
        scratch: &mut Scratches<L>,
        dst: &mut [L],
    ) -> Result<()> {
        match self {
            Self::Values(decoder) => {
                decoder.read_pages(pages, scratch.values.get_or_insert_default(), dst)
            }
            Self::Dictionary(decoder) => {
                decoder.read_pages(pages, scratch.dictionary.get_or_insert_default(), dst)
            }
        }
    }

    pub(super) fn index_page(&self, src: &[u8], page_n: usize) -> Result<RowIndex> {
        match self {
            Self::Values(pages) => pages.index_page(src, page_n, &mut Scratch::default()),
            Self::Dictionary(pages) => pages.index_page(src, page_n, &mut Scratch::default()),
        }
    }

    pub(super) fn read_rows(
        &self,
        src: &[u8],
        page_n: usize,
        index: &RowIndex,
        rows: Range<usize>,
        scratch: &mut Scratches<L>,
        dst: &mut [L],
    ) -> Result<()> {
        match self {
            Self::Values(pages) => {
                let scratch = scratch.values.get_or_insert_default();
                pages.read_rows(src, page_n, index, rows, scratch, dst)
            }
            Self::Dictionary(pages) => {
                let scratch = scratch.dictionary.get_or_insert_default();
                pages.read_rows(src, page_n, index, rows, scratch, dst)
            }
        }
    }

    pub(super) fn stream(&self, src: &[u8], page_n: usize) -> Result<Stream<L>> {
        Ok(match self {
            Self::Values(pages) => Stream::Values(Box::new(PageStream::new(pages, src, page_n)?)),
            Self::Dictionary(pages) => {
                Stream::Dictionary(Box::new(PageStream::new(pages, src, page_n)?))
            }
        })
    }

    pub(super) fn resume(&self, src: &[u8], stream: &mut Stream<L>, dst: &mut [L]) -> Result<()> {
        match (self, stream) {
            (Self::Values(pages), Stream::Values(stream)) => stream.read(pages, src, dst),
            (Self::Dictionary(pages), Stream::Dictionary(stream)) => stream.read(pages, src, dst),
            _ => Err(Self::another()),
        }
    }

    pub(super) fn end(&self, src: &[u8], stream: &Stream<L>) -> Result<usize> {
        match (self, stream) {
            (Self::Values(pages), Stream::Values(stream)) => stream.end(pages, src),
            (Self::Dictionary(pages), Stream::Dictionary(stream)) => stream.end(pages, src),
            _ => Err(Self::another()),
        }
    }

    #[cold]
    fn another() -> Error {
        Error::invalid("the page of another chunk")
    }
}

impl<L: Latent> Stream<L> {
    pub(super) fn n_left(&self) -> usize {
        match self {
            Self::Values(stream) => stream.n_left(),
            Self::Dictionary(stream) => stream.n_left(),
        }
    }
}
