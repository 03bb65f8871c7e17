//! Numbers of things, as people say them.

use std::fmt::Display;

/// `1 array`, `3 arrays`.
pub(crate) fn counted<N: Display + PartialEq + From<u8>>(n: N, noun: &str) -> String {
    let ending = if n == N::from(1) { "" } else { "s" };
    format!("{n} {noun}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_a_kind_has_no_plural() {
        assert_eq!(counted(1_u64, "row"), "1 row");
        assert_eq!(counted(0_usize, "row"), "0 rows");
    }
}
