//! The graph of a view: edges between its files and symbols, readable from both ends.
//!
//! Nodes are numbered: first the files of the view in the order of their paths, then their symbols, file by file. So the
//! numbers, and with them the whole file but for one column, follow from what the view holds and not from how the store is cut
//! into segments. Edges lie in compressed sparse rows by source, with a list of the same edges by target: 20 bytes an edge.

use std::path::Path;

use bytemuck::{Pod, Zeroable};
use pampax_base::{Error, Result};

use crate::columns::{Columns, ColumnsWriter};

mod tag {
    pub(super) const FILES: u64 = 1;
    pub(super) const FIRST_SYMBOLS: u64 = 2;
    pub(super) const OUT_STARTS: u64 = 3;
    pub(super) const OUT: u64 = 4;
    pub(super) const IN_STARTS: u64 = 5;
    pub(super) const IN: u64 = 6;
    pub(super) const STATE: u64 = 7;
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

/// An edge. A column row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Pod, Zeroable)]
#[repr(C)]
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

/// One row of the edges by target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
struct Incoming {
    source: u32,
    edge: u32,
}

/// Collects the graph of a view.
#[derive(Clone, Debug, Default)]
pub struct EdgesBuilder {
    /// For each file, in the order of their paths, the position of its segment in the view and its entry there.
    pub files: Vec<[u32; 2]>,
    /// For each file how many symbols stand before those of it; at last how many there are.
    pub first_symbols: Vec<u32>,
    /// What the graph was made from beside the view; compared to tell whether it still holds.
    pub state: Vec<u8>,
    starts: Vec<u32>,
    edges: Vec<Edge>,
}

impl EdgesBuilder {
    /// A graph over these files without edges. Edges are added node by node: [`Self::node`].
    pub fn new(files: Vec<[u32; 2]>, first_symbols: Vec<u32>) -> Self {
        Self { files, first_symbols, ..Self::default() }
    }

    /// Adds the edges out of the next node; they are sorted, and equal ones counted once.
    pub fn node(&mut self, edges: &mut Vec<Edge>) {
        edges.sort_unstable();
        edges.dedup();
        self.starts.push(self.edges.len() as u32);
        self.edges.append(edges);
    }

    /// How many edges were added.
    pub fn len(&self) -> usize {
        self.edges.len()
    }

    /// Whether there are no edges.
    pub fn is_empty(&self) -> bool {
        self.edges.is_empty()
    }

    /// Writes the graph at `path` and syncs it.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write(mut self, path: &Path) -> Result<()> {
        let nodes = self.files.len() + self.first_symbols.last().map_or(0, |&symbols| symbols as usize);
        self.starts.resize(nodes, self.edges.len() as u32);
        self.starts.push(self.edges.len() as u32);
        let (in_starts, incoming) = incoming(nodes, &self.starts, &self.edges);
        let mut writer = ColumnsWriter::default();
        writer.add(tag::FILES, &self.files);
        writer.add(tag::FIRST_SYMBOLS, &self.first_symbols);
        writer.add(tag::OUT_STARTS, &self.starts);
        writer.add(tag::OUT, &self.edges);
        writer.add(tag::IN_STARTS, &in_starts);
        writer.add(tag::IN, &incoming);
        writer.add(tag::STATE, &self.state);
        writer.write(path)
    }
}

/// The same edges by target, each row in the order of sources.
fn incoming(nodes: usize, starts: &[u32], edges: &[Edge]) -> (Vec<u32>, Vec<Incoming>) {
    let mut in_starts = vec![0_u32; nodes + 1];
    for edge in edges {
        in_starts[edge.target as usize + 1] += 1;
    }
    for node in 0..nodes {
        in_starts[node + 1] += in_starts[node];
    }
    let mut next = in_starts.clone();
    let mut rows = vec![Incoming { source: 0, edge: 0 }; edges.len()];
    for source in 0..nodes {
        for edge in starts[source]..starts[source + 1] {
            let place = &mut next[edges[edge as usize].target as usize];
            rows[*place as usize] = Incoming { source: source as u32, edge };
            *place += 1;
        }
    }
    (in_starts, rows)
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
        let consistent = edges.first_symbols().len() == edges.files().len() + 1
            && edges.columns.get::<u32>(tag::OUT_STARTS).len() == edges.node_count() + 1
            && edges.columns.get::<u32>(tag::IN_STARTS).len() == edges.node_count() + 1;
        if consistent { Ok(edges) } else { Err(Error::corrupt(path, "its columns do not fit together")) }
    }

    /// For each file, in the order of their paths, the position of its segment in the view and its entry there.
    pub fn files(&self) -> &[[u32; 2]] {
        self.columns.get(tag::FILES)
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
        self.files().len() + self.first_symbols().last().map_or(0, |&symbols| symbols as usize)
    }

    /// How many edges there are.
    pub fn edge_count(&self) -> usize {
        self.columns.get::<Edge>(tag::OUT).len()
    }

    /// The edges out of `node`, by target, line and kind.
    pub fn out(&self, node: u32) -> &[Edge] {
        let row = row(self.columns.get(tag::OUT_STARTS), node);
        self.columns.get::<Edge>(tag::OUT).get(row).unwrap_or(&[])
    }

    /// The edges that lead to `node`, each with the node it comes from; by source.
    pub fn incoming(&self, node: u32) -> impl Iterator<Item = (u32, Edge)> + '_ {
        let row = row(self.columns.get(tag::IN_STARTS), node);
        let edges = self.columns.get::<Edge>(tag::OUT);
        let incoming = self.columns.get::<Incoming>(tag::IN).get(row).unwrap_or(&[]);
        incoming.iter().filter_map(|incoming| Some((incoming.source, *edges.get(incoming.edge as usize)?)))
    }

    /// How many edges lead to `node`.
    pub fn in_degree(&self, node: u32) -> u32 {
        row(self.columns.get(tag::IN_STARTS), node).len() as u32
    }

    /// A copy over the same files at other places in the store.
    pub fn moved(&self, files: Vec<[u32; 2]>) -> EdgesBuilder {
        let mut starts = self.columns.get::<u32>(tag::OUT_STARTS).to_vec();
        starts.pop();
        EdgesBuilder {
            files,
            first_symbols: self.first_symbols().to_vec(),
            state: self.state().to_vec(),
            starts,
            edges: self.columns.get(tag::OUT).to_vec(),
        }
    }
}

fn row(starts: &[u32], node: u32) -> std::ops::Range<usize> {
    match starts.get(node as usize..).and_then(|rest| rest.get(..2)) {
        Some(row) if row[0] <= row[1] => row[0] as usize..row[1] as usize,
        _ => 0..0,
    }
}

impl std::fmt::Debug for Edges {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Edges({} nodes, {} edges)", self.node_count(), self.edge_count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(path: &Path) -> Edges {
        // Two files; the first has two symbols, the second one.
        let mut builder = EdgesBuilder::new(vec![[0, 1], [0, 0]], vec![0, 2, 3]);
        builder.state = b"made".to_vec();
        builder.node(&mut vec![Edge::new(1, 1, EdgeKind::Imports, Extractor::Import, 90)]);
        builder.node(&mut Vec::new());
        let call = Edge::new(4, 7, EdgeKind::Calls, Extractor::Name, 30).ambiguous(true);
        builder.node(&mut vec![call, Edge::new(3, 6, EdgeKind::Calls, Extractor::SameFile, 80), call]);
        builder.write(path).unwrap();
        Edges::open(path).unwrap()
    }

    #[test]
    fn edges_are_read_from_both_ends() {
        let folder = tempfile::tempdir().unwrap();
        let edges = sample(&folder.path().join("graph"));
        assert_eq!((edges.node_count(), edges.edge_count(), edges.state()), (5, 3, b"made".as_slice()));
        let out = edges.out(2);
        assert_eq!((out[0].target, out[0].line, out[0].confidence(), out[0].is_ambiguous()), (3, 6, 80, false));
        assert_eq!((out[1].kind(), out[1].extractor()), (EdgeKind::Calls, Extractor::Name));
        assert!(out[1].is_ambiguous() && out[1].is_truncated());
        assert_eq!(edges.incoming(4).collect::<Vec<_>>(), [(2, out[1])]);
        assert_eq!((edges.in_degree(1), edges.in_degree(0), edges.in_degree(99)), (1, 0, 0));
        let moved = edges.moved(vec![[1, 1], [1, 0]]);
        let path = folder.path().join("moved");
        moved.write(&path).unwrap();
        let moved = Edges::open(&path).unwrap();
        assert_eq!((moved.files(), moved.out(2)), ([[1, 1], [1, 0]].as_slice(), edges.out(2)));
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
                let _ = (edges.out(node).len(), edges.incoming(node).count(), edges.in_degree(node));
            }
        }
        std::fs::write(&path, &clean[..40]).unwrap();
        assert!(matches!(Edges::open(&path), Err(Error::Corrupt { .. })));
    }
}
