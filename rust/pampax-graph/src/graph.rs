//! The graph itself.

use pampax_base::{Error, Result};

/// Without a given number of nodes, ids may leave gaps of this many nodes plus [`GAP_PER_EDGE`] for each edge. Beyond that they
/// are surely not dense numbers, and an array over them would be large for nothing.
const GAP: u64 = 1 << 20;
/// See [`GAP`].
const GAP_PER_EDGE: u64 = 64;

/// A directed graph with edges in compressed sparse rows. See the crate's documentation.
#[derive(Clone, Debug)]
pub struct Graph {
    /// Where the edges of each node begin in `targets`, and at last where the last end.
    offsets: Vec<u32>,
    targets: Vec<u32>,
    weights: Option<Weights>,
}

/// Weights, in the order of the edges, and their sum for each source.
#[derive(Clone, Debug)]
struct Weights {
    edges: Vec<f32>,
    sums: Vec<f64>,
}

impl Graph {
    /// A graph with an edge from `sources[i]` to `targets[i]` for each `i`.
    ///
    /// `nodes` is how many nodes there are; `None` means one more than the greatest id. Without `weights` each edge weighs 1.
    /// Parallel edges are kept. Takes time and memory proportional to nodes + edges.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the arrays differ in length, an id is not below `nodes`, a weight is negative, infinite or not
    /// a number, there are 2³² or more edges or nodes, or `nodes` is `None` and the ids are far from dense.
    pub fn new(nodes: Option<usize>, sources: &[u32], targets: &[u32], weights: Option<&[f32]>) -> Result<Self> {
        if targets.len() != sources.len() {
            return refuse("targets", format!("there are {} targets for {} sources", targets.len(), sources.len()));
        }
        if u32::try_from(sources.len()).is_err() {
            return refuse("sources", format!("{} edges are more than a graph holds", sources.len()));
        }
        if let Some(weights) = weights {
            check_weights(weights, sources.len())?;
        }
        let nodes = count_nodes(nodes, sources, targets)?;

        // Two stable counting sorts, by target and then by source, leave each node's edges in the order of their targets.
        let by_target = order_by(targets, nodes, 0..sources.len() as u32);
        let order = order_by(sources, nodes, by_target.into_iter());
        let weights = weights.map(|weights| order.iter().map(|&edge| weights[edge as usize]).collect());
        let targets = order.iter().map(|&edge| targets[edge as usize]).collect();
        Ok(Self::with_rows(row_offsets(sources, nodes), targets, weights))
    }

    fn with_rows(offsets: Vec<u32>, targets: Vec<u32>, weights: Option<Vec<f32>>) -> Self {
        let weights = weights.map(|edges| {
            let sum = |row: &[u32]| edges[row[0] as usize..row[1] as usize].iter().copied().map(f64::from).sum();
            Weights { sums: offsets.windows(2).map(sum).collect(), edges }
        });
        Self { offsets, targets, weights }
    }

    /// How many nodes there are.
    pub fn node_count(&self) -> usize {
        self.offsets.len() - 1
    }

    /// How many edges there are.
    pub fn edge_count(&self) -> usize {
        self.targets.len()
    }

    /// Where the edges of `node` lie; empty for a node that does not exist.
    fn row(&self, node: u32) -> std::ops::Range<usize> {
        match self.offsets.get(node as usize..).and_then(|rest| rest.get(..2)) {
            Some(row) => row[0] as usize..row[1] as usize,
            None => 0..0,
        }
    }

    /// The nodes that `node` has edges to, in ascending order, one entry per edge. Empty if there is no such node.
    pub fn out_edges(&self, node: u32) -> &[u32] {
        &self.targets[self.row(node)]
    }

    /// The weights of [`Self::out_edges`], in the same order; `None` if the graph has no weights.
    pub fn out_weights(&self, node: u32) -> Option<&[f32]> {
        self.weights.as_ref().map(|weights| &weights.edges[self.row(node)])
    }

    /// The sum of the weights of the edges out of `node`; without weights, how many there are.
    pub(crate) fn out_weight(&self, node: u32) -> f64 {
        match &self.weights {
            Some(weights) => weights.sums.get(node as usize).copied().unwrap_or(0.0),
            None => self.row(node).len() as f64,
        }
    }

    /// The same nodes with every edge turned round. Takes time and memory proportional to nodes + edges.
    #[must_use]
    pub fn reversed(&self) -> Self {
        let offsets = row_offsets(&self.targets, self.node_count());
        let mut next = offsets.clone();
        let mut targets = vec![0; self.targets.len()];
        let mut weights = self.weights.as_ref().map(|weights| vec![0.0; weights.edges.len()]);
        // Sources are seen in ascending order, so each new row is in order too.
        for source in 0..self.node_count() as u32 {
            for edge in self.row(source) {
                let place = &mut next[self.targets[edge] as usize];
                targets[*place as usize] = source;
                if let (Some(new), Some(old)) = (&mut weights, &self.weights) {
                    new[*place as usize] = old.edges[edge];
                }
                *place += 1;
            }
        }
        Self::with_rows(offsets, targets, weights)
    }

    /// An error if `node` does not exist.
    pub(crate) fn check_seed(&self, node: u32) -> Result<()> {
        if (node as usize) < self.node_count() {
            return Ok(());
        }
        refuse("seeds", format!("there is no node {node} in a graph of {} nodes", self.node_count()))
    }
}

/// An [`Error::InvalidInput`].
pub(crate) fn refuse<T>(what: &'static str, detail: String) -> Result<T> {
    Err(Error::InvalidInput { what, detail })
}

fn check_weights(weights: &[f32], edges: usize) -> Result<()> {
    if weights.len() != edges {
        return refuse("weights", format!("there are {} weights for {edges} edges", weights.len()));
    }
    match weights.iter().position(|weight| !(weight.is_finite() && *weight >= 0.0)) {
        Some(at) => refuse("weights", format!("weight {at} is {}; weights are finite and not negative", weights[at])),
        None => Ok(()),
    }
}

fn count_nodes(nodes: Option<usize>, sources: &[u32], targets: &[u32]) -> Result<usize> {
    let needed = sources.iter().chain(targets).max().map_or(0, |&greatest| u64::from(greatest) + 1);
    if let Some(nodes) = nodes {
        if u32::try_from(nodes).is_err() {
            return refuse("nodes", format!("{nodes} nodes are more than a graph holds"));
        }
        if needed > nodes as u64 {
            return refuse("nodes", format!("there is an edge at node {}, but only {nodes} nodes", needed - 1));
        }
        return Ok(nodes);
    }
    if needed > GAP + GAP_PER_EDGE * sources.len() as u64 {
        let detail = format!(
            "{} edges name node {}: number the nodes densely from 0, or say how many there are",
            sources.len(),
            needed - 1
        );
        return refuse("nodes", detail);
    }
    Ok(needed as usize)
}

/// Where each node's run begins if edges are ordered by `keys`, and at last the number of edges.
fn row_offsets(keys: &[u32], nodes: usize) -> Vec<u32> {
    let mut offsets = vec![0_u32; nodes + 1];
    for &key in keys {
        offsets[key as usize + 1] += 1;
    }
    for node in 0..nodes {
        offsets[node + 1] += offsets[node];
    }
    offsets
}

/// The `edges` ordered by their key; equal keys stay in the order given.
fn order_by(keys: &[u32], nodes: usize, edges: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut next = row_offsets(keys, nodes);
    let mut order = vec![0; keys.len()];
    for edge in edges {
        let place = &mut next[keys[edge as usize] as usize];
        order[*place as usize] = edge;
        *place += 1;
    }
    order
}
