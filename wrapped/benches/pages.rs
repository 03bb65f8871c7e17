//! Small things, ours beside pco's: a page of 1,024 numbers, one row of a page of 2^18, arrays of 100 numbers; and pages over
//! two threads.
//!
//! `cargo bench -p paginum-wrapped --features parallel --bench pages`. Kernels are private: these go
//! through the doors that callers use.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use paginum_wrapped::{
    ChunkConfig, CompressScratch, DeltaSpec, FileCompressor, FileDecompressor, Page, PageScratch,
    RowIndex, standalone,
};

/// A walk of normal steps: about 20 bins, offsets of several widths.
fn walk(n: usize) -> Vec<i64> {
    let (mut state, mut level) = (1u64, 1i64 << 40);
    let mut uniform = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as i64 % 1000
    };
    (0..n)
        .map(|_| {
            level += uniform() + uniform() + uniform() - 1498;
            level
        })
        .collect()
}

/// Header and metadata, and the only page, of a chunk.
fn compressed<T: paginum_wrapped::Number>(
    nums: &[T],
    config: &ChunkConfig,
) -> (Vec<u8>, Vec<u8>, RowIndex) {
    let file = FileCompressor::new().expect("a tier");
    let chunk = file
        .chunk_compressor(nums, config)
        .expect("a legal configuration");
    let (mut meta, mut page) = (Vec::new(), Vec::new());
    file.write_header(&mut meta);
    chunk.write_meta(&mut meta);
    let index = chunk.write_page_indexed(0, &mut page).expect("in memory");
    (meta, page, index)
}

fn page_of_1024(c: &mut Criterion) {
    const N: usize = 1024;
    let nums = walk(N);
    let (meta, page, _) = compressed(&nums, &ChunkConfig::default());
    let mut dst = vec![0; N];
    let mut group = c.benchmark_group("page of 1024 i64");
    let (file, header_bytes) = FileDecompressor::new(&meta).expect("own header");
    let (chunk, _) = file
        .chunk_decompressor::<i64>(&meta[header_bytes..])
        .expect("own metadata");
    let mut reader = chunk.reader();
    group.bench_function("metadata parsed, paginum", |b| {
        b.iter(|| {
            reader
                .read_into(Page::new(black_box(&page), N), &mut dst)
                .expect("own page")
        });
    });
    assert_eq!(dst, nums);
    let mut scratch = PageScratch::default();
    group.bench_function("with header and metadata, paginum", |b| {
        b.iter(|| {
            let (file, header_bytes) = FileDecompressor::new(black_box(&meta)).expect("own header");
            let (chunk, _) = file
                .chunk_decompressor::<i64>(&meta[header_bytes..])
                .expect("own metadata");
            chunk
                .reader_in(&mut scratch)
                .read_into(Page::new(&page, N), &mut dst)
                .expect("own page")
        });
    });
    let (file, rest) = pco::wrapped::FileDecompressor::new(&meta[..]).expect("a header");
    let (chunk, _) = file.chunk_decompressor::<i64, _>(rest).expect("metadata");
    let mut scratch = pco::DecompressorScratch::default();
    group.bench_function("metadata parsed, pco", |b| {
        b.iter(|| {
            let mut reader = chunk
                .page_decompressor_with_scratch(black_box(&page[..]), N, &mut scratch)
                .expect("a page");
            reader.read(&mut dst).expect("a page")
        });
    });
    assert_eq!(dst, nums);
    group.bench_function("with header and metadata, pco", |b| {
        b.iter(|| {
            let (file, rest) =
                pco::wrapped::FileDecompressor::new(black_box(&meta[..])).expect("a header");
            let (chunk, _) = file.chunk_decompressor::<i64, _>(rest).expect("metadata");
            let mut reader = chunk
                .page_decompressor_with_scratch(&page[..], N, &mut scratch)
                .expect("a page");
            reader.read(&mut dst).expect("a page")
        });
    });
    group.finish();
}

fn row_of_a_large_page(c: &mut Criterion) {
    const N: usize = 1 << 18;
    let nums: Vec<i32> = walk(N).into_iter().map(|x| x as i32).collect();
    let mut group = c.benchmark_group("one row of 2^18 i32");
    for delta in [
        DeltaSpec::NoOp,
        DeltaSpec::TryConsecutive(1),
        DeltaSpec::TryConv1(2),
    ] {
        let (meta, page, index) = compressed(&nums, &ChunkConfig::default().with_delta_spec(delta));
        let (file, header_bytes) = FileDecompressor::new(&meta).expect("own header");
        let (chunk, _) = file
            .chunk_decompressor::<i32>(&meta[header_bytes..])
            .expect("own metadata");
        let mut reader = chunk.reader();
        let mut row = 12_345;
        let mut dst = [0];
        let name = format!(
            "{delta:?}, every {}, index {:.2} %",
            index.spacing(),
            100.0 * index.size_bytes() as f64 / page.len() as f64
        );
        group.bench_function(name, |b| {
            b.iter(|| {
                // Rows in no order, as far from a checkpoint as chance has it.
                row = (row * 1_103_515_245 + 12_345) % N;
                let page = Page::new(black_box(&page), N);
                reader
                    .read_rows_into(page, &index, row..row + 1, &mut dst)
                    .expect("own page");
                assert_eq!(dst[0], nums[row]);
            });
        });
    }
    group.finish();
}

fn hundred_numbers(c: &mut Criterion) {
    const N: usize = 100;
    let nums = walk(N);
    let config = ChunkConfig::default();
    let pco_config = pco::ChunkConfig::default();
    let mut group = c.benchmark_group("100 i64");
    let mut dst = vec![0; N];
    let file = FileCompressor::new().expect("a tier");
    let (mut bytes, mut scratch) = (Vec::new(), CompressScratch::default());
    group.bench_function("encode, paginum", |b| {
        b.iter(|| {
            bytes.clear();
            let chunk = file
                .chunk_compressor(black_box(&nums), &config)
                .expect("a legal configuration");
            chunk.write_meta(&mut bytes);
            chunk
                .writer_in(&mut scratch)
                .write(0, &mut bytes)
                .expect("in memory");
        });
    });
    group.bench_function("encode, pco", |b| {
        b.iter(|| {
            bytes.clear();
            let file = pco::wrapped::FileCompressor::default();
            let mut chunk = file
                .chunk_compressor(black_box(&nums), &pco_config)
                .expect("a legal configuration");
            chunk.write_meta(&mut bytes).expect("in memory");
            chunk.write_page(0, &mut bytes).expect("in memory");
        });
    });
    let ours = standalone::compress(&nums, &config).expect("a legal configuration");
    group.bench_function("decode, paginum", |b| {
        b.iter(|| standalone::decompress_into(black_box(&ours), &mut dst).expect("own file"));
    });
    assert_eq!(dst, nums);
    group.bench_function("decode, pco", |b| {
        b.iter(|| {
            pco::standalone::simple_decompress_into(black_box(&ours), &mut dst).expect("a file")
        });
    });
    assert_eq!(dst, nums);
    group.finish();
}

/// Pages over two threads, beside two threads that have half of the pages each and share nothing: what two processes do.
#[cfg(feature = "parallel")]
fn two_threads(c: &mut Criterion) {
    const N_PAGES: usize = 16;
    const N: usize = 1 << 16;
    let nums = walk(N_PAGES * N);
    let config = ChunkConfig::default()
        .with_paging_spec(paginum_wrapped::PagingSpec::Exact(vec![N; N_PAGES]));
    let file = FileCompressor::new().expect("a tier");
    let chunk = file
        .chunk_compressor(&nums, &config)
        .expect("a legal configuration");
    let (mut meta, mut bytes) = (Vec::new(), Vec::new());
    file.write_header(&mut meta);
    chunk.write_meta(&mut meta);
    let lengths = chunk.write_pages(&mut bytes);
    let (file, header_bytes) = FileDecompressor::new(&meta).expect("own header");
    let (chunk, _) = file
        .chunk_decompressor::<i64>(&meta[header_bytes..])
        .expect("own metadata");
    let mut rest = &bytes[..];
    let cut = |&length: &usize| rest.split_off(..length).expect("the bytes of all pages");
    let pages = lengths.iter().map(cut).map(|page| Page::new(page, N));
    let pages: Vec<Page<'_>> = pages.collect();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(2)
        .build()
        .expect("a pool");

    let mut dst = vec![0; nums.len()];
    let mut group = c.benchmark_group("16 pages of 2^16 i64, two threads");
    group.bench_function("read_pages_into", |b| {
        pool.install(|| b.iter(|| chunk.read_pages_into(black_box(&pages), &mut dst)));
    });
    assert_eq!(dst, nums);
    let half = |pages: &[Page<'_>], dst: &mut [i64]| {
        let mut reader = chunk.reader();
        for (&page, dst) in pages.iter().zip(dst.chunks_exact_mut(N)) {
            reader.read_into(page, dst).expect("own page");
        }
    };
    group.bench_function("half of the pages each", |b| {
        pool.install(|| {
            b.iter(|| {
                let (first, second) = black_box(&pages).split_at(N_PAGES / 2);
                let (first_dst, second_dst) = dst.split_at_mut(N_PAGES / 2 * N);
                rayon::join(|| half(first, first_dst), || half(second, second_dst));
            });
        });
    });
    assert_eq!(dst, nums);
    group.finish();
}

#[cfg(not(feature = "parallel"))]
fn two_threads(_: &mut Criterion) {}

criterion_group!(
    pages,
    page_of_1024,
    row_of_a_large_page,
    hundred_numbers,
    two_threads
);
criterion_main!(pages);
