//! Which files and which kinds of symbols an answer may come from.

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};
use pampax_base::{Error, Language, Result, SymbolKind};
use pampax_store::Facts;
use serde::{Deserialize, Serialize};

use crate::kind_of_file::TEST;
use crate::snapshot::ViewedSegment;

/// Filters as a caller gives them. Empty ones let everything through.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Filters {
    /// Path globs, as in .gitignore; one that starts with `!` takes files out. `src` means everything below it.
    pub paths: Vec<String>,
    /// Names of languages.
    pub languages: Vec<String>,
    /// Names of symbol kinds.
    pub kinds: Vec<String>,
    /// Only tests (true), no tests (false), both (none).
    pub tests: Option<bool>,
}

/// Filters, compiled.
pub(crate) struct Filter {
    include: Option<GlobSet>,
    exclude: GlobSet,
    languages: Vec<Language>,
    kinds: Vec<SymbolKind>,
    tests: Option<bool>,
}

impl Filter {
    /// Compiles filters.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] names what is unknown and what is known.
    pub(crate) fn new(filters: &Filters) -> Result<Self> {
        let (out, within): (Vec<&String>, Vec<&String>) = filters.paths.iter().partition(|glob| glob.starts_with('!'));
        let languages = filters.languages.iter().map(|name| language(name)).collect::<Result<Vec<_>>>()?;
        let kinds = filters.kinds.iter().map(|name| kind(name)).collect::<Result<Vec<_>>>()?;
        Ok(Self {
            include: if within.is_empty() { None } else { Some(glob_set(within.into_iter().map(String::as_str))?) },
            exclude: glob_set(out.into_iter().map(|glob| &glob[1..]))?,
            languages,
            kinds,
            tests: filters.tests,
        })
    }

    /// Whether everything passes.
    pub(crate) fn is_open(&self) -> bool {
        self.is_open_for_files() && self.kinds.is_empty()
    }

    pub(crate) fn is_open_for_files(&self) -> bool {
        self.include.is_none() && self.exclude.is_empty() && self.languages.is_empty() && self.tests.is_none()
    }

    /// Whether something is asked for that differs within a file: kinds of symbols, tests.
    pub(crate) fn has_kinds(&self) -> bool {
        !self.kinds.is_empty() || self.tests.is_some()
    }

    /// Whether anything is filtered.
    pub(crate) fn is_set(&self) -> bool {
        self.has_kinds() || !self.is_open_for_files()
    }

    /// Whether an entry passes.
    pub(crate) fn entry(&self, segment: &ViewedSegment, entry: u32) -> bool {
        if self.is_open_for_files() {
            return true;
        }
        let Some(record) = segment.open.facts.entries().get(entry as usize) else { return false };
        self.file(segment.open.facts.path(entry), record.language(), record.flags)
    }

    /// Whether a file passes.
    pub(crate) fn file(&self, path: &str, language: Option<Language>, flags: u8) -> bool {
        // A file that is no test may hold some.
        (self.tests != Some(false) || flags & TEST == 0)
            && (self.languages.is_empty() || language.is_some_and(|language| self.languages.contains(&language)))
            && self.include.as_ref().is_none_or(|globs| globs.is_match(path))
            && !self.exclude.is_match(path)
    }

    /// Whether the view has a chunk (numbered in the segment), and its file and what it belongs to pass.
    pub(crate) fn passes(&self, segment: &ViewedSegment, chunk: u32) -> bool {
        let entry = segment.open.facts.entry_of_chunk(chunk);
        segment.has(entry) && self.entry(segment, entry) && self.chunk(segment, chunk)
    }

    /// Whether what a chunk (numbered in the segment) belongs to passes.
    pub(crate) fn chunk(&self, segment: &ViewedSegment, chunk: u32) -> bool {
        let facts = &segment.open.facts;
        !self.has_kinds() || self.symbol(facts, facts.entry_of_chunk(chunk), facts.symbol_of_chunk(chunk))
    }

    /// Whether a symbol (numbered in the segment) of `entry` passes; `None` is a chunk outside every symbol.
    pub(crate) fn symbol(&self, facts: &Facts, entry: u32, symbol: Option<u32>) -> bool {
        let kind = || symbol.and_then(|symbol| facts.symbol_kind(symbol));
        let is_test = || {
            let file_is = facts.entries().get(entry as usize).is_some_and(|record| record.flags & TEST != 0);
            file_is || symbol.is_some_and(|symbol| facts.is_test(symbol))
        };
        (self.kinds.is_empty() || kind().is_some_and(|kind| self.kinds.contains(&kind)))
            && self.tests.is_none_or(|tests| tests == is_test())
    }
}

fn language(name: &str) -> Result<Language> {
    Language::from_name(name).ok_or_else(|| Error::InvalidInput {
        what: "language",
        detail: format!(
            "\"{name}\" is unknown; known are {}",
            join(Language::ALL.iter().map(|language| language.name()))
        ),
    })
}

fn kind(name: &str) -> Result<SymbolKind> {
    SymbolKind::from_name(&name.to_ascii_lowercase()).ok_or_else(|| Error::InvalidInput {
        what: "kind",
        detail: format!("\"{name}\" is unknown; known are {}", join(SymbolKind::ALL.iter().map(|kind| kind.name()))),
    })
}

fn join<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

fn glob_set<'a>(patterns: impl Iterator<Item = &'a str>) -> Result<GlobSet> {
    let wrong = |error: globset::Error| Error::InvalidInput { what: "path glob", detail: error.to_string() };
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        for glob in forms(pattern).map_err(wrong)? {
            set.add(glob);
        }
    }
    set.build().map_err(wrong)
}

/// A pattern without a slash matches a name at any depth; one that names a folder matches what is below it.
fn forms(pattern: &str) -> std::result::Result<Vec<Glob>, globset::Error> {
    let trimmed = pattern.trim_start_matches("./").trim_start_matches('/').trim_end_matches('/');
    let anchored =
        if pattern.trim_end_matches('/').contains('/') { trimmed.to_owned() } else { format!("**/{trimmed}") };
    let build = |text: &str| GlobBuilder::new(text).literal_separator(true).build();
    Ok(vec![build(&anchored)?, build(&format!("{anchored}/**"))?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_names_folders_and_paths() {
        for (pattern, path, expected) in [
            ("*.py", "a/b.py", true),
            ("src", "src/a.rs", true),
            ("src", "lib/src/a.rs", true),
            ("/src", "lib/src/a.rs", false),
            ("src/*.rs", "src/a/b.rs", false),
            ("src/**/*.rs", "src/a/b.rs", true),
            ("./src/", "src/a.rs", true),
        ] {
            assert_eq!(glob_set([pattern].into_iter()).unwrap().is_match(path), expected, "{pattern} {path}");
        }
        assert!(Filter::new(&Filters { paths: vec!["[".to_owned()], ..Filters::default() }).is_err());
        let message = Filter::new(&Filters { languages: vec!["pyton".to_owned()], ..Filters::default() });
        assert!(message.err().unwrap().to_string().contains("python"));
    }
}
