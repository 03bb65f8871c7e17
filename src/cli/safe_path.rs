//! Names from files as paths that stay inside a folder.
//!
//! Names are hostile. Their parts between slashes become folders and a file; a part that is empty, `.` or `..`, or holds
//! `\`, NUL or a control character, has those characters percent-encoded. File systems that fold case would let one array
//! overwrite another: names that are equal then get `~2`, `~3`, ...

use std::collections::HashSet;
use std::path::PathBuf;

/// The paths given out so far.
#[derive(Debug, Default)]
pub(super) struct SafePaths {
    folded: HashSet<String>,
}

impl SafePaths {
    /// A relative path for an array, that no other has been given.
    pub(super) fn path(&mut self, name: &str, extension: &str) -> PathBuf {
        let safe = name.split('/').map(encoded).collect::<Vec<_>>().join("/");
        let mut n = 1;
        loop {
            let path = match n {
                1 => format!("{safe}.{extension}"),
                n => format!("{safe}~{n}.{extension}"),
            };
            if self.folded.insert(path.to_lowercase()) {
                return PathBuf::from(path);
            }
            n += 1;
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
