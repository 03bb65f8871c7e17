//! Files of every version of the format, from the tests' own writer: wrapped 0 to 4.1, standalone 0 to 3.

use paginum_wrapped::{FileDecompressor, Isa, NumberType, standalone, with_number_type};

use crate::support::Tested;
use crate::support::bitwise::assert_same_bits;
use crate::support::numbers::{Kind, numbers};
use crate::support::ours;
use crate::support::wire::meta::WireDelta;
use crate::support::wire::plans::{VERSIONS, plans};
use crate::support::wire::standalone::{Front, file, wrapped_header};
use crate::support::wire::{Plan, PlanMode};

fn all_plans_are_read<T: Tested>(n: usize) {
    for (i, plan) in plans::<T>(n).into_iter().enumerate() {
        let kind = Kind::ALL[i % Kind::ALL.len()];
        let nums = numbers::<T>(kind, n, i as u64);
        let chunk = plan.write(&nums);
        for isa in Isa::available() {
            let mut start = 0;
            for (page, &page_n) in chunk.pages.iter().zip(&chunk.n_per_page) {
                let what = (T::NUMBER_TYPE, kind, isa, start, &plan);
                let (decoded, n_bytes) =
                    ours::decompress_page::<T>(isa, &chunk.header, &chunk.meta, page, page_n)
                        .unwrap_or_else(|e| panic!("{what:?}: {e}"));
                assert_same_bits(&decoded, &nums[start..start + page_n], what);
                assert_eq!(n_bytes, page.len(), "{what:?}");
                start += page_n;
            }
        }
    }
}

#[test]
fn every_mode_delta_and_version_is_read() {
    for number_type in NumberType::ALL {
        with_number_type!(number_type, |T| {
            all_plans_are_read::<T>(600);
            all_plans_are_read::<T>(1500);
        });
    }
}

#[test]
fn headers_say_their_version() {
    for version in VERSIONS {
        let header = wrapped_header(version);
        let (file, n_bytes) = FileDecompressor::new(&header).expect("a known version");
        assert_eq!((file.version().major, file.version().minor), version);
        assert_eq!(n_bytes, header.len());
    }
}

/// The plan that every version can hold.
fn old_plan<T: Tested>(version: (u8, u8), n: usize) -> Plan<T> {
    Plan {
        version,
        mode: PlanMode::Classic,
        delta: WireDelta::Consecutive {
            order: 2,
            secondary: false,
        },
        n_per_page: vec![n - 7, 7],
        max_bins: 5,
        seed: 1,
    }
}

fn standalone_versions_are_read<T: Tested>() {
    let type_byte = T::NUMBER_TYPE as u8;
    let nums = numbers::<T>(Kind::Walk, 300, 3);
    // Before standalone version 2, the version byte is the wrapped version's.
    let fronts = [(0, VERSIONS[0]), (1, VERSIONS[1])];
    let later = [2, 3]
        .into_iter()
        .flat_map(|version| VERSIONS.map(|wrapped| (version, wrapped)));
    for (front_version, version) in fronts.into_iter().chain(later) {
        let chunks = [old_plan::<T>(version, nums.len()).write(&nums)];
        for uniform_type in [0, type_byte] {
            // A hint is no promise: too small, exact, absurd, and in a field wider than it needs.
            for (n_hint, n_hint_bits) in [(0, 1), (300, 9), (300, 64), (u64::MAX, 64)] {
                let front = Front {
                    version: front_version,
                    uniform_type,
                    n_hint,
                    n_hint_bits,
                };
                let mut bytes = file(front, version, type_byte, &chunks);
                let what = (T::NUMBER_TYPE, front, version);
                let decoded: Vec<T> =
                    standalone::decompress(&bytes).unwrap_or_else(|e| panic!("{what:?}: {e}"));
                assert_same_bits(&decoded, &nums, what);
                bytes.extend(b"bytes behind the terminator are no concern of the format");
                let decoded: Vec<T> =
                    standalone::decompress(&bytes).unwrap_or_else(|e| panic!("{what:?}: {e}"));
                assert_same_bits(&decoded, &nums, what);
            }
        }
    }
}

#[test]
fn every_standalone_version_is_read() {
    for number_type in NumberType::ALL {
        with_number_type!(number_type, |T| standalone_versions_are_read::<T>());
    }
}

#[test]
fn an_empty_file_of_any_version_is_an_empty_array() {
    for version in VERSIONS {
        for front_version in [2, 3] {
            let front = Front {
                version: front_version,
                uniform_type: 5,
                n_hint: 0,
                n_hint_bits: 1,
            };
            let bytes = file(front, version, 5, &[]);
            assert_eq!(standalone::decompress::<f32>(&bytes).expect("valid"), []);
        }
    }
}
