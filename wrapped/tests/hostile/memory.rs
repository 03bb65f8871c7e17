//! What honest work costs in memory: nothing after the first page, and little beside the chunk.

use paginum_wrapped::{
    ChunkConfig, ChunkDecompressor, CompressScratch, DeltaSpec, FileCompressor, FileDecompressor,
    ModeSpec, Page, PageReader, PageScratch, PageWriter, PagingSpec,
};

use super::allocation::{peak, total};
use super::support::numbers::{Kind, numbers};

const N: usize = 1 << 17;
const PAGE_N: usize = 1 << 13;

/// Compresses 2^17 numbers in pages; returns metadata with its header, and the pages.
fn compress(nums: &[i32], config: &ChunkConfig) -> (Vec<u8>, Vec<Vec<u8>>) {
    let config = config
        .clone()
        .with_paging_spec(PagingSpec::EqualPagesUpTo(PAGE_N));
    let file = FileCompressor::new().expect("a tier");
    let chunk = file.chunk_compressor(nums, &config).expect("legal");
    let mut meta = Vec::new();
    file.write_header(&mut meta);
    chunk.write_meta(&mut meta);
    let write_page = |page_no| {
        let mut page = Vec::new();
        chunk.write_page(page_no, &mut page).expect("in memory");
        page
    };
    (
        meta,
        (0..chunk.n_per_page().len()).map(write_page).collect(),
    )
}

#[test]
fn after_the_first_page_decoding_allocates_nothing() {
    let nums = numbers::<i32>(Kind::Decimals, N, 1);
    let mut deltas = vec![DeltaSpec::NoOp, DeltaSpec::TryLookback];
    deltas.extend([1, 7].map(DeltaSpec::TryConsecutive));
    deltas.extend([1, 32].map(DeltaSpec::TryConv1));
    for delta_spec in deltas {
        for mode_spec in [
            ModeSpec::Classic,
            ModeSpec::TryIntMult(10),
            ModeSpec::TryDict,
        ] {
            let config = ChunkConfig::default()
                .with_delta_spec(delta_spec)
                .with_mode_spec(mode_spec);
            let (meta, pages) = compress(&nums, &config);
            let (file, header_bytes) = FileDecompressor::new(&meta).expect("own header");
            let open = || {
                let meta = &meta[header_bytes..];
                let (chunk, _) = file.chunk_decompressor::<i32>(meta).expect("own metadata");
                chunk
            };
            let (chunk, next_chunk) = (open(), open());
            let mut scratch = PageScratch::default();
            let mut dst = vec![0; PAGE_N];
            let (_, held) = peak(|| {
                chunk
                    .reader_in(&mut scratch)
                    .read_into(Page::new(&pages[0], PAGE_N), &mut dst)
                    .expect("own page")
            });
            // A lookback window is as long as the page at most, and there may be two copies of it.
            let window = if delta_spec == DeltaSpec::TryLookback {
                4 * PAGE_N * 4
            } else {
                0
            };
            assert!(
                held <= (64 << 10) + window,
                "{delta_spec:?} {mode_spec:?}: {held} bytes of scratch"
            );
            // A window and a list of weights belong to their page.
            if matches!(delta_spec, DeltaSpec::TryLookback | DeltaSpec::TryConv1(_)) {
                continue;
            }
            let allocated = allocated_later([&chunk, &next_chunk], &pages, &mut scratch);
            assert_eq!(
                allocated, [0; 3],
                "{delta_spec:?} {mode_spec:?}: bytes allocated after the first page"
            );
        }
    }
}

/// What pages cost once `scratch` has read the first one of a chunk: the others, those of the next chunk, and those that a
/// reader with memory of its own reads after its first.
fn allocated_later(
    [chunk, next_chunk]: [&ChunkDecompressor<i32>; 2],
    pages: &[Vec<u8>],
    scratch: &mut PageScratch<i32>,
) -> [usize; 3] {
    let mut dst = vec![0; PAGE_N];
    let mut allocated_by = |reader: &mut PageReader<'_, i32>, pages: &[Vec<u8>]| {
        let read_all = || {
            for page in pages {
                let page = Page::new(page, PAGE_N);
                reader.read_into(page, &mut dst).expect("own page");
            }
        };
        total(read_all).1
    };
    let own = &mut chunk.reader();
    assert!(allocated_by(own, &pages[..1]) > 0, "a reader's own memory");
    [
        allocated_by(&mut chunk.reader_in(scratch), &pages[1..]),
        allocated_by(&mut next_chunk.reader_in(scratch), pages),
        allocated_by(own, &pages[1..]),
    ]
}

#[test]
fn after_the_first_page_writing_allocates_nothing() {
    let nums = numbers::<i32>(Kind::Walk, N, 1);
    let config =
        ChunkConfig::default().with_paging_spec(PagingSpec::Exact(vec![PAGE_N; N / PAGE_N]));
    let file = FileCompressor::new().expect("a tier");
    let [chunk, next_chunk] = [0; 2].map(|_| file.chunk_compressor(&nums, &config).expect("legal"));
    let mut scratch = CompressScratch::default();
    let mut bytes = Vec::with_capacity(2 * size_of_val(&nums[..]));
    let mut allocated_by = |writer: &mut PageWriter<'_, i32>| {
        bytes.clear();
        let mut write = |page| writer.write(page, &mut bytes).expect("in memory");
        total(|| (0..N / PAGE_N).for_each(&mut write)).1
    };
    let mut writer = chunk.writer_in(&mut scratch);
    assert!(
        allocated_by(&mut writer) > 0,
        "the first pages make the scratch"
    );
    assert_eq!(allocated_by(&mut writer), 0);
    assert_eq!(allocated_by(&mut next_chunk.writer_in(&mut scratch)), 0);
    let own = &mut chunk.writer();
    allocated_by(own);
    assert_eq!(allocated_by(own), 0);
}

#[test]
fn encoding_holds_little_more_than_twice_the_chunk() {
    let nums = numbers::<i32>(Kind::Walk, N, 1);
    let raw = size_of_val(&nums[..]);
    for level in [4, 8, 12] {
        let config = ChunkConfig::default().with_level(level);
        let (pages, held) = peak(|| compress(&nums, &config));
        println!(
            "level {level}: {:.2} times the raw chunk",
            held as f64 / raw as f64
        );
        assert!(pages.1.len() == N / PAGE_N);
        assert!(
            held <= MOST_OF_RAW_QUARTERS * raw / 4,
            "level {level}: {held} bytes held for a chunk of {raw}"
        );
    }
}

/// What the encoder may hold, in quarters of a raw chunk: its latents and what is made of them, and tables.
const MOST_OF_RAW_QUARTERS: usize = 9;
