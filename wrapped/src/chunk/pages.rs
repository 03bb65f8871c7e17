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
use crate::mode::{Dictionary, Formula, Join, NumberKind, Origin, Values};
use crate::model::{Bin, ChunkModel, LatentVar};
use crate::page::{Page, PageDecoder, PageStream, Scratch};

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

/// What is done alike by decoders of either kind, each with its scratch.
macro_rules! of_either_kind {
    ($pages:expr, $scratches:expr, |$decoder:ident, $scratch:ident| $body:expr) => {
        match $pages {
            Pages::Values($decoder) => {
                let $scratch = $scratches.values.get_or_insert_default();
                $body
            }
            Pages::Dictionary($decoder) => {
                let $scratch = $scratches.dictionary.get_or_insert_default();
                $body
            }
        }
    };
}

fn table<L: Latent>(var: &LatentVar) -> DecodeTable<L> {
    let bins = var.bins.iter();
    let bins = bins.map(|bin| (bin.weight, L::from_u64(bin.lower), bin.offset_bits));
    decode_table(var.ans_size_log, bins)
}

fn decoder<J: Join>(
    model: &ChunkModel<J::Latent>,
    primary: &LatentVar,
    isa: Isa,
    join: J,
) -> PageDecoder<J> {
    PageDecoder {
        isa,
        join,
        delta: model.delta.clone(),
        distances: model.delta_var.as_ref().map(table),
        primary: table(primary),
        secondary: model.secondary.as_ref().map(table),
        has_bins: model.vars().all(|var| !var.bins.is_empty()),
    }
}

/// The bins of a dictionary chunk as those of one without a dictionary, where they are single indices and not deltas: each is
/// the value that its index stands for. So nothing is looked up any more when pages are decoded.
fn inline_dictionary<L: Latent>(model: &ChunkModel<L>, values: &[L]) -> Option<LatentVar> {
    if !model.delta.is_none() {
        return None;
    }
    let bins = model.primary.bins.iter().map(|bin| {
        let value = usize::try_from(bin.lower)
            .ok()
            .and_then(|index| values.get(index))?;
        (bin.offset_bits == 0).then(|| Bin {
            lower: Latent::to_u64(*value),
            ..*bin
        })
    });
    Some(LatentVar {
        latent_bits: L::BITS,
        ans_size_log: model.primary.ans_size_log,
        bins: bins.collect::<Option<_>>()?,
    })
}

impl<L: Latent> Pages<L> {
    /// Makes the tables of checked metadata.
    pub(super) fn new<T: Number<Latent = L>>(model: &ChunkModel<L>, isa: Isa) -> Self {
        let kind = NumberKind::of::<T>();
        let values = match model.mode.origin() {
            Origin::Computed(formula) => {
                let join = Values { kind, formula };
                return Self::Values(decoder(model, &model.primary, isa, join));
            }
            Origin::LookedUp(values) => values,
        };
        if let Some(primary) = inline_dictionary(model, values) {
            let formula = Formula::default();
            return Self::Values(decoder(model, &primary, isa, Values { kind, formula }));
        }
        let bits = values.iter().map(|&latent| kind.bits(latent)).collect();
        Self::Dictionary(decoder(model, &model.primary, isa, Dictionary { bits }))
    }

    pub(super) fn read_page(
        &self,
        page: Page<'_>,
        scratches: &mut Scratches<L>,
        dst: &mut [L],
    ) -> Result<usize> {
        of_either_kind!(self, scratches, |decoder, scratch| {
            decoder.read_page(page, scratch, dst)
        })
    }

    pub(super) fn read_pages(
        &self,
        pages: &[Page<'_>],
        scratches: &mut Scratches<L>,
        dst: &mut [L],
    ) -> Result<()> {
        of_either_kind!(self, scratches, |decoder, scratch| {
            decoder.read_pages(pages, scratch, dst)
        })
    }

    pub(super) fn index_page(
        &self,
        page: Page<'_>,
        scratches: &mut Scratches<L>,
    ) -> Result<RowIndex> {
        of_either_kind!(self, scratches, |decoder, scratch| {
            decoder.index_page(page, scratch)
        })
    }

    pub(super) fn read_rows(
        &self,
        page: Page<'_>,
        index: &RowIndex,
        rows: Range<usize>,
        scratches: &mut Scratches<L>,
        dst: &mut [L],
    ) -> Result<()> {
        of_either_kind!(self, scratches, |decoder, scratch| {
            decoder.read_rows(page, index, rows, scratch, dst)
        })
    }

    pub(super) fn stream(&self, page: Page<'_>) -> Result<Stream<L>> {
        Ok(match self {
            Self::Values(pages) => Stream::Values(Box::new(PageStream::new(pages, page)?)),
            Self::Dictionary(pages) => Stream::Dictionary(Box::new(PageStream::new(pages, page)?)),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Delta, Mode};

    fn model(lowers: &[u64], offset_bits: u32, delta: Delta) -> ChunkModel<u16> {
        let bin = |&lower| Bin {
            weight: 2,
            lower,
            offset_bits,
        };
        ChunkModel {
            mode: Mode::dict(vec![500, 600, 700]),
            delta,
            delta_var: None,
            primary: LatentVar {
                latent_bits: 32,
                ans_size_log: 2,
                bins: lowers.iter().map(bin).collect(),
            },
            secondary: None,
        }
    }

    #[test]
    fn a_dictionary_is_inlined_where_bins_are_single_indices() {
        let values = [500, 600, 700];
        let inlined = |model: &ChunkModel<u16>| inline_dictionary(model, &values);
        let var = inlined(&model(&[2, 0], 0, Delta::None)).unwrap();
        assert_eq!((var.latent_bits, var.ans_size_log), (16, 2));
        let bins: Vec<_> = var.bins.iter().map(|bin| (bin.lower, bin.weight)).collect();
        assert_eq!(bins, [(700, 2), (500, 2)]);
        assert!(inlined(&model(&[0, 2], 1, Delta::None)).is_none());
        // An index that there is not is an error of the page that has it.
        assert!(inlined(&model(&[0, 3], 0, Delta::None)).is_none());
        assert!(inlined(&model(&[0, u64::MAX], 0, Delta::None)).is_none());
        let order = Delta::Consecutive {
            order: 1,
            secondary: false,
        };
        assert!(inlined(&model(&[0, 2], 0, order)).is_none());
    }

    #[test]
    fn the_page_of_another_chunk_is_refused() {
        let classic = ChunkModel {
            mode: Mode::default(),
            ..model(&[0, 2], 1, Delta::None)
        };
        let [dictionary, values] = [model(&[0, 2], 1, Delta::None), classic]
            .map(|model| Pages::new::<u16>(&model, Isa::SCALAR));
        let src = [0; 100];
        let mut stream = values.stream(Page::new(&src, 10)).unwrap();
        assert!(values.resume(&src, &mut stream, &mut [0; 3]).is_ok());
        assert_eq!(stream.n_left(), 7);
        let refused = dictionary.resume(&src, &mut stream, &mut [0; 3]);
        assert!(matches!(refused, Err(Error::InvalidArgument(_))));
        assert!(dictionary.end(&src, &stream).is_err());
    }
}
