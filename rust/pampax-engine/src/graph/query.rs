//! Questions about the graph: who calls this, what does it call, who names it, what does it import, what is a kind of it, what
//! tests it.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use pampax_base::{Error, Result, SymbolKind};
use pampax_store::{Edge, EdgeKind};
use serde::Serialize;

use crate::answer::Coverage;
use crate::filter::{Filter, Filters};
use crate::graph::live::LiveEdges;
use crate::graph::rules::COMMON_METHODS;
use crate::graph::world::World;
use crate::search::{NO_MEANING, coverage, stale_paths};
use crate::snapshot::{Snapshot, ViewedSegment};

/// Definitions of one name that a question starts from.
const STARTS_MAX: usize = 100;
/// Nodes that one question goes through.
const NODES_MAX: usize = 20_000;
/// The deepest that may be asked for.
const DEPTH_MAX: u32 = 32;
/// From this confidence on (in percent) an edge counts as likely.
pub(crate) const LIKELY: u8 = 60;

/// What is asked about a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// What calls it, and the routes that lead to it.
    Callers,
    /// What it calls.
    Callees,
    /// What names it in any way.
    References,
    /// Of a file what it imports; of a symbol what imports it.
    Imports,
    /// What it is a kind of, and what is a kind of it.
    Inherits,
    /// Tests that call or name it.
    Tests,
}

impl Relation {
    /// Every relation.
    pub const ALL: &'static [Self] =
        &[Self::Callers, Self::Callees, Self::References, Self::Imports, Self::Inherits, Self::Tests];

    /// Its name on the command line and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Callers => "callers",
            Self::Callees => "callees",
            Self::References => "references",
            Self::Imports => "imports",
            Self::Inherits => "inherits",
            Self::Tests => "tests",
        }
    }

    /// The relation with this name.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] names those there are.
    pub fn from_name(name: &str) -> Result<Self> {
        Self::ALL.iter().copied().find(|relation| relation.name() == name).ok_or_else(|| {
            let known = Self::ALL.iter().map(|relation| relation.name()).collect::<Vec<_>>().join(", ");
            Error::InvalidInput { what: "relation", detail: format!("\"{name}\" is unknown; known are {known}") }
        })
    }

    const fn empty_reason(self) -> &'static str {
        match self {
            Self::Callers => "no-callers",
            Self::Callees => "no-callees",
            Self::References => "no-references",
            Self::Imports => "no-imports",
            Self::Inherits => "no-inherits",
            Self::Tests => "no-tests",
        }
    }

    /// Whether edges of this kind are followed; from the target to the source if `backwards`.
    fn follows(self, kind: EdgeKind, backwards: bool, from_file: bool) -> bool {
        match self {
            Self::Callers => backwards && matches!(kind, EdgeKind::Calls | EdgeKind::Routes),
            Self::Callees => !backwards && kind == EdgeKind::Calls,
            Self::References => backwards,
            Self::Imports => kind == EdgeKind::Imports && backwards != from_file,
            Self::Inherits => matches!(kind, EdgeKind::Inherits | EdgeKind::Implements),
            Self::Tests => backwards && !matches!(kind, EdgeKind::Imports | EdgeKind::ConfigKey),
        }
    }
}

/// How a question about the graph is limited.
#[derive(Clone, Debug, PartialEq)]
pub struct GraphOptions {
    /// How many edges an answer may be away from what was asked about: 1 to 32.
    pub depth: u32,
    /// The most edges returned.
    pub limit: usize,
    /// The least confidence of the edges followed, from 0 to 1.
    pub confidence: f32,
    /// Where the other end of an edge may be.
    pub filters: Filters,
}

/// A file or a symbol at one end of an edge.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct GraphNode {
    /// Path relative to the root.
    pub path: String,
    /// The line of the name of a symbol; 1 for a file.
    pub line: u32,
    /// First line; of a file 1.
    pub start_line: u32,
    /// Last line.
    pub end_line: u32,
    /// The name of the symbol with those around it; `None` for a file.
    pub symbol: Option<String>,
    /// What the symbol is; "file" for a file.
    pub kind: &'static str,
    /// The file's language.
    pub language: Option<&'static str>,
}

/// An edge of an answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GraphEdge {
    /// How many edges it is away from what was asked about, from 1.
    pub depth: u32,
    /// What it says: calls, imports, inherits, implements, references, routes or config-key; tests for what a test does.
    pub kind: &'static str,
    /// Whether it leads away from what was asked about ("out") or to it ("in").
    pub direction: &'static str,
    /// The line in the source's file on which the use stands.
    pub line: u32,
    /// From 0 to 1.
    pub confidence: f32,
    /// "exact", "likely" or "ambiguous".
    pub certainty: &'static str,
    /// What found it.
    pub extractor: &'static str,
    /// Whether the use may mean more than all that are kept.
    pub truncated: bool,
    /// What uses.
    pub source: GraphNode,
    /// What is used.
    pub target: GraphNode,
    /// The route that leads to the target, with its method, of a "routes" edge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
}

/// The answer to a question about the graph.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GraphAnswer {
    /// Version of this record.
    pub schema: &'static str,
    /// What was asked about.
    pub name: String,
    /// What was asked.
    pub relation: &'static str,
    /// The definitions, or the file, that the name means.
    pub definitions: Vec<GraphNode>,
    /// The edges, the nearest first.
    pub edges: Vec<GraphEdge>,
    /// The weakest of the edges: "exact", "likely" or "ambiguous"; `None` if there are none.
    pub certainty: Option<&'static str>,
    /// Whether a limit cut the answer short.
    pub truncated: bool,
    /// What the answer is based on.
    pub coverage: Coverage,
    /// Why there are no edges: "not-indexed", "graph-not-made" (there is an index, but no graph yet), "not-found", "stale",
    /// "language-not-parsed", "language-without-edges", "filtered-out", or "no-callers" and the like.
    pub empty_reason: Option<&'static str>,
}

impl GraphAnswer {
    /// The documented JSON text.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// An answer without anything, and why.
    pub(crate) fn empty(name: &str, relation: Relation, coverage: Coverage, reason: &'static str) -> Self {
        Self {
            schema: "pampax.graph/1",
            name: name.to_owned(),
            relation: relation.name(),
            definitions: Vec::new(),
            edges: Vec::new(),
            certainty: None,
            truncated: false,
            coverage,
            empty_reason: Some(reason),
        }
    }
}

/// Answers a question about `name`: a symbol, qualified or not, or the path of a file.
pub(crate) fn graph(
    snapshot: &Snapshot,
    root: &Path,
    name: &str,
    relation: Relation,
    options: &GraphOptions,
    notes: &[String],
) -> Result<GraphAnswer> {
    check(options)?;
    let filter = Filter::new(&options.filters)?;
    let mut coverage = coverage(snapshot, NO_MEANING, notes);
    if !coverage.edges_by_name_only.is_empty() {
        let languages = coverage.edges_by_name_only.iter();
        let languages: Vec<String> = languages.map(|(language, files)| format!("{language} ({files} files)")).collect();
        coverage.notes.push(format!("edges of {} rest on names alone", languages.join(", ")));
    }
    let Some(view) = GraphView::of(snapshot) else {
        coverage.notes.push("how the code hangs together is not known yet: the index is still being made".to_owned());
        return Ok(GraphAnswer::empty(name, relation, coverage, "graph-not-made"));
    };
    let (mut starts, more) = view.nodes_named(name);
    if more {
        coverage.notes.push(format!("the name has more than {STARTS_MAX} definitions; the first are taken"));
    }
    starts.sort_by_cached_key(|&node| view.place(node));
    let definitions: Vec<GraphNode> = starts.iter().map(|&node| view.describe(node)).collect();
    let mut walk =
        Walk { view: &view, relation, options, filter: &filter, found: Vec::new(), left_out: 0, truncated: more };
    walk.run(&starts);
    let Walk { found, left_out, truncated, .. } = walk;
    let of_type = |&node: &u32| view.symbol(node).is_some_and(|symbol| view.world.kind(symbol) == SymbolKind::Method);
    if is_common(name)
        && starts.iter().any(of_type)
        && matches!(relation, Relation::Callers | Relation::References | Relation::Tests)
    {
        coverage.notes.push(format!(
            "calls of methods named {} are only counted where the type of the receiver is known: the name is too common",
            last_part(name)
        ));
    }
    let weakest = found.iter().map(|edge| rank_of(edge.certainty)).max();
    let empty_reason = match found.is_empty() {
        false => None,
        true if starts.is_empty() => Some("not-found"),
        true if left_out > 0 => Some("filtered-out"),
        true if starts.iter().all(|&node| !view.has_uses(node)) => Some("language-without-edges"),
        true => Some(relation.empty_reason()),
    };
    coverage.truncated = truncated;
    coverage.stale_paths = stale_paths(snapshot, root, view.entries_of(&found, &starts).into_iter());
    Ok(GraphAnswer {
        schema: "pampax.graph/1",
        name: name.to_owned(),
        relation: relation.name(),
        definitions,
        edges: found,
        certainty: weakest.map(|rank| CERTAINTIES[rank]),
        truncated,
        coverage,
        empty_reason,
    })
}

/// From the surest on.
const CERTAINTIES: [&str; 3] = ["exact", "likely", "ambiguous"];

fn rank_of(certainty: &str) -> usize {
    CERTAINTIES.iter().position(|known| *known == certainty).unwrap_or(CERTAINTIES.len() - 1)
}

fn certainty(edge: &Edge) -> &'static str {
    match (edge.confidence(), edge.is_ambiguous()) {
        (100, _) => CERTAINTIES[0],
        (LIKELY.., false) => CERTAINTIES[1],
        _ => CERTAINTIES[2],
    }
}

fn check(options: &GraphOptions) -> Result<()> {
    let wrong = |what, detail| Err(Error::InvalidInput { what, detail });
    if options.depth == 0 || options.depth > DEPTH_MAX {
        return wrong("depth", format!("{} is not between 1 and {DEPTH_MAX}", options.depth));
    }
    if options.limit == 0 {
        return wrong("limit", "0 is too small: ask for at least 1".to_owned());
    }
    if !(0.0..=1.0).contains(&options.confidence) {
        return wrong("confidence", format!("{} is not between 0 and 1", options.confidence));
    }
    Ok(())
}

fn last_part(name: &str) -> &str {
    name.rsplit(['.', '#', ':']).next().unwrap_or(name)
}

fn is_common(name: &str) -> bool {
    COMMON_METHODS.contains(&last_part(name))
}

/// The graph of a snapshot with what its nodes stand for.
pub(crate) struct GraphView<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) edges: LiveEdges<'a>,
    pub(crate) world: World<'a>,
}

impl<'a> GraphView<'a> {
    /// The graph of a snapshot; `None` if it has none.
    pub(crate) fn of(snapshot: &'a Snapshot) -> Option<Self> {
        Some(Self { snapshot, edges: snapshot.edges()?, world: snapshot.world() })
    }

    fn file_count(&self) -> u32 {
        self.world.files().len() as u32
    }

    /// The symbol a node stands for; `None` for a file.
    pub(crate) fn symbol(&self, node: u32) -> Option<u32> {
        node.checked_sub(self.file_count()).filter(|&symbol| symbol < self.world.symbol_count())
    }

    /// The file of a node.
    pub(crate) fn file(&self, node: u32) -> u32 {
        self.symbol(node).map_or(node, |symbol| self.world.file_of(symbol))
    }

    /// Whether a node is part of a test.
    pub(crate) fn is_test(&self, node: u32) -> bool {
        match self.symbol(node) {
            Some(symbol) => self.world.is_test(symbol),
            None => self.world.is_test_file(node),
        }
    }

    /// The chunk (numbered over all segments) in which the name of a symbol stands.
    pub(crate) fn chunk_of(&self, node: u32) -> Option<u32> {
        let (facts, local) = self.world.local(self.symbol(node)?);
        let (segment, _) = self.segment(self.file(node));
        Some(segment.first_chunk + facts.chunk_of_symbol(local)?)
    }

    /// Whether a route leads to a symbol (numbered in its segment) of an entry (numbered over all segments).
    pub(crate) fn is_routed(&self, entry: u32, symbol: Option<u32>) -> bool {
        let (segment, _) = self.snapshot.entry(entry);
        let node = symbol.and_then(|symbol| self.snapshot.graph_symbol(segment, symbol));
        node.is_some_and(|node| self.edges.incoming(node).any(|(_, edge)| edge.kind() == EdgeKind::Routes))
    }

    /// The chunk in which a line of the file of a node stands.
    pub(crate) fn chunk_at(&self, node: u32, line: u32) -> Option<u32> {
        let (segment, entry) = self.segment(self.file(node));
        let facts = &segment.open.facts;
        let chunks = facts.chunks_of(entry);
        let records = facts.chunks().get(chunks.start as usize..chunks.end as usize)?;
        let chunk = chunks.start + records.partition_point(|chunk| chunk.span().end < line) as u32;
        chunks.contains(&chunk).then_some(segment.first_chunk + chunk)
    }

    fn place(&self, node: u32) -> (&'a str, u32, u32) {
        let line = self.symbol(node).map_or(0, |symbol| self.world.record(symbol).name_line());
        (self.world.path(self.file(node)), line, node)
    }

    fn segment(&self, file: u32) -> (&'a ViewedSegment, u32) {
        let [segment, entry] = self.world.files()[file as usize];
        (&self.snapshot.segments[segment as usize], entry)
    }

    fn describe(&self, node: u32) -> GraphNode {
        let file = self.file(node);
        let path = self.world.path(file).to_owned();
        let language = self.world.language(file).map(|language| language.name());
        let Some(symbol) = self.symbol(node) else {
            let (facts, entry) = self.world.file(file);
            let lines = facts.entries()[entry as usize].lines.max(1);
            return GraphNode { path, line: 1, start_line: 1, end_line: lines, symbol: None, kind: "file", language };
        };
        let (facts, local) = self.world.local(symbol);
        let record = self.world.record(symbol);
        GraphNode {
            path,
            line: record.name_line(),
            start_line: record.span().start,
            end_line: record.span().end,
            symbol: Some(facts.qualified_name(local)),
            kind: record.kind().name(),
            language,
        }
    }

    /// The nodes that `name` means: the file of that path, or the symbols so called (to the letter, if there are any; qualified
    /// names must match from the end). Whether there are more.
    pub(crate) fn nodes_named(&self, name: &str) -> (Vec<u32>, bool) {
        let path = name.trim_start_matches("./");
        if let Some(file) = self.world.find_path(path) {
            return (vec![file], false);
        }
        let wanted: Vec<&str> =
            name.split(['.', '#']).flat_map(|part| part.split("::")).filter(|part| !part.is_empty()).collect();
        let Some((last, around)) = wanted.split_last() else { return (Vec::new(), false) };
        let mut nodes = Vec::new();
        let exact = self.world.named(last);
        let found = if exact.is_empty() { self.world.named_alike(last) } else { exact };
        for symbol in found {
            let (facts, local) = self.world.local(symbol);
            if !around.is_empty() && !ends_with(&facts.qualified_name(local), around) {
                continue;
            }
            if nodes.len() == STARTS_MAX {
                return (nodes, true);
            }
            nodes.push(self.file_count() + symbol);
        }
        (nodes, false)
    }

    /// Whether the language of a node has uses of names that edges are made of.
    fn has_uses(&self, node: u32) -> bool {
        self.world.language(self.file(node)).is_some_and(|language| language.is_code())
    }

    /// The entries (numbered over all segments) that an answer shows.
    fn entries_of(&self, found: &[GraphEdge], starts: &[u32]) -> BTreeSet<u32> {
        let by_path: BTreeSet<&str> =
            found.iter().flat_map(|edge| [edge.source.path.as_str(), edge.target.path.as_str()]).collect();
        let files = by_path.into_iter().filter_map(|path| self.world.find_path(path));
        let shown: BTreeSet<u32> = files.chain(starts.iter().map(|&node| self.file(node))).collect();
        shown
            .into_iter()
            .map(|file| {
                let (segment, entry) = self.segment(file);
                segment.first_entry + entry
            })
            .collect()
    }

    /// The text of the route that stands on `line` of a file.
    fn route(&self, file: u32, line: u32) -> Option<String> {
        let (facts, entry) = self.world.file(file);
        let mark = facts.marks_of(entry).iter().find(|mark| mark.is_route() && mark.line() == line)?;
        let (method, path) = (facts.name(mark.method), facts.name(mark.text));
        Some(if method.is_empty() { path.to_owned() } else { format!("{method} {path}") })
    }
}

fn ends_with(qualified: &str, around: &[&str]) -> bool {
    let mut containers = qualified.rsplit('.').skip(1);
    around.iter().rev().all(|part| containers.next().is_some_and(|name| name.eq_ignore_ascii_case(part)))
}

/// A bounded walk, level by level.
struct Walk<'w, 'a> {
    view: &'w GraphView<'a>,
    relation: Relation,
    options: &'w GraphOptions,
    filter: &'w Filter,
    found: Vec<GraphEdge>,
    /// Edges that only the filters left out.
    left_out: usize,
    truncated: bool,
}

/// An edge with the node that is reached over it.
struct Step {
    other: u32,
    source: u32,
    backwards: bool,
    edge: Edge,
}

impl Walk<'_, '_> {
    fn run(&mut self, starts: &[u32]) {
        let mut seen: HashSet<u32> = starts.iter().copied().collect();
        let from_file = starts.iter().any(|&node| self.view.symbol(node).is_none());
        let mut level: Vec<(u32, Option<bool>)> = starts.iter().map(|&node| (node, None)).collect();
        for depth in 1..=self.options.depth {
            let mut steps: Vec<Step> = Vec::new();
            for &(node, direction) in &level {
                self.steps_from(node, direction, from_file, &mut steps);
            }
            let place = |node: u32| self.view.place(node);
            steps.sort_by_cached_key(|step| {
                (
                    std::cmp::Reverse(step.edge.confidence()),
                    step.edge.is_ambiguous(),
                    place(step.other),
                    step.edge.line,
                    step.edge.kind(),
                    place(step.source),
                )
            });
            level.clear();
            for step in steps {
                if self.found.len() == self.options.limit {
                    self.truncated = true;
                    return;
                }
                if self.passes(step.other) {
                    let shown = self.show(&step, depth);
                    self.found.extend(shown);
                } else {
                    self.left_out += 1;
                }
                // A walk along bases does not turn round to those of others.
                if seen.len() < NODES_MAX && seen.insert(step.other) {
                    level.push((step.other, Some(step.backwards)));
                }
            }
            self.truncated |= seen.len() >= NODES_MAX;
            if level.is_empty() {
                return;
            }
        }
    }

    fn steps_from(&self, node: u32, direction: Option<bool>, from_file: bool, steps: &mut Vec<Step>) {
        let least = (self.options.confidence * 100.0).round() as u8;
        let wanted = |edge: &Edge, backwards: bool| {
            edge.confidence() >= least
                && self.relation.follows(edge.kind(), backwards, from_file)
                && direction.is_none_or(|direction| direction == backwards)
        };
        for edge in self.view.edges.out(node).into_iter().filter(|edge| wanted(edge, false)) {
            steps.push(Step { other: edge.target, source: node, backwards: false, edge });
        }
        // What only leads away from a node with many callers need not look at them.
        if self.relation == Relation::Callees || (self.relation == Relation::Imports && from_file) {
            return;
        }
        for (source, edge) in self.view.edges.incoming(node).filter(|(_, edge)| wanted(edge, true)) {
            steps.push(Step { other: source, source, backwards: true, edge });
        }
    }

    fn passes(&self, node: u32) -> bool {
        let file = self.view.file(node);
        let (segment, entry) = self.view.segment(file);
        let local = self.view.symbol(node).map(|symbol| self.view.world.local(symbol).1);
        self.filter.entry(segment, entry) && self.filter.symbol(&segment.open.facts, entry, local)
    }

    fn show(&self, step: &Step, depth: u32) -> Option<GraphEdge> {
        let of_test = self.relation == Relation::Tests;
        if of_test && !self.view.is_test(step.source) {
            return None;
        }
        let (edge, view) = (&step.edge, self.view);
        Some(GraphEdge {
            depth,
            kind: if of_test { "tests" } else { edge.kind().name() },
            direction: if step.backwards { "in" } else { "out" },
            line: edge.line,
            confidence: f32::from(edge.confidence()) / 100.0,
            certainty: certainty(edge),
            extractor: edge.extractor().name(),
            truncated: edge.is_truncated(),
            source: view.describe(step.source),
            target: view.describe(edge.target),
            route: (edge.kind() == EdgeKind::Routes).then(|| view.route(view.file(step.source), edge.line)).flatten(),
        })
    }
}

impl Snapshot {
    /// How many files and symbols use a symbol (numbered in its segment) by edges that are likely. 0 without a graph.
    pub(crate) fn users_of_symbol(&self, segment: &ViewedSegment, symbol: u32) -> u32 {
        self.graph_symbol(segment, symbol).map_or(0, |node| self.users_of_node(node))
    }

    fn users_of_node(&self, node: u32) -> u32 {
        let Some(edges) = self.edges() else { return 0 };
        let (mut users, mut last) = (0, None);
        // Edges into a node come by their source.
        for (source, edge) in edges.incoming(node) {
            if edge.confidence() >= LIKELY && last != Some(source) && source != node {
                users += 1;
                last = Some(source);
            }
        }
        users
    }
}

/// All edges out of a file and its symbols, by source, target and line: for looking at what was found, and for measuring it.
pub(crate) fn edges_of_file(snapshot: &Snapshot, path: &str) -> Option<Vec<GraphEdge>> {
    let view = GraphView::of(snapshot)?;
    let file = view.world.find_path(path)?;
    let symbols = view.world.symbols_of(file).map(|symbol| view.file_count() + symbol);
    let mut found = Vec::new();
    for source in std::iter::once(file).chain(symbols) {
        found.extend(view.edges.out(source).iter().map(|edge| GraphEdge {
            depth: 1,
            kind: edge.kind().name(),
            direction: "out",
            line: edge.line,
            confidence: f32::from(edge.confidence()) / 100.0,
            certainty: certainty(edge),
            extractor: edge.extractor().name(),
            truncated: edge.is_truncated(),
            source: view.describe(source),
            target: view.describe(edge.target),
            route: (edge.kind() == EdgeKind::Routes).then(|| view.route(file, edge.line)).flatten(),
        }));
    }
    Some(found)
}
