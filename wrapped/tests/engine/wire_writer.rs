//! The tests' own wire-format writer against the oracle: what the other tests rely on.

use paginum_wrapped::{NumberType, with_number_type};

use crate::support::Tested;
use crate::support::bitwise::assert_same_bits;
use crate::support::numbers::{Kind, numbers};
use crate::support::oracle;
use crate::support::wire::plans::plans;

fn the_oracle_reads_all_plans<T: Tested>() {
    for (i, plan) in plans::<T>(600).into_iter().enumerate() {
        let kind = Kind::ALL[i % Kind::ALL.len()];
        let nums = numbers::<T>(kind, 600, i as u64);
        let chunk = plan.write(&nums);
        let mut start = 0;
        for (page, &n) in chunk.pages.iter().zip(&chunk.n_per_page) {
            let what = (T::NUMBER_TYPE, kind, &plan);
            let (decoded, n_bytes) =
                oracle::decompress_page::<T>(&chunk.header, &chunk.meta, page, n)
                    .unwrap_or_else(|e| panic!("{what:?}: {e}"));
            assert_eq!(n_bytes, page.len(), "{what:?}");
            assert_same_bits(&decoded, &nums[start..start + n], what);
            start += n;
        }
    }
}

#[test]
fn the_oracle_reads_what_the_writer_wrote() {
    for number_type in NumberType::ALL {
        with_number_type!(number_type, |T| the_oracle_reads_all_plans::<T>());
    }
}
