//! Destinations of any length, streams read in pieces of any length, scratch used again, one decompressor for many threads.

use paginum_wrapped::{FileDecompressor, Isa, NumberType, Page, with_number_type};

use crate::support::Tested;
use crate::support::bitwise::assert_same_bits;
use crate::support::numbers::{Kind, numbers};
use crate::support::random::Random;
use crate::support::wire::plans::plans;

const N: usize = 1100;

fn any_length_is_allowed<T: Tested>() {
    let random = &mut Random::new(7);
    for (i, mut plan) in plans::<T>(N).into_iter().enumerate() {
        plan.n_per_page = vec![N];
        let nums = numbers::<T>(Kind::ALL[i % Kind::ALL.len()], N, i as u64);
        let written = plan.write(&nums);
        let page = &written.pages[0];
        let (file, _) = FileDecompressor::new(&written.header).expect("a known version");
        let isa = random.pick(&Isa::available());
        let (chunk, _) = file
            .with_isa(isa)
            .chunk_decompressor::<T>(&written.meta)
            .expect("valid");
        let mut reader = chunk.reader();
        for dst_n in [
            0,
            1,
            255,
            256,
            257,
            512,
            random.index(N),
            N - 1,
            N,
            N + 1,
            N + 300,
        ] {
            let what = (T::NUMBER_TYPE, isa, dst_n, &plan);
            // What lies behind the page must stay as it was.
            let untouched = numbers::<T>(Kind::Random, dst_n, 3);
            let mut dst = untouched.clone();
            let progress = reader
                .read_into(Page::new(page, N), &mut dst)
                .unwrap_or_else(|e| panic!("{what:?}: {e}"));
            let n_read = dst_n.min(N);
            assert_eq!(
                (progress.n_processed, progress.finished),
                (n_read, dst_n >= N),
                "{what:?}"
            );
            let n_bytes = (dst_n >= N).then_some(page.len());
            assert_eq!(progress.n_bytes, n_bytes, "{what:?}");
            assert_same_bits(&dst[..n_read], &nums[..n_read], what);
            assert_same_bits(&dst[n_read..], &untouched[n_read..], what);
        }
        let mut reader = chunk
            .page_decompressor(Page::new(page, N))
            .expect("a valid page");
        let mut decoded = Vec::new();
        while decoded.len() < N {
            let piece = random.pick(&[0, 1, 3, 100, 255, 256, 257, 600]);
            let mut dst = vec![T::default(); piece];
            let progress = reader
                .read(&mut dst)
                .unwrap_or_else(|e| panic!("{plan:?}: {e}"));
            assert_eq!(
                progress.n_processed,
                piece.min(N - decoded.len()),
                "{plan:?}"
            );
            decoded.extend(&dst[..progress.n_processed]);
            assert_eq!(progress.finished, decoded.len() == N, "{plan:?}");
        }
        assert_same_bits(&decoded, &nums, (T::NUMBER_TYPE, isa, "in pieces", &plan));
    }
}

#[test]
fn a_page_is_read_into_a_destination_of_any_length() {
    for number_type in NumberType::ALL {
        with_number_type!(number_type, |T| any_length_is_allowed::<T>());
    }
}

#[test]
fn one_decompressor_serves_many_threads() {
    let nums = numbers::<f64>(Kind::Decimals, 10_000, 1);
    let plan = plans::<f64>(600).swap_remove(40);
    let written = crate::support::wire::Plan {
        n_per_page: vec![2500; 4],
        ..plan
    }
    .write(&nums);
    let (file, _) = FileDecompressor::new(&written.header).expect("a known version");
    let (chunk, _) = file
        .chunk_decompressor::<f64>(&written.meta)
        .expect("valid");
    std::thread::scope(|scope| {
        for (page, expected) in written.pages.iter().zip(nums.chunks(2500)) {
            scope.spawn(|| {
                for _ in 0..20 {
                    let mut dst = vec![0.0; 2500];
                    chunk
                        .read_page_into(Page::new(page, 2500), &mut dst)
                        .expect("a valid page");
                    assert_same_bits(&dst, expected, "a thread");
                }
            });
        }
    });
}
