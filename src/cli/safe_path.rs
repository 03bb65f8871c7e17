//! Names from files as paths that stay inside a folder.
//!
//! Names are hostile. Their parts between slashes become folders and a file; a part that is empty, `.` or `..`, or holds
//! `\`, NUL or a control character, has those characters percent-encoded. File systems that fold case would let one array
//! overwrite another: names that are equal then get `~2`, `~3`, ...

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

/// The paths given out so far.
#[derive(Debug, Default)]
pub(super) struct SafePaths {
    folded: HashSet<String>,
    /// Of paths that others fold to, the number that is to be tried next: were each to begin at 2, a file of 100,000 such
    /// names would take hours.
    next: HashMap<String, u64>,
}

impl SafePaths {
    /// A relative path for an array, that no other has been given.
    pub(super) fn path(&mut self, name: &str, extension: &str) -> PathBuf {
        let safe = name.split('/').map(encoded).collect::<Vec<_>>().join("/");
        let path = format!("{safe}.{extension}");
        let folded = path.to_lowercase();
        if self.folded.insert(folded.clone()) {
            return PathBuf::from(path);
        }
        let n = self.next.entry(folded).or_insert(2);
        loop {
            let path = format!("{safe}~{n}.{extension}");
            *n += 1;
            if self.folded.insert(path.to_lowercase()) {
                return PathBuf::from(path);
            }
        }
    }
}

/// A part of a name, as something that a file may be called.
fn encoded(part: &str) -> String {
    match part {
        "" => return "%".to_owned(),
        "." | ".." => return part.replace('.', "%2E"),
        _ => {}
    }
    let encode = |c: char| match c.is_control() || c == '\\' {
        true => {
            let mut utf8 = [0; 4];
            c.encode_utf8(&mut utf8)
                .bytes()
                .map(|byte| format!("%{byte:02X}"))
                .collect()
        }
        false => c.to_string(),
    };
    part.chars().map(encode).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Component;

    use super::*;

    #[test]
    fn nothing_leads_out_of_the_folder() {
        for name in [
            "",
            "..",
            "../..",
            "/etc/passwd",
            "a/../../b",
            "a\\..\\b",
            "a\0b",
            ".",
            "//",
            "a/",
            "\u{85}",
        ] {
            let path = SafePaths::default().path(name, "npy");
            let is_plain = |part: Component<'_>| matches!(part, Component::Normal(_));
            assert!(path.components().all(is_plain), "{name:?} became {path:?}");
            assert!(!path.to_str().unwrap().contains(['\\', '\0', '\u{85}']));
        }
    }

    #[test]
    fn ordinary_names_stay() {
        let mut paths = SafePaths::default();
        for name in ["a", "point_data/é ü", "50%", "a.b", "...", "~"] {
            assert_eq!(
                paths.path(name, "npy"),
                PathBuf::from(format!("{name}.npy"))
            );
        }
    }

    /// Hours, when each of them went through the numbers of all before it.
    #[test]
    fn a_hundred_thousand_names_that_fold_to_one_get_numbers() {
        let mut paths = SafePaths::default();
        for i in 0..100_000_u32 {
            let letter = |bit: u32| if i >> bit & 1 == 0 { 'a' } else { 'A' };
            let name: String = (0..17).map(letter).collect();
            let path = paths.path(&name, "npy");
            let number = format!("~{}.npy", i + 1);
            assert!(i == 0 || path.to_string_lossy().ends_with(&number));
        }
    }

    #[test]
    fn names_that_fold_to_one_get_numbers() {
        let mut paths = SafePaths::default();
        let given: Vec<_> = ["a", "A", "a~2", "..", "%2E%2E"]
            .map(|name| paths.path(name, "npy"))
            .into();
        let expected = [
            "a.npy",
            "A~2.npy",
            "a~2~2.npy",
            "%2E%2E.npy",
            "%2E%2E~2.npy",
        ];
        assert_eq!(given, expected.map(PathBuf::from));
    }
}
