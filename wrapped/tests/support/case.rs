//! One array and one configuration, and everything that has to hold of them.

use std::fmt;

use paginum_wrapped::{
    ChunkConfig, Error, Isa, NumberType, guarantee, standalone, with_number_type,
};

use super::Tested;
use super::bitwise::assert_same_bits;
use super::numbers::{Kind, numbers};
use super::oracle::{self, WrappedChunk};
use super::ours;

/// An array and how to compress it.
#[derive(Clone)]
pub struct Case {
    pub number_type: NumberType,
    pub kind: Kind,
    pub n: usize,
    pub seed: u64,
    pub config: ChunkConfig,
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            number_type,
            kind,
            n,
            seed,
            config,
        } = self;
        let ChunkConfig {
            level,
            mode_spec,
            delta_spec,
            paging_spec,
            ..
        } = config;
        write!(
            f,
            "{n} {kind:?} {number_type} (seed {seed}), level {level}, {mode_spec:?}, {delta_spec:?}, {paging_spec:?}"
        )
    }
}

impl Case {
    /// Both ways between the engine and the oracle, wrapped and standalone, at every tier.
    pub fn check(&self) {
        with_number_type!(self.number_type, |T| self
            .check_as::<T>(&numbers::<T>(self.kind, self.n, self.seed)));
    }

    /// The same for these numbers.
    pub fn check_as<T: Tested>(&self, nums: &[T]) {
        let ours = self.compress_at_every_tier(nums);
        self.decodes_at_every_tier(&ours, nums);
        self.oracle_decodes(&ours, nums);
        self.stays_within_guarantees::<T>(&ours);
        let file =
            standalone::compress(nums, &self.config).unwrap_or_else(|e| panic!("{self:?}: {e}"));
        assert!(
            file.len() as u64
                <= guarantee::file_size::<T>(nums.len(), &self.config.paging_spec)
                    .expect("pages fit") as u64,
            "{self:?}: a file of {} bytes is larger than promised",
            file.len()
        );
        let theirs: Vec<T> =
            oracle::decompress_standalone(&file).unwrap_or_else(|e| panic!("{self:?}: {e}"));
        assert_same_bits(&theirs, nums, self);
        self.standalone_decodes(&file, nums);

        if oracle::panics(&self.config, nums.len()) {
            return;
        }
        let config = oracle::config(&self.config);
        let theirs = oracle::compress_wrapped(nums, &config)
            .unwrap_or_else(|e| panic!("{self:?}: pco: {e}"));
        assert_eq!(theirs.n_per_page, ours.n_per_page, "{self:?}");
        self.decodes_at_every_tier(&theirs, nums);
        let file = oracle::compress_standalone(nums, &config)
            .unwrap_or_else(|e| panic!("{self:?}: pco: {e}"));
        self.standalone_decodes(&file, nums);
    }

    fn compress_at_every_tier<T: Tested>(&self, nums: &[T]) -> WrappedChunk {
        let compress = |isa| {
            ours::compress_wrapped(isa, nums, &self.config)
                .unwrap_or_else(|e| panic!("{self:?} {isa:?}: {e}"))
        };
        let scalar = compress(Isa::SCALAR);
        for isa in Isa::available() {
            let chunk = compress(isa);
            assert_eq!(
                chunk.meta, scalar.meta,
                "{self:?}: {isa:?} writes other metadata than scalar"
            );
            assert_eq!(
                chunk.pages, scalar.pages,
                "{self:?}: {isa:?} writes other pages than scalar"
            );
        }
        scalar
    }

    fn decodes_at_every_tier<T: Tested>(&self, chunk: &WrappedChunk, nums: &[T]) {
        for isa in Isa::available() {
            let mut start = 0;
            for (page, &n) in chunk.pages.iter().zip(&chunk.n_per_page) {
                let (decoded, n_bytes) =
                    ours::decompress_page::<T>(isa, &chunk.header, &chunk.meta, page, n)
                        .unwrap_or_else(|e| {
                            panic!("{self:?} {isa:?}, page of {n} from {start}: {e}")
                        });
                assert_eq!(
                    n_bytes,
                    page.len(),
                    "{self:?} {isa:?}: bytes of a page of {n} from {start}"
                );
                assert_same_bits(&decoded, &nums[start..start + n], (self, isa, start));
                start += n;
            }
            assert_eq!(start, nums.len(), "{self:?}: pages do not add up");
        }
    }

    fn oracle_decodes<T: Tested>(&self, chunk: &WrappedChunk, nums: &[T]) {
        let mut start = 0;
        for (page, &n) in chunk.pages.iter().zip(&chunk.n_per_page) {
            let (decoded, n_bytes) =
                oracle::decompress_page::<T>(&chunk.header, &chunk.meta, page, n)
                    .unwrap_or_else(|e| panic!("{self:?}, page of {n} from {start}: {e}"));
            assert_eq!(
                n_bytes,
                page.len(),
                "{self:?}: bytes that pco read of a page of {n} from {start}"
            );
            assert_same_bits(&decoded, &nums[start..start + n], (self, "pco", start));
            start += n;
        }
    }

    fn stays_within_guarantees<T: Tested>(&self, chunk: &WrappedChunk) {
        assert!(chunk.header.len() <= guarantee::header_size());
        if chunk.pages.len() == 1 {
            let (found, most) = (
                chunk.meta.len() + chunk.pages[0].len(),
                guarantee::chunk_size::<T>(self.n),
            );
            assert!(
                found <= most,
                "{self:?}: a chunk of {found} bytes, {most} promised"
            );
        }
    }

    fn standalone_decodes<T: Tested>(&self, file: &[u8], nums: &[T]) {
        let decoded: Vec<T> =
            standalone::decompress(file).unwrap_or_else(|e| panic!("{self:?}: {e}"));
        assert_same_bits(&decoded, nums, self);
        let mut dst = vec![T::default(); nums.len()];
        let progress =
            standalone::decompress_into(file, &mut dst).unwrap_or_else(|e| panic!("{self:?}: {e}"));
        assert_eq!(
            (progress.n_processed, progress.finished),
            (nums.len(), true),
            "{self:?}"
        );
        assert_same_bits(&dst, nums, self);
    }
}

/// Whether the engine refuses the call itself, not the data.
pub fn is_invalid_argument<T>(result: &paginum_wrapped::Result<T>) -> bool {
    matches!(result, Err(Error::InvalidArgument(_)))
}
