//! Every truncation and every single-bit flip of small chunks and files of every mode and delta encoding.

use paginum_wrapped::{NumberType, with_number_type};

use super::support::numbers::{Kind, numbers};
use super::support::random::Random;
use super::support::wire::plans::{VERSIONS, plans};
use super::support::wire::standalone::{Front, file};
use super::support::{Tested, is_long};
use super::verdict;

/// Flips bit after bit, and hands each version of `bytes` to `check`.
fn each_flip(bytes: &[u8], mut check: impl FnMut(&[u8], usize)) {
    let mut damaged = bytes.to_vec();
    for bit in 0..bytes.len() * 8 {
        damaged[bit / 8] ^= 1 << (bit % 8);
        check(&damaged, bit);
        damaged[bit / 8] ^= 1 << (bit % 8);
    }
}

/// Of the plans, every `step`-th: which ones differs from type to type.
fn chunks_are_damaged<T: Tested>(n: usize, step: usize) {
    let first = T::NUMBER_TYPE as usize % step;
    for (i, mut plan) in plans::<T>(n)
        .into_iter()
        .enumerate()
        .skip(first)
        .step_by(step)
    {
        plan.n_per_page = vec![n];
        plan.max_bins = plan.max_bins.min(20);
        let kind = Kind::ALL[i % Kind::ALL.len()];
        let nums = numbers::<T>(kind, n, i as u64);
        let chunk = plan.write(&nums);
        let (header, meta, page) = (&chunk.header, &chunk.meta, &chunk.pages[0]);
        let what = format!(
            "{} {kind:?} {n} {:?} {:?}",
            T::NUMBER_TYPE,
            plan.mode,
            plan.delta
        );
        assert!(verdict::on_page::<T>(header, meta, page, n, &what));
        each_flip(meta, |meta, bit| {
            verdict::on_page::<T>(
                header,
                meta,
                page,
                n,
                &format!("{what}: bit {bit} of the metadata"),
            );
        });
        each_flip(page, |page, bit| {
            verdict::on_page::<T>(
                header,
                meta,
                page,
                n,
                &format!("{what}: bit {bit} of the page"),
            );
        });
        for len in 0..meta.len() {
            let what = format!("{what}: {len} bytes of metadata");
            assert!(
                !verdict::on_page::<T>(header, &meta[..len], page, n, &what),
                "{what}"
            );
        }
        for len in 0..page.len() {
            let what = format!("{what}: {len} bytes of the page");
            assert!(
                !verdict::on_page::<T>(header, meta, &page[..len], n, &what),
                "{what}"
            );
        }
        for wrong_n in [1, n - 1, n + 1, n + 256] {
            verdict::on_page::<T>(
                header,
                meta,
                page,
                wrong_n,
                &format!("{what}: read as {wrong_n} numbers"),
            );
        }
    }
}

fn files_are_damaged<T: Tested>(n: usize) {
    let random = &mut Random::new(n as u64);
    let type_byte = T::NUMBER_TYPE as u8;
    for (i, plan) in plans::<T>(n).into_iter().enumerate().step_by(5) {
        let nums = numbers::<T>(Kind::ALL[i % Kind::ALL.len()], n, i as u64);
        let front = Front {
            version: if plan.version < VERSIONS[2] {
                plan.version.0
            } else {
                2 + random.below(2) as u8
            },
            uniform_type: random.pick(&[0, type_byte]),
            n_hint: n as u64,
            n_hint_bits: random.pick(&[12, 64]),
        };
        let bytes = file(front, plan.version, type_byte, &[plan.write(&nums)]);
        let what = format!(
            "{} {n} {:?} {:?} {front:?}",
            T::NUMBER_TYPE,
            plan.mode,
            plan.delta
        );
        assert!(verdict::on_file::<T>(&bytes, &what));
        each_flip(&bytes, |bytes, bit| {
            verdict::on_file::<T>(bytes, &format!("{what}: bit {bit}"));
        });
        for len in 0..bytes.len() {
            let what = format!("{what}: {len} bytes");
            assert!(!verdict::on_file::<T>(&bytes[..len], &what), "{what}");
        }
    }
}

#[test]
fn damaged_chunks_have_the_oracles_verdict() {
    for number_type in NumberType::ALL {
        with_number_type!(number_type, |T| {
            chunks_are_damaged::<T>(20, if is_long() { 1 } else { 5 });
            if is_long() {
                chunks_are_damaged::<T>(2, 1);
                chunks_are_damaged::<T>(300, 1);
            }
        });
    }
    chunks_are_damaged::<u8>(270, 20);
}

#[test]
fn damaged_files_have_the_oracles_verdict() {
    for number_type in NumberType::ALL {
        with_number_type!(number_type, |T| {
            files_are_damaged::<T>(30);
            if is_long() {
                files_are_damaged::<T>(300);
            }
        });
    }
}
