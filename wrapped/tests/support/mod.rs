//! What the tests of the engine share: seeded arrays, the oracle, a wire-format writer of their own, comparison by bits.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test binary uses a part of it"
)]

pub mod bitwise;
pub mod case;
pub mod gauntlet;
pub mod numbers;
pub mod oracle;
pub mod ours;
pub mod random;
pub mod specs;
pub mod wire;

/// A number type of the engine that is one of the oracle's too: all of them are.
pub trait Tested: paginum_wrapped::Number + pco::data_types::Number {}
impl<T: paginum_wrapped::Number + pco::data_types::Number> Tested for T {}

/// Whether the long form of the tests was asked for: random seeds, more cases, full products.
pub fn is_long() -> bool {
    std::env::var_os("PAGINUM_TEST_LONG").is_some_and(|value| value == "1")
}
