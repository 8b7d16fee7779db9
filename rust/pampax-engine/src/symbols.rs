//! Looking up symbols by name.

use std::path::Path;

use pampax_base::Result;
use serde::Serialize;

use crate::filter::{Filter, Filters};
use crate::snapshot::Snapshot;
use crate::text::Texts;

/// What a caller may ask of a look-up.
#[derive(Clone, Debug, PartialEq)]
pub struct SymbolOptions {
    /// Whether the name may be the beginning of the symbol's name.
    pub prefix: bool,
    /// The most symbols returned.
    pub limit: usize,
    /// Where they may be.
    pub filters: Filters,
}

/// A symbol found by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SymbolHit {
    /// Its bare name.
    pub name: String,
    /// Its name with those around it.
    pub qualified_name: String,
    /// What it is.
    pub kind: &'static str,
    /// Path relative to the root.
    pub path: String,
    /// The line on which its name stands.
    pub line: u32,
    /// First line.
    pub start_line: u32,
    /// Last line.
    pub end_line: u32,
    /// Its head on one line; empty if the file changed since it was indexed.
    pub signature: String,
    /// The file's language.
    pub language: Option<&'static str>,
    /// Whether the name is the same to the letter.
    pub exact: bool,
}

/// Finds symbols named `name`, without regard to ASCII case; qualified names (`Session.save`, `app::Session`) must match from
/// the end. Exact ones first, then by path and line.
pub(crate) fn symbols(snapshot: &Snapshot, root: &Path, name: &str, options: &SymbolOptions) -> Result<Vec<SymbolHit>> {
    let filter = Filter::new(&options.filters)?;
    let wanted: Vec<&str> =
        name.split(['.', '#']).flat_map(|part| part.split("::")).filter(|part| !part.is_empty()).collect();
    let Some((last, around)) = wanted.split_last() else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for viewed in &snapshot.segments {
        let facts = &viewed.open.facts;
        let names = if options.prefix { facts.names_starting(last) } else { facts.names_equal(last) };
        for number in names {
            for &symbol in facts.symbols_named(number) {
                let entry = facts.entry_of_symbol(symbol);
                if !viewed.has(entry) || !filter.entry(viewed, entry) || !filter.symbol(facts, entry, Some(symbol)) {
                    continue;
                }
                let qualified = facts.qualified_name(symbol);
                if !ends_with(&qualified, around) {
                    continue;
                }
                let exact = facts.name(number) == *last;
                let Some(record) = facts.symbol(symbol) else { continue };
                found.push((!exact, facts.path(entry), record.span().start, symbol, record, entry, viewed, qualified));
            }
        }
    }
    found.sort_by(|left, right| (left.0, left.1, left.2, left.3).cmp(&(right.0, right.1, right.2, right.3)));
    let mut texts = Texts::new(snapshot, root);
    let hits =
        found.into_iter().take(options.limit).map(|(inexact, path, _, _, record, entry, viewed, qualified_name)| {
            let facts = &viewed.open.facts;
            let signature = texts.get(viewed.first_entry + entry).map_or("", |lines| lines.bytes(record.signature()));
            SymbolHit {
                name: facts.name(record.name()).to_owned(),
                qualified_name,
                kind: record.kind().name(),
                path: path.to_owned(),
                line: record.name_line(),
                start_line: record.span().start,
                end_line: record.span().end,
                signature: signature.split_whitespace().collect::<Vec<_>>().join(" "),
                language: facts.entries()[entry as usize].language().map(|language| language.name()),
                exact: !inexact,
            }
        });
    Ok(hits.collect())
}

/// Whether the names around the last one in `qualified` end in `around`.
fn ends_with(qualified: &str, around: &[&str]) -> bool {
    let mut containers = qualified.rsplit('.').skip(1);
    around.iter().rev().all(|part| containers.next().is_some_and(|name| name.eq_ignore_ascii_case(part)))
}
