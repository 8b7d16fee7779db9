//! Overviews: the outline of a file, and a map of a repository within a budget.

use std::fmt::Write as _;
use std::path::Path;

use pampax_base::{Error, Result, SymbolKind};
use pampax_graph::{Graph, PageRank};
use pampax_store::EdgeKind;
use pampax_tokenize::{Encoding, count_tokens};
use serde::Serialize;

use crate::answer::Coverage;
use crate::filter::{Filter, Filters};
use crate::graph::query::{GraphView, LIKELY};
use crate::kind_of_file::{DOCUMENT, EXAMPLE, TEST, UNPARSED, VENDORED};
use crate::search::{NO_MEANING, coverage, stale_paths};
use crate::snapshot::Snapshot;
use crate::text::Texts;

/// A signature longer than this is cut: the map is for finding one's way.
const SIGNATURE_CHARS_MAX: usize = 120;

/// A symbol in the outline of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OutlineSymbol {
    /// Its bare name.
    pub name: String,
    /// Its name with those around it.
    pub qualified_name: String,
    /// What it is.
    pub kind: &'static str,
    /// How many symbols stand around it.
    pub depth: u32,
    /// The line on which its name stands.
    pub line: u32,
    /// First line.
    pub start_line: u32,
    /// Last line.
    pub end_line: u32,
    /// Its head on one line; empty if the file changed since it was indexed.
    pub signature: String,
    /// How many files and symbols use it, as far as the graph knows.
    pub users: u32,
}

/// The outline of a file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outline {
    /// Version of this record.
    pub schema: &'static str,
    /// Path relative to the root.
    pub path: String,
    /// Its language.
    pub language: Option<&'static str>,
    /// Its lines.
    pub lines: u32,
    /// Its definitions, in file order.
    pub symbols: Vec<OutlineSymbol>,
    /// What the answer is based on.
    pub coverage: Coverage,
    /// Why there are no symbols: "not-indexed", "not-found" (no such file in the index), "language-not-parsed",
    /// "not-parsed-for-memory", "no-symbols".
    pub empty_reason: Option<&'static str>,
}

impl Outline {
    /// The documented JSON text.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The outline of nothing.
    pub(crate) fn empty(path: &str, coverage: Coverage, reason: &'static str) -> Self {
        let path = path.to_owned();
        let empty_reason = Some(reason);
        Self { schema: "pampax.outline/1", path, language: None, lines: 0, symbols: Vec::new(), coverage, empty_reason }
    }
}

/// The outline of the file at `path`.
pub(crate) fn outline(snapshot: &Snapshot, root: &Path, path: &str, notes: &[String]) -> Outline {
    let path = path.trim_start_matches("./");
    let mut coverage = coverage(snapshot, NO_MEANING, notes);
    let found = snapshot.entries().find(|(segment, entry)| segment.open.facts.path(*entry) == path);
    let Some((segment, entry)) = found else { return Outline::empty(path, coverage, "not-found") };
    let facts = &segment.open.facts;
    coverage.stale_paths = stale_paths(snapshot, root, std::iter::once(segment.first_entry + entry));
    let mut texts = Texts::new(snapshot, root);
    let lines = texts.get(segment.first_entry + entry);
    let first = facts.symbols_of(entry).start;
    let mut symbols: Vec<OutlineSymbol> = Vec::new();
    for number in facts.symbols_of(entry) {
        let Some(record) = facts.symbol(number) else { continue };
        let around = record.container().and_then(|container| symbols.get(container as usize));
        let signature = lines.map_or("", |lines| lines.bytes(record.signature()));
        symbols.push(OutlineSymbol {
            name: facts.name(record.name()).to_owned(),
            qualified_name: facts.qualified_name(number),
            kind: record.kind().name(),
            depth: around.map_or(0, |around| around.depth + 1),
            line: record.name_line(),
            start_line: record.span().start,
            end_line: record.span().end,
            signature: one_line(signature),
            users: snapshot.users_of_symbol(segment, number),
        });
        debug_assert_eq!(symbols.len() as u32, number - first + 1);
    }
    let record = &facts.entries()[entry as usize];
    let language = record.language().map(|language| language.name());
    let empty_reason = match (symbols.is_empty(), language) {
        (false, _) => None,
        (true, None) => Some("language-not-parsed"),
        (true, Some(_)) if record.flags & UNPARSED != 0 => Some("not-parsed-for-memory"),
        (true, Some(_)) => Some("no-symbols"),
    };
    let lines = record.lines;
    Outline { schema: "pampax.outline/1", path: path.to_owned(), language, lines, symbols, coverage, empty_reason }
}

fn one_line(signature: &str) -> String {
    signature.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How a map is made.
#[derive(Clone, Debug, PartialEq)]
pub struct MapOptions {
    /// The most tokens its text may cost.
    pub budget: u32,
    /// How tokens are counted.
    pub encoding: Encoding,
    /// Names or paths from which importance is seen; empty for the repository as a whole.
    pub focus: Vec<String>,
    /// Which files and symbols may be in it. Tests, examples and copied code are left out unless `tests` or paths ask for them.
    pub filters: Filters,
}

/// A symbol in a map.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MapSymbol {
    /// Its name with those around it.
    pub name: String,
    /// What it is.
    pub kind: &'static str,
    /// The line on which its name stands.
    pub line: u32,
    /// Its head on one line, or its name if the file changed since it was indexed.
    pub signature: String,
    /// Its share of the importance of the whole graph.
    pub score: f64,
}

/// A file in a map.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MapFile {
    /// Path relative to the root.
    pub path: String,
    /// Its language.
    pub language: Option<&'static str>,
    /// What is shown of it, in file order.
    pub symbols: Vec<MapSymbol>,
    /// The score of what is shown.
    pub score: f64,
}

/// An overview of a repository within a budget.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RepositoryMap {
    /// Version of this record.
    pub schema: &'static str,
    /// The most that the text may cost, in tokens.
    pub budget: u32,
    /// How tokens are counted.
    pub encoding: &'static str,
    /// What the text costs.
    pub tokens: u32,
    /// Its files, the most important first.
    pub files: Vec<MapFile>,
    /// How many symbols of the view are shown, and how many could be.
    pub shown: u32,
    /// How many symbols there are to show.
    pub of: u32,
    /// What the answer is based on.
    pub coverage: Coverage,
    /// Why it is empty: "not-indexed", "graph-not-made", "focus-not-found", "filtered-out", "no-symbols".
    pub empty_reason: Option<&'static str>,
}

impl RepositoryMap {
    /// The documented JSON text.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The map as text: a path, and below it a line for each symbol. This is what costs `tokens`.
    pub fn to_text(&self) -> String {
        text_of(&self.files)
    }

    /// The map of nothing.
    pub(crate) fn empty(options: &MapOptions, coverage: Coverage, reason: &'static str) -> Self {
        Self {
            schema: "pampax.map/1",
            budget: options.budget,
            encoding: options.encoding.name(),
            tokens: 0,
            files: Vec::new(),
            shown: 0,
            of: 0,
            coverage,
            empty_reason: Some(reason),
        }
    }
}

fn text_of(files: &[MapFile]) -> String {
    let mut text = String::new();
    for file in files {
        let _ = writeln!(text, "{}", file.path);
        for symbol in &file.symbols {
            let _ = writeln!(text, "  {}: {}", symbol.line, symbol.signature);
        }
    }
    text
}

/// Kinds that stand in a map: what a reader looks for by name.
fn is_shown(kind: SymbolKind) -> bool {
    matches!(
        kind,
        SymbolKind::Function
            | SymbolKind::Method
            | SymbolKind::Class
            | SymbolKind::Struct
            | SymbolKind::Interface
            | SymbolKind::Trait
            | SymbolKind::Enum
            | SymbolKind::Type
            | SymbolKind::Macro
            | SymbolKind::Table
            | SymbolKind::Constructor
    )
}

/// Makes the map of a snapshot.
///
/// # Errors
/// [`Error::BudgetTooSmall`] if not even one symbol fits, [`Error::InvalidInput`] for filters that make no sense.
pub(crate) fn map(snapshot: &Snapshot, root: &Path, options: &MapOptions, notes: &[String]) -> Result<RepositoryMap> {
    let filter = Filter::new(&options.filters)?;
    let coverage = coverage(snapshot, NO_MEANING, notes);
    let Some(view) = GraphView::of(snapshot) else {
        return Ok(RepositoryMap::empty(options, coverage, "graph-not-made"));
    };
    let mut seeds = Vec::new();
    for name in &options.focus {
        let (nodes, _) = view.nodes_named(name);
        let share = 1.0 / nodes.len().max(1) as f64;
        seeds.extend(nodes.into_iter().map(|node| (node, share)));
    }
    if seeds.is_empty() && !options.focus.is_empty() {
        return Ok(RepositoryMap::empty(options, coverage, "focus-not-found"));
    }
    let scores = importance(&view, &seeds)?;
    let candidates = candidates(&view, snapshot, &filter, options, &scores);
    if candidates.is_empty() {
        let reason = if filter.is_set() { "filtered-out" } else { "no-symbols" };
        return Ok(RepositoryMap::empty(options, coverage, reason));
    }
    let of = candidates.len() as u32;
    let files = fill(&view, snapshot, root, options, &candidates)?;
    let text = text_of(&files);
    let paths = files.iter().map(|file| file.path.as_str()).collect();
    let stale = stale_paths(snapshot, root, snapshot.entries_at(&paths).into_iter());
    let shown: usize = files.iter().map(|file| file.symbols.len()).sum();
    Ok(RepositoryMap {
        schema: "pampax.map/1",
        budget: options.budget,
        encoding: options.encoding.name(),
        tokens: count_tokens(&text, options.encoding) as u32,
        files,
        shown: shown as u32,
        of,
        coverage: Coverage { truncated: (shown as u32) < of, stale_paths: stale, ..coverage },
        empty_reason: None,
    })
}

/// The `PageRank` of every node: whoever is used by what is important is important.
fn importance(view: &GraphView<'_>, seeds: &[(u32, f64)]) -> Result<Vec<f64>> {
    let nodes = view.edges.node_count();
    let (mut sources, mut targets, mut weights) = (Vec::new(), Vec::new(), Vec::new());
    let mut add = |source: u32, target: u32, weight: f32| {
        sources.push(source);
        targets.push(target);
        weights.push(weight);
    };
    for node in 0..nodes as u32 {
        let test = view.is_test(node);
        for edge in view.edges.out(node) {
            if edge.confidence() < LIKELY || edge.kind() == EdgeKind::ConfigKey || edge.target == node {
                continue;
            }
            // What tests use says little about what the program is about.
            let weight = f32::from(edge.confidence()) / 100.0 * if test { 0.1 } else { 1.0 };
            add(node, edge.target, weight);
            // Seen from a symbol, what uses it matters as well.
            if !seeds.is_empty() {
                add(edge.target, node, weight * 0.5);
            }
        }
    }
    for file in 0..view.world.files().len() as u32 {
        for symbol in view.world.symbols_of(file) {
            add(file, view.world.files().len() as u32 + symbol, 0.1);
            if !seeds.is_empty() {
                add(view.world.files().len() as u32 + symbol, file, 0.1);
            }
        }
    }
    let graph = Graph::new(Some(nodes), &sources, &targets, Some(&weights))?;
    let mut scores = vec![0.0; nodes];
    for (node, score) in graph.pagerank(seeds, &PageRank { tolerance: 1e-5, ..PageRank::default() })? {
        scores[node as usize] = score;
    }
    Ok(scores)
}

/// The nodes that may be shown, the most important first.
fn candidates(
    view: &GraphView<'_>,
    snapshot: &Snapshot,
    filter: &Filter,
    options: &MapOptions,
    scores: &[f64],
) -> Vec<(u32, f64)> {
    let first_symbol = view.world.files().len() as u32;
    let asks = options.filters.tests.is_some() || !options.filters.paths.is_empty();
    let mut found = Vec::new();
    for file in 0..first_symbol {
        let [segment, entry] = view.world.files()[file as usize];
        let segment = &snapshot.segments[segment as usize];
        let flags = segment.open.facts.entries()[entry as usize].flags;
        let is_aside = flags & (TEST | EXAMPLE | VENDORED | DOCUMENT) != 0;
        let is_code = view.world.language(file).is_some_and(|language| language.is_code());
        if !is_code || (is_aside && !asks) || !filter.entry(segment, entry) {
            continue;
        }
        for symbol in view.world.symbols_of(file) {
            let (facts, local) = view.world.local(symbol);
            let inside = view.world.container(symbol).is_some_and(|around| view.world.kind(around).is_callable());
            let is_left_out = !asks && facts.is_test(local);
            if is_shown(view.world.kind(symbol)) && !inside && !is_left_out && filter.symbol(facts, entry, Some(local))
            {
                found.push((symbol, scores[(first_symbol + symbol) as usize]));
            }
        }
    }
    // Symbols are numbered by path and place.
    found.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
    found
}

/// Takes symbols as long as the text fits the budget.
fn fill(
    view: &GraphView<'_>,
    snapshot: &Snapshot,
    root: &Path,
    options: &MapOptions,
    candidates: &[(u32, f64)],
) -> Result<Vec<MapFile>> {
    let mut texts = Texts::new(snapshot, root);
    let mut taken: Vec<(u32, MapSymbol)> = Vec::new();
    let mut spent = 0;
    let mut paths = std::collections::BTreeSet::new();
    for &(symbol, score) in candidates {
        let file = view.world.file_of(symbol);
        let shown = show(view, snapshot, &mut texts, symbol, score);
        let line = format!("  {}: {}\n", shown.line, shown.signature);
        let head = if paths.contains(&file) { String::new() } else { format!("{}\n", view.world.path(file)) };
        let cost = count_tokens(&line, options.encoding) + count_tokens(&head, options.encoding);
        if spent + cost > options.budget as usize {
            // A longer line may be followed by a shorter one, but what comes after is less important and the end is near.
            break;
        }
        spent += cost;
        paths.insert(file);
        taken.push((symbol, shown));
    }
    loop {
        let files = by_file(view, &taken);
        let tokens = count_tokens(&text_of(&files), options.encoding);
        if tokens <= options.budget as usize && !taken.is_empty() {
            return Ok(files);
        }
        // Where lines meet, tokens may join differently than in the parts.
        if taken.pop().is_none() {
            let &(symbol, score) = &candidates[0];
            let least = by_file(view, &[(symbol, show(view, snapshot, &mut texts, symbol, score))]);
            let least = count_tokens(&text_of(&least), options.encoding) as u32;
            return Err(Error::BudgetTooSmall { budget: options.budget, least });
        }
    }
}

fn show(view: &GraphView<'_>, snapshot: &Snapshot, texts: &mut Texts<'_>, symbol: u32, score: f64) -> MapSymbol {
    let file = view.world.file_of(symbol);
    let (facts, local) = view.world.local(symbol);
    let record = view.world.record(symbol);
    let [segment, entry] = view.world.files()[file as usize];
    let first_entry = snapshot.segments[segment as usize].first_entry;
    let head = texts.get(first_entry + entry).map_or("", |lines| lines.bytes(record.signature()));
    let head: String = one_line(head).chars().take(SIGNATURE_CHARS_MAX).collect();
    let name = facts.qualified_name(local);
    let kind = record.kind().name();
    let signature = if head.is_empty() { format!("{kind} {name}") } else { head };
    let signature = signature.trim_end_matches(['{', ':', ' ']).to_owned();
    MapSymbol { name, kind, line: record.name_line(), signature, score }
}

/// What was taken, file by file, the most important file first.
fn by_file(view: &GraphView<'_>, taken: &[(u32, MapSymbol)]) -> Vec<MapFile> {
    let mut order: Vec<&(u32, MapSymbol)> = taken.iter().collect();
    order.sort_by_key(|(symbol, _)| *symbol);
    let mut files: Vec<MapFile> = Vec::new();
    for (symbol, shown) in order {
        let file = view.world.file_of(*symbol);
        let path = view.world.path(file);
        if files.last().is_none_or(|last| last.path != path) {
            let language = view.world.language(file).map(|language| language.name());
            files.push(MapFile { path: path.to_owned(), language, symbols: Vec::new(), score: 0.0 });
        }
        if let Some(last) = files.last_mut() {
            last.score += shown.score;
            last.symbols.push(shown.clone());
        }
    }
    files.sort_by(|left, right| right.score.total_cmp(&left.score).then_with(|| left.path.cmp(&right.path)));
    files
}
