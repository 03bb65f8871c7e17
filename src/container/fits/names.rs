//! Names that lead to one array each.

use std::collections::HashSet;

/// Names that were given.
#[derive(Debug, Default)]
pub(super) struct Names {
    given: HashSet<String>,
}

impl Names {
    /// Gives a name: as it is to the first who has it, with a number behind it to the next.
    pub(super) fn give(&mut self, name: &str) -> String {
        let mut unique = name.to_owned();
        let mut n = 2_u64;
        while !self.given.insert(unique.clone()) {
            unique = format!("{name}_{n}");
            n += 1;
        }
        unique
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_keeps_its_name() {
        let mut names = Names::default();
        let given = ["SCI", "SCI_2", "SCI", "SCI", "ERR"].map(|name| names.give(name));
        assert_eq!(given, ["SCI", "SCI_2", "SCI_3", "SCI_4", "ERR"]);
    }
}
