//! The graph of a view: edges between its files and symbols, readable from both ends.
//!
//! Nodes are numbered: first the files of the view in the order of their paths, then their symbols, file by file. So the
//! numbers, and with them the whole file, follow from what the view holds and not from how the store is cut into segments: the
//! graph names its files by path and content, stays as it is while segments are merged, and may be older than the view (the
//! edges of files that are still what they were hold).
//!
//! The edges out of a node are one row of bytes; what one use may mean (several targets on one line, found in one way) is one
//! group in it. For the other direction each node has a row with the nodes that lead to it: 7 bytes an edge in all, where
//! plain numbers took 20.

use std::ops::Range;
use std::path::Path;

use pampax_base::{Error, Result};

use crate::columns::{Columns, ColumnsWriter};
use crate::varint::{self, Reader};

mod tag {
    pub(super) const PATHS: u64 = 1;
    pub(super) const FIRST_SYMBOLS: u64 = 2;
    pub(super) const OUT_STARTS: u64 = 3;
    pub(super) const OUT: u64 = 4;
    pub(super) const IN_STARTS: u64 = 5;
    pub(super) const IN: u64 = 6;
    pub(super) const STATE: u64 = 7;
    pub(super) const PATH_ENDS: u64 = 8;
    pub(super) const BLOBS: u64 = 9;
    pub(super) const FACES: u64 = 10;
    pub(super) const COUNT: u64 = 11;
}

macro_rules! numbered {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $name { $($(#[$vmeta])* $variant,)+ }

        impl $name {
            /// Every value, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name used in JSON and on the command line.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }
    };
}

numbered! {
    /// How two pieces of code hang together.
    EdgeKind {
        /// Calls it, or makes one of it.
        Calls = "calls",
        /// Imports it.
        Imports = "imports",
        /// Is a kind of it.
        Inherits = "inherits",
        /// Does what it declares.
        Implements = "implements",
        /// Names it in another way.
        References = "references",
        /// A file that registers a route, to the code that answers it.
        Routes = "routes",
        /// Reads the key of a configuration file.
        ConfigKey = "config-key",
    }
}

numbered! {
    /// What found an edge.
    Extractor {
        /// A SCIP index made by a compiler.
        Scip = "scip",
        /// An import, or a type that the text shows.
        Import = "import",
        /// A definition in the same file, or in a base class.
        SameFile = "same-file",
        /// A definition in the same package.
        Package = "package",
        /// The name alone.
        Name = "name",
    }
}

const CONFIDENCE_SHIFT: u32 = 8;
const AMBIGUOUS: u32 = 1 << 16;
const TRUNCATED: u32 = 1 << 17;

/// An edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// The node it leads to.
    pub target: u32,
    /// The line of the source's file on which it stands.
    pub line: u32,
    info: u32,
}

impl Edge {
    /// An edge to `target`, found on `line`. `confidence` is in percent.
    pub fn new(target: u32, line: u32, kind: EdgeKind, extractor: Extractor, confidence: u8) -> Self {
        let info = kind as u32 | (extractor as u32) << 4 | u32::from(confidence.min(100)) << CONFIDENCE_SHIFT;
        Self { target, line, info }
    }

    /// The same edge as one of several that a use may mean; `truncated` if there are more than are kept.
    #[must_use]
    pub fn ambiguous(mut self, truncated: bool) -> Self {
        self.info |= AMBIGUOUS | if truncated { TRUNCATED } else { 0 };
        self
    }

    /// The same edge to another node.
    #[must_use]
    pub fn leading_to(self, target: u32) -> Self {
        Self { target, ..self }
    }

    /// What it says.
    pub fn kind(&self) -> EdgeKind {
        EdgeKind::ALL.get((self.info & 15) as usize).copied().unwrap_or(EdgeKind::References)
    }

    /// What found it.
    pub fn extractor(&self) -> Extractor {
        Extractor::ALL.get((self.info >> 4 & 15) as usize).copied().unwrap_or(Extractor::Name)
    }

    /// How sure it is, in percent.
    pub fn confidence(&self) -> u8 {
        (self.info >> CONFIDENCE_SHIFT) as u8
    }

    /// Whether the use may mean others as well.
    pub fn is_ambiguous(&self) -> bool {
        self.info & AMBIGUOUS != 0
    }

    /// Whether the use may mean others that were left out.
    pub fn is_truncated(&self) -> bool {
        self.info & TRUNCATED != 0
    }
}

/// How many nodes share one entry of the tables that say where their rows begin.
const NODES_PER_START: usize = 16;

/// The rows of nodes, one after the other: each its length in bytes and that many bytes.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    nodes: u32,
    bytes: Vec<u8>,
}

impl Rows {
    /// Appends the edges out of the next node, which are sorted; equal ones are counted once. Gives how many there are.
    pub fn push(&mut self, edges: &mut Vec<Edge>) -> u32 {
        // What one use may mean shares its line and everything else: it is written once for all of them.
        edges.sort_unstable_by_key(|edge| (edge.line, edge.info, edge.target));
        edges.dedup();
        let count = edges.len() as u32;
        let mut row = Vec::with_capacity(8 * edges.len());
        let (mut line, mut target) = (0, 0_u32);
        for group in edges.chunk_by(|left, right| (left.line, left.info) == (right.line, right.info)) {
            varint::put(&mut row, group[0].line - line);
            line = group[0].line;
            let info = group[0].info;
            row.push((info & 0xF) as u8 | ((info >> 4) as u8 & 7) << 4 | u8::from(info & TRUNCATED != 0) << 7);
            row.push((info >> CONFIDENCE_SHIFT) as u8 & 0x7F | u8::from(info & AMBIGUOUS != 0) << 7);
            varint::put(&mut row, group.len() as u32);
            for edge in group {
                varint::put_signed(&mut row, edge.target.wrapping_sub(target) as i32);
                target = edge.target;
            }
        }
        self.push_bytes(&row);
        edges.clear();
        count
    }

    fn push_bytes(&mut self, row: &[u8]) {
        varint::put(&mut self.bytes, row.len() as u32);
        self.bytes.extend_from_slice(row);
        self.nodes += 1;
    }

    /// Appends rows as they are.
    pub fn append(&mut self, other: &Self) {
        self.bytes.extend_from_slice(&other.bytes);
        self.nodes += other.nodes;
    }

    /// Where the row of every [`NODES_PER_START`]-th node begins.
    fn starts(&self) -> Vec<u64> {
        let mut starts = Vec::with_capacity(self.nodes as usize / NODES_PER_START + 1);
        let mut reader = Reader::new(&self.bytes);
        for node in 0..self.nodes as usize {
            if node % NODES_PER_START == 0 {
                starts.push((self.bytes.len() - reader.len()) as u64);
            }
            let row = reader.number().and_then(|length| reader.take(length as usize));
            debug_assert!(row.is_some(), "rows are written as they are read");
        }
        starts
    }
}

fn decode(row: &[u8], mut visit: impl FnMut(Edge)) {
    let mut reader = Reader::new(row);
    let (mut line, mut target) = (0_u32, 0_u32);
    let mut group = || -> Option<()> {
        line = line.wrapping_add(reader.number()?);
        let (what, how) = (u32::from(reader.byte()?), u32::from(reader.byte()?));
        let marks = if how & 0x80 == 0 { 0 } else { AMBIGUOUS } | if what & 0x80 == 0 { 0 } else { TRUNCATED };
        let info = what & 0x7F | (how & 0x7F) << CONFIDENCE_SHIFT | marks;
        for _ in 0..reader.number()? {
            target = target.wrapping_add_signed(reader.signed()?);
            visit(Edge { target, line, info });
        }
        Some(())
    };
    while group().is_some() {}
}

/// A file of the graph: what it must be for the edges of its nodes to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GraphFile<'a> {
    /// Its path.
    pub path: &'a [u8],
    /// Hash of its content.
    pub blob: [u8; 16],
    /// Hash of what other files can see of it.
    pub face: u32,
}

/// Collects the graph of a view.
#[derive(Clone, Debug, Default)]
pub struct EdgesBuilder {
    /// What the graph was made from beside the view; compared to tell whether it still holds.
    pub state: Vec<u8>,
    paths: Vec<u8>,
    path_ends: Vec<u32>,
    blobs: Vec<[u8; 16]>,
    faces: Vec<u32>,
    first_symbols: Vec<u32>,
    rows: Rows,
    edges: u64,
}

impl EdgesBuilder {
    /// A graph over these files, in the order of their paths, without edges; `first_symbols` says for each file how many symbols
    /// stand before those of it, and at last how many there are. Edges are added node by node: [`Self::append`].
    pub fn new<'a>(files: impl Iterator<Item = GraphFile<'a>>, first_symbols: Vec<u32>) -> Self {
        let mut builder = Self { first_symbols, ..Self::default() };
        for file in files {
            builder.paths.extend_from_slice(file.path);
            builder.path_ends.push(builder.paths.len() as u32);
            builder.blobs.push(file.blob);
            builder.faces.push(file.face);
        }
        builder
    }

    /// Adds the rows of the next nodes, which have `edges` edges.
    pub fn append(&mut self, rows: &Rows, edges: u64) {
        self.rows.append(rows);
        self.edges += edges;
    }

    /// Writes the graph at `path` and syncs it.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write(mut self, path: &Path) -> Result<()> {
        let nodes = (self.blobs.len() + self.first_symbols.last().map_or(0, |&symbols| symbols as usize)) as u32;
        while self.rows.nodes < nodes {
            self.rows.push_bytes(&[]);
        }
        let starts = self.rows.starts();
        let sources = sources(&self.rows);
        let source_starts = sources.starts();
        let mut writer = ColumnsWriter::default();
        writer.add(tag::PATHS, &self.paths);
        writer.add(tag::PATH_ENDS, &self.path_ends);
        writer.add(tag::BLOBS, &self.blobs);
        writer.add(tag::FACES, &self.faces);
        writer.add(tag::FIRST_SYMBOLS, &self.first_symbols);
        writer.add(tag::OUT_STARTS, &starts);
        writer.add(tag::OUT, &self.rows.bytes);
        writer.add(tag::IN_STARTS, &source_starts);
        writer.add(tag::IN, &sources.bytes);
        writer.add(tag::STATE, &self.state);
        let count = [self.edges];
        writer.add(tag::COUNT, &count);
        writer.write(path)
    }
}

/// For each node the nodes that have edges to it, ascending, as differences.
fn sources(rows: &Rows) -> Rows {
    let nodes = rows.nodes as usize;
    let mut targets: Vec<u32> = Vec::new();
    let mut each = |visit: &mut dyn FnMut(u32, &[u32])| {
        let mut reader = Reader::new(&rows.bytes);
        for source in 0..rows.nodes {
            let Some(row) = reader.number().and_then(|length| reader.take(length as usize)) else { return };
            targets.clear();
            decode(row, |edge| targets.extend(Some(edge.target).filter(|&target| (target as usize) < nodes)));
            targets.sort_unstable();
            targets.dedup();
            visit(source, &targets);
        }
    };
    let mut ends = vec![0_u32; nodes];
    each(&mut |_, targets| targets.iter().for_each(|&target| ends[target as usize] += 1));
    let mut total = 0;
    for end in &mut ends {
        total += std::mem::replace(end, total);
    }
    let mut all = vec![0_u32; total as usize];
    each(&mut |source, targets| {
        for &target in targets {
            all[ends[target as usize] as usize] = source;
            ends[target as usize] += 1;
        }
    });
    let mut sources = Rows::default();
    let (mut start, mut row) = (0, Vec::new());
    for end in ends {
        row.clear();
        let mut last = 0;
        for &source in &all[start as usize..end as usize] {
            varint::put(&mut row, source - last);
            last = source;
        }
        sources.push_bytes(&row);
        start = end;
    }
    sources
}

/// The open graph of a view. Every access is checked: a damaged file gives empty answers, never a panic.
pub struct Edges {
    columns: Columns,
}

impl Edges {
    /// Maps the graph at `path`.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Corrupt`].
    pub fn open(path: &Path) -> Result<Self> {
        let edges = Self { columns: Columns::open(path)? };
        let files = edges.file_count();
        let starts = edges.node_count().div_ceil(NODES_PER_START);
        let consistent = edges.first_symbols().len() == files + 1
            && edges.columns.get::<[u8; 16]>(tag::BLOBS).len() == files
            && edges.columns.get::<u32>(tag::FACES).len() == files
            && edges.columns.get::<u64>(tag::OUT_STARTS).len() == starts
            && edges.columns.get::<u64>(tag::IN_STARTS).len() == starts;
        if consistent { Ok(edges) } else { Err(Error::corrupt(path, "its columns do not fit together")) }
    }

    /// How many files there are.
    pub fn file_count(&self) -> usize {
        self.columns.get::<u32>(tag::PATH_ENDS).len()
    }

    /// The files the graph was made of, in the order of their paths.
    pub fn files(&self) -> impl Iterator<Item = GraphFile<'_>> {
        let paths: &[u8] = self.columns.get(tag::PATHS);
        let ends: &[u32] = self.columns.get(tag::PATH_ENDS);
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let blobs = self.columns.get::<[u8; 16]>(tag::BLOBS);
        let faces = self.columns.get::<u32>(tag::FACES);
        starts.zip(ends).zip(blobs.iter().zip(faces)).map(move |((start, &end), (&blob, &face))| GraphFile {
            path: paths.get(start as usize..end as usize).unwrap_or_default(),
            blob,
            face,
        })
    }

    /// For each file how many symbols stand before those of it; at last how many there are.
    pub fn first_symbols(&self) -> &[u32] {
        self.columns.get(tag::FIRST_SYMBOLS)
    }

    /// What the graph was made from beside the view.
    pub fn state(&self) -> &[u8] {
        self.columns.get(tag::STATE)
    }

    /// How many nodes there are.
    pub fn node_count(&self) -> usize {
        self.file_count() + self.first_symbols().last().map_or(0, |&symbols| symbols as usize)
    }

    /// How many edges there are.
    pub fn edge_count(&self) -> u64 {
        self.columns.get::<u64>(tag::COUNT).first().copied().unwrap_or(0)
    }

    /// The edges out of `node`, by target, line and kind.
    pub fn out(&self, node: u32) -> Vec<Edge> {
        let mut edges = Vec::new();
        decode(self.row(tag::OUT_STARTS, tag::OUT, node), |edge| edges.push(edge));
        edges.sort_unstable();
        edges
    }

    /// The nodes that have edges to `node`, ascending.
    pub fn sources(&self, node: u32) -> impl Iterator<Item = u32> + '_ {
        let mut reader = Reader::new(self.row(tag::IN_STARTS, tag::IN, node));
        let mut last = 0_u32;
        std::iter::from_fn(move || {
            last = last.wrapping_add(reader.number()?);
            Some(last)
        })
    }

    /// The edges that lead to `node`, each with the node it comes from; by source and line.
    pub fn incoming(&self, node: u32) -> impl Iterator<Item = (u32, Edge)> + '_ {
        self.sources(node).flat_map(move |source| {
            let mut edges = Vec::new();
            let row = self.row(tag::OUT_STARTS, tag::OUT, source);
            decode(row, |edge| edges.extend(Some((source, edge)).filter(|(_, edge)| edge.target == node)));
            edges
        })
    }

    /// The rows of a range of nodes as they are, with the number of their edges.
    pub fn rows(&self, nodes: Range<u32>) -> (Rows, u64) {
        let (mut rows, mut edges) = (Rows::default(), 0);
        let mut reader = self.reader(tag::OUT_STARTS, tag::OUT, nodes.start);
        for _ in nodes {
            let row = reader.number().and_then(|length| reader.take(length as usize)).unwrap_or_default();
            decode(row, |_| edges += 1);
            rows.push_bytes(row);
        }
        (rows, edges)
    }

    /// A copy, to be written elsewhere.
    pub fn to_builder(&self) -> EdgesBuilder {
        let mut builder = EdgesBuilder::new(self.files(), self.first_symbols().to_vec());
        builder.state = self.state().to_vec();
        let (rows, edges) = self.rows(0..self.node_count() as u32);
        builder.append(&rows, edges);
        builder
    }

    fn row(&self, starts: u64, rows: u64, node: u32) -> &[u8] {
        let mut reader = self.reader(starts, rows, node);
        reader.number().and_then(|length| reader.take(length as usize)).unwrap_or_default()
    }

    /// A reader that stands before the row of `node`.
    fn reader(&self, starts: u64, rows: u64, node: u32) -> Reader<'_> {
        let bytes: &[u8] = self.columns.get(rows);
        let start = self.columns.get::<u64>(starts).get(node as usize / NODES_PER_START);
        let start = start.and_then(|&start| usize::try_from(start).ok());
        let mut reader = Reader::new(start.and_then(|start| bytes.get(start..)).unwrap_or_default());
        for _ in 0..node as usize % NODES_PER_START {
            if reader.number().and_then(|length| reader.take(length as usize)).is_none() {
                return Reader::new(&[]);
            }
        }
        reader
    }
}

impl std::fmt::Debug for Edges {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Edges({} nodes, {} edges)", self.node_count(), self.edge_count())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn file(path: &str) -> GraphFile<'_> {
        GraphFile { path: path.as_bytes(), blob: [path.len() as u8; 16], face: 7 }
    }

    fn write(rows: Vec<Vec<Edge>>, path: &Path) -> Edges {
        // Two files; the first has two symbols, the second one.
        let mut builder = EdgesBuilder::new([file("a"), file("bc")].into_iter(), vec![0, 2, 3]);
        builder.state = b"made".to_vec();
        for mut edges in rows {
            let mut rows = Rows::default();
            let count = rows.push(&mut edges);
            builder.append(&rows, u64::from(count));
        }
        builder.write(path).unwrap();
        Edges::open(path).unwrap()
    }

    fn sample(path: &Path) -> Edges {
        let call = Edge::new(4, 7, EdgeKind::Calls, Extractor::Name, 30).ambiguous(true);
        let imports = vec![Edge::new(1, 1, EdgeKind::Imports, Extractor::Import, 90)];
        write(vec![imports, vec![], vec![call, Edge::new(3, 6, EdgeKind::Calls, Extractor::SameFile, 80), call]], path)
    }

    #[test]
    fn edges_are_read_from_both_ends() {
        let folder = tempfile::tempdir().unwrap();
        let edges = sample(&folder.path().join("graph"));
        assert_eq!((edges.node_count(), edges.edge_count(), edges.state()), (5, 3, b"made".as_slice()));
        assert_eq!(edges.files().collect::<Vec<_>>(), [file("a"), file("bc")]);
        let out = edges.out(2);
        assert_eq!((out[0].target, out[0].line, out[0].confidence(), out[0].is_ambiguous()), (3, 6, 80, false));
        assert_eq!((out[1].kind(), out[1].extractor()), (EdgeKind::Calls, Extractor::Name));
        assert!(out[1].is_ambiguous() && out[1].is_truncated());
        assert_eq!(edges.incoming(4).collect::<Vec<_>>(), [(2, out[1])]);
        assert_eq!((edges.sources(1).count(), edges.sources(0).count(), edges.sources(99).count()), (1, 0, 0));
    }

    proptest! {
        #[test]
        fn rows_come_back_in_order_and_from_the_other_end(
            raw in proptest::collection::vec(
                proptest::collection::vec((0_u32..5, 0_u32..3000, 0_u8..7, 0_u8..5, 0_u8..=100, 0_u8..3), 0..20), 5
            ),
        ) {
            let rows: Vec<Vec<Edge>> = raw.into_iter().map(|row| row.into_iter().map(
                |(target, line, kind, extractor, confidence, ambiguous)| {
                    let (kind, extractor) = (EdgeKind::ALL[kind as usize], Extractor::ALL[extractor as usize]);
                    let edge = Edge::new(target, line, kind, extractor, confidence);
                    if ambiguous == 0 { edge } else { edge.ambiguous(ambiguous == 2) }
                }).collect()).collect();
            let folder = tempfile::tempdir().unwrap();
            let edges = write(rows.clone(), &folder.path().join("graph"));
            let mut count = 0;
            for (node, mut expected) in rows.into_iter().enumerate() {
                expected.sort_unstable();
                expected.dedup();
                count += expected.len() as u64;
                for edge in &expected {
                    prop_assert!(edges.incoming(edge.target).any(|found| found == (node as u32, *edge)));
                }
                prop_assert_eq!(edges.out(node as u32), expected);
            }
            prop_assert_eq!(edges.edge_count(), count);
            prop_assert_eq!((0..5).map(|node| edges.incoming(node).count() as u64).sum::<u64>(), count);
            let (copied, copied_count) = edges.rows(0..5);
            prop_assert_eq!((copied.nodes, copied_count), (5, count));
        }
    }

    #[test]
    fn a_damaged_graph_never_panics() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("graph");
        sample(&path);
        let clean = std::fs::read(&path).unwrap();
        for at in 0..clean.len() {
            let mut bytes = clean.clone();
            bytes[at] ^= 0x55;
            std::fs::write(&path, &bytes).unwrap();
            let Ok(edges) = Edges::open(&path) else { continue };
            for node in 0..6 {
                let _ = (edges.out(node).len(), edges.incoming(node).count(), edges.files().count());
            }
        }
        std::fs::write(&path, &clean[..40]).unwrap();
        assert!(matches!(Edges::open(&path), Err(Error::Corrupt { .. })));
    }
}
