//! The codecs, each as fast as its API allows: into buffers that are there, with scratch that is kept.

use paginum_wrapped::{Isa, Number, Page, shuffle};

/// Numbers of a chunk: pco's default.
pub(crate) const CHUNK_N: usize = 1 << 18;

/// The sizes of the chunks that an array is cut into: as few as possible, as equal as can be.
fn chunk_sizes(n: usize) -> impl Iterator<Item = usize> {
    let n_chunks = n.div_ceil(CHUNK_N);
    (0..n_chunks).map(move |chunk| n / n_chunks + usize::from(chunk < n % n_chunks))
}

/// A way to store numbers. Chunks of the numeric codecs follow each other after one header; their sizes follow from the
/// number of numbers, as a container would know it.
pub(crate) trait Codec<T> {
    /// Appends to `dst`, which is empty and has room.
    fn encode(&mut self, nums: &[T], dst: &mut Vec<u8>);
    /// Fills `dst`.
    fn decode(&mut self, src: &[u8], dst: &mut [T]);
}

/// This project's engine.
pub(crate) struct Paginum<T: Number> {
    pub(crate) level: u32,
    page_scratch: paginum_wrapped::PageScratch<T>,
    compress_scratch: paginum_wrapped::CompressScratch,
}

impl<T: Number> Paginum<T> {
    pub(crate) fn new(level: u32) -> Self {
        Self {
            level,
            page_scratch: Default::default(),
            compress_scratch: Default::default(),
        }
    }
}

impl<T: Number> Codec<T> for Paginum<T> {
    fn encode(&mut self, nums: &[T], dst: &mut Vec<u8>) {
        let config = paginum_wrapped::ChunkConfig::default().with_level(self.level);
        let file = paginum_wrapped::FileCompressor::new().expect("a tier");
        file.write_header(dst);
        let mut rest = nums;
        for n in chunk_sizes(nums.len()) {
            let (chunk, after) = rest.split_at(n);
            let compressor = file
                .chunk_compressor(chunk, &config)
                .expect("a legal configuration");
            compressor.write_meta(dst);
            compressor
                .writer_in(&mut self.compress_scratch)
                .write(0, dst)
                .expect("in memory");
            rest = after;
        }
    }

    fn decode(&mut self, src: &[u8], dst: &mut [T]) {
        let (file, mut at) = paginum_wrapped::FileDecompressor::new(src).expect("own header");
        let mut rest = dst;
        for n in chunk_sizes(rest.len()) {
            let (chunk, after) = rest.split_at_mut(n);
            let (decompressor, meta_bytes) = file
                .chunk_decompressor::<T>(&src[at..])
                .expect("own metadata");
            at += meta_bytes;
            let read = decompressor
                .reader_in(&mut self.page_scratch)
                .read_into(Page::new(&src[at..], n), chunk)
                .expect("own page");
            at += read.n_bytes.expect("all numbers of the page");
            rest = after;
        }
    }
}

/// The owner of the wire format.
#[derive(Default)]
pub(crate) struct Pco {
    pub(crate) level: usize,
    scratch: pco::DecompressorScratch,
}

impl Pco {
    pub(crate) fn new(level: usize) -> Self {
        Self {
            level,
            ..Self::default()
        }
    }
}

impl<T: pco::data_types::Number> Codec<T> for Pco {
    fn encode(&mut self, nums: &[T], dst: &mut Vec<u8>) {
        let config = pco::ChunkConfig::default()
            .with_compression_level(self.level)
            .with_enable_8_bit(true);
        let file = pco::wrapped::FileCompressor::default();
        file.write_header(&mut *dst).expect("in memory");
        let mut rest = nums;
        for n in chunk_sizes(nums.len()) {
            let (chunk, after) = rest.split_at(n);
            let mut compressor = file
                .chunk_compressor(chunk, &config)
                .expect("a legal configuration");
            compressor.write_meta(&mut *dst).expect("in memory");
            compressor.write_page(0, &mut *dst).expect("in memory");
            rest = after;
        }
    }

    fn decode(&mut self, src: &[u8], dst: &mut [T]) {
        let (file, mut src) = pco::wrapped::FileDecompressor::new(src).expect("own header");
        let mut rest = dst;
        for n in chunk_sizes(rest.len()) {
            let (chunk, after) = rest.split_at_mut(n);
            let (decompressor, page) = file.chunk_decompressor::<T, _>(src).expect("own metadata");
            let mut reader = decompressor
                .page_decompressor_with_scratch(page, n, &mut self.scratch)
                .expect("own page");
            reader.read(chunk).expect("own page");
            src = reader.into_src();
            rest = after;
        }
    }
}

fn best_isa() -> Isa {
    Isa::best().expect("a tier that this CPU has")
}

/// zstd on the bytes as they are, or with the bytes of numbers gathered by their place in the number.
pub(crate) struct Zstd {
    compressor: zstd::bulk::Compressor<'static>,
    decompressor: zstd::bulk::Decompressor<'static>,
    /// The shuffled bytes; none if they are not shuffled.
    shuffled: Option<Vec<u8>>,
}

impl Zstd {
    pub(crate) fn new(level: i32, is_shuffled: bool) -> Self {
        Self {
            compressor: zstd::bulk::Compressor::new(level).expect("a level of zstd"),
            decompressor: zstd::bulk::Decompressor::new().expect("memory"),
            shuffled: is_shuffled.then(Vec::new),
        }
    }
}

impl<T: Number> Codec<T> for Zstd {
    fn encode(&mut self, nums: &[T], dst: &mut Vec<u8>) {
        let bytes: &[u8] = bytemuck::cast_slice(nums);
        let bytes = match &mut self.shuffled {
            Some(shuffled) => {
                shuffled.resize(bytes.len(), 0);
                shuffle::shuffle(best_isa(), size_of::<T>(), bytes, shuffled);
                shuffled
            }
            None => bytes,
        };
        self.compressor
            .compress_to_buffer(bytes, dst)
            .expect("room for the worst case");
    }

    fn decode(&mut self, src: &[u8], dst: &mut [T]) {
        let bytes: &mut [u8] = bytemuck::cast_slice_mut(dst);
        match &mut self.shuffled {
            Some(shuffled) => {
                shuffled.resize(bytes.len(), 0);
                self.decompressor
                    .decompress_to_buffer(src, &mut shuffled[..])
                    .expect("own bytes");
                shuffle::unshuffle(best_isa(), size_of::<T>(), shuffled, bytes);
            }
            None => {
                self.decompressor
                    .decompress_to_buffer(src, bytes)
                    .expect("own bytes");
            }
        }
    }
}

/// What the memory of this machine allows.
pub(crate) struct Memcpy;

impl<T: Number> Codec<T> for Memcpy {
    fn encode(&mut self, nums: &[T], dst: &mut Vec<u8>) {
        dst.extend_from_slice(bytemuck::cast_slice(nums));
    }

    fn decode(&mut self, src: &[u8], dst: &mut [T]) {
        bytemuck::cast_slice_mut(dst).copy_from_slice(src);
    }
}
