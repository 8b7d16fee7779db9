//! A compact directed graph, and three ways to ask what is near.
//!
//! Symbols and files are nodes, numbered from 0; calls, imports and the like are edges. A [`Graph`] is built once from plain
//! arrays and never changes. It knows nothing about what its nodes mean.
//!
//! * [`Graph::out_edges`] and [`Graph::reversed`]: what a node points to, and the same graph with all edges turned round.
//! * [`Graph::bfs`]: everything within some hops of some seeds, nearest first, with a limit on how much.
//! * [`Graph::pagerank`]: how important each node is as seen from some seeds (personalised), or from everywhere.
//!
//! The edges lie in one array, ordered by their source, with an array of where each source begins (compressed sparse rows):
//! four bytes per edge, four per node, four more per edge with weights.
//!
//! Everything here is pure and deterministic: orders do not depend on hashing or threads, ties go to the smaller node.
//! Cycles, loops and parallel edges are fine. What is asked from a few seeds costs what it visits, not what the graph holds;
//! give a [`Scratch`] to many such questions so that nothing of the graph's size is set up for each.
//!
//! ```
//! use pampax_graph::{Graph, PageRank};
//!
//! // 0 → 1 → 2 → 0, and 3 → 1.
//! let graph = Graph::new(None, &[0, 1, 2, 3], &[1, 2, 0, 1], None)?;
//! assert_eq!(graph.out_edges(1), [2]);
//! assert_eq!(graph.reversed().out_edges(1), [0, 3]);
//!
//! let visit = graph.bfs(&[0], 1, 100)?;
//! assert_eq!((visit.nodes, visit.depths), (vec![0, 1], vec![0, 1]));
//!
//! let scores = graph.pagerank(&[(3, 1.0)], &PageRank::default())?;
//! assert_eq!(scores[0].0, 1); // 3 is the seed, but on the cycle the walk comes by again and again.
//! # Ok::<(), pampax_base::Error>(())
//! ```
#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod graph;
mod pagerank;
mod visit;

pub use graph::Graph;
pub use pagerank::PageRank;
pub use visit::{Scratch, Visit};
