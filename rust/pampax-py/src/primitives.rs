//! The primitives on NumPy arrays: fusion, packing, tokens and graphs.
//!
//! Arrays are read where they lie. While a long call has let go of the interpreter another thread could write into them; as
//! with NumPy's own functions, whoever does so gets a result of no use.

use std::collections::HashMap;

use numpy::{IntoPyArray, PyArray1};
use pampax_graph::{Graph, PageRank};
use pampax_tokenize::Encoding;
use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::array::Column;
use crate::error::{invalid, to_python};
use crate::gate::{self, Length};

/// Up to so many ids `fuse` takes less than 100 microseconds.
const SHORT_FUSE_IDS: usize = 8_192;
/// Up to so many candidates `pack` takes less than 100 microseconds.
const SHORT_PACK_CANDIDATES: usize = 512;
/// Up to so many nodes and edges a graph is made, or wholly visited, in less than 100 microseconds.
const SHORT_GRAPH: usize = 4_096;
/// Up to so many bytes counting and splitting take less than 100 microseconds.
const SHORT_TEXT_BYTES: usize = 1_024;

// Written as a number in the signature, so that Python's help shows it.
const _: () = assert!(pampax_rank::DEFAULT_K == 60.0);

/// A column of `T` as a NumPy array.
type Array<'py, T> = Bound<'py, PyArray1<T>>;

/// Fuses rankings, each an array of ids with the best first, by reciprocal ranks.
///
/// The score of an id is the sum of `weight / (k + rank)` over the rankings that hold it, the rank counted from 1. Gives the
/// ids and their scores, sorted by descending score and then by ascending id; `limit` keeps the first so many. The order of
/// the rankings does not change a bit of the result.
#[pyfunction]
#[pyo3(signature = (rankings, weights=None, k=60.0, limit=None))]
pub fn fuse<'py>(
    py: Python<'py>,
    rankings: Vec<Bound<'py, PyAny>>,
    weights: Option<&Bound<'py, PyAny>>,
    k: f64,
    limit: Option<i64>,
) -> PyResult<(Array<'py, u64>, Array<'py, f64>)> {
    let columns =
        rankings.iter().map(|ranking| Column::<u64>::new("rankings", ranking)).collect::<PyResult<Vec<_>>>()?;
    let rankings: Vec<&[u64]> = columns.iter().map(Column::as_slice).collect();
    let weights = Column::<f64>::optional("weights", weights)?;
    let weights = weights.as_ref().map(Column::as_slice);
    let limit = limit.map(|limit| not_negative(py, "limit", limit)).transpose()?;
    let length = Length::of(rankings.iter().map(|ranking| ranking.len()).sum(), SHORT_FUSE_IDS);
    let (ids, scores) = gate::run(py, "fuse", length, || pampax_rank::fuse(&rankings, weights, k, limit))?;
    Ok((ids.into_pyarray(py), scores.into_pyarray(py)))
}

/// Chooses the candidates of the highest total value whose costs fit the budget; gives their indices.
///
/// Of the candidates with the same number in `groups` at most one is chosen.
#[pyfunction]
#[pyo3(signature = (costs, values, budget, groups=None))]
pub fn pack<'py>(
    py: Python<'py>,
    costs: &Bound<'py, PyAny>,
    values: &Bound<'py, PyAny>,
    budget: i64,
    groups: Option<&Bound<'py, PyAny>>,
) -> PyResult<Array<'py, u32>> {
    let costs = Column::<u32>::new("costs", costs)?;
    let values = Column::<f64>::new("values", values)?;
    let groups = Column::<u32>::optional("groups", groups)?;
    let budget = not_negative(py, "budget", budget)? as u64;
    let (costs, values, groups) = (costs.as_slice(), values.as_slice(), groups.as_ref().map(Column::as_slice));
    let length = Length::of(costs.len(), SHORT_PACK_CANDIDATES);
    let chosen = gate::run(py, "pack", length, || pampax_pack::pack(costs, values, budget, groups))?;
    Ok(chosen.into_pyarray(py))
}

/// The number of tokens of a text in an encoding ("o200k_base" or "cl100k_base").
#[pyfunction]
#[pyo3(signature = (text, encoding="o200k_base"))]
pub fn count_tokens(py: Python<'_>, text: &str, encoding: &str) -> PyResult<usize> {
    let encoding = Encoding::from_name(encoding).map_err(|error| to_python(py, &error))?;
    let length = Length::of(text.len(), SHORT_TEXT_BYTES);
    gate::run(py, "count tokens", length, || Ok(pampax_tokenize::count_tokens(text, encoding)))
}

/// What the model of forms sees of a question, by the name of the feature; None for a name or a path, which have no form.
#[pyfunction]
pub fn form_features(py: Python<'_>, text: &str) -> PyResult<Option<HashMap<&'static str, f32>>> {
    let length = Length::of(text.len(), SHORT_TEXT_BYTES);
    let features = gate::run(py, "read a question", length, || Ok(pampax_engine::form_features(text)))?;
    Ok(features.map(|features| features.into_iter().collect()))
}

/// The terms a text can be found by: identifiers split into their parts, English endings stemmed away.
#[pyfunction]
pub fn tokenize<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyList>> {
    let length = Length::of(text.len(), SHORT_TEXT_BYTES);
    PyList::new(py, gate::run(py, "tokenize", length, || Ok(pampax_tokenize::terms(text)))?)
}

/// A compact directed graph over nodes numbered from 0, with an edge from `sources[i]` to `targets[i]` for each i.
///
/// `nodes` is how many nodes there are; left out, one more than the greatest number met. Without `weights` each edge weighs 1.
/// A graph never changes and can be shared between threads.
#[pyclass(frozen, name = "Graph", module = "pampax")]
pub struct PyGraph {
    graph: Graph,
}

#[pymethods]
impl PyGraph {
    #[new]
    #[pyo3(signature = (sources, targets, weights=None, *, nodes=None))]
    fn new(
        py: Python<'_>,
        sources: &Bound<'_, PyAny>,
        targets: &Bound<'_, PyAny>,
        weights: Option<&Bound<'_, PyAny>>,
        nodes: Option<i64>,
    ) -> PyResult<Self> {
        let sources = Column::<u32>::new("sources", sources)?;
        let targets = Column::<u32>::new("targets", targets)?;
        let weights = Column::<f32>::optional("weights", weights)?;
        let nodes = nodes.map(|nodes| not_negative(py, "nodes", nodes)).transpose()?;
        let (sources, targets, weights) =
            (sources.as_slice(), targets.as_slice(), weights.as_ref().map(Column::as_slice));
        let length = Length::of(sources.len() + nodes.unwrap_or(0), SHORT_GRAPH);
        let graph = gate::run(py, "build a graph", length, || Graph::new(nodes, sources, targets, weights))?;
        Ok(Self { graph })
    }

    /// How many nodes there are.
    #[getter]
    fn node_count(&self) -> usize {
        self.graph.node_count()
    }

    /// How many edges there are.
    #[getter]
    fn edge_count(&self) -> usize {
        self.graph.edge_count()
    }

    /// The same nodes with every edge turned round.
    fn reversed(&self, py: Python<'_>) -> PyResult<Self> {
        let graph = gate::run(py, "turn a graph round", self.length(), || Ok(self.graph.reversed()))?;
        Ok(Self { graph })
    }

    /// All nodes at most `depth` edges away from the nearest seed, nearer ones first and equally near ones by number, but at
    /// most `limit` of them. Gives the nodes, their distances, and whether the limit left something out.
    #[pyo3(signature = (seeds, depth=2, limit=1_000))]
    fn bfs<'py>(
        &self,
        py: Python<'py>,
        seeds: &Bound<'py, PyAny>,
        depth: i64,
        limit: i64,
    ) -> PyResult<(Array<'py, u32>, Array<'py, u32>, bool)> {
        let seeds = Column::<u32>::new("seeds", seeds)?;
        let seeds = seeds.as_slice();
        // No path is as long as the cap, for there are fewer nodes.
        let depth = u32::try_from(not_negative(py, "depth", depth)?).unwrap_or(u32::MAX);
        let limit = not_negative(py, "limit", limit)?;
        let visit = gate::run(py, "visit a graph", self.length(), || self.graph.bfs(seeds, depth, limit))?;
        Ok((visit.nodes.into_pyarray(py), visit.depths.into_pyarray(py), visit.truncated))
    }

    /// How often a random walk from the seeds, in proportion to their weights, comes by each node; without seeds from anywhere.
    /// Gives the nodes with a score above 0 and their scores, the greatest first and equal ones by number.
    ///
    /// `damping` is the chance that the walk goes on rather than starting anew; a smaller `tolerance` is more exact.
    #[pyo3(signature = (seeds=None, seed_weights=None, *, damping=0.85, tolerance=1e-6))]
    fn pagerank<'py>(
        &self,
        py: Python<'py>,
        seeds: Option<&Bound<'py, PyAny>>,
        seed_weights: Option<&Bound<'py, PyAny>>,
        damping: f64,
        tolerance: f64,
    ) -> PyResult<(Array<'py, u32>, Array<'py, f64>)> {
        let seeds = Column::<u32>::optional("seeds", seeds)?;
        let seeds = seeds.as_ref().map_or(&[][..], Column::as_slice);
        let weights = Column::<f64>::optional("seed_weights", seed_weights)?;
        let weights = weights.as_ref().map(Column::as_slice);
        if let Some(weights) = weights.filter(|weights| weights.len() != seeds.len()) {
            return Err(invalid(py, "seed_weights", format!("{} given for {} seeds", weights.len(), seeds.len())));
        }
        let weight = |index: usize| weights.map_or(1.0, |weights| weights[index]);
        let seeds: Vec<(u32, f64)> = seeds.iter().enumerate().map(|(index, &seed)| (seed, weight(index))).collect();
        // How long it takes follows the tolerance more than the size, so there is no telling what is short.
        let options = PageRank { damping, tolerance, ..PageRank::default() };
        let scores = gate::run(py, "pagerank", Length::Long, || self.graph.pagerank(&seeds, &options))?;
        let (nodes, scores): (Vec<u32>, Vec<f64>) = scores.into_iter().unzip();
        Ok((nodes.into_pyarray(py), scores.into_pyarray(py)))
    }

    fn __repr__(&self) -> String {
        format!("Graph(nodes={}, edges={})", self.graph.node_count(), self.graph.edge_count())
    }
}

impl PyGraph {
    fn length(&self) -> Length {
        Length::of(self.graph.node_count() + self.graph.edge_count(), SHORT_GRAPH)
    }
}

/// `value` as a length, if it is not negative.
fn not_negative(py: Python<'_>, what: &'static str, value: i64) -> PyResult<usize> {
    usize::try_from(value).map_err(|_| invalid(py, what, format!("{value} given, at least 0 is needed")))
}
