//! The graph against slow and simple versions of itself.

use pampax_graph::{Graph, PageRank, Scratch, Visit};
use proptest::prelude::*;

fn graph(edges: &[(u32, u32)]) -> Graph {
    let (sources, targets): (Vec<u32>, Vec<u32>) = edges.iter().copied().unzip();
    Graph::new(None, &sources, &targets, None).expect("the edges are valid")
}

#[test]
fn edges_are_in_the_order_of_targets_and_keep_their_weights() {
    let graph = Graph::new(Some(5), &[2, 0, 2, 2, 0], &[4, 3, 1, 4, 0], Some(&[0.1, 0.2, 0.3, 0.4, 0.5])).unwrap();
    assert_eq!((graph.node_count(), graph.edge_count()), (5, 5));
    assert_eq!(graph.out_edges(0), [0, 3]);
    assert_eq!(graph.out_weights(0), Some(&[0.5, 0.2][..]));
    assert_eq!(graph.out_edges(2), [1, 4, 4]);
    assert_eq!(graph.out_weights(2), Some(&[0.3, 0.1, 0.4][..]));
    assert_eq!(graph.out_edges(4), [0_u32; 0]);
    assert_eq!(graph.out_edges(5), [0_u32; 0]);
    assert_eq!(graph.out_edges(u32::MAX), [0_u32; 0]);
    let reversed = graph.reversed();
    assert_eq!(reversed.out_edges(4), [2, 2]);
    assert_eq!(reversed.out_weights(4), Some(&[0.1, 0.4][..]));
    assert_eq!(reversed.out_edges(0), [0]);
}

#[test]
fn what_is_refused() {
    let message = |result: pampax_base::Result<Graph>| result.unwrap_err().to_string();
    assert_eq!(message(Graph::new(None, &[1], &[], None)), "targets: there are 0 targets for 1 sources");
    assert_eq!(message(Graph::new(Some(2), &[1], &[2], None)), "nodes: there is an edge at node 2, but only 2 nodes");
    assert_eq!(message(Graph::new(None, &[1], &[2], Some(&[]))), "weights: there are 0 weights for 1 edges");
    assert!(message(Graph::new(None, &[1], &[2], Some(&[f32::NAN]))).contains("weight 0 is NaN"));
    assert!(message(Graph::new(None, &[1], &[2], Some(&[-1.0]))).contains("weight 0 is -1"));
    assert!(message(Graph::new(None, &[u32::MAX], &[2], None)).contains("number the nodes densely"));
    assert!(message(Graph::new(Some(usize::MAX), &[], &[], None)).contains("more than a graph holds"));

    let graph = graph(&[(0, 1)]);
    assert_eq!(graph.bfs(&[2], 1, 1).unwrap_err().to_string(), "seeds: there is no node 2 in a graph of 2 nodes");
    let refused = |seeds: &[(u32, f64)], options: PageRank| graph.pagerank(seeds, &options).unwrap_err().to_string();
    let default = PageRank::default();
    assert!(refused(&[(2, 1.0)], default).contains("no node 2"));
    assert!(refused(&[(0, f64::NAN)], default).contains("seed 0 weighs NaN"));
    assert!(refused(&[(0, 0.0)], default).contains("add up to 0"));
    assert!(refused(&[(0, f64::MAX), (1, f64::MAX)], default).contains("add up to inf"));
    assert!(refused(&[], PageRank { damping: 1.0, ..default }).contains("damping"));
    assert!(refused(&[], PageRank { damping: f64::NAN, ..default }).contains("damping"));
    assert!(refused(&[], PageRank { tolerance: 0.0, ..default }).contains("tolerance"));
}

#[test]
fn visits() {
    let graph = graph(&[(0, 2), (0, 1), (1, 3), (2, 3), (3, 0), (3, 4), (4, 4)]);
    let check = |seeds: &[u32], depth, limit, nodes: &[u32], depths: &[u32], truncated| {
        let expected = Visit { nodes: nodes.to_vec(), depths: depths.to_vec(), truncated };
        assert_eq!(graph.bfs(seeds, depth, limit).unwrap(), expected);
    };
    check(&[0], 0, 9, &[0], &[0], false);
    check(&[0], 1, 9, &[0, 1, 2], &[0, 1, 1], false);
    check(&[0], 9, 9, &[0, 1, 2, 3, 4], &[0, 1, 1, 2, 3], false);
    check(&[0], u32::MAX, usize::MAX, &[0, 1, 2, 3, 4], &[0, 1, 1, 2, 3], false);
    check(&[4, 2, 4], 1, 9, &[2, 4, 3], &[0, 0, 1], false);
    check(&[0], 9, 2, &[0, 1], &[0, 1], true);
    check(&[0], 1, 3, &[0, 1, 2], &[0, 1, 1], false);
    check(&[0], 2, 3, &[0, 1, 2], &[0, 1, 1], true);
    check(&[0], 9, 5, &[0, 1, 2, 3, 4], &[0, 1, 1, 2, 3], false);
    check(&[1, 0], 9, 0, &[], &[], true);
    check(&[], 9, 9, &[], &[], false);
    check(&[], 9, 0, &[], &[], false);
    assert_eq!(Graph::new(None, &[], &[], None).unwrap().bfs(&[], 1, 1).unwrap(), Visit::default());
}

/// Depth of every node by relaxing all edges again and again.
fn slow_depths(nodes: usize, edges: &[(u32, u32)], seeds: &[u32]) -> Vec<Option<u32>> {
    let mut depths = vec![None; nodes];
    for &seed in seeds {
        depths[seed as usize] = Some(0);
    }
    for _ in 0..nodes {
        for &(source, target) in edges {
            if let Some(depth) = depths[source as usize] {
                let other: &mut Option<u32> = &mut depths[target as usize];
                *other = Some(other.map_or(depth + 1, |other| other.min(depth + 1)));
            }
        }
    }
    depths
}

/// `PageRank` with a dense matrix: 2,000 steps of the walk.
fn dense_pagerank(nodes: usize, edges: &[(u32, u32, f32)], start: &[f64], damping: f64) -> Vec<f64> {
    let mut matrix = vec![vec![0.0; nodes]; nodes];
    for &(source, target, weight) in edges {
        matrix[source as usize][target as usize] += f64::from(weight);
    }
    for row in &mut matrix {
        let sum: f64 = row.iter().sum();
        for (cell, start) in row.iter_mut().zip(start) {
            *cell = if sum > 0.0 { *cell / sum } else { *start };
        }
    }
    let mut scores = start.to_vec();
    for _ in 0..2000 {
        let mut next: Vec<f64> = start.iter().map(|start| (1.0 - damping) * start).collect();
        for (row, score) in matrix.iter().zip(&scores) {
            for (next, cell) in next.iter_mut().zip(row) {
                *next += damping * score * cell;
            }
        }
        scores = next;
    }
    scores
}

type Edge = (u32, u32, f32);

fn edges(nodes: u32) -> impl Strategy<Value = Vec<Edge>> {
    proptest::collection::vec((0..nodes, 0..nodes, prop_oneof![Just(1.0_f32), Just(0.0), 0.01..9.0_f32]), 0..60)
}

fn weighted(nodes: usize, edges: &[Edge], with_weights: bool) -> Graph {
    let sources: Vec<u32> = edges.iter().map(|edge| edge.0).collect();
    let targets: Vec<u32> = edges.iter().map(|edge| edge.1).collect();
    let weights: Vec<f32> = edges.iter().map(|edge| edge.2).collect();
    Graph::new(Some(nodes), &sources, &targets, with_weights.then_some(&weights)).expect("the edges are valid")
}

proptest! {
    #[test]
    fn rows_hold_exactly_the_edges(edges in edges(20)) {
        let graph = weighted(20, &edges, true);
        let mut expected = edges.clone();
        expected.sort_by_key(|edge| (edge.0, edge.1));
        let rows = |graph: &Graph| -> Vec<Edge> {
            (0..20)
                .flat_map(|node| {
                    let weights = graph.out_weights(node).unwrap_or_default();
                    graph.out_edges(node).iter().zip(weights).map(move |(&target, &weight)| (node, target, weight))
                })
                .collect()
        };
        prop_assert_eq!(rows(&graph), expected.clone());
        let mut turned: Vec<Edge> = expected.iter().map(|edge| (edge.1, edge.0, edge.2)).collect();
        turned.sort_by_key(|edge| (edge.0, edge.1));
        prop_assert_eq!(rows(&graph.reversed()), turned);
        prop_assert_eq!(rows(&graph.reversed().reversed()), expected);
    }

    #[test]
    fn depths_are_shortest_and_the_limit_keeps_the_front(
        edges in edges(20),
        seeds in proptest::collection::vec(0_u32..20, 0..4),
        depth in 0_u32..8,
        limit in 0_usize..25,
    ) {
        let pairs: Vec<(u32, u32)> = edges.iter().map(|edge| (edge.0, edge.1)).collect();
        let mut near: Vec<(u32, u32)> = (0..)
            .zip(slow_depths(20, &pairs, &seeds))
            .filter_map(|(node, found)| found.filter(|&found| found <= depth).map(|found| (found, node)))
            .collect();
        near.sort_unstable();
        let truncated = near.len() > limit;
        near.truncate(limit);
        let graph = weighted(20, &edges, false);
        let mut scratch = Scratch::new();
        // Twice with the same memory: nothing may be left in it.
        for _ in 0..2 {
            let visit = graph.bfs_with(&mut scratch, &seeds, depth, limit).unwrap();
            let found: Vec<(u32, u32)> = visit.depths.iter().copied().zip(visit.nodes).collect();
            prop_assert_eq!(&found, &near);
            prop_assert_eq!(visit.truncated, truncated);
        }
    }

    #[test]
    fn pagerank_is_that_of_the_dense_matrix(
        edges in edges(12),
        seeds in proptest::collection::vec((0_u32..12, 0.1..5.0_f64), 0..4),
        damping in prop_oneof![Just(0.85), 0.0..0.95_f64],
        with_weights in any::<bool>(),
    ) {
        let total: f64 = seeds.iter().map(|seed| seed.1).sum();
        let mut start = vec![if seeds.is_empty() { 1.0 / 12.0 } else { 0.0 }; 12];
        for &(seed, weight) in &seeds {
            start[seed as usize] += weight / total;
        }
        let plain: Vec<Edge> =
            edges.iter().map(|&(source, target, weight)| (source, target, if with_weights { weight } else { 1.0 })).collect();
        let expected = dense_pagerank(12, &plain, &start, damping);
        let graph = weighted(12, &edges, with_weights);
        let options = PageRank { damping, tolerance: 1e-12, max_pushes: 10_000_000 };
        let mut scratch = Scratch::new();
        for _ in 0..2 {
            let mut found = [0.0; 12];
            for (node, score) in graph.pagerank_with(&mut scratch, &seeds, &options).unwrap() {
                found[node as usize] = score;
            }
            for (found, expected) in found.iter().zip(&expected) {
                prop_assert!((found - expected).abs() < 1e-8, "{:?}\n{:?}", found, expected);
            }
        }
    }

    #[test]
    fn scores_are_ordered_shares_at_any_tolerance(
        edges in edges(20),
        seeds in proptest::collection::vec((0_u32..20, 0.0..5.0_f64), 0..4),
        tolerance in prop_oneof![1e-9..1.0_f64, 1e-9..1e-3_f64],
        max_pushes in 0_usize..200,
    ) {
        let graph = weighted(20, &edges, true);
        let options = PageRank { tolerance, max_pushes, ..PageRank::default() };
        let Ok(scores) = graph.pagerank(&seeds, &options) else {
            prop_assert!(!seeds.is_empty() && seeds.iter().all(|seed| seed.1 == 0.0));
            return Ok(());
        };
        let total: f64 = scores.iter().map(|score| score.1).sum();
        prop_assert!(total <= 1.0 + 1e-9, "{}", total);
        prop_assert!(scores.iter().all(|score| score.1 > 0.0));
        prop_assert!(scores.windows(2).all(|pair| (pair[1].1, pair[0].0) < (pair[0].1, pair[1].0)));
        prop_assert_eq!(graph.pagerank(&seeds, &options).unwrap(), scores);
    }
}
