//! Traversal by hops.

use pampax_base::Result;

use crate::Graph;

/// What a traversal reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visit {
    /// The nodes, by depth and then by number.
    pub nodes: Vec<u32>,
    /// For each of the nodes how many edges it is away from the nearest seed.
    pub depths: Vec<u32>,
    /// Whether the limit left out a node that is near enough.
    pub truncated: bool,
}

/// Memory that traversals use again, so that a small one in a large graph does not set up an array over all nodes. It may be
/// used with any graph; one per thread.
#[derive(Debug, Default)]
pub struct Scratch {
    /// One bit per node; all zero between calls.
    marks: Vec<u64>,
    /// For each node its place in a list of the pagerank at work plus one; all zero between calls.
    pub(crate) places: Vec<u32>,
}

impl Scratch {
    /// Empty; it grows with the graphs it is used on.
    pub fn new() -> Self {
        Self::default()
    }

    /// Marks `node`; whether it was not marked before.
    fn mark(&mut self, node: u32) -> bool {
        let word = &mut self.marks[node as usize / 64];
        let bit = 1 << (node % 64);
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    fn is_marked(&self, node: u32) -> bool {
        self.marks[node as usize / 64] & (1 << (node % 64)) != 0
    }

    fn unmark(&mut self, nodes: &[u32]) {
        for &node in nodes {
            self.marks[node as usize / 64] = 0;
        }
    }
}

impl Graph {
    /// All nodes at most `depth` edges away from the nearest of `seeds`, following edges forward, but at most `limit` of them.
    ///
    /// Nearer nodes come first, and among equally near ones those with smaller numbers, also in what the limit keeps. Repeated
    /// seeds count once. Takes time proportional to the edges out of the nodes returned (and the logarithm for their order), and
    /// a bit of memory per node of the graph: see [`Self::bfs_with`] to keep that memory.
    ///
    /// # Errors
    /// [`pampax_base::Error::InvalidInput`] if a seed does not exist.
    pub fn bfs(&self, seeds: &[u32], depth: u32, limit: usize) -> Result<Visit> {
        self.bfs_with(&mut Scratch::new(), seeds, depth, limit)
    }

    /// [`Self::bfs`] with memory to use again.
    ///
    /// # Errors
    /// Those of [`Self::bfs`].
    pub fn bfs_with(&self, scratch: &mut Scratch, seeds: &[u32], depth: u32, limit: usize) -> Result<Visit> {
        for &seed in seeds {
            self.check_seed(seed)?;
        }
        let words = self.node_count().div_ceil(64);
        if scratch.marks.len() < words {
            scratch.marks = vec![0; words];
        }
        let mut visit = Visit::default();
        let mut level: Vec<u32> = seeds.iter().copied().filter(|&seed| scratch.mark(seed)).collect();
        for reached in 0..=depth {
            level.sort_unstable();
            let room = limit - visit.nodes.len();
            if level.len() > room {
                scratch.unmark(&level);
                level.truncate(room);
                visit.truncated = true;
            }
            let start = visit.nodes.len();
            visit.nodes.append(&mut level);
            visit.depths.resize(visit.nodes.len(), reached);
            if visit.truncated || reached == depth {
                break;
            }
            let mut next = visit.nodes[start..].iter().flat_map(|&node| self.out_edges(node)).copied();
            if visit.nodes.len() == limit {
                visit.truncated = next.any(|node| !scratch.is_marked(node));
                break;
            }
            level.extend(next.filter(|&node| scratch.mark(node)));
            if level.is_empty() {
                break;
            }
        }
        scratch.unmark(&visit.nodes);
        Ok(visit)
    }
}
