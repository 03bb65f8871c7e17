//! Pages and chunks over threads: the same bytes and the same numbers for any number of them.

use paginum_wrapped::{
    ChunkConfig, DeltaSpec, Error, FileCompressor, FileDecompressor, FormatVersion, Isa, ModeSpec,
    Page, PagingSpec, standalone,
};

use crate::support::numbers::{Kind, numbers};

const N: usize = 10_000;

fn config() -> ChunkConfig {
    ChunkConfig::default().with_paging_spec(PagingSpec::EqualPagesUpTo(700))
}

/// What `work` returns in pools of several sizes, which has to be the same.
fn in_every_pool<R: Send + PartialEq + std::fmt::Debug>(work: impl Fn() -> R + Sync) -> R {
    let mut results = [1, 2, 5].map(|n| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(n)
            .build()
            .expect("a pool");
        Some(pool.install(&work))
    });
    let first = results[0].take();
    for other in &mut results[1..] {
        assert_eq!(first, other.take());
    }
    first.expect("taken from the first pool")
}

#[test]
fn files_are_the_same_for_any_number_of_threads() {
    let nums = numbers::<i64>(Kind::Walk, N, 1);
    let bytes = in_every_pool(|| standalone::compress(&nums, &config()).unwrap());
    assert_eq!(standalone::decompress::<i64>(&bytes).unwrap(), nums);
}

#[test]
fn pages_are_the_same_for_any_number_of_threads() {
    let nums = numbers::<f32>(Kind::Decimals, N, 2);
    let compressor = FileCompressor::new().unwrap();
    let chunk = compressor.chunk_compressor(&nums, &config()).unwrap();
    let (lengths, bytes) = in_every_pool(|| {
        let mut bytes = Vec::new();
        (chunk.write_pages(&mut bytes), bytes)
    });
    let mut one_by_one = Vec::new();
    for page in 0..chunk.n_per_page().len() {
        chunk.write_page(page, &mut one_by_one).unwrap();
    }
    assert_eq!(bytes, one_by_one);

    let mut meta = Vec::new();
    compressor.write_header(&mut meta);
    let header_len = meta.len();
    chunk.write_meta(&mut meta);
    let (file, _) = FileDecompressor::new(&meta).unwrap();
    assert_eq!(file.version(), FormatVersion::CURRENT);
    let (chunk_reader, _) = file.chunk_decompressor::<f32>(&meta[header_len..]).unwrap();
    let mut rest = &bytes[..];
    let mut pages: Vec<Page<'_>> = lengths
        .iter()
        .zip(chunk.n_per_page())
        .map(|(&length, &n)| Page::new(rest.split_off(..length).unwrap(), n))
        .collect();
    let read = in_every_pool(|| {
        let mut dst = vec![0.0; N];
        chunk_reader.read_pages_into(&pages, &mut dst).unwrap();
        dst
    });
    assert_eq!(read, nums);

    let endless = [(0, usize::MAX), (1, N + 1)].map(|(i, n)| Page::new(pages[i].bytes, n));
    for (pages, n) in [(&pages[..], N - 1), (&endless[..], N)] {
        let misfit = chunk_reader.read_pages_into(pages, &mut vec![0.0; n]);
        assert!(
            matches!(misfit, Err(Error::InvalidArgument(_))),
            "{misfit:?}"
        );
    }
    pages[7].bytes = &pages[7].bytes[..pages[7].bytes.len() / 2];
    let cut = in_every_pool(|| {
        let read = chunk_reader.read_pages_into(&pages, &mut vec![0.0; N]);
        read.unwrap_err().to_string()
    });
    assert!(cut.contains("truncated"), "{cut}");
}

/// Numbers of three values, some more frequent than others, so that all have bins of their own.
fn few_values(n: usize) -> Vec<u32> {
    let all = numbers::<u32>(Kind::Random, n, 3);
    let value = |x| [0, 0, 0, 0, 0, 5, 5, 900_000][x as usize % 8];
    all.into_iter().map(value).collect()
}

/// Pages of symbols only are read two at once: in equal lengths and in others, with deltas and without, with errors.
#[test]
fn two_pages_at_once_are_as_one_after_the_other() {
    for (mode, delta) in [
        (ModeSpec::Classic, DeltaSpec::NoOp),
        (ModeSpec::TryDict, DeltaSpec::NoOp),
        (ModeSpec::TryDict, DeltaSpec::TryConsecutive(1)),
    ] {
        let sizes = vec![5000, 5000, 700, 9000, 256, 100, 4000];
        let nums = few_values(sizes.iter().sum());
        let config = ChunkConfig::default()
            .with_mode_spec(mode)
            .with_delta_spec(delta)
            .with_paging_spec(PagingSpec::Exact(sizes.clone()));
        for isa in Isa::available() {
            let compressor = FileCompressor::new().unwrap().with_isa(isa);
            let chunk = compressor.chunk_compressor(&nums, &config).unwrap();
            let bins = &chunk.meta().primary.bins;
            assert!(bins.len() > 1 && bins.iter().all(|bin| bin.offset_bits == 0));
            let mut meta = Vec::new();
            compressor.write_header(&mut meta);
            chunk.write_meta(&mut meta);
            let (file, header_len) = FileDecompressor::new(&meta).unwrap();
            let file = file.with_isa(isa);
            let (reader, _) = file.chunk_decompressor::<u32>(&meta[header_len..]).unwrap();
            let mut bytes = Vec::new();
            let lengths = chunk.write_pages(&mut bytes);
            let mut rest = &bytes[..];
            let pages: Vec<Page<'_>> = lengths
                .iter()
                .zip(&sizes)
                .map(|(&length, &n)| Page::new(rest.split_off(..length).unwrap(), n))
                .collect();
            let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1);
            let one_thread = one_thread.build().expect("a pool");
            let mut read = vec![0; nums.len()];
            one_thread.install(|| reader.read_pages_into(&pages, &mut read).unwrap());
            assert_eq!(read, nums, "{mode:?} {delta:?}");

            for cut in 0..2 {
                let mut pages = pages[..2].to_vec();
                pages[cut].bytes = &pages[cut].bytes[..pages[cut].bytes.len() / 2];
                let mut dst = vec![0; 10_000];
                let error = one_thread.install(|| reader.read_pages_into(&pages, &mut dst));
                let mut dst = vec![0; 5000];
                let expected = reader.read_page_into(pages[cut], &mut dst);
                assert_eq!(
                    error.unwrap_err().to_string(),
                    expected.unwrap_err().to_string()
                );
            }
        }
    }
}
