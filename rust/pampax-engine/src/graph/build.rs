//! Making the graph of a view: every use of every file resolved, in parallel; or, after an edit that changes nothing others can
//! see, the edges of the edited files alone.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use pampax_base::{Error, ReferenceKind, Result, SymbolKind};
use pampax_scip::ScipIndex;
use pampax_store::{Edge, EdgeKind, Edges, EdgesBuilder, Extractor, Facts, GraphFile, MarkRecord, Rows};

use crate::graph::exact::{Exact, Said, ScipReport};
use crate::graph::modules::Modules;
use crate::graph::resolve::{AMBIGUOUS_MAX, Meaning, Resolver};
use crate::graph::world::{Numbering, World};

/// The most files a worker takes at once; fewer when there are few, so that no worker waits for another's last batch.
const BATCH_FILES_MAX: usize = 64;
/// Into how many batches the work of a thread is cut at least.
const BATCHES_PER_THREAD: usize = 8;
/// Below this many files to resolve a second thread costs more than it gives.
const ONE_THREAD_FILES: usize = 16;
/// The table of names is made if of so many files one is resolved at least: else its names are found sooner one by one.
const FILES_PER_ASKED_FOR_TABLE: usize = 16;
/// What one symbol costs while the graph is made: its number, its file, and its place in the tables of both directions.
pub(crate) const SYMBOL_GRAPH_BYTES: u64 = 32;
/// How often progress is reported and cancelling looked for.
const TICK: Duration = Duration::from_millis(50);

/// Told how many files are done of how many; false stops.
pub(crate) type FilesSink<'a> = dyn FnMut(u64, u64) -> bool + 'a;

/// Indexes to import, and the folder that holds the files.
pub(crate) struct Scip<'a> {
    pub(crate) indexes: &'a [ScipIndex],
    pub(crate) root: &'a Path,
}

/// What a graph may be made with.
#[derive(Clone, Copy)]
pub(crate) struct Means {
    pub(crate) threads: usize,
    /// Whether there is memory for a table of all names, if that pays.
    pub(crate) names_table: bool,
}

/// What a SCIP index says of the uses of a file, by line and name.
type SaidOf<'s> = dyn Fn(u32) -> Option<HashMap<(u32, &'s str), Said>> + Sync + 's;

/// The edges of one file.
#[derive(Default)]
struct FileEdges {
    file: Vec<Edge>,
    /// Each with the number of its symbol within the file.
    symbols: Vec<(u32, Edge)>,
}

/// The edges of one file, as they are written.
#[derive(Default)]
struct FileRows {
    file: Rows,
    symbols: Rows,
    edges: u64,
}

/// Makes the graph of the world over `facts`; `entries` are those of the view, each with the position of its segment.
///
/// What `scip` says, and what indexes imported before said, takes the place of what the text tells.
///
/// # Errors
/// [`Error::Cancelled`] if `progress` said no.
pub(crate) fn build(
    facts: Vec<&Facts>,
    entries: impl Iterator<Item = [u32; 2]>,
    before: Option<&Edges>,
    scip: &Scip<'_>,
    means: Means,
    progress: &mut FilesSink<'_>,
) -> Result<(EdgesBuilder, ScipReport)> {
    let numbering = Numbering::new(&facts, entries);
    let world = World::new(facts, &numbering).with_paths();
    let mut exact = before.map_or_else(Exact::default, |before| Exact::decode(before.state()));
    let mut report = ScipReport::default();
    for index in scip.indexes {
        exact.add(&world, scip.root, index, &mut report);
    }
    exact.prune(&world);
    let covered = exact.by_file(&world);
    let mut unchanged = before.and_then(|before| unchanged(&world, before));
    // What is said of a file may lead to another that has changed.
    for (file, unchanged) in unchanged.iter_mut().flatten().enumerate() {
        *unchanged &= !covered.contains_key(&(file as u32));
    }
    let work: Vec<u32> = (0..world.files().len() as u32)
        .filter(|&file| unchanged.as_ref().is_none_or(|unchanged| !unchanged[file as usize]))
        .collect();
    let said = |file: u32| covered.get(&file).map(|&document| exact.said(&world, document));
    let mut of_file = resolve_all(&world, &work, &said, means, progress)?;
    if let (Some(before), Some(unchanged)) = (before, &unchanged) {
        for (file, rows) in of_file.iter_mut().enumerate().filter(|(file, _)| unchanged[*file]) {
            *rows = copied(&world, before, file as u32);
        }
    }
    let files = (0..world.files().len() as u32).map(|file| graph_file(&world, file));
    let mut builder = EdgesBuilder::new(files, world.first_symbols().to_vec());
    builder.state = exact.encode();
    for rows in &of_file {
        builder.append(&rows.file, rows.edges);
    }
    for rows in &mut of_file {
        builder.append(&std::mem::take(rows).symbols, 0);
    }
    Ok((builder, report))
}

/// What the graph remembers of a file.
fn graph_file<'a>(world: &World<'a>, file: u32) -> GraphFile<'a> {
    let (facts, entry) = world.file(file);
    let blob = facts.entries().get(entry as usize).map_or_else(Default::default, |entry| entry.blob);
    GraphFile { path: facts.path_bytes(entry), blob, face: facts.face_of(entry) }
}

/// For each file whether its edges are those of before; `None` if a file came or went, or shows others something new.
fn unchanged(world: &World<'_>, before: &Edges) -> Option<Vec<bool>> {
    if before.file_count() != world.files().len() || before.first_symbols() != world.first_symbols() {
        return None;
    }
    let mut unchanged = Vec::with_capacity(before.file_count());
    for (file, old) in before.files().enumerate() {
        let new = graph_file(world, file as u32);
        if new.path != old.path || new.face != old.face {
            return None;
        }
        unchanged.push(new.blob == old.blob);
    }
    Some(unchanged)
}

fn copied(world: &World<'_>, edges: &Edges, file: u32) -> FileRows {
    let first = world.files().len() as u32;
    let symbols = world.symbols_of(file);
    let (of_file, count) = edges.rows(file..file + 1);
    let (of_symbols, more) = edges.rows(first + symbols.start..first + symbols.end);
    FileRows { file: of_file, symbols: of_symbols, edges: count + more }
}

impl FileRows {
    /// Writes the edges of a file that has `symbols` symbols.
    fn of(mut edges: FileEdges, symbols: u32) -> Self {
        let mut rows = Self::default();
        rows.edges += u64::from(rows.file.push(&mut edges.file));
        edges.symbols.sort_unstable();
        let mut rest = edges.symbols.as_slice();
        let mut own = Vec::new();
        for symbol in 0..symbols {
            let count = rest.partition_point(|(within, _)| *within <= symbol);
            own.extend(rest[..count].iter().map(|(_, edge)| *edge));
            rest = &rest[count..];
            rows.edges += u64::from(rows.symbols.push(&mut own));
        }
        rows
    }
}

/// The edges of each file; of those not in `work` none.
fn resolve_all(
    world: &World<'_>,
    work: &[u32],
    said: &SaidOf<'_>,
    Means { threads, names_table }: Means,
    progress: &mut FilesSink<'_>,
) -> Result<Vec<FileRows>> {
    let mut of_file: Vec<FileRows> = Vec::new();
    of_file.resize_with(world.files().len(), FileRows::default);
    if work.is_empty() {
        return Ok(of_file);
    }
    if names_table && work.len() * FILES_PER_ASKED_FOR_TABLE >= world.files().len() {
        world.expect_many_names();
    }
    let modules = Modules::new(world);
    if work.len() < ONE_THREAD_FILES {
        let mut resolver = Resolver::new(world, &modules);
        for &file in work {
            of_file[file as usize] = edges_of(world, &mut resolver, file, said(file).as_ref());
        }
        return Ok(of_file);
    }
    let batch_files = (work.len() / (threads.max(1) * BATCHES_PER_THREAD)).clamp(1, BATCH_FILES_MAX);
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (sender, receiver) = channel();
    std::thread::scope(|scope| {
        for number in 0..threads.max(1) {
            let (sender, next, stop, modules) = (sender.clone(), &next, &stop, &modules);
            let worker = move || {
                let mut resolver = Resolver::new(world, modules);
                loop {
                    let first = next.fetch_add(batch_files, Ordering::Relaxed);
                    let Some(batch) =
                        work.get(first..(first + batch_files).min(work.len())).filter(|batch| !batch.is_empty())
                    else {
                        break;
                    };
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    let found: Vec<(u32, FileRows)> = batch
                        .iter()
                        .map(|&file| (file, edges_of(world, &mut resolver, file, said(file).as_ref())))
                        .collect();
                    resolver.trim();
                    if sender.send(found).is_err() {
                        break;
                    }
                }
            };
            std::thread::Builder::new()
                .name(format!("pampax-graph-{number}"))
                .spawn_scoped(scope, worker)
                .map_err(|error| Error::internal("start a worker", error))?;
        }
        drop(sender);
        let mut done = 0;
        loop {
            match receiver.recv_timeout(TICK) {
                Ok(found) => {
                    done += found.len();
                    for (file, edges) in found {
                        of_file[file as usize] = edges;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if !progress(done as u64, work.len() as u64) {
                stop.store(true, Ordering::Relaxed);
            }
        }
        match (stop.load(Ordering::Relaxed), done == work.len()) {
            (true, _) => Err(Error::Cancelled),
            (false, true) => Ok(()),
            (false, false) => Err(Error::internal("make the graph", "a worker stopped unexpectedly")),
        }
    })?;
    Ok(of_file)
}

/// The edges out of a file and its symbols.
fn edges_of(
    world: &World<'_>,
    resolver: &mut Resolver<'_, '_>,
    file: u32,
    said: Option<&HashMap<(u32, &str), Said>>,
) -> FileRows {
    let mut edges = FileEdges::default();
    let (facts, entry) = world.file(file);
    let first_symbol = world.files().len() as u32;
    let mut told: HashSet<(u32, &str)> = HashSet::new();
    for reference in facts.references_of(entry) {
        let kind = match reference.kind() {
            ReferenceKind::Import => continue,
            ReferenceKind::Call => EdgeKind::Calls,
            ReferenceKind::Inherit => EdgeKind::Inherits,
            ReferenceKind::Implement => EdgeKind::Implements,
            ReferenceKind::Type | ReferenceKind::Use => EdgeKind::References,
        };
        let key = (reference.line(), facts.name(reference.name()));
        let exact = said.and_then(|said| said.get(&key));
        match exact {
            Some(Said::Symbols(symbols)) => {
                told.insert(key);
                for symbol in symbols {
                    edges.push(reference.symbol(), exact_edge(first_symbol + symbol, reference.line(), kind));
                }
            }
            Some(Said::Elsewhere) => {}
            Some(Said::Unknown) | None => {
                let meaning = resolver.reference(file, &reference);
                for edge in edges_to(&meaning, first_symbol, reference.line(), kind) {
                    edges.push(reference.symbol(), edge);
                }
            }
        }
    }
    for (key, exact) in sorted(said) {
        if let (Said::Symbols(symbols), false) = (exact, told.contains(key)) {
            let source = innermost_on(world, file, key.0);
            for symbol in symbols
                .iter()
                .filter(|symbol| world.record(**symbol).name_line() != key.0 || world.file_of(**symbol) != file)
            {
                edges.push(source, exact_edge(first_symbol + symbol, key.0, EdgeKind::References));
            }
        }
    }
    for (number, import) in facts.imports_of(entry).iter().enumerate() {
        let (symbols, files) = resolver.import(file, number);
        let nodes = symbols.iter().take(AMBIGUOUS_MAX).map(|symbol| first_symbol + symbol).chain(files);
        let edge = |node| Edge::new(node, import.line(), EdgeKind::Imports, Extractor::Import, 90);
        edges.file.extend(nodes.filter(|&node| node != file).map(edge));
    }
    for mark in facts.marks_of(entry) {
        if mark.is_route() {
            add_route(world, resolver, file, mark, &mut edges);
        } else {
            add_key(world, file, mark, &mut edges);
        }
    }
    FileRows::of(edges, world.symbols_of(file).len() as u32)
}

impl FileEdges {
    /// Adds an edge out of a symbol of the file, or out of the file.
    fn push(&mut self, source: Option<u32>, edge: Edge) {
        match source {
            Some(symbol) => self.symbols.push((symbol, edge)),
            None => self.file.push(edge),
        }
    }
}

fn exact_edge(target: u32, line: u32, kind: EdgeKind) -> Edge {
    Edge::new(target, line, kind, Extractor::Scip, 100)
}

fn sorted<'m, 's>(said: Option<&'m HashMap<(u32, &'s str), Said>>) -> Vec<(&'m (u32, &'s str), &'m Said)> {
    let mut all: Vec<_> = said.into_iter().flatten().collect();
    all.sort_unstable_by_key(|(key, _)| **key);
    all
}

/// The innermost symbol of a file, numbered in it, that holds a line.
fn innermost_on(world: &World<'_>, file: u32, line: u32) -> Option<u32> {
    let symbols = world.symbols_of(file);
    let holds = |symbol: &u32| {
        let span = world.record(*symbol).span();
        span.start <= line && line <= span.end
    };
    symbols
        .clone()
        .filter(holds)
        .min_by_key(|&symbol| (world.record(symbol).span().len(), symbol))
        .map(|symbol| symbol - symbols.start)
}

fn edges_to(meaning: &Meaning, first_symbol: u32, line: u32, kind: EdgeKind) -> impl Iterator<Item = Edge> + '_ {
    meaning.symbols.iter().map(move |&(symbol, grade)| {
        let edge = Edge::new(first_symbol + symbol, line, kind, grade.extractor, grade.confidence);
        if meaning.ambiguous { edge.ambiguous(meaning.truncated) } else { edge }
    })
}

fn add_route(world: &World<'_>, resolver: &mut Resolver<'_, '_>, file: u32, mark: &MarkRecord, edges: &mut FileEdges) {
    let (facts, _) = world.file(file);
    let first_symbol = world.files().len() as u32;
    let first = world.first_symbols()[file as usize];
    let handler = facts.name(mark.handler);
    let scope = mark.symbol().map(|symbol| first + symbol);
    if handler.is_empty() {
        let own = scope.filter(|&symbol| world.kind(symbol).is_callable());
        let edge = |symbol| Edge::new(first_symbol + symbol, mark.line(), EdgeKind::Routes, Extractor::SameFile, 90);
        edges.file.extend(own.map(edge));
        return;
    }
    // Rails names a handler as `sessions#create`.
    let meaning = resolver.chain(file, scope, &handler.replace('#', "."));
    edges.file.extend(edges_to(&meaning, first_symbol, mark.line(), EdgeKind::Routes));
}

/// An edge to the key of a configuration file that has the name.
fn add_key(world: &World<'_>, file: u32, mark: &MarkRecord, edges: &mut FileEdges) {
    let (facts, _) = world.file(file);
    let key = facts.name(mark.text).trim_start_matches("${").trim_end_matches('}');
    let key = key.split(':').next().unwrap_or(key);
    let last = key.rsplit('.').next().unwrap_or(key);
    let mut found: Vec<u32> = world.named(last);
    found.retain(|&symbol| {
        let (facts, local) = world.local(symbol);
        let qualified = || facts.qualified_name(local);
        let is_key = matches!(world.kind(symbol), SymbolKind::Key);
        is_key && (last == key || qualified() == key || qualified().ends_with(&format!(".{key}")))
    });
    let (ambiguous, truncated) = (found.len() > 1, found.len() > AMBIGUOUS_MAX);
    for &symbol in found.iter().take(AMBIGUOUS_MAX) {
        let confidence = if ambiguous { 30 } else { 60 };
        let node = world.files().len() as u32 + symbol;
        let edge = Edge::new(node, mark.line(), EdgeKind::ConfigKey, Extractor::Name, confidence);
        let edge = if ambiguous { edge.ambiguous(truncated) } else { edge };
        edges.push(mark.symbol(), edge);
    }
}
