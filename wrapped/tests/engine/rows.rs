//! Rows out of pages through a `RowIndex`: of our pages and of pages that others wrote, for every delta encoding.

use std::ops::Range;

use paginum_wrapped::{
    ChunkConfig, ChunkDecompressor, Error, FileDecompressor, Isa, NumberType, Page, RowIndex,
    with_number_type,
};

use crate::support::Tested;
use crate::support::bitwise::assert_same_bits;
use crate::support::numbers::{Kind, numbers};
use crate::support::oracle::{self, WrappedChunk};
use crate::support::random::Random;
use crate::support::specs::delta_specs;
use crate::support::wire::Plan;
use crate::support::wire::plans::plans;

/// Ranges that begin and end anywhere: none, one, around batches and checkpoints, all.
fn ranges(n: usize, random: &mut Random) -> Vec<Range<usize>> {
    let mut ranges = vec![0..0, n..n, 0..1, n - 1..n, 0..n, n / 2..n];
    for at in [255, 256, 257, 1023, 1024, 1025, 2048, 4095] {
        ranges.push(at.min(n)..(at + 2).min(n));
    }
    for _ in 0..12 {
        let start = random.index(n);
        ranges.push(start..start + random.index(n - start + 1));
    }
    ranges
}

/// Reads rows of `page` through its index, and through the same index written and read back.
pub(crate) fn rows_are_right<T: Tested>(
    chunk: &ChunkDecompressor<T>,
    page: &[u8],
    nums: &[T],
    index: &RowIndex,
    what: &impl std::fmt::Debug,
) {
    let mut bytes = Vec::new();
    index.write(&mut bytes);
    assert_eq!(bytes.len(), index.size_bytes(), "{what:?}");
    bytes.extend(b"more");
    let (restored, n_bytes) = RowIndex::read(&bytes).unwrap_or_else(|e| panic!("{what:?}: {e}"));
    assert_eq!(n_bytes, bytes.len() - 4, "{what:?}");
    let random = &mut Random::new(nums.len() as u64);
    for rows in ranges(nums.len(), random) {
        for index in [index, &restored] {
            let mut dst = vec![T::default(); rows.len()];
            chunk
                .read_rows_into(Page::new(page, nums.len()), index, rows.clone(), &mut dst)
                .unwrap_or_else(|e| panic!("{what:?}, rows {rows:?}: {e}"));
            assert_same_bits(&dst, &nums[rows.clone()], (what, &rows));
        }
    }
}

fn pages_are_indexed<T: Tested>(chunk: &WrappedChunk, nums: &[T], what: impl std::fmt::Debug) {
    for isa in Isa::available() {
        let (file, _) = FileDecompressor::new(&chunk.header).expect("our header");
        let (decompressor, _) = file
            .with_isa(isa)
            .chunk_decompressor::<T>(&chunk.meta)
            .unwrap_or_else(|e| panic!("{what:?}: {e}"));
        let mut start = 0;
        for (page, &n) in chunk.pages.iter().zip(&chunk.n_per_page) {
            let index = decompressor
                .index_page(Page::new(page, n))
                .unwrap_or_else(|e| panic!("{what:?} {isa:?}: {e}"));
            rows_are_right(
                &decompressor,
                page,
                &nums[start..start + n],
                &index,
                &(&what, isa, start),
            );
            start += n;
        }
    }
}

fn foreign_pages<T: Tested>(n: usize) {
    for (i, plan) in plans::<T>(n).into_iter().enumerate() {
        let kind = Kind::ALL[i % Kind::ALL.len()];
        let nums = numbers::<T>(kind, n, i as u64);
        pages_are_indexed(&plan.write(&nums), &nums, (T::NUMBER_TYPE, kind, &plan));
    }
}

#[test]
fn rows_of_pages_from_another_writer() {
    for number_type in NumberType::ALL {
        with_number_type!(number_type, |T| foreign_pages::<T>(3000));
    }
}

fn pages_of_pco<T: Tested>() {
    let n = 20_000;
    for delta_spec in delta_specs(T::NUMBER_TYPE) {
        let config = ChunkConfig::default().with_delta_spec(delta_spec);
        if oracle::panics(&config, n) {
            continue;
        }
        let nums = numbers::<T>(Kind::Walk, n, 5);
        let chunk = oracle::compress_wrapped(&nums, &oracle::config(&config)).expect("legal");
        pages_are_indexed(&chunk, &nums, (T::NUMBER_TYPE, delta_spec, "pco"));
    }
}

#[test]
fn rows_of_pages_that_pco_wrote() {
    for number_type in NumberType::ALL {
        with_number_type!(number_type, |T| pages_of_pco::<T>());
    }
}

#[test]
fn rows_outside_the_page_and_destinations_that_do_not_fit_are_invalid_arguments() {
    let nums = numbers::<i32>(Kind::Walk, 5000, 1);
    let plan = plans::<i32>(5000).swap_remove(3);
    let chunk = Plan {
        n_per_page: vec![5000],
        ..plan
    }
    .write(&nums);
    let (file, _) = FileDecompressor::new(&chunk.header).expect("our header");
    let (decompressor, _) = file
        .chunk_decompressor::<i32>(&chunk.meta)
        .expect("our metadata");
    let page = Page::new(&chunk.pages[0], nums.len());
    let index = decompressor.index_page(page).expect("our page");
    #[expect(clippy::reversed_empty_ranges, reason = "what is tested")]
    for (rows, dst_n) in [(4999..5001, 2), (5001..5001, 0), (10..5, 0), (0..10, 9)] {
        let result = decompressor.read_rows_into(page, &index, rows.clone(), &mut vec![0; dst_n]);
        assert!(
            matches!(result, Err(Error::InvalidArgument(_))),
            "{rows:?} into {dst_n}: {result:?}"
        );
    }
}
