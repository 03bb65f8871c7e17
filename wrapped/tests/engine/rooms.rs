//! Who may know what: layers of modules, and variants that are named in their rooms alone.

use std::fs;
use std::path::{Path, PathBuf};

/// Where variants of modes and delta encodings may be named, beside the definitions themselves.
const ROOMS: [&str; 4] = ["mode/mod.rs", "delta/mod.rs", "layout/", "choose/"];
/// What tells modes and delta encodings apart.
const ENUMS: [&str; 7] = [
    "Mode",
    "ModeChoice",
    "Formula",
    "Delta",
    "DeltaChoice",
    "DeltaEncoder",
    "DeltaState",
];

/// A source file: its path below `src`, and its code without comments and tests.
struct Source {
    path: String,
    code: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder of sources") {
            let path: PathBuf = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("tests.rs") {
                let name = path.strip_prefix(&root).expect("a path below the root");
                let text = fs::read_to_string(&path).expect("a text");
                let (text, _) = text
                    .split_once("#[cfg(test)]\nmod tests {")
                    .unwrap_or((&text, ""));
                let lines = text.lines().map(|line| line.split("//").next());
                sources.push(Source {
                    path: name.to_string_lossy().replace('\\', "/"),
                    code: lines
                        .map(|line| line.unwrap_or_default().to_owned() + "\n")
                        .collect(),
                });
            }
        }
    }
    assert!(sources.len() > 50, "{} sources", sources.len());
    sources
}

/// Where `code` names a variant of an enum, or all of them.
fn variants_named(code: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("::") {
        let before = code[..at].rsplit(|c: char| !c.is_alphanumeric() && c != '_');
        let is_variant = code[at + 2..].starts_with(|c: char| c.is_uppercase() || "{*".contains(c));
        if is_variant
            && before
                .clone()
                .next()
                .is_some_and(|name| ENUMS.contains(&name))
        {
            found.push(code[..at].lines().last().unwrap_or_default().trim());
        }
    }
    found
}

#[test]
fn variants_are_named_in_their_rooms_alone() {
    assert_eq!(variants_named("if x == Mode::Classic {}").len(), 1);
    assert_eq!(
        variants_named("use crate::model::Delta::{None, Conv1};").len(),
        1
    );
    assert_eq!(
        variants_named("ModeSpec::Classic; Delta::default(); MyMode::X").len(),
        0
    );
    let mut n_rooms = 0;
    for Source { path, code } in sources() {
        let named = variants_named(&code);
        if ROOMS.iter().any(|room| path.starts_with(room)) {
            n_rooms += usize::from(!named.is_empty());
        } else {
            assert!(named.is_empty(), "{path} asks which it is: {named:?}");
        }
    }
    assert!(n_rooms >= 4, "variants are named in {n_rooms} files");
}

/// The names in backticks that follow `Layers` in the comment at the head of `lib.rs`.
fn layers() -> Vec<String> {
    let lib = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs");
    let lib = fs::read_to_string(lib).expect("the root of the crate");
    let head = lib.lines().take_while(|line| line.starts_with("// "));
    let head = head.collect::<Vec<_>>().join(" ");
    assert!(head.starts_with("// Layers"), "{head}");
    head.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

#[test]
fn modules_import_from_layers_before_theirs() {
    let layers = layers();
    let layer_of = |module: &str| layers.iter().position(|layer| layer == module);
    for Source { path, code } in sources() {
        let module = path.split(['/', '.']).next().unwrap();
        if module == "lib" {
            continue;
        }
        let layer = layer_of(module).unwrap_or_else(|| panic!("{module} is in no layer"));
        for (at, _) in code.match_indices("crate::") {
            let rest = &code[at + "crate::".len()..];
            let import = rest
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .next();
            let import = import.unwrap();
            // Macros and what `lib.rs` exports have no layer; number types are what is compiled (`docs/DESIGN.md`).
            let Some(imported) =
                layer_of(import).filter(|_| (module, import) != ("dtype", "chunk"))
            else {
                continue;
            };
            assert!(
                imported <= layer,
                "{path} imports {import}, which comes after it"
            );
        }
    }
}
