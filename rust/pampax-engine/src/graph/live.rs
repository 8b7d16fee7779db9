//! A graph that may be older than the view: its edges, with the numbers of the view.
//!
//! Words are searchable before the graph of many files is made, and stay so while it is made anew. Until then the edges of
//! files that are what they were hold; those of changed files, and those that lead to them, are left out. How many files that
//! concerns is in the coverage of every answer.

use pampax_store::{Edge, Edges, Facts};

use crate::graph::world::Numbering;

/// "None" in tables of numbers.
const NONE: u32 = u32::MAX;

/// Where the files of a view are in the graph, and the other way round.
pub(crate) struct Translation {
    /// For each file of the view its number in the graph, or [`NONE`].
    to_graph: Vec<u32>,
    /// For each file of the graph its number in the view, or [`NONE`].
    from_graph: Vec<u32>,
}

impl Translation {
    /// The translation; `None` if the numbers are the same. A file is the same if its path and its content are.
    pub(crate) fn between<'a>(edges: &Edges, numbering: &Numbering, facts: impl Fn(u32) -> &'a Facts) -> Option<Self> {
        let mut to_graph = vec![NONE; numbering.files.len()];
        let mut from_graph = vec![NONE; edges.file_count()];
        let mut same = edges.file_count() == numbering.files.len();
        let mut new = 0;
        for (old, file) in edges.files().enumerate() {
            let path_of = |number: usize| {
                let [segment, entry] = numbering.files[number];
                facts(segment).path_bytes(entry)
            };
            while new < numbering.files.len() && path_of(new) < file.path {
                new += 1;
            }
            let is_same = numbering.files.get(new).is_some_and(|&[segment, entry]| {
                let facts = facts(segment);
                let has_blob = facts.entries().get(entry as usize).is_some_and(|entry| entry.blob == file.blob);
                let symbols = edges.first_symbols().get(old..old + 2).map_or(0, |pair| pair[1].wrapping_sub(pair[0]));
                // The same content can have other symbols if a newer version read it.
                has_blob && facts.path_bytes(entry) == file.path && facts.symbols_of(entry).len() as u32 == symbols
            });
            same &= is_same && new == old;
            if is_same {
                to_graph[new] = old as u32;
                from_graph[old] = new as u32;
            }
        }
        (!same).then_some(Self { to_graph, from_graph })
    }
}

/// The edges of a graph between the nodes of a view: first its files, then its symbols.
#[derive(Clone, Copy)]
pub(crate) struct LiveEdges<'a> {
    edges: &'a Edges,
    numbering: &'a Numbering,
    translation: Option<&'a Translation>,
}

impl<'a> LiveEdges<'a> {
    pub(crate) fn new(edges: &'a Edges, numbering: &'a Numbering, translation: Option<&'a Translation>) -> Self {
        Self { edges, numbering, translation }
    }

    /// How many nodes the view has.
    pub(crate) fn node_count(&self) -> usize {
        self.numbering.files.len() + self.numbering.first_symbols.last().map_or(0, |&symbols| symbols as usize)
    }

    /// The edges out of a node, by target, line and kind.
    pub(crate) fn out(&self, node: u32) -> Vec<Edge> {
        let Some(translation) = self.translation else { return self.edges.out(node) };
        let Some(node) = self.in_graph(translation, node) else { return Vec::new() };
        let edges = self.edges.out(node).into_iter();
        let mut edges: Vec<Edge> =
            edges.filter_map(|edge| Some(edge.leading_to(self.in_view(translation, edge.target)?))).collect();
        edges.sort_unstable();
        edges
    }

    /// The edges that lead to a node, each with the node it comes from; by source and line.
    pub(crate) fn incoming(&self, node: u32) -> impl Iterator<Item = (u32, Edge)> + use<'a> {
        let this = *self;
        let in_graph = match this.translation {
            Some(translation) => this.in_graph(translation, node),
            None => Some(node),
        };
        in_graph.into_iter().flat_map(move |target| this.edges.incoming(target)).filter_map(move |(source, edge)| {
            let Some(translation) = this.translation else { return Some((source, edge)) };
            Some((this.in_view(translation, source)?, edge.leading_to(node)))
        })
    }

    fn in_graph(&self, translation: &Translation, node: u32) -> Option<u32> {
        let (new, old) = (&self.numbering.first_symbols, self.edges.first_symbols());
        let files = (self.numbering.files.len() as u32, self.edges.file_count() as u32);
        let file_of = |symbol| self.numbering.file_of(symbol);
        moved(node, &translation.to_graph, (new, old), files, file_of)
    }

    fn in_view(&self, translation: &Translation, node: u32) -> Option<u32> {
        let (new, old) = (&self.numbering.first_symbols, self.edges.first_symbols());
        let files = (self.edges.file_count() as u32, self.numbering.files.len() as u32);
        // The last file whose symbols begin at or before it: files without symbols begin where the next one does.
        let file_of = |symbol: u32| (old.partition_point(|&first| first <= symbol) as u32).checked_sub(1);
        moved(node, &translation.from_graph, (old, new), files, file_of)
    }
}

/// A node under the numbers of the other side, by the table of files.
fn moved(
    node: u32,
    table: &[u32],
    (from, to): (&[u32], &[u32]),
    (from_files, to_files): (u32, u32),
    file_of: impl Fn(u32) -> Option<u32>,
) -> Option<u32> {
    let known = |file: u32| table.get(file as usize).copied().filter(|&other| other != NONE);
    let Some(symbol) = node.checked_sub(from_files) else { return known(node) };
    let file = file_of(symbol)?;
    let other = known(file)?;
    let within = symbol.checked_sub(*from.get(file as usize)?)?;
    Some(to_files + to.get(other as usize)? + within)
}
