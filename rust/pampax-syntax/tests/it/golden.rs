//! Real files and their outlines. `PAMPAX_UPDATE_GOLDEN=1 cargo test -p pampax-syntax golden` writes the outlines anew; read
//! the difference before keeping it.

use std::path::{Path, PathBuf};

use pampax_base::Language;
use pampax_syntax::{Parsed, Parser};

use crate::render::render;

/// Files in which the grammar stumbles over something, and what.
const KNOWN_ERRORS: &[(&str, &str)] = &[
    ("stack.h", "the macro Array(T) used as a type"),
    ("schema.sql", "forms of a dialect the grammar does not have"),
    ("dialects.sql", "routine bodies the grammar does not have"),
];

/// The golden files of all languages: path, language and text.
pub fn golden_files() -> Vec<(PathBuf, Language, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut found = Vec::new();
    for &language in Language::ALL {
        let Ok(folder) = std::fs::read_dir(root.join(language.name())) else { continue };
        let mut paths: Vec<PathBuf> = folder.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
            if extension == "outline" || extension == "new" {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            found.push((path, language, text));
        }
    }
    found
}

#[test]
fn outlines_are_as_recorded() {
    let update = std::env::var_os("PAMPAX_UPDATE_GOLDEN").is_some_and(|value| value == "1");
    let mut failures = Vec::new();
    let mut parser = Parser::new();
    for (path, language, text) in golden_files() {
        let outline = render(&parser.parse(Some(language), &text), &text);
        let recorded = PathBuf::from(format!("{}.outline", path.display()));
        if update {
            std::fs::write(&recorded, &outline).unwrap();
            continue;
        }
        let expected = std::fs::read_to_string(&recorded).unwrap_or_default();
        if expected != outline {
            let line = expected.lines().zip(outline.lines()).position(|(old, new)| old != new);
            let line = line.unwrap_or_else(|| expected.lines().count().min(outline.lines().count()));
            let (old, new) = (expected.lines().nth(line), outline.lines().nth(line));
            failures.push(format!("{}:{}:\n  recorded {old:?}\n  now      {new:?}", recorded.display(), line + 1));
        }
    }
    let hint = "if the new outlines are right, run again with PAMPAX_UPDATE_GOLDEN=1";
    assert!(failures.is_empty(), "{}\n{hint}", failures.join("\n"));
}

#[test]
fn every_language_has_a_golden_file_that_parses() {
    let files = golden_files();
    let mut parser = Parser::new();
    for &language in Language::ALL {
        let own: Vec<_> = files.iter().filter(|file| file.1 == language).collect();
        assert!(!own.is_empty(), "{} has no golden file", language.name());
        for (path, _, text) in own {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let from_path = Language::from_path(name);
            assert_eq!(from_path, Some(language), "{} is not recognised", path.display());
            let syntax = parser.parse(Some(language), text);
            let expected =
                if KNOWN_ERRORS.iter().any(|known| known.0 == name) { Parsed::TreeWithErrors } else { Parsed::Tree };
            assert_eq!(syntax.parsed, expected, "{}", path.display());
            assert!(!syntax.symbols.is_empty(), "{}", path.display());
        }
    }
}

#[test]
fn every_golden_file_is_listed_with_its_licence() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut readme = String::new();
    for entry in std::fs::read_dir(&folder).unwrap().flatten() {
        if entry.path().extension().is_some_and(|extension| extension == "md") {
            readme.push_str(&std::fs::read_to_string(entry.path()).unwrap());
        }
    }
    for (path, language, _) in golden_files() {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let entry = format!("{}/{name}", language.name());
        assert!(readme.contains(&entry), "tests/golden/README.md does not list {entry}");
    }
}
