//! Names that lead to one array each.

use std::collections::{HashMap, HashSet};

/// Names that were given.
#[derive(Debug, Default)]
pub(super) struct Names {
    given: HashSet<String>,
    /// The number that the next one of a name gets: counting from the first one each time would take hours where thousands
    /// have one name.
    next: HashMap<String, u64>,
}

impl Names {
    /// Gives a name: as it is to the first who has it, with a number behind it to the next.
    pub(super) fn give(&mut self, name: &str) -> String {
        let next = self.next.entry(name.to_owned()).or_insert(2);
        let mut unique = name.to_owned();
        while !self.given.insert(unique.clone()) {
            unique = format!("{name}_{next}");
            *next += 1;
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
