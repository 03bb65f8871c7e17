//! Compresses a chunk: chooses how, trains, and writes metadata and pages.

use std::convert::Infallible;

use super::deltas::{TooLarge, delta_encoded};
use super::latents::{ChunkVar, TrainedChunkVar};
use super::memory::{CompressScratch, Held};
use super::writer::PageWriter;
use crate::bins::{Counts, MAX_FEW, TrainingParams};
use crate::choose::{
    Choice, DeltaChoice, Encoded, Surcharge, choose, encoding_of, held_against_all,
};
use crate::config::{ChunkConfig, DeltaSpec, MAX_CHUNK_N, MAX_LEVEL};
use crate::dtype::{Latent, Number};
use crate::entropy::{bit_length, entropy_bits};
use crate::error::{Error, Result};
use crate::index::RowIndex;
use crate::kernels::isa::Isa;
use crate::kernels::range::range_of;
use crate::layout::pco::{self, guarantee};
use crate::mode::dict::{DictOrder, Distinct};
use crate::mode::{ModeChoice, split};
use crate::model::{ChunkModel, Delta, Mode};
use crate::page::encoder::{PageVars, Trace, encode_page};
use crate::page::indexer::index_encoded_page;
use crate::parallel;

/// A chunk, trained and ready to be written: its metadata once, each page on its own, in any order, by any thread.
#[derive(Debug)]
pub struct ChunkCompressor<T: Number> {
    meta: ChunkModel<T::Latent>,
    n_per_page: Vec<usize>,
    delta: Option<TrainedChunkVar<u32>>,
    primary: Primary<T::Latent>,
    secondary: Option<TrainedChunkVar<T::Latent>>,
    isa: Isa,
}

/// The first latent of each number.
#[derive(Debug)]
enum Primary<L> {
    Values(TrainedChunkVar<L>),
    /// Into the dictionary.
    Indices(TrainedChunkVar<u32>),
}

impl<T: Number> ChunkCompressor<T> {
    /// Chooses mode, delta encoding and bins for `numbers`.
    pub(crate) fn new(isa: Isa, numbers: &[T], config: &ChunkConfig) -> Result<Self> {
        (T::engine().new_compressor)(isa, numbers, config)
    }

    pub(super) fn compiled_new(isa: Isa, numbers: &[T], config: &ChunkConfig) -> Result<Self> {
        if config.level > MAX_LEVEL {
            return Err(Error::invalid(format!(
                "level {}; the highest is {MAX_LEVEL}",
                config.level
            )));
        }
        if numbers.len() > MAX_CHUNK_N {
            return Err(Error::invalid(format!(
                "a chunk of {} numbers; at most {MAX_CHUNK_N}",
                numbers.len()
            )));
        }
        let n_per_page = config.paging_spec.n_per_page(numbers.len())?;
        let mut chosen = Self::trained(isa, numbers, config, n_per_page.clone())?;
        if config.level == MAX_LEVEL && config.delta_spec == DeltaSpec::Auto {
            // More is tried there, so that a sample can err in more ways: the level below is there for when it does.
            let below = config.clone().with_level(MAX_LEVEL - 1);
            let other = Self::trained(isa, numbers, &below, n_per_page.clone())?;
            if other.bits(numbers.len()) < chosen.bits(numbers.len()) {
                chosen = other;
            }
        }
        if chosen.fits_guarantee(numbers.len()) {
            return Ok(chosen);
        }
        Ok(Self::raw(isa, numbers, n_per_page))
    }

    fn trained(
        isa: Isa,
        numbers: &[T],
        config: &ChunkConfig,
        n_per_page: Vec<usize>,
    ) -> Result<Self> {
        let params = TrainingParams::primary(isa, config.level, numbers.len());
        held_against_all(
            numbers.len(),
            config,
            |scale| choose(numbers, n_per_page.len(), config, params, scale),
            |bits| has_less_entropy(isa, numbers, bits),
            |delta| Surcharge::of::<T::Latent>(delta, config.level, numbers.len()),
            |choice, limit| match Self::of_choice(numbers, choice, &n_per_page, params, limit) {
                Ok(chunk) => {
                    let bits = chunk.bits(numbers.len());
                    Encoded::Whole(chunk, bits)
                }
                Err(TooLarge(bits)) => Encoded::GivenUp(bits),
            },
        )
    }

    /// Encodes all numbers in some way.
    fn of_choice(
        numbers: &[T],
        choice: Choice<T>,
        n_per_page: &[usize],
        params: TrainingParams,
        limit: f64,
    ) -> std::result::Result<Self, TooLarge> {
        let isa = params.isa;
        let Some(mode) = choice.mode.without_dict() else {
            let distinct = choice.distinct.expect("a choice of Dict brings its values");
            return Self::with_dict(distinct, choice.delta, params, n_per_page, limit);
        };
        let (first, second) = split(isa, numbers, choice.mode);
        let delta_encoding = encoding_of(choice.delta, &first);
        let secondary = mode
            .has_secondary()
            .then(|| ChunkVar::plain(second, n_per_page).train(params.secondary()));
        let of_second = secondary.as_ref().map_or(0.0, |var| var.trained.bits);
        let (delta, primary) = delta_encoded(
            first,
            &delta_encoding,
            choice.delta,
            n_per_page,
            params,
            limit - of_second,
        )
        .map_err(|TooLarge(bits)| TooLarge(bits + of_second))?;
        Ok(Self {
            meta: ChunkModel {
                mode,
                delta: delta_encoding,
                delta_var: delta.as_ref().map(|var| var.trained.meta.clone()),
                primary: primary.trained.meta.clone(),
                secondary: secondary.as_ref().map(|var| var.trained.meta.clone()),
            },
            n_per_page: n_per_page.to_vec(),
            delta,
            primary: Primary::Values(primary),
            secondary,
            isa,
        })
    }

    /// Indices into a dictionary.
    fn with_dict(
        distinct: Distinct<T::Latent>,
        delta: DeltaChoice,
        params: TrainingParams,
        n_per_page: &[usize],
        limit: f64,
    ) -> std::result::Result<Self, TooLarge> {
        let order = if delta.is_none() {
            DictOrder::Frequency
        } else {
            DictOrder::Value
        };
        let (values, indices) = distinct.into_dict(order);
        let encoding = encoding_of(delta, &indices);
        let (delta, primary) = delta_encoded(indices, &encoding, delta, n_per_page, params, limit)?;
        Ok(Self {
            meta: ChunkModel {
                mode: Mode::dict(values),
                delta: encoding,
                delta_var: delta.as_ref().map(|var| var.trained.meta.clone()),
                primary: primary.trained.meta.clone(),
                secondary: None,
            },
            n_per_page: n_per_page.to_vec(),
            delta,
            primary: Primary::Indices(primary),
            secondary: None,
            isa: params.isa,
        })
    }

    /// One bin of all values, no deltas: what the guarantees promise.
    fn raw(isa: Isa, numbers: &[T], n_per_page: Vec<usize>) -> Self {
        let (latents, _) = split(isa, numbers, ModeChoice::default());
        let primary = ChunkVar::plain(latents, &n_per_page).raw();
        Self {
            meta: ChunkModel {
                mode: Mode::default(),
                delta: Delta::default(),
                delta_var: None,
                primary: primary.trained.meta.clone(),
                secondary: None,
            },
            n_per_page,
            delta: None,
            primary: Primary::Values(primary),
            secondary: None,
            isa,
        }
    }

    /// Whether the chunk keeps the promise of [`guarantee::chunk_size`]: by an upper bound where that is enough, else
    /// by writing it.
    fn fits_guarantee(&self, n: usize) -> bool {
        let most = guarantee::chunk_size::<T>(n);
        let mut bytes = Vec::new();
        self.write_meta(&mut bytes);
        // Each page has two paddings of up to 7 bits.
        let padding_bits = 14 * self.n_per_page.len() as u64;
        if bytes.len() as u64 * 8 + self.most_bits() + padding_bits <= most as u64 * 8 {
            return true;
        }
        let mut scratch = CompressScratch::default();
        for page in 0..self.n_per_page.len() {
            self.compiled_write_page(page, &mut bytes, &mut scratch);
        }
        bytes.len() <= most
    }

    /// What the `n` numbers take, in bits, with metadata and states: of few, all that is written.
    fn bits(&self, n: usize) -> f64 {
        let mut meta = Vec::new();
        pco::chunk::write(&self.meta, &mut meta);
        if n <= MAX_FEW {
            let scratch = &mut CompressScratch::default();
            for page in 0..self.n_per_page.len() {
                self.compiled_write_page(page, &mut meta, scratch);
            }
            return (meta.len() * 8) as f64;
        }
        let primary = match &self.primary {
            Primary::Values(var) => var.bits(),
            Primary::Indices(var) => var.bits(),
        };
        let delta = self.delta.as_ref().map_or(0.0, TrainedChunkVar::bits);
        let secondary = self.secondary.as_ref().map_or(0.0, TrainedChunkVar::bits);
        (meta.len() * 8) as f64 + primary + delta + secondary
    }

    /// About what metadata and all pages take, in bytes, without a page being written: what the bins were trained to come to.
    /// Of chunks of more than a hundred numbers it is off by a thirtieth and two bytes a page at most.
    #[must_use]
    pub fn reckoned_size(&self) -> usize {
        // Each page has two paddings of up to 7 bits.
        let padding_bits = 7 * self.n_per_page.len();
        let n = self.n_per_page.iter().sum();
        (self.bits(n) as usize + padding_bits).div_ceil(8)
    }

    /// The most that all pages can take without paddings.
    fn most_bits(&self) -> u64 {
        let primary_bits = match &self.primary {
            Primary::Values(var) => var.most_bits(),
            Primary::Indices(var) => var.most_bits(),
        };
        let delta_bits = self.delta.as_ref().map_or(0, TrainedChunkVar::most_bits);
        let secondary = self.secondary.as_ref();
        primary_bits + delta_bits + secondary.map_or(0, TrainedChunkVar::most_bits)
    }

    /// The size of each page.
    #[must_use]
    pub fn n_per_page(&self) -> &[usize] {
        &self.n_per_page
    }

    /// What was chosen.
    #[must_use]
    pub fn meta(&self) -> &ChunkModel<T::Latent> {
        &self.meta
    }

    /// The CPU tier that it runs at.
    #[must_use]
    pub fn isa(&self) -> Isa {
        self.isa
    }

    /// Appends the chunk metadata to `dst`.
    pub fn write_meta(&self, dst: &mut Vec<u8>) {
        pco::chunk::write(&self.meta, dst);
    }

    /// What writes pages one after another, in memory that it keeps.
    #[must_use]
    pub fn writer(&self) -> PageWriter<'_, T> {
        PageWriter::new(self, Held::Own(CompressScratch::default()))
    }

    /// [`writer`](Self::writer) in memory of the caller's, who writes pages of one chunk after another.
    #[must_use]
    pub fn writer_in<'a>(&'a self, scratch: &'a mut CompressScratch) -> PageWriter<'a, T> {
        PageWriter::new(self, Held::Lent(scratch))
    }

    /// [`PageWriter::write`] for one page.
    ///
    /// # Errors
    /// As there.
    pub fn write_page(&self, page_no: usize, dst: &mut Vec<u8>) -> Result<()> {
        self.writer().write(page_no, dst)
    }

    /// [`PageWriter::write_indexed`] for one page.
    ///
    /// # Errors
    /// As there.
    pub fn write_page_indexed(&self, page_no: usize, dst: &mut Vec<u8>) -> Result<RowIndex> {
        self.writer().write_indexed(page_no, dst)
    }

    /// A page that there is.
    pub(super) fn compiled_write_page(
        &self,
        page_no: usize,
        dst: &mut Vec<u8>,
        scratch: &mut CompressScratch,
    ) {
        let (isa, buffer) = (self.isa, &mut scratch.page);
        match &self.primary {
            Primary::Values(var) => {
                encode_page(isa, self.page_vars(var, page_no), buffer, dst, None);
            }
            Primary::Indices(var) => {
                encode_page(isa, self.page_vars(var, page_no), buffer, dst, None);
            }
        }
    }

    /// Appends all pages to `dst` and returns the length of each in bytes; with the feature `parallel`, several are written
    /// at once, on the caller's rayon pool. The bytes are the same for any number of threads.
    pub fn write_pages(&self, dst: &mut Vec<u8>) -> Vec<usize> {
        let pages: Vec<usize> = (0..self.n_per_page.len()).collect();
        let scratch = &mut CompressScratch::default();
        let Ok(lengths) = parallel::append(&pages, scratch, dst, |page, scratch, dst| {
            (T::engine().write_page)(self, page, dst, scratch);
            Ok::<_, Infallible>(())
        });
        lengths
    }

    /// A page that there is, with its index.
    pub(super) fn compiled_write_page_indexed(
        &self,
        page_no: usize,
        dst: &mut Vec<u8>,
        scratch: &mut CompressScratch,
    ) -> RowIndex {
        match &self.primary {
            Primary::Values(var) => self.write_indexed(self.page_vars(var, page_no), dst, scratch),
            Primary::Indices(var) => self.write_indexed(self.page_vars(var, page_no), dst, scratch),
        }
    }

    fn write_indexed<P: Latent>(
        &self,
        vars: PageVars<'_, P, T::Latent>,
        dst: &mut Vec<u8>,
        scratch: &mut CompressScratch,
    ) -> RowIndex {
        let start = dst.len();
        let mut trace = Trace::default();
        encode_page(self.isa, vars, &mut scratch.page, dst, Some(&mut trace));
        index_encoded_page(&vars, &trace, dst.len() - start)
    }

    fn page_vars<'a, P: Latent>(
        &'a self,
        primary: &'a TrainedChunkVar<P>,
        page_no: usize,
    ) -> PageVars<'a, P, T::Latent> {
        PageVars {
            n: self.n_per_page[page_no],
            encoding: &self.meta.delta,
            delta: self.delta.as_ref().map(|var| var.page(page_no)),
            primary: primary.page(page_no),
            secondary: self.secondary.as_ref().map(|var| var.page(page_no)),
        }
    }
}

/// Whether numbers of up to 16 bits that are many enough have less entropy than so many bits each.
fn has_less_entropy<T: Number>(isa: Isa, numbers: &[T], bits: f64) -> bool {
    const MIN_N: usize = 1 << 13;
    /// A part, which mostly has no more entropy than all, is so many runs of so many numbers.
    const PART: (usize, usize) = (1 << 5, 1 << 8);
    /// Its numbers are told apart by so many bits: of more, a table takes longer to read than they do.
    const PART_BITS: u32 = 12;
    if T::Latent::BITS > 16 || numbers.len() < MIN_N {
        return false;
    }
    // Unknown where values are too many to count.
    let is_less = |mut latents: Vec<T::Latent>, most_bits: u32| {
        let (min, max) = range_of(isa, &latents);
        let shift = bit_length(max - min).saturating_sub(most_bits) as usize;
        latents.iter_mut().for_each(|x| *x = *x >> shift);
        let counts = Counts::of(&latents, min >> shift, max >> shift)?;
        Some(entropy_bits(&counts.counts) < bits * latents.len() as f64)
    };
    let latent = |x: &T| x.to_latent();
    let step = numbers.len().div_ceil(PART.0 * PART.1);
    let part = numbers.chunks(PART.1).step_by(step).flatten();
    is_less(part.map(latent).collect(), PART_BITS) != Some(false)
        && is_less(numbers.iter().map(latent).collect(), T::Latent::BITS) == Some(true)
}
